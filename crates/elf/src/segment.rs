//! Program headers: what the loader maps, and with which rights.

use object::LittleEndian;
use object::elf::{self, ProgramType};

use crate::{Address, ElfError};

/// The page size the loader works with on x86-64.
pub(crate) const PAGE: u64 = layout::PAGE_SIZE as u64;

/// Bytes a process can address on x86-64 with five-level page tables. Sums and rounding below it do not
/// overflow.
const USER_SPACE: u64 = 1 << 56;

/// What a program header describes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SegmentKind {
    /// `PT_LOAD`: mapped into memory.
    Load,
    /// `PT_DYNAMIC`: the dynamic section.
    Dynamic,
    /// `PT_INTERP`: the path of the dynamic linker.
    Interpreter,
    /// `PT_NOTE`.
    Note,
    /// `PT_TLS`: the initial image and the size of thread-local storage.
    Tls,
    /// `PT_GNU_STACK`: whether the stack must be executable.
    GnuStack,
    /// `PT_GNU_RELRO`: what becomes read-only after relocation.
    GnuRelro,
    /// Any other value of `p_type`.
    Other(u32),
}

/// The rights of a segment, and bits with a meaning of their own (`p_flags`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SegmentFlags(u32);

impl SegmentFlags {
    /// All bits.
    pub fn bits(self) -> u32 {
        self.0
    }

    pub(crate) fn from_bits(bits: u32) -> SegmentFlags {
        SegmentFlags(bits)
    }

    /// Whether the segment can be read.
    pub fn readable(self) -> bool {
        self.0 & elf::PF_R.0 != 0
    }

    /// Whether the segment can be written.
    pub fn writable(self) -> bool {
        self.0 & elf::PF_W.0 != 0
    }

    /// Whether the segment can be executed.
    pub fn executable(self) -> bool {
        self.0 & elf::PF_X.0 != 0
    }
}

/// One program header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    /// What it describes.
    pub kind: SegmentKind,
    /// Its rights, among others.
    pub flags: SegmentFlags,
    /// Where its contents start in the file, in bytes.
    pub file_offset: u64,
    /// Bytes in the file (`p_filesz`).
    pub file_size: u64,
    /// Where it is in memory (`p_vaddr`).
    pub address: Address,
    /// `p_paddr`, which has no meaning for processes.
    pub physical_address: u64,
    /// Bytes in memory (`p_memsz`); those beyond [`Segment::file_size`] are zero.
    pub memory_size: u64,
    /// `p_align`; 0 and 1 mean none.
    pub align: u64,
    /// Where the program header itself is in the file, in bytes.
    pub header_offset: u64,
}

/// A program header as it lies in the file.
pub(crate) type RawHeader = elf::ProgramHeader64<LittleEndian>;
/// Size of a program header in bytes.
pub const PROGRAM_HEADER_SIZE: usize = size_of::<RawHeader>();

impl Segment {
    /// Decodes a header that lies at this offset in the file.
    pub(crate) fn parse(raw: &RawHeader, header_offset: u64) -> Segment {
        let le = LittleEndian;
        Segment {
            kind: SegmentKind::from_number(raw.p_type.get(le)),
            flags: SegmentFlags(raw.p_flags.get(le).0),
            file_offset: raw.p_offset.get(le),
            file_size: raw.p_filesz.get(le),
            address: Address(raw.p_vaddr.get(le)),
            physical_address: raw.p_paddr.get(le),
            memory_size: raw.p_memsz.get(le),
            align: raw.p_align.get(le),
            header_offset,
        }
    }

    /// The program header as it lies in a file.
    pub(crate) fn to_header(self) -> [u8; PROGRAM_HEADER_SIZE] {
        let mut header = [0; PROGRAM_HEADER_SIZE];
        header[..4].copy_from_slice(&self.kind.number().to_le_bytes());
        header[4..8].copy_from_slice(&self.flags.0.to_le_bytes());
        let words = [
            self.file_offset,
            self.address.0,
            self.physical_address,
            self.file_size,
            self.memory_size,
            self.align,
        ];
        for (place, word) in header[8..].chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        header
    }

    /// The first address after the segment.
    pub fn end(&self) -> Address {
        // `check` has seen that this does not overflow.
        Address(self.address.0 + self.memory_size)
    }

    /// Refuses what would make later arithmetic meaningless or what no loader accepts.
    pub(crate) fn check(&self, file_length: u64) -> Result<(), ElfError> {
        let file_end = self.file_offset.checked_add(self.file_size);
        if self.file_size > 0 && file_end.is_none_or(|end| end > file_length) {
            return Err(ElfError::Truncated {
                part: format!("the {} segment at address {}", self.kind.name(), self.address),
                end: file_end.unwrap_or(u64::MAX),
                length: file_length,
            });
        }
        if self.address.checked_add(self.memory_size).is_none() {
            return Err(self.malformed("ends beyond the address space"));
        }
        match self.kind {
            SegmentKind::Load => self.check_load(),
            SegmentKind::Tls => self.check_tls(),
            _ => Ok(()),
        }
    }

    fn check_load(&self) -> Result<(), ElfError> {
        if self.file_size > self.memory_size {
            return Err(self.malformed("is larger in the file than in memory"));
        }
        if self.file_size > 0 && self.file_offset % PAGE != self.address.0 % PAGE {
            return Err(self.malformed("lies differently in its page in the file and in memory"));
        }
        Ok(())
    }

    fn check_tls(&self) -> Result<(), ElfError> {
        if self.file_size > self.memory_size {
            return Err(self.malformed("is larger in the file than in memory"));
        }
        if self.end().0 > USER_SPACE {
            return Err(self.malformed("lies beyond the address space of a process"));
        }
        if self.align != 0 && !self.align.is_power_of_two() {
            return Err(self.malformed(&format!(
                "has an alignment of {}, which is not a power of two",
                self.align
            )));
        }
        Ok(())
    }

    fn malformed(&self, what: &str) -> ElfError {
        let (kind, address) = (self.kind.name(), self.address);
        ElfError::Malformed(format!("the {kind} segment at address {address} {what}"))
    }
}

impl SegmentKind {
    fn from_number(p_type: ProgramType) -> SegmentKind {
        match p_type {
            elf::PT_LOAD => SegmentKind::Load,
            elf::PT_DYNAMIC => SegmentKind::Dynamic,
            elf::PT_INTERP => SegmentKind::Interpreter,
            elf::PT_NOTE => SegmentKind::Note,
            elf::PT_TLS => SegmentKind::Tls,
            elf::PT_GNU_STACK => SegmentKind::GnuStack,
            elf::PT_GNU_RELRO => SegmentKind::GnuRelro,
            ProgramType(other) => SegmentKind::Other(other),
        }
    }

    fn number(self) -> u32 {
        match self {
            SegmentKind::Load => elf::PT_LOAD.0,
            SegmentKind::Dynamic => elf::PT_DYNAMIC.0,
            SegmentKind::Interpreter => elf::PT_INTERP.0,
            SegmentKind::Note => elf::PT_NOTE.0,
            SegmentKind::Tls => elf::PT_TLS.0,
            SegmentKind::GnuStack => elf::PT_GNU_STACK.0,
            SegmentKind::GnuRelro => elf::PT_GNU_RELRO.0,
            SegmentKind::Other(p_type) => p_type,
        }
    }

    fn name(self) -> String {
        match self {
            SegmentKind::Load => "LOAD".to_owned(),
            SegmentKind::Dynamic => "DYNAMIC".to_owned(),
            SegmentKind::Interpreter => "INTERP".to_owned(),
            SegmentKind::Note => "NOTE".to_owned(),
            SegmentKind::Tls => "TLS".to_owned(),
            SegmentKind::GnuStack => "GNU_STACK".to_owned(),
            SegmentKind::GnuRelro => "GNU_RELRO".to_owned(),
            SegmentKind::Other(p_type) => format!("{p_type:#x}"),
        }
    }
}
