//! Which bytes of a file the CPU could execute once the file is loaded.

use std::borrow::Cow;

use crate::Address;
use crate::file::ElfFile;
use crate::segment::{PAGE, SegmentKind};

/// Memory that is executable after loading.
#[derive(Clone, Debug)]
pub struct CodeRange<'data> {
    /// Address of the first byte. A multiple of the page size.
    pub start: Address,
    /// What is there.
    pub bytes: Cow<'data, [u8]>,
}

impl<'data> ElfFile<'data> {
    /// All executable memory, by address, without a break where segments touch.
    ///
    /// The loader maps whole pages, so the file's bytes in front of an executable segment's first
    /// byte and behind its last one, up to the page boundaries, can be executed too.
    pub fn code(&self) -> Vec<CodeRange<'data>> {
        let mut pages: Vec<CodeRange<'data>> = self
            .segments()
            .iter()
            .filter(|s| s.kind == SegmentKind::Load && s.flags.executable())
            .filter(|s| s.file_size > 0)
            .map(|segment| {
                let before = segment.address.0 % PAGE;
                // `Segment::check` has seen that the offset is as far into its page.
                let start = segment.file_offset - before;
                let end = (segment.file_offset + segment.file_size).next_multiple_of(PAGE);
                let end = end.min(self.contents.data.len() as u64);
                let bytes = self.contents.file_bytes(start, end - start).unwrap_or_default();
                CodeRange { start: Address(segment.address.0 - before), bytes: bytes.into() }
            })
            .collect();
        pages.sort_by_key(|range| range.start);
        join_touching(pages)
    }
}

/// Joins ranges where one starts at the byte after another, so that an instruction across the seam
/// is seen. A range that ends inside a page is at the end of the file; zeros follow it.
fn join_touching(ranges: Vec<CodeRange<'_>>) -> Vec<CodeRange<'_>> {
    let mut joined: Vec<CodeRange<'_>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.start.0 + last.bytes.len() as u64 == range.start.0 => {
                last.bytes.to_mut().extend_from_slice(&range.bytes);
            }
            _ => joined.push(range),
        }
    }
    joined
}
