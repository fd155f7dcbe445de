//! Memory that a program gives to the C library to keep: others would touch it later, with their own
//! rights.

use core::ffi::{CStr, c_char, c_int, c_void};

use crate::interpose::{Name, original};

unsafe extern "C" {
    fn shared_malloc(size: usize) -> *mut c_void;
    fn ia2_heap_owner(address: *const c_void) -> c_int;
}

type SetBuffer = unsafe extern "C" fn(*mut c_void, *mut c_char, c_int, usize) -> c_int;

/// The buffer itself if everybody may use it, else null: the C library then takes one of its own.
fn if_shared(buffer: *mut c_char) -> *mut c_char {
    // SAFETY: only compares addresses.
    let heap = unsafe { ia2_heap_owner(buffer.cast()) };
    let is_shared =
        heap == 0 || crate::owner::key_of(buffer as usize).is_some_and(pkru::Pkey::is_untrusted);
    if is_shared { buffer } else { core::ptr::null_mut() }
}

/// setvbuf(3).
pub(crate) unsafe extern "C" fn setvbuf(
    stream: *mut c_void,
    buffer: *mut c_char,
    mode: c_int,
    size: usize,
) -> c_int {
    // SAFETY: the original's type; the program's arguments but for a private buffer.
    unsafe {
        let set: SetBuffer = core::mem::transmute(original(Name::setvbuf));
        set(stream, if_shared(buffer), mode, size)
    }
}

/// setbuf(3).
pub(crate) unsafe extern "C" fn setbuf(stream: *mut c_void, buffer: *mut c_char) {
    // SAFETY: the original's type. Without a buffer it means `unbuffered`, so a private one is left
    // out by leaving the stream as it is.
    unsafe {
        let set: extern "C" fn(*mut c_void, *mut c_char) =
            core::mem::transmute(original(Name::setbuf));
        let shared = if_shared(buffer);
        if buffer.is_null() || !shared.is_null() {
            set(stream, shared);
        }
    }
}

/// setbuffer(3).
pub(crate) unsafe extern "C" fn setbuffer(stream: *mut c_void, buffer: *mut c_char, size: usize) {
    // SAFETY: as for setbuf.
    unsafe {
        let set: extern "C" fn(*mut c_void, *mut c_char, usize) =
            core::mem::transmute(original(Name::setbuffer));
        let shared = if_shared(buffer);
        if buffer.is_null() || !shared.is_null() {
            set(stream, shared, size);
        }
    }
}

/// putenv(3). The environment gets a copy in shared memory, which everybody may read; it is never
/// freed, as the string itself would not be.
pub(crate) unsafe extern "C" fn putenv(text: *mut c_char) -> c_int {
    // SAFETY: the original's type; a string by the contract of putenv(3).
    unsafe {
        let put: extern "C" fn(*mut c_char) -> c_int = core::mem::transmute(original(Name::putenv));
        let bytes = CStr::from_ptr(text).to_bytes_with_nul();
        if !bytes.contains(&b'=') {
            // Takes a variable away and keeps nothing.
            return put(text);
        }
        let copy = shared_malloc(bytes.len()).cast::<c_char>();
        if copy.is_null() {
            *libc::__errno_location() = libc::ENOMEM;
            return -1;
        }
        copy.copy_from_nonoverlapping(bytes.as_ptr().cast(), bytes.len());
        put(copy)
    }
}

/// Makes a stream keep nothing: what it is given reaches the program's own memory at once, in the
/// compartment that writes. What it kept would be written by whoever flushes all streams.
unsafe fn keep_nothing(stream: *mut libc::FILE) {
    if !stream.is_null() {
        // SAFETY: a stream that nobody has used yet, by the caller's obligation.
        unsafe { libc::setvbuf(stream, core::ptr::null_mut(), libc::_IONBF, 0) };
    }
}

/// fmemopen(3).
pub(crate) unsafe extern "C" fn fmemopen(
    buffer: *mut c_char,
    size: usize,
    mode: *const c_char,
) -> *mut libc::FILE {
    type Open = unsafe extern "C" fn(*mut c_char, usize, *const c_char) -> *mut libc::FILE;
    // SAFETY: the original's type and the program's arguments; the mode is a string.
    unsafe {
        let open: Open = core::mem::transmute(original(Name::fmemopen));
        let stream = open(buffer, size, mode);
        let is_written = CStr::from_ptr(mode).to_bytes().iter().any(|byte| b"wa+".contains(byte));
        // Without a buffer of the program's it has one of the C library's.
        if is_written && !buffer.is_null() && if_shared(buffer).is_null() {
            keep_nothing(stream);
        }
        stream
    }
}

/// `cookie_io_functions_t`: functions to read, write, seek and close.
#[repr(C)]
pub(crate) struct CookieFunctions([usize; 4]);

/// fopencookie(3). Reading ahead is undone at the end of the process by seeking.
pub(crate) unsafe extern "C" fn fopencookie(
    cookie: *mut c_void,
    mode: *const c_char,
    functions: CookieFunctions,
) -> *mut libc::FILE {
    type Open =
        unsafe extern "C" fn(*mut c_void, *const c_char, CookieFunctions) -> *mut libc::FILE;
    // SAFETY: the original's type and the program's arguments.
    unsafe {
        let open: Open = core::mem::transmute(original(Name::fopencookie));
        let stream = open(cookie, mode, functions);
        keep_nothing(stream);
        stream
    }
}
