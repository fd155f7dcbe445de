//! Functions of the C library that a compartment has looked up by dlsym(3), in its private memory.
//!
//! A pointer of an opaque type to such a function is its plain address. `IA2_CALL` (`ia2.h`) calls it as
//! it would a function of its own, without a gate and with the rights of the compartment it stands in, if
//! that very compartment has looked it up: the list is where no other can write. An address that
//! another compartment looked up, or made up, is not in it.

use core::sync::atomic::{AtomicPtr, Ordering};

use layout::vault::{self, LOOKED_UP, pages};
use pkru::Pkey;

use crate::heap;
use crate::ids;
use crate::object::Object;
use crate::sealed::sealed;

/// An entry of a list. `ia2.h` declares the same.
#[repr(C)]
struct Found {
    function: usize,
    next: *const Found,
}

const _: () = assert!(LOOKED_UP == 7440 && vault::STRIDE == 8192, "ia2.h finds the list there");

/// Objects of the C library, by name.
const LIBRARY: [&[u8]; 5] =
    [b"libc.so.6", b"libm.so.6", b"libmvec.so.1", b"ld-linux-x86-64.so.2", b"linux-vdso.so.1"];

/// Whether the object is part of the C library, which runs in every compartment.
pub(crate) fn is_c_library(object: &Object) -> bool {
    object.pkey.is_untrusted() && LIBRARY.iter().any(|name| object.is_named(name))
}

/// dlsym has given an address to the running compartment: writes it down if it is that of such a
/// function. If there is no memory for that, calls by opaque pointers stop.
pub(crate) fn looked_up(address: usize, running: Pkey) {
    // Of objects that were loaded later, nobody knows whether they are what they are called.
    let is_function = |object: &&Object| is_c_library(object) && object.has_code_at(address);
    if !sealed().objects().iter().any(|object| is_function(&object)) {
        return;
    }
    let place = ids::vault() + pages(running) + LOOKED_UP;
    // SAFETY: a word of the running compartment's own page that is only used as this.
    let first = unsafe { &*(place as *const AtomicPtr<Found>) };
    let mut old = first.load(Ordering::Acquire);
    let mut next = old.cast_const();
    // SAFETY: null, or an entry, which is never freed or changed.
    while let Some(found) = unsafe { next.as_ref() } {
        if found.function == address {
            return;
        }
        next = found.next;
    }
    // SAFETY: zeroed memory of the right size, in the running compartment's heap.
    let fresh = unsafe { heap::ia2_heap_calloc(1, size_of::<Found>()).cast::<Found>() };
    if fresh.is_null() {
        return;
    }
    loop {
        // SAFETY: nobody else knows the entry yet.
        unsafe { fresh.write(Found { function: address, next: old }) };
        match first.compare_exchange(old, fresh, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return,
            Err(now) => old = now,
        }
    }
}
