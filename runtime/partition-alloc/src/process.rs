//! The process's table of heaps: made once, before any constructor runs, and read-only from then on.

use core::{
    cell::UnsafeCell,
    ffi::{CStr, c_char},
};

use partition_heap::Kernel;
use pkru::Pkey;
use sys::syscall::{Protection, protect};

use crate::{
    heaps::{Heaps, Mode},
    limits::{self, Limits},
};

/// The process's heaps. On a page of their own that is read-only once they are made.
pub(crate) struct Process(UnsafeCell<Heaps>);

// SAFETY: written once, before the process has a second thread, then read only.
unsafe impl Sync for Process {}

static PROCESS: Process = Process(UnsafeCell::new(Heaps::none()));

/// The process's heaps.
#[inline(always)]
pub(crate) fn heaps() -> &'static Heaps {
    // SAFETY: nobody writes but `start`, which runs before anybody allocates.
    unsafe { &*PROCESS.0.get() }
}

/// Makes the process's heaps, once.
///
/// # Safety
/// No other thread exists and no block has been allocated. `limits` is null or a C string.
///
/// # Errors
/// In words.
pub(crate) unsafe fn start(
    highest: u32,
    limits: *const c_char,
    mode: Mode,
    slot: impl Fn(Pkey) -> isize,
) -> Result<(), &'static str> {
    if heaps().exist() {
        return Err("ia2_heap_start was called twice");
    }
    let highest = u8::try_from(highest).ok().and_then(Pkey::new);
    let highest = highest.ok_or("the highest key is above 15")?;
    let limits = if limits.is_null() {
        Limits::default()
    } else {
        // SAFETY: the caller's obligation.
        limits::parse(unsafe { CStr::from_ptr(limits) }.to_bytes()).ok_or(
            "IA2_HEAP_LIMIT in the environment is not understood: give bytes, as in 64M, and \
             N:bytes for compartment N, with commas between them",
        )?
    };
    // SAFETY: the heaps are in a mapping of their own.
    let memory = |key, guards| unsafe { Kernel::new(key, guards) };
    let made = Heaps::reserve(highest, &limits, mode, slot, memory)?;
    let place = PROCESS.0.get();
    // SAFETY: no other thread exists, and nobody holds a reference across this call.
    unsafe { place.write(made) };
    // SAFETY: nobody writes the table again.
    unsafe { protect(place as usize, size_of::<Heaps>(), Protection::READ) }
        .map_err(|_| "the table of heaps cannot be made read-only")
}
