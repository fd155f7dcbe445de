//! `setuid` and its relatives. The C library lets every thread make the same system call, from a
//! signal handler that reads the arguments on the stack of the thread that asked: so that one must
//! be on key 0, and the function runs in compartment 0.

use core::ffi::{c_int, c_void};

use crate::hooks::CALL_LIBRARY;
use crate::interpose::{Name, original};
use crate::thunk;

unsafe extern "C" {
    fn shared_malloc(size: usize) -> *mut c_void;
    fn shared_free(block: *mut c_void);
}

/// Functions that may be called through the hook.
const ALLOWED: [Name; 9] = [
    Name::setuid,
    Name::setgid,
    Name::seteuid,
    Name::setegid,
    Name::setreuid,
    Name::setregid,
    Name::setresuid,
    Name::setresgid,
    Name::setgroups,
];

/// Body of the hook: calls one of the functions.
pub(crate) unsafe extern "C" fn call(which: usize, first: usize, rest: usize, _: usize) -> usize {
    let Some(&name) = ALLOWED.get(which) else { return usize::MAX };
    // SAFETY: the originals take up to three numbers, setgroups a number and an address.
    unsafe {
        let function: extern "C" fn(usize, usize, usize) -> c_int =
            core::mem::transmute(original(name));
        let status = match name {
            Name::setgroups => function(first, rest, 0),
            _ => function(first, rest & 0xffff_ffff, rest >> 32),
        };
        status as isize as usize
    }
}

fn enter(name: Name, first: u32, second: u32, third: u32) -> c_int {
    let which = ALLOWED.iter().position(|&allowed| allowed == name).unwrap_or(usize::MAX);
    let rest = second as usize | (third as usize) << 32;
    // SAFETY: the body takes any numbers.
    unsafe { thunk::enter(CALL_LIBRARY, [which, first as usize, rest]) as c_int }
}

/// setuid(2).
pub(crate) unsafe extern "C" fn setuid(id: u32) -> c_int {
    enter(Name::setuid, id, 0, 0)
}

/// setgid(2).
pub(crate) unsafe extern "C" fn setgid(id: u32) -> c_int {
    enter(Name::setgid, id, 0, 0)
}

/// seteuid(2).
pub(crate) unsafe extern "C" fn seteuid(id: u32) -> c_int {
    enter(Name::seteuid, id, 0, 0)
}

/// setegid(2).
pub(crate) unsafe extern "C" fn setegid(id: u32) -> c_int {
    enter(Name::setegid, id, 0, 0)
}

/// setreuid(2).
pub(crate) unsafe extern "C" fn setreuid(real: u32, effective: u32) -> c_int {
    enter(Name::setreuid, real, effective, 0)
}

/// setregid(2).
pub(crate) unsafe extern "C" fn setregid(real: u32, effective: u32) -> c_int {
    enter(Name::setregid, real, effective, 0)
}

/// setresuid(2).
pub(crate) unsafe extern "C" fn setresuid(real: u32, effective: u32, saved: u32) -> c_int {
    enter(Name::setresuid, real, effective, saved)
}

/// setresgid(2).
pub(crate) unsafe extern "C" fn setresgid(real: u32, effective: u32, saved: u32) -> c_int {
    enter(Name::setresgid, real, effective, saved)
}

/// setgroups(2). The list is passed in shared memory.
pub(crate) unsafe extern "C" fn setgroups(count: usize, groups: *const u32) -> c_int {
    let which = ALLOWED.iter().position(|&allowed| allowed == Name::setgroups);
    let which = which.unwrap_or(usize::MAX);
    let bytes = count.saturating_mul(size_of::<u32>());
    // SAFETY: a block of the list's size; the list is valid by the contract of setgroups(2).
    unsafe {
        let copy = shared_malloc(bytes.max(1)).cast::<u32>();
        if copy.is_null() {
            *libc::__errno_location() = libc::ENOMEM;
            return -1;
        }
        if count > 0 {
            copy.copy_from_nonoverlapping(groups, count);
        }
        let status = thunk::enter(CALL_LIBRARY, [which, count, copy as usize]) as c_int;
        shared_free(copy.cast());
        status
    }
}
