//! `asprintf` and its relatives.
//!
//! The text is printed into private memory directly: libc's own `vasprintf` would leave a copy of it
//! in libc's heap, where every compartment can read.

use core::{
    ffi::{c_char, c_int},
    mem::MaybeUninit,
};

use partition_heap::Open;

use crate::{caller::Caller, libc, libc::VaList, malloc};

/// Most texts fit in this many bytes, and are printed once.
const SHORT: usize = 512;
/// How often a text may turn out longer than it just was, because another thread changes it.
const TRIES: usize = 8;

/// Which of libc's checks apply.
#[derive(Clone, Copy)]
pub(crate) enum Checks {
    /// Compiled without `_FORTIFY_SOURCE`.
    None,
    /// Compiled with it; the flag is its level.
    Fortified(c_int),
}

/// Prints at most `size` bytes; returns how long the whole text is, or a negative number.
///
/// # Safety
/// `to` is writable for `size` bytes; format and arguments are as vprintf(3) wants them.
unsafe fn print(
    to: *mut c_char,
    size: usize,
    checks: Checks,
    format: *const c_char,
    arguments: *const VaList,
) -> c_int {
    // SAFETY: a copy of a `va_list` is what `va_copy` makes (psABI); the rest is the caller's
    // obligation.
    unsafe {
        let mut arguments = *arguments;
        match checks {
            Checks::None => libc::vsnprintf(to, size, format, &raw mut arguments),
            Checks::Fortified(flag) => {
                libc::__vsnprintf_chk(to, size, flag, size, format, &raw mut arguments)
            }
        }
    }
}

/// vasprintf(3). On failure `*result` is null, as in newer versions of glibc.
///
/// # Safety
/// `result` is writable; format and arguments are as vprintf(3) wants them.
pub(crate) unsafe fn vasprintf<C: Caller>(
    caller: &C,
    result: *mut *mut c_char,
    checks: Checks,
    format: *const c_char,
    arguments: *const VaList,
) -> c_int {
    // SAFETY: the caller's obligation.
    unsafe { *result = core::ptr::null_mut() };
    let mut short = MaybeUninit::<[c_char; SHORT]>::uninit();
    // SAFETY: the buffer is `SHORT` bytes long; the rest is the caller's obligation.
    let mut length = unsafe { print(short.as_mut_ptr().cast(), SHORT, checks, format, arguments) };
    for _ in 0..TRIES {
        let Ok(bytes) = usize::try_from(length) else { return length };
        let size = bytes + 1;
        let block: *mut c_char = malloc::allocate(caller, "vasprintf", size).cast();
        if block.is_null() {
            return -1;
        }
        if size <= SHORT {
            // SAFETY: libc wrote `size` bytes to the buffer; the block is new and holds as many.
            unsafe { block.copy_from_nonoverlapping(short.as_ptr().cast(), size) };
        } else {
            // SAFETY: the block holds `size` bytes; the rest is the caller's obligation.
            length = unsafe { print(block, size, checks, format, arguments) };
        }
        if usize::try_from(length) == Ok(bytes) {
            // SAFETY: the caller's obligation.
            unsafe { *result = block };
            return length;
        }
        malloc::free::<Open, _>(caller, block.cast());
    }
    -1
}
