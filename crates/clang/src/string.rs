//! libclang's strings.

use std::ffi::CStr;

use clang_sys::{CXString, clang_disposeString, clang_getCString};

/// Copies the string and disposes of it. A null string becomes an empty one; bytes that are not
/// UTF-8 are replaced.
pub(crate) fn take(string: CXString) -> String {
    // SAFETY: a string libclang just returned, which is read before it is disposed of, once.
    unsafe {
        let text = clang_getCString(string);
        let copy = if text.is_null() {
            String::new()
        } else {
            CStr::from_ptr(text).to_string_lossy().into_owned()
        };
        clang_disposeString(string);
        copy
    }
}
