//! Which vector registers pass arguments.
//!
//! By the System V ABI, 256-bit and 512-bit vectors travel in registers only if AVX and AVX-512 are
//! switched on. `-march=` gives what a CPU has; the `-m` flags add to it and take away, in their
//! order, wherever `-march=` stands; of `-mx` and `-mno-x` only the last one counts. The tables say what gcc 12 and clang 19 do; a test asks the
//! compilers.

use diagnostics::Span;
use thiserror::Error;

use crate::command::{Command, Use};
use crate::compiler::CompilerKind;
use crate::flags::Polarity;

/// The widest vectors that travel in registers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum VectorLevel {
    /// 128 bits: SSE, which every x86-64 CPU has.
    Sse,
    /// 256 bits: AVX.
    Avx,
    /// 512 bits: AVX-512.
    Avx512,
}

/// What a flag stands for cannot be told.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("it is not known whether `{argument}` switches AVX on")]
pub struct UnknownVectorLevel {
    /// As written in the command.
    pub argument: String,
    /// Its place in the database.
    pub at: Span,
}

/// CPUs and levels of the psABI without AVX.
const SSE_CPUS: &[&str] = &[
    "amdfam10",
    "athlon-fx",
    "athlon64",
    "athlon64-sse3",
    "atom",
    "barcelona",
    "bonnell",
    "btver1",
    "core2",
    "corei7",
    "eden-x2",
    "eden-x4",
    "goldmont",
    "goldmont-plus",
    "k8",
    "k8-sse3",
    "nano",
    "nano-1000",
    "nano-2000",
    "nano-3000",
    "nano-x2",
    "nano-x4",
    "nehalem",
    "nocona",
    "opteron",
    "opteron-sse3",
    "penryn",
    "silvermont",
    "slm",
    "tremont",
    "westmere",
    "x86-64",
    "x86-64-v2",
];

/// With AVX, without AVX-512.
const AVX_CPUS: &[&str] = &[
    "alderlake",
    "arrowlake",
    "arrowlake-s",
    "bdver1",
    "bdver2",
    "bdver3",
    "bdver4",
    "broadwell",
    "btver2",
    "clearwaterforest",
    "core-avx-i",
    "core-avx2",
    "corei7-avx",
    "gracemont",
    "grandridge",
    "haswell",
    "ivybridge",
    "lunarlake",
    "meteorlake",
    "pantherlake",
    "raptorlake",
    "sandybridge",
    "sierraforest",
    "skylake",
    "x86-64-v3",
    "znver1",
    "znver2",
    "znver3",
];

/// With AVX-512.
const AVX512_CPUS: &[&str] = &[
    "cannonlake",
    "cascadelake",
    "cooperlake",
    "emeraldrapids",
    "graniterapids",
    "graniterapids-d",
    "icelake-client",
    "icelake-server",
    "knl",
    "knm",
    "rocketlake",
    "sapphirerapids",
    "skx",
    "skylake-avx512",
    "tigerlake",
    "x86-64-v4",
    "znver4",
    "znver5",
];

/// Flags that need AVX and so switch it on.
const NEED_AVX: &[&str] = &[
    "-mavx",
    "-mavx2",
    "-mavxifma",
    "-mavxneconvert",
    "-mavxvnni",
    "-mavxvnniint16",
    "-mavxvnniint8",
    "-mf16c",
    "-mfma",
    "-mfma4",
    "-msha512",
    "-msm3",
    "-msm4",
    "-mxop",
];

/// Features that AVX needs, so that it goes when they go.
const NEEDED_BY_AVX: &[&str] =
    &["-mavx", "-msse", "-msse2", "-msse3", "-msse4", "-msse4.1", "-msse4.2", "-mssse3"];

/// What a flag does to the level.
enum Effect {
    AtLeast(VectorLevel),
    AtMost(VectorLevel),
    /// One of the two, and it cannot be told which.
    AtLeastEither(VectorLevel, VectorLevel),
    /// As before, or at most this.
    MaybeAtMost(VectorLevel),
}

impl Command {
    /// The widest vectors that travel in registers when this compiler runs the command.
    pub fn vector_level(&self, kind: CompilerKind) -> Result<VectorLevel, UnknownVectorLevel> {
        use VectorLevel::{Avx512, Sse};
        let march = self.uses(&["-march="]).next_back();
        let known = march.map_or(Some(Sse), |march| cpu_level(march.value));
        // The lowest and the highest level that it can be, and the flag that makes them differ.
        let (mut low, mut high) = known.map_or((Sse, Avx512), |level| (level, level));
        let mut doubtful = march;
        let flags: Vec<Use<'_>> = self.machine_flags().collect();
        for (index, &flag) in flags.iter().enumerate() {
            // Both compilers heed only the last word about each feature.
            let is_same = |other: &Use<'_>| (other.name, other.value) == (flag.name, flag.value);
            if flags[index + 1..].iter().any(is_same) {
                continue;
            }
            match effect(kind, flag) {
                None => {}
                Some(Effect::AtLeast(level)) => (low, high) = (low.max(level), high.max(level)),
                Some(Effect::AtMost(level)) => (low, high) = (low.min(level), high.min(level)),
                Some(Effect::AtLeastEither(lower, higher)) => {
                    (low, high) = (low.max(lower), high.max(higher));
                    doubtful = Some(flag);
                }
                Some(Effect::MaybeAtMost(level)) => {
                    low = low.min(level);
                    doubtful = Some(flag);
                }
            }
        }
        match doubtful {
            Some(flag) if low != high => Err(UnknownVectorLevel {
                argument: flag.argument.text.clone(),
                at: self.origin().locate(&flag.argument.text),
            }),
            _ => Ok(low),
        }
    }
}

fn cpu_level(name: &str) -> Option<VectorLevel> {
    [(SSE_CPUS, VectorLevel::Sse), (AVX_CPUS, VectorLevel::Avx), (AVX512_CPUS, VectorLevel::Avx512)]
        .into_iter()
        .find_map(|(cpus, level)| cpus.contains(&name).then_some(level))
}

fn effect(kind: CompilerKind, flag: Use<'_>) -> Option<Effect> {
    use VectorLevel::{Avx, Avx512, Sse};
    let is_clang = kind == CompilerKind::Clang;
    match (flag.name, flag.polarity) {
        // Version 1 had a form with 256 bits only, and compilers do not agree on what it defines.
        ("-mavx10.", Polarity::On) => Some(Effect::AtLeastEither(Avx, Avx512)),
        ("-mavx10." | "-mevex512", Polarity::Off) => Some(Effect::MaybeAtMost(Avx)),
        ("-mavx512", Polarity::On) => Some(Effect::AtLeast(Avx512)),
        ("-mavx512", Polarity::Off) => (flag.value == "f").then_some(Effect::AtMost(Avx)),
        ("-mavx2", Polarity::Off) => Some(Effect::AtMost(Avx)),
        ("-mf16c" | "-mfma", Polarity::Off) if is_clang => Some(Effect::AtMost(Avx)),
        ("-mvaes" | "-mvpclmulqdq", Polarity::On) if is_clang => Some(Effect::AtLeast(Avx)),
        ("-mxsave", Polarity::Off) if !is_clang => Some(Effect::AtMost(Sse)),
        ("-mgeneral-regs-only", Polarity::On) => Some(Effect::AtMost(Sse)),
        (name, Polarity::On) if NEED_AVX.contains(&name) => Some(Effect::AtLeast(Avx)),
        (name, Polarity::Off) if NEEDED_BY_AVX.contains(&name) => Some(Effect::AtMost(Sse)),
        _ => None,
    }
}
