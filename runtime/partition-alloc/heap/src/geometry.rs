//! Where things are inside an arena.
//!
//! An arena is a range of addresses that belongs to one heap, `2 << data_shift` bytes long:
//!
//! ```text
//!  0 ─────────► ┌───────────────────────────┐
//!               │ units: the blocks         │  1 << data_shift bytes, in units of 64 KiB
//!  data size ─► ├───────────────────────────┤
//!               │ gap, never accessible     │  GAP_SIZE: more than any forged block can reach
//!               ├───────────────────────────┤
//!               │ control page, idle map    │
//!               │ unit maps: 4 bits a unit  │  in use, dirty, old, guarded
//!               │ unit headers: 8 bytes     │  what the unit is and whose
//!               │ record homes: 8 bytes     │  where the unit's record is
//!               │ thread caches: 512 bytes  │
//!               │ slab records, one behind  │  list of free blocks, written by the owning thread
//!               │ the other, as large as    │  only
//!               │ their slabs need them     │
//!               │ remote records: 576 bytes │  bits set by the other threads
//!               ├───────────────────────────┤
//!               │ gap                       │
//!               └───────────────────────────┘
//! ```
//!
//! Metadata holds unit numbers and offsets, never addresses, and whoever reads them masks them to
//! the power of two they must be below. So whatever the metadata says, what is touched lies in this
//! arena.

use crate::{local::Local, record};

/// Size of a page, in bytes.
pub const PAGE_SIZE: usize = 4096;
/// log₂ of [`UNIT_SIZE`].
pub const UNIT_SHIFT: u32 = 16;
/// The grain in which an arena is handed out, in bytes.
pub const UNIT_SIZE: usize = 1 << UNIT_SHIFT;
/// The inaccessible end of every slab and span, in bytes.
pub const GUARD_SIZE: usize = PAGE_SIZE;
/// Inaccessible addresses between units and metadata, in bytes.
pub const GAP_SIZE: usize = 4 << 20;
/// Largest `data_shift`: 256 GiB of blocks. Lines of records are numbered with 32 bits.
pub const MAX_DATA_SHIFT: u32 = 38;
/// Smallest `data_shift`: 64 MiB of blocks.
pub const MIN_DATA_SHIFT: u32 = 26;
/// Most thread caches of one heap.
const MAX_LOCALS: usize = 1 << 16;

/// Offsets of the parts of an arena, all from its start, all multiples of the page size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// log₂ of the bytes available for blocks.
    pub data_shift: u32,
    /// The control page; all metadata follows it.
    pub control: usize,
    /// Bitmap of the thread caches that no thread uses.
    pub idle: usize,
    /// Unit maps.
    pub maps: usize,
    /// Unit headers.
    pub headers: usize,
    /// Record homes.
    pub homes: usize,
    /// Thread caches.
    pub locals: usize,
    /// Slab records, after one empty cache line: a range whose size is a power of two, so that any
    /// offset can be masked to lie inside.
    pub records: usize,
    /// Remote records.
    pub remotes: usize,
    /// One past the last byte of metadata.
    pub end: usize,
}

// The farthest anything reaches past the units is one of the largest blocks.
const _: () = assert!(GAP_SIZE > crate::class::MAX_BLOCK);
// All records that a unit ever has: see `records`.
const _: () = assert!(UNIT_SIZE / 2 >= 3 * record::MOST_LINES as usize * record::LINE);

impl Geometry {
    /// The layout of an arena with `1 << data_shift` bytes for blocks.
    ///
    /// # Panics
    /// If `data_shift` is not between [`MIN_DATA_SHIFT`] and [`MAX_DATA_SHIFT`].
    pub const fn new(data_shift: u32) -> Geometry {
        assert!(data_shift >= MIN_DATA_SHIFT && data_shift <= MAX_DATA_SHIFT);
        let units = 1 << (data_shift - UNIT_SHIFT);
        let control = (1 << data_shift) + GAP_SIZE;
        let idle = control + PAGE_SIZE;
        let locals = if units < MAX_LOCALS { units } else { MAX_LOCALS };
        let maps = idle + pages(locals / 8);
        let headers = maps + pages(units / 64 * record::UNIT_MAPS_SIZE);
        let homes = headers + pages(units * 8);
        let locals_at = homes + pages(units * 8);
        let records = locals_at + pages(locals * size_of::<Local>());
        let remotes = records + (1 << (data_shift - 1));
        let end = remotes + pages(units * record::REMOTE_SIZE);
        assert!(end + PAGE_SIZE + record::RECORD_REACH <= 2 << data_shift);
        Geometry {
            data_shift,
            control,
            idle,
            maps,
            headers,
            homes,
            locals: locals_at,
            records,
            remotes,
            end,
        }
    }

    /// Bytes for blocks.
    pub const fn data_size(&self) -> usize {
        1 << self.data_shift
    }

    /// Bytes for records, a power of two.
    pub const fn records_size(&self) -> usize {
        1 << (self.data_shift - 1)
    }

    /// Bytes of the whole arena, gaps included.
    pub const fn arena_size(&self) -> usize {
        2 << self.data_shift
    }

    /// Units in the arena, a power of two.
    pub const fn units(&self) -> u32 {
        1 << (self.data_shift - UNIT_SHIFT)
    }

    /// Thread caches, a power of two. Number 0 is never used.
    pub const fn local_count(&self) -> u32 {
        if self.units() < MAX_LOCALS as u32 { self.units() } else { MAX_LOCALS as u32 }
    }
}

/// Rounds up to whole pages.
pub const fn pages(bytes: usize) -> usize {
    bytes.next_multiple_of(PAGE_SIZE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_on_pages_of_their_own() {
        for shift in MIN_DATA_SHIFT..=MAX_DATA_SHIFT {
            let g = Geometry::new(shift);
            let parts = [
                g.control, g.idle, g.maps, g.headers, g.homes, g.locals, g.records, g.remotes,
                g.end,
            ];
            assert!(parts.is_sorted_by(|a, b| a < b), "{g:?}");
            assert!(parts.iter().all(|p| p.is_multiple_of(PAGE_SIZE)));
            assert_eq!(g.control - g.data_size(), GAP_SIZE);
            assert_eq!(g.remotes - g.records, g.records_size());
            assert!(g.records_size() as u64 / record::LINE as u64 <= 1 << 32);
        }
    }
}
