//! Whoever can write a heap's metadata can ruin that heap, and nothing else: after any change of the
//! metadata, no call touches memory outside the arena, and every call returns.
//!
//! The arena lies in the middle of 128 GiB of inaccessible addresses, so that an offset gone wrong
//! faults; the handler then looks where. Each try is a process of its own.

mod common;

use std::{
    ffi::{c_int, c_void},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use common::{
    GUARDS, Random, TestHeap, TestSlot,
    child::{End, in_child},
};
use partition_heap::{Class, Slot, class::CLASSES};

/// Exit status of a child whose heap was ruined, as it may be.
const CONTAINED: i32 = 42;
/// Exit status of a child that touched something else.
const BREACH: i32 = 43;
const MARGIN: usize = 64 << 30;

static LOW: AtomicUsize = AtomicUsize::new(0);
static HIGH: AtomicUsize = AtomicUsize::new(0);

#[repr(C)]
struct Action {
    handler: extern "C" fn(c_int, *const [u64; 16], *mut c_void),
    mask: [u64; 16],
    flags: c_int,
    restorer: usize,
}

unsafe extern "C" {
    fn sigaction(signal: c_int, new: *const Action, old: *mut c_void) -> c_int;
    fn _exit(status: c_int) -> !;
}

extern "C" fn on_fault(_: c_int, info: *const [u64; 16], _: *mut c_void) {
    // SAFETY: the kernel passes a siginfo, in which the address is the third word. (For a
    // non-canonical address it is 0, which is a breach too.)
    let address = unsafe { (*info)[2] } as usize;
    let contained = (LOW.load(Relaxed)..HIGH.load(Relaxed)).contains(&address);
    // SAFETY: ends the child.
    unsafe { _exit(if contained { CONTAINED } else { BREACH }) }
}

fn watch(heap: &TestHeap) {
    const SA_SIGINFO: c_int = 4;
    let low = heap.arena.address(0).addr();
    LOW.store(low, Relaxed);
    HIGH.store(low + heap.arena.geometry().arena_size(), Relaxed);
    let action = Action { handler: on_fault, mask: [0; 16], flags: SA_SIGINFO, restorer: 0 };
    for signal in [7, 11] {
        // SAFETY: SIGBUS and SIGSEGV of the child get a handler that ends it.
        let result = unsafe { sigaction(signal, &raw const action, std::ptr::null_mut()) };
        assert_eq!(result, 0);
    }
}

/// A value that an attacker might try: small, huge, one bit, or anything.
fn evil(random: &mut Random) -> u64 {
    match random.below(6) {
        0 => random.below(70) as u64,
        1 => u64::MAX << random.below(64),
        2 => 1 << random.below(64),
        3 => random.next() >> random.below(64),
        4 => random.next() << 32 | 0x100 | random.below(256) as u64,
        _ => random.next(),
    }
}

/// Overwrites metadata that is in use: the start of each part, where the first units' is.
fn corrupt(heap: &TestHeap, random: &mut Random) {
    let g = heap.arena.geometry();
    let parts = [
        (g.control, 64),
        (g.idle, 64),
        (g.maps, 256),
        (g.headers, 512),
        (g.homes, 512),
        (g.locals, 5 * 512),
        (g.records, 64 << 10),
        (g.remotes, 40 * 576),
    ];
    for _ in 0..=random.below(4) {
        let (part, length) = parts[random.below(parts.len())];
        let cell = heap.arena.address(part + random.below(length / 8) * 8).cast::<u64>();
        let value = evil(random);
        // SAFETY: the metadata there is accessible since the heap has used it. What this breaks is
        // the point of the test.
        unsafe {
            match random.below(3) {
                0 => cell.cast::<u32>().write_volatile(value as u32),
                1 => cell.cast::<u32>().add(1).write_volatile(value as u32),
                _ => cell.write_volatile(value),
            }
        }
    }
}

/// Uses the heap at random. True if every block it gave lies in the arena.
fn use_heap(
    heap: &TestHeap,
    slots: &[TestSlot],
    live: &mut Vec<*mut u8>,
    random: &mut Random,
    steps: usize,
) -> bool {
    for _ in 0..steps {
        let slot = &slots[random.below(slots.len())];
        let size = random.size(200_000);
        let block = match random.below(8) {
            0..4 => heap.arena.allocate(slot, size).ok().map(|block| block.address),
            4 => {
                let align = 1 << random.below(18);
                heap.arena.allocate_aligned(slot, size, align).ok().map(|block| block.address)
            }
            5 if !live.is_empty() => {
                let old = live.swap_remove(random.below(live.len()));
                let new = heap.arena.reallocate(slot, heap.offset(old), size.max(1));
                new.ok()
            }
            6 if random.below(20) == 0 => {
                let _ = heap.arena.detach(slot);
                None
            }
            _ if !live.is_empty() => {
                let block = live.swap_remove(random.below(live.len()));
                let _ = heap.arena.usable_size(heap.offset(block));
                let _ = heap.free(slot, block);
                None
            }
            _ => None,
        };
        if let Some(block) = block {
            let offset = block.addr().wrapping_sub(LOW.load(Relaxed));
            if offset > heap.arena.geometry().data_size() {
                return false;
            }
            // What a program does with its block. Behind the units this faults, inside the arena.
            // SAFETY: as the heap promises, or contained.
            unsafe { block.write_bytes(1, size) };
            live.push(block);
        }
    }
    true
}

fn attempt(seed: u64) -> End {
    let heap = TestHeap::inside(30, 0, GUARDS, MARGIN);
    in_child(|| {
        watch(&heap);
        let mut random = Random(0x1234_5678_9abc ^ seed << 20);
        let slots = [TestSlot::default(), TestSlot::default(), TestSlot::default()];
        let mut live = Vec::new();
        assert!(use_heap(&heap, &slots, &mut live, &mut random, 600));
        for _ in 0..4 {
            corrupt(&heap, &mut random);
            if random.below(3) == 0 {
                slots[0].set_token(evil(&mut random));
            }
            if random.below(3) == 0 {
                let class = Class::all().nth(random.below(CLASSES - 1)).unwrap();
                slots[1].set_current(class, evil(&mut random));
            }
            if !use_heap(&heap, &slots, &mut live, &mut random, 150) {
                return BREACH;
            }
        }
        let _ = heap.arena.recover_after_fork(&slots[1]);
        let _ = use_heap(&heap, &slots, &mut live, &mut random, 50);
        0
    })
}

#[test]
fn forged_metadata_never_leads_outside_the_arena() {
    let mut ends = [0; 2];
    for seed in 1..=400 {
        match attempt(seed) {
            End::Exit(0) => ends[0] += 1,
            End::Exit(CONTAINED) => ends[1] += 1,
            end => panic!("seed {seed}: {end:?}"),
        }
    }
    // Else the test would not test much.
    assert!(ends[0] > 20 && ends[1] > 20, "{ends:?} went on, faulted inside");
}

#[test]
fn the_watch_sees_an_access_outside() {
    let heap = TestHeap::inside(30, 0, GUARDS, MARGIN);
    let end = in_child(|| {
        watch(&heap);
        // SAFETY: faults, and is meant to.
        unsafe { heap.arena.address(0).wrapping_sub(1 << 20).write_volatile(1) };
        0
    });
    assert_eq!(end, End::Exit(BREACH));
}
