//! What a thread has of a heap: its [`Slot`], outside the arena, and its cache, inside.
//!
//! Both belong to that thread alone, but for `pending`, on which other threads push slabs that have
//! news.

use core::sync::atomic::AtomicU32;

use crate::class::{CLASSES, Class};
use crate::shared::Shared32;

/// Where a thread keeps which cache is its own, and by class where its next block comes from. All
/// zero when the thread starts.
///
/// The classes are those that sizes have, never read from memory.
///
/// A trait because the shipped library reaches it relative to `%fs`, without ever forming an address
/// from memory that other compartments can write.
pub trait Slot {
    /// The token stored last, or 0.
    fn token(&self) -> u64;
    /// Stores a token.
    fn set_token(&self, token: u64);
    /// The record of the slab to take the next block of a class from, in bytes from the start of all
    /// records; 0, where an empty record is, if there is no such slab.
    fn current(&self, class: Class) -> u64;
    /// Stores the place of a record.
    fn set_current(&self, class: Class, place: u64);
}

/// A thread cache. All zero is an empty one.
#[repr(C, align(512))]
pub struct Local {
    /// By class: unit number + 1 of the first of the slabs with free blocks that blocks are not being
    /// taken from; 0 if there is none.
    pub listed: [AtomicU32; CLASSES],
    _pad: [u32; 7],
    /// Unit number + 1 of the top of the stack of slabs with news; 0 if there is none. On a cache
    /// line of its own, since other threads write it.
    pub(crate) pending: Shared32,
}

const _: () = assert!(size_of::<Local>() == 512);
const _: () = assert!(core::mem::offset_of!(Local, pending) == 320);
