//! The runtime of a compartmentalized program.
//!
//! It starts from `DT_PREINIT_ARRAY`, before any constructor: gives every compartment's data its key,
//! fills and seals the table the call gates use, and arranges that constructors, `main`, threads,
//! signal handlers and destructors run in the compartment they belong to. After that it only acts
//! where control passes from one compartment to another.
//!
//! # Invariants
//! - **No writable state on key 0 after start.** What everybody must read lies in [`sealed`] memory;
//!   what changes lies on pages with the key of the compartment it is about.
//! - **Never two private keys at a time.** Work on a compartment's memory is done by entering it
//!   ([`enter`]), under the same checks as a call gate.
//! - **WRPKRU only in naked functions**, each followed by a comparison.
#![no_std]

mod absent;
mod action;
mod alignment;
mod atexit;
mod backtrace;
mod callback;
mod cancel;
mod cfi;
mod checks;
mod coroutine;
mod cpu;
mod dynamic;
mod ending;
mod enter;
mod fault;
mod fork;
mod found;
mod frame;
mod handler;
mod heap;
mod hooks;
mod identity;
mod ids;
mod interpose;
mod jump;
mod keys;
mod late;
mod map;
mod maps;
mod mask;
mod memory;
mod message;
mod mxcsr;
mod notes;
mod notices;
mod notify;
mod object;
mod owner;
mod permissive;
mod prepare;
mod program;
mod release;
mod relocations;
mod report;
mod robust;
mod sealed;
mod segment;
mod signal;
mod signal_entry;
mod start;
mod stdio;
mod switch;
mod symbol;
mod thread;
mod thunk;
mod unwind;
mod va_list;

use core::panic::PanicInfo;

/// A bug of the runtime itself: stop, say where.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let mut message = message::Message::new("internal error");
    if let Some(location) = info.location() {
        message =
            message.text(" at ").text(location.file()).text(":").decimal(location.line().into());
    }
    message.stop()
}
