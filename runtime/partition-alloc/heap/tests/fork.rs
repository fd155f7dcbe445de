//! A fork at any moment, from any thread, leaves a child whose heap works.

mod common;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use common::{
    Random, TestHeap, TestSlot,
    child::{End, in_child},
};

/// Allocates and frees for a while, checking contents.
fn exercise(heap: &TestHeap, slot: &TestSlot, seed: u64, steps: usize) {
    let mut random = Random(seed);
    let mut live: Vec<(*mut u8, usize, u8)> = Vec::new();
    for _ in 0..steps {
        if live.len() > 200 || live.len() > 10 && random.below(2) == 0 {
            let (block, size, fill) = live.swap_remove(random.below(live.len()));
            // SAFETY: alive, and filled when it was allocated.
            let bytes = unsafe { std::slice::from_raw_parts(block, size) };
            assert!(bytes.iter().all(|byte| *byte == fill), "contents changed");
            heap.free(slot, block).unwrap();
        } else {
            let (size, fill) = (random.size(100_000).max(1), random.next() as u8);
            let block = heap.malloc(slot, size);
            // SAFETY: a block of this size.
            unsafe { block.write_bytes(fill, size) };
            live.push((block, size, fill));
        }
    }
    live.into_iter().for_each(|(block, ..)| heap.free(slot, block).unwrap());
}

#[test]
fn children_of_a_busy_process_can_allocate() {
    let (heap, done) = (TestHeap::new(), AtomicBool::new(false));
    let exchange: Vec<std::sync::Mutex<Vec<usize>>> = (0..3).map(|_| Default::default()).collect();
    std::thread::scope(|scope| {
        for id in 0..3usize {
            let (heap, done, exchange) = (&heap, &done, &exchange);
            scope.spawn(move || {
                let mut round = 0;
                while !done.load(Relaxed) {
                    let slot = TestSlot::default();
                    exercise(heap, &slot, 99 + id as u64 + round * 3, 800);
                    // Some blocks are freed by another thread.
                    let own = (0..50).map(|n| heap.malloc(&slot, n * 40).expose_provenance());
                    exchange[id].lock().unwrap().extend(own);
                    let others = std::mem::take(&mut *exchange[(id + 1) % 3].lock().unwrap());
                    for block in others {
                        heap.free(&slot, std::ptr::with_exposed_provenance_mut(block)).unwrap();
                    }
                    heap.arena.detach(&slot).unwrap();
                    round += 1;
                }
            });
        }
        let slot = TestSlot::default();
        let mine: Vec<_> = (0..300usize).map(|n| (heap.malloc(&slot, n * 30), n)).collect();
        for (block, n) in &mine {
            // SAFETY: a block of this size.
            unsafe { block.write_bytes(*n as u8, n * 30) };
        }
        for round in 0..150 {
            let end = in_child(|| {
                if round % 3 != 0 {
                    heap.arena.recover_after_fork(&slot).unwrap();
                }
                exercise(&heap, &slot, 7 + round, 400);
                // A new thread's cache.
                exercise(&heap, &TestSlot::default(), 70 + round, 400);
                for (block, n) in &mine {
                    // SAFETY: alive and filled.
                    let bytes = unsafe { std::slice::from_raw_parts(*block, n * 30) };
                    assert!(bytes.iter().all(|byte| *byte == *n as u8), "contents changed");
                    heap.free(&slot, *block).unwrap();
                }
                0
            });
            assert_eq!(end, End::Exit(0), "round {round}");
        }
        done.store(true, Relaxed);
        mine.iter().for_each(|(block, _)| heap.free(&slot, *block).unwrap());
    });
}

#[test]
fn a_child_gets_the_memory_of_the_other_threads_back() {
    let heap = TestHeap::new();
    let (survivor, lost) = (TestSlot::default(), TestSlot::default());
    let _alive = heap.malloc(&survivor, 100);
    let blocks: Vec<_> = (0..5000).map(|_| heap.malloc(&lost, 700)).collect();
    let end = in_child(|| {
        for block in &blocks {
            heap.free(&survivor, *block).unwrap();
        }
        assert!(heap.arena.held() > 3_000_000, "nobody takes the other thread's news");
        heap.arena.recover_after_fork(&survivor).unwrap();
        i32::from(heap.arena.held() > 300_000)
    });
    assert_eq!(end, End::Exit(0));
}
