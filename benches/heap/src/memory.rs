//! Memory overhead: resident memory per byte asked for.

use crate::{allocator::Allocator, random::Random};

/// Resident memory of the process, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("procfs");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("statm") * 4096
}

/// Fills blocks that stay: the cost of block sizes, headers and metadata.
pub fn filled(allocator: &Allocator) -> f64 {
    const BLOCKS: usize = 300_000;
    let (mut live, mut random) = (vec![std::ptr::null_mut(); BLOCKS], Random::new(3));
    // Touch our own table first, so that it does not count.
    live.fill(std::ptr::dangling_mut::<u8>());
    let (before, mut asked) = (resident(), 0);
    for slot in &mut live {
        let size = random.size();
        asked += size;
        *slot = fill(allocator, size);
    }
    let used = resident() - before;
    live.drain(..).for_each(|block| allocator.put(block));
    used as f64 / asked as f64
}

/// Replaces random blocks for a long time: that, and fragmentation.
pub fn churned(allocator: &Allocator) -> f64 {
    const BLOCKS: usize = 50_000;
    let mut live = vec![(std::ptr::dangling_mut::<u8>(), 0usize); BLOCKS];
    let mut random = Random::new(4);
    let before = resident();
    for slot in &mut live {
        let size = random.size();
        *slot = (fill(allocator, size), size);
    }
    for _ in 0..20 * BLOCKS {
        let index = (random.next() >> 40) as usize % BLOCKS;
        allocator.put(live[index].0);
        let size = random.size();
        live[index] = (fill(allocator, size), size);
    }
    let (used, asked) = (resident() - before, live.iter().map(|(_, size)| size).sum::<usize>());
    live.drain(..).for_each(|(block, _)| allocator.put(block));
    used as f64 / asked as f64
}

fn fill(allocator: &Allocator, size: usize) -> *mut u8 {
    let block = allocator.get(size);
    // SAFETY: the block holds `size` bytes.
    unsafe { block.write_bytes(1, size) };
    block
}

/// Frees everything: which part of the memory stays with the process.
pub fn returned(allocator: &Allocator) -> f64 {
    const BLOCKS: usize = 300_000;
    let (mut live, mut random) = (vec![std::ptr::dangling_mut::<u8>(); BLOCKS], Random::new(5));
    let before = resident();
    for slot in &mut live {
        *slot = fill(allocator, random.size());
    }
    let used = resident() - before;
    live.drain(..).for_each(|block| allocator.put(block));
    resident().saturating_sub(before) as f64 / used as f64
}
