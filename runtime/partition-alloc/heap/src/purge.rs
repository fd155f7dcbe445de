//! Giving the contents of free units back to the kernel.
//!
//! A freed unit keeps its pages for a while, since most programs ask for memory again soon. What
//! has been free for longer than [`OLD_AFTER`], or exceeds a share of what is in use, goes back.
//! There is no background thread: the heap looks when units are freed.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::{arena::Arena, geometry::UNIT_SIZE, memory::Memory};

/// Units that may lie idle however little is in use: 16 MiB.
const KEEP: u32 = 256;
/// At most this fraction of what is in use may lie idle.
const KEEP_SHARE: u64 = 4;
/// Contents go back after one to two times as many milliseconds.
const OLD_AFTER: u64 = 500;

/// Which free units to purge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// All of them.
    All,
    /// Those that were dirty when this was last done; the others count as old from now on.
    Old,
}

impl<M: Memory> Arena<M> {
    /// Purges if too much is dirty, or what is dirty is old.
    pub(crate) fn purge_if_due(&self) {
        let control = self.control();
        if u64::from(control.dirty.load(Relaxed)) > self.slack() {
            return self.purge(Which::All);
        }
        let (now, last) = (self.memory.milliseconds(), control.purged.load(Relaxed));
        if now.wrapping_sub(last) >= OLD_AFTER
            && control.purged.compare_exchange(last, now, Relaxed, Relaxed).is_ok()
        {
            self.purge(Which::Old);
        }
    }

    /// Units that may lie idle: dirty, or kept for blocks to grow into.
    pub(crate) fn slack(&self) -> u64 {
        (self.control().held.load(Relaxed) / KEEP_SHARE / UNIT_SIZE as u64).max(KEEP.into())
    }

    #[cold]
    fn purge(&self, which: Which) {
        // What is used all the time is back in its place soon.
        self.release_spares();
        let units = self.control().committed.load(Acquire).min(self.geometry().units());
        for group in 0..units.div_ceil(64) {
            let maps = self.maps(group);
            let dirty = maps.dirty.load(Relaxed);
            if dirty == 0 {
                continue;
            }
            let old =
                if which == Which::Old { maps.old.fetch_or(dirty, Relaxed) } else { u64::MAX };
            // Claimed like any other unit, so nobody can take it while its pages go.
            let wanted = dirty & old & !maps.used.load(Relaxed);
            let claimed = wanted & !maps.used.fetch_or(wanted, Acquire);
            if claimed == 0 {
                continue;
            }
            // A claimed unit may have been taken and freed since: dirty again, but free.
            let mut rest = maps.dirty.fetch_and(!claimed, Relaxed) & claimed;
            self.control().dirty.fetch_sub(rest.count_ones(), Relaxed);
            while rest != 0 {
                let first = rest.trailing_zeros();
                let length = (rest >> first).trailing_ones();
                let start = self.unit_address(group * 64 + first);
                let run = (u64::MAX >> (64 - length)) << first;
                if !self.memory.discard(start, length as usize * UNIT_SIZE) {
                    // Locked pages (mlockall(2)) keep their contents.
                    maps.dirty.fetch_or(run, Relaxed);
                    self.control().dirty.fetch_add(length, Relaxed);
                }
                rest &= !run;
            }
            maps.used.fetch_and(!claimed, Release);
            self.lower_hint(group * 64 + claimed.trailing_zeros());
        }
    }
}
