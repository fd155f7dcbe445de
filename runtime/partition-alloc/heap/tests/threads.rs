//! Several threads: blocks travel, threads end, memory comes back.

mod common;

use std::sync::{
    Barrier,
    atomic::{AtomicUsize, Ordering},
};

use common::{Random, TestHeap, TestSlot};

const THREADS: usize = 4;

/// Fills a block with something its address determines.
fn mark(block: *mut u8, size: usize) {
    // SAFETY: a block of at least 16 bytes, `size` of them ours.
    unsafe {
        block.cast::<usize>().write(size);
        block.add(8).write_bytes(block.addr() as u8 ^ (block.addr() >> 8) as u8, size - 8);
    }
}

fn check(block: *mut u8) {
    // SAFETY: `mark` wrote it.
    unsafe {
        let size = block.cast::<usize>().read();
        let fill = block.addr() as u8 ^ (block.addr() >> 8) as u8;
        let bytes = std::slice::from_raw_parts(block.add(8), size - 8);
        assert!(bytes.iter().all(|byte| *byte == fill), "contents changed");
    }
}

#[test]
fn blocks_may_be_freed_by_any_thread() {
    let heap = TestHeap::new();
    let table: Vec<AtomicUsize> = (0..2000).map(|_| AtomicUsize::new(0)).collect();
    std::thread::scope(|scope| {
        for id in 0..THREADS {
            let (heap, table) = (&heap, &table);
            scope.spawn(move || {
                let mut random = Random(0x9e37_79b9 + id as u64);
                // Several caches, one after the other, as if by several threads.
                for _ in 0..6 {
                    let slot = TestSlot::default();
                    for _ in 0..6000 {
                        let size = random.size(100_000).max(16);
                        let block = heap.malloc(&slot, size);
                        mark(block, size);
                        let cell = &table[random.below(table.len())];
                        let old = cell.swap(block.expose_provenance(), Ordering::AcqRel);
                        if old != 0 {
                            let old = std::ptr::with_exposed_provenance_mut(old);
                            check(old);
                            heap.free(&slot, old).unwrap();
                        }
                    }
                    heap.arena.detach(&slot).unwrap();
                }
            });
        }
    });
    let slot = TestSlot::default();
    for cell in &table {
        let block = std::ptr::with_exposed_provenance_mut::<u8>(cell.load(Ordering::Acquire));
        if !block.is_null() {
            check(block);
            heap.free(&slot, block).unwrap();
        }
    }
    heap.arena.detach(&slot).unwrap();
    assert_eq!(heap.arena.held(), 0, "slabs of finished threads were not given back");
}

#[test]
fn a_producers_memory_is_used_again() {
    let heap = TestHeap::new();
    let (sender, receiver) = std::sync::mpsc::sync_channel::<usize>(500);
    std::thread::scope(|scope| {
        let heap = &heap;
        scope.spawn(move || {
            let slot = TestSlot::default();
            for _ in 0..200_000 {
                sender.send(heap.malloc(&slot, 100).expose_provenance()).unwrap();
            }
            heap.arena.detach(&slot).unwrap();
        });
        let slot = TestSlot::default();
        for block in receiver {
            heap.free(&slot, std::ptr::with_exposed_provenance_mut(block)).unwrap();
        }
    });
    // 200,000 blocks of 112 bytes would be 22 MB.
    let peak = heap.arena.held() + heap.arena.dirty();
    assert!(peak < 2 << 20, "{peak} bytes for 500 blocks");
    assert_eq!(heap.arena.held(), 0);
}

#[test]
fn new_threads_take_over_from_those_that_ended() {
    let heap = TestHeap::new();
    let mut kept = Vec::new();
    for round in 0..2000 {
        let slot = TestSlot::default();
        for size in [24, 100, 3000] {
            heap.free(&slot, heap.malloc(&slot, size)).unwrap();
        }
        if round % 10 == 0 {
            kept.push(heap.malloc(&slot, 64));
        }
        heap.arena.detach(&slot).unwrap();
        assert_eq!(slot_token(&slot), 0);
    }
    assert!(heap.arena.held() <= 64 << 10, "200 blocks of 64 bytes fit in one slab");
    let slot = TestSlot::default();
    kept.into_iter().for_each(|block| heap.free(&slot, block).unwrap());
    heap.arena.detach(&slot).unwrap();
    assert_eq!(heap.arena.held(), 0);
}

fn slot_token(slot: &TestSlot) -> u64 {
    partition_heap::Slot::token(slot)
}

#[test]
fn slabs_left_behind_serve_threads_that_go_on() {
    let heap = TestHeap::new();
    let (worker, main) = (TestSlot::default(), TestSlot::default());
    let _own_cache = heap.malloc(&main, 5000);
    let blocks: Vec<_> = (0..2000).map(|_| heap.malloc(&worker, 512)).collect();
    for block in blocks.iter().step_by(2) {
        heap.free(&worker, *block).unwrap();
    }
    heap.arena.detach(&worker).unwrap();
    let held = heap.arena.held();
    for _ in 0..900 {
        let _ = heap.malloc(&main, 512);
    }
    assert_eq!(heap.arena.held(), held, "room was left in the worker's slabs");
}

#[test]
fn many_live_threads_have_caches_of_their_own() {
    const MANY: usize = 300;
    let heap = TestHeap::new();
    let barrier = Barrier::new(MANY);
    std::thread::scope(|scope| {
        for _ in 0..MANY {
            let (heap, barrier) = (&heap, &barrier);
            let work = move || {
                let slot = TestSlot::default();
                let block = heap.malloc(&slot, 200);
                mark(block, 200);
                barrier.wait();
                check(block);
                heap.free(&slot, block).unwrap();
                heap.arena.detach(&slot).unwrap();
            };
            std::thread::Builder::new().stack_size(64 << 10).spawn_scoped(scope, work).unwrap();
        }
    });
    assert_eq!(heap.arena.held(), 0);
}
