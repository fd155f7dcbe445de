//! `getline` and `getdelim`, which enlarge the caller's block.
//!
//! libc would do that with its own `realloc`, which does not know our blocks. So it reads into a
//! block of its own, and the line is moved from there.

use core::ffi::{c_char, c_int, c_void};

use crate::{caller::Caller, libc, malloc};

/// Size of the first block, as in glibc.
const FIRST: usize = 120;

/// getdelim(3).
///
/// # Safety
/// As getdelim(3): `*line` is null or a block of at least `*size` bytes that `free` takes.
pub(crate) unsafe fn getdelim<C: Caller>(
    caller: &C,
    line: *mut *mut c_char,
    size: *mut usize,
    delimiter: c_int,
    stream: *mut c_void,
) -> isize {
    if line.is_null() || size.is_null() {
        libc::set_errno(libc::EINVAL);
        return -1;
    }
    // SAFETY: both are valid by the caller's obligation.
    let (line, size) = unsafe { (&mut *line, &mut *size) };
    if (line.is_null() || *size == 0) && !enlarge(caller, line, size, FIRST) {
        return -1;
    }
    let (mut text, mut room) = (core::ptr::null_mut(), 0);
    // SAFETY: the stream is the caller's obligation; libc allocates the buffer.
    let length = unsafe { libc::getdelim(&raw mut text, &raw mut room, delimiter, stream) };
    let result = match usize::try_from(length) {
        Ok(bytes) if *size > bytes || enlarge(caller, line, size, bytes + 1) => {
            // SAFETY: libc's buffer holds the line and a zero byte, ours has room for both.
            unsafe {
                line.copy_from_nonoverlapping(text, bytes + 1);
                libc::explicit_bzero(text.cast(), bytes);
            }
            length
        }
        _ => -1,
    };
    // SAFETY: from libc, and not used again.
    unsafe { libc::free(text.cast()) };
    result
}

/// Makes the caller's block hold at least `needed` bytes. False, and nothing changed, without memory.
fn enlarge<C: Caller>(caller: &C, line: &mut *mut c_char, size: &mut usize, needed: usize) -> bool {
    // Doubling keeps the number of copies small when lines get longer and longer.
    let old = if line.is_null() { 0 } else { *size };
    let new = needed.max(old.saturating_mul(2));
    let block = malloc::realloc(caller, (*line).cast(), new);
    if !block.is_null() {
        (*line, *size) = (block.cast(), new);
    }
    !block.is_null()
}
