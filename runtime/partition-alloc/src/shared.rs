//! `shared_malloc` and its relatives: memory that every compartment may touch.

use pkru::Pkey;

use crate::{
    caller::{Caller, Home, home, misused},
    fatal, libc, malloc,
};

/// The heap on key 0.
pub(crate) const SHARED: Pkey = Pkey::UNTRUSTED;

/// The offset of a block in the shared heap; `None` if it is libc's, which everybody may touch too.
/// Stops if it is private.
fn shared_home<C: Caller>(caller: &C, function: &str, block: *mut u8) -> Option<usize> {
    match home(caller, function, block) {
        Home::Heap(heap, offset) if heap == SHARED => Some(offset),
        Home::Heap(heap, _) => fatal::stop(format_args!(
            "compartment {}: {function}({block:p}): the block is private to compartment {heap}, \
             not shared; use the function without shared_, or allocate it with shared_malloc",
            caller.compartment()
        )),
        Home::Libc => None,
    }
}

/// `free` for shared blocks.
pub(crate) fn shared_free<C: Caller>(caller: &C, block: *mut u8) {
    if block.is_null() {
        return;
    }
    match shared_home(caller, "shared_free", block) {
        Some(offset) => {
            let arena = caller.heaps().arena(SHARED);
            if let Err(misuse) = arena.free(&caller.slot(SHARED), offset) {
                misused(caller, "shared_free", SHARED, misuse)
            }
        }
        // SAFETY: not from our heaps, so libc's to judge.
        None => unsafe { libc::free(block.cast()) },
    }
}

/// `realloc` for shared blocks.
pub(crate) fn shared_realloc<C: Caller>(caller: &C, block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        return malloc::allocate(caller, "shared_realloc", SHARED, size);
    }
    match shared_home(caller, "shared_realloc", block) {
        Some(offset) => malloc::resize(caller, "shared_realloc", SHARED, offset, size),
        // SAFETY: as for `shared_free`.
        None => unsafe { libc::realloc(block.cast(), size).cast() },
    }
}
