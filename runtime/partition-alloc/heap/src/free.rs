//! Finding the block at an address, and freeing it.

use core::sync::atomic::Ordering::{AcqRel, Relaxed, SeqCst};

use crate::{
    arena::Arena,
    class::{Class, MIN_ALIGN},
    geometry::{UNIT_SHIFT, UNIT_SIZE},
    header::{Header, Kind, LocalId},
    local::Slot,
    memory::Memory,
    metadata::{Metadata, Open},
    misuse::{Misuse, MisuseKind},
    record::{ALLOCATED, State, WORDS},
};

/// What became of freeing a block the simple way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Simple {
    /// It is free.
    Done,
    /// It is free, and [`Arena::settle_at`] must be called.
    Unsettled,
    /// Nothing has changed: this needs [`Arena::free_in_tail`], or else [`Arena::free_with_care`].
    Impossible,
}

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
        match self.free_simply::<Open>(slot, offset) {
            Simple::Done => Ok(()),
            Simple::Unsettled => {
                self.settle_at(offset);
                Ok(())
            }
            Simple::Impossible if self.free_in_tail(slot, offset) => Ok(()),
            Simple::Impossible => self.free_with_care(slot, offset),
        }
    }

    /// Frees the block at an offset if nothing else has to be done first: it is in the first unit of
    /// a slab of the running thread that has no news.
    ///
    /// Has no way out but its return, so that the compiler makes it a leaf that saves no register.
    #[inline(always)]
    pub fn free_simply<T: Metadata>(&self, slot: &impl Slot, offset: usize) -> Simple {
        let header = Header(self.header_at(offset).load(Relaxed));
        let Some(class) = header.class_if_owned(slot.token()) else { return Simple::Impossible };
        let inside = (offset % UNIT_SIZE) as u32;
        let Some(block) = class.block_at(inside) else {
            return Simple::Impossible;
        };
        let record = self.record_of::<T>(header);
        if !record.push(block as u16, inside / MIN_ALIGN as u32) {
            return Simple::Impossible;
        }
        if record.count_down() { Simple::Done } else { Simple::Unsettled }
    }

    /// As [`Arena::free_simply`], for a block that is not in the first unit of its slab. False, and
    /// nothing has changed, if that is not so.
    #[inline(never)]
    pub fn free_in_tail(&self, slot: &impl Slot, offset: usize) -> bool {
        let tail = Header(self.header_at(offset).load(Relaxed));
        if tail.kind() != Some(Kind::Tail) {
            return false;
        }
        let unit = self.mask_unit(((offset >> UNIT_SHIFT) as u32).wrapping_sub(tail.distance()));
        let header = self.load_header(unit);
        let Some(class) = header.class_if_owned(slot.token()) else { return false };
        let inside = offset.wrapping_sub((unit as usize) << UNIT_SHIFT) as u32;
        let Some(block) = class.block_at_far(inside) else { return false };
        let record = self.record_of::<Open>(header);
        if !record.push(block as u16, class.place(block)) {
            return false;
        }
        if !record.count_down() {
            self.settle(header.owner(), unit, class);
        }
        true
    }

    /// Does what is due when a block was freed whose slab has to be kept elsewhere from now on.
    #[inline(never)]
    pub fn settle_at(&self, offset: usize) {
        let unit = (offset >> UNIT_SHIFT) as u32;
        let header = self.load_header(unit);
        self.settle(header.owner(), unit, header.class());
    }

    /// Frees the block at an offset, whatever that takes, when the other ways have been tried.
    ///
    /// # Errors
    /// As [`Arena::free`].
    #[inline(never)]
    pub fn free_with_care(&self, slot: &impl Slot, offset: usize) -> Result<(), Misuse> {
        let (unit, header, block) = match self.find(offset)? {
            Place::Span(unit) => return self.free_span(unit),
            Place::Slab { unit, header, block } => (unit, header, block),
        };
        let id = LocalId::from_token(slot.token());
        if id == LocalId::NONE || header.owner() != id {
            return self.free_remote(unit, header, block);
        }
        // One of the news may be that this block is free. The others can wait until blocks are
        // needed: collecting them now would make the next thread to free one tell us again.
        if header.is_pending() {
            self.check_allocated(Place::Slab { unit, header, block })?;
        }
        let record = self.record_of::<Open>(header);
        if !record.push(block as u16, header.class().place(block)) {
            return Err(self.already_free(unit, header.class(), block));
        }
        if !record.count_down() {
            self.settle(id, unit, header.class());
        }
        Ok(())
    }

    #[cold]
    pub(crate) fn already_free(&self, unit: u32, class: Class, block: u32) -> Misuse {
        let offset = self.block_offset(unit, class, block);
        Misuse { kind: MisuseKind::AlreadyFree, offset, size: class.size() }
    }

    /// Decides anew where the owner keeps a slab, by how many of its blocks are free: listed, if that
    /// is worthwhile; given back, if it is empty. One that blocks are being taken from stays, also
    /// when empty: the next allocation will want it.
    pub(crate) fn settle(&self, id: LocalId, unit: u32, class: Class) {
        let record = self.record(unit);
        let Some(used) = record.allocated(class) else {
            record.countdown.store(u32::MAX, Relaxed);
            return;
        };
        let listed = record.state.load(Relaxed) == State::Listed as u16;
        if used == 0 && self.retire(id, unit, class) {
            if listed {
                self.unlist(id, class, record);
            }
            self.release_slab(unit, class);
        } else if !listed && used <= class.worthwhile_at() {
            record.set_state(class, State::Listed, used);
            self.list(id, class, unit);
        }
    }

    /// Ends an empty slab, unless it is in its owner's stack of slabs with news.
    fn retire(&self, id: LocalId, unit: u32, class: Class) -> bool {
        let (header, free) = (self.header(unit), Header::FREE.0);
        let now = Header(header.load(Relaxed));
        now == Header::slab(id, class, now.line())
            && header.compare_exchange(now.0, free, AcqRel, Relaxed).is_ok()
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
    fn free_remote(&self, unit: u32, header: Header, block: u32) -> Result<(), Misuse> {
        let (index, bit) = ((block >> 6) as usize % WORDS, 1 << (block & 63));
        let (remote, class) = (self.remote(unit), header.class());
        // The owner cannot free or reuse a block that is ours to free, so its link does not change.
        if self.record_of::<Open>(header).link(block as u16).load(Relaxed) != ALLOCATED {
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
        let link = self.record_of::<Open>(header).link(block as u16).load(Relaxed);
        let freed = self.remote(unit).words[index].load(Relaxed);
        if link == ALLOCATED && freed & bit == 0 {
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
        let Some(first) = first.filter(|&unit| self.load_header(unit).kind() == Some(Kind::Span))
        else {
            return none;
        };
        let (size, distance) = (self.span_size(first), offset - ((first as usize) << UNIT_SHIFT));
        if distance >= size {
            return none;
        }
        Misuse { kind: MisuseKind::NotAStart(distance), offset, size }
    }
}
