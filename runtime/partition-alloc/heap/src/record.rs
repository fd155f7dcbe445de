//! What is known about a unit besides its header: three structures, by who writes them.
//!
//! Zero bytes are a valid value of each of them, because that is what the kernel hands out and
//! nobody initialises an arena: it may carry the key of a compartment that has not run yet.

use core::sync::atomic::{AtomicU32, AtomicU64};

/// Bitmap words of a slab: enough for 3840 blocks of 16 bytes.
pub(crate) const WORDS: usize = 64;
/// Size of a [`Record`] and of a [`Remote`], in bytes.
pub(crate) const RECORD_SIZE: usize = 576;
/// Size of [`UnitMaps`], in bytes.
pub(crate) const UNIT_MAPS_SIZE: usize = 32;
/// Bytes before the first record. Always zero, so a bitmap word at offset 0 means "no free block".
pub(crate) const RECORDS_START: usize = 64;

/// Bytes to reserve for the records of `units` units: the next power of two, so that any offset can
/// be masked to lie inside.
pub(crate) const fn records_size(units: usize) -> usize {
    (RECORDS_START + units * RECORD_SIZE).next_power_of_two()
}

/// The record of a slab or span, by its first unit. Written by the thread that owns it.
///
/// The free bits of a block are 1 while the block is free. Being one bit that is either set or not,
/// they stay consistent wherever a fork or a signal interrupts their owner.
#[repr(C, align(64))]
pub(crate) struct Record {
    /// Bit w is set if `words[w]` may be non-zero; clear if it is zero.
    pub(crate) summary: AtomicU64,
    /// How many more blocks the owner must free until there is something to be done about the slab.
    /// What that is depends on the state: see [`State`].
    pub(crate) countdown: AtomicU32,
    /// A [`State`].
    pub(crate) state: AtomicU32,
    /// Unit number + 1 of the next slab in the owner's list of slabs with free blocks; 0 at the end.
    pub(crate) next: AtomicU32,
    /// Unit number + 1 of the previous one; 0 at the start.
    pub(crate) prev: AtomicU32,
    /// Spans only: bytes the block can hold, a multiple of the page size.
    pub(crate) bytes: AtomicU64,
    /// Free bits. The first four words share a cache line with the above, and most slabs need no
    /// more.
    pub(crate) words: [AtomicU64; WORDS],
    _pad: [u64; 4],
}

/// Where the owner of a slab keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum State {
    /// Few blocks are free; in no list. Listed when the countdown ends.
    Full = 0,
    /// In the list of its class. Empty when the countdown ends.
    Listed = 1,
    /// Blocks are being taken from it; in no list. The countdown means nothing.
    Current = 2,
}

/// What threads that do not own a slab tell its owner. Cache lines apart from the owner's.
#[repr(C, align(64))]
pub(crate) struct Remote {
    /// Bit w is set if `words[w]` is non-zero.
    pub(crate) summary: AtomicU64,
    /// Unit number + 1 of the next slab in the owner's stack of slabs with news; 0 at the end.
    pub(crate) next: AtomicU32,
    _pad: [u32; 13],
    /// Blocks freed by other threads.
    pub(crate) words: [AtomicU64; WORDS],
}

/// The state of 64 consecutive units, one bit each.
#[repr(C)]
pub(crate) struct UnitMaps {
    /// Taken.
    pub(crate) used: AtomicU64,
    /// Free, but its pages still hold old contents.
    pub(crate) dirty: AtomicU64,
    /// Was dirty already when the last purge looked.
    pub(crate) old: AtomicU64,
    /// The last page of the unit is inaccessible.
    pub(crate) guarded: AtomicU64,
}

const _: () = assert!(size_of::<Record>() == RECORD_SIZE && size_of::<Remote>() == RECORD_SIZE);
const _: () = assert!(size_of::<UnitMaps>() == UNIT_MAPS_SIZE);
