//! The registers gates name.

use std::fmt;

/// A 64-bit general register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "each name is the register's")]
pub enum Gpr {
    Rax,
    Rbx,
    Rcx,
    Rdx,
    Rsi,
    Rdi,
    Rbp,
    Rsp,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
}

impl Gpr {
    fn name(self) -> &'static str {
        match self {
            Gpr::Rax => "rax",
            Gpr::Rbx => "rbx",
            Gpr::Rcx => "rcx",
            Gpr::Rdx => "rdx",
            Gpr::Rsi => "rsi",
            Gpr::Rdi => "rdi",
            Gpr::Rbp => "rbp",
            Gpr::Rsp => "rsp",
            Gpr::R8 => "r8",
            Gpr::R9 => "r9",
            Gpr::R10 => "r10",
            Gpr::R11 => "r11",
            Gpr::R12 => "r12",
            Gpr::R13 => "r13",
            Gpr::R14 => "r14",
            Gpr::R15 => "r15",
        }
    }

    fn has_number(self) -> bool {
        self.name()[1..].starts_with(|c: char| c.is_ascii_digit())
    }

    /// The low half, as assemblers write it.
    pub(super) fn low(self) -> String {
        let name = self.name();
        if self.has_number() { format!("%{name}d") } else { format!("%e{}", &name[1..]) }
    }

    /// The low 16 bits.
    pub(super) fn word(self) -> String {
        let name = self.name();
        if self.has_number() { format!("%{name}w") } else { format!("%{}", &name[1..]) }
    }

    /// The low byte.
    pub(super) fn byte(self) -> String {
        let name = self.name();
        match name {
            _ if self.has_number() => format!("%{name}b"),
            "rax" | "rbx" | "rcx" | "rdx" => format!("%{}l", &name[1..2]),
            _ => format!("%{}l", &name[1..]),
        }
    }

    /// Number in DWARF (psABI, figure 3.36).
    pub fn dwarf(self) -> u8 {
        match self {
            Gpr::Rax => 0,
            Gpr::Rdx => 1,
            Gpr::Rcx => 2,
            Gpr::Rbx => 3,
            Gpr::Rsi => 4,
            Gpr::Rdi => 5,
            Gpr::Rbp => 6,
            Gpr::Rsp => 7,
            Gpr::R8 => 8,
            Gpr::R9 => 9,
            Gpr::R10 => 10,
            Gpr::R11 => 11,
            Gpr::R12 => 12,
            Gpr::R13 => 13,
            Gpr::R14 => 14,
            Gpr::R15 => 15,
        }
    }
}

impl fmt::Display for Gpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.name())
    }
}

/// The low 16 bytes of a vector register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Xmm(pub u8);

impl fmt::Display for Xmm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%xmm{}", self.0)
    }
}

/// The low 32 bytes of a vector register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ymm(pub u8);

impl fmt::Display for Ymm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%ymm{}", self.0)
    }
}
