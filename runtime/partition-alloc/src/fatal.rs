//! Last words: one line on standard error, then SIGABRT; or in permissive mode just a line.
//! Async-signal-safe; only system calls.

use core::fmt::{self, Write};

use linux_raw_sys::general::{
    __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_tgkill, SIG_UNBLOCK, SIGABRT,
};
use pkru::Pkey;
use sys::syscall::{exit_group, getpid, gettid, syscall, write};

/// A line of bounded length. What does not fit is cut off.
struct Line {
    bytes: [u8; 400],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // One byte stays free for the line's end.
        let room = &mut self.bytes[self.length..];
        let length = text.len().min(room.len() - 1);
        room[..length].copy_from_slice(&text.as_bytes()[..length]);
        self.length += length;
        Ok(())
    }
}

/// Says what is wrong in one line, and ends the process with SIGABRT.
#[cold]
pub(crate) fn stop(what: fmt::Arguments<'_>) -> ! {
    say(what);
    abort()
}

/// Says something in one line on standard error.
#[cold]
pub(crate) fn say(what: fmt::Arguments<'_>) {
    let mut line = Line { bytes: [0; 400], length: 0 };
    let _ = write!(line, "libpartition-alloc: {what}");
    line.bytes[line.length] = b'\n';
    let mut rest = &line.bytes[..=line.length];
    while !rest.is_empty() {
        match write(2, rest) {
            Ok(written) if written > 0 => rest = &rest[written..],
            // Nobody to tell; the signal still comes.
            _ => break,
        }
    }
}

/// A name for a heap's owner, to be read after "heap of" or at the start of a sentence.
pub(crate) struct Name(pub(crate) Pkey);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_untrusted() {
            f.write_str("compartment 0 (shared)")
        } else {
            write!(f, "compartment {}", self.0)
        }
    }
}

/// Raises SIGABRT as abort(3) does: a handler runs once, then the default action is taken.
fn abort() -> ! {
    let signal = SIGABRT as usize;
    let set: u64 = 1 << (signal - 1);
    // The kernel's `struct sigaction` with the default handler: handler, flags, restorer, mask.
    let default = [0u64; 4];
    let raise = || {
        // SAFETY: the kernel reads `set`, for the duration of the call.
        let _ = unsafe {
            let args = [SIG_UNBLOCK as usize, (&raw const set) as usize, 0, size_of::<u64>(), 0, 0];
            syscall(__NR_rt_sigprocmask, args)
        };
        // SAFETY: touches no memory.
        let _ = unsafe {
            syscall(__NR_tgkill, [getpid() as usize, gettid() as usize, signal, 0, 0, 0])
        };
    };
    raise();
    // SAFETY: the kernel reads `default`, for the duration of the call.
    let _ = unsafe {
        let action = (&raw const default) as usize;
        syscall(__NR_rt_sigaction, [signal, action, 0, size_of::<u64>(), 0, 0])
    };
    raise();
    // The exit status a shell shows for SIGABRT.
    exit_group(128 + signal as i32)
}
