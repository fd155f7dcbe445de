//! `realpath`, `getcwd` and `get_current_dir_name`, which allocate their result on request.

use core::ffi::c_char;

use partition_heap::Open;

use crate::{caller::Caller, libc, malloc, strings::take_over};

/// realpath(3): with a null `resolved`, the result is a block of the running compartment's heap.
///
/// # Safety
/// As realpath(3).
pub(crate) unsafe fn realpath<C: Caller>(
    caller: &C,
    path: *const c_char,
    resolved: *mut c_char,
) -> *mut c_char {
    // SAFETY: the caller's obligation.
    unsafe {
        if resolved.is_null() {
            take_over(caller, "realpath", libc::realpath(path, resolved))
        } else {
            libc::realpath(path, resolved)
        }
    }
}

/// `realpath` as compiled with `_FORTIFY_SOURCE`: `room` is the size of `resolved`.
///
/// # Safety
/// As realpath(3).
pub(crate) unsafe fn realpath_chk<C: Caller>(
    caller: &C,
    path: *const c_char,
    resolved: *mut c_char,
    room: usize,
) -> *mut c_char {
    if resolved.is_null() {
        // SAFETY: the caller's obligation.
        return unsafe { realpath(caller, path, resolved) };
    }
    // SAFETY: the caller's obligation.
    unsafe { libc::__realpath_chk(path, resolved, room) }
}

/// getcwd(3): with a null `buffer`, the result is a block of the running compartment's heap, of
/// `size` bytes or, if that is 0, as large as necessary.
///
/// # Safety
/// As getcwd(3).
pub(crate) unsafe fn getcwd<C: Caller>(
    caller: &C,
    buffer: *mut c_char,
    size: usize,
) -> *mut c_char {
    if !buffer.is_null() {
        // SAFETY: the caller's obligation.
        return unsafe { libc::getcwd(buffer, size) };
    }
    if size == 0 {
        // SAFETY: libc allocates.
        return unsafe { take_over(caller, "getcwd", libc::getcwd(buffer, 0)) };
    }
    let block: *mut c_char = malloc::allocate(caller, "getcwd", size).cast();
    if block.is_null() {
        return block;
    }
    // SAFETY: the block holds `size` bytes.
    let result = unsafe { libc::getcwd(block, size) };
    if result.is_null() {
        malloc::free::<Open, _>(caller, block.cast());
    }
    result
}

/// `getcwd` as compiled with `_FORTIFY_SOURCE`: `room` is the size of `buffer`.
///
/// # Safety
/// As getcwd(3).
pub(crate) unsafe fn getcwd_chk<C: Caller>(
    caller: &C,
    buffer: *mut c_char,
    size: usize,
    room: usize,
) -> *mut c_char {
    if buffer.is_null() {
        // SAFETY: the caller's obligation.
        return unsafe { getcwd(caller, buffer, size) };
    }
    // SAFETY: the caller's obligation.
    unsafe { libc::__getcwd_chk(buffer, size, room) }
}

/// get_current_dir_name(3).
pub(crate) fn get_current_dir_name<C: Caller>(caller: &C) -> *mut c_char {
    // SAFETY: libc allocates the result.
    unsafe { take_over(caller, "get_current_dir_name", libc::get_current_dir_name()) }
}
