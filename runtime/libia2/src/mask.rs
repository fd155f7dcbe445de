//! Signal masks and alternate stacks of the program.

use core::ffi::c_int;

use libc::{sigset_t, stack_t};

use crate::handler::SYNCHRONOUS;
use crate::interpose::{Name, original};

type ChangeMask = unsafe extern "C" fn(c_int, *const sigset_t, *mut sigset_t) -> c_int;

/// Passes a set on without the signals by which violations show: blocked, they would end the program
/// without a word. The program cannot tell, as it cannot raise them by accident either.
unsafe fn change(name: Name, how: c_int, set: *const sigset_t, old: *mut sigset_t) -> c_int {
    // SAFETY: the original's type; null or valid sets by the contract of sigprocmask(2).
    unsafe {
        let change: ChangeMask = core::mem::transmute(original(name));
        let Some(set) = set.as_ref() else { return change(how, set, old) };
        let mut set = *set;
        if how != libc::SIG_UNBLOCK {
            // glibc's set begins with the kernel's.
            *(&raw mut set).cast::<u64>() &= !SYNCHRONOUS;
        }
        change(how, &raw const set, old)
    }
}

/// sigprocmask(2).
pub(crate) unsafe extern "C" fn sigprocmask(
    how: c_int,
    set: *const sigset_t,
    old: *mut sigset_t,
) -> c_int {
    // SAFETY: the program's arguments.
    unsafe { change(Name::sigprocmask, how, set, old) }
}

/// pthread_sigmask(3).
pub(crate) unsafe extern "C" fn pthread_sigmask(
    how: c_int,
    set: *const sigset_t,
    old: *mut sigset_t,
) -> c_int {
    // SAFETY: the program's arguments.
    unsafe { change(Name::pthread_sigmask, how, set, old) }
}

/// sigaltstack(2). The alternate stack is the runtime's: handlers run on the stack of their
/// compartment in any case, so the program's own is taken for granted and not used.
pub(crate) unsafe extern "C" fn sigaltstack(new: *const stack_t, old: *mut stack_t) -> c_int {
    // SAFETY: null or valid by the contract of sigaltstack(2).
    unsafe {
        let too_small = new.as_ref().is_some_and(|new| {
            new.ss_flags & libc::SS_DISABLE == 0 && new.ss_size < libc::MINSIGSTKSZ
        });
        if too_small {
            *libc::__errno_location() = libc::ENOMEM;
            return -1;
        }
        if let Some(old) = old.as_mut() {
            *old = stack_t { ss_sp: core::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
        }
    }
    0
}
