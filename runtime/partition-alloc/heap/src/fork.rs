//! After fork(2): the child has one thread, but the caches of all.

use core::sync::atomic::Ordering::Relaxed;

use crate::{
    arena::Arena,
    class::Class,
    geometry::UNIT_SHIFT,
    header::{Header, Kind, LocalId, PENDING},
    local::Slot,
    memory::Memory,
    metadata::Open,
    misuse::Misuse,
    record::State,
};

impl<M: Memory> Arena<M> {
    /// Makes the memory that other threads held usable in the child of a fork. To be called there
    /// before a second thread exists. Without it the child works, but never gets that memory back.
    ///
    /// The other threads may have been anywhere. What they left behind is still consistent in the
    /// only places this trusts: the header of a unit, and whether a block's link says that it is
    /// allocated. Lists, stacks and
    /// counters are made anew from them.
    ///
    /// # Errors
    /// If a misuse came to light.
    pub fn recover_after_fork(&self, slot: &impl Slot) -> Result<(), Misuse> {
        if self.is_absent() {
            return Ok(());
        }
        let survivor = LocalId::from_token(slot.token());
        let last =
            self.control().locals.load(Relaxed).min(self.geometry().local_count() - 1) as u16;
        let lost = |id| id != survivor && !self.is_idle(id);
        if !(1..=last).map(LocalId).any(lost) {
            return Ok(());
        }
        (1..=last).map(LocalId).filter(|id| self.commit_local(*id)).for_each(|id| self.empty(id));
        // The survivor's current slabs become listed like the others.
        Class::all().for_each(|class| slot.set_current(class, 0));
        let result = self.sort_units(survivor);
        (1..=last).map(LocalId).filter(|id| *id != survivor).for_each(|id| self.set_idle(id));
        result
    }

    /// Forgets which slabs a cache has.
    fn empty(&self, id: LocalId) {
        let local = self.local(id);
        local.pending.store(0, Relaxed);
        local.listed.iter().for_each(|head| head.store(0, Relaxed));
    }

    /// Lists every slab in the cache of its owner, and frees units that belong to nothing.
    fn sort_units(&self, survivor: LocalId) -> Result<(), Misuse> {
        let end = self.control().described.load(Relaxed).min(self.geometry().units());
        self.forget_spares();
        let (mut held, mut extra) = (0, 0);
        let mut unit = 0;
        while unit < end {
            let header = self.load_header(unit);
            let units = match header.kind() {
                Some(Kind::Slab) => {
                    held += self.adopt_lost_slab(unit, header, survivor)?;
                    header.class().slab_units()
                }
                Some(Kind::Span) => {
                    held += self.span_size(unit) as u64;
                    extra += u32::from(header.extra());
                    self.span_units(unit)
                }
                Some(Kind::Free | Kind::Tail) => {
                    self.header(unit).store(Header::FREE.0, Relaxed);
                    self.free_lost_unit(unit);
                    1
                }
                None => return Err(Misuse::corrupt((unit as usize) << UNIT_SHIFT)),
            };
            unit += units;
        }
        let control = self.control();
        control.held.store(held, Relaxed);
        control.extra.store(extra, Relaxed);
        let dirty = (0..end.div_ceil(64)).map(|g| self.maps(g).dirty.load(Relaxed).count_ones());
        control.dirty.store(dirty.sum(), Relaxed);
        control.hint.store(0, Relaxed);
        Ok(())
    }

    /// Makes a slab's record consistent and lists it. Returns the bytes it holds.
    fn adopt_lost_slab(&self, unit: u32, header: Header, survivor: LocalId) -> Result<u64, Misuse> {
        let class = self.checked_class(header, unit)?;
        self.header(unit).store(header.0 & !PENDING, Relaxed);
        let record = self.record_of::<Open>(header);
        record.make_list(class);
        // A thread may have set a bit, but not yet the one in the summary.
        self.remote(unit).summary.store(u64::MAX >> (64 - class.words()), Relaxed);
        self.collect(unit, class)?;
        record.set_state(class, State::Full, record.count_allocated(class));
        let owner = if header.owner() == LocalId::NONE { survivor } else { header.owner() };
        self.settle(owner, unit, class);
        let alive = self.load_header(unit).kind() == Some(Kind::Slab);
        Ok(if alive { u64::from(class.slab_units()) << UNIT_SHIFT } else { 0 })
    }

    /// Frees a unit that a thread had taken, but not yet used or not yet given back.
    fn free_lost_unit(&self, unit: u32) {
        let (used, bit) = (&self.maps(unit / 64).used, 1 << (unit % 64));
        if used.load(Relaxed) & bit != 0 {
            self.release_units(unit, unit + 1, 0);
        }
    }
}
