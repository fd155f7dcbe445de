//! Finding the block at an address, and freeing it.

use core::sync::atomic::Ordering::{AcqRel, Relaxed, SeqCst};

use crate::{
    arena::Arena,
    class::Class,
    geometry::{UNIT_SHIFT, UNIT_SIZE},
    header::{Header, Kind, LocalId},
    local::Slot,
    memory::Memory,
    misuse::{Misuse, MisuseKind},
    record::State,
};

/// Where a block is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// A block of a slab.
    Slab {
        /// First unit of the slab.
        unit: u32,
        /// Its header.
        header: Header,
        /// Number of the block.
        block: u32,
    },
    /// The span that starts at this unit.
    Span(u32),
}

impl<M: Memory> Arena<M> {
    /// Frees the block at an offset, which [`Arena::offset_of`] gave.
    ///
    /// # Errors
    /// Any misuse, by this call or by an earlier one that came to light. Nothing is freed then.
    #[inline(always)]
    pub fn free(&self, slot: &impl Slot, offset: usize) -> Result<(), Misuse> {
        let header = Header(self.header_at(offset).load(Relaxed));
        let Some(class) = header.class_if_owned(slot.get()) else {
            return self.free_elsewhere(slot, offset);
        };
        match class.block_at((offset % UNIT_SIZE) as u32) {
            Some(block) => self.free_own((offset >> UNIT_SHIFT) as u32, class, block, slot),
            None => self.free_elsewhere(slot, offset),
        }
    }

    /// Frees a block of a slab that the running thread owns.
    #[inline(always)]
    fn free_own(
        &self,
        unit: u32,
        class: Class,
        block: u32,
        slot: &impl Slot,
    ) -> Result<(), Misuse> {
        let word = &self.record(unit).words[(block >> 6) as usize % 64];
        let (before, bit) = (word.load(Relaxed), 1 << (block & 63));
        if before & bit != 0 {
            return Err(self.already_free(unit, class, block));
        }
        word.store(before | bit, Relaxed);
        if before == 0 || class.may_be_complete(before | bit) {
            self.freed_first_or_last(LocalId::from_token(slot.get()), unit, class, block);
        }
        Ok(())
    }

    #[cold]
    fn already_free(&self, unit: u32, class: Class, block: u32) -> Misuse {
        let offset = self.block_offset(unit, class, block);
        Misuse { kind: MisuseKind::AlreadyFree, offset, size: class.size() }
    }

    /// Follows up on a bitmap word that got its first free block, or may have got its last.
    #[inline(never)]
    fn freed_first_or_last(&self, id: LocalId, unit: u32, class: Class, block: u32) {
        let record = self.record(unit);
        let word = block >> 6;
        record.summary.store(record.summary.load(Relaxed) | 1 << (word & 63), Relaxed);
        self.offer(id, unit, class);
    }

    /// Follows up on free blocks in a slab: lists it if it was full, gives it back if it is empty.
    pub(crate) fn offer(&self, id: LocalId, unit: u32, class: Class) {
        let state = self.record(unit).state.load(Relaxed);
        if state == State::Current as u32 {
            // Kept also when empty: the next allocation will want it.
            return;
        }
        if state != State::Listed as u32 {
            self.list(id, class, unit);
        }
        if self.is_empty(unit, class) && self.retire(id, unit, class) {
            self.unlist(id, class, unit);
            self.release_slab(unit, class);
        }
    }

    /// Whether all blocks of a slab are free.
    fn is_empty(&self, unit: u32, class: Class) -> bool {
        let words = &self.record(unit).words[..class.words()];
        words.iter().enumerate().all(|(index, word)| word.load(Relaxed) == class.word_mask(index))
    }

    /// Ends an empty slab, unless it is in its owner's stack of slabs with news.
    fn retire(&self, id: LocalId, unit: u32, class: Class) -> bool {
        let (now, free) = (Header::slab(id, class).0, Header::FREE.0);
        self.header(unit).compare_exchange(now, free, AcqRel, Relaxed).is_ok()
    }

    /// Gives the units of a retired slab back.
    fn release_slab(&self, unit: u32, class: Class) {
        let units = class.slab_units();
        for distance in 1..units {
            self.header(unit + distance).store(Header::FREE.0, Relaxed);
        }
        self.release_units(unit, unit + units, units as usize * UNIT_SIZE);
    }

    /// Frees what is not in the first unit of a slab without news that the thread owns.
    #[inline(never)]
    fn free_elsewhere(&self, slot: &impl Slot, offset: usize) -> Result<(), Misuse> {
        let (unit, header, block) = match self.find(offset)? {
            Place::Span(unit) => return self.free_span(unit),
            Place::Slab { unit, header, block } => (unit, header, block),
        };
        let id = LocalId::from_token(slot.get());
        if id == LocalId::NONE || header.owner() != id {
            return self.free_remote(unit, header.class(), block);
        }
        if header.is_pending() {
            // Other threads' news first: one of them may be that this block is free.
            self.drain(id)?;
            self.collect(unit, header.class())?;
        }
        self.free_own(unit, header.class(), block, slot)
    }

    /// Frees a block of another thread's slab, by leaving word.
    fn free_remote(&self, unit: u32, class: Class, block: u32) -> Result<(), Misuse> {
        let (index, bit) = ((block >> 6) as usize % 64, 1 << (block & 63));
        let remote = self.remote(unit);
        // The owner cannot free or reuse a block that is ours to free, so its bit does not change.
        if self.record(unit).words[index].load(Relaxed) & bit != 0 {
            return Err(self.already_free(unit, class, block));
        }
        let before = remote.words[index].fetch_or(bit, SeqCst);
        if before & bit != 0 {
            return Err(self.already_free(unit, class, block));
        }
        if before == 0 {
            remote.summary.fetch_or(1 << index, SeqCst);
        }
        // From here on the slab may be anything: its owner may have seen the bit.
        self.notify_owner(unit)
    }

    /// The block that starts at an offset.
    ///
    /// # Errors
    /// If none does.
    pub(crate) fn find(&self, offset: usize) -> Result<Place, Misuse> {
        let mut unit = self.mask_unit((offset >> UNIT_SHIFT) as u32);
        if unit >= self.control().described.load(Relaxed) {
            return Err(Misuse { kind: MisuseKind::NoBlock, offset, size: 0 });
        }
        let mut header = self.load_header(unit);
        if header.kind() == Some(Kind::Tail) {
            unit = self.mask_unit(unit.wrapping_sub(header.distance()));
            header = self.load_header(unit);
        }
        let inside = offset.wrapping_sub((unit as usize) << UNIT_SHIFT);
        match header.kind() {
            Some(Kind::Slab) => {
                let class = self.checked_class(header, unit)?;
                let block = u32::try_from(inside).ok().and_then(|i| class.block_at_far(i));
                let block = block.ok_or_else(|| self.not_a_start(offset, inside, class))?;
                Ok(Place::Slab { unit, header, block })
            }
            Some(Kind::Span) if inside == 0 => Ok(Place::Span(unit)),
            Some(Kind::Free | Kind::Span) => Err(self.inside_span(offset, unit)),
            Some(Kind::Tail) | None => Err(Misuse::corrupt(offset)),
        }
    }

    /// Whether a block that [`Arena::find`] found is allocated, as far as a thread that may not own
    /// its slab can see.
    pub(crate) fn check_allocated(&self, place: Place) -> Result<(), Misuse> {
        let Place::Slab { unit, header, block } = place else { return Ok(()) };
        let (index, bit) = ((block >> 6) as usize % 64, 1 << (block & 63));
        let free = self.record(unit).words[index].load(Relaxed);
        let freed = self.remote(unit).words[index].load(Relaxed);
        if (free | freed) & bit == 0 {
            return Ok(());
        }
        Err(self.already_free(unit, header.class(), block))
    }

    #[cold]
    fn not_a_start(&self, offset: usize, inside: usize, class: Class) -> Misuse {
        let (size, blocks) = (class.size(), class.blocks() as usize);
        if inside / size >= blocks {
            return Misuse { kind: MisuseKind::NoBlock, offset, size: 0 };
        }
        Misuse { kind: MisuseKind::NotAStart(inside % size), offset, size }
    }

    /// What is wrong with an address in a unit without header, or behind the start of a span.
    #[cold]
    fn inside_span(&self, offset: usize, unit: u32) -> Misuse {
        let none = Misuse { kind: MisuseKind::NoBlock, offset, size: 0 };
        let first = (0..=unit).rev().find(|&unit| self.load_header(unit) != Header::FREE);
        let Some(first) = first.filter(|&unit| self.load_header(unit) == Header::SPAN) else {
            return none;
        };
        let (size, distance) = (self.span_size(first), offset - ((first as usize) << UNIT_SHIFT));
        if distance >= size {
            return none;
        }
        Misuse { kind: MisuseKind::NotAStart(distance), offset, size }
    }
}
