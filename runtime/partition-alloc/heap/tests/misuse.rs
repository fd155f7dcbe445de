//! Wrong frees are named, whatever kind of block they hit and whichever thread makes them.

mod common;

use common::{TestHeap, TestSlot};
use partition_heap::{Failure, GuardMethod, MisuseKind};

const SIZES: [usize; 8] = [1, 16, 100, 1000, 8000, 9000, 32_000, 200_000];

#[test]
fn a_second_free_is_a_double_free() {
    for size in SIZES {
        let (heap, slot) = (TestHeap::new(), TestSlot::default());
        let (block, _other) = (heap.malloc(&slot, size), heap.malloc(&slot, size));
        heap.free(&slot, block).unwrap();
        let misuse = heap.free(&slot, block).unwrap_err();
        // The units of a span are free as soon as the span is.
        let expected = if size > 100_000 { MisuseKind::NoBlock } else { MisuseKind::AlreadyFree };
        assert_eq!((misuse.kind, misuse.offset), (expected, heap.offset(block)), "{size}");
        let resized = heap.arena.reallocate(&slot, heap.offset(block), size).unwrap_err();
        assert_eq!(resized, Failure::Misuse(misuse));
        assert_eq!(heap.arena.usable_size(heap.offset(block)), Err(misuse));
    }
}

#[test]
fn a_double_free_across_threads_is_found_in_any_order() {
    for size in &SIZES[..7] {
        for owner_first in [false, true] {
            let (heap, owner, other) = (TestHeap::new(), TestSlot::default(), TestSlot::default());
            // The other thread has a cache too.
            let _ = heap.malloc(&other, *size);
            let block = heap.malloc(&owner, *size);
            let (first, second) = if owner_first { (&owner, &other) } else { (&other, &owner) };
            heap.free(first, block).unwrap();
            let misuse = heap.free(second, block).unwrap_err();
            assert_eq!(misuse.kind, MisuseKind::AlreadyFree, "{size} {owner_first}");
        }
    }
}

#[test]
fn two_other_threads_cannot_free_the_same_block() {
    let heap = TestHeap::new();
    let (owner, a, b) = (TestSlot::default(), TestSlot::default(), TestSlot::default());
    let block = heap.malloc(&owner, 64);
    heap.free(&a, block).unwrap();
    assert_eq!(heap.free(&b, block).unwrap_err().kind, MisuseKind::AlreadyFree);
    assert_eq!(heap.free(&a, block).unwrap_err().kind, MisuseKind::AlreadyFree);
}

#[test]
fn addresses_without_a_block_are_named() {
    let (heap, slot) = (TestHeap::new(), TestSlot::default());
    let block = heap.malloc(&slot, 48);
    let far = heap.arena.address(heap.arena.geometry().data_size() - 16);
    for address in [block.wrapping_add(48 * 200), block.wrapping_add(1 << 20), far] {
        let misuse = heap.free(&slot, address).unwrap_err();
        let expected = [MisuseKind::NoBlock, MisuseKind::AlreadyFree];
        assert!(expected.contains(&misuse.kind), "{misuse:?}");
    }
    // The rest behind the last block, and the guard page.
    let rest = block.wrapping_add((1 << 16) - 4096);
    assert_eq!(heap.free(&slot, rest).unwrap_err().kind, MisuseKind::NoBlock);
    assert_eq!(heap.free(&slot, block.wrapping_add(8)).unwrap_err().kind, MisuseKind::NotAStart(8));
    let span = heap.malloc(&slot, 300_000);
    let inside = span.wrapping_add(200_000);
    assert_eq!(heap.free(&slot, inside).unwrap_err().kind, MisuseKind::NotAStart(200_000));
    heap.free(&slot, span).unwrap();
    assert_eq!(heap.free(&slot, inside).unwrap_err().kind, MisuseKind::NoBlock);
}

#[test]
fn a_limit_is_no_memory_and_no_misuse() {
    let heap = TestHeap::with(30, 1 << 20, GuardMethod::Protection);
    let slot = TestSlot::default();
    let blocks: Vec<_> = std::iter::from_fn(|| heap.try_malloc(&slot, 1000).ok()).collect();
    assert!(blocks.len() > 900 && blocks.len() <= 1048, "{} blocks", blocks.len());
    assert_eq!(heap.try_malloc(&slot, 1000), Err(Failure::NoMemory));
    assert_eq!(heap.try_malloc(&slot, 1_000_000), Err(Failure::NoMemory));
    for block in blocks {
        heap.free(&slot, block).unwrap();
    }
    let large = heap.try_malloc(&slot, 900_000).unwrap();
    let grown = heap.arena.reallocate(&slot, heap.offset(large), 2_000_000);
    assert_eq!(grown, Err(Failure::NoMemory));
    heap.free(&slot, large).unwrap();
}

#[test]
fn an_exhausted_arena_is_no_memory() {
    let (heap, slot) = (TestHeap::with(26, 0, GuardMethod::Protection), TestSlot::default());
    assert_eq!(heap.try_malloc(&slot, 64 << 20), Err(Failure::NoMemory));
    assert_eq!(heap.try_malloc(&slot, usize::MAX), Err(Failure::NoMemory));
    assert_eq!(heap.try_malloc(&slot, isize::MAX as usize), Err(Failure::NoMemory));
    let mut blocks: Vec<_> = std::iter::from_fn(|| heap.try_malloc(&slot, 60_000).ok()).collect();
    assert_eq!(blocks.len(), 1024);
    assert_eq!(heap.try_malloc(&slot, 16), Err(Failure::NoMemory));
    heap.free(&slot, blocks.swap_remove(500)).unwrap();
    assert!(heap.try_malloc(&slot, 16).is_ok());
}
