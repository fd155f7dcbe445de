//! Random calls against a model: blocks do not overlap, keep their contents, and are where and as
//! large as promised.

mod common;

use std::collections::BTreeMap;

use common::{Random, TestHeap, TestSlot};
use partition_heap::{GuardMethod, MisuseKind};

/// A live block: its size, and the byte it is filled with.
#[derive(Clone, Copy)]
struct Live {
    size: usize,
    fill: u8,
}

struct Model {
    heap: TestHeap,
    slot: TestSlot,
    live: BTreeMap<usize, Live>,
    random: Random,
}

impl Model {
    fn new(seed: u64, guards: GuardMethod) -> Model {
        let heap = TestHeap::with(30, 0, guards);
        Model { heap, slot: TestSlot::default(), live: BTreeMap::new(), random: Random(seed) }
    }

    fn pointer(address: usize) -> *mut u8 {
        std::ptr::with_exposed_provenance_mut(address)
    }

    fn fill(&mut self, block: *mut u8, size: usize) {
        let fill = self.random.next() as u8;
        let address = block.expose_provenance();
        let before = self.live.range(..=address).next_back();
        assert!(before.is_none_or(|(start, live)| start + live.size.max(1) <= address), "overlap");
        let after = self.live.range(address..).next();
        assert!(after.is_none_or(|(start, _)| address + size.max(1) <= *start), "overlap");
        // SAFETY: a block of this size that nobody else has.
        unsafe { block.write_bytes(fill, size) };
        self.live.insert(address, Live { size, fill });
    }

    fn check(&self, address: usize, size: usize) {
        let live = self.live[&address];
        // SAFETY: the block is alive and initialised by `fill`.
        let bytes = unsafe { std::slice::from_raw_parts(Self::pointer(address), size) };
        assert!(bytes.iter().all(|byte| *byte == live.fill), "contents changed");
    }

    fn pick(&mut self) -> Option<usize> {
        let index = self.random.below(self.live.len().max(1));
        self.live.keys().nth(index).copied()
    }

    fn allocate(&mut self) {
        let (size, align) = (self.random.size(300_000), 1 << self.random.below(18));
        let slot = &self.slot;
        let block = match self.random.below(4) {
            0 => self.heap.arena.allocate_aligned(slot, size, align).unwrap(),
            _ => self.heap.arena.allocate(slot, size).unwrap(),
        };
        if block.clean {
            // SAFETY: a block of this size.
            let bytes = unsafe { std::slice::from_raw_parts(block.address, size) };
            assert!(bytes.iter().all(|byte| *byte == 0), "not clean");
        }
        assert!(block.address.addr().is_multiple_of(16));
        let usable = self.heap.arena.usable_size(self.heap.offset(block.address)).unwrap();
        assert!(usable >= size.max(1));
        self.fill(block.address, size);
    }

    fn free(&mut self) {
        let Some(address) = self.pick() else { return };
        self.check(address, self.live[&address].size);
        self.live.remove(&address);
        self.heap.free(&self.slot, Self::pointer(address)).unwrap();
    }

    fn resize(&mut self) {
        let Some(address) = self.pick() else { return };
        let (old, size) = (self.live[&address], self.random.size(600_000).max(1));
        self.check(address, old.size);
        let offset = self.heap.offset(Self::pointer(address));
        let block = self.heap.arena.reallocate(&self.slot, offset, size).unwrap();
        self.live.remove(&address);
        // SAFETY: the block holds `size` bytes, the first of them those of the old one.
        let kept = unsafe { std::slice::from_raw_parts(block, size.min(old.size)) };
        assert!(kept.iter().all(|byte| *byte == old.fill), "realloc lost contents");
        self.fill(block, size);
    }

    fn interior(&mut self) {
        let Some(address) = self.pick() else { return };
        let size = self.live[&address].size;
        if size < 2 {
            return;
        }
        let distance = 1 + self.random.below(size - 1);
        let misuse = self.heap.free(&self.slot, Self::pointer(address + distance)).unwrap_err();
        assert_eq!(misuse.kind, MisuseKind::NotAStart(distance));
    }

    fn run(mut self, steps: usize) {
        for _ in 0..steps {
            match self.random.below(16) {
                0..7 => self.allocate(),
                7..13 => self.free(),
                13..15 => self.resize(),
                _ => self.interior(),
            }
        }
        while !self.live.is_empty() {
            self.free();
        }
        self.heap.arena.detach(&self.slot).unwrap();
        assert_eq!(self.heap.arena.held(), 0, "memory leaked");
    }
}

#[test]
fn random_calls_agree_with_the_model() {
    for seed in 1..=6 {
        Model::new(seed, GuardMethod::Protection).run(6000);
    }
}

#[test]
fn guards_by_markers_change_nothing() {
    // Where the kernel has none, installing fails and the heap goes on without.
    Model::new(77, GuardMethod::Marker).run(6000);
}

#[test]
fn every_size_and_alignment_fits() {
    let (heap, slot) = (TestHeap::new(), TestSlot::default());
    for shift in 0..=20 {
        let align = 1usize << shift;
        for size in [0, 1, 15, 16, 17, 100, 1024, 1025, 4096, 8193, 32_768, 32_769, 61_440, 61_441]
        {
            let block = heap.arena.allocate_aligned(&slot, size, align).unwrap().address;
            assert!(block.addr().is_multiple_of(align.max(16)), "{size} aligned to {align}");
            // SAFETY: a block of this size.
            unsafe { block.write_bytes(0xa5, size) };
            heap.free(&slot, block).unwrap();
        }
    }
    assert!(heap.arena.allocate_aligned(&slot, 1, 1 << 40).is_err());
}

#[test]
fn spans_grow_in_place_when_there_is_room_and_stay_intact() {
    let (heap, slot) = (TestHeap::new(), TestSlot::default());
    let mut block = heap.malloc(&slot, 100_000);
    let first = block;
    for size in [100_001, 150_000, 1_000_000, 8_000_000, 70_000, 50_000] {
        // SAFETY: the block holds at least 50,000 bytes.
        unsafe { block.write_bytes(7, 50_000) };
        block = heap.arena.reallocate(&slot, heap.offset(block), size).unwrap();
        assert_eq!(block, first, "nothing is behind it");
        assert!(heap.arena.usable_size(heap.offset(block)).unwrap() >= size);
        // SAFETY: the block holds `size` bytes.
        unsafe { block.add(size - 1).write(1) };
    }
    let wall = heap.malloc(&slot, 60_000);
    let moved = heap.arena.reallocate(&slot, heap.offset(block), 3_000_000).unwrap();
    assert_ne!(moved, first, "another block is in the way");
    // SAFETY: the block holds as much.
    assert!(unsafe { std::slice::from_raw_parts(moved, 49_999) }.iter().all(|byte| *byte == 7));
    heap.free(&slot, moved).unwrap();
    heap.free(&slot, wall).unwrap();
}

#[test]
fn a_block_that_grows_and_grows_seldom_moves() {
    let (heap, slot) = (TestHeap::new(), TestSlot::default());
    // Others grow beside it, so the units behind a block are not free by luck.
    let mut blocks = [(); 8].map(|()| (heap.malloc(&slot, 40_000), 0));
    let mut size = 40_000;
    while size < 1_500_000 {
        size += size / 4;
        for (block, moves) in &mut blocks {
            let new = heap.arena.reallocate(&slot, heap.offset(*block), size).unwrap();
            *moves += usize::from(new != *block);
            // SAFETY: a block of this size.
            unsafe { new.write_bytes(1, size) };
            *block = new;
        }
    }
    let moves: usize = blocks.iter().map(|(_, moves)| moves).sum();
    assert!(moves <= 8 * 4, "{moves} moves in 17 steps of 8 blocks");
    // Room that is not needed may not add up.
    let many: Vec<_> = (0..500)
        .map(|_| {
            let block = heap.malloc(&slot, 33_000);
            heap.arena.reallocate(&slot, heap.offset(block), 70_000).unwrap()
        })
        .collect();
    let distance = many.iter().map(|block| heap.offset(*block)).max().unwrap();
    assert!(distance < 130 << 20, "500 blocks of 70 KB spread over {distance} bytes");
    many.into_iter().for_each(|block| heap.free(&slot, block).unwrap());
    blocks.into_iter().for_each(|(block, _)| heap.free(&slot, block).unwrap());
}
