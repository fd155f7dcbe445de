//! Permissive mode: a block in the wrong hands is reported, and the program goes on.
//!
//! The runtime's permissive mode makes accesses to other compartments' memory succeed. A block that
//! another compartment frees would still end the program, so here that is passed over: such a block
//! is never freed, and `realloc` copies it.

use core::{
    fmt,
    sync::atomic::{AtomicU16, Ordering::Relaxed},
};

use partition_heap::Open;
use pkru::Pkey;

use crate::{
    caller::{Caller, misused},
    fatal,
    heaps::Heap,
    malloc,
};

/// By running compartment: a bit per owner about whose blocks something has been said.
static SAID: [AtomicU16; Pkey::COUNT] = [const { AtomicU16::new(0) }; Pkey::COUNT];

/// Says something about what one compartment does with another's blocks, the first time.
#[cold]
pub(crate) fn say_once(running: Pkey, owner: Pkey, what: fmt::Arguments<'_>) {
    let bit = 1 << owner.number();
    if SAID[running.index()].fetch_or(bit, Relaxed) & bit == 0 {
        fatal::say(format_args!("{what}; going on, and saying nothing more about such blocks"));
    }
}

/// `realloc` of another compartment's block: a copy in the caller's heap.
#[cold]
pub(crate) fn copy<C: Caller>(caller: &C, owner: &Heap, offset: usize, size: usize) -> *mut u8 {
    if size == 0 {
        return core::ptr::null_mut();
    }
    let length = usable_size(caller, owner, offset).min(size);
    let block = malloc::malloc::<Open, _>(caller, size);
    if !block.is_null() {
        // SAFETY: an allocated block of at least this length, which the runtime lets us read, and a
        // new one that holds `size` bytes.
        unsafe { block.copy_from_nonoverlapping(owner.arena.address(offset), length) };
    }
    block
}

/// `malloc_usable_size` of another compartment's block.
#[cold]
pub(crate) fn usable_size<C: Caller>(caller: &C, owner: &Heap, offset: usize) -> usize {
    match owner.arena.usable_size(offset) {
        Ok(size) => size,
        Err(misuse) => misused(caller, "realloc", owner, misuse),
    }
}
