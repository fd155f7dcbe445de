//! Freed spans that are kept whole, guard page and all, for the next block of as many units. Without
//! them every large block would move guard pages, which takes system calls and page faults.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::{
    arena::{Arena, SPARE_SPANS, SPARE_UNITS},
    memory::Memory,
    shared::Shared32,
    units::Taken,
};

/// Most units kept: 8 MiB.
const MOST_SPARE: u32 = 128;

/// Most units that a span may have to be taken for a block that needs `units` of them.
fn most_for(units: u32) -> u32 {
    (units + units / 4 + 1).min(SPARE_UNITS as u32)
}

impl<M: Memory> Arena<M> {
    /// The places for spans of this many units; none for large ones.
    fn places(&self, units: u32) -> &[Shared32] {
        match self.control().spans.get((units as usize).wrapping_sub(1)) {
            Some(places) => places,
            None => &[],
        }
    }

    /// Keeps a freed span, if there is a place for it. It stays taken, with the header of a free
    /// unit.
    pub(crate) fn keep_spare(&self, unit: u32, units: u32) -> bool {
        let spare = &self.control().spare;
        if spare.load(Relaxed).saturating_add(units) > MOST_SPARE {
            return false;
        }
        let full =
            |place: &Shared32| place.compare_exchange(0, unit + 1, Release, Relaxed).is_err();
        if self.places(units).iter().all(full) {
            return false;
        }
        spare.fetch_add(units, Relaxed);
        self.purge_if_due();
        true
    }

    /// Takes a span that was kept for a block that needs this many units, and counts `bytes` of it as
    /// held. Also returns how many units it has: as few as can be, but not always as few as needed.
    pub(crate) fn take_spare(&self, units: u32, bytes: usize) -> Option<(Taken, u32)> {
        if self.control().spare.load(Relaxed) < units {
            return None;
        }
        let (unit, units) = (units..=most_for(units)).find_map(|have| {
            let unit = self.places(have).iter().find_map(|place| {
                if place.load(Relaxed) == 0 { None } else { place.swap(0, Acquire).checked_sub(1) }
            })?;
            Some((unit, have))
        })?;
        self.control().spare.fetch_sub(units, Relaxed);
        // A number that somebody forged may be anything.
        let unit = self.mask_unit(unit).min(self.geometry().units() - units);
        if !self.charge(bytes) {
            self.release_units(unit, unit + units, 0);
            return None;
        }
        Some((Taken { unit, clean: false }, units))
    }

    /// Makes the units of all spans that were kept free.
    pub(crate) fn release_spares(&self) {
        for units in 1..=SPARE_UNITS as u32 {
            for _ in 0..SPARE_SPANS {
                let Some((taken, units)) = self.take_spare(units, 0) else { break };
                self.release_quietly(taken.unit, taken.unit + units);
            }
        }
    }

    /// Forgets the spans that were kept. Their units stay taken.
    pub(crate) fn forget_spares(&self) {
        for place in self.control().spans.iter().flatten() {
            place.store(0, Relaxed);
        }
        self.control().spare.store(0, Relaxed);
    }
}
