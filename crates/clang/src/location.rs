//! Places of tokens, of which macros make several.

use std::path::PathBuf;

use clang_sys as sys;
use clang_sys::CXSourceLocation;

use crate::calls::Getter;
use crate::string::take;
use crate::{Point, Unit};

/// A place of a token, seen in three ways. They are the same unless a macro is involved:
///
/// | | token written in a file | macro argument | token of a macro's body |
/// |---|---|---|---|
/// | [`Location::spelling`] | there | in the argument | in the macro's definition |
/// | [`Location::expansion`] | there | the macro's name | the macro's name |
/// | [`Location::file`] | there | in the argument | the macro's name |
#[derive(Clone, Copy)]
pub struct Location<'u> {
    raw: CXSourceLocation,
    unit: &'u Unit,
}

impl PartialEq for Location<'_> {
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: any two locations may be compared.
        unsafe { sys::clang_equalLocations(self.raw, other.raw) != 0 }
    }
}

impl Eq for Location<'_> {}

impl Location<'_> {
    pub(crate) fn new(raw: CXSourceLocation, unit: &Unit) -> Location<'_> {
        Location { raw, unit }
    }

    #[inline]
    fn get(self, getter: Getter) -> Option<Point> {
        let (mut file, mut offset) = (std::ptr::null_mut(), 0);
        let nothing = std::ptr::null_mut();
        // SAFETY: a location of a living unit; out-pointers are valid, or null for what is not
        // wanted: counting lines and columns takes time.
        unsafe { getter(self.raw, &raw mut file, nothing, nothing, &raw mut offset) };
        Some(Point { file: self.unit.file_id(file)?, offset })
    }

    /// Where the token's characters are written. `None` for tokens pasted or made by the compiler.
    #[inline]
    pub fn spelling(self) -> Option<Point> {
        self.get(self.unit.calls().clang_getSpellingLocation)
    }

    /// Where the outermost macro is used that brought the token.
    #[inline]
    pub fn expansion(self) -> Option<Point> {
        self.get(self.unit.calls().clang_getExpansionLocation)
    }

    /// File, line and column of `expansion` as line markers have it.
    pub fn presumed(self) -> (PathBuf, u32, u32) {
        let (mut name, mut line, mut column) = (sys::CXString::default(), 0, 0);
        // SAFETY: a location of a living unit; out-pointers are valid; `take` disposes of the name.
        let name = unsafe {
            sys::clang_getPresumedLocation(self.raw, &raw mut name, &raw mut line, &raw mut column);
            take(name)
        };
        (PathBuf::from(name), line, column)
    }

    /// Where the token is written if it came in as (part of) an argument, else as `expansion`.
    #[inline]
    pub fn file(self) -> Option<Point> {
        self.get(self.unit.calls().clang_getFileLocation)
    }
}
