//! Instructions as AT&T text.

use std::fmt;

use super::{Condition, Insn, Label, Xmm};
use crate::Switch;
use crate::symbol::local;

/// The text of an instruction.
pub struct Text<'a> {
    /// The instruction.
    pub insn: &'a Insn,
    /// The symbol of the function it is part of, which makes labels unique.
    pub symbol: &'a str,
    /// What WRPKRU is.
    pub switch: Switch,
}

impl Text<'_> {
    /// A label of the function. No C identifier contains the dot, so that it is not another
    /// function's name: there may be both `f` and `f_2`.
    fn label(&self, label: Label) -> String {
        format!("{}.{}", local(self.symbol), label.0)
    }

    fn wrpkru(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.switch {
            Switch::Protected => f.write_str("wrpkru"),
            Switch::Nothing => f.write_str("# no switch"),
            // Each addition waits for the one before it; the fence lets nothing overtake them, as
            // nothing that accesses memory may overtake WRPKRU.
            Switch::Delay(cycles) => {
                write!(f, ".rept {cycles}\naddl $0, %ecx\n.endr\nlfence")
            }
            Switch::Remembered => f.write_str(
                "movq ia2_test_pkru@gottpoff(%rip), %rcx\nmovl %eax, %fs:(%rcx)\nxorl %ecx, %ecx",
            ),
        }
    }

    fn rdpkru(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.switch {
            Switch::Protected => f.write_str("rdpkru"),
            Switch::Nothing | Switch::Delay(_) => f.write_str("xorl %eax, %eax\nxorl %edx, %edx"),
            Switch::Remembered => f.write_str(
                "movq ia2_test_pkru@gottpoff(%rip), %rax\nmovl %fs:(%rax), %eax\nxorl %edx, %edx",
            ),
        }
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.insn {
            Insn::Endbr64 => f.write_str("endbr64"),
            Insn::Push(r) => write!(f, "pushq {r}"),
            Insn::Pop(r) => write!(f, "popq {r}"),
            Insn::Mov(to, from) => write!(f, "movq {from}, {to}"),
            Insn::MovLow(to, from) => write!(f, "movl {}, {}", from.low(), to.low()),
            Insn::MovByte(to, from) => write!(f, "movzbl {}, {}", from.byte(), to.low()),
            Insn::MovWord(to, from) => write!(f, "movzwl {}, {}", from.word(), to.low()),
            Insn::MovByteSigned(to, from) => write!(f, "movsbl {}, {}", from.byte(), to.low()),
            Insn::MovWordSigned(to, from) => write!(f, "movswl {}, {}", from.word(), to.low()),
            Insn::ShiftLeft(r, n) => write!(f, "shll ${n}, {}", r.low()),
            Insn::ShiftRight(r, n) => write!(f, "shrl ${n}, {}", r.low()),
            Insn::ShiftRightSigned(r, n) => write!(f, "sarl ${n}, {}", r.low()),
            Insn::LoadLow(r, m) => write!(f, "movl {m}, {}", r.low()),
            Insn::StoreLow(m, r) => write!(f, "movl {}, {m}", r.low()),
            Insn::Load(r, m) => write!(f, "movq {m}, {r}"),
            Insn::Store(m, r) => write!(f, "movq {r}, {m}"),
            Insn::StoreConstant(m, n) => write!(f, "movq ${n}, {m}"),
            Insn::Constant(r, n) => write!(f, "movl ${n:#x}, {}", r.low()),
            Insn::LongConstant(r, n) => write!(f, "movabsq ${n:#x}, {r}"),
            Insn::Lea(r, m) => write!(f, "leaq {m}, {r}"),
            Insn::AddRsp(n) => write!(f, "leaq {n}(%rsp), %rsp"),
            Insn::AddConstant(r, n) => write!(f, "addq ${n}, {r}"),
            Insn::AddFrom(r, m) => write!(f, "addq {m}, {r}"),
            Insn::Decrement(r) => write!(f, "subq $1, {r}"),
            Insn::Zero(r) => write!(f, "xorl {0}, {0}", r.low()),
            Insn::AndConstant(r, n) => write!(f, "andl ${n:#x}, {}", r.low()),
            Insn::AlignDown(r, n) => write!(f, "andq ${}, {r}", -n),
            Insn::And(to, from) => write!(f, "andq {from}, {to}"),
            Insn::Test(r) => write!(f, "testq {r}, {r}"),
            Insn::CompareConstant(r, n) => write!(f, "cmpl ${n:#x}, {}", r.low()),
            Insn::CompareLong(r, n) => write!(f, "cmpq ${n}, {r}"),
            Insn::Compare(r, m) => write!(f, "cmpq {m}, {r}"),
            Insn::CompareByte(m, n) => write!(f, "cmpb ${n}, {m}"),
            Insn::CompareMemory(m, n) => write!(f, "cmpq ${n}, {m}"),
            Insn::TestBits(m, n @ ..0x100) => write!(f, "testb ${n:#x}, {m}"),
            Insn::TestBits(m, n) => write!(f, "testl ${n:#x}, {m}"),
            Insn::AndBits(m, n) => write!(f, "andl ${n:#x}, {m}"),
            Insn::Jump(condition, label) => {
                write!(f, "{} {}", mnemonic(*condition), self.label(*label))
            }
            Insn::JumpAlways(label) => write!(f, "jmp {}", self.label(*label)),
            Insn::JumpTo(symbol) => write!(f, "jmp {}", local(symbol)),
            Insn::JumpThrough(m) => write!(f, "jmpq *{m}"),
            Insn::JumpRegister(r) => write!(f, "jmpq *{r}"),
            Insn::CallThrough(m) => write!(f, "callq *{m}"),
            Insn::CallSymbol(symbol) => write!(f, "callq *{symbol}@GOTPCREL(%rip)"),
            Insn::CallRoutine(symbol) => write!(f, "callq {symbol}"),
            Insn::Ret => f.write_str("retq"),
            Insn::Wrpkru => self.wrpkru(f),
            Insn::Rdpkru => self.rdpkru(f),
            Insn::Cld => f.write_str("cld"),
            Insn::Pushfq => f.write_str("pushfq"),
            Insn::Popfq => f.write_str("popfq"),
            Insn::Stmxcsr(m) => write!(f, "stmxcsr {m}"),
            Insn::Ldmxcsr(m) => write!(f, "ldmxcsr {m}"),
            Insn::Fnstcw(m) => write!(f, "fnstcw {m}"),
            Insn::Fldcw(m) => write!(f, "fldcw {m}"),
            Insn::FstpLong(m) => write!(f, "fstpt {m}"),
            Insn::FldLong(m) => write!(f, "fldt {m}"),
            Insn::Emms => f.write_str("emms"),
            Insn::ClearMmx(n) => write!(f, "pxor %mm{n}, %mm{n}"),
            Insn::Vzeroall => f.write_str("vzeroall"),
            Insn::Vzeroupper => f.write_str("vzeroupper"),
            Insn::ClearXmm(x) => write!(f, "xorps {x}, {x}"),
            // Any register less itself is zero; the lower eight have shorter encodings as operands.
            Insn::ClearWhole(x) => {
                let operand = Xmm(x.0 % 8);
                write!(f, "vxorps {operand}, {operand}, {x}")
            }
            Insn::ClearEvex(n) => write!(f, "vpxord %zmm{n}, %zmm{n}, %zmm{n}"),
            Insn::ClearMask(n) => write!(f, "kxorw %k{n}, %k{n}, %k{n}"),
            Insn::KeepLow4(x) => write!(f, "insertps $0xe, {x}, {x}"),
            Insn::KeepLow8(x) => write!(f, "movq {x}, {x}"),
            Insn::KeepLow4Whole(x) => write!(f, "vinsertps $0xe, {x}, {x}, {x}"),
            Insn::KeepLow8Whole(x) => write!(f, "vmovq {x}, {x}"),
            Insn::KeepLow16Whole(x) => write!(f, "vmovaps {x}, {x}"),
            Insn::KeepLow32Whole(y) => write!(f, "vmovaps {y}, {y}"),
            Insn::AndXmm(x, m) => write!(f, "andps {m}, {x}"),
            Insn::AndXmmWhole(x, m) => write!(f, "vandps {m}, {x}, {x}"),
            Insn::AndYmm(y, m) => write!(f, "vandps {m}, {y}, {y}"),
            Insn::AndZmm(n, m) => write!(f, "vpandd {m}, %zmm{n}, %zmm{n}"),
            Insn::LoadXmm(x, m) => write!(f, "movups {m}, {x}"),
            Insn::StoreXmm(m, x) => write!(f, "movups {x}, {m}"),
            Insn::LoadYmm(y, m) => write!(f, "vmovups {m}, {y}"),
            Insn::StoreYmm(m, y) => write!(f, "vmovups {y}, {m}"),
            Insn::LoadXmm8(x, m) => write!(f, "movq {m}, {x}"),
            Insn::LoadXmm4(x, m) => write!(f, "movd {m}, {x}"),
            Insn::LoadXmmHigh8(x, m) => write!(f, "movhps {m}, {x}"),
            Insn::LoadXmmHigh4(x, m) => write!(f, "pinsrd $2, {m}, {x}"),
            Insn::StoreXmm8(m, x) => write!(f, "movq {x}, {m}"),
            Insn::StoreXmm4(m, x) => write!(f, "movd {x}, {m}"),
            Insn::StoreXmm2(m, x) => write!(f, "pextrw $0, {x}, {m}"),
            Insn::StoreXmm1(m, x) => write!(f, "pextrb $0, {x}, {m}"),
            Insn::ShiftDown(x, n) => write!(f, "psrldq ${n}, {x}"),
            Insn::RepStosq => f.write_str("rep stosq"),
            Insn::Not(r) => write!(f, "notl {}", r.low()),
            Insn::BitScanForward(to, from) => write!(f, "bsfl {}, {}", from.low(), to.low()),
            Insn::MoveIfEqual(to, from) => write!(f, "cmovel {}, {}", from.low(), to.low()),
            Insn::LeaScaled8(to, base, index) => write!(f, "leaq ({base},{index},8), {to}"),
            Insn::Slots(r) => {
                write!(f, "leaq {}+{}(%rip), {r}", local(self.symbol), layout::stub::SLOTS)
            }
            Insn::Trap(code) => write!(f, "ud1 {code}(%eax), %eax"),
            Insn::Label(label) => write!(f, "{}:", self.label(*label)),
            Insn::Cfi(cfi) => cfi.fmt(f),
            Insn::If(scrub) => {
                write!(f, ".if {} >= {}", crate::SCRUB_LEVEL, scrub.number())
            }
            Insn::End => f.write_str(".endif"),
        }
    }
}

fn mnemonic(condition: Condition) -> &'static str {
    match condition {
        Condition::Equal => "je",
        Condition::NotEqual => "jne",
        Condition::Below => "jb",
        Condition::BelowOrEqual => "jbe",
        Condition::Above => "ja",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_no_other_functions_names() {
        let text =
            |symbol, insn: &Insn| Text { insn, symbol, switch: Switch::Protected }.to_string();
        assert_eq!(text("f", &Insn::Label(Label(2))), ".Lf.2:");
        assert_eq!(text("f", &Insn::JumpAlways(Label(2))), "jmp .Lf.2");
    }
}
