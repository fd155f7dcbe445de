//! A thread's cache of one heap: for each class the slab it takes blocks from, and its other slabs.
//!
//! A thread finds its cache by the number in its [`Slot`]. The cache belongs to that thread alone,
//! but for `pending`, on which other threads push slabs that have news.

use core::sync::atomic::{AtomicU32, AtomicU64};

use crate::class::CLASSES;

/// Where a thread keeps the number of its cache: eight bytes that are zero when the thread starts.
///
/// A trait because the shipped library reaches them relative to `%fs`, without ever forming their
/// address from memory that other compartments can write.
pub trait Slot {
    /// The token stored last, or 0.
    fn get(&self) -> u64;
    /// Stores a token.
    fn set(&self, token: u64);
}

/// The bitmap word that blocks of one class are taken from.
#[repr(C)]
pub struct Current {
    /// Offset of the word among the records; 0: there is none, what is there is zero.
    pub word: AtomicU32,
    /// Size of the blocks, in bytes. Known from the class, but at hand here.
    pub size: AtomicU32,
    /// Offset in the arena of the word's first block, which is in the slab's first unit.
    pub blocks: AtomicU64,
}

/// A thread cache. All zero is an empty one.
#[repr(C, align(2048))]
pub struct Local {
    /// By class: where to take the next block from.
    pub current: [Current; CLASSES],
    /// By class: unit number + 1 of the first of the other slabs with free blocks; 0 if there is
    /// none.
    pub listed: [AtomicU32; CLASSES],
    _pad: [u32; 8],
    /// Unit number + 1 of the top of the stack of slabs with news; 0 if there is none. On a cache
    /// line of its own, since other threads write it.
    pub pending: AtomicU32,
}

const _: () = assert!(size_of::<Local>() == 2048);
const _: () = assert!(core::mem::offset_of!(Local, pending).is_multiple_of(64));
