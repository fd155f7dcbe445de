//! `strdup` and its relatives.

use core::ffi::c_char;

use crate::{caller::Caller, libc, malloc};

/// Copies `length` bytes to a new block, followed by `zeros` zero bytes.
///
/// # Safety
/// `from` is readable for `length` bytes.
unsafe fn duplicate<C: Caller>(
    caller: &C,
    function: &'static str,
    from: *const u8,
    length: usize,
    zeros: usize,
) -> *mut u8 {
    let block = malloc::allocate(caller, function, length + zeros);
    if !block.is_null() {
        // SAFETY: the block is new and holds `length + zeros` bytes; the source is the caller's
        // obligation.
        unsafe {
            block.copy_from_nonoverlapping(from, length);
            block.add(length).write_bytes(0, zeros);
        }
    }
    block
}

/// strdup(3).
///
/// # Safety
/// `text` is a C string.
pub(crate) unsafe fn strdup<C: Caller>(caller: &C, text: *const c_char) -> *mut c_char {
    // SAFETY: the caller's obligation.
    unsafe { duplicate(caller, "strdup", text.cast(), libc::strlen(text), 1).cast() }
}

/// strndup(3).
///
/// # Safety
/// `text` is a C string or readable for `most` bytes.
pub(crate) unsafe fn strndup<C: Caller>(
    caller: &C,
    text: *const c_char,
    most: usize,
) -> *mut c_char {
    // SAFETY: the caller's obligation.
    unsafe { duplicate(caller, "strndup", text.cast(), libc::strnlen(text, most), 1).cast() }
}

/// wcsdup(3).
///
/// # Safety
/// `text` is a wide C string.
pub(crate) unsafe fn wcsdup<C: Caller>(caller: &C, text: *const i32) -> *mut i32 {
    const WIDTH: usize = size_of::<i32>();
    // SAFETY: the caller's obligation.
    unsafe {
        let length = libc::wcslen(text) * WIDTH;
        duplicate(caller, "wcsdup", text.cast(), length, WIDTH).cast()
    }
}

/// Moves a C string that libc allocated to the running compartment's heap, leaving no copy where
/// others can read it. Null stays null.
///
/// # Safety
/// `text` is null or a C string from libc's `malloc`.
pub(crate) unsafe fn take_over<C: Caller>(
    caller: &C,
    function: &'static str,
    text: *mut c_char,
) -> *mut c_char {
    if text.is_null() {
        return text;
    }
    // SAFETY: the caller's obligation; the libc block is not used after it is freed.
    unsafe {
        let length = libc::strlen(text);
        let block = duplicate(caller, function, text.cast(), length, 1);
        libc::explicit_bzero(text.cast(), length);
        libc::free(text.cast());
        block.cast()
    }
}
