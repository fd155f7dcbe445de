//! Workloads of one and two threads. All report nanoseconds of CPU time per allocated block.

use std::sync::{
    Barrier,
    atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering},
};

use crate::{allocator::Allocator, clock::thread_time, random::Random};

/// Blocks that are alive at any time, per thread.
const LIVE: usize = 10_000;
/// Blocks allocated per measurement.
const COUNT: usize = 1_000_000;
/// Blocks allocated per measured piece, and how many pieces there are.
const PIECE: usize = 10_000;
const PIECES: usize = 101;

/// Replaces random blocks by new ones of random sizes.
fn churn(allocator: &Allocator, live: &mut [*mut u8], random: &mut Random, count: usize) {
    for _ in 0..count {
        let index = (random.number() >> 40) as usize % live.len();
        if !live[index].is_null() {
            allocator.put(live[index]);
        }
        live[index] = allocator.get(random.size());
    }
}

fn clear(allocator: &Allocator, live: &mut [*mut u8]) {
    for block in live.iter_mut().filter(|block| !block.is_null()) {
        allocator.put(*block);
        *block = std::ptr::null_mut();
    }
}

/// Measures short pieces of work and returns the median: most pieces are not interrupted, so what
/// else the machine does counts little.
pub(crate) fn in_pieces(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..PIECES)
        .map(|_| {
            let start = thread_time();
            work();
            thread_time() - start
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[PIECES / 2]
}

/// One thread that replaces random blocks.
pub fn churn_1(allocator: &Allocator) -> f64 {
    let (mut live, mut random) = (vec![std::ptr::null_mut(); LIVE], Random::new(1));
    churn(allocator, &mut live, &mut random, COUNT);
    let time = in_pieces(|| churn(allocator, &mut live, &mut random, PIECE));
    clear(allocator, &mut live);
    time / PIECE as f64
}

/// One thread that frees each block at once.
pub fn tight(allocator: &Allocator) -> f64 {
    let time = in_pieces(|| {
        for _ in 0..PIECE {
            let block = std::hint::black_box(allocator.get(64));
            allocator.put(block);
        }
    });
    time / PIECE as f64
}

/// One thread that builds a list of many blocks, then takes it down in order.
pub fn build_up(allocator: &Allocator) -> f64 {
    let mut blocks = Vec::with_capacity(PIECE);
    let time = in_pieces(|| {
        blocks.extend((0..PIECE).map(|index| allocator.get(32 + index % 4 * 16)));
        blocks.drain(..).for_each(|block| allocator.put(block));
    });
    time / PIECE as f64
}

/// One thread that replaces blocks of 1 KiB to 32 KiB, as buffers are.
pub fn medium(allocator: &Allocator) -> f64 {
    const BLOCKS: usize = 2000;
    let (mut live, mut random) = ([std::ptr::null_mut::<u8>(); 500], Random::new(2));
    let mut work = || {
        for _ in 0..BLOCKS {
            let index = (random.number() >> 40) as usize % live.len();
            if !live[index].is_null() {
                allocator.put(live[index]);
            }
            live[index] = allocator.get((1 << 10) + (random.number() >> 8) as usize % (31 << 10));
        }
    };
    work();
    let time = in_pieces(work);
    clear(allocator, &mut live);
    time / BLOCKS as f64
}

/// One thread that lets buffers grow by half until they hold 1 MiB, writing what is new.
pub fn grow(allocator: &Allocator) -> f64 {
    let mut count = 0;
    let time = in_pieces(|| {
        let (mut size, mut block) = (24, allocator.get(24));
        count = 1;
        while size < 1 << 20 {
            let more = size + size / 2;
            // SAFETY: a C allocator; the block holds `more` bytes then.
            unsafe {
                block = (allocator.realloc)(block, more);
                assert!(!block.is_null());
                block.add(size).write_bytes(1, more - size);
            }
            size = more;
            count += 1;
        }
        allocator.put(block);
    });
    time / count as f64
}

/// One thread that asks for large blocks, 32 KiB to 512 KiB, and touches each page.
pub fn large(allocator: &Allocator) -> f64 {
    const BLOCKS: usize = 200;
    let (mut live, mut random) = ([std::ptr::null_mut::<u8>(); 16], Random::new(1));
    let time = in_pieces(|| {
        for _ in 0..BLOCKS {
            let index = (random.number() >> 40) as usize % live.len();
            if !live[index].is_null() {
                allocator.put(live[index]);
            }
            let size = (32 << 10) + (random.number() >> 8) as usize % (480 << 10);
            live[index] = allocator.get(size);
            for page in (0..size).step_by(4096) {
                // SAFETY: inside the block.
                unsafe { live[index].add(page).write_volatile(1) };
            }
        }
    });
    clear(allocator, &mut live);
    time / BLOCKS as f64
}

/// Runs two threads and returns the mean of their CPU times.
fn pair(allocator: &Allocator, work: impl Fn(usize) + Sync) -> f64 {
    let barrier = Barrier::new(2);
    let times: Vec<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|id| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    (allocator.thread_start)();
                    barrier.wait();
                    let start = thread_time();
                    work(id);
                    let time = thread_time() - start;
                    (allocator.thread_end)();
                    time
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    times.iter().sum::<f64>() / 2.0 / COUNT as f64
}

/// Two threads, each with blocks of its own.
pub fn churn_2(allocator: &Allocator) -> f64 {
    pair(allocator, |id| {
        let (mut live, mut random) = (vec![std::ptr::null_mut(); LIVE], Random::new(id as u64));
        churn(allocator, &mut live, &mut random, COUNT);
        clear(allocator, &mut live);
    })
}

/// Two threads that replace blocks of one table, so that each frees the other's half of the time.
pub fn exchange(allocator: &Allocator) -> f64 {
    let table: Vec<AtomicPtr<u8>> = (0..2 * LIVE).map(|_| AtomicPtr::default()).collect();
    let time = pair(allocator, |id| {
        let mut random = Random::new(id as u64);
        for _ in 0..COUNT {
            let index = (random.number() >> 40) as usize % table.len();
            let block = allocator.get(random.size());
            let old = table[index].swap(block, Ordering::AcqRel);
            if !old.is_null() {
                allocator.put(old);
            }
        }
    });
    for cell in &table {
        let block = cell.load(Ordering::Acquire);
        if !block.is_null() {
            allocator.put(block);
        }
    }
    time
}

/// One thread allocates, another frees.
pub fn producer_consumer(allocator: &Allocator) -> f64 {
    const ROOM: usize = 1024;
    /// A counter on a cache line of its own.
    #[repr(align(128))]
    struct Line(AtomicUsize);
    let ring: Vec<AtomicU64> = (0..ROOM).map(|_| AtomicU64::new(0)).collect();
    let (sent, taken) = (Line(AtomicUsize::new(0)), Line(AtomicUsize::new(0)));
    pair(allocator, |id| {
        let mut random = Random::new(7);
        for count in 0..COUNT {
            if id == 0 {
                let block = allocator.get(random.size());
                while count - taken.0.load(Ordering::Acquire) >= ROOM {
                    std::thread::yield_now();
                }
                ring[count % ROOM].store(block as u64, Ordering::Relaxed);
                sent.0.store(count + 1, Ordering::Release);
            } else {
                while sent.0.load(Ordering::Acquire) == count {
                    std::thread::yield_now();
                }
                let block = ring[count % ROOM].load(Ordering::Relaxed) as *mut u8;
                taken.0.store(count + 1, Ordering::Release);
                allocator.put(block);
            }
        }
    })
}
