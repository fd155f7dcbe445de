//! Work in a child process, to see how it ends.

use std::ffi::c_int;

unsafe extern "C" {
    fn fork() -> c_int;
    fn waitpid(child: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(status: c_int) -> !;
    fn alarm(seconds: u32) -> u32;
}

/// How a child ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// With this exit status.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

/// SIGSEGV (signal(7)).
pub(crate) const SIGSEGV: i32 = 11;

/// Runs `work` in a child, which exits with the status it returns, or is killed after a minute.
pub(crate) fn in_child(work: impl FnOnce() -> i32) -> End {
    // SAFETY: the child leaves by `_exit` and does not return to the test harness.
    unsafe {
        let child = fork();
        assert!(child >= 0, "fork failed");
        if child == 0 {
            alarm(60);
            let status = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            _exit(status.unwrap_or(101));
        }
        let mut status = 0;
        assert_eq!(waitpid(child, &raw mut status, 0), child);
        match status & 0x7f {
            0 => End::Exit(status >> 8 & 0xff),
            signal => End::Signal(signal),
        }
    }
}
