//! Allocating: blocks from the slabs of the thread's cache.

use core::sync::atomic::Ordering::{Relaxed, Release};

use crate::{
    arena::Arena,
    class::{Class, MIN_ALIGN},
    geometry::{UNIT_SHIFT, UNIT_SIZE},
    header::{Header, LocalId},
    local::Slot,
    memory::Memory,
    metadata::{Metadata, Open},
    misuse::{Failure, Misuse},
    record::{LINE, Record, State},
    span::{Fresh, Purpose},
};

/// Most slabs a thread looks through for one block. No honest list is longer than the arena has
/// units.
const MOST_STEPS: u32 = 1 << 22;
/// Requests of at least this many bytes may get a block of a larger class.
const BORROWER_SIZE: usize = 512;
/// How many larger classes are asked. Each is an eighth to a ninth larger than the one before.
const LENDERS: usize = 2;

/// What a thread got that had no slab with free blocks.
enum Fetched {
    /// A slab: one that a thread left behind, or a new one.
    Slab(u32),
    /// A block of a slab of a larger class.
    Block(*mut u8),
    /// News from other threads: there are slabs in the list now.
    News,
}

impl<M: Memory> Arena<M> {
    /// Allocates a block of at least `size` bytes, aligned to 16.
    ///
    /// # Errors
    /// [`Failure::NoMemory`], or a misuse by an earlier call that came to light.
    pub fn allocate(&self, slot: &impl Slot, size: usize) -> Result<Fresh, Failure> {
        match Class::of_size(size) {
            Some(class) => self.allocate_block(slot, class, MIN_ALIGN),
            None => self.allocate_span(size, MIN_ALIGN, Purpose::Block),
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
            Some(class) => self.allocate_block(slot, class, align),
            None => self.allocate_span(size, align, Purpose::Block),
        }
    }

    /// Allocates a block of at least `size` bytes if the thread has one at hand. Has no way out but its
    /// return, so that the compiler makes it a leaf that saves no register.
    #[inline(always)]
    pub fn allocate_simply<T: Metadata>(&self, slot: &impl Slot, size: usize) -> Option<*mut u8> {
        let class = Class::of_size(size)?;
        self.take_from::<T>(self.bounded_record::<T>(slot.current(class)))
    }

    /// Allocates a block of a class. One of a larger class will do if its size is a multiple of
    /// `align`.
    fn allocate_block(
        &self,
        slot: &impl Slot,
        class: Class,
        align: usize,
    ) -> Result<Fresh, Failure> {
        match self.take_from::<Open>(self.record_at(slot.current(class))) {
            Some(address) => Ok(Fresh { address, clean: false }),
            None => self.refill(slot, class, align),
        }
    }

    /// Takes the first free block of a slab.
    #[inline(always)]
    fn take_from<T: Metadata>(&self, record: Record<'_>) -> Option<*mut u8> {
        let place = record.pop::<T>();
        if place == 0 {
            return None;
        }
        let inside = u64::from(place) * MIN_ALIGN as u64;
        Some(self.block_address::<T>(record.base.load(Relaxed).wrapping_add(inside)))
    }

    /// Starts taking blocks from a slab.
    fn take_up(&self, slot: &impl Slot, class: Class, unit: u32) {
        let header = self.load_header(unit);
        let record = self.record_of::<Open>(header);
        record.state.store(State::Current as u16, Relaxed);
        record.countdown.store(u32::MAX, Relaxed);
        slot.set_current(class, u64::from(header.line()) * LINE as u64);
    }

    /// Ends taking blocks from the current slab, if there is one, and returns it.
    pub(crate) fn put_down(&self, slot: &impl Slot, class: Class) -> Option<u32> {
        let place = slot.current(class);
        if place == 0 {
            return None;
        }
        slot.set_current(class, 0);
        let record = self.record_at(place);
        record.set_state(class, State::Full, record.count_allocated(class));
        Some(self.mask_unit(record.unit()))
    }

    /// Allocates when the current slab has no free block in its list.
    #[cold]
    #[inline(never)]
    fn refill(&self, slot: &impl Slot, class: Class, align: usize) -> Result<Fresh, Failure> {
        if self.is_absent() {
            return Err(Failure::NoMemory);
        }
        if slot.token() == 0 {
            slot.set_token(self.attach().ok_or(Failure::NoMemory)?.token());
        }
        let id = LocalId::from_token(slot.token());
        for _ in 0..MOST_STEPS {
            if let Some(address) = self.take_ready(slot, class) {
                return Ok(Fresh { address, clean: false });
            }
            self.put_down(slot, class);
            let unit = match self.pop_listed(id, class) {
                Some(unit) => unit,
                None => match self.fetch_slab(slot, id, class, align)? {
                    Fetched::Slab(unit) => unit,
                    Fetched::Block(address) => return Ok(Fresh { address, clean: false }),
                    Fetched::News => continue,
                },
            };
            self.take_up(slot, class, unit);
        }
        Err(Misuse::corrupt(0).into())
    }

    /// Takes a block of the current slab, whether or not it was in use before.
    fn take_ready(&self, slot: &impl Slot, class: Class) -> Option<*mut u8> {
        let place = slot.current(class);
        let record = self.record_at(place);
        let block = self.take_from::<Open>(record);
        if block.is_some() || place == 0 || !record.make_ready(class) {
            return block;
        }
        self.take_from::<Open>(record)
    }

    /// Gets a slab that was not in the thread's list, or a block from elsewhere.
    fn fetch_slab(
        &self,
        slot: &impl Slot,
        id: LocalId,
        class: Class,
        align: usize,
    ) -> Result<Fetched, Failure> {
        self.drain(id)?;
        if class.index().is_some_and(|index| self.local(id).listed[index].load(Relaxed) != 0) {
            return Ok(Fetched::News);
        }
        if let Some(address) = self.borrow_block(slot, id, class, align) {
            return Ok(Fetched::Block(address));
        }
        match self.adopt_slab(id, class)? {
            Some(unit) => Ok(Fetched::Slab(unit)),
            None => self.new_slab(id, class).map(Fetched::Slab),
        }
    }

    /// Takes a free block of one of the next larger classes, if the thread has any. So the free
    /// blocks of similar sizes make up for each other. Not for small blocks, of which a slab has so
    /// many that its rest counts little.
    fn borrow_block(
        &self,
        slot: &impl Slot,
        id: LocalId,
        class: Class,
        align: usize,
    ) -> Option<*mut u8> {
        if class.size() < BORROWER_SIZE {
            return None;
        }
        let larger = core::iter::successors(class.next(), |class| class.next());
        larger.take(LENDERS).filter(|lender| lender.size().is_multiple_of(align)).find_map(
            |lender| {
                self.take_ready(slot, lender).or_else(|| {
                    let unit = self.pop_listed(id, lender)?;
                    self.put_down(slot, lender);
                    self.take_up(slot, lender, unit);
                    self.take_ready(slot, lender)
                })
            },
        )
    }

    #[inline(never)]
    fn new_slab(&self, id: LocalId, class: Class) -> Result<u32, Failure> {
        let units = class.slab_units();
        let bytes = units as usize * UNIT_SIZE;
        let unit = self.take_units(units, 1, bytes).ok_or(Failure::NoMemory)?.unit;
        let Some(line) = self.record_line(unit, class) else {
            self.release_units(unit, unit + units, bytes);
            return Err(Failure::NoMemory);
        };
        let header = Header::slab(id, class, line);
        self.record_of::<Open>(header).begin(class, unit);
        for distance in 1..units {
            self.header(unit + distance).store(Header::tail(distance as u8).0, Relaxed);
        }
        self.header(unit).store(header.0, Release);
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
        if next != 0 {
            self.record(next - 1).prev.store(unit + 1, Relaxed);
        }
        head.store(unit + 1, Relaxed);
    }

    /// Takes the slab with this record out of its owner's list.
    pub(crate) fn unlist(&self, id: LocalId, class: Class, record: Record<'_>) {
        let Some(index) = class.index() else { return };
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
        self.unlist(id, class, self.record(unit));
        Some(unit)
    }

    /// Bytes from the start of a slab to one of its blocks, added to where the slab starts.
    pub(crate) fn block_offset(&self, unit: u32, class: Class, block: u32) -> usize {
        ((self.mask_unit(unit) as usize) << UNIT_SHIFT) + block as usize * class.size()
    }
}
