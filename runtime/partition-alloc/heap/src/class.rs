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
/// One more than the number of size classes, which are 1 to 72.
pub const CLASSES: usize = 73;

/// A size class: 1 (16 bytes) to [`CLASSES`] − 1 ([`MAX_BLOCK`] bytes).
///
/// The number is a byte because it is stored in a byte of a unit's header, which in the shared heap
/// anybody can forge. Class 0 and those above the real ones have blocks of no bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Class(u8);

/// By class: ⌈2³² / size⌉, which turns a division by the block size into a multiplication. One entry
/// per value of a byte, here and below, so that no class read from memory can index past the end.
static RECIPROCALS: [u32; 256] = {
    let mut table = [0; 256];
    let mut number = 1;
    while number < CLASSES {
        let size = Class(number as u8).compute_size();
        table[number] = (1u64 << 32).div_ceil(size as u64) as u32;
        number += 1;
    }
    table
};

/// By class: ⌈2⁶⁴ / size⌉, for offsets beyond one unit.
static WIDE_RECIPROCALS: [u64; 256] = {
    let mut table = [0; 256];
    let mut number = 1;
    while number < CLASSES {
        let size = Class(number as u8).compute_size();
        table[number] = (1u128 << 64).div_ceil(size as u128) as u64;
        number += 1;
    }
    table
};

/// By class: how many blocks a slab has.
static BLOCKS: [u16; 256] = {
    let mut table = [0; 256];
    let mut number = 1;
    while number < CLASSES {
        let class = Class(number as u8);
        table[number] = class.compute_blocks(class.compute_size()) as u16;
        number += 1;
    }
    table
};

/// By class: block size in bytes.
static SIZES: [u16; 256] = {
    let mut table = [0; 256];
    let mut number = 1;
    while number < CLASSES {
        table[number] = Class(number as u8).compute_size() as u16;
        number += 1;
    }
    table
};

/// Class of a request of `16 * (index - 1) + 1` to `16 * index` bytes.
static OF_SIZE: [u8; MAX_BLOCK / MIN_ALIGN + 1] = {
    let mut table = [1; MAX_BLOCK / MIN_ALIGN + 1];
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
        if self.0 > 0 && (self.0 as usize) < CLASSES { Some(self.0 as usize) } else { None }
    }

    /// All classes, the smallest first.
    pub fn all() -> impl Iterator<Item = Class> {
        (1..CLASSES as u8).map(Class)
    }

    /// The next larger class.
    pub fn next(self) -> Option<Class> {
        let next = Class(self.0.wrapping_add(1));
        next.index().map(|_| next)
    }

    /// The smallest class whose blocks hold `size` bytes, or `None` above [`MAX_BLOCK`].
    #[inline(always)]
    pub fn of_size(size: usize) -> Option<Class> {
        if size > MAX_BLOCK {
            return None;
        }
        Some(Class(OF_SIZE[size.div_ceil(MIN_ALIGN)]))
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
            class = class.next()?;
        }
        Some(class)
    }

    /// Block size in bytes; 0 for a forged class.
    #[inline(always)]
    pub fn size(self) -> usize {
        SIZES[self.0 as usize] as usize
    }

    /// Units of a slab of this class.
    #[inline(always)]
    pub fn slab_units(self) -> u32 {
        if self.size() > MAX_SMALL { MEDIUM_UNITS } else { 1 }
    }

    /// Blocks in a slab of this class; 0 for a forged one.
    pub fn blocks(self) -> u32 {
        BLOCKS[self.0 as usize].into()
    }

    /// Bitmap words with a bit per block of a slab of this class.
    pub fn words(self) -> usize {
        self.blocks().div_ceil(64) as usize
    }

    /// Links in the record of a slab of this class: one per block, and one for each place in the
    /// slab's first unit where [`Class::block_at`] would see a block, though there is none.
    pub fn links(self) -> u32 {
        match self.size() as u32 {
            0 => 0,
            size => self.blocks().max((UNIT_SIZE as u32 - 1) / size + 1),
        }
    }

    /// When so few blocks of a full slab are allocated it is used again. The fewer they are, the more
    /// a thread finds when it turns to the slab; up to then the others lie idle.
    pub fn worthwhile_at(self) -> u32 {
        self.blocks().saturating_sub((self.blocks() / 32).max(1))
    }

    /// The number of the block that starts `offset` bytes into the first unit of a slab, or `None`
    /// if none can start there. `offset` is below [`UNIT_SIZE`], so the result is below 4096 whatever
    /// the class is. It may be one of the few above the last block, which have a link, but never a
    /// block.
    #[inline(always)]
    pub const fn block_at(self, offset: u32) -> Option<u32> {
        let reciprocal = self.reciprocal();
        let product = offset as u64 * reciprocal as u64;
        // The lower half is the remainder in units of 2³²/size (Lemire, Kaser, Kurz: Faster
        // remainder by direct computation, 2019); a test tries all offsets.
        if (product as u32) < reciprocal { Some((product >> 32) as u32) } else { None }
    }

    /// ⌈2³² / block size⌉; 0 for a forged class.
    #[inline(always)]
    pub const fn reciprocal(self) -> u32 {
        RECIPROCALS[self.0 as usize]
    }

    /// Where a block starts in its slab, in units of [`MIN_ALIGN`].
    #[inline(always)]
    pub fn place(self, block: u32) -> u32 {
        block * (self.size() / MIN_ALIGN) as u32
    }

    /// The number of the block at a place, in a slab of blocks with this [`Class::reciprocal`]. Only
    /// for places where blocks start; there it is exact in slabs of several units, too.
    #[inline(always)]
    pub const fn block_at_place(place: u32, reciprocal: u32) -> usize {
        ((place as u64 * reciprocal as u64) >> (32 - MIN_ALIGN.trailing_zeros())) as usize
    }

    /// As [`Class::block_at`], for an offset anywhere in a slab of several units. Only of a block.
    pub fn block_at_far(self, offset: u32) -> Option<u32> {
        let reciprocal = WIDE_RECIPROCALS[self.0 as usize];
        let product = u128::from(offset) * u128::from(reciprocal);
        let block = (product >> 64) as u32;
        if (product as u64) < reciprocal && block < self.blocks() { Some(block) } else { None }
    }

    const fn compute(size: usize) -> Class {
        if size <= 128 {
            return Class((size.saturating_sub(1) / MIN_ALIGN + 1) as u8);
        }
        let top = size - 1;
        let doubling = (usize::BITS - 1 - top.leading_zeros()) as usize;
        Class((9 + (doubling - 7) * 8 + ((top >> (doubling - 3)) & 7)) as u8)
    }

    const fn compute_size(self) -> usize {
        let number = self.0 as usize - 1;
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

    #[test]
    fn every_request_gets_the_smallest_class_that_holds_it() {
        for size in 0..=MAX_BLOCK {
            let class = Class::of_size(size).unwrap();
            assert!(class.size() >= size.max(1), "{size}");
            if class.0 > 1 {
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
        for class in Class::all() {
            let size = class.size() as u32;
            for offset in 0..UNIT_SIZE as u32 {
                let expected = offset.is_multiple_of(size).then_some(offset / size);
                assert_eq!(class.block_at(offset), expected, "{class:?} at {offset}");
                assert!(expected.is_none_or(|block| block < class.links()));
            }
            for offset in 0..class.slab_units() << UNIT_SHIFT {
                let block = (offset / size < class.blocks()).then_some(offset / size);
                let expected = block.filter(|_| offset.is_multiple_of(size));
                assert_eq!(class.block_at_far(offset), expected, "{class:?} at {offset}");
            }
            for block in 0..class.blocks() {
                let place = class.place(block);
                assert_eq!(place as usize * MIN_ALIGN, block as usize * class.size());
                assert_eq!(Class::block_at_place(place, class.reciprocal()), block as usize);
                // Must differ from `ALLOCATED`, as a link.
                assert!(place + 1 < u32::from(u16::MAX));
            }
        }
    }

    #[test]
    fn a_slab_has_room_for_its_blocks_and_its_guard_page() {
        for class in Class::all() {
            let bytes = class.blocks() as usize * class.size();
            assert!(bytes + GUARD_SIZE <= class.slab_units() as usize * UNIT_SIZE, "{class:?}");
            assert!(class.blocks() >= 7 && class.words() <= 64, "{class:?}");
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
        for byte in (CLASSES as u8..=u8::MAX).chain([0]) {
            let class = Class::from_byte(byte);
            assert_eq!((class.size(), class.blocks(), class.index()), (0, 0, None));
            assert_eq!(class.block_at(16), None);
            assert_eq!(class.block_at_far(0), None);
        }
    }
}
