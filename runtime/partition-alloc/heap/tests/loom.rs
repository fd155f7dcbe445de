//! What threads tell each other without a lock, in every order that the memory model allows and that
//! interrupts threads at most twice. What only the owner of a slab writes (records) is not part of the
//! model, nor are counters.
//!
//! `cargo test -p partition-heap --features loom --test loom --release`

use std::ptr::with_exposed_provenance_mut;
use std::sync::Arc as Shared;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::model::Builder;
use loom::thread;
use partition_heap::{
    Arena, Geometry, GuardMethod, Kernel, Memory, Misuse, MisuseKind, forget_words,
};
use pkru::Pkey;
use sys::syscall::{Protection, map_anonymous, unmap};

mod common;
use common::TestSlot;

/// The kernel's memory, with a clock that stands still: every run must be like the one before.
struct Timeless(Kernel);

impl Memory for Timeless {
    fn commit(&self, start: *mut u8, length: usize) -> bool {
        self.0.commit(start, length)
    }
    fn reveal(&self, start: *mut u8, length: usize) -> bool {
        self.0.reveal(start, length)
    }
    fn discard(&self, start: *mut u8, length: usize) -> bool {
        self.0.discard(start, length)
    }
    fn guard(&self, page: *mut u8) -> bool {
        self.0.guard(page)
    }
    fn unguard(&self, start: *mut u8, length: usize) -> bool {
        self.0.unguard(start, length)
    }
    fn most_guards(&self) -> u32 {
        self.0.most_guards()
    }
    fn milliseconds(&self) -> u64 {
        0
    }
}

/// A heap in a mapping of its own.
struct Heap {
    arena: Arena<Timeless>,
    start: usize,
    length: usize,
}

impl Heap {
    fn new() -> Shared<Heap> {
        forget_words();
        let geometry = Geometry::new(30);
        let length = geometry.arena_size() + (1 << 16);
        // SAFETY: a new mapping (MAP_NORESERVE).
        let start = unsafe { map_anonymous(0, length, Protection::NONE, 0x4000) }.unwrap();
        let base = with_exposed_provenance_mut(start.next_multiple_of(1 << 16));
        // SAFETY: the range is in the new mapping, zero, and only this heap uses it.
        let arena = unsafe {
            let memory = Timeless(Kernel::new(Pkey::UNTRUSTED, GuardMethod::Protection));
            Arena::new(base, geometry, 0, memory)
        };
        assert!(arena.prepare());
        Shared::new(Heap { arena, start, length })
    }

    /// Two blocks of a slab of this slot's.
    fn two_blocks(&self, slot: &TestSlot) -> [usize; 2] {
        let blocks = [self.malloc(slot), self.malloc(slot)];
        self.arena.touch(3, 4);
        blocks
    }

    fn malloc(&self, slot: &TestSlot) -> usize {
        self.arena.offset_of(self.arena.allocate(slot, SIZE).unwrap().address).unwrap()
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        forget_words();
        // SAFETY: nobody uses the heap any more.
        unsafe { unmap(self.start, self.length) }.unwrap();
    }
}

/// Few blocks of this size make a slab.
const SIZE: usize = 8 << 10;

/// Runs a test in these orders, of which there must be several.
fn check(test: impl Fn() + Sync + Send + 'static) {
    let runs = Shared::new(AtomicUsize::new(0));
    let counted = Shared::clone(&runs);
    let mut builder = Builder::new();
    builder.max_branches = 10_000;
    // With three threads all orders would take hours; these find what was broken for a try.
    builder.preemption_bound = Some(2);
    builder.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        test();
    });
    assert!(runs.load(Ordering::Relaxed) > 1, "there is nothing to try");
}

/// Frees a block in a thread that has no cache.
fn free_elsewhere(heap: &Shared<Heap>, block: usize) -> thread::JoinHandle<Result<(), Misuse>> {
    let heap = Shared::clone(heap);
    thread::spawn(move || heap.arena.free(&TestSlot::default(), block))
}

#[test]
fn news_reach_an_owner_that_goes_away() {
    check(|| {
        let heap = Heap::new();
        let slot = TestSlot::default();
        let blocks = heap.two_blocks(&slot);
        let others = blocks.map(|block| free_elsewhere(&heap, block));
        heap.arena.detach(&slot).unwrap();
        for other in others {
            other.join().unwrap().unwrap();
        }
        assert_eq!(heap.arena.held(), 0, "a freed block got lost");
    });
}

#[test]
fn news_reach_an_owner_that_frees_as_well() {
    check(|| {
        let heap = Heap::new();
        let slot = TestSlot::default();
        let [mine, others] = heap.two_blocks(&slot);
        let other = free_elsewhere(&heap, others);
        heap.arena.free(&slot, mine).unwrap();
        heap.arena.detach(&slot).unwrap();
        other.join().unwrap().unwrap();
        assert_eq!(heap.arena.held(), 0, "a freed block got lost");
    });
}

#[test]
fn freeing_twice_at_the_same_time_is_noticed_once() {
    check(|| {
        let heap = Heap::new();
        let slot = TestSlot::default();
        let [block, _kept] = heap.two_blocks(&slot);
        let others = [block, block].map(|block| free_elsewhere(&heap, block));
        let found = others.map(|other| other.join().unwrap().err().map(|misuse| misuse.kind));
        let one = Some(MisuseKind::AlreadyFree);
        assert!(found == [one, None] || found == [None, one], "{found:?}");
        heap.arena.detach(&slot).unwrap();
    });
}

#[test]
fn threads_that_begin_get_caches_of_their_own() {
    check(|| {
        let heap = Heap::new();
        // An idle cache, which both want.
        let slot = TestSlot::default();
        let [kept, _] = heap.two_blocks(&slot);
        heap.arena.detach(&slot).unwrap();
        let other = {
            let heap = Shared::clone(&heap);
            thread::spawn(move || heap.malloc(&TestSlot::default()))
        };
        let blocks = [kept, heap.malloc(&slot), other.join().unwrap()];
        let differ = blocks[0] != blocks[1] && blocks[1] != blocks[2] && blocks[0] != blocks[2];
        assert!(differ, "{blocks:?}");
    });
}
