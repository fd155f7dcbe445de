//! Allocating: blocks from the slabs of the thread's cache.

use core::sync::atomic::Ordering::{Relaxed, Release};

use crate::{
    arena::Arena,
    class::{CLASSES, Class, MIN_ALIGN},
    geometry::{UNIT_SHIFT, UNIT_SIZE},
    header::{Header, LocalId},
    local::{Current, Slot},
    memory::Memory,
    misuse::{Failure, Misuse},
    record::{State, WORDS},
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

    /// Allocates a block of at least `size` bytes if the thread has one at hand; null if not. Has no
    /// way out but its return, so that the compiler makes it a leaf that saves no register.
    #[inline(always)]
    pub fn allocate_simply(&self, slot: &impl Slot, size: usize) -> *mut u8 {
        let Some(class) = Class::of_size(size) else { return core::ptr::null_mut() };
        let current = self.current(slot.get(), class);
        let block = self.take_from(current);
        if !block.is_null() || !self.next_word(current) {
            return block;
        }
        self.take_from(current)
    }

    fn allocate_block(&self, slot: &impl Slot, class: Class) -> Result<Fresh, Failure> {
        let address = self.take_from(self.current(slot.get(), class));
        if address.is_null() {
            return self.refill(slot, class);
        }
        Ok(Fresh { address, clean: false })
    }

    /// Where a thread takes blocks of a class from. A class made from a size is a real one.
    #[inline(always)]
    fn current(&self, token: u64, class: Class) -> &Current {
        debug_assert!(class.index().is_some());
        let local = self.local_of(token);
        // SAFETY: the callers' classes come from `Class::of_size` and its like, never from memory,
        // so the index is below the number of classes; the bounds check is left out because this
        // is the hottest line of the library.
        unsafe { local.current.get_unchecked(class.byte() as usize) }
    }

    /// Takes the first free block of the current bitmap word; null if there is none.
    #[inline(always)]
    fn take_from(&self, current: &Current) -> *mut u8 {
        let word = self.word(current.word.load(Relaxed));
        let free = word.load(Relaxed);
        if free == 0 {
            return core::ptr::null_mut();
        }
        word.store(free & (free - 1), Relaxed);
        let size = u64::from(current.size.load(Relaxed));
        let inside = u64::from(free.trailing_zeros()) * size;
        self.masked_address(current.blocks.load(Relaxed).wrapping_add(inside))
    }

    /// The slab that blocks are taken from, by its first unit. Meaningless if there is none.
    fn slab_of(&self, current: &Current) -> u32 {
        self.mask_unit((current.blocks.load(Relaxed) >> UNIT_SHIFT) as u32)
    }

    /// Moves on to the next bitmap word of the current slab that may have free blocks. False if there
    /// is none.
    #[inline(always)]
    fn next_word(&self, current: &Current) -> bool {
        let (offset, unit) = (current.word.load(Relaxed), self.slab_of(current));
        let record = self.record(unit);
        let index = offset.wrapping_sub(self.word_offset(unit, 0)) / 8 % WORDS as u32;
        let summary = record.summary.load(Relaxed) & !(1 << index);
        if offset == 0 || summary == 0 {
            return false;
        }
        record.summary.store(summary, Relaxed);
        self.point_at(current, unit, summary.trailing_zeros());
        true
    }

    /// Makes a bitmap word of a slab the current one.
    #[inline(always)]
    fn point_at(&self, current: &Current, unit: u32, index: u32) {
        let inside = u64::from(index * 64) * u64::from(current.size.load(Relaxed));
        current.blocks.store((u64::from(unit) << UNIT_SHIFT) + inside, Relaxed);
        current.word.store(self.word_offset(unit, index), Relaxed);
    }

    /// Starts taking blocks from a slab.
    fn take_up(&self, current: &Current, class: Class, unit: u32) {
        let record = self.record(unit);
        record.state.store(State::Current as u32, Relaxed);
        record.countdown.store(u32::MAX, Relaxed);
        current.size.store(class.size() as u32, Relaxed);
        self.point_at(current, unit, record.summary.load(Relaxed).trailing_zeros() % 64);
    }

    /// Ends taking blocks from the current slab, if there is one, and returns it.
    pub(crate) fn put_down(&self, current: &Current, class: Class) -> Option<u32> {
        if current.word.load(Relaxed) == 0 {
            return None;
        }
        let unit = self.slab_of(current);
        current.word.store(0, Relaxed);
        let record = self.record(unit);
        record.countdown.store(class.worthwhile(), Relaxed);
        record.state.store(State::Full as u32, Relaxed);
        Some(unit)
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
        let current = self.current(slot.get(), class);
        for _ in 0..MOST_STEPS {
            let address = self.take_from(current);
            if !address.is_null() {
                return Ok(Fresh { address, clean: false });
            }
            if self.next_word(current) {
                continue;
            }
            self.put_down(current, class);
            let unit = match self.pop_listed(id, class) {
                Some(unit) => unit,
                None => match self.fetch_slab(id, class)? {
                    Some(unit) => unit,
                    // The news were about this class.
                    None => continue,
                },
            };
            self.take_up(current, class, unit);
        }
        Err(Misuse::corrupt(0).into())
    }

    /// Gets a slab that was not in the thread's list: one with news, one that a thread left behind,
    /// or a new one. `None` if the list has slabs now.
    fn fetch_slab(&self, id: LocalId, class: Class) -> Result<Option<u32>, Failure> {
        self.drain(id)?;
        if self.local(id).listed[class.byte() as usize % CLASSES].load(Relaxed) != 0 {
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

    /// Puts a slab at the front of its owner's list of slabs with free blocks. The slab that was
    /// listed last is the one with the fewest free blocks; using it first leaves those with many a
    /// chance to become empty.
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
