//! Taking units and giving them back: a bitmap that all threads change by single atomic operations.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::{
    arena::Arena,
    geometry::{GUARD_SIZE, PAGE_SIZE, UNIT_SHIFT, UNIT_SIZE, pages},
    local::Local,
    memory::Memory,
    record::REMOTE_SIZE,
};

/// Metadata is committed for this many units at a time, which fill a page of headers.
const DESCRIBE_STEP: u32 = (PAGE_SIZE / 8) as u32;
/// Up to so many guards go one by one: the kernel looks at each page of what it is told.
const UNGUARD_SINGLY: u32 = 4;
/// Fewest and most units that are committed ahead of use.
const COMMIT_AHEAD: (u32, u32) = (16, 512);

/// Units that now belong to the caller.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    /// The first one.
    pub(crate) unit: u32,
    /// Whether all their bytes are zero.
    pub(crate) clean: bool,
}

/// Bits of a 64-unit group that a range of units covers.
fn group_mask(group: u32, from: u32, to: u32) -> u64 {
    let low = from.max(group * 64) - group * 64;
    let high = to.min(group * 64 + 64) - group * 64;
    if high <= low { 0 } else { (u64::MAX >> (64 - (high - low))) << low }
}

/// The groups that a non-empty range of units touches, with the bits it covers in each.
pub(crate) fn groups(from: u32, to: u32) -> impl DoubleEndedIterator<Item = (u32, u64)> {
    (from / 64..to.div_ceil(64)).map(move |group| (group, group_mask(group, from, to)))
}

impl<M: Memory> Arena<M> {
    /// Takes `count` units in a row that start at a multiple of `align` units and are accessible,
    /// and counts `bytes` of them as held. `None` if the limit, the arena or memory is exhausted.
    pub(crate) fn take_units(&self, count: u32, align: u32, bytes: usize) -> Option<Taken> {
        if !self.charge(bytes) {
            return None;
        }
        let hint = self.control().hint.load(Relaxed).min(self.geometry().units());
        let run = self.find_run(hint, count, align).or_else(|| self.find_run(0, count, align));
        let Some(unit) = run else {
            self.discharge(bytes);
            return None;
        };
        if count == 1 && unit >= hint {
            // Everything between the hint and this unit was taken, unless the hint has moved.
            let _ = self.control().hint.compare_exchange(hint, unit + 1, Relaxed, Relaxed);
        }
        let Some(clean) = self.make_usable(unit, count) else {
            self.unclaim(unit, unit + count);
            self.lower_hint(unit);
            self.discharge(bytes);
            return None;
        };
        Some(Taken { unit, clean })
    }

    /// Extends taken units by those in `from..to`, if all are free. `None` if not.
    pub(crate) fn take_more(&self, from: u32, to: u32, bytes: usize) -> Option<Taken> {
        if to > self.geometry().units() || !self.charge(bytes) {
            return None;
        }
        if self.claim(from, to).is_ok() {
            if let Some(clean) = self.make_usable(from, to - from) {
                return Some(Taken { unit: from, clean });
            }
            self.unclaim(from, to);
            self.lower_hint(from);
        }
        self.discharge(bytes);
        None
    }

    /// Gives units back whose contents nobody needs, and stops counting `bytes` of them as held.
    pub(crate) fn release_units(&self, from: u32, to: u32, bytes: usize) {
        self.release_quietly(from, to);
        self.discharge(bytes);
        self.purge_if_due();
    }

    /// Gives units back, without looking whether others should go back to the kernel.
    pub(crate) fn release_quietly(&self, from: u32, to: u32) {
        for (group, mask) in groups(from, to) {
            let maps = self.maps(group);
            if maps.old.load(Relaxed) & mask != 0 {
                maps.old.fetch_and(!mask, Relaxed);
            }
            maps.dirty.fetch_or(mask, Relaxed);
        }
        self.control().dirty.fetch_add(to - from, Relaxed);
        self.unclaim(from, to);
        self.lower_hint(from);
    }

    /// Counts bytes as held, unless that exceeds the limit.
    pub(crate) fn charge(&self, bytes: usize) -> bool {
        let held = &self.control().held;
        let before = held.fetch_add(bytes as u64, Relaxed);
        if before.saturating_add(bytes as u64) > self.limit() {
            held.fetch_sub(bytes as u64, Relaxed);
            return false;
        }
        true
    }

    /// Stops counting bytes as held.
    pub(crate) fn discharge(&self, bytes: usize) {
        self.control().held.fetch_sub(bytes as u64, Relaxed);
    }

    /// Notes that a unit became free.
    pub(crate) fn lower_hint(&self, unit: u32) {
        let hint = &self.control().hint;
        if hint.load(Relaxed) > unit {
            hint.fetch_min(unit, Relaxed);
        }
    }

    /// Finds and claims `count` units in a row at or after `start`.
    fn find_run(&self, start: u32, count: u32, align: u32) -> Option<u32> {
        let units = self.geometry().units();
        let mut unit = start;
        // Alignment is that of addresses; the arena starts at a unit, but no more.
        let base = ((self.address(0).addr() >> UNIT_SHIFT) % align as usize) as u32;
        // Each round ends or moves `unit` up, whatever the bitmap says.
        loop {
            let free = self.first_free(unit)?;
            unit = base.checked_add(free)?.checked_next_multiple_of(align)? - base;
            if units.checked_sub(unit)? < count {
                return None;
            }
            match self.last_used(unit, unit + count) {
                Some(used) => unit = used + 1,
                None => match self.claim(unit, unit + count) {
                    Ok(()) => return Some(unit),
                    Err(lost) => unit = lost + 1,
                },
            }
        }
    }

    /// The first free unit at or after `from`.
    fn first_free(&self, from: u32) -> Option<u32> {
        groups(from, self.geometry().units()).find_map(|(group, mask)| {
            let free = !self.maps(group).used.load(Relaxed) & mask;
            (free != 0).then(|| group * 64 + free.trailing_zeros())
        })
    }

    /// The last taken unit in `from..to`.
    fn last_used(&self, from: u32, to: u32) -> Option<u32> {
        groups(from, to).rev().find_map(|(group, mask)| {
            let used = self.maps(group).used.load(Relaxed) & mask;
            (used != 0).then(|| group * 64 + 63 - used.leading_zeros())
        })
    }

    /// Takes all units in `from..to`, or none and says which one was taken already.
    pub(crate) fn claim(&self, from: u32, to: u32) -> Result<(), u32> {
        for (group, mask) in groups(from, to) {
            let before = self.maps(group).used.fetch_or(mask, Acquire);
            if before & mask != 0 {
                self.maps(group).used.fetch_and(!(mask & !before), Release);
                if group * 64 > from {
                    self.unclaim(from, group * 64);
                }
                return Err(group * 64 + 63 - (before & mask).leading_zeros());
            }
        }
        Ok(())
    }

    /// Makes taken units free.
    pub(crate) fn unclaim(&self, from: u32, to: u32) {
        for (group, mask) in groups(from, to) {
            self.maps(group).used.fetch_and(!mask, Release);
        }
    }

    /// Makes taken units and their metadata accessible, the last page of the last one inaccessible.
    /// Says whether the units are all zero, or `None` if there is no memory.
    fn make_usable(&self, unit: u32, count: u32) -> Option<bool> {
        let end = unit + count;
        if !self.describe_to(end) || !self.commit_to(end) || !self.guard_end(unit, end) {
            return None;
        }
        let mut clean = true;
        for (group, mask) in groups(unit, end) {
            let maps = self.maps(group);
            if maps.dirty.load(Relaxed) & mask != 0 {
                let dirty = maps.dirty.fetch_and(!mask, AcqRel) & mask;
                self.control().dirty.fetch_sub(dirty.count_ones(), Relaxed);
                clean = false;
            }
        }
        Some(clean)
    }

    /// Makes the metadata of the units below `end` accessible.
    fn describe_to(&self, end: u32) -> bool {
        let described = &self.control().described;
        let from = described.load(Acquire);
        if end <= from {
            return true;
        }
        let to = end.next_multiple_of(DESCRIBE_STEP).min(self.geometry().units());
        let g = self.geometry();
        let (first, last) = (from as usize, to as usize);
        let done = [
            (g.headers, first * 8, last * 8),
            (g.homes, first * 8, last * 8),
            (g.remotes, first * REMOTE_SIZE, last * REMOTE_SIZE),
        ]
        .into_iter()
        .all(|(part, start, end)| {
            let start = start / PAGE_SIZE * PAGE_SIZE;
            // Relative to the units, where addresses start.
            self.memory.commit(self.address(part + start), pages(end) - start)
        });
        if done {
            described.fetch_max(to, Release);
        }
        done
    }

    /// Makes the units below `end` accessible.
    fn commit_to(&self, end: u32) -> bool {
        let committed = &self.control().committed;
        let from = committed.load(Acquire);
        if end <= from {
            return true;
        }
        let ahead = (from / 8).clamp(COMMIT_AHEAD.0, COMMIT_AHEAD.1);
        let generous = end.max(from.saturating_add(ahead)).min(self.geometry().units());
        let to = [generous, end].into_iter().find(|&to| {
            let length = (to - from) as usize * UNIT_SIZE;
            self.memory.commit(self.unit_address(from), length)
        });
        if let Some(to) = to {
            committed.fetch_max(to, Release);
        }
        to.is_some()
    }

    /// Makes the last page of units `unit..end` inaccessible if possible, all others accessible.
    pub(crate) fn guard_end(&self, unit: u32, end: u32) -> bool {
        let guarded = |from, to| {
            groups(from, to)
                .map(|(group, mask)| (self.maps(group).guarded.load(Relaxed) & mask).count_ones())
                .sum::<u32>()
        };
        let inner = if end - unit > 1 { guarded(unit, end - 1) } else { 0 };
        if inner > 0 {
            if !self.unguard_units(unit, end - 1, inner) {
                return false;
            }
            for (group, mask) in groups(unit, end - 1) {
                self.maps(group).guarded.fetch_and(!mask, Relaxed);
            }
            self.control().guards.fetch_sub(inner, Relaxed);
        }
        if guarded(end - 1, end) == 0 {
            let guards = &self.control().guards;
            if guards.fetch_add(1, Relaxed) < self.memory.most_guards()
                && self.memory.guard(self.guard_page(end - 1))
            {
                for (group, mask) in groups(end - 1, end) {
                    self.maps(group).guarded.fetch_or(mask, Relaxed);
                }
            } else {
                // Without it an overflow of a large block is noticed later; not worth failing.
                guards.fetch_sub(1, Relaxed);
            }
        }
        true
    }

    /// Makes the guarded ones, so many, among the last pages of units accessible.
    fn unguard_units(&self, from: u32, to: u32, count: u32) -> bool {
        if count > UNGUARD_SINGLY {
            let length = (to - from) as usize * UNIT_SIZE;
            return self.memory.unguard(self.unit_address(from), length);
        }
        groups(from, to).all(|(group, mask)| {
            let guarded = self.maps(group).guarded.load(Relaxed) & mask;
            (0..64)
                .filter(|bit| guarded >> bit & 1 == 1)
                .all(|bit| self.memory.unguard(self.guard_page(group * 64 + bit), GUARD_SIZE))
        })
    }

    /// The last page of a unit.
    fn guard_page(&self, unit: u32) -> *mut u8 {
        self.unit_address(unit).wrapping_add(UNIT_SIZE - GUARD_SIZE)
    }
}

const _: () = assert!(size_of::<Local>() <= PAGE_SIZE);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_cover_exactly_the_range() {
        for (from, to) in [(0, 1), (0, 64), (63, 65), (5, 200), (64, 128), (127, 128)] {
            let mut units = Vec::new();
            for (group, mask) in groups(from, to) {
                units
                    .extend((0..64).filter(|bit| mask >> bit & 1 == 1).map(|bit| group * 64 + bit));
            }
            assert_eq!(units, (from..to).collect::<Vec<_>>(), "{from}..{to}");
        }
    }
}
