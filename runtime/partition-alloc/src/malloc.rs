//! `malloc` and its relatives, for the heap of the running compartment.
//!
//! Blocks are found by their address: `free` and `realloc` also take blocks of the shared heap, which
//! programs hand from one compartment to another, and pass what lies outside all heaps to libc.

use core::ffi::c_int;

use pkru::Pkey;

use crate::{
    caller::{Caller, Home, failed, home, misused},
    libc,
};

/// Size of a page, in bytes.
const PAGE: usize = layout::PAGE_SIZE;

/// malloc(3).
#[inline(always)]
pub(crate) fn malloc<C: Caller>(caller: &C, size: usize) -> *mut u8 {
    allocate(caller, "malloc", caller.compartment(), size)
}

/// Allocates from the heap with this key.
#[inline(always)]
pub(crate) fn allocate<C: Caller>(caller: &C, function: &str, heap: Pkey, size: usize) -> *mut u8 {
    match caller.heaps().arena(heap).allocate(&caller.slot(heap), size) {
        Ok(block) => block.address,
        Err(failure) => failed(caller, function, heap, failure),
    }
}

/// calloc(3), from the heap with this key.
#[inline(always)]
pub(crate) fn calloc<C: Caller>(
    caller: &C,
    function: &str,
    heap: Pkey,
    count: usize,
    size: usize,
) -> *mut u8 {
    let bytes = count.checked_mul(size).unwrap_or(usize::MAX);
    match caller.heaps().arena(heap).allocate(&caller.slot(heap), bytes) {
        Ok(block) => {
            if !block.clean {
                // SAFETY: the block holds `bytes` bytes and is not in use.
                unsafe { block.address.write_bytes(0, bytes) };
            }
            block.address
        }
        Err(failure) => failed(caller, function, heap, failure),
    }
}

/// free(3).
#[inline(always)]
pub(crate) fn free<C: Caller>(caller: &C, block: *mut u8) {
    let heap = caller.compartment();
    let arena = caller.heaps().arena(heap);
    match arena.offset_of(block) {
        Some(offset) => {
            if let Err(misuse) = arena.free(&caller.slot(heap), offset) {
                misused(caller, "free", heap, misuse)
            }
        }
        None => free_elsewhere(caller, block),
    }
}

#[cold]
#[inline(never)]
fn free_elsewhere<C: Caller>(caller: &C, block: *mut u8) {
    if block.is_null() {
        return;
    }
    match home(caller, "free", block) {
        Home::Heap(heap, offset) => {
            if let Err(misuse) = caller.heaps().arena(heap).free(&caller.slot(heap), offset) {
                misused(caller, "free", heap, misuse)
            }
        }
        // SAFETY: not from our heaps, so libc's to judge, as if this library were not there.
        Home::Libc => unsafe { libc::free(block.cast()) },
    }
}

/// realloc(3), for a block of the running compartment's heap, the shared one or libc's.
pub(crate) fn realloc<C: Caller>(caller: &C, block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        return malloc(caller, size);
    }
    match home(caller, "realloc", block) {
        Home::Heap(heap, offset) => resize(caller, "realloc", heap, offset, size),
        // SAFETY: as for `free`.
        Home::Libc => unsafe { libc::realloc(block.cast(), size).cast() },
    }
}

/// Changes the size of a block in the heap with this key. Size 0 frees it, as glibc does.
pub(crate) fn resize<C: Caller>(
    caller: &C,
    function: &str,
    heap: Pkey,
    offset: usize,
    size: usize,
) -> *mut u8 {
    let (arena, slot) = (caller.heaps().arena(heap), caller.slot(heap));
    if size == 0 {
        if let Err(misuse) = arena.free(&slot, offset) {
            misused(caller, function, heap, misuse)
        }
        return core::ptr::null_mut();
    }
    match arena.reallocate(&slot, offset, size) {
        Ok(block) => block,
        Err(failure) => failed(caller, function, heap, failure),
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

/// Allocates from the heap with this key, aligned to a power of two.
pub(crate) fn allocate_aligned<C: Caller>(
    caller: &C,
    function: &str,
    heap: Pkey,
    align: usize,
    size: usize,
) -> *mut u8 {
    let arena = caller.heaps().arena(heap);
    match arena.allocate_aligned(&caller.slot(heap), size, align) {
        Ok(block) => block.address,
        Err(failure) => failed(caller, function, heap, failure),
    }
}

/// memalign(3) for the heap with this key. As in glibc, an alignment that is no power of two is
/// rounded up to one.
pub(crate) fn memalign<C: Caller>(
    caller: &C,
    function: &str,
    heap: Pkey,
    align: usize,
    size: usize,
) -> *mut u8 {
    match align.checked_next_power_of_two() {
        Some(align) => allocate_aligned(caller, function, heap, align, size),
        None => {
            libc::set_errno(libc::EINVAL);
            core::ptr::null_mut()
        }
    }
}

/// aligned_alloc(3) for the heap with this key: the alignment must be a power of two.
pub(crate) fn aligned_alloc<C: Caller>(
    caller: &C,
    function: &str,
    heap: Pkey,
    align: usize,
    size: usize,
) -> *mut u8 {
    if !align.is_power_of_two() {
        libc::set_errno(libc::EINVAL);
        return core::ptr::null_mut();
    }
    allocate_aligned(caller, function, heap, align, size)
}

/// posix_memalign(3) for the heap with this key. Returns the error and leaves `errno` alone.
///
/// # Safety
/// `result` is writable.
pub(crate) unsafe fn posix_memalign<C: Caller>(
    caller: &C,
    heap: Pkey,
    result: *mut *mut u8,
    align: usize,
    size: usize,
) -> c_int {
    if !align.is_power_of_two() || !align.is_multiple_of(size_of::<*mut u8>()) {
        return libc::EINVAL;
    }
    // SAFETY: libc's `errno` of the running thread.
    let errno = unsafe { *libc::__errno_location() };
    let block = allocate_aligned(caller, "posix_memalign", heap, align, size);
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
    allocate_aligned(caller, "valloc", caller.compartment(), PAGE, size)
}

/// pvalloc(3): whole pages, at least one.
pub(crate) fn pvalloc<C: Caller>(caller: &C, size: usize) -> *mut u8 {
    let bytes = size.max(1).checked_next_multiple_of(PAGE).unwrap_or(usize::MAX);
    allocate_aligned(caller, "pvalloc", caller.compartment(), PAGE, bytes)
}

/// malloc_usable_size(3).
pub(crate) fn malloc_usable_size<C: Caller>(caller: &C, block: *mut u8) -> usize {
    if block.is_null() {
        return 0;
    }
    match home(caller, "malloc_usable_size", block) {
        Home::Heap(heap, offset) => match caller.heaps().arena(heap).usable_size(offset) {
            Ok(size) => size,
            Err(misuse) => misused(caller, "malloc_usable_size", heap, misuse),
        },
        // SAFETY: as for `free`.
        Home::Libc => unsafe { libc::malloc_usable_size(block.cast()) },
    }
}
