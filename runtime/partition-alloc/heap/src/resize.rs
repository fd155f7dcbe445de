//! Size of a block, and changing it.

use crate::{
    arena::Arena,
    class::{Class, MAX_BLOCK, MIN_ALIGN},
    free::Place,
    local::Slot,
    memory::Memory,
    misuse::{Failure, Misuse},
    span::Purpose,
};

impl<M: Memory> Arena<M> {
    /// How many bytes the block at an offset can hold.
    ///
    /// # Errors
    /// If no allocated block starts there.
    pub fn usable_size(&self, offset: usize) -> Result<usize, Misuse> {
        let place = self.find(offset)?;
        self.check_allocated(place)?;
        Ok(self.size_of(place))
    }

    fn size_of(&self, place: Place) -> usize {
        match place {
            Place::Slab { header, .. } => header.class().size(),
            Place::Span(unit) => self.span_size(unit),
        }
    }

    /// Changes the size of the block at an offset, moving it if necessary, and returns its address.
    ///
    /// # Errors
    /// Any misuse, or [`Failure::NoMemory`]; the block is unchanged then.
    pub fn reallocate(
        &self,
        slot: &impl Slot,
        offset: usize,
        size: usize,
    ) -> Result<*mut u8, Failure> {
        let place = self.find(offset)?;
        self.check_allocated(place)?;
        let old = self.address(offset);
        if self.fits_in_place(place, size) {
            return Ok(old);
        }
        let length = self.size_of(place).min(size);
        let new = if size > MAX_BLOCK && size > length {
            self.allocate_span(size, MIN_ALIGN, Purpose::Growth)?
        } else {
            self.allocate(slot, size)?
        };
        let new = new.address;
        // SAFETY: both lie in the arena or, if metadata was forged, in the gap behind it: the old
        // block's size is bounded by its class or the arena's end, the new one holds `size` bytes.
        // With honest metadata they are different blocks; else overlap is possible.
        unsafe { new.copy_from(old, length) };
        self.free(slot, offset)?;
        Ok(new)
    }

    /// Whether a block can stay where it is when its size changes.
    fn fits_in_place(&self, place: Place, size: usize) -> bool {
        match place {
            Place::Slab { header, .. } => {
                let have = header.class().size();
                // A block may stay up to twice as large as needed, which saves copying what shrinks
                // a little.
                size <= have && Class::of_size(size).is_some_and(|class| class.size() * 2 >= have)
            }
            Place::Span(unit) => size > MAX_BLOCK && self.resize_span(unit, size),
        }
    }
}
