//! What clears the registers which carry no argument or result, except general ones.
//!
//! What must be cleared depends on the signature, how on the CPU. Where there is AVX-512, which has most
//! to clear, and where there is AVX, a gate does it in line: calling a routine costs as much as clearing
//! the mask and MMX registers. Only CPUs without AVX, hardly any of which has protection keys, call one:
//! signatures that leave the same registers alive share a [`Pattern`], and each pattern has one routine.
//!
//! All this changes nothing but vector, mask and x87 registers; what is in line leaves the flags. It
//! runs with the rights of the compartment whose values it clears, before the switch: only that
//! compartment could stop it.

use abi::{Live, Register, X87};

use crate::insn::{Cfi, Gpr, Insn, Mem, Scrub, Xmm, Ymm};
use crate::masks::Masks;

/// Registers that stay.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Pattern {
    /// Vector registers: number, bytes that count, and which of these carry a value.
    vectors: Vec<(u8, u8, u64)>,
    /// How many numbers are on the x87 stack.
    x87: u8,
}

impl Pattern {
    /// What these arguments or results leave alive.
    pub(crate) fn of(live: &[Live]) -> Pattern {
        let mut pattern = Pattern::default();
        for live in live {
            match live.register {
                Register::Vector(vector) => {
                    pattern.vectors.push((vector.number(), live.bytes, live.value));
                }
                Register::X87(X87::St0) => pattern.x87 = pattern.x87.max(1),
                Register::X87(X87::St1) => pattern.x87 = 2,
                Register::General(_) => {}
            }
        }
        pattern.vectors.sort_unstable();
        pattern
    }

    /// Whether no vector register carries anything.
    pub(crate) fn is_free_of_vectors(&self) -> bool {
        self.vectors.is_empty()
    }

    fn vector(&self, number: u8) -> Option<(u8, u64)> {
        let found = self.vectors.iter().find(|(known, _, _)| *known == number)?;
        Some((found.1, found.2))
    }
}

/// The patterns of a program.
#[derive(Default)]
pub(crate) struct Scrubs {
    patterns: Vec<Pattern>,
}

impl Scrubs {
    /// Number of the pattern's routine.
    pub(crate) fn number(&mut self, pattern: Pattern) -> usize {
        self.patterns.iter().position(|known| *known == pattern).unwrap_or_else(|| {
            self.patterns.push(pattern);
            self.patterns.len() - 1
        })
    }

    /// All patterns, by number.
    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }
}

/// First vector register that no argument uses.
const FIRST_SPARE: u8 = abi::Vector::ARGUMENTS;
/// Below the stack pointer, in the red zone (psABI, section 3.2.2): where x87 numbers wait.
const X87_SCRATCH: [i32; 2] = [-32, -48];

/// Clears xmm0 to xmm15, however wide they are, on a CPU with AVX.
pub(crate) fn lower_vectors(pattern: &Pattern, masks: &mut Masks) -> Vec<Insn> {
    let mut out = Vec::new();
    vectors(pattern, 0..FIRST_SPARE, true, masks, &mut out);
    out.push(Insn::If(Scrub::Full));
    vectors(pattern, FIRST_SPARE..16, true, masks, &mut out);
    out.push(Insn::End);
    out
}

/// Clears what AVX-512 has besides.
pub(crate) fn upper_vectors() -> Vec<Insn> {
    let mut out = vec![Insn::If(Scrub::Full)];
    out.extend((16..32).map(Insn::ClearEvex));
    out.extend((0..8).map(Insn::ClearMask));
    out.push(Insn::End);
    out
}

/// The routine that clears vector registers on a CPU without AVX.
pub(crate) fn routine(pattern: &Pattern, masks: &mut Masks) -> Vec<Insn> {
    let mut out = vec![Insn::Cfi(Cfi::Startproc)];
    vectors(pattern, 0..FIRST_SPARE, false, masks, &mut out);
    out.push(Insn::If(Scrub::Full));
    vectors(pattern, FIRST_SPARE..16, false, masks, &mut out);
    out.extend([Insn::End, Insn::Ret, Insn::Cfi(Cfi::Endproc)]);
    out
}

/// The symbol of a pattern's routine, local to the library's object.
pub(crate) fn routine_symbol(number: usize) -> String {
    format!("ia2_scrub_{number}")
}

/// `whole`: by instructions with a VEX prefix, which also clear what lies above their result.
fn vectors(
    pattern: &Pattern,
    numbers: std::ops::Range<u8>,
    whole: bool,
    masks: &mut Masks,
    out: &mut Vec<Insn>,
) {
    for number in numbers {
        let xmm = Xmm(number);
        let Some((bytes, value)) = pattern.vector(number) else {
            out.push(if whole { Insn::ClearWhole(xmm) } else { Insn::ClearXmm(xmm) });
            continue;
        };
        match (bytes, value) {
            (..=16, _) if value == bits(16) && !whole => {}
            (..=16, _) if value == bits(16) => out.push(Insn::KeepLow16Whole(xmm)),
            (..=16, 0x0f) if whole => out.push(Insn::KeepLow4Whole(xmm)),
            (..=16, 0x0f) => out.push(Insn::KeepLow4(xmm)),
            (..=16, 0xff) if whole => out.push(Insn::KeepLow8Whole(xmm)),
            (..=16, 0xff) => out.push(Insn::KeepLow8(xmm)),
            (..=16, _) if whole => out.push(Insn::AndXmmWhole(xmm, masks.bytes(value, 16))),
            (..=16, _) => out.push(Insn::AndXmm(xmm, masks.bytes(value, 16))),
            (..=32, _) if value == bits(32) => out.push(Insn::KeepLow32Whole(Ymm(number))),
            (..=32, _) => out.push(Insn::AndYmm(Ymm(number), masks.bytes(value, 32))),
            (_, u64::MAX) => {}
            (_, _) => out.push(Insn::AndZmm(number, masks.bytes(value, 64))),
        }
    }
}

/// Clears the x87 stack, on every CPU. MMX instructions are the only quick way to write all eight
/// significands; they mark the registers as used, and `emms` as empty again: here if there are numbers
/// to put back, else behind the switch, where the gate does it in any case.
pub(crate) fn x87(pattern: &Pattern) -> Vec<Insn> {
    let scratch = &X87_SCRATCH[..usize::from(pattern.x87)];
    let place = |&offset: &i32| Mem::Base(Gpr::Rsp, offset);
    let mut out = vec![Insn::If(Scrub::Full)];
    out.extend(scratch.iter().map(place).map(Insn::FstpLong));
    out.extend((0..8).map(Insn::ClearMmx));
    if pattern.x87 > 0 {
        out.push(Insn::Emms);
    }
    out.extend(scratch.iter().rev().map(place).map(Insn::FldLong));
    out.push(Insn::End);
    out
}

/// A mask of so many bytes.
fn bits(bytes: u32) -> u64 {
    u64::MAX >> (64 - bytes)
}
