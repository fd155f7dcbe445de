//! Measures jemalloc.

use heap_bench::{allocator::Allocator, worker};
use tikv_jemalloc_sys as jemalloc;

extern "C" fn malloc(size: usize) -> *mut u8 {
    // SAFETY: jemalloc's own functions, here and below.
    unsafe { jemalloc::malloc(size).cast() }
}

extern "C" fn calloc(count: usize, size: usize) -> *mut u8 {
    // SAFETY: see `malloc`.
    unsafe { jemalloc::calloc(count, size).cast() }
}

extern "C" fn realloc(block: *mut u8, size: usize) -> *mut u8 {
    // SAFETY: see `malloc`.
    unsafe { jemalloc::realloc(block.cast(), size).cast() }
}

extern "C" fn free(block: *mut u8) {
    // SAFETY: see `malloc`.
    unsafe { jemalloc::free(block.cast()) }
}

fn main() {
    worker::main(&Allocator {
        malloc,
        calloc,
        realloc,
        free,
        thread_start: || {},
        thread_end: || {},
    });
}
