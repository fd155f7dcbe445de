//! The frames that a compartment has put on its stack since it was entered last: a *segment*.
//!
//! At the end of a thread each compartment unwinds its own segments, from inside to outside, so that
//! what its code has left to unwinding (`__attribute__((cleanup))`) is run by itself. It looks at nothing
//! but its own stack: where a segment ends is in the compilers' tables, and which compartment called is in
//! the gates' list of callers.
//!
//! ```text
//! stack of 2: … f2 ─ gate frame (2 called 1) ─ g2 ─ h2 ◄ the thread ends here
//!                    └ an outer segment ────┘  └ this one: its border is the gate that called g2, by 1
//! ```

use core::arch::naked_asm;

use layout::callgates::{CALL_PHASES, FIRST_IDENTITY, Gate, IDENTITIES};
use pkru::Pkey;

use crate::cfi::{self, RIP, RSP, Registers};
use crate::hooks::END_THREAD;
use crate::ids::{callgates, gates};
use crate::owner::object_at;
use crate::{enter, signal};

/// Where a segment ends.
pub(crate) struct Border {
    /// The stack pointer outside of its outermost frame.
    pub(crate) top: usize,
    /// Who called; `None` if that was a signal.
    pub(crate) caller: Option<Pkey>,
    /// The saved stack pointer that the compartment had before it was entered; 0 if a signal did that.
    pub(crate) outer: usize,
}

/// The border of the segment that these registers are in. `None` if the tables do not lead there.
pub(crate) fn border(mut registers: Registers) -> Option<Border> {
    loop {
        // In front of the return address is the call.
        let (pc, top) = (registers.0[RIP] - 1, registers.0[RSP]);
        if enter::contains(pc) {
            let caller = u8::try_from(registers.0[enter::CALLER]).ok().and_then(Pkey::new);
            return Some(Border { top, caller, outer: top + enter::CALLEE_SIZE });
        }
        if signal::is_delivery(pc) {
            return Some(Border { top, caller: None, outer: 0 });
        }
        if let Some(gate) = gate_at(pc) {
            let place = top + gate.body as usize;
            let outer = match gate.keeps_old_pointer {
                0 => place + size_of::<usize>(),
                // SAFETY: the gate has written it there, on the running compartment's stack.
                _ => unsafe { (place as *const usize).read() },
            };
            return Some(Border { top, caller: Pkey::new(gate.caller), outer });
        }
        (registers, _) = cfi::step_loaded(object_at(pc)?, pc, &registers)?;
        if registers.0[RSP] <= top || registers.0[RIP] == 0 {
            return None;
        }
    }
}

/// Whether the address is one of code between compartments.
pub(crate) fn is_transition(address: usize) -> bool {
    let gates = callgates();
    let in_gates = (gates.text as usize..gates.text_end as usize).contains(&address);
    in_gates || enter::contains(address) || signal::is_delivery(address)
}

/// The direct gate that has this address.
fn gate_at(address: usize) -> Option<&'static Gate> {
    let described = callgates();
    let is_gates = (described.text as usize..described.text_end as usize).contains(&address);
    let offset = address.checked_sub(described.text as usize).filter(|_| is_gates)?;
    let behind = gates().partition_point(|gate| gate.start as usize <= offset);
    gates().get(behind.checked_sub(1)?)
}

/// Where the running compartment's saved registers are in the frame of the gate through which it has
/// called another one, if that is what stands at its saved stack pointer: r15, r14, r13, r12, rbx, rbp, and
/// the return address.
pub(crate) fn left_through(mut stack: usize) -> Option<usize> {
    // SAFETY: a compartment's saved stack pointer leads to its own stack: to the frame of a gate, to the
    // record of a signal, or to the words of an idle stack.
    let read = |address: usize| unsafe { (address as *const i64).read() };
    let mut word = read(stack);
    // Where it has left a segment that had ended, the one outside of that is the last.
    while enter::is_frame(word as u64) && is_end(word as u32) {
        stack = read(stack + enter::FRAME_SIZE + RBX_PLACE) as usize;
        if stack == 0 {
            return None;
        }
        word = read(stack);
    }
    let size = if enter::is_frame(word as u64) {
        enter::FRAME_SIZE
    } else {
        let below = i64::from(FIRST_IDENTITY).checked_sub(word).filter(|&below| below >= 0)?;
        let (number, phase) = (below / i64::from(IDENTITIES), below % i64::from(IDENTITIES));
        if !CALL_PHASES.contains(&(phase as i32)) {
            return None;
        }
        gates().get(usize::try_from(number).ok()?)?.frame.into()
    };
    Some(stack + size)
}

/// Whether a hook ends the thread in some compartment.
fn is_end(hook: u32) -> bool {
    (END_THREAD..END_THREAD + Pkey::COUNT).contains(&(hook as usize))
}

/// Where rbx is in what [`left_through`] gives.
const RBX_PLACE: usize = 32;

/// Goes on ending the thread in another compartment, by its hook's thunk (`rdi`) with two arguments. Leaves
/// in its frame, as rbx, the saved stack pointer ([`Border::outer`]) of the running one's segment that has
/// ended; 0 if none has.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave(
    thunk: usize,
    first: usize,
    second: usize,
    outer: usize,
) -> ! {
    naked_asm!(
        "mov rbx, rcx",
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "xor edx, edx",
        "sub rsp, 8",
        "call rax",
        "ud2",
    )
}

/// Goes on in a function as if the call that left its compartment had been one of that function: with the
/// registers saved there (`rdi`, from [`left_through`]), two arguments and the return address of the call.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn call_instead(
    registers: usize,
    first: usize,
    second: usize,
    function: extern "C" fn(usize, usize) -> !,
) -> ! {
    naked_asm!(
        "mov r15, [rdi]",
        "mov r14, [rdi + 8]",
        "mov r13, [rdi + 16]",
        "mov r12, [rdi + 24]",
        "mov rbx, [rdi + 32]",
        "mov rbp, [rdi + 40]",
        "lea rsp, [rdi + 48]",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "jmp rcx",
    )
}

/// The caller's registers.
pub(crate) fn here() -> Registers {
    let mut registers = Registers([0; 17]);
    // SAFETY: writes the structure.
    unsafe { capture(&mut registers) };
    registers
}

/// Stores what a call preserves, the stack pointer, and where the call returns to; in DWARF's order.
#[unsafe(naked)]
unsafe extern "C" fn capture(registers: &mut Registers) {
    naked_asm!(
        "mov [rdi + 3 * 8], rbx",
        "mov [rdi + 6 * 8], rbp",
        "lea rax, [rsp + 8]",
        "mov [rdi + 7 * 8], rax",
        "mov [rdi + 12 * 8], r12",
        "mov [rdi + 13 * 8], r13",
        "mov [rdi + 14 * 8], r14",
        "mov [rdi + 15 * 8], r15",
        "mov rax, [rsp]",
        "mov [rdi + 16 * 8], rax",
        "ret",
    )
}
