//! What must happen in a new process between `fork` and `exec`.
#![allow(unsafe_code, reason = "Command::pre_exec is unsafe: its closure runs after fork")]

use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;

/// Makes the process die when the *thread* that starts it ends, so that nothing keeps running when
/// this program is killed; the starting thread must therefore wait for it. Forbids core files too.
pub(crate) fn die_with_starter(command: &mut Command) {
    let prepare = || {
        set_pdeathsig(Signal::SIGKILL)?;
        setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
        Ok(())
    };
    // SAFETY: the closure only makes the system calls prctl and setrlimit; it takes no lock and no
    // memory, so it is sound in the child of a process with several threads.
    unsafe { command.pre_exec(prepare) };
}
