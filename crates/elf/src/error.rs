//! What can be wrong with a file.

use std::fmt;

use thiserror::Error;

/// Why a file cannot be used. The text completes a sentence that starts with the file's name.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ElfError {
    /// The file does not start with the ELF magic number.
    #[error("not an ELF file")]
    NotElf,
    /// The file has no bytes at all.
    #[error("not an ELF file: it is empty")]
    Empty,
    /// A text that tells the linker what to link, as `libc.so` in the directory of libraries to link.
    #[error("a linker script (text), not a shared object; take the file it names")]
    LinkerScript,
    /// A collection of object files (`.a`).
    #[error("a static library (.a), not a shared object")]
    Archive,
    /// Something the headers promise lies beyond the end of the file.
    #[error("truncated: {part} should end at byte {end}, but the file has only {length}")]
    Truncated {
        /// What is cut off.
        part: String,
        /// Where it should end, in bytes from the start of the file.
        end: u64,
        /// The file's length in bytes.
        length: u64,
    },
    /// `ELFCLASS32`: i386 or x32 code.
    #[error("a 32-bit ELF file; only 64-bit x86-64 files are supported")]
    Class32,
    /// `ELFDATA2MSB`.
    #[error("a big-endian ELF file; only x86-64 files are supported")]
    BigEndian,
    /// Made for another processor; the value of `e_machine`.
    #[error("an ELF file for another processor ({}); only x86-64 files are supported", machine_name(*.0))]
    OtherMachine(u16),
    /// Neither a shared object nor an executable.
    #[error("{0}")]
    OtherType(FileType),
    /// A field holds what no linker writes.
    #[error("damaged: {0}")]
    Malformed(String),
}

impl ElfError {
    /// A [`ElfError::Malformed`] with this text.
    pub(crate) fn malformed(what: impl Into<String>) -> ElfError {
        ElfError::Malformed(what.into())
    }
}

/// The kinds of ELF files that no loader maps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileType {
    /// `ET_REL`.
    Relocatable,
    /// `ET_CORE`.
    Core,
    /// Any other value of `e_type`.
    Unknown(u16),
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileType::Relocatable => {
                f.write_str("a relocatable object file (.o), not a shared object; link it first")
            }
            FileType::Core => f.write_str("a core dump, not a shared object"),
            FileType::Unknown(e_type) => {
                write!(f, "neither a shared object nor an executable (ELF type {e_type:#x})")
            }
        }
    }
}

/// The processors a user is likely to meet, by `e_machine`.
fn machine_name(machine: u16) -> String {
    match machine {
        3 => "i386".to_owned(),
        20 | 21 => "PowerPC".to_owned(),
        22 => "S390".to_owned(),
        40 => "ARM".to_owned(),
        183 => "AArch64".to_owned(),
        243 => "RISC-V".to_owned(),
        other => format!("machine number {other}"),
    }
}
