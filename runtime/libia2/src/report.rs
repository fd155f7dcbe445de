//! The violation report: who touched what, whose it is.
//!
//! It reads sealed memory, the signal frame and files, and changes nothing. Afterwards the signal has
//! its default action and the faulting instruction runs again, so the process ends as it would
//! without us.

use libc::{REG_RDI, SIGBUS, SIGILL, SIGSEGV, siginfo_t, ucontext_t};
use pkru::Pkey;

use crate::action::{self, Forward};
use crate::cfi::Registers;
use crate::fault::{Fault, SEGV_ACCERR};
use crate::handler;
use crate::ids::callgates;
use crate::map::ia2_print_memory_map;
use crate::message::{Level, Message};
use crate::owner::{describe_code, describe_local, object_at, place_of, stack_of};
use crate::permissive;
use crate::sealed::sealed;
use crate::{alignment, backtrace, cancel};
use layout::trap::{self, Trap};

/// Signals by which protection shows, and the one by which gates clear EFLAGS.AC.
pub(crate) const SIGNALS: [i32; 3] = [SIGSEGV, SIGILL, SIGBUS];

/// Reports what raised the signal, if it is about compartments, and lets the process end.
pub(crate) fn handle(signal: i32, info: &siginfo_t, context: &mut ucontext_t) -> usize {
    if signal == SIGBUS && alignment::clear(info, context) {
        return 0;
    }
    if signal as u32 == sealed().map_signal {
        ia2_print_memory_map();
        return 0;
    }
    let fault = Fault::new(info, context);
    match (signal, fault.key) {
        (SIGSEGV, _) if cancel::redirect(&fault, context) => return 0,
        (SIGSEGV, Some(key)) => {
            report_key(&fault, key, context);
            // A program that handles crashes may do so, in the compartment of its handler.
            if let Forward::Call(entry) = action::forward(signal) {
                return entry;
            }
        }
        (SIGSEGV, None) if fault.code == SEGV_ACCERR && report_guard_page(&fault, context) => {
            // Only a handler on another stack can run now.
            if let Forward::Call(entry) = action::forward(signal)
                && action::has_stack_of_its_own(signal, entry)
            {
                return entry;
            }
        }
        (SIGILL, _) if report_trap(&fault, context) => {}
        _ => match action::forward(signal) {
            Forward::Call(entry) => return entry,
            Forward::Ignore if is_sent(info) => return 0,
            _ => report_other(&fault, signal),
        },
    }
    permissive::ends();
    handler::give_up(signal);
    if is_sent(info) {
        // No instruction will raise it again.
        handler::send_to_self(signal);
    }
    0
}

/// Whether somebody sent the signal (sigaction(2)).
fn is_sent(info: &siginfo_t) -> bool {
    info.si_code <= 0
}

fn report_key(fault: &Fault, key: Pkey, context: &ucontext_t) {
    let access = if fault.is_write { " must not write " } else { " must not read " };
    fault
        .who(Message::new("violation: "))
        .text(access)
        .hex(fault.address as u64)
        .text(", which belongs to compartment ")
        .decimal(key.number().into())
        .print();
    fault.print_place();
    let registers = Registers::of(context);
    backtrace::print(&registers);
    let place = place_of(fault.address).describe(Message::new("  the address is in "));
    match backtrace::function_with_local(&registers, fault.address) {
        Some(function) => describe_local(place, function).print(),
        None => place.print(),
    }
}

/// False if it is no guard page.
fn report_guard_page(fault: &Fault, context: &ucontext_t) -> bool {
    let Some(pkey) = stack_of(fault.address) else { return false };
    fault
        .who(Message::new("stack overflow: "))
        .text(" ran over the end of the stack of compartment ")
        .decimal(pkey.number().into())
        .text(" at ")
        .hex(fault.address as u64)
        .text("; IA2_STACK_SIZE sets the size in bytes")
        .print();
    fault.print_place();
    backtrace::print(&Registers::of(context));
    true
}

/// The failed check that the instruction at the address stands for.
pub(crate) fn trap_at(instruction: usize) -> Option<Trap> {
    let gates = callgates();
    let in_gates = (gates.text as usize..gates.text_end as usize).contains(&instruction);
    // The runtime traps in the executable, `IA2_CALL` wherever it is used.
    let in_object = object_at(instruction).is_some_and(|object| object.has_code_at(instruction));
    if !in_gates && !in_object {
        return None;
    }
    // SAFETY: the bytes of the instruction that was just executed; objects' code is readable.
    let bytes = unsafe { *(instruction as *const [u8; 5]) };
    Trap::from_code(*bytes.strip_prefix(&trap::PREFIX)?.first()?)
}

/// False if it is none of our traps.
fn report_trap(fault: &Fault, context: &ucontext_t) -> bool {
    let Some(trap) = trap_at(fault.instruction) else { return false };
    fault.who(Message::new("violation: ")).text(" stopped: ").text(trap.message()).print();
    fault.print_place();
    backtrace::print(&Registers::of(context));
    if trap == Trap::Pointer {
        describe_pointer(context);
    }
    true
}

/// Says where a pointer that `IA2_CALL` refused leads, and what to do: it leaves the address in `rdi`.
fn describe_pointer(context: &ucontext_t) {
    let address = context.uc_mcontext.gregs[REG_RDI as usize] as usize;
    let Some(object) = object_at(address).filter(|object| object.has_code_at(address)) else {
        Message::new("  the pointer is ").hex(address as u64).text(", where no code is").print();
        return;
    };
    let message = describe_code(Message::new("  the pointer leads to "), address);
    let is_gates = object.has_code_at(callgates().text as usize);
    if object.pkey.is_untrusted() && !is_gates {
        message
            .text(", which belongs to no compartment, so it has no gates; call it by its name or ")
            .text("through a function of your own (one of the C library: or look it up in the ")
            .text("compartment that calls it)")
            .print();
    } else {
        message.text(", which is no pointer of the called type").print();
    }
}

/// A crash that has nothing to do with compartments, for those who want to be sure of that.
fn report_other(fault: &Fault, signal: i32) {
    let message = fault
        .who(Message::at(Level::Info, "not a violation: "))
        .text(" raised signal ")
        .decimal(signal as u64)
        .text(", code ")
        .decimal(fault.code as u32 as u64)
        .text(", address ")
        .hex(fault.address as u64)
        .text(", in ");
    describe_code(message, fault.instruction).print();
}
