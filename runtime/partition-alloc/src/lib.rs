//! `libpartition-alloc.so`: the allocator of a compartmentalized process.
//!
//! Every compartment has a heap of its own, blocks and metadata on pages with its key; one more heap,
//! on key 0, is shared. `shared_malloc` and its relatives use the shared heap; `malloc` and its
//! relatives, which the linker redirects here (`--wrap`), use the heap of the running compartment,
//! which RDPKRU tells, or the shared object that calls. The heaps themselves are the crate `partition-heap`; here is what makes them
//! C's `malloc` and keeps compartments apart:
//!
//! - `heaps` and `process`: the table of heaps, made once and then read-only; `limits`: how far
//!   they may grow;
//! - `caller`: who calls, hence which heap and which thread cache;
//! - `malloc`, `strings`, `paths`, `printf`, `lines`: the functions, with the
//!   caller as an argument;
//! - `exports`: their names in C, and `for_runtime`: the runtime's functions, with the running
//!   compartment as caller, which `thread_slot` finds; `direct`: functions for code whose compartment is known;
//! - `fatal`: the last words; `permissive`: what happens instead of some of them.
//!
//! **WRPKRU is absent from this library**, and heap k is only touched with the rights of
//! compartment k. What lies outside all heaps belongs to libc and goes back to it.
#![cfg_attr(not(test), no_std)]

mod caller;
#[cfg(not(test))]
mod direct;
#[cfg(not(test))]
mod exports;
mod fatal;
#[cfg(not(test))]
mod for_runtime;
mod heaps;
mod libc;
mod limits;
mod lines;
mod malloc;
mod paths;
mod permissive;
mod printf;
#[cfg(not(test))]
mod process;
mod strings;
#[cfg(test)]
mod tests;
#[cfg(not(test))]
mod thread_slot;

/// A bug of this library: says where and stops.
#[cfg(not(test))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    fatal::stop(format_args!("bug: {info}"))
}

// The compiled `core` names this function for unwinding, which never happens here. A release build
// drops the reference, others need something to resolve it; hidden, so that nobody else finds it.
#[cfg(not(test))]
core::arch::global_asm!(
    ".globl rust_eh_personality",
    ".hidden rust_eh_personality",
    ".type rust_eh_personality, @function",
    "rust_eh_personality: ud2",
);
