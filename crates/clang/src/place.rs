//! Places in files, with macros resolved.

use std::ops::Range;

/// A file of a translation unit: an index into [`crate::Unit::files`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// A byte of a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Point {
    /// The file.
    pub file: FileId,
    /// Offset in bytes.
    pub offset: u32,
}

/// A range of bytes of one file.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offsets in bytes.
    pub range: Range<u32>,
}

impl Span {
    /// Whether the point lies in the span.
    pub fn contains(&self, point: Point) -> bool {
        point.file == self.file && self.range.contains(&point.offset)
    }
}
