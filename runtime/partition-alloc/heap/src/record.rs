//! What is known about a slab besides its header: two structures, by who writes them. And the maps
//! of units.
//!
//! Zero bytes are a valid value of each of them, because that is what the kernel hands out and
//! nobody initialises an arena: it may carry the key of a compartment that has not run yet.

use core::{
    marker::PhantomData,
    ops::Deref,
    sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed},
};

use crate::{
    class::{CLASSES, Class, MIN_ALIGN},
    geometry::UNIT_SHIFT,
    metadata::Metadata,
    shared::{Shared32, Shared64},
};

/// Bitmap words of a [`Remote`]: enough for 3840 blocks of 16 bytes.
pub(crate) const WORDS: usize = 64;
/// Size of a [`Remote`], in bytes.
pub(crate) const REMOTE_SIZE: usize = 576;
/// Size of [`UnitMaps`], in bytes.
pub(crate) const UNIT_MAPS_SIZE: usize = 32;
/// The grain of records, in bytes.
pub(crate) const LINE: usize = 64;
/// How far from a record's start anything is that a forged number may lead to, in bytes.
pub(crate) const RECORD_REACH: usize = size_of::<RecordHead>() + (1 << 16) * 2;

/// The link of a block that is allocated.
pub(crate) const ALLOCATED: u16 = u16::MAX;

/// The record of a slab: a [`RecordHead`], and a *link* of two bytes per block. Written by the thread
/// that owns the slab.
///
/// The link of an allocated block is [`ALLOCATED`]; that of a free one is the place + 1 of the next
/// free block, or 0. Being one number that is either the one or the other, links tell who is free
/// wherever a fork interrupts their owner, whatever became of the list.
///
/// The *place* of a block is how far from the start of the slab it is, in units of [`MIN_ALIGN`].
/// From it the address follows without a multiplication; so freeing a block and allocating it again,
/// each of which waits for the other, take little time.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    at: *const u8,
    arena: PhantomData<&'a AtomicU64>,
}

/// The start of a record. What follows `base` changes rarely.
///
/// The numbers that each call reads and writes have 32 bits though fewer would do: CPUs pass a value
/// from a store to the next load faster if it has.
#[repr(C)]
pub(crate) struct RecordHead {
    /// Place + 1 of the first free block; 0 if there is none.
    pub(crate) head: AtomicU32,
    /// How many more blocks the owner must free until there is something to be done about the slab,
    /// modulo 2³². What that is depends on the state: see [`State`].
    pub(crate) countdown: AtomicU32,
    /// Offset in the arena of what would have place −1 (modulo 2⁶⁴).
    pub(crate) base: AtomicU64,
    /// [`Class::reciprocal`], at hand here.
    pub(crate) reciprocal: AtomicU32,
    /// Unit number + 1 of the next slab in the owner's list of slabs with free blocks; 0 at the end.
    pub(crate) next: AtomicU32,
    /// Unit number + 1 of the previous one; 0 at the start.
    pub(crate) prev: AtomicU32,
    /// How many blocks are or were in the list of free blocks. The others have never been used.
    pub(crate) ready: AtomicU16,
    /// A [`State`].
    pub(crate) state: AtomicU16,
}

const _: () = assert!(size_of::<RecordHead>() == 32);

impl Deref for Record<'_> {
    type Target = RecordHead;

    #[inline(always)]
    fn deref(&self) -> &RecordHead {
        // SAFETY: by the contract of `new`; all fields are atomics, so any bytes are valid.
        unsafe { &*self.at.cast::<RecordHead>() }
    }
}

impl<'a> Record<'a> {
    /// The record at this address.
    ///
    /// # Safety
    /// For as long as `'a`, the [`RECORD_REACH`] bytes from `at`, a multiple of [`LINE`], must be
    /// part of one mapping that is only reached as atomics.
    #[inline(always)]
    pub(crate) unsafe fn new(at: *const u8) -> Record<'a> {
        let mut at = at;
        // SAFETY: no instruction. Makes the compiler compute the address once and for all: CPUs pass
        // a value from a store to the next load faster if neither adds an index to the address.
        unsafe {
            core::arch::asm!("/* {0} */", inout(reg) at,
                options(readonly, nostack, preserves_flags));
        }
        Record { at, arena: PhantomData }
    }

    /// The link of a block.
    #[inline(always)]
    pub(crate) fn link(self, block: u16) -> &'a AtomicU16 {
        let place = size_of::<RecordHead>() + usize::from(block) * 2;
        // SAFETY: within reach, by the contract of `new`, and a multiple of two like the start.
        unsafe { &*self.at.add(place).cast::<AtomicU16>() }
    }

    /// Takes the first block out of the list of free blocks and marks it allocated. Returns its place
    /// + 1, or 0 if there is none.
    #[inline(always)]
    pub(crate) fn pop<T: Metadata>(self) -> u32 {
        let head = self.head.load(Relaxed);
        if head != 0 {
            let block = Class::block_at_place(head - 1, self.reciprocal.load(Relaxed));
            // Of forged numbers, the lower half leads anywhere in reach.
            let link = self.link(T::bound(block, u16::MAX.into()) as u16);
            self.head.store(read_own(link).into(), Relaxed);
            link.store(ALLOCATED, Relaxed);
        }
        head
    }

    /// Puts an allocated block, which has this place, in front of the list of free blocks. False, and
    /// nothing changed, if it is not allocated.
    #[inline(always)]
    pub(crate) fn push(self, block: u16, place: u32) -> bool {
        let link = self.link(block);
        if read_own(link) != ALLOCATED {
            return false;
        }
        link.store(self.head.load(Relaxed) as u16, Relaxed);
        self.head.store(place + 1, Relaxed);
        true
    }

    /// Counts one block of the slab less as allocated. False if there is something to be done about
    /// the slab now.
    #[inline(always)]
    pub(crate) fn count_down(self) -> bool {
        let countdown = self.countdown.as_ptr();
        // SAFETY: inside the record, and only the owner of the slab ever reads or writes it. Not as
        // an atomic, because one instruction can do it then.
        unsafe {
            *countdown = (*countdown).wrapping_sub(1);
            *countdown != 0
        }
    }

    /// How many blocks of a slab of this class are allocated, if its state says it.
    pub(crate) fn allocated(self, class: Class) -> Option<u32> {
        let end = match self.state.load(Relaxed) {
            state if state == State::Full as u16 => class.worthwhile_at(),
            state if state == State::Listed as u16 => 0,
            _ => return None,
        };
        Some(end.wrapping_add(self.countdown.load(Relaxed)).min(class.blocks()))
    }

    /// Puts a slab of this class in a state where the number of its allocated blocks is known.
    pub(crate) fn set_state(self, class: Class, state: State, allocated: u32) {
        let end = if state == State::Full { class.worthwhile_at() } else { 0 };
        self.countdown.store(allocated.wrapping_sub(end), Relaxed);
        self.state.store(state as u16, Relaxed);
    }

    /// Looks at all blocks of a slab of this class: how many are allocated?
    pub(crate) fn count_allocated(self, class: Class) -> u32 {
        if self.head.load(Relaxed) == 0 && u32::from(self.ready.load(Relaxed)) >= class.blocks() {
            return class.blocks();
        }
        let links = 0..class.blocks() as u16;
        links.map(|block| u32::from(self.link(block).load(Relaxed) == ALLOCATED)).sum()
    }

    /// Puts more blocks that have never been used in the list, which must be empty. False if there
    /// are none.
    pub(crate) fn make_ready(self, class: Class) -> bool {
        let (blocks, ready) = (class.blocks() as u16, self.ready.load(Relaxed));
        if ready >= blocks {
            return false;
        }
        let from = ((self.first(class) + u32::from(ready)) % u32::from(blocks)) as u16;
        let count = READY_STEP.min(blocks - ready).min(blocks - from);
        let links = self.link(from).as_ptr();
        let (first, distance) = (class.place(from.into()) as u16 + 1, class.place(1) as u16);
        for index in 0..count - 1 {
            // SAFETY: within reach, like `link`. Not as atomics, so that the compiler can write many
            // at once: no honest thread looks at the link of a block that has not been allocated.
            unsafe { *links.add(index.into()) = first + (index + 1) * distance };
        }
        self.link(from + count - 1).store(0, Relaxed);
        self.ready.store(ready + count, Relaxed);
        self.head.store(first.into(), Relaxed);
        true
    }

    /// Puts all blocks that are not allocated in the list, whatever it held.
    pub(crate) fn make_list(self, class: Class) {
        let blocks = class.blocks() as u16;
        let mut head = 0;
        for block in (0..blocks).rev() {
            if self.link(block).load(Relaxed) != ALLOCATED {
                self.link(block).store(head, Relaxed);
                head = class.place(block.into()) as u16 + 1;
            }
        }
        self.head.store(head.into(), Relaxed);
        self.ready.store(blocks, Relaxed);
    }

    /// Begins a slab at this unit, with no block ready. No link says "allocated": they are zero, or
    /// what a slab left that has become empty.
    pub(crate) fn begin(self, class: Class, unit: u32) {
        let offset = u64::from(unit) << UNIT_SHIFT;
        self.base.store(offset.wrapping_sub(MIN_ALIGN as u64), Relaxed);
        self.reciprocal.store(class.reciprocal(), Relaxed);
        self.head.store(0, Relaxed);
        self.ready.store(0, Relaxed);
    }

    /// The slab's first unit.
    pub(crate) fn unit(self) -> u32 {
        let offset = self.base.load(Relaxed).wrapping_add(MIN_ALIGN as u64);
        (offset >> UNIT_SHIFT) as u32
    }

    /// Number of the block that is made ready first. The others follow it, the first one the last.
    ///
    /// Slabs start at multiples of 64 KiB, hence in the same cache sets. Where their first blocks
    /// are should differ. (Knuth's multiplicative hash.)
    fn first(self, class: Class) -> u32 {
        let hash = u64::from(self.unit().wrapping_mul(0x9e37_79b1));
        ((hash * u64::from(class.blocks())) >> 32) as u32
    }
}

/// Reads a link of a slab that the caller owns, in one instruction that also makes the number wider.
#[inline(always)]
fn read_own(link: &AtomicU16) -> u16 {
    // SAFETY: only the owner writes links, hence nobody now.
    unsafe { *link.as_ptr() }
}

/// How many blocks are made ready at once: enough to make it rare, few enough to leave the rest of
/// the record untouched if they are not needed.
const READY_STEP: u16 = 128;

/// Size of the record of a slab of this class, in lines.
pub(crate) fn record_lines(class: Class) -> u32 {
    (size_of::<RecordHead>() as u32 + class.links() * 2).div_ceil(LINE as u32)
}

/// Lines of the largest record.
pub(crate) const MOST_LINES: u32 =
    (size_of::<RecordHead>() as u32 + (1 << 12) * 2).div_ceil(LINE as u32);

/// Where the owner of a slab keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
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
    pub(crate) summary: Shared64,
    /// Unit number + 1 of the next slab in the owner's stack of slabs with news; 0 at the end.
    pub(crate) next: Shared32,
    _pad: [u32; 13],
    /// Blocks freed by other threads.
    pub(crate) words: [Shared64; WORDS],
}

/// The state of 64 consecutive units, one bit each.
#[repr(C)]
pub(crate) struct UnitMaps {
    /// Taken.
    pub(crate) used: Shared64,
    /// Free, but its pages still hold old contents.
    pub(crate) dirty: Shared64,
    /// Was dirty already when the last purge looked.
    pub(crate) old: Shared64,
    /// The last page of the unit is inaccessible.
    pub(crate) guarded: Shared64,
}

const _: () = assert!(size_of::<Remote>() == REMOTE_SIZE);
const _: () = assert!(size_of::<UnitMaps>() == UNIT_MAPS_SIZE);
const _: () = assert!(CLASSES <= 1 << 8);
