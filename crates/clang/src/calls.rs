//! The functions of libclang that are called for nearly every node, looked up once.
//!
//! clang-sys fetches its handle from thread-local storage, and counts one more reference to it, for each
//! call: as much work as many of these functions do.

#![allow(non_snake_case, reason = "libclang's own names")]

use clang_sys as sys;
use clang_sys::{CXCursor, CXSourceLocation, CXSourceRange, CXType, SharedLibrary};

/// Asks for the place of a location: file, line, column and offset.
pub(crate) type Getter =
    unsafe extern "C" fn(CXSourceLocation, *mut sys::CXFile, *mut u32, *mut u32, *mut u32);

macro_rules! calls {
    ($($name:ident: $ty:ty,)*) => {
        /// Addresses of functions; valid as long as the library they were looked up in is loaded.
        #[derive(Clone, Copy)]
        pub(crate) struct Calls {
            $(pub(crate) $name: $ty,)*
        }

        impl Calls {
            /// Those of a library; `None` if it lacks one.
            pub(crate) fn of(library: &SharedLibrary) -> Option<Calls> {
                Some(Calls { $($name: library.functions.$name?,)* })
            }
        }
    };
}

calls! {
    clang_getCursorType: unsafe extern "C" fn(CXCursor) -> CXType,
    clang_getCursorLocation: unsafe extern "C" fn(CXCursor) -> CXSourceLocation,
    clang_getCursorExtent: unsafe extern "C" fn(CXCursor) -> CXSourceRange,
    clang_getCursorReferenced: unsafe extern "C" fn(CXCursor) -> CXCursor,
    clang_getCanonicalCursor: unsafe extern "C" fn(CXCursor) -> CXCursor,
    clang_Cursor_getNumArguments: unsafe extern "C" fn(CXCursor) -> i32,
    clang_Cursor_getArgument: unsafe extern "C" fn(CXCursor, u32) -> CXCursor,
    clang_equalCursors: unsafe extern "C" fn(CXCursor, CXCursor) -> u32,
    clang_hashCursor: unsafe extern "C" fn(CXCursor) -> u32,
    clang_getRangeStart: unsafe extern "C" fn(CXSourceRange) -> CXSourceLocation,
    clang_getRangeEnd: unsafe extern "C" fn(CXSourceRange) -> CXSourceLocation,
    clang_getSpellingLocation: Getter,
    clang_getExpansionLocation: Getter,
    clang_getFileLocation: Getter,
    clang_getCanonicalType: unsafe extern "C" fn(CXType) -> CXType,
    clang_getPointeeType: unsafe extern "C" fn(CXType) -> CXType,
    clang_equalTypes: unsafe extern "C" fn(CXType, CXType) -> u32,
}
