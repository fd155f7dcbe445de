//! What a direct gate does to registers: carrying bytes in spare ones, clearing all that say something.

use abi::{General, Live, Register};
use layout::callgates::{CPU_HAS_AVX, TABLE_CPU};

use super::{Builder, symbol};
use crate::insn::{Condition, Gpr, Insn, Label, Mem, Xmm};

impl Builder<'_> {
    /// Copies bytes from memory to xmm8 and up. The last register takes 8 bytes if no more are left.
    pub(super) fn load_spare(&mut self, bytes: i32, base: Gpr, offset: i32) {
        for (register, start) in (8..).zip((0..bytes).step_by(16)) {
            let place = Mem::Base(base, offset + start);
            self.push([match bytes - start {
                ..=8 => Insn::LoadXmm8(Xmm(register), place),
                _ => Insn::LoadXmm(Xmm(register), place),
            }]);
        }
    }

    /// Copies bytes from xmm8 and up to memory.
    pub(super) fn store_spare(&mut self, bytes: i32, base: Gpr, offset: i32) {
        for (register, start) in (8..).zip((0..bytes).step_by(16)) {
            let place = Mem::Base(base, offset + start);
            self.push([match bytes - start {
                ..=8 => Insn::StoreXmm8(place, Xmm(register)),
                _ => Insn::StoreXmm(place, Xmm(register)),
            }]);
        }
    }

    /// Clears vector registers but what is live in them.
    pub(super) fn clear_vectors(&mut self, live: &[Live], done: Label) {
        self.clear_vectors_but(live, 0, done);
    }

    /// Clears vector registers but what is live in them and the first `spare` ones from xmm8 on.
    pub(super) fn clear_vectors_but(&mut self, live: &[Live], spare: usize, done: Label) {
        self.push([
            Insn::TestBits(Mem::Own(symbol::TABLE, TABLE_CPU), CPU_HAS_AVX),
            Insn::Jump(Condition::Equal, done),
            Insn::Vzeroupper,
            Insn::Label(done),
        ]);
        for number in 0..16u8 {
            let xmm = Xmm(number);
            let bytes = live.iter().find_map(|live| match live.register {
                Register::Vector(vector) if vector.number() == number => Some(live.bytes),
                _ => None,
            });
            let is_spare = (8..8 + spare).contains(&usize::from(number));
            match bytes {
                _ if is_spare => {}
                None => self.push([Insn::ClearXmm(xmm)]),
                Some(..=4) => self.push([Insn::KeepLow4(xmm)]),
                Some(5..=8) => self.push([Insn::KeepLow8(xmm)]),
                Some(_) => {}
            }
        }
    }

    /// Clears general registers but what is live in them and the `untouched` ones.
    pub(super) fn clear_general(&mut self, live: &[Live], untouched: &[Gpr]) {
        let mut masks = Vec::new();
        for register in Gpr::ALL_BUT_RSP {
            if untouched.contains(&register) {
                continue;
            }
            match live.iter().find(|live| general(live) == Some(register)) {
                None => self.push([Insn::Zero(register)]),
                Some(live) => masks.push((register, byte_mask(live.value))),
            }
        }
        // r10 is no argument, so it is free to hold a mask, and clear again afterwards.
        let mut used_r10 = false;
        for (register, mask) in masks {
            match mask {
                u64::MAX => {}
                0xffff_ffff => self.push([Insn::ZeroUpperHalf(register)]),
                ..0x8000_0000 => self.push([Insn::AndConstant(register, mask as u32)]),
                _ => {
                    used_r10 = true;
                    self.push([Insn::LongConstant(Gpr::R10, mask), Insn::And(register, Gpr::R10)]);
                }
            }
        }
        if used_r10 {
            self.push([Insn::Zero(Gpr::R10)]);
        }
    }
}

/// Eight bits for every bit of a byte mask.
fn byte_mask(bytes: u64) -> u64 {
    (0..8).filter(|byte| bytes & (1 << byte) != 0).map(|byte| 0xff << (8 * byte)).sum()
}

/// The general register that is live, if it is one.
pub(super) fn general(live: &Live) -> Option<Gpr> {
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
