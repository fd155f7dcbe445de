//! `malloc` and its relatives, for the caller's heap: the running compartment's, or the shared one.
//!
//! Blocks are found by their address: `free` and `realloc` also take blocks of the shared heap, which
//! programs hand from one compartment to another, and pass what lies outside all heaps to libc.

use core::{ffi::c_int, hint::cold_path};

use partition_heap::{Failure, Metadata, Open, Simple};

use crate::{
    caller::{Caller, Home, failed, home, misused},
    heaps::Heap,
    libc, permissive,
};

/// Size of a page, in bytes.
const PAGE: usize = layout::PAGE_SIZE;

/// malloc(3).
#[inline(always)]
pub(crate) fn malloc<T: Metadata, C: Caller>(caller: &C, size: usize) -> *mut u8 {
    let heap = caller.heap();
    match heap.arena.allocate_simply::<T>(&caller.slot(heap), size) {
        Some(block) => block,
        None => {
            cold_path();
            allocate_slowly(*caller, "malloc", size)
        }
    }
}

/// Allocates on behalf of a function.
pub(crate) fn allocate<C: Caller>(caller: &C, function: &'static str, size: usize) -> *mut u8 {
    let heap = caller.heap();
    match heap.arena.allocate_simply::<Open>(&caller.slot(heap), size) {
        Some(block) => block,
        None => allocate_slowly(*caller, function, size),
    }
}

#[cold]
#[inline(never)]
fn allocate_slowly<C: Caller>(caller: C, function: &'static str, size: usize) -> *mut u8 {
    allocate_with_care(&caller.careful(), function, size)
}

fn allocate_with_care<C: Caller>(caller: &C, function: &'static str, size: usize) -> *mut u8 {
    let heap = caller.heap();
    match heap.arena.allocate(&caller.slot(heap), size) {
        Ok(block) => block.address,
        Err(failure) => failed(caller, function, failure),
    }
}

/// calloc(3).
#[inline(always)]
pub(crate) fn calloc<T: Metadata, C: Caller>(caller: &C, count: usize, size: usize) -> *mut u8 {
    // What overflows is more than any heap has.
    let bytes = count.saturating_mul(size);
    let heap = caller.heap();
    let slot = caller.slot(heap);
    let Some(block) = heap.arena.allocate_simply::<T>(&slot, bytes) else {
        return calloc_slowly(*caller, bytes);
    };
    // SAFETY: the block holds `bytes` bytes and is not in use.
    unsafe { block.write_bytes(0, bytes) };
    block
}

#[cold]
#[inline(never)]
fn calloc_slowly<C: Caller>(caller: C, bytes: usize) -> *mut u8 {
    calloc_with_care(&caller.careful(), bytes)
}

fn calloc_with_care<C: Caller>(caller: &C, bytes: usize) -> *mut u8 {
    let heap = caller.heap();
    match heap.arena.allocate(&caller.slot(heap), bytes) {
        Ok(fresh) => {
            if !fresh.clean {
                // SAFETY: the block holds `bytes` bytes and is not in use.
                unsafe { fresh.address.write_bytes(0, bytes) };
            }
            fresh.address
        }
        Err(failure) => failed(caller, "calloc", failure),
    }
}

/// free(3).
#[inline(always)]
pub(crate) fn free<T: Metadata, C: Caller>(caller: &C, block: *mut u8) {
    let heap = caller.heap();
    let Some(offset) = heap.arena.offset_of(block) else {
        cold_path();
        return free_slowly(block, *caller);
    };
    match heap.arena.free_simply::<T>(&caller.slot(heap), offset) {
        Simple::Done => {}
        Simple::Unsettled => {
            cold_path();
            heap.arena.settle_at(offset);
        }
        Simple::Impossible => {
            cold_path();
            free_slowly(block, *caller);
        }
    }
}

/// The arguments' order leaves them in the registers where `free` has them.
#[inline(never)]
fn free_slowly<C: Caller>(block: *mut u8, caller: C) {
    let heap = caller.heap();
    let offset = heap.arena.offset_of(block);
    if !offset.is_some_and(|offset| heap.arena.free_in_tail(&caller.slot(heap), offset)) {
        free_with_care(block, &caller.careful());
    }
}

fn free_with_care<C: Caller>(block: *mut u8, caller: &C) {
    let own = caller.heap();
    let (heap, freed) = match own.arena.offset_of(block) {
        // The simple ways have been tried.
        Some(offset) => (own, own.arena.free_with_care(&caller.slot(own), offset)),
        None if block.is_null() => return,
        None => match home(caller, "free", block) {
            Home::Heap(heap, offset) => (heap, heap.arena.free(&caller.slot(heap), offset)),
            Home::Foreign(..) => return,
            // SAFETY: not from our heaps, so libc's to judge, as if this library were not there.
            Home::Libc => return unsafe { libc::free(block.cast()) },
        },
    };
    if let Err(misuse) = freed {
        misused(caller, "free", heap, misuse)
    }
}

/// realloc(3), for a block of the caller's heap, the shared one or libc's.
pub(crate) fn realloc<C: Caller>(caller: &C, block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        return allocate(caller, "realloc", size);
    }
    match home(caller, "realloc", block) {
        Home::Heap(heap, offset) => resize(caller, heap, offset, size),
        Home::Foreign(heap, offset) => permissive::copy(caller, heap, offset, size),
        // SAFETY: as for `free`.
        Home::Libc => unsafe { libc::realloc(block.cast(), size).cast() },
    }
}

/// Changes the size of a block of a heap. Size 0 frees it, as glibc does.
fn resize<C: Caller>(caller: &C, heap: &Heap, offset: usize, size: usize) -> *mut u8 {
    let slot = caller.slot(heap);
    if size == 0 {
        if let Err(misuse) = heap.arena.free(&slot, offset) {
            misused(caller, "realloc", heap, misuse)
        }
        return core::ptr::null_mut();
    }
    match heap.arena.reallocate(&slot, offset, size) {
        Ok(block) => block,
        Err(Failure::Misuse(misuse)) => misused(caller, "realloc", heap, misuse),
        Err(Failure::NoMemory) => {
            libc::set_errno(libc::ENOMEM);
            core::ptr::null_mut()
        }
    }
}

/// reallocarray(3).
pub(crate) fn reallocarray<C: Caller>(
    caller: &C,
    block: *mut u8,
    count: usize,
    size: usize,
) -> *mut u8 {
    match count.checked_mul(size) {
        Some(bytes) => realloc(caller, block, bytes),
        None => {
            libc::set_errno(libc::ENOMEM);
            core::ptr::null_mut()
        }
    }
}

/// Allocates on behalf of a function, aligned to a power of two.
fn allocate_aligned<C: Caller>(
    caller: &C,
    function: &'static str,
    align: usize,
    size: usize,
) -> *mut u8 {
    let heap = caller.heap();
    match heap.arena.allocate_aligned(&caller.slot(heap), size, align) {
        Ok(block) => block.address,
        Err(failure) => failed(caller, function, failure),
    }
}

/// memalign(3). As in glibc, an alignment that is no power of two is rounded up to one.
pub(crate) fn memalign<C: Caller>(caller: &C, align: usize, size: usize) -> *mut u8 {
    match align.checked_next_power_of_two() {
        Some(align) => allocate_aligned(caller, "memalign", align, size),
        None => {
            libc::set_errno(libc::EINVAL);
            core::ptr::null_mut()
        }
    }
}

/// aligned_alloc(3): the alignment must be a power of two.
pub(crate) fn aligned_alloc<C: Caller>(caller: &C, align: usize, size: usize) -> *mut u8 {
    if !align.is_power_of_two() {
        libc::set_errno(libc::EINVAL);
        return core::ptr::null_mut();
    }
    allocate_aligned(caller, "aligned_alloc", align, size)
}

/// posix_memalign(3). Returns the error and leaves `errno` alone.
///
/// # Safety
/// `result` is writable.
pub(crate) unsafe fn posix_memalign<C: Caller>(
    caller: &C,
    result: *mut *mut u8,
    align: usize,
    size: usize,
) -> c_int {
    if !align.is_power_of_two() || !align.is_multiple_of(size_of::<*mut u8>()) {
        return libc::EINVAL;
    }
    // SAFETY: libc's `errno` of the running thread.
    let errno = unsafe { *libc::__errno_location() };
    let block = allocate_aligned(caller, "posix_memalign", align, size);
    libc::set_errno(errno);
    if block.is_null() {
        return libc::ENOMEM;
    }
    // SAFETY: the caller's obligation.
    unsafe { *result = block };
    0
}

/// valloc(3).
pub(crate) fn valloc<C: Caller>(caller: &C, size: usize) -> *mut u8 {
    allocate_aligned(caller, "valloc", PAGE, size)
}

/// pvalloc(3): whole pages, at least one.
pub(crate) fn pvalloc<C: Caller>(caller: &C, size: usize) -> *mut u8 {
    let bytes = size.max(1).checked_next_multiple_of(PAGE).unwrap_or(usize::MAX);
    allocate_aligned(caller, "pvalloc", PAGE, bytes)
}

/// malloc_usable_size(3).
pub(crate) fn malloc_usable_size<C: Caller>(caller: &C, block: *mut u8) -> usize {
    if block.is_null() {
        return 0;
    }
    match home(caller, "malloc_usable_size", block) {
        Home::Heap(heap, offset) => match heap.arena.usable_size(offset) {
            Ok(size) => size,
            Err(misuse) => misused(caller, "malloc_usable_size", heap, misuse),
        },
        Home::Foreign(heap, offset) => permissive::usable_size(caller, heap, offset),
        // SAFETY: as for `free`.
        Home::Libc => unsafe { libc::malloc_usable_size(block.cast()) },
    }
}
