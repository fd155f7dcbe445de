//! The instructions gates are made of, as typed values.
//!
//! Only what gates need exists here; there is no way to write an arbitrary line of assembly.

mod cfi;
mod register;
mod text;

pub use cfi::Cfi;
pub use register::{Gpr, Xmm, Ymm};
pub use text::Text;

use std::fmt;

/// A memory operand.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Mem {
    /// `offset(%base)`
    Base(Gpr, i32),
    /// `offset(%base,%index)`
    Indexed(Gpr, Gpr, i32),
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
            Mem::Indexed(base, index, 0) => write!(f, "({base},{index})"),
            Mem::Indexed(base, index, offset) => write!(f, "{offset}({base},{index})"),
            Mem::Own(symbol, 0) => write!(f, "{symbol}(%rip)"),
            Mem::Own(symbol, offset) => write!(f, "{symbol}+{offset}(%rip)"),
            Mem::ThreadOffset(symbol) => write!(f, "{symbol}@gottpoff(%rip)"),
            Mem::Thread(index, 0) => write!(f, "%fs:({index})"),
            Mem::Thread(index, offset) => write!(f, "%fs:{offset}({index})"),
        }
    }
}

/// Conditions of a jump; the comparisons are of unsigned numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Condition {
    /// Equal, zero.
    Equal,
    /// Not equal, not zero.
    NotEqual,
    /// Below, carry.
    Below,
    /// Not above.
    BelowOrEqual,
    /// Above.
    Above,
}

/// A label inside one gate; its number is unique there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Label(pub u32);

/// How much is cleared. Chosen when `libcallgates.so` is compiled (`-DIA2_SCRUB=...`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scrub {
    /// Nothing.
    None,
    /// Registers that can carry arguments and results.
    Args,
    /// All registers.
    Full,
}

impl Scrub {
    /// All of them.
    pub const ALL: [Scrub; 3] = [Scrub::None, Scrub::Args, Scrub::Full];

    /// Its name in `-DIA2_SCRUB=...`.
    pub fn name(self) -> &'static str {
        match self {
            Scrub::None => "none",
            Scrub::Args => "args",
            Scrub::Full => "full",
        }
    }

    /// The number by which assembly knows it: the value of [`crate::SCRUB_LEVEL`].
    pub fn number(self) -> u32 {
        match self {
            Scrub::None => 1,
            Scrub::Args => 2,
            Scrub::Full => 3,
        }
    }
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
    /// Copies the low half and clears the upper.
    MovLow(Gpr, Gpr),
    /// Copies the low byte and clears the rest.
    MovByte(Gpr, Gpr),
    /// Copies the low 16 bits and clears the rest.
    MovWord(Gpr, Gpr),
    /// Copies the low byte, sign-extended to the low half, and clears the upper.
    MovByteSigned(Gpr, Gpr),
    /// Copies the low 16 bits, sign-extended to the low half, and clears the upper.
    MovWordSigned(Gpr, Gpr),
    /// Shifts the low half, clears the upper.
    ShiftLeft(Gpr, u8),
    /// Shifts the low half, clears the upper.
    ShiftRight(Gpr, u8),
    /// Shifts the low half keeping its sign, clears the upper.
    ShiftRightSigned(Gpr, u8),
    /// Loads 4 bytes and clears the upper half.
    LoadLow(Gpr, Mem),
    /// Stores the low half.
    StoreLow(Mem, Gpr),
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
    /// Adds a sign-extended constant.
    AddConstant(Gpr, i32),
    AddFrom(Gpr, Mem),
    /// Takes 1 from the register; `Below` if it was zero.
    Decrement(Gpr),
    /// Clears the register.
    Zero(Gpr),
    /// Keeps these bits of the low half, clears the upper.
    AndConstant(Gpr, u32),
    /// Rounds down to a power of two.
    AlignDown(Gpr, i32),
    And(Gpr, Gpr),
    /// Sets flags by the register.
    Test(Gpr),
    /// Compares the low half with a constant.
    CompareConstant(Gpr, u32),
    /// Compares with a sign-extended constant.
    CompareLong(Gpr, i32),
    /// Compares the register with memory.
    Compare(Gpr, Mem),
    /// Compares a byte with a constant.
    CompareByte(Mem, u8),
    /// Compares 8 bytes with a sign-extended constant.
    CompareMemory(Mem, i32),
    /// Tests bits of 4 bytes in memory.
    TestBits(Mem, u32),
    /// Keeps these bits of 4 bytes in memory.
    AndBits(Mem, u32),
    Jump(Condition, Label),
    JumpAlways(Label),
    /// To a function of the gates' own library.
    JumpTo(String),
    JumpThrough(Mem),
    JumpRegister(Gpr),
    CallThrough(Mem),
    CallSymbol(&'static str),
    /// A routine of the gates' own library.
    CallRoutine(String),
    Ret,
    Wrpkru,
    Rdpkru,
    Cld,
    Pushfq,
    Popfq,
    Stmxcsr(Mem),
    Ldmxcsr(Mem),
    Fnstcw(Mem),
    Fldcw(Mem),
    /// Stores the top of the x87 stack (10 bytes) and pops it.
    FstpLong(Mem),
    /// Pushes 10 bytes onto the x87 stack.
    FldLong(Mem),
    /// Marks all x87 registers as empty.
    Emms,
    /// Clears an MMX register, which is the significand of an x87 register.
    ClearMmx(u8),
    Vzeroupper,
    /// Clears all of the lower 16 vector registers; needs AVX.
    Vzeroall,
    ClearXmm(Xmm),
    /// Clears the whole register, however wide it is; needs AVX.
    ClearWhole(Xmm),
    /// Clears the whole register, one of all 32; needs AVX-512.
    ClearEvex(u8),
    /// Clears a mask register; needs AVX-512.
    ClearMask(u8),
    /// Keeps the low 4 bytes of the vector register.
    KeepLow4(Xmm),
    /// Keeps the low 8 bytes of the vector register.
    KeepLow8(Xmm),
    /// Keeps the low 4 bytes of a vector register of any width; needs AVX.
    KeepLow4Whole(Xmm),
    /// Keeps the low 8 bytes of a vector register of any width; needs AVX.
    KeepLow8Whole(Xmm),
    /// Keeps the low 16 bytes of a vector register of any width; needs AVX.
    KeepLow16Whole(Xmm),
    /// Keeps the low 32 bytes of a vector register of any width; needs AVX.
    KeepLow32Whole(Ymm),
    AndXmm(Xmm, Mem),
    /// The same, clearing what lies above; needs AVX.
    AndXmmWhole(Xmm, Mem),
    AndYmm(Ymm, Mem),
    /// Of 64 bytes; needs AVX-512.
    AndZmm(u8, Mem),
    LoadXmm(Xmm, Mem),
    StoreXmm(Mem, Xmm),
    LoadYmm(Ymm, Mem),
    StoreYmm(Mem, Ymm),
    /// Loads 8 bytes and clears the rest.
    LoadXmm8(Xmm, Mem),
    /// Loads 4 bytes and clears the rest.
    LoadXmm4(Xmm, Mem),
    /// Loads 8 bytes into the upper half.
    LoadXmmHigh8(Xmm, Mem),
    /// Loads 4 bytes into the lower half of the upper half.
    LoadXmmHigh4(Xmm, Mem),
    StoreXmm8(Mem, Xmm),
    StoreXmm4(Mem, Xmm),
    StoreXmm2(Mem, Xmm),
    StoreXmm1(Mem, Xmm),
    /// Moves all bytes down by so many places.
    ShiftDown(Xmm, u8),
    /// Stores 8 zero bytes `rcx` times from `rdi` upwards.
    RepStosq,
    /// Complements the low half, clears the upper.
    Not(Gpr),
    /// Number of the lowest set bit of the low half; sets the zero flag if there is none.
    BitScanForward(Gpr, Gpr),
    MoveIfEqual(Gpr, Gpr),
    /// Address of the entry stub's slots, from inside its entry.
    Slots(Gpr),
    /// `lea (base, index, 8), target`
    LeaScaled8(Gpr, Gpr, Gpr),
    /// Raises SIGILL; the code says why (`layout::trap`).
    Trap(u8),
    Label(Label),
    Cfi(Cfi),
    /// What follows, up to [`Insn::End`], is there if at least so much is to be cleared.
    If(Scrub),
    End,
}
