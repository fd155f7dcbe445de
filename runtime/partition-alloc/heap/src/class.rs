//! Size classes: which block sizes slabs are cut into.
//!
//! Up to 128 bytes every multiple of 16; above, eight sizes per doubling up to [`MAX_BLOCK`]. So a
//! block is at most an eighth larger than what was asked for, and every power of two is a class,
//! which is what aligned requests need. Blocks up to [`MAX_SMALL`] live in slabs of one unit, the
//! others in slabs of [`MEDIUM_UNITS`] units, so that a slab holds at least seven of them.

use crate::geometry::{GUARD_SIZE, UNIT_SHIFT, UNIT_SIZE};

/// Alignment of every block, as malloc(3) on x86-64 promises (`alignof(max_align_t)`), in bytes.
pub const MIN_ALIGN: usize = 16;
/// Largest block of a one-unit slab, in bytes.
pub const MAX_SMALL: usize = 8 << 10;
/// Largest block that comes from a slab at all, in bytes; larger ones are spans of whole pages.
pub const MAX_BLOCK: usize = 32 << 10;
/// Units of a slab whose blocks are larger than [`MAX_SMALL`].
pub const MEDIUM_UNITS: u32 = 8;
/// Number of size classes.
pub const CLASSES: usize = 72;

/// Largest request answered from [`SMALL_TABLE`].
const TABLE_LIMIT: usize = 1024;

/// A size class: 0 (16 bytes) to [`CLASSES`] − 1 ([`MAX_BLOCK`] bytes).
///
/// The number is a byte because it is stored in a byte of a unit's header, which in the shared heap
/// anybody can forge. A forged class above the real ones has blocks of no bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Class(u8);

/// What the hot paths need to know about a class.
#[derive(Clone, Copy)]
#[repr(C)]
struct Info {
    /// ⌈2³² / size⌉: turns a division by the block size into a multiplication.
    reciprocal: u32,
    /// Block size in bytes.
    size: u32,
    /// Where the last block of a slab ends, in bytes from the slab's start.
    end: u32,
    _pad: u32,
}

/// One entry per value of a byte, so that no class read from memory can index past the end.
static INFO: [Info; 256] = {
    let mut table = [Info { reciprocal: 0, size: 0, end: 0, _pad: 0 }; 256];
    let mut number = 0;
    while number < CLASSES {
        let class = Class(number as u8);
        let size = class.compute_size();
        table[number] = Info {
            reciprocal: (1u64 << 32).div_ceil(size as u64) as u32,
            size: size as u32,
            end: class.compute_blocks(size) * size as u32,
            _pad: 0,
        };
        number += 1;
    }
    table
};

/// Class of a request of `16 * (index - 1) + 1` to `16 * index` bytes.
static SMALL_TABLE: [u8; TABLE_LIMIT / MIN_ALIGN + 1] = {
    let mut table = [0; TABLE_LIMIT / MIN_ALIGN + 1];
    let mut index = 1;
    while index < table.len() {
        table[index] = Class::compute(index * MIN_ALIGN).0;
        index += 1;
    }
    table
};

impl Class {
    /// The class with this number, whatever it is.
    #[inline(always)]
    pub const fn from_byte(number: u8) -> Class {
        Class(number)
    }

    /// The number of the class.
    #[inline(always)]
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// The number, to index a table of [`CLASSES`] entries; `None` for a forged one.
    #[inline(always)]
    pub const fn index(self) -> Option<usize> {
        if (self.0 as usize) < CLASSES { Some(self.0 as usize) } else { None }
    }

    /// The smallest class whose blocks hold `size` bytes, or `None` above [`MAX_BLOCK`].
    #[inline(always)]
    pub fn of_size(size: usize) -> Option<Class> {
        if size <= TABLE_LIMIT {
            Some(Class(SMALL_TABLE[size.div_ceil(MIN_ALIGN)]))
        } else if size <= MAX_BLOCK {
            Some(Class::compute(size))
        } else {
            None
        }
    }

    /// The smallest class for `size` bytes all of whose blocks are aligned to `align`, a power of
    /// two; `None` if only a span of whole pages will do.
    pub fn of_aligned(size: usize, align: usize) -> Option<Class> {
        debug_assert!(align.is_power_of_two());
        if align > UNIT_SIZE {
            return None;
        }
        // Slabs start at a unit, so block i is aligned if the block size is a multiple of `align`.
        let mut class = Class::of_size(size.max(align))?;
        while !class.size().is_multiple_of(align) {
            class = Class(class.0 + 1);
            class.index()?;
        }
        Some(class)
    }

    /// Block size in bytes; 0 for a forged class.
    #[inline(always)]
    pub fn size(self) -> usize {
        INFO[self.0 as usize].size as usize
    }

    /// Units of a slab of this class.
    #[inline(always)]
    pub fn slab_units(self) -> u32 {
        if self.size() > MAX_SMALL { MEDIUM_UNITS } else { 1 }
    }

    /// Blocks in a slab of this class; 0 for a forged one.
    pub fn blocks(self) -> u32 {
        match self.size() {
            0 => 0,
            size => self.compute_blocks(size),
        }
    }

    /// Bitmap words of a slab of this class.
    pub fn words(self) -> usize {
        self.blocks().div_ceil(64) as usize
    }

    /// The bits of bitmap word `word` that stand for blocks.
    pub fn word_mask(self, word: usize) -> u64 {
        match self.blocks().saturating_sub(word as u32 * 64) {
            0 => 0,
            left => u64::MAX >> 64u32.saturating_sub(left),
        }
    }

    /// How many blocks of a full slab must be free before it is used again. The more they are, the
    /// more a thread finds when it turns to the slab; up to then they lie idle.
    pub fn worthwhile(self) -> u32 {
        (self.blocks() / 16).max(1)
    }

    /// The number of the block that starts `offset` bytes into the first unit of a slab, or `None`
    /// if none starts there. `offset` is below [`UNIT_SIZE`], so the result is below 4096 whatever
    /// the class is.
    #[inline(always)]
    pub fn block_at(self, offset: u32) -> Option<u32> {
        let info = &INFO[self.0 as usize];
        let block = ((u64::from(offset) * u64::from(info.reciprocal)) >> 32) as u32;
        if block * info.size == offset && offset < info.end { Some(block) } else { None }
    }

    /// As [`Class::block_at`], for an offset anywhere in a slab of several units.
    pub fn block_at_far(self, offset: u32) -> Option<u32> {
        let size = self.size() as u32;
        if size == 0 || !offset.is_multiple_of(size) {
            return None;
        }
        Some(offset / size).filter(|&block| block < self.blocks())
    }

    const fn compute(size: usize) -> Class {
        if size <= 128 {
            return Class((size.saturating_sub(1) / MIN_ALIGN) as u8);
        }
        let top = size - 1;
        let doubling = (usize::BITS - 1 - top.leading_zeros()) as usize;
        Class((8 + (doubling - 7) * 8 + ((top >> (doubling - 3)) & 7)) as u8)
    }

    const fn compute_size(self) -> usize {
        let number = self.0 as usize;
        if number < 8 {
            return (number + 1) * MIN_ALIGN;
        }
        let (doubling, step) = ((number - 8) / 8, (number - 8) % 8 + 1);
        (128 << doubling) + (step << (doubling + 4))
    }

    const fn compute_blocks(self, size: usize) -> u32 {
        let units = if size > MAX_SMALL { MEDIUM_UNITS as usize } else { 1 };
        (((units << UNIT_SHIFT) - GUARD_SIZE) / size) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Class> {
        (0..CLASSES as u8).map(Class)
    }

    #[test]
    fn every_request_gets_the_smallest_class_that_holds_it() {
        for size in 0..=MAX_BLOCK {
            let class = Class::of_size(size).unwrap();
            assert!(class.size() >= size.max(1), "{size}");
            if class.0 > 0 {
                assert!(Class(class.0 - 1).size() < size, "{size} would fit in a smaller block");
            }
        }
        assert_eq!(Class::of_size(MAX_BLOCK + 1), None);
        assert_eq!(Class(CLASSES as u8 - 1).size(), MAX_BLOCK);
    }

    #[test]
    fn a_block_wastes_at_most_an_eighth_above_128_bytes() {
        for size in 129..=MAX_BLOCK {
            let block = Class::of_size(size).unwrap().size();
            assert!((block - size) * 8 <= size, "{size} in a block of {block}");
        }
    }

    #[test]
    fn offsets_map_to_blocks_exactly() {
        for class in all() {
            let size = class.size() as u32;
            for offset in 0..UNIT_SIZE as u32 {
                let block = (offset / size < class.blocks()).then_some(offset / size);
                let expected = block.filter(|_| offset.is_multiple_of(size));
                assert_eq!(class.block_at(offset), expected, "{class:?} at {offset}");
            }
            let last = class.blocks() - 1;
            assert_eq!(class.block_at_far(last * size), Some(last));
            assert_eq!(class.block_at_far((last + 1) * size), None);
            assert_eq!(class.block_at_far(last * size + 8), None);
        }
    }

    #[test]
    fn a_slab_has_room_for_its_blocks_and_its_guard_page() {
        for class in all() {
            let bytes = class.blocks() as usize * class.size();
            assert!(bytes + GUARD_SIZE <= class.slab_units() as usize * UNIT_SIZE, "{class:?}");
            assert!(class.blocks() >= 7 && class.words() <= 64, "{class:?}");
            let bits: u32 = (0..class.words()).map(|w| class.word_mask(w).count_ones()).sum();
            assert_eq!(bits, class.blocks());
        }
    }

    #[test]
    fn aligned_classes_are_multiples_of_the_alignment() {
        for shift in 0..=17 {
            let align = 1 << shift;
            for size in (0..=MAX_BLOCK).step_by(13) {
                match Class::of_aligned(size, align) {
                    Some(class) => {
                        assert!(class.size() >= size && class.size().is_multiple_of(align));
                    }
                    None => assert!(align > MAX_BLOCK),
                }
            }
        }
    }

    #[test]
    fn forged_classes_have_no_blocks() {
        for byte in CLASSES as u8..=u8::MAX {
            let class = Class::from_byte(byte);
            assert_eq!((class.size(), class.blocks(), class.index()), (0, 0, None));
            assert_eq!(class.block_at(16), None);
            assert_eq!(class.block_at_far(0), None);
        }
    }
}
