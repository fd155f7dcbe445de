//! A unit's compiler, as the calling convention and messages see it.

use abi::{Compiler, Target, Vectors};

use crate::facts::Abi;

/// What the crate `abi` needs to know of a compiler.
pub(super) fn target_of(abi: Abi) -> Target {
    Target {
        compiler: match abi.is_clang {
            true => Compiler::Clang(abi.version),
            false => Compiler::Gcc(abi.version),
        },
        vectors: match abi.vector_bytes {
            64 => Vectors::Avx512,
            32 => Vectors::Avx,
            _ => Vectors::Sse,
        },
    }
}

/// A compiler for messages.
pub(super) fn describe(abi: Abi) -> String {
    let name = if abi.is_clang { "clang" } else { "gcc" };
    format!("{name} {} with {}-byte vectors", abi.version, abi.vector_bytes)
}
