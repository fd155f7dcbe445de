//! Measures mimalloc; its secure mode when built with the feature `secure`.
//!
//! With `RDPKRU=1` in the environment each call first reads PKRU and decides by it, which is the
//! least that a copy of mimalloc per compartment would cost.

use std::{arch::asm, ffi::c_void};

use heap_bench::{allocator::Allocator, worker};
use libmimalloc_sys::{mi_free, mi_malloc, mi_realloc};

unsafe extern "C" {
    /// Left out of the crate's bindings unless one asks for all of mimalloc's API.
    fn mi_calloc(count: usize, size: usize) -> *mut c_void;
}

extern "C" fn malloc(size: usize) -> *mut u8 {
    // SAFETY: mimalloc's own functions, here and below.
    unsafe { mi_malloc(size).cast() }
}

extern "C" fn calloc(count: usize, size: usize) -> *mut u8 {
    // SAFETY: see `malloc`.
    unsafe { mi_calloc(count, size).cast() }
}

extern "C" fn realloc(block: *mut u8, size: usize) -> *mut u8 {
    // SAFETY: see `malloc`.
    unsafe { mi_realloc(block.cast(), size).cast() }
}

extern "C" fn free(block: *mut u8) {
    // SAFETY: see `malloc`.
    unsafe { mi_free(block.cast()) }
}

type Malloc = unsafe extern "C" fn(usize) -> *mut c_void;
type Free = unsafe extern "C" fn(*mut c_void);

/// The copies that there would be; here sixteen times the same.
static MALLOC: [Malloc; 16] = [mi_malloc; 16];
static FREE: [Free; 16] = [mi_free; 16];

#[inline(always)]
fn compartment() -> usize {
    let bits: u32;
    // SAFETY: reads a register; the worker runs where that exists.
    unsafe { asm!("rdpkru", in("ecx") 0, out("eax") bits, out("edx") _, options(nomem, nostack)) };
    let key = (!bits & !3).trailing_zeros() / 2 % 16;
    if !((3 << (2 * key)) | 3) != bits {
        return 0;
    }
    key as usize
}

extern "C" fn dispatched_malloc(size: usize) -> *mut u8 {
    // SAFETY: see `malloc`.
    unsafe { MALLOC[compartment()](size).cast() }
}

extern "C" fn dispatched_free(block: *mut u8) {
    // SAFETY: see `malloc`.
    unsafe { FREE[compartment()](block.cast()) }
}

fn main() {
    let mut allocator =
        Allocator { malloc, calloc, realloc, free, thread_start: || {}, thread_end: || {} };
    if std::env::var_os("RDPKRU").is_some() {
        (allocator.malloc, allocator.free) = (dispatched_malloc, dispatched_free);
    }
    worker::main(&allocator);
}
