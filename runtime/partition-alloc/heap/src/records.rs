//! Where the records of slabs are. Each takes as many cache lines as its class needs; a unit keeps its
//! record for the next slab, and gets a new one only if that needs a larger one.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::{
    arena::Arena,
    class::Class,
    geometry::pages,
    memory::Memory,
    record::{LINE, MOST_LINES, record_lines},
};

/// Fewest and most bytes of records that are committed ahead of use.
const COMMIT_AHEAD: (u64, u64) = (64 << 10, 1 << 20);

impl<M: Memory> Arena<M> {
    /// The first line of a record for a slab of this class at a unit that the caller has taken.
    /// `None` if there is no memory.
    pub(crate) fn record_line(&self, unit: u32, class: Class) -> Option<u32> {
        let home = self.home(unit);
        let (line, have) = {
            let home = home.load(Relaxed);
            (home as u32, (home >> 32) as u32)
        };
        let need = record_lines(class);
        if need <= have {
            return Some(line);
        }
        // Doubling bounds what is left behind: all records of a unit together have at most three
        // times as many lines as the largest there is, and fit in the unit's share of the range.
        let lines = need.max(have.saturating_mul(2).min(MOST_LINES));
        let line = self.new_lines(lines)?;
        home.store(u64::from(lines) << 32 | u64::from(line), Relaxed);
        Some(line)
    }

    /// Lines that no record has had before. They are zero.
    fn new_lines(&self, lines: u32) -> Option<u32> {
        // Line 0 is the empty record.
        let before = self.control().lines.fetch_add(lines, Relaxed);
        let line = before.checked_add(1)?;
        let end = (u64::from(line) + u64::from(lines)) * LINE as u64;
        if end <= self.geometry().records_size() as u64 && self.commit_records(end) {
            return Some(line);
        }
        // Unless somebody else has taken lines since.
        let _ = self.control().lines.compare_exchange(before + lines, before, Relaxed, Relaxed);
        None
    }

    /// Makes the first `end` bytes of records accessible.
    fn commit_records(&self, end: u64) -> bool {
        let committed = &self.control().records_committed;
        let from = committed.load(Acquire);
        if end <= from {
            return true;
        }
        let size = self.geometry().records_size() as u64;
        let ahead = (from / 8).clamp(COMMIT_AHEAD.0, COMMIT_AHEAD.1);
        let to = [end.max(from.saturating_add(ahead)).min(size), end].into_iter().find_map(|to| {
            let to = pages(to as usize);
            // A forged number must not make anything else accessible.
            let from =
                (from as usize).min(to) / crate::geometry::PAGE_SIZE * crate::geometry::PAGE_SIZE;
            let start = self.address(self.geometry().records + from);
            self.memory.commit(start, to - from).then_some(to)
        });
        if let Some(to) = to {
            committed.fetch_max(to as u64, Release);
        }
        to.is_some()
    }
}
