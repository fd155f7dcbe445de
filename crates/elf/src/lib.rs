//! Reads x86-64 ELF executables and shared objects.
//!
//! Pure over byte slices: the caller reads the file, this crate says what is in it. It answers what
//! the toolkit asks about a program's files: how large and how aligned is the thread-local storage,
//! to which compartment does the object say it belongs, which function is at an address, what would
//! run before the runtime can, and which bytes the CPU could execute as an instruction that changes
//! the protection-key rights.
//!
//! It is the only crate that uses `object`; no type of that crate appears in this interface. A
//! damaged or hostile file gives an [`ElfError`], never a panic.

mod address;
mod boundary;
mod code;
mod dynamic;
mod error;
mod file;
mod ia2_note;
mod padding;
mod relocation;
mod scan;
mod segment;
mod symbol;

pub use address::Address;
pub use boundary::Placement;
pub use code::CodeRange;
pub use dynamic::Dynamic;
pub use error::{ElfError, FileType};
pub use file::{ElfFile, Linkage};
pub use ia2_note::Ia2Note;
pub use padding::{PaddingError, TlsEdit, TlsPadding};
pub use relocation::{Relocation, RelocationKind};
pub use scan::{Encoding, Instruction, Occurrence, Sighting, scan};
pub use segment::{PROGRAM_HEADER_SIZE, Segment, SegmentFlags, SegmentKind};
pub use symbol::{Symbol, SymbolKind, SymbolMap};
