//! One instruction with one key more than its compartment has.
//!
//! While it runs, all signals but those it can raise itself are blocked, so nothing else runs with
//! the wider rights, and one slot per thread is enough. An instruction that touches two foreign
//! places faults twice and is logged twice.
//!
//! A repeated string instruction would trap after every repetition; the usual ones run in a copy of
//! theirs that traps once, behind it ([`super::trampoline`]).

use libc::{REG_EFL, REG_RIP, siginfo_t, ucontext_t};
use pkru::Pkru;

use super::log;
use super::site::Access;
use super::{lent, thread, trampoline};
use crate::cfi::{RIP, Registers};
use crate::fault::{Fault, pkru_of, set_pkru};
use crate::handler::SYNCHRONOUS;
use crate::owner::key_of;

/// Trap flag (SDM volume 1, section 3.4.3).
const TRAP_FLAG: i64 = 1 << 8;

/// The step that is being made, if [`Step::instruction`] is not 0.
#[repr(C)]
pub(super) struct Step {
    /// Address of the instruction.
    instruction: usize,
    /// Address behind it, if it runs in a copy, else 0.
    behind: usize,
    /// What is to be restored: rights, signal mask, and the program's own trap flag.
    rights: u32,
    trap_flag: u32,
    mask: u64,
}

/// Logs the violation and lets the instruction run. False if the key is not the reason.
pub(super) fn begin(info: &siginfo_t, context: &mut ucontext_t) -> bool {
    let mut fault = Fault::new(info, context);
    let Some(key) = fault.key else { return false };
    let step = &mut thread().step;
    let goes_on = step.instruction != 0;
    if goes_on {
        // The same instruction, at another place. Its rights are its compartment's still.
        fault.running = Pkru::from_bits(step.rights);
        fault.instruction = step.instruction;
    }
    let running = fault.running.compartment();
    if lent::take_back(fault.address, running) {
        return true;
    }
    let access = if fault.is_write { Access::Write } else { Access::Read };
    let mut registers = Registers::of(context);
    registers.0[RIP] = fault.instruction;
    // The key may be that of another compartment, to which the page is lent.
    let owner = key_of(fault.address).unwrap_or(key);
    let is_lent = log::record(access, fault.running, owner, fault.address, &registers);
    if is_lent && !goes_on {
        return true;
    }
    // A read opens the key for reading only: what the instruction writes there faults, too.
    let (no_access, no_write) = (1 << (2 * key.number()), 2 << (2 * key.number()));
    let rights = pkru_of(context).bits() & !no_access;
    let rights = if fault.is_write { rights & !no_write } else { rights | no_write };
    set_pkru(context, Pkru::from_bits(rights));
    if goes_on {
        return true;
    }
    let registers = &mut context.uc_mcontext.gregs;
    *step = Step {
        instruction: fault.instruction,
        behind: 0,
        rights: fault.running.bits(),
        trap_flag: (registers[REG_EFL as usize] & TRAP_FLAG) as u32,
        mask: mask_of(context),
    };
    let registers = &mut context.uc_mcontext.gregs;
    // SAFETY: the bytes of an instruction that was just executed, or are behind it in its object.
    let bytes = unsafe { &*(fault.instruction as *const [u8; 3]) };
    match trampoline::string_copy(bytes) {
        Some((copy, length)) => {
            step.behind = fault.instruction + length;
            registers[REG_RIP as usize] = copy as i64;
        }
        None => registers[REG_EFL as usize] |= TRAP_FLAG,
    }
    set_mask(context, !SYNCHRONOUS);
    true
}

/// The instruction is done: takes the key away. False if no step was being made.
pub(super) fn end(context: &mut ucontext_t) -> bool {
    let step = &mut thread().step;
    if step.instruction == 0 {
        return false;
    }
    if context.uc_mcontext.gregs[REG_RIP as usize] as usize == step.instruction {
        // A repetition.
        return true;
    }
    if step.behind != 0 {
        context.uc_mcontext.gregs[REG_RIP as usize] = step.behind as i64;
    }
    restore(step, context);
    true
}

/// The instruction has raised a signal for another reason: undoes the step.
pub(super) fn abandon(context: &mut ucontext_t) {
    let step = &mut thread().step;
    if step.instruction != 0 {
        context.uc_mcontext.gregs[REG_RIP as usize] = step.instruction as i64;
        restore(step, context);
    }
}

fn restore(step: &mut Step, context: &mut ucontext_t) {
    let flags = &mut context.uc_mcontext.gregs[REG_EFL as usize];
    *flags = *flags & !TRAP_FLAG | i64::from(step.trap_flag);
    set_pkru(context, Pkru::from_bits(step.rights));
    set_mask(context, step.mask);
    step.instruction = 0;
}

/// The signal mask in a frame: the kernel's, 8 bytes.
pub(super) fn mask_of(context: &ucontext_t) -> u64 {
    // SAFETY: the first word of the field is the kernel's mask.
    unsafe { (&raw const context.uc_sigmask).cast::<u64>().read() }
}

/// Changes the signal mask in a frame.
pub(super) fn set_mask(context: &mut ucontext_t, mask: u64) {
    // SAFETY: as above.
    unsafe { (&raw mut context.uc_sigmask).cast::<u64>().write(mask) }
}
