//! Allocating: blocks from the slabs of the thread's cache.

use core::sync::atomic::Ordering::{Relaxed, Release};

use crate::{
    arena::Arena,
    class::{Class, MIN_ALIGN},
    geometry::{UNIT_SHIFT, UNIT_SIZE},
    header::{Header, LocalId},
    local::{Current, Slot},
    memory::Memory,
    misuse::{Failure, Misuse},
    record::State,
    span::Fresh,
};

/// Most slabs a thread looks through for one block. No honest list is longer than the arena has
/// units.
const MOST_STEPS: u32 = 1 << 22;

impl<M: Memory> Arena<M> {
    /// Allocates a block of at least `size` bytes, aligned to 16.
    ///
    /// # Errors
    /// [`Failure::NoMemory`], or a misuse by an earlier call that came to light.
    #[inline(always)]
    pub fn allocate(&self, slot: &impl Slot, size: usize) -> Result<Fresh, Failure> {
        match Class::of_size(size) {
            Some(class) => self.allocate_block(slot, class),
            None => self.allocate_span(size, MIN_ALIGN),
        }
    }

    /// Allocates a block of at least `size` bytes, aligned to `align`, a power of two.
    ///
    /// # Errors
    /// As [`Arena::allocate`].
    pub fn allocate_aligned(
        &self,
        slot: &impl Slot,
        size: usize,
        align: usize,
    ) -> Result<Fresh, Failure> {
        match Class::of_aligned(size, align) {
            Some(class) => self.allocate_block(slot, class),
            None => self.allocate_span(size, align),
        }
    }

    #[inline(always)]
    fn allocate_block(&self, slot: &impl Slot, class: Class) -> Result<Fresh, Failure> {
        let id = LocalId::from_token(slot.get());
        match self.take_from(self.current(id, class), class) {
            Some(block) => Ok(block),
            None => self.refill(slot, class),
        }
    }

    /// Where a thread cache takes blocks of a class from. A class made from a size is a real one.
    #[inline(always)]
    fn current(&self, id: LocalId, class: Class) -> &Current {
        let index = class.byte() as usize;
        debug_assert!(class.index().is_some());
        let local = self.local(id);
        // SAFETY: the callers' classes come from `Class::of_size` and its like, never from memory,
        // so the index is below the number of classes; the bounds check is left out because this
        // is the hottest line of the library.
        unsafe { local.current.get_unchecked(index) }
    }

    /// Takes the first free block of the current bitmap word.
    #[inline(always)]
    fn take_from(&self, current: &Current, class: Class) -> Option<Fresh> {
        let word = self.word(current.word.load(Relaxed));
        let free = word.load(Relaxed);
        if free == 0 {
            return None;
        }
        word.store(free & (free - 1), Relaxed);
        let first = self.mask_offset(current.blocks.load(Relaxed));
        let offset = first + free.trailing_zeros() as usize * class.size();
        Some(Fresh { address: self.address(offset), clean: false })
    }

    /// Allocates when the current bitmap word has no free block left.
    #[cold]
    #[inline(never)]
    fn refill(&self, slot: &impl Slot, class: Class) -> Result<Fresh, Failure> {
        if self.is_absent() {
            return Err(Failure::NoMemory);
        }
        if slot.get() == 0 {
            slot.set(self.attach().ok_or(Failure::NoMemory)?.token());
        }
        let id = LocalId::from_token(slot.get());
        let current = self.current(id, class);
        for _ in 0..MOST_STEPS {
            if let Some(block) = self.take_from(current, class) {
                return Ok(block);
            }
            if self.next_word(current, class) {
                continue;
            }
            let unit = match self.pop_listed(id, class) {
                Some(unit) => unit,
                None => match self.fetch_slab(id, class)? {
                    Some(unit) => unit,
                    // The news were about this class.
                    None => continue,
                },
            };
            self.record(unit).state.store(State::Current as u32, Relaxed);
            self.point_at(current, class, unit);
        }
        Err(Misuse::corrupt(0).into())
    }

    /// Moves on to the next bitmap word of the current slab that may have free blocks. If there is
    /// none, the slab is full, and no longer the current one.
    fn next_word(&self, current: &Current, class: Class) -> bool {
        let offset = current.word.load(Relaxed);
        if offset == 0 {
            return false;
        }
        let unit = self.mask_unit(current.unit.load(Relaxed));
        let record = self.record(unit);
        let word = (offset.wrapping_sub(self.word_offset(unit, 0)) / 8) & 63;
        let summary = record.summary.load(Relaxed) & !(1 << word);
        record.summary.store(summary, Relaxed);
        if summary == 0 {
            record.state.store(State::Full as u32, Relaxed);
            current.word.store(0, Relaxed);
            return false;
        }
        self.point_at(current, class, unit);
        true
    }

    /// Makes the first promising word of a slab the current one.
    fn point_at(&self, current: &Current, class: Class, unit: u32) {
        let word = (self.record(unit).summary.load(Relaxed).trailing_zeros() & 63) as usize;
        let first = ((unit as usize) << UNIT_SHIFT) + word * 64 * class.size();
        current.unit.store(unit, Relaxed);
        current.blocks.store(first as u64, Relaxed);
        current.word.store(self.word_offset(unit, word), Relaxed);
    }

    /// Gets a slab that was not in the thread's list: one with news, one that a thread left behind,
    /// or a new one. `None` if the list has slabs now.
    fn fetch_slab(&self, id: LocalId, class: Class) -> Result<Option<u32>, Failure> {
        self.drain(id)?;
        if self.local(id).listed[class.byte() as usize].load(Relaxed) != 0 {
            return Ok(None);
        }
        match self.adopt_slab(id, class)? {
            Some(unit) => Ok(Some(unit)),
            None => self.new_slab(id, class).map(Some),
        }
    }

    fn new_slab(&self, id: LocalId, class: Class) -> Result<u32, Failure> {
        let units = class.slab_units();
        let bytes = units as usize * UNIT_SIZE;
        let unit = self.take_units(units, 1, bytes).ok_or(Failure::NoMemory)?.unit;
        let record = self.record(unit);
        let words = class.words();
        for (index, word) in record.words[..words].iter().enumerate() {
            word.store(class.word_mask(index), Relaxed);
        }
        record.summary.store(u64::MAX >> (64 - words), Relaxed);
        for distance in 1..units {
            self.header(unit + distance).store(Header::tail(distance as u8).0, Relaxed);
        }
        self.header(unit).store(Header::slab(id, class).0, Release);
        Ok(unit)
    }

    /// Puts a slab at the front of its owner's list of slabs with free blocks.
    pub(crate) fn list(&self, id: LocalId, class: Class, unit: u32) {
        let Some(index) = class.index() else { return };
        let head = &self.local(id).listed[index];
        let record = self.record(unit);
        let next = head.load(Relaxed);
        record.next.store(next, Relaxed);
        record.prev.store(0, Relaxed);
        record.state.store(State::Listed as u32, Relaxed);
        if next != 0 {
            self.record(next - 1).prev.store(unit + 1, Relaxed);
        }
        head.store(unit + 1, Relaxed);
    }

    /// Takes a slab out of its owner's list.
    pub(crate) fn unlist(&self, id: LocalId, class: Class, unit: u32) {
        let Some(index) = class.index() else { return };
        let record = self.record(unit);
        let (next, prev) = (record.next.load(Relaxed), record.prev.load(Relaxed));
        match prev {
            0 => self.local(id).listed[index].store(next, Relaxed),
            prev => self.record(prev - 1).next.store(next, Relaxed),
        }
        if next != 0 {
            self.record(next - 1).prev.store(prev, Relaxed);
        }
    }

    /// Takes the first slab out of a thread cache's list.
    pub(crate) fn pop_listed(&self, id: LocalId, class: Class) -> Option<u32> {
        let first = self.local(id).listed[class.index()?].load(Relaxed);
        let unit = self.mask_unit(first.checked_sub(1)?);
        self.unlist(id, class, unit);
        Some(unit)
    }

    /// Bytes from the start of a slab to one of its blocks, added to where the slab starts.
    pub(crate) fn block_offset(&self, unit: u32, class: Class, block: u32) -> usize {
        ((self.mask_unit(unit) as usize) << UNIT_SHIFT) + block as usize * class.size()
    }
}
