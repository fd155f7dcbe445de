//! Thread-local storage on pages of its own: how a padded TLS segment is marked, and which pages of
//! a module's TLS block can carry a key.
//!
//! A module's TLS block in one thread is `[start, start + p_memsz)`. Keys protect whole pages, so
//! the block can carry one only if no *live* byte of anybody else lies on the pages of its own live
//! bytes. Three kinds of modules exist:
//!
//! | module | live bytes | why its pages are its own |
//! |---|---|---|
//! | linked with our pad section | all `p_memsz` | starts and ends at a page boundary, so nothing else fits |
//! | edited by `pad-tls` | the original `p_memsz`, recorded | ends at a page boundary and the rest of it is padding; it *starts* at one if it has no initial image |
//! | untouched | all `p_memsz` | by luck only |
//!
//! A module with an initial image (`.tdata`) starts where the image lies in its page, because the C
//! library keeps block and image congruent. The bytes in front of it, down to the page boundary,
//! belong to whichever module comes next: to none if that one is padded too, since a padded block
//! ends at a page boundary; to its data if it is not. That cannot be repaired in one module's file,
//! so it is looked at per thread, with [`key_pages`], and the neighbour is named. From glibc 2.41 on
//! the neighbour of the last module is the `rseq` area, which the kernel writes and nobody can move;
//! a module with an initial image must then not be the last one loaded.

use core::ops::Range;

use crate::PAGE_SIZE;

/// Bits of `p_flags` that say that a `PT_TLS` is padded. They are among those that the ELF
/// specification leaves to operating systems (`PF_MASKOS`); nobody looks at them in a `PT_TLS`.
const MARK: u32 = 0x0a20_0000;
/// Every bit of `p_flags` that is neither a right nor part of the recorded size.
const MARK_MASK: u32 = 0xfff0_0008;
/// Where the lowest 16 bits of the original `p_memsz` are kept in `p_flags`.
const SIZE_SHIFT: u32 = 4;
/// The most that `pad-tls` adds to `p_memsz`.
const MOST_PADDING: u64 = 2 * PAGE_SIZE as u64;

/// `p_flags` of a TLS segment that is padded from this size.
///
/// Only the lowest 16 bits are recorded. They say how much was added, because that is always less;
/// and they say so even after a tool has computed `p_memsz` anew from the sections, as GNU `strip`
/// does. (The upper half of `p_paddr` would have room for all bits, but GNU `strip` takes that for
/// the address of `.tdata`, and dies or writes an empty segment.)
pub const fn mark_padded(p_flags: u32, original_memsz: u64) -> u32 {
    let recorded = (original_memsz as u32 & 0xffff) << SIZE_SHIFT;
    (p_flags & !MARK_MASK & !(0xffff << SIZE_SHIFT)) | MARK | recorded
}

/// The size a TLS segment had before it was padded, or `None` if it never was.
///
/// Also `None` if the record cannot be true; then every byte has to count as data.
pub const fn original_size(p_flags: u32, p_memsz: u64) -> Option<u64> {
    if p_flags & MARK_MASK != MARK {
        return None;
    }
    let recorded = ((p_flags >> SIZE_SHIFT) & 0xffff) as u64;
    let added = p_memsz.wrapping_sub(recorded) & 0xffff;
    if added < MOST_PADDING && added <= p_memsz { Some(p_memsz - added) } else { None }
}

/// Where the C library keeps a TLS block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// Below the thread pointer, at the same distance in every thread. Modules that are loaded with
    /// the program always have it. What is not a module's block there is unused.
    Static,
    /// Allocated on first use, for modules loaded later. What is beside the block is other heap data.
    Dynamic,
}

/// The TLS block of one module in one thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TlsBlock {
    /// Address of its first byte (`dlpi_tls_data` of `dl_iterate_phdr(3)`, which is null for a module
    /// loaded late until the thread has asked for the address of one of its variables by name).
    pub start: usize,
    /// Its size in bytes, padding included (`p_memsz`).
    pub size: usize,
    /// How many bytes from `start` hold data. The rest is padding, never read, and written only by
    /// the C library when it makes the block.
    pub live: usize,
    /// Where it is kept.
    pub storage: Storage,
}

impl TlsBlock {
    /// The block at `start` of a module with these fields in its `PT_TLS`.
    pub const fn new(start: usize, p_memsz: u64, p_flags: u32, storage: Storage) -> TlsBlock {
        let live = match original_size(p_flags, p_memsz) {
            Some(original) => original,
            None => p_memsz,
        };
        TlsBlock { start, size: p_memsz as usize, live: live as usize, storage }
    }

    /// The pages that hold the block's live bytes. Empty if there are none.
    pub const fn pages(&self) -> Range<usize> {
        let first = round_down(self.start);
        let end =
            if self.live == 0 { first } else { round_up(self.start.saturating_add(self.live)) };
        first..end
    }

    /// Whether a live byte of the block lies in the range.
    pub const fn has_data_in(&self, range: &Range<usize>) -> bool {
        self.live > 0
            && self.start < range.end
            && range.start < self.start.saturating_add(self.live)
    }

    /// Whether the range lies in the block.
    const fn covers(&self, range: &Range<usize>) -> bool {
        self.start <= range.start && range.end <= self.start.saturating_add(self.size)
    }
}

/// Why a module's TLS pages cannot carry a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// Data of the module with this index lies on one of the pages. Remedy: `pad-tls` on that
    /// module, and on this one.
    Module(usize),
    /// The thread control block lies on one of the pages. Remedy: `pad-tls` on this module.
    ThreadControlBlock,
    /// The block was allocated on the heap and does not cover its pages. Remedy: `pad-tls` on this
    /// module.
    Heap,
}

/// The pages of `blocks[module]` that can carry its module's key in this thread.
///
/// `blocks` are the TLS blocks of *all* modules in the thread, unkeyed ones included, and everything
/// else the C library keeps among them: from glibc 2.41 on the `rseq` area, at `__rseq_offset` from
/// the thread pointer and `__rseq_size` bytes long. `thread_pointer` is the base of `%fs`, where the
/// thread control block starts.
///
/// The range is empty for a block without data. Loading another module can change the answer. Code
/// that sees one module at a time, and has no memory for a slice, can ask [`TlsBlock::pages`] and then
/// [`TlsBlock::has_data_in`] of every other.
///
/// # Errors
/// Returns what is in the way.
///
/// # Panics
/// If there is no `blocks[module]`.
pub fn key_pages(
    blocks: &[TlsBlock],
    module: usize,
    thread_pointer: usize,
) -> Result<Range<usize>, Obstacle> {
    let block = &blocks[module];
    let pages = block.pages();
    if pages.is_empty() {
        return Ok(pages);
    }
    if block.storage == Storage::Dynamic && !block.covers(&pages) {
        return Err(Obstacle::Heap);
    }
    if control_block_in(&pages, thread_pointer) {
        return Err(Obstacle::ThreadControlBlock);
    }
    let others = blocks.iter().enumerate().filter(|(index, _)| *index != module);
    match others.into_iter().find(|(_, other)| other.has_data_in(&pages)) {
        Some((index, _)) => Err(Obstacle::Module(index)),
        None => Ok(pages),
    }
}

/// Whether the thread control block may lie in the range.
///
/// Its size differs between versions of glibc and is nowhere published; every version's is more than
/// half a page and less than a whole one.
pub const fn control_block_in(range: &Range<usize>, thread_pointer: usize) -> bool {
    thread_pointer < range.end && range.start < thread_pointer.saturating_add(PAGE_SIZE)
}

const fn round_down(address: usize) -> usize {
    address & !(PAGE_SIZE - 1)
}

const fn round_up(address: usize) -> usize {
    round_down(address.saturating_add(PAGE_SIZE - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TP: usize = 0x7f00_0000_9000;

    fn block(below_tp: usize, size: usize, live: usize) -> TlsBlock {
        TlsBlock { start: TP - below_tp, size, live, storage: Storage::Static }
    }

    #[test]
    fn the_record_survives_what_tools_do_to_the_size() {
        for original in [1, 0x90, 0xfff, 0x1000, 0x1398, 0xffff, 0x1_0000, 0x12_3456_789a] {
            let flags = mark_padded(4, original);
            assert_eq!(flags & 7, 4, "the rights stay");
            for added in [0, 1, 0xfff, 0x1000, 0x1ffe] {
                assert_eq!(original_size(flags, original + added), Some(original), "{added:#x}");
            }
            assert_eq!(original_size(flags, original + 0x2000), None);
            assert_eq!(mark_padded(flags, original), flags);
        }
    }

    #[test]
    fn unmarked_segments_and_false_records_have_no_original_size() {
        for flags in [0, 4, 7, 0x0010_0004, 0xffff_ffff, 0x8a20_0004] {
            assert_eq!(original_size(flags, 0x1000), None, "{flags:#x}");
        }
        // More data than the segment holds.
        assert_eq!(original_size(mark_padded(4, 0x2000), 0x1000), None);
        assert_eq!(TlsBlock::new(TP, 0x1000, mark_padded(4, 0x2000), Storage::Static).live, 0x1000);
        assert_eq!(TlsBlock::new(TP, 0x1000, mark_padded(4, 0x90), Storage::Static).live, 0x90);
        assert_eq!(TlsBlock::new(TP, 0x1000, 4, Storage::Static).live, 0x1000);
    }

    #[test]
    fn padding_of_others_is_not_in_the_way_but_their_data_is() {
        // A starts 0x700 into its page; B ends there, with nothing but padding above the boundary.
        let a = block(0x2900, 0x1900, 0x90);
        let padded = block(0x4000, 0x1700, 0x80);
        assert_eq!(key_pages(&[a, padded], 0, TP), Ok(TP - 0x3000..TP - 0x2000));
        let unpadded = block(0x2910, 0x10, 0x10);
        assert_eq!(key_pages(&[unpadded, a], 1, TP), Err(Obstacle::Module(0)));
    }

    #[test]
    fn a_whole_page_block_is_its_own_whatever_surrounds_it() {
        let whole = block(0x2000, 0x1000, 0x1000);
        let above = block(0x1000, 8, 8);
        let below = block(0x2008, 8, 8);
        assert_eq!(key_pages(&[above, whole, below], 1, TP), Ok(TP - 0x2000..TP - 0x1000));
    }

    #[test]
    fn the_control_block_is_in_the_way_of_a_block_that_ends_beside_it() {
        let beside = TlsBlock { start: TP + 0x738, size: 8, live: 8, storage: Storage::Static };
        assert_eq!(key_pages(&[beside], 0, TP + 0x740), Err(Obstacle::ThreadControlBlock));
        assert_eq!(key_pages(&[block(0x1000, 0x1000, 8)], 0, TP), Ok(TP - 0x1000..TP));
    }

    #[test]
    fn a_heap_block_must_cover_its_pages() {
        let heap = |start, size, live| TlsBlock { start, size, live, storage: Storage::Dynamic };
        assert_eq!(key_pages(&[heap(0x5000, 0x1700, 0x90)], 0, TP), Ok(0x5000..0x6000));
        assert_eq!(key_pages(&[heap(0x5000, 0x90, 0x90)], 0, TP), Err(Obstacle::Heap));
        assert_eq!(key_pages(&[heap(0x5010, 0x1700, 0x90)], 0, TP), Err(Obstacle::Heap));
    }

    #[test]
    fn a_block_without_data_has_no_pages() {
        assert!(key_pages(&[block(0x1010, 0x10, 0)], 0, TP).unwrap().is_empty());
    }
}
