//! The registers that carry arguments and results.

use std::fmt;

use crate::place::Extension;

/// A general register that carries an argument, a result or a fact about the call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "each name is the register's")]
pub enum General {
    Rax,
    Rcx,
    Rdx,
    Rsi,
    Rdi,
    R8,
    R9,
}

impl General {
    /// The registers of integer arguments, in order (psABI section 3.2.3).
    pub const ARGUMENTS: [General; 6] =
        [General::Rdi, General::Rsi, General::Rdx, General::Rcx, General::R8, General::R9];

    fn name(self) -> &'static str {
        match self {
            General::Rax => "rax",
            General::Rcx => "rcx",
            General::Rdx => "rdx",
            General::Rsi => "rsi",
            General::Rdi => "rdi",
            General::R8 => "r8",
            General::R9 => "r9",
        }
    }
}

/// A vector register by its number: `xmm3`, `ymm3` and `zmm3` are the same one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Vector(u8);

impl Vector {
    /// How many vector registers carry arguments: numbers 0 to 7.
    pub const ARGUMENTS: u8 = 8;

    /// The register with this number.
    pub(crate) fn new(number: u8) -> Vector {
        assert!(number < Vector::ARGUMENTS, "only xmm0 to xmm7 carry values");
        Vector(number)
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// A register of the x87 stack, counted from its top.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "each name is the register's")]
pub enum X87 {
    St0,
    St1,
}

/// A register that carries a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "each name is the kind of register")]
pub enum Register {
    General(General),
    Vector(Vector),
    X87(X87),
}

impl From<General> for Register {
    fn from(register: General) -> Register {
        Register::General(register)
    }
}

impl fmt::Display for Register {
    /// `rdi`, `xmm0` (at any width), `st0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Register::General(general) => f.write_str(general.name()),
            Register::Vector(vector) => write!(f, "xmm{}", vector.0),
            Register::X87(X87::St0) => f.write_str("st0"),
            Register::X87(X87::St1) => f.write_str("st1"),
        }
    }
}

/// What a register carries across a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Live {
    /// The register.
    pub register: Register,
    /// How many of its low bytes hold bytes of the object; all above hold whatever was there
    /// before. Up to 8 in a general register, 64 in a vector register, 10 on the x87 stack.
    pub bytes: u8,
    /// Which of these bytes carry the value, bit `i` for byte `i`. The others are padding.
    pub value: u64,
    /// Set for a narrow integer. A well-behaved compiler has extended an argument and need not have
    /// extended a result; whoever receives either may index memory with it.
    pub narrow: Option<Extension>,
}
