//! Opening: identity, headers and bounds are checked once, here.

use object::elf::{self, FileHeader64, SectionHeader64};
use object::read::ReadRef;
use object::read::elf::FileHeader;
use object::{LittleEndian, pod};

use crate::Address;
use crate::dynamic::Dynamic;
use crate::error::{ElfError, FileType};
use crate::segment::{PROGRAM_HEADER_SIZE, RawHeader, Segment, SegmentKind};

type Header = FileHeader64<LittleEndian>;
pub(crate) type SectionHeader = SectionHeader64<LittleEndian>;

/// An opened executable or shared object.
#[derive(Clone, Debug)]
pub struct ElfFile<'data> {
    pub(crate) contents: Contents<'data>,
    dynamic: Dynamic,
    has_fixed_address: bool,
}

/// The file's bytes and the headers that say where things are.
#[derive(Clone, Debug)]
pub(crate) struct Contents<'data> {
    pub(crate) data: &'data [u8],
    pub(crate) segments: Vec<Segment>,
    pub(crate) sections: &'data [SectionHeader],
}

/// What the static linker made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linkage {
    /// A program at a fixed address.
    FixedExecutable,
    /// A program that can be loaded anywhere (PIE).
    PositionIndependentExecutable,
    /// A library. It may have a program interpreter all the same, as `libc.so.6` does.
    SharedObject,
}

impl<'data> ElfFile<'data> {
    /// Checks the headers and decodes program headers and dynamic section.
    ///
    /// # Errors
    /// Says what is wrong with the file; see [`ElfError`].
    pub fn open(data: &'data [u8]) -> Result<ElfFile<'data>, ElfError> {
        let header = identify(data)?;
        let e_type = header.e_type(LittleEndian);
        match e_type {
            elf::ET_EXEC | elf::ET_DYN => {}
            elf::ET_REL => return Err(ElfError::OtherType(FileType::Relocatable)),
            elf::ET_CORE => return Err(ElfError::OtherType(FileType::Core)),
            other => return Err(ElfError::OtherType(FileType::Unknown(other.0))),
        }
        let sections = section_headers(header, data)?;
        let segments = program_headers(header, data)?;
        let contents = Contents { data, segments, sections };
        let dynamic = Dynamic::parse(&contents)?;
        Ok(ElfFile { contents, dynamic, has_fixed_address: e_type == elf::ET_EXEC })
    }

    /// The program headers, in the order of the file.
    pub fn segments(&self) -> &[Segment] {
        &self.contents.segments
    }

    /// The dynamic section.
    pub fn dynamic(&self) -> &Dynamic {
        &self.dynamic
    }

    /// The thread-local storage segment, if there is one.
    pub fn tls(&self) -> Option<&Segment> {
        self.segments().iter().find(|segment| segment.kind == SegmentKind::Tls)
    }

    /// What the static linker made.
    ///
    /// Position-independent programs and libraries have the same ELF type. The flag `DF_1_PIE` is
    /// younger than such programs, and a program interpreter is no proof, because some libraries can
    /// be run too; but a `DT_DEBUG` entry is given to programs only, by every linker. In doubt, with an
    /// interpreter and without a soname, it is taken for a program.
    pub fn linkage(&self) -> Linkage {
        let interpreted = self.segments().iter().any(|s| s.kind == SegmentKind::Interpreter);
        if self.has_fixed_address {
            Linkage::FixedExecutable
        } else if self.dynamic.is_marked_pie()
            || self.dynamic.has_debug_entry()
            || (interpreted && self.dynamic.soname.is_none())
        {
            Linkage::PositionIndependentExecutable
        } else {
            Linkage::SharedObject
        }
    }

    /// Loaded segments that are writable and executable at once.
    pub fn writable_code(&self) -> impl Iterator<Item = &Segment> {
        self.segments().iter().filter(|segment| {
            segment.kind == SegmentKind::Load
                && segment.flags.writable()
                && segment.flags.executable()
        })
    }

    /// Whether loading the file makes stacks executable: its `PT_GNU_STACK` asks for it, or there is
    /// none, which means the same for files of the time before that header.
    pub fn wants_executable_stack(&self) -> bool {
        self.segments()
            .iter()
            .find(|segment| segment.kind == SegmentKind::GnuStack)
            .is_none_or(|segment| segment.flags.executable())
    }

    /// The file's bytes behind an address range; `None` unless all of it is loaded from the file.
    pub fn bytes_at(&self, address: Address, size: u64) -> Option<&'data [u8]> {
        self.contents.bytes_at(address, size)
    }
}

impl<'data> Contents<'data> {
    /// A segment's bytes in the file.
    pub(crate) fn segment_bytes(&self, segment: &Segment) -> &'data [u8] {
        // `Segment::check` has seen that they are there, unless there are none.
        self.file_bytes(segment.file_offset, segment.file_size).unwrap_or_default()
    }

    pub(crate) fn bytes_at(&self, address: Address, size: u64) -> Option<&'data [u8]> {
        let rest = self.bytes_from(address)?;
        rest.get(..usize::try_from(size).ok()?)
    }

    /// All bytes from an address to the end of what its segment has in the file.
    pub(crate) fn bytes_from(&self, address: Address) -> Option<&'data [u8]> {
        self.segments.iter().filter(|segment| segment.kind == SegmentKind::Load).find_map(
            |segment| {
                let skipped = address.distance_from(segment.address)?;
                self.segment_bytes(segment).get(usize::try_from(skipped).ok()?..)
            },
        )
    }

    pub(crate) fn file_bytes(&self, offset: u64, size: u64) -> Option<&'data [u8]> {
        let start = usize::try_from(offset).ok()?;
        let end = start.checked_add(usize::try_from(size).ok()?)?;
        self.data.get(start..end)
    }
}

/// Checks everything in the file header that says whether this is a file for us at all.
fn identify(data: &[u8]) -> Result<&Header, ElfError> {
    if data.is_empty() {
        return Err(ElfError::Empty);
    }
    if !data.starts_with(&elf::ELFMAG) {
        return Err(foreign_format(data));
    }
    // The identification bytes decide how to read the rest, so look at them even if it is cut off.
    let class = data.get(4).copied();
    if class == Some(elf::ELFCLASS32.0) {
        return Err(ElfError::Class32);
    }
    if data.get(5).copied() == Some(elf::ELFDATA2MSB.0) {
        return Err(ElfError::BigEndian);
    }
    let Ok((header, _)) = pod::from_bytes::<Header>(data) else {
        return Err(truncated("the file header", size_of::<Header>() as u64, data));
    };
    if !header.is_supported() || header.e_version(LittleEndian) != u32::from(elf::EV_CURRENT.0) {
        return Err(ElfError::malformed("the first bytes name no known class, order or version"));
    }
    match header.e_machine(LittleEndian) {
        elf::EM_X86_64 => Ok(header),
        other => Err(ElfError::OtherMachine(other.0)),
    }
}

/// What people give instead of an ELF file.
fn foreign_format(data: &[u8]) -> ElfError {
    if data.starts_with(b"/* GNU ld script") {
        ElfError::LinkerScript
    } else if data.starts_with(b"!<arch>\n") || data.starts_with(b"!<thin>\n") {
        ElfError::Archive
    } else {
        ElfError::NotElf
    }
}

fn program_headers(header: &Header, data: &[u8]) -> Result<Vec<Segment>, ElfError> {
    let count = header.phnum(LittleEndian, data).map_err(|error| malformed(&error))?;
    if count == 0 {
        return Err(ElfError::malformed("there are no program headers"));
    }
    if usize::from(header.e_phentsize(LittleEndian)) != PROGRAM_HEADER_SIZE {
        return Err(ElfError::malformed("program headers have an unknown size"));
    }
    let start = header.e_phoff(LittleEndian);
    require(
        "the program header table",
        start,
        u64::from(count) * PROGRAM_HEADER_SIZE as u64,
        data,
    )?;
    let raw: &[RawHeader] = data
        .read_slice_at(start, count as usize)
        .map_err(|()| ElfError::malformed("the program headers cannot be read"))?;
    let segments: Vec<Segment> = raw
        .iter()
        .zip((start..).step_by(PROGRAM_HEADER_SIZE))
        .map(|(raw, offset)| Segment::parse(raw, offset))
        .collect();
    for segment in &segments {
        segment.check(data.len() as u64)?;
    }
    if segments.iter().filter(|segment| segment.kind == SegmentKind::Tls).count() > 1 {
        return Err(ElfError::malformed("there is more than one TLS segment"));
    }
    Ok(segments)
}

fn section_headers<'data>(
    header: &Header,
    data: &'data [u8],
) -> Result<&'data [SectionHeader], ElfError> {
    const SIZE: u64 = size_of::<SectionHeader>() as u64;
    let start = header.e_shoff(LittleEndian);
    if start == 0 {
        return Ok(&[]);
    }
    if u64::from(header.e_shentsize(LittleEndian)) != SIZE {
        return Err(ElfError::malformed("section headers have an unknown size"));
    }
    // The first header may hold the number of headers.
    require("the section header table", start, SIZE, data)?;
    let count = header.shnum(LittleEndian, data).map_err(|error| malformed(&error))?;
    require("the section header table", start, u64::from(count) * SIZE, data)?;
    header.section_headers(LittleEndian, data).map_err(|error| malformed(&error))
}

fn require(part: &str, start: u64, size: u64, data: &[u8]) -> Result<(), ElfError> {
    match start.checked_add(size) {
        Some(end) if end <= data.len() as u64 => Ok(()),
        end => Err(truncated(part, end.unwrap_or(u64::MAX), data)),
    }
}

fn truncated(part: &str, end: u64, data: &[u8]) -> ElfError {
    ElfError::Truncated { part: part.to_owned(), end, length: data.len() as u64 }
}

fn malformed(error: &object::Error) -> ElfError {
    ElfError::Malformed(error.to_string())
}
