//! Signal masks and alternate stacks of the program.

use core::ffi::c_int;

use layout::thread_block;
use libc::{sigset_t, stack_t};
use pkru::Pkey;

use crate::handler::SYNCHRONOUS;
use crate::interpose::{Name, original};
use crate::object;

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

/// The running compartment's page of the running thread's block.
fn page() -> usize {
    let pkey = sys::running_compartment().unwrap_or(Pkey::UNTRUSTED);
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    block + thread_block::page(pkey)
}

/// sigaltstack(2). The kernel's alternate stack is the runtime's; the program's own is where its
/// handlers run ([`crate::signal`]), each compartment's on its own one.
pub(crate) unsafe extern "C" fn sigaltstack(new: *const stack_t, old: *mut stack_t) -> c_int {
    let here = (&raw const new) as usize;
    // SAFETY: null or valid by the contract of sigaltstack(2); words of the running compartment's page.
    unsafe {
        let low = (page() + thread_block::ALTERNATE_LOW) as *mut usize;
        let size = (page() + thread_block::ALTERNATE_SIZE) as *mut usize;
        let is_there = here.wrapping_sub(low.read()) < size.read();
        let before = stack_t {
            ss_sp: low.read() as *mut _,
            ss_flags: match size.read() {
                0 => libc::SS_DISABLE,
                _ if is_there => libc::SS_ONSTACK,
                _ => 0,
            },
            ss_size: size.read(),
        };
        if let Some(new) = new.as_ref() {
            let is_off = new.ss_flags & libc::SS_DISABLE != 0;
            let error = if is_there {
                libc::EPERM
            } else if !is_off && new.ss_size < libc::MINSIGSTKSZ {
                libc::ENOMEM
            } else {
                0
            };
            if error != 0 {
                *libc::__errno_location() = error;
                return -1;
            }
            // A signal in between must not find the new address with the old size.
            size.write_volatile(0);
            low.write_volatile(if is_off { 0 } else { new.ss_sp as usize });
            size.write_volatile(if is_off { 0 } else { new.ss_size });
        }
        if let Some(old) = old.as_mut() {
            *old = before;
        }
    }
    0
}
