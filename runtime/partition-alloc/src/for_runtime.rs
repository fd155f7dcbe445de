//! What the runtime calls.

use core::ffi::{c_char, c_int, c_uint, c_void};

use crate::{
    caller::{Caller, misused},
    exports::{__wrap_calloc, __wrap_free, __wrap_malloc},
    fatal,
    heaps::Mode,
    process,
    thread_slot::{Running, slot_offset},
};

/// Makes the heaps of compartments 0 to `highest_pkey`, limited as `limits` says: the value of
/// `IA2_HEAP_LIMIT`, a C string, or null. Called once by the runtime: before any constructor, with
/// one thread, the keys allocated. With `permissive`, what a compartment does with another's blocks
/// is reported and passed over. Stops the process if it cannot.
#[unsafe(no_mangle)]
unsafe extern "C" fn ia2_heap_start(
    highest_pkey: c_uint,
    limits: *const c_char,
    permissive: c_int,
) {
    let mode = if permissive == 0 { Mode::Strict } else { Mode::Permissive };
    // SAFETY: the caller's obligation.
    if let Err(why) = unsafe { process::start(highest_pkey, limits, mode, slot_offset) } {
        fatal::stop(format_args!("{why}"))
    }
}

/// Gives the running thread's cache of the running compartment's heap back. Called by the runtime
/// in each compartment, 0 included, when a thread ends.
#[unsafe(no_mangle)]
extern "C" fn ia2_heap_thread_end() {
    let caller = Running::now();
    caller.refuse_nobody();
    let heap = caller.heap();
    if let Err(misuse) = heap.arena.detach(&caller.slot(heap)) {
        misused(&caller, "ia2_heap_thread_end", heap, misuse)
    }
}

/// Makes memory that other threads held in the running compartment's heap usable again, in the child
/// of a fork. Called by the runtime in each compartment, 0 included, before the child has a second
/// thread. Only memory is lost without it.
#[unsafe(no_mangle)]
extern "C" fn ia2_heap_fork_child() {
    let caller = Running::now();
    caller.refuse_nobody();
    let heap = caller.heap();
    if let Err(misuse) = heap.arena.recover_after_fork(&caller.slot(heap)) {
        misused(&caller, "ia2_heap_fork_child", heap, misuse)
    }
}

/// The key of the heap whose address range holds this address, metadata and gaps included; −1 if
/// none does. Async-signal-safe; touches no heap's memory.
#[unsafe(no_mangle)]
extern "C" fn ia2_heap_owner(address: *const c_void) -> c_int {
    process::heaps().owner(address.cast()).map_or(-1, |key| c_int::from(key.number()))
}

/// malloc(3), calloc(3) and free(3) for the running compartment, under names that the runtime in the
/// executable calls: the executable's calls by the usual names are led elsewhere ([`crate::direct`]).
#[unsafe(no_mangle)]
extern "C" fn ia2_heap_malloc(size: usize) -> *mut u8 {
    __wrap_malloc(size)
}

#[unsafe(no_mangle)]
extern "C" fn ia2_heap_calloc(count: usize, size: usize) -> *mut u8 {
    __wrap_calloc(count, size)
}

#[unsafe(no_mangle)]
extern "C" fn ia2_heap_free(block: *mut u8) {
    __wrap_free(block);
}
