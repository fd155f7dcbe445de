//! What a direct gate does to general registers: moving those that WRPKRU uses out of the way,
//! clearing all that say something, and making narrow integers what their type says.
//!
//! Who sends clears, so that nothing leaks; who receives extends narrow integers, because the sender
//! may be hostile: compilers index memory with a `_Bool` without looking at its other 31 bits.

use abi::{Extension, General, Live, Register};

use super::Builder;
use crate::insn::{Gpr, Insn, Mem, Scrub};

/// Argument registers that WRPKRU overwrites, and where they wait meanwhile.
const MOVED_ARGUMENTS: [(Gpr, Gpr); 3] =
    [(Gpr::R12, Gpr::Rdx), (Gpr::R13, Gpr::Rcx), (Gpr::R10, Gpr::Rax)];
/// Result registers that WRPKRU overwrites, and where they wait meanwhile.
const MOVED_RESULTS: [(Gpr, Gpr); 3] =
    [(Gpr::R12, Gpr::Rax), (Gpr::R13, Gpr::Rdx), (Gpr::R10, Gpr::Rcx)];
/// Argument registers that stay where they are.
const STAYING: [Gpr; 4] = [Gpr::Rdi, Gpr::Rsi, Gpr::R8, Gpr::R9];

impl Builder<'_, '_> {
    /// In the caller: moves arguments, clears their padding and what is no argument. What WRPKRU
    /// overwrites needs no clearing; its operands are zero or a constant.
    pub(super) fn prepare_arguments(&mut self, live: &[Live]) {
        self.move_out(live, &MOVED_ARGUMENTS);
        self.clear_dead(live, &MOVED_ARGUMENTS);
    }

    /// In the target: undoes the moves. `rbx` is zero because the check left it so; r14 and r15 hold
    /// nothing that the callee may not know.
    pub(super) fn restore_arguments(&mut self, live: &[Live]) {
        for (offset, extension) in self.signature.narrow_stack_arguments() {
            let place = Mem::Base(Gpr::Rsp, i32::try_from(offset).expect("below the limit"));
            self.push([Insn::LoadLow(Gpr::Rax, place.clone())]);
            self.push(extended(Gpr::Rax, Gpr::Rax, extension));
            self.push([Insn::StoreLow(place, Gpr::Rax)]);
        }
        for register in STAYING {
            if let Some(extension) = find(live, register).and_then(|live| live.narrow) {
                self.push(extended(register, register, extension));
            }
        }
        self.move_back(live, &MOVED_ARGUMENTS);
        // Nobody should follow the caller's frames from here.
        self.push([Insn::Zero(Gpr::Rbp), Insn::If(Scrub::Full)]);
        self.push([Insn::Zero(Gpr::R12), Insn::Zero(Gpr::R13)]);
        if find(live, Gpr::Rax).is_some() {
            self.push([Insn::Zero(Gpr::R10)]);
        }
        if self.frame.is_chunked() {
            self.push([Insn::Zero(Gpr::R11)]);
        }
        self.push([Insn::End]);
    }

    /// In the target: moves results, clears their padding and what is no result. The caller restores
    /// the registers that are its own, and rax, rcx and rdx are WRPKRU's.
    pub(super) fn prepare_results(&mut self, live: &[Live]) {
        // Of a result in memory the caller knows the address.
        let live = if self.frame.result.is_some() { &[] } else { live };
        self.move_out(live, &MOVED_RESULTS);
        self.clear_dead(live, &MOVED_RESULTS);
    }

    /// In the caller: puts results where they belong.
    pub(super) fn restore_results(&mut self) {
        if self.frame.result.is_some() {
            return;
        }
        let live = self.signature.result_registers();
        self.move_back(&live, &MOVED_RESULTS);
        if find(&live, Gpr::Rcx).is_some() {
            self.push([Insn::Zero(Gpr::R10)]);
        }
    }

    fn move_out(&mut self, live: &[Live], moves: &[(Gpr, Gpr)]) {
        for &(kept, register) in moves {
            if let Some(live) = find(live, register) {
                self.push(copy_value(kept, register, live.value));
            }
        }
    }

    fn move_back(&mut self, live: &[Live], moves: &[(Gpr, Gpr)]) {
        for &(kept, register) in moves {
            match find(live, register) {
                None => {}
                Some(Live { narrow: None, .. }) => self.push([Insn::Mov(register, kept)]),
                Some(&Live { narrow: Some(extension), .. }) => {
                    self.push(extended(register, kept, extension));
                }
            }
        }
    }

    /// Clears general registers, but for what they or those that were moved into them carry.
    fn clear_dead(&mut self, live: &[Live], moves: &[(Gpr, Gpr)]) {
        self.push([Insn::If(Scrub::Args)]);
        for register in STAYING {
            match find(live, register) {
                None => self.push([Insn::Zero(register)]),
                Some(live) if live.value == 0xff => {}
                Some(live) => self.push(copy_value(register, register, live.value)),
            }
        }
        self.push([Insn::End, Insn::If(Scrub::Full)]);
        let is_taken = |register: Gpr| {
            moves.iter().any(|&(kept, from)| kept == register && find(live, from).is_some())
        };
        let dead = [Gpr::R10, Gpr::R11].into_iter().filter(|&register| !is_taken(register));
        self.push(dead.map(Insn::Zero));
        self.push([Insn::End]);
    }
}

/// Copies the bytes of a register that carry a value and clears the others.
fn copy_value(to: Gpr, from: Gpr, value: u64) -> Vec<Insn> {
    match value {
        0xff => vec![Insn::Mov(to, from)],
        0x0f => vec![Insn::MovLow(to, from)],
        0x03 => vec![Insn::MovWord(to, from)],
        0x01 => vec![Insn::MovByte(to, from)],
        _ => {
            let mask =
                (0..8).filter(|byte| value & (1 << byte) != 0).map(|byte| 0xff << (8 * byte)).sum();
            let mut out = vec![Insn::LongConstant(Gpr::R11, mask), Insn::And(Gpr::R11, from)];
            out.push(Insn::Mov(to, Gpr::R11));
            out
        }
    }
}

/// Copies a narrow integer and extends it to 32 bits.
fn extended(to: Gpr, from: Gpr, extension: Extension) -> Vec<Insn> {
    match extension {
        Extension { bits: 1, signed: false } => {
            vec![Insn::MovLow(to, from), Insn::AndConstant(to, 1)]
        }
        Extension { bits: 8, signed: false } => vec![Insn::MovByte(to, from)],
        Extension { bits: 8, signed: true } => vec![Insn::MovByteSigned(to, from)],
        Extension { bits: 16, signed: false } => vec![Insn::MovWord(to, from)],
        Extension { bits: 16, signed: true } => vec![Insn::MovWordSigned(to, from)],
        Extension { bits, signed } => {
            let unused = 32 - u8::try_from(bits).expect("narrow integers have at most 31 bits");
            let back = if signed { Insn::ShiftRightSigned } else { Insn::ShiftRight };
            vec![Insn::MovLow(to, from), Insn::ShiftLeft(to, unused), back(to, unused)]
        }
    }
}

/// What the register carries.
fn find(live: &[Live], register: Gpr) -> Option<&Live> {
    live.iter().find(|live| general(live) == Some(register))
}

/// The general register that is live, if it is one.
fn general(live: &Live) -> Option<Gpr> {
    let Register::General(general) = live.register else { return None };
    Some(match general {
        General::Rax => Gpr::Rax,
        General::Rcx => Gpr::Rcx,
        General::Rdx => Gpr::Rdx,
        General::Rsi => Gpr::Rsi,
        General::Rdi => Gpr::Rdi,
        General::R8 => Gpr::R8,
        General::R9 => Gpr::R9,
    })
}
