//! The notes by which an object says which compartment it belongs to; format in
//! [`layout::dso_note`].

use std::ops::Range;

use layout::dso_note;
use pkru::Pkey;

use crate::file::ElfFile;
use crate::segment::SegmentKind;
use crate::{Address, ElfError};

/// A note named `IA2`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ia2Note {
    /// The object holds code of this compartment ([`dso_note::MEMBER`]).
    Member {
        /// The compartment.
        compartment: Pkey,
        /// Where its table of functions lies, if it has one.
        functions: Option<Range<Address>>,
        /// Where its table of signal handlers lies, if it has one.
        handlers: Option<Range<Address>>,
    },
    /// The object initialises this compartment ([`dso_note::COMPARTMENT`]).
    Compartment {
        /// The compartment.
        compartment: Pkey,
        /// Further libraries it pulls in, separated by semicolons.
        libraries: Option<String>,
    },
    /// The object starts the runtime ([`dso_note::RUNTIME`]).
    Runtime {
        /// The highest key the program uses.
        highest: Pkey,
    },
}

impl ElfFile<'_> {
    /// The file's notes named `IA2`, in the order of the file.
    ///
    /// # Errors
    /// If notes are damaged, of an unknown type, or of another version of the format.
    pub fn ia2_notes(&self) -> Result<Vec<Ia2Note>, ElfError> {
        let mut notes = Vec::new();
        for segment in self.segments().iter().filter(|s| s.kind == SegmentKind::Note) {
            let bytes = self.contents.segment_bytes(segment);
            let mut position = 0;
            while let Some(note) = next_note(bytes, &mut position, segment.align)? {
                if note.name == dso_note::NAME {
                    let start = segment.address.checked_add(note.description_offset as u64);
                    let start = start.ok_or_else(damaged)?;
                    let description = Description { file: self, bytes: note.description, start };
                    notes.push(description.decode(note.kind)?);
                }
            }
        }
        Ok(notes)
    }
}

/// A note of any kind.
struct RawNote<'data> {
    kind: u32,
    name: &'data [u8],
    description: &'data [u8],
    description_offset: usize,
}

/// Takes the note at `position` and moves on; `None` at the end (gABI, "Note Section").
fn next_note<'data>(
    bytes: &'data [u8],
    position: &mut usize,
    segment_align: u64,
) -> Result<Option<RawNote<'data>>, ElfError> {
    const HEADER: usize = 12;
    let rest = bytes.get(*position..).unwrap_or_default();
    // Anything shorter is the alignment of what follows.
    if rest.len() < HEADER {
        return Ok(None);
    }
    let word = |at| u32_at(rest, at).ok_or_else(damaged);
    let (name_size, description_size, kind) = (word(0)? as usize, word(4)? as usize, word(8)?);
    // Linux aligns to 4 bytes, in segments aligned to 8 to those.
    let align = if segment_align == 8 { 8 } else { 4 };
    let description_start = (HEADER + name_size).next_multiple_of(align);
    let end = description_start + description_size;
    let name = rest.get(HEADER..HEADER + name_size).ok_or_else(damaged)?;
    let description = rest.get(description_start..end).ok_or_else(damaged)?;
    let description_offset = *position + description_start;
    *position += end.next_multiple_of(align);
    Ok(Some(RawNote { kind, name, description, description_offset }))
}

/// The description of an `IA2` note.
struct Description<'file> {
    file: &'file ElfFile<'file>,
    bytes: &'file [u8],
    /// Where it is loaded; references in it are relative to their own position.
    start: Address,
}

impl Description<'_> {
    fn decode(&self, kind: u32) -> Result<Ia2Note, ElfError> {
        let version = self.word(0)?;
        if version != layout::VERSION {
            return Err(ElfError::Malformed(format!(
                "made by version {version} of the toolkit, this is version {}; build it again",
                layout::VERSION
            )));
        }
        match kind {
            dso_note::MEMBER => Ok(Ia2Note::Member {
                compartment: self.key(4)?,
                functions: self.table(8)?,
                handlers: self.table(16)?,
            }),
            dso_note::COMPARTMENT => {
                Ok(Ia2Note::Compartment { compartment: self.key(4)?, libraries: self.text(8)? })
            }
            dso_note::RUNTIME => Ok(Ia2Note::Runtime { highest: self.key(4)? }),
            other => Err(ElfError::Malformed(format!("an IA2 note of unknown type {other}"))),
        }
    }

    fn word(&self, offset: usize) -> Result<u32, ElfError> {
        u32_at(self.bytes, offset).ok_or_else(damaged)
    }

    fn key(&self, offset: usize) -> Result<Pkey, ElfError> {
        let number = self.word(offset)?;
        u8::try_from(number).ok().and_then(Pkey::new).ok_or_else(|| {
            ElfError::Malformed(format!(
                "an IA2 note names protection key {number}; 15 is the last"
            ))
        })
    }

    /// What the reference at this offset refers to; `None` if it is absent.
    fn target(&self, offset: usize) -> Result<Option<Address>, ElfError> {
        let distance = self.word(offset)?.cast_signed();
        if distance == 0 {
            return Ok(None);
        }
        let target = self
            .start
            .checked_add(offset as u64)
            .and_then(|place| place.checked_offset(distance.into()));
        target.map(Some).ok_or_else(damaged)
    }

    fn table(&self, offset: usize) -> Result<Option<Range<Address>>, ElfError> {
        match (self.target(offset)?, self.target(offset + 4)?) {
            (None, None) => Ok(None),
            (Some(start), Some(end)) if start <= end => Ok(Some(start..end)),
            _ => Err(damaged()),
        }
    }

    fn text(&self, offset: usize) -> Result<Option<String>, ElfError> {
        let Some(address) = self.target(offset)? else { return Ok(None) };
        let bytes = self.file.contents.bytes_from(address).ok_or_else(damaged)?;
        crate::dynamic::string(bytes, 0).map(Some)
    }
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
}

fn damaged() -> ElfError {
    ElfError::malformed("a note is cut off or refers to nothing")
}
