//! Thread-local storage of late objects: blocks in the private heap of their compartment.
//!
//! The C library would take them from its own heap, on key 0. References go through `__tls_get_addr`
//! (general-dynamic model), which is redirected in late objects of compartments.

use core::ffi::c_void;
use core::sync::atomic::{AtomicU32, Ordering};

use layout::thread_block::{LATE_STORAGE, page};
use pkru::Pkey;

use super::MOST;
use super::load::{Record, records};
use crate::message::Message;
use crate::{enter, heap, object};

#[allow(clashing_extern_declarations, reason = "its address is all that others declare it for")]
unsafe extern "C" {
    fn __wrap_memalign(alignment: usize, size: usize) -> *mut c_void;
    fn __tls_get_addr(index: *const Index) -> usize;
}

/// What `__tls_get_addr` is given: a module and an offset in its block (psABI, chapter on TLS).
#[repr(C)]
pub(super) struct Index {
    module: usize,
    offset: usize,
}

/// What a module's block looks like at first. Empty in an object without thread-local variables.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Image {
    pub(super) module: usize,
    pub(super) start: usize,
    pub(super) initialised: usize,
    pub(super) size: usize,
    pub(super) alignment: usize,
}

/// A thread's blocks, in the order of the records; in a list of all threads.
#[repr(C)]
pub(super) struct Storage {
    next: *mut Storage,
    blocks: [*mut c_void; MOST],
}

/// A lock in private memory, for short times.
#[repr(transparent)]
pub(super) struct Lock(AtomicU32);

impl Lock {
    fn with<T>(&self, action: impl FnOnce() -> T) -> T {
        while self.0.compare_exchange_weak(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
            // SAFETY: touches no memory.
            let _ =
                unsafe { sys::syscall::syscall(linux_raw_sys::general::__NR_sched_yield, [0; 6]) };
        }
        let result = action();
        self.0.store(0, Ordering::Release);
        result
    }
}

fn running() -> Pkey {
    match sys::running_compartment() {
        Some(pkey) => pkey,
        None => Message::error("thread-local data is used with rights of no compartment").stop(),
    }
}

/// Where the running compartment keeps the running thread's storage.
fn place(pkey: Pkey) -> *mut *mut Storage {
    let block = object::thread_pointer().wrapping_add_signed(enter::thread_block_offset());
    (block + page(pkey) + LATE_STORAGE) as *mut *mut Storage
}

/// In the place of `__tls_get_addr`.
pub(super) unsafe extern "C" fn tls_get_addr(index: *const Index) -> usize {
    // SAFETY: the argument's type; compilers pass a pair in the object's global offset table.
    unsafe {
        let (module, offset) = ((*index).module, (*index).offset);
        let pkey = running();
        let known = records(pkey).and_then(|records| {
            let is_it = |record: &Record| record.is_used && record.image.module == module;
            (*records).entries.iter().position(is_it).map(|number| (records, number))
        });
        let Some((records, number)) = known else { return __tls_get_addr(index) };
        let mut storage = place(pkey).read();
        if storage.is_null() {
            storage = or_stop(heap::ia2_heap_calloc(1, size_of::<Storage>())).cast();
            (*records).lock.with(|| {
                (*storage).next = (*records).storages;
                (*records).storages = storage;
            });
            place(pkey).write(storage);
        }
        let block = &mut (*storage).blocks[number];
        if block.is_null() {
            let image = (*records).entries[number].image;
            let fresh = or_stop(__wrap_memalign(image.alignment.max(16), image.size)).cast::<u8>();
            fresh.copy_from_nonoverlapping(image.start as *const u8, image.initialised);
            fresh.add(image.initialised).write_bytes(0, image.size - image.initialised);
            *block = fresh.cast();
        }
        *block as usize + offset
    }
}

fn or_stop(block: *mut c_void) -> *mut c_void {
    if block.is_null() {
        Message::error("no memory for the thread-local variables of a loaded object").stop()
    }
    block
}

/// Gives back what the running compartment keeps for the running thread.
pub(crate) fn end_thread(pkey: Pkey) {
    let Some(records) = records(pkey) else { return };
    // SAFETY: the running compartment's own memory; the thread does not use it any more.
    unsafe {
        let storage = place(pkey).read();
        if storage.is_null() {
            return;
        }
        place(pkey).write(core::ptr::null_mut());
        (*records).lock.with(|| {
            let mut link = &raw mut (*records).storages;
            while !(*link).is_null() && *link != storage {
                link = &raw mut (**link).next;
            }
            if !(*link).is_null() {
                *link = (*storage).next;
            }
        });
        for block in (*storage).blocks.into_iter().filter(|block| !block.is_null()) {
            heap::ia2_heap_free(block);
        }
        heap::ia2_heap_free(storage.cast());
    }
}

/// Gives back all threads' blocks of a record's object, which is gone.
///
/// # Safety
/// The running compartment's records.
pub(super) unsafe fn forget(records: *mut super::load::Records, number: usize) {
    // SAFETY: the caller's obligation; nobody uses variables of an object that was closed.
    unsafe {
        (*records).lock.with(|| {
            let mut storage = (*records).storages;
            while !storage.is_null() {
                let block = &mut (*storage).blocks[number];
                heap::ia2_heap_free(core::mem::replace(block, core::ptr::null_mut()));
                storage = (*storage).next;
            }
        });
    }
}
