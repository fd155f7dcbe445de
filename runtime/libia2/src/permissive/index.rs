//! A table that finds entries of the log by a hash. Numbers are added and never taken away, by several
//! threads and their handlers at the same time.

use core::sync::atomic::{AtomicU32, Ordering};

/// Places; more than there can be numbers, so there are always empty ones.
const PLACES: usize = 1 << BITS;
const BITS: u32 = 17;

/// The table. Valid when zero, and empty then.
#[repr(C)]
pub(super) struct Index([AtomicU32; PLACES]);

impl Index {
    /// Most numbers it has room for.
    pub(super) const CAPACITY: usize = PLACES / 2;

    /// The places that a hash may be at, in order.
    fn places(&self, hash: u64) -> impl Iterator<Item = &AtomicU32> {
        let first = (hash >> (u64::BITS - BITS)) as usize;
        (first..first + PLACES).map(|place| &self.0[place % PLACES])
    }

    /// The number with this hash that is wanted.
    pub(super) fn find(&self, hash: u64, is_wanted: impl Fn(usize) -> bool) -> Option<usize> {
        self.places(hash)
            .map_while(|place| (place.load(Ordering::Acquire) as usize).checked_sub(1))
            .find(|&number| is_wanted(number))
    }

    /// Adds a number. The caller adds no more than [`Index::CAPACITY`].
    pub(super) fn add(&self, hash: u64, number: usize) {
        let value = number as u32 + 1;
        let is_free = |place: &&AtomicU32| {
            place.compare_exchange(0, value, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        self.places(hash).find(is_free);
    }
}
