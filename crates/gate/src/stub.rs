//! Entry stubs: what opaque function pointers point to (`layout::stub`).
//!
//! A stub's entry may be called like a plain function by any compartment, also from inside the C
//! library; it looks at PKRU and goes on at the caller's slot. `IA2_CALL` goes to the slot at once.
//! A slot is a jump: into the function itself for its own compartment, into the caller's direct gate
//! for others, into a trap for compartments that have none.

use layout::callgates::table_entry;
use layout::stub;
use layout::trap::Trap;
use pkru::{Pkey, Pkru};

use crate::insn::{Cfi, Gpr, Insn, Mem};
use crate::{Crossing, Program, Stub, Target, gate_symbol, symbol};

/// The entry: finds the slot of the running compartment. All argument registers survive, and `al`,
/// which carries a number in variadic calls.
pub(crate) fn entry() -> Vec<Insn> {
    use Insn::{BitScanForward, CompareConstant, Constant, MoveIfEqual, Pop, Push, Zero};
    vec![
        Insn::Endbr64,
        Push(Gpr::Rax),
        Insn::Cfi(Cfi::AdjustCfaOffset(8)),
        Push(Gpr::Rcx),
        Insn::Cfi(Cfi::AdjustCfaOffset(8)),
        Push(Gpr::Rdx),
        Insn::Cfi(Cfi::AdjustCfaOffset(8)),
        Zero(Gpr::Rcx),
        Insn::Rdpkru,
        Constant(Gpr::Rcx, Pkru::of(Pkey::UNTRUSTED).bits()),
        CompareConstant(Gpr::Rax, Pkru::LINUX_DEFAULT.bits()),
        MoveIfEqual(Gpr::Rax, Gpr::Rcx),
        // Of key k the bits 2k and 2k+1 are clear; key 0's are clear in every compartment.
        Insn::Not(Gpr::Rax),
        Insn::AndConstant(Gpr::Rax, !3),
        BitScanForward(Gpr::Rcx, Gpr::Rax),
        // RDPKRU has cleared rdx; no bit found sets the zero flag.
        MoveIfEqual(Gpr::Rcx, Gpr::Rdx),
        Insn::Slots(Gpr::R11),
        Insn::LeaScaled8(Gpr::R11, Gpr::R11, Gpr::Rcx),
        Pop(Gpr::Rdx),
        Insn::Cfi(Cfi::AdjustCfaOffset(-8)),
        Pop(Gpr::Rcx),
        Insn::Cfi(Cfi::AdjustCfaOffset(-8)),
        Pop(Gpr::Rax),
        Insn::Cfi(Cfi::AdjustCfaOffset(-8)),
        Insn::JumpRegister(Gpr::R11),
    ]
}

const _: () = assert!(stub::SLOT_STRIDE == 16, "the entry computes 8 times twice the caller's key");

/// The slot of one calling compartment, among these.
pub(crate) fn slot(program: &Program, slots: &[(Pkey, Target)], caller: Pkey) -> Vec<Insn> {
    let target = slots.iter().find(|(pkey, _)| *pkey == caller).map(|&(_, target)| target);
    let jump = target.and_then(|Target { function: index, call }| {
        let function = &program.functions[index.0];
        if caller == function.pkey {
            let address = Mem::Own(symbol::TABLE, table_entry(index.0));
            return Some(Insn::JumpThrough(address));
        }
        Some(Insn::JumpTo(gate_symbol(caller, function, call?)))
    });
    vec![Insn::Endbr64, jump.unwrap_or(Insn::Trap(Trap::NoGate as u8))]
}

/// The direct gates that a stub's slots lead to.
pub(crate) fn crossings<'a>(
    program: &'a Program,
    stub: &'a Stub,
) -> impl Iterator<Item = Crossing> + 'a {
    let slots = stub.all_slots().flatten();
    slots.filter_map(|&(caller, Target { function, call })| {
        let crosses = program.functions[function.0].pkey != caller;
        call.filter(|_| crosses).map(|call| Crossing { caller, function, call })
    })
}
