//! A heap in a mapping of its own, as the library makes them, on key 0 and for any CPU.
#![allow(dead_code, reason = "every test file is a program of its own and uses a part of this")]

pub(crate) mod child;

use std::cell::Cell;

use partition_heap::{
    Arena, Class, Failure, Geometry, GuardMethod, Kernel, Misuse, Open, Slot, class::CLASSES,
};
use pkru::Pkey;
use sys::syscall::{Protection, map_anonymous, unmap};

/// A slot in local variables.
pub(crate) struct TestSlot {
    token: Cell<u64>,
    current: [Cell<u64>; CLASSES],
}

impl Default for TestSlot {
    fn default() -> TestSlot {
        TestSlot { token: Cell::new(0), current: [const { Cell::new(0) }; CLASSES] }
    }
}

impl Slot for TestSlot {
    fn token(&self) -> u64 {
        self.token.get()
    }

    fn set_token(&self, token: u64) {
        self.token.set(token);
    }

    fn current(&self, class: Class) -> u64 {
        self.current[usize::from(class.byte())].get()
    }

    fn set_current(&self, class: Class, place: u64) {
        self.current[usize::from(class.byte())].set(place);
    }
}

/// A heap and its mapping.
pub(crate) struct TestHeap {
    pub(crate) arena: Arena<Kernel>,
    start: usize,
    length: usize,
}

/// Which guards the tests use unless they say otherwise: those every kernel has.
pub(crate) const GUARDS: GuardMethod = GuardMethod::Protection;

impl TestHeap {
    pub(crate) fn new() -> TestHeap {
        TestHeap::with(30, 0, GUARDS)
    }

    pub(crate) fn with(data_shift: u32, limit: usize, guards: GuardMethod) -> TestHeap {
        TestHeap::inside(data_shift, limit, guards, 0)
    }

    /// A heap with `margin` inaccessible bytes on both sides.
    pub(crate) fn inside(
        data_shift: u32,
        limit: usize,
        guards: GuardMethod,
        margin: usize,
    ) -> TestHeap {
        let geometry = Geometry::new(data_shift);
        let length = geometry.arena_size() + (1 << 16) + 2 * margin;
        // MAP_NORESERVE, as the library does.
        // SAFETY: a new mapping.
        let start = unsafe { map_anonymous(0, length, Protection::NONE, 0x4000) }.unwrap();
        let base = (start + margin).next_multiple_of(1 << 16);
        let base = std::ptr::with_exposed_provenance_mut(base);
        // SAFETY: the range is in the new mapping, zero, and only this heap uses it.
        let arena =
            unsafe { Arena::new(base, geometry, limit, Kernel::new(Pkey::UNTRUSTED, guards)) };
        assert!(arena.prepare());
        TestHeap { arena, start, length }
    }

    pub(crate) fn malloc(&self, slot: &TestSlot, size: usize) -> *mut u8 {
        let quick = self.arena.allocate_simply::<Open>(slot, size);
        quick.unwrap_or_else(|| self.arena.allocate(slot, size).unwrap().address)
    }

    pub(crate) fn try_malloc(&self, slot: &TestSlot, size: usize) -> Result<*mut u8, Failure> {
        self.arena.allocate(slot, size).map(|block| block.address)
    }

    pub(crate) fn free(&self, slot: &TestSlot, block: *mut u8) -> Result<(), Misuse> {
        self.arena.free(slot, self.offset(block))
    }

    pub(crate) fn offset(&self, block: *mut u8) -> usize {
        self.arena.offset_of(block).expect("an address of this heap")
    }

    /// The address of the metadata, and its length.
    pub(crate) fn metadata(&self) -> (usize, usize) {
        let g = self.arena.geometry();
        (self.arena.address(g.control).addr(), g.end - g.control)
    }
}

impl Drop for TestHeap {
    fn drop(&mut self) {
        // SAFETY: nobody uses the heap any more.
        unsafe { unmap(self.start, self.length) }.unwrap();
    }
}

/// The same numbers in every run (xorshift; Marsaglia, 2003).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end
    }

    /// Mostly small sizes, some up to `most`.
    pub(crate) fn size(&mut self, most: usize) -> usize {
        let limit = [48, 256, 2048, 40_000, most][self.below(16).saturating_sub(11)];
        self.below(limit.min(most) + 1)
    }
}
