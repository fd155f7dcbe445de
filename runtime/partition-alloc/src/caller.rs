//! Who calls, hence which heap and which thread cache.

use partition_heap::{Failure, Kernel, Misuse, Slot};
use pkru::Pkey;

use crate::{
    fatal::{self, Name},
    heaps::Heaps,
    libc,
};

/// A thread that runs in a compartment.
///
/// The library has one: the running thread in the compartment that PKRU says. Tests, which must run
/// where there are no protection keys, bring their own.
pub(crate) trait Caller {
    /// Where a thread keeps the number of its cache of one heap.
    type ThreadSlot: Slot;

    /// The compartment that is running.
    fn compartment(&self) -> Pkey;
    /// The heaps of the process.
    fn heaps(&self) -> &Heaps;
    /// The running thread's slot for the heap of a compartment.
    fn slot(&self, heap: Pkey) -> Self::ThreadSlot;

    /// The running compartment's heap.
    #[inline(always)]
    fn arena(&self) -> &partition_heap::Arena<Kernel> {
        self.heaps().arena(self.compartment())
    }
}

/// Where an address that was passed in belongs.
pub(crate) enum Home {
    /// At this offset of the heap with this key, which the caller may use.
    Heap(Pkey, usize),
    /// Outside all heaps.
    Libc,
}

/// Finds the heap of a block for a function that takes blocks of the running compartment's heap and
/// of the shared one. Stops if it belongs to another compartment.
pub(crate) fn home<C: Caller>(caller: &C, function: &str, block: *const u8) -> Home {
    let running = caller.compartment();
    let Some(owner) = caller.heaps().owner(block) else {
        not_started(caller);
        return Home::Libc;
    };
    if owner != running && !owner.is_untrusted() {
        fatal::stop(format_args!(
            "compartment {running}: {function}({block:p}): the block belongs to the heap of \
             compartment {owner}; let its owner do this, or allocate it with shared_malloc"
        ))
    }
    match caller.heaps().arena(owner).offset_of(block) {
        Some(offset) => Home::Heap(owner, offset),
        None => fatal::stop(format_args!(
            "compartment {running}: {function}({block:p}): the address lies in the metadata of the \
             heap of {}",
            Name(owner)
        )),
    }
}

/// Stops if there are no heaps yet.
fn not_started<C: Caller>(caller: &C) {
    if !caller.heaps().exist() {
        fatal::stop(format_args!(
            "called before the runtime has started; link the program with liblibia2.a and let \
             nothing allocate before it (IFUNC resolvers, preinit functions)"
        ))
    }
}

/// Ends an allocation that failed: `errno`, or the end of the process.
#[cold]
#[inline(never)]
pub(crate) fn failed<C: Caller>(
    caller: &C,
    function: &str,
    heap: Pkey,
    failure: Failure,
) -> *mut u8 {
    match failure {
        Failure::Misuse(misuse) => misused(caller, function, heap, misuse),
        Failure::NoMemory => {
            not_started(caller);
            if caller.heaps().arena(heap).is_absent() {
                fatal::stop(format_args!(
                    "compartment {heap}: {function}: the compartment has no heap; INIT_RUNTIME was \
                     given a lower number of keys"
                ))
            }
            libc::set_errno(libc::ENOMEM);
            core::ptr::null_mut()
        }
    }
}

/// Says how a heap was misused, and stops.
#[cold]
#[inline(never)]
pub(crate) fn misused<C: Caller>(caller: &C, function: &str, heap: Pkey, misuse: Misuse) -> ! {
    let running = caller.compartment();
    let address = caller.heaps().arena(heap).address(misuse.offset);
    let (kind, size) = (misuse.kind, misuse.size);
    if size == 0 {
        fatal::stop(format_args!(
            "compartment {running}: {function}({address:p}): {kind}; heap of {}",
            Name(heap)
        ))
    }
    fatal::stop(format_args!(
        "compartment {running}: {function}({address:p}): {kind}; {size}-byte block in the heap of {}",
        Name(heap)
    ))
}
