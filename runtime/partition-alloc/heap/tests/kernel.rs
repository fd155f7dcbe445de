//! What the heap does with the kernel's memory: guards, and giving it back.

mod common;

use std::ffi::{c_int, c_void};

use common::{
    TestHeap, TestSlot,
    child::{End, SIGSEGV, in_child},
};
use partition_heap::{GuardMethod, Kernel};
use sys::syscall::{Protection, map_anonymous};

unsafe extern "C" {
    fn mincore(start: *mut c_void, length: usize, vector: *mut u8) -> c_int;
}

/// Pages of the heap's units that are in memory.
fn resident(heap: &TestHeap, units: usize) -> usize {
    let mut vector = vec![0u8; units * 16];
    let start = heap.arena.address(0).cast();
    // SAFETY: asks about the heap's mapping; the vector has a byte per page.
    assert_eq!(unsafe { mincore(start, units << 16, vector.as_mut_ptr()) }, 0);
    vector.iter().filter(|page| **page & 1 == 1).count()
}

/// The guards this kernel can have.
fn methods() -> Vec<GuardMethod> {
    // SAFETY: a new page, which stays ours.
    let best = unsafe {
        let page = map_anonymous(0, 4096, Protection::NONE, 0).unwrap();
        Kernel::probe_guards(std::ptr::with_exposed_provenance_mut(page))
    };
    if best == GuardMethod::Marker {
        vec![GuardMethod::Marker, GuardMethod::Protection]
    } else {
        vec![GuardMethod::Protection]
    }
}

#[test]
fn overflows_run_into_guard_pages() {
    for guards in methods() {
        let (heap, slot) = (TestHeap::with(30, 0, guards), TestSlot::default());
        for size in [16, 4096, 20_000, 61_440, 500_000] {
            let block = heap.malloc(&slot, size);
            let units = if size > 8192 { 8 } else { 1 };
            // Twice, the second time with what the first left behind.
            for _ in 0..2 {
                let overflow = || {
                    // SAFETY: none; the child is meant to fault before it leaves slab or span.
                    unsafe { block.write_bytes(1, size.next_multiple_of(units << 16)) };
                    0
                };
                assert_eq!(in_child(overflow), End::Signal(SIGSEGV), "{guards:?} {size}");
            }
            heap.free(&slot, block).unwrap();
        }
        // Guards of small spans are inside this one, and must be gone.
        let block = heap.malloc(&slot, 3_000_000);
        // SAFETY: a block of this size.
        unsafe { block.write_bytes(1, 3_000_000) };
        heap.free(&slot, block).unwrap();
    }
}

#[test]
fn freed_memory_goes_back_to_the_kernel() {
    let (heap, slot) = (TestHeap::new(), TestSlot::default());
    let blocks: Vec<_> = (0..70_000)
        .map(|_| {
            let block = heap.malloc(&slot, 1000);
            // SAFETY: a block of this size.
            unsafe { block.write_bytes(1, 1000) };
            block
        })
        .collect();
    let units = 1300;
    assert!(resident(&heap, units) > 17_000);
    blocks.into_iter().for_each(|block| heap.free(&slot, block).unwrap());
    let kept = resident(&heap, units);
    assert!(kept < 5000, "{kept} pages of 70 MB stayed");
    // What stayed goes when it is old; the heap looks when units are freed.
    for _ in 0..3 {
        std::thread::sleep(std::time::Duration::from_millis(600));
        let span = heap.malloc(&slot, 40_000);
        heap.free(&slot, span).unwrap();
    }
    let kept = resident(&heap, units);
    assert!(kept < 200, "{kept} pages stayed for more than a second");
}

#[test]
fn memory_that_was_given_back_reads_as_zero() {
    let (heap, slot) = (TestHeap::new(), TestSlot::default());
    let (mut clean, mut used) = (0, 0);
    for _ in 0..200 {
        let block = heap.arena.allocate(&slot, 5_000_000).unwrap();
        if block.clean {
            // SAFETY: a block of this size.
            let bytes = unsafe { std::slice::from_raw_parts(block.address, 5_000_000) };
            assert!(bytes.iter().all(|byte| *byte == 0));
            clean += 1;
        } else {
            used += 1;
        }
        // SAFETY: as above.
        unsafe { block.address.write_bytes(0xff, 5_000_000) };
        heap.free(&slot, block.address).unwrap();
    }
    assert!(clean > 0 && used > 0, "{clean} clean, {used} used again");
}

#[test]
fn mappings_stay_few() {
    for guards in methods() {
        const BITS: u32 = 34;
        let (heap, slot) = (TestHeap::with(BITS, 0, guards), TestSlot::default());
        let blocks: Vec<_> = (0..30_000).map(|_| heap.malloc(&slot, 40_000)).collect();
        let start = heap.arena.address(0).addr();
        let count = mappings(start..start + (1 << BITS));
        assert!(count < 2500, "{count} mappings for 30,000 spans with {guards:?}");
        blocks.into_iter().for_each(|block| heap.free(&slot, block).unwrap());
    }
}

/// Mappings that begin in a range; other tests map memory elsewhere at the same time.
fn mappings(range: std::ops::Range<usize>) -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let starts = maps.lines().map(|line| {
        let (start, _) = line.split_once('-').unwrap();
        usize::from_str_radix(start, 16).unwrap()
    });
    starts.filter(|start| range.contains(start)).count()
}
