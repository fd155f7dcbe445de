//! Growing a TLS segment so that its pages can carry a key.
//!
//! # The edit
//! Only the program header `PT_TLS` changes. The C library reads it to lay out TLS blocks; code
//! reaches its variables by their distance from the block's start, which stays as it is.
//!
//! | field | becomes | why |
//! |---|---|---|
//! | `p_align` | at least a page | the C library then starts the block `p_vaddr % page` bytes into a page, in the static area and on the heap a page boundary |
//! | `p_memsz` | so much that the block covers whole pages, wherever it starts | see below |
//! | `p_vaddr` (with it `p_paddr`, `p_offset`) | down to a page boundary, if there is no initial image | it then says nothing but how the block is aligned, and a block that starts at a page boundary shares no page with anyone |
//! | `p_flags` | a mark, and the original `p_memsz` | see [`layout::tls_padding`]; the loader does not look at the field |
//!
//! # How large
//! With `k = p_vaddr % page`, glibc 2.31 to 2.41 keeps the block
//!
//! - in the static area (`_dl_determine_tlsoffset`, and `_dl_try_allocate_static_tls` for a module
//!   loaded late) at an address congruent to `k`. Its end is at a page boundary if `p_memsz` is
//!   congruent to `-k`. So the next module, which lies in front, cannot reach into its last page,
//!   and it itself cannot reach into the first page of the one before;
//! - on the heap (`allocate_dtv_entry`) at a multiple of `p_align`, `k` or not. There the pages of
//!   the data are the block's own if `p_memsz` is at least the data's size in whole pages.
//!
//! The size is the smallest that does both, and never so small that the section `.tbss` sticks out of
//! the segment, which GNU `strip` would answer with an empty segment. Being at least a page it is also
//! larger than the distance `page - k` that glibc subtracts from it before rounding: with a page's
//! alignment and less than that the subtraction would wrap around.
//!
//! `strip` and `objcopy` of GNU binutils compute `p_memsz` anew and so take the padding away, which
//! leaves a correct file; the mark stays, and the file can be padded again. Those of LLVM keep it.

use layout::tls_padding::{mark_padded, original_size};
use thiserror::Error;

use crate::Address;
use crate::file::{ElfFile, Linkage};
use crate::segment::{PAGE, PROGRAM_HEADER_SIZE, Segment, SegmentFlags};

/// What padding a file's TLS segment takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TlsPadding {
    /// There is no thread-local storage: no TLS segment, or an empty one, which the loader ignores.
    NoTls,
    /// The segment was padded before.
    Padded {
        /// Its size before that.
        original: u64,
        /// Its size now.
        size: u64,
    },
    /// The segment starts and ends at page boundaries without an edit, as our pad section makes it.
    WholePages {
        /// Its size.
        size: u64,
    },
    /// The segment needs this edit.
    Needed(TlsEdit),
}

/// Why a file's TLS segment cannot be padded. The text completes a sentence that starts with the
/// file's name.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PaddingError {
    /// The file is a program.
    #[error(
        "an executable, not a shared object: its code has the distances of its thread-local \
         variables from the thread pointer built in, and padding would move them; link it with \
         padding.ld instead"
    )]
    Executable,
}

/// A change of one program header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsEdit {
    before: Segment,
    after: Segment,
}

impl ElfFile<'_> {
    /// What it takes to give the file's TLS segment pages of its own.
    ///
    /// # Errors
    /// If the file is an executable whose TLS segment would have to change.
    pub fn tls_padding(&self) -> Result<TlsPadding, PaddingError> {
        let padding = match self.tls() {
            Some(segment) if segment.memory_size > 0 => segment.padding(),
            _ => TlsPadding::NoTls,
        };
        let is_edited = matches!(padding, TlsPadding::Needed(_) | TlsPadding::Padded { .. });
        if is_edited && self.linkage() != Linkage::SharedObject {
            return Err(PaddingError::Executable);
        }
        Ok(padding)
    }
}

impl TlsEdit {
    /// The size of the segment before the edit, in bytes.
    pub fn old_size(&self) -> u64 {
        self.before.memory_size
    }

    /// The size of the segment after it.
    pub fn new_size(&self) -> u64 {
        self.after.memory_size
    }

    /// The segment as the edit makes it.
    pub fn segment(&self) -> &Segment {
        &self.after
    }

    /// Where the edit goes: an offset in the file, and what is to be written there.
    pub fn patch(&self) -> (u64, [u8; PROGRAM_HEADER_SIZE]) {
        (self.after.header_offset, self.after.to_header())
    }

    /// What stood there before.
    pub fn undo(&self) -> (u64, [u8; PROGRAM_HEADER_SIZE]) {
        (self.before.header_offset, self.before.to_header())
    }
}

impl Segment {
    fn padding(&self) -> TlsPadding {
        let size = self.memory_size;
        let starts_at_page = self.address.0.is_multiple_of(PAGE);
        let ends_at_page = self.end().0.is_multiple_of(PAGE);
        match original_size(self.flags.bits(), size) {
            Some(original)
                if self.align >= PAGE
                    && ends_at_page
                    && size >= original.next_multiple_of(PAGE) =>
            {
                TlsPadding::Padded { original, size }
            }
            None if self.align >= PAGE && starts_at_page && ends_at_page => {
                TlsPadding::WholePages { size }
            }
            original => {
                let after = self.padded(original.unwrap_or(size));
                TlsPadding::Needed(TlsEdit { before: *self, after })
            }
        }
    }

    /// The padded form of a TLS segment that holds so many bytes of data; the module's documentation
    /// says why it is this one.
    fn padded(&self, data_size: u64) -> Segment {
        let mut padded = Segment { align: self.align.max(PAGE), ..*self };
        padded.flags = SegmentFlags::from_bits(mark_padded(self.flags.bits(), data_size));
        let in_page = self.address.0 % PAGE;
        if self.file_size == 0 && self.is_aligned() {
            padded.address = Address(self.address.0 - in_page);
            // Tools that take p_paddr for a load address expect it to agree.
            if self.physical_address == self.address.0 {
                padded.physical_address = padded.address.0;
            }
            if self.file_offset % PAGE == in_page {
                padded.file_offset -= in_page;
            }
            padded.memory_size = (in_page + self.memory_size).next_multiple_of(PAGE);
        } else {
            let up_to_boundary = (PAGE - in_page) % PAGE;
            padded.memory_size = self.memory_size.next_multiple_of(PAGE) + up_to_boundary;
        }
        padded
    }

    /// Whether the block's start is a multiple of its alignment, as current linkers see to. If it is
    /// not, its distance from one counts.
    fn is_aligned(&self) -> bool {
        self.address.0.is_multiple_of(self.align.max(1))
    }
}
