//! What this library needs of libc: its own allocator, and functions that fill buffers.

use core::ffi::{c_char, c_int, c_void};

/// `ENOMEM` and `EINVAL` (errno(3)).
pub(crate) const ENOMEM: c_int = 12;
/// See [`ENOMEM`].
pub(crate) const EINVAL: c_int = 22;

/// `va_list` of the System V ABI for x86-64 (psABI, figure 3.34). C passes its address.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct VaList {
    /// Bytes of the general registers' save area that are used up.
    pub(crate) gp_offset: u32,
    /// The same, up to the vector registers.
    pub(crate) fp_offset: u32,
    /// The next argument on the stack.
    pub(crate) overflow_arg_area: *mut c_void,
    /// Where the registers were saved.
    pub(crate) reg_save_area: *mut c_void,
}

#[link(name = "c")]
unsafe extern "C" {
    pub(crate) fn free(block: *mut c_void);
    pub(crate) fn realloc(block: *mut c_void, size: usize) -> *mut c_void;
    pub(crate) fn malloc_usable_size(block: *mut c_void) -> usize;
    pub(crate) fn __errno_location() -> *mut c_int;
    pub(crate) fn strlen(text: *const c_char) -> usize;
    pub(crate) fn strnlen(text: *const c_char, most: usize) -> usize;
    pub(crate) fn wcslen(text: *const i32) -> usize;
    pub(crate) fn explicit_bzero(start: *mut c_void, length: usize);
    pub(crate) fn realpath(path: *const c_char, resolved: *mut c_char) -> *mut c_char;
    pub(crate) fn __realpath_chk(path: *const c_char, to: *mut c_char, room: usize) -> *mut c_char;
    pub(crate) fn getcwd(buffer: *mut c_char, size: usize) -> *mut c_char;
    pub(crate) fn __getcwd_chk(buffer: *mut c_char, size: usize, room: usize) -> *mut c_char;
    pub(crate) fn get_current_dir_name() -> *mut c_char;
    pub(crate) fn getdelim(
        line: *mut *mut c_char,
        size: *mut usize,
        delimiter: c_int,
        stream: *mut c_void,
    ) -> isize;
    pub(crate) fn vsnprintf(
        to: *mut c_char,
        size: usize,
        format: *const c_char,
        arguments: *mut VaList,
    ) -> c_int;
    pub(crate) fn __vsnprintf_chk(
        to: *mut c_char,
        size: usize,
        flag: c_int,
        room: usize,
        format: *const c_char,
        arguments: *mut VaList,
    ) -> c_int;
}

/// Sets `errno`.
pub(crate) fn set_errno(error: c_int) {
    // SAFETY: libc returns the address of the calling thread's `errno`.
    unsafe { *__errno_location() = error };
}
