//! EFLAGS.AC: who sets it makes every misaligned access fault, also somebody else's.
//!
//! Gates clear it without ever looking at it: their first access to memory behind a switch is
//! misaligned on purpose (`layout::thread_block::COOKIE`), so with AC set it raises SIGBUS. The
//! handler clears the flag and lets the gate go on. Emulators that do not check alignment are found
//! out at start; for them the gates test the flag.

use core::arch::naked_asm;
use core::ffi::c_void;

use libc::{BUS_ADRALN, REG_EFL, REG_RIP, SIGBUS, siginfo_t, ucontext_t};

use crate::handler;
use crate::ids::callgates;

/// EFLAGS.AC (SDM volume 1, section 3.4.3).
pub(crate) const ALIGNMENT_CHECK: u32 = 1 << 18;

/// Whether this CPU stops at a misaligned access when the flag is set.
pub(crate) fn is_checked() -> bool {
    handler::install(&[SIGBUS]);
    probe() & u64::from(ALIGNMENT_CHECK) == 0
}

/// Sets the flag, reads a misaligned word, and returns the flags as they are then. If the flag is
/// gone, the handler was there.
#[unsafe(naked)]
extern "C" fn probe() -> u64 {
    naked_asm!(
        "pushfq", "or dword ptr [rsp], {flag}", "popfq",
        "mov eax, [rsp - 7]",
        "pushfq", "pop rax",
        "push rax", "and dword ptr [rsp], ~{flag}", "popfq",
        "ret",
        flag = const ALIGNMENT_CHECK,
    )
}

/// More than the size of [`probe`].
const PROBE_SIZE: usize = 64;

/// Clears the flag in what SIGBUS interrupted. False if that was no gate.
pub(crate) fn clear(info: &siginfo_t, context: &mut ucontext_t) -> bool {
    let gates = callgates();
    let registers = &mut context.uc_mcontext.gregs;
    let at = registers[REG_RIP as usize] as usize;
    let probe = probe as *const c_void as usize;
    let is_gate = (gates.text as usize..gates.text_end as usize).contains(&at)
        || (probe..probe + PROBE_SIZE).contains(&at);
    let flags = &mut registers[REG_EFL as usize];
    let is_set = *flags & i64::from(ALIGNMENT_CHECK) != 0;
    if info.si_code != BUS_ADRALN || !is_gate || !is_set {
        return false;
    }
    *flags &= !i64::from(ALIGNMENT_CHECK);
    true
}
