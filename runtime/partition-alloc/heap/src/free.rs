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
    record::{State, WORDS},
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
        if self.free_simply(slot, offset) { Ok(()) } else { self.free_with_care(slot, offset) }
    }

    /// Frees the block at an offset if nothing else has to be done: it is in the first unit of a
    /// slab of the running thread that has no news and stays where it is kept. False, and nothing
    /// changed, if not.
    ///
    /// Has no way out but its return, so that the compiler makes it a leaf that saves no register.
    #[inline(always)]
    pub fn free_simply(&self, slot: &impl Slot, offset: usize) -> bool {
        let header = Header(self.header_at(offset).load(Relaxed));
        let Some(class) = header.class_if_owned(slot.get()) else { return false };
        let Some(block) = class.block_at((offset % UNIT_SIZE) as u32) else { return false };
        let record = self.record_of(offset);
        let index = (block >> 6) as usize;
        debug_assert!(index < WORDS);
        // SAFETY: `Class::block_at` gives numbers below 4096 for any class and any offset, so the
        // index is below 64.
        let word = unsafe { record.words.get_unchecked(index) };
        let (before, bit) = (word.load(Relaxed), 1 << (block & 63));
        let countdown = record.countdown.load(Relaxed).wrapping_sub(1);
        if before & bit != 0 || countdown == 0 {
            return false;
        }
        record.countdown.store(countdown, Relaxed);
        record.summary.store(record.summary.load(Relaxed) | 1 << index, Relaxed);
        word.store(before | bit, Relaxed);
        true
    }

    /// Frees the block at an offset, whatever that takes.
    ///
    /// # Errors
    /// As [`Arena::free`].
    #[inline(never)]
    pub fn free_with_care(&self, slot: &impl Slot, offset: usize) -> Result<(), Misuse> {
        let (unit, header, block) = match self.find(offset)? {
            Place::Span(unit) => return self.free_span(unit),
            Place::Slab { unit, header, block } => (unit, header, block),
        };
        let id = LocalId::from_token(slot.get());
        if id == LocalId::NONE || header.owner() != id {
            return self.free_remote(unit, header.class(), block);
        }
        // One of the news may be that this block is free. The others can wait until blocks are
        // needed: collecting them now would make the next thread to free one tell us again.
        if header.is_pending() {
            self.check_allocated(Place::Slab { unit, header, block })?;
        }
        self.free_own(id, unit, header.class(), block)
    }

    /// Frees a block of a slab that the running thread owns.
    fn free_own(&self, id: LocalId, unit: u32, class: Class, block: u32) -> Result<(), Misuse> {
        let record = self.record(unit);
        let index = (block >> 6) as usize % WORDS;
        let (before, bit) = (record.words[index].load(Relaxed), 1 << (block & 63));
        if before & bit != 0 {
            return Err(self.already_free(unit, class, block));
        }
        record.words[index].store(before | bit, Relaxed);
        record.summary.store(record.summary.load(Relaxed) | 1 << index, Relaxed);
        let countdown = record.countdown.load(Relaxed).wrapping_sub(1);
        record.countdown.store(countdown, Relaxed);
        if countdown == 0 {
            self.settle(id, unit, class);
        }
        Ok(())
    }

    #[cold]
    fn already_free(&self, unit: u32, class: Class, block: u32) -> Misuse {
        let offset = self.block_offset(unit, class, block);
        Misuse { kind: MisuseKind::AlreadyFree, offset, size: class.size() }
    }

    /// Decides anew where the owner keeps a slab, by how many of its blocks are free: listed, if that
    /// is worthwhile; given back, if it is empty. One that blocks are being taken from stays, also
    /// when empty: the next allocation will want it.
    pub(crate) fn settle(&self, id: LocalId, unit: u32, class: Class) {
        let record = self.record(unit);
        let state = record.state.load(Relaxed);
        if state == State::Current as u32 {
            record.countdown.store(u32::MAX, Relaxed);
            return;
        }
        let listed = state == State::Listed as u32;
        let words = &record.words[..class.words()];
        let free: u32 = words.iter().map(|word| word.load(Relaxed).count_ones()).sum();
        let used = class.blocks().saturating_sub(free);
        if used == 0 && self.retire(id, unit, class) {
            if listed {
                self.unlist(id, class, unit);
            }
            self.release_slab(unit, class);
        } else if listed || free >= class.worthwhile() {
            if !listed {
                self.list(id, class, unit);
            }
            record.countdown.store(used, Relaxed);
        } else {
            record.countdown.store(class.worthwhile() - free, Relaxed);
        }
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

    /// Frees a block of another thread's slab, by leaving word.
    fn free_remote(&self, unit: u32, class: Class, block: u32) -> Result<(), Misuse> {
        let (index, bit) = ((block >> 6) as usize % WORDS, 1 << (block & 63));
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
        let (index, bit) = ((block >> 6) as usize % WORDS, 1 << (block & 63));
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
