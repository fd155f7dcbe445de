//! The compilers and flags that a compartment may be built with.

use std::fmt;

use abi::{Compiler, Target, Vectors};

use crate::random::Random;

/// A compiler with its flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Whether it is clang rather than gcc.
    pub is_clang: bool,
    /// `-O2` rather than `-O0`.
    pub optimized: bool,
    /// Vector registers the code may use.
    pub vectors: Vectors,
}

/// The compilers of this machine.
#[derive(Clone, Debug)]
pub struct Compilers {
    /// gcc's major version.
    pub gcc: u16,
    /// clang's command and major version.
    pub clang: (String, u16),
}

impl Config {
    /// A random one; vectors are not wider than this.
    pub fn random(random: &mut Random, widest: Vectors) -> Config {
        let vectors = *random.pick(&[Vectors::Sse, Vectors::Sse, Vectors::Avx, Vectors::Avx512]);
        Config {
            is_clang: random.one_in(2),
            optimized: random.one_in(2),
            vectors: vectors.min(widest),
        }
    }

    /// How it makes calls.
    pub fn target(self, compilers: &Compilers) -> Target {
        let compiler = match self.is_clang {
            true => Compiler::Clang(compilers.clang.1),
            false => Compiler::Gcc(compilers.gcc),
        };
        Target { compiler, vectors: self.vectors }
    }

    /// The program to run.
    pub fn program(self, compilers: &Compilers) -> &str {
        if self.is_clang { &compilers.clang.0 } else { "gcc" }
    }

    /// Its flags.
    pub fn flags(self) -> Vec<&'static str> {
        let mut flags = vec![if self.optimized { "-O2" } else { "-O0" }];
        match self.vectors {
            Vectors::Sse => {}
            Vectors::Avx => flags.push("-mavx"),
            Vectors::Avx512 => flags.push("-mavx512f"),
        }
        flags
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.is_clang { "clang" } else { "gcc" };
        write!(f, "{name} {}", self.flags().join(" "))
    }
}
