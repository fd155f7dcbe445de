//! Measures glibc's allocator.

use heap_bench::{allocator::Allocator, worker};

unsafe extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn calloc(count: usize, size: usize) -> *mut u8;
    fn realloc(block: *mut u8, size: usize) -> *mut u8;
    fn free(block: *mut u8);
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
