//! Who calls, hence which heap and which thread cache.

use core::fmt;

use partition_heap::{Failure, Misuse, Slot};
use pkru::Pkey;

use crate::{
    fatal::{self, Name},
    heaps::{Heap, Heaps},
    libc, permissive,
};

/// A thread that runs in a compartment.
///
/// The library has one: the running thread in the compartment that PKRU says. Tests, which must run
/// where there are no protection keys, bring their own.
pub(crate) trait Caller: Copy {
    /// Where a thread keeps the number of its cache of one heap.
    type ThreadSlot: Slot;
    /// Who asks for what cannot be done at once.
    type Careful: Caller;

    /// The same caller, where there is time to look who that is.
    fn careful(&self) -> Self::Careful;
    /// The heap that the caller's blocks come from.
    fn heap(&self) -> &Heap;
    /// The heaps of the process.
    fn heaps(&self) -> &Heaps;
    /// The running thread's slot for a heap.
    fn slot(&self, heap: &Heap) -> Self::ThreadSlot;
    /// Stops if it is not a compartment that is running.
    fn refuse_nobody(&self);
    /// The compartment that is running, for messages.
    fn compartment(&self) -> Pkey;
    /// What comes before the name of a function in messages: `shared_` for the shared heap's.
    fn prefix(&self) -> &'static str;
}

/// Where an address that was passed in belongs.
pub(crate) enum Home<'a> {
    /// At this offset of this heap, which the caller may use.
    Heap(&'a Heap, usize),
    /// At this offset of another compartment's heap, in permissive mode. To free it is not the
    /// caller's.
    Foreign(&'a Heap, usize),
    /// Outside all heaps.
    Libc,
}

/// Finds the heap of a block for a function that takes blocks of the running compartment's heap and
/// of the shared one. Stops if it belongs to another compartment, unless in permissive mode.
pub(crate) fn home<'a, C: Caller>(
    caller: &'a C,
    function: &'static str,
    block: *const u8,
) -> Home<'a> {
    caller.refuse_nobody();
    let Some(owner) = caller.heaps().owner(block) else {
        refuse_early(caller);
        return Home::Libc;
    };
    let is_foreign = owner != caller.heap().key && !owner.is_untrusted();
    if is_foreign {
        foreign(caller, function, owner, block);
    }
    let heap = caller.heaps().heap(owner);
    match heap.arena.offset_of(block) {
        Some(offset) if is_foreign && owner != caller.compartment() => Home::Foreign(heap, offset),
        Some(offset) => Home::Heap(heap, offset),
        None => fatal::stop(format_args!(
            "compartment {}: {}{function}({block:p}): the address lies in the metadata of the heap \
             of {}",
            caller.compartment(),
            caller.prefix(),
            Name(owner)
        )),
    }
}

/// Says whose block it is, and stops unless in permissive mode.
#[cold]
fn foreign<C: Caller>(caller: &C, function: &'static str, owner: Pkey, block: *const u8) {
    let (running, prefix) = (caller.compartment(), caller.prefix());
    let say = |what: fmt::Arguments<'_>| {
        if !caller.heaps().is_permissive() {
            fatal::stop(what)
        }
        permissive::say_once(running, owner, what);
    };
    if owner == running {
        say(format_args!(
            "compartment {running}: {prefix}{function}({block:p}): the block is private to \
             compartment {owner}, not shared; use {function}, or allocate it with shared_malloc"
        ));
    } else {
        say(format_args!(
            "compartment {running}: {prefix}{function}({block:p}): the block belongs to the heap of \
             compartment {owner}; let its owner do this, or allocate it with shared_malloc"
        ));
    }
}

/// Stops if there are no heaps yet.
fn refuse_early<C: Caller>(caller: &C) {
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
pub(crate) fn failed<C: Caller>(caller: &C, function: &'static str, failure: Failure) -> *mut u8 {
    let heap = caller.heap();
    match failure {
        Failure::Misuse(misuse) => misused(caller, function, heap, misuse),
        Failure::NoMemory => {
            caller.refuse_nobody();
            refuse_early(caller);
            if heap.arena.is_absent() {
                fatal::stop(format_args!(
                    "compartment {}: {function}: the compartment has no heap; INIT_RUNTIME was \
                     given a lower number of keys",
                    heap.key
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
pub(crate) fn misused<C: Caller>(
    caller: &C,
    function: &'static str,
    heap: &Heap,
    misuse: Misuse,
) -> ! {
    let (running, prefix) = (caller.compartment(), caller.prefix());
    let address = heap.arena.address(misuse.offset);
    let (kind, size, owner) = (misuse.kind, misuse.size, Name(heap.key));
    if size == 0 {
        fatal::stop(format_args!(
            "compartment {running}: {prefix}{function}({address:p}): {kind}; heap of {owner}"
        ))
    }
    fatal::stop(format_args!(
        "compartment {running}: {prefix}{function}({address:p}): {kind}; {size}-byte block in the heap of \
         {owner}"
    ))
}
