//! The instructions gates are made of, as typed values, and their AT&T text.
//!
//! Only what gates need exists here; there is no way to write an arbitrary line of assembly.

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
    /// All of them but the stack pointer.
    pub const ALL_BUT_RSP: [Gpr; 15] = [
        Gpr::Rax,
        Gpr::Rbx,
        Gpr::Rcx,
        Gpr::Rdx,
        Gpr::Rsi,
        Gpr::Rdi,
        Gpr::Rbp,
        Gpr::R8,
        Gpr::R9,
        Gpr::R10,
        Gpr::R11,
        Gpr::R12,
        Gpr::R13,
        Gpr::R14,
        Gpr::R15,
    ];

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

    /// Name of the low half.
    fn low(self) -> String {
        let name = self.name();
        if name[1..].starts_with(|c: char| c.is_ascii_digit()) {
            format!("{name}d")
        } else {
            format!("e{}", &name[1..])
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

/// A memory operand.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Mem {
    /// `offset(%base)`
    Base(Gpr, i32),
    /// A place in the gates' own library: `symbol+offset(%rip)`.
    Own(&'static str, usize),
    /// The thread-pointer offset of a thread-local symbol, from the global offset table.
    ThreadOffset(&'static str),
    /// `%fs:offset(%index)`
    Thread(Gpr, usize),
}

impl fmt::Display for Mem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mem::Base(base, 0) => write!(f, "({base})"),
            Mem::Base(base, offset) => write!(f, "{offset}({base})"),
            Mem::Own(symbol, 0) => write!(f, "{symbol}(%rip)"),
            Mem::Own(symbol, offset) => write!(f, "{symbol}+{offset}(%rip)"),
            Mem::ThreadOffset(symbol) => write!(f, "{symbol}@gottpoff(%rip)"),
            Mem::Thread(index, 0) => write!(f, "%fs:({index})"),
            Mem::Thread(index, offset) => write!(f, "%fs:{offset}({index})"),
        }
    }
}

/// Conditions of a jump.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Condition {
    /// Equal, zero.
    Equal,
    /// Not equal, not zero.
    NotEqual,
}

/// A label inside one gate; its number is unique there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Label(pub u32);

/// Call-frame information (DWARF 5, section 6.4.2).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "each name is the assembler directive")]
pub enum Cfi {
    Startproc,
    Endproc,
    DefCfa(Gpr, i32),
    DefCfaRegister(Gpr),
    AdjustCfaOffset(i32),
    Offset(Gpr, i32),
    Restore(Gpr),
    RememberState,
    RestoreState,
    /// The canonical frame address is what stands at `offset(%rsp)`, plus 16: there the gate keeps
    /// the caller's frame pointer while it is on the target's stack.
    CfaThroughLink(i32),
}

/// An instruction or a line of layout.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(
    missing_docs,
    reason = "each name is the instruction; operands in Intel order, target first"
)]
pub enum Insn {
    Endbr64,
    Push(Gpr),
    Pop(Gpr),
    Mov(Gpr, Gpr),
    Load(Gpr, Mem),
    Store(Mem, Gpr),
    /// Stores a sign-extended 32-bit constant into 8 bytes.
    StoreConstant(Mem, i32),
    /// Loads a zero-extended 32-bit constant.
    Constant(Gpr, u32),
    /// Loads a 64-bit constant.
    LongConstant(Gpr, u64),
    Lea(Gpr, Mem),
    /// Adds to the stack pointer without touching flags.
    AddRsp(i32),
    /// Clears the register.
    Zero(Gpr),
    /// Clears the upper half of the register.
    ZeroUpperHalf(Gpr),
    /// Keeps these bits of the low half, clears the upper.
    AndConstant(Gpr, u32),
    And(Gpr, Gpr),
    /// Compares the low half with a constant.
    CompareConstant(Gpr, u32),
    Compare(Mem, Gpr),
    /// Compares 8 bytes with a sign-extended constant.
    CompareMemory(Mem, i32),
    /// Tests bits of 4 bytes in memory.
    TestBits(Mem, u32),
    /// Sets bits of 4 bytes in memory.
    OrBits(Mem, u32),
    Jump(Condition, Label),
    JumpAlways(Label),
    /// To a function of the gates' own library.
    JumpTo(String),
    JumpThrough(Mem),
    JumpRegister(Gpr),
    CallThrough(Mem),
    CallSymbol(&'static str),
    Ret,
    Wrpkru,
    Rdpkru,
    Cld,
    Stmxcsr(Mem),
    Ldmxcsr(Mem),
    Fnstcw(Mem),
    Fldcw(Mem),
    Vzeroupper,
    ClearXmm(Xmm),
    /// Keeps the low 4 bytes of the vector register.
    KeepLow4(Xmm),
    /// Keeps the low 8 bytes of the vector register.
    KeepLow8(Xmm),
    LoadXmm(Xmm, Mem),
    StoreXmm(Mem, Xmm),
    /// Loads 8 bytes and clears the rest.
    LoadXmm8(Xmm, Mem),
    StoreXmm8(Mem, Xmm),
    /// Complements the low half, clears the upper.
    Not(Gpr),
    /// Number of the lowest set bit of the low half; sets the zero flag if there is none.
    BitScanForward(Gpr, Gpr),
    MoveIfZero(Gpr, Gpr),
    MoveIfEqual(Gpr, Gpr),
    /// Address of the entry stub's slots, from inside its entry.
    Slots(Gpr),
    /// `lea (base, index, 8), target`
    LeaScaled8(Gpr, Gpr, Gpr),
    /// Raises SIGILL; the code says why (`layout::trap`).
    Trap(u8),
    Label(Label),
    Cfi(Cfi),
}

/// The text of an instruction inside the function with this symbol, which makes labels unique.
pub struct Text<'a>(pub &'a Insn, pub &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Text(insn, symbol) = self;
        let label = |label: &Label| format!(".L{symbol}_{}", label.0);
        match insn {
            Insn::Endbr64 => f.write_str("endbr64"),
            Insn::Push(r) => write!(f, "pushq {r}"),
            Insn::Pop(r) => write!(f, "popq {r}"),
            Insn::Mov(to, from) => write!(f, "movq {from}, {to}"),
            Insn::Load(r, m) => write!(f, "movq {m}, {r}"),
            Insn::Store(m, r) => write!(f, "movq {r}, {m}"),
            Insn::StoreConstant(m, n) => write!(f, "movq ${n}, {m}"),
            Insn::Constant(r, n) => write!(f, "movl ${n:#x}, %{}", r.low()),
            Insn::LongConstant(r, n) => write!(f, "movabsq ${n:#x}, {r}"),
            Insn::Lea(r, m) => write!(f, "leaq {m}, {r}"),
            Insn::AddRsp(n) => write!(f, "leaq {n}(%rsp), %rsp"),
            Insn::Zero(r) => write!(f, "xorl %{0}, %{0}", r.low()),
            Insn::ZeroUpperHalf(r) => write!(f, "movl %{0}, %{0}", r.low()),
            Insn::AndConstant(r, n) => write!(f, "andl ${n:#x}, %{}", r.low()),
            Insn::And(to, from) => write!(f, "andq {from}, {to}"),
            Insn::CompareConstant(r, n) => write!(f, "cmpl ${n:#x}, %{}", r.low()),
            Insn::Compare(m, r) => write!(f, "cmpq {m}, {r}"),
            Insn::CompareMemory(m, n) => write!(f, "cmpq ${n}, {m}"),
            Insn::TestBits(m, n) => write!(f, "testl ${n:#x}, {m}"),
            Insn::OrBits(m, n) => write!(f, "orl ${n:#x}, {m}"),
            Insn::Jump(Condition::Equal, l) => write!(f, "je {}", label(l)),
            Insn::Jump(Condition::NotEqual, l) => write!(f, "jne {}", label(l)),
            Insn::JumpAlways(l) => write!(f, "jmp {}", label(l)),
            Insn::JumpTo(symbol) => write!(f, "jmp .L{symbol}"),
            Insn::JumpThrough(m) => write!(f, "jmpq *{m}"),
            Insn::JumpRegister(r) => write!(f, "jmpq *{r}"),
            Insn::CallThrough(m) => write!(f, "callq *{m}"),
            Insn::CallSymbol(symbol) => write!(f, "callq *{symbol}@GOTPCREL(%rip)"),
            Insn::Ret => f.write_str("retq"),
            Insn::Wrpkru => f.write_str("wrpkru"),
            Insn::Rdpkru => f.write_str("rdpkru"),
            Insn::Cld => f.write_str("cld"),
            Insn::Stmxcsr(m) => write!(f, "stmxcsr {m}"),
            Insn::Ldmxcsr(m) => write!(f, "ldmxcsr {m}"),
            Insn::Fnstcw(m) => write!(f, "fnstcw {m}"),
            Insn::Fldcw(m) => write!(f, "fldcw {m}"),
            Insn::Vzeroupper => f.write_str("vzeroupper"),
            Insn::ClearXmm(x) => write!(f, "xorps {x}, {x}"),
            Insn::KeepLow4(x) => write!(f, "insertps $0xe, {x}, {x}"),
            Insn::KeepLow8(x) => write!(f, "movq {x}, {x}"),
            Insn::LoadXmm(x, m) => write!(f, "movups {m}, {x}"),
            Insn::StoreXmm(m, x) => write!(f, "movups {x}, {m}"),
            Insn::LoadXmm8(x, m) => write!(f, "movq {m}, {x}"),
            Insn::StoreXmm8(m, x) => write!(f, "movq {x}, {m}"),
            Insn::Not(r) => write!(f, "notl %{}", r.low()),
            Insn::BitScanForward(to, from) => write!(f, "bsfl %{}, %{}", from.low(), to.low()),
            Insn::MoveIfZero(to, from) | Insn::MoveIfEqual(to, from) => {
                write!(f, "cmovel %{}, %{}", from.low(), to.low())
            }
            Insn::LeaScaled8(to, base, index) => write!(f, "leaq ({base},{index},8), {to}"),
            Insn::Slots(r) => write!(f, "leaq .L{symbol}+{}(%rip), {r}", layout::stub::SLOTS),
            Insn::Trap(code) => write!(f, "ud1 {code}(%eax), %eax"),
            Insn::Label(l) => write!(f, "{}:", label(l)),
            Insn::Cfi(cfi) => cfi.fmt(f),
        }
    }
}

impl fmt::Display for Cfi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cfi::Startproc => f.write_str(".cfi_startproc"),
            Cfi::Endproc => f.write_str(".cfi_endproc"),
            Cfi::DefCfa(r, offset) => write!(f, ".cfi_def_cfa {r}, {offset}"),
            Cfi::DefCfaRegister(r) => write!(f, ".cfi_def_cfa_register {r}"),
            Cfi::AdjustCfaOffset(n) => write!(f, ".cfi_adjust_cfa_offset {n}"),
            Cfi::Offset(r, offset) => write!(f, ".cfi_offset {r}, {offset}"),
            Cfi::Restore(r) => write!(f, ".cfi_restore {r}"),
            Cfi::RememberState => f.write_str(".cfi_remember_state"),
            Cfi::RestoreState => f.write_str(".cfi_restore_state"),
            Cfi::CfaThroughLink(offset) => {
                // DW_CFA_def_cfa_expression: DW_OP_breg7 offset, DW_OP_deref, DW_OP_plus_uconst 16.
                let offset = sleb128(*offset);
                let length = offset.len() + 4;
                write!(f, ".cfi_escape 0x0f,{length},0x77")?;
                for byte in offset {
                    write!(f, ",{byte:#x}")?;
                }
                f.write_str(",0x06,0x23,0x10")
            }
        }
    }
}

/// Signed LEB128 (DWARF 5, section 7.6).
fn sleb128(mut value: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        let done = (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0);
        if done {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleb128_encodes_as_the_standard_says() {
        // The examples of DWARF 5, table 7.8.
        let cases: [(i32, &[u8]); 6] = [
            (2, &[2]),
            (-2, &[0x7e]),
            (127, &[0xff, 0]),
            (-127, &[0x81, 0x7f]),
            (128, &[0x80, 1]),
            (-129, &[0xff, 0x7e]),
        ];
        for (value, bytes) in cases {
            assert_eq!(sleb128(value), bytes, "{value}");
        }
    }
}
