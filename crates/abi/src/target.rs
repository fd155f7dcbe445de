//! Which compiler, with which vector registers, decides how a call is made.

use std::fmt;

/// The compiler of a DSO, with its major version.
///
/// The two families follow the same document but read its corners differently, and some versions
/// of one family differ from each other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Compiler {
    /// GNU C of this major version.
    Gcc(u16),
    /// Clang of this major version.
    Clang(u16),
}

impl Compiler {
    /// The oldest gcc whose rules are known here.
    pub const OLDEST_GCC: u16 = 11;
    /// The oldest clang whose rules are known here.
    pub const OLDEST_CLANG: u16 = 14;

    /// The compiler's rules are known. Newer versions count as known: both families keep their ABI
    /// and tell of the rare change in their release notes.
    pub fn is_known(self) -> bool {
        match self {
            Compiler::Gcc(major) => major >= Compiler::OLDEST_GCC,
            Compiler::Clang(major) => major >= Compiler::OLDEST_CLANG,
        }
    }
}

impl fmt::Display for Compiler {
    /// `gcc 12`, `clang 19`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Compiler::Gcc(major) => write!(f, "gcc {major}"),
            Compiler::Clang(major) => write!(f, "clang {major}"),
        }
    }
}

/// The widest vector registers the code was compiled for. It decides where vectors of 32 and 64
/// bytes travel.
///
/// `-mno-sse` and `-mgeneral-regs-only` have no entry: their calls cannot pass a `double`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Vectors {
    /// `xmm`, the baseline of x86-64.
    Sse,
    /// `ymm`: `-mavx` or anything that implies it.
    Avx,
    /// `zmm`: `-mavx512f` or anything that implies it.
    Avx512,
}

impl Vectors {
    /// Size of a vector register in bytes.
    pub fn bytes(self) -> u64 {
        match self {
            Vectors::Sse => 16,
            Vectors::Avx => 32,
            Vectors::Avx512 => 64,
        }
    }
}

impl fmt::Display for Vectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Vectors::Sse => "SSE",
            Vectors::Avx => "AVX",
            Vectors::Avx512 => "AVX-512",
        })
    }
}

/// What decides how a call is made: the compiler and its vector registers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Target {
    /// The compiler.
    pub compiler: Compiler,
    /// The vector registers it may use.
    pub vectors: Vectors,
}

impl fmt::Display for Target {
    /// `gcc 12 with AVX`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {}", self.compiler, self.vectors)
    }
}
