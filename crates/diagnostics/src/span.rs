//! Places in source files.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use camino::Utf8Path;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The path of a source file, shared by all spans into it; a clone costs one reference count.
///
/// Paths are canonical (absolute, no symbolic links, no `..`), so that equal paths are equal files:
/// whoever makes one sees to that. In serialised form it is a plain string, which needs no table to
/// be understood and can be merged with the facts of other sources.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourcePath(Arc<Utf8Path>);

impl SourcePath {
    /// The file with this canonical path.
    pub fn new(path: impl AsRef<Utf8Path>) -> SourcePath {
        SourcePath(Arc::from(path.as_ref()))
    }

    /// The path itself.
    pub fn as_path(&self) -> &Utf8Path {
        &self.0
    }
}

impl AsRef<Utf8Path> for SourcePath {
    fn as_ref(&self) -> &Utf8Path {
        &self.0
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for SourcePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for SourcePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SourcePath, D::Error> {
        String::deserialize(deserializer).map(SourcePath::new)
    }
}

/// A range of bytes in a source file: from `start` up to, but without, `end`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: SourcePath,
    /// Offset of the first byte, counted from 0.
    pub start: u32,
    /// Offset after the last byte; equal to `start` for a place between two bytes.
    pub end: u32,
}

impl Span {
    /// The bytes of this range of the file.
    ///
    /// # Panics
    /// If the range ends before it starts, which is a bug of the caller.
    pub fn new(file: SourcePath, range: Range<u32>) -> Span {
        assert!(range.start <= range.end, "span of {file:?} ends before it starts: {range:?}");
        Span { file, start: range.start, end: range.end }
    }

    /// The place before the byte with this offset.
    pub fn point(file: SourcePath, offset: u32) -> Span {
        Span::new(file, offset..offset)
    }
}
