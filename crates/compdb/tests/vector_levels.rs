//! The vector level of a command is what the compilers define macros for.

mod support;

use compdb::{CompilerKind, VectorLevel};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use support::{clang, command, output};

/// The level that a compiler itself has with these flags; `None` if it refuses them.
fn asked(compiler: &str, flags: &[&str]) -> Option<VectorLevel> {
    let mut arguments = vec!["-dM", "-E", "-x", "c", "-"];
    arguments.extend(flags);
    let macros = output(compiler, &arguments)?;
    let defines = |name: &str| macros.contains(&format!("#define {name} 1"));
    Some(if defines("__AVX512F__") {
        VectorLevel::Avx512
    } else if defines("__AVX__") {
        VectorLevel::Avx
    } else {
        VectorLevel::Sse
    })
}

/// Compares for one command; whether the compiler knew its flags.
fn check(kind: CompilerKind, flags: &[&str]) -> bool {
    let compiler = if kind == CompilerKind::Gcc { "gcc" } else { clang() };
    let line = format!("{compiler} {} -c a.c", flags.join(" "));
    let (Some(expected), Ok(level)) = (asked(compiler, flags), command(&line).vector_level(kind))
    else {
        return false;
    };
    assert_eq!(level, expected, "{line}");
    true
}

const KINDS: [CompilerKind; 2] = [CompilerKind::Gcc, CompilerKind::Clang];

const CPUS: &[&str] = &[
    "x86-64",
    "x86-64-v2",
    "x86-64-v3",
    "x86-64-v4",
    "k8",
    "nehalem",
    "core2",
    "silvermont",
    "tremont",
    "goldmont-plus",
    "btver1",
    "btver2",
    "bdver1",
    "bdver4",
    "znver1",
    "znver3",
    "znver4",
    "znver5",
    "sandybridge",
    "ivybridge",
    "haswell",
    "broadwell",
    "skylake",
    "skylake-avx512",
    "cascadelake",
    "cooperlake",
    "icelake-server",
    "sapphirerapids",
    "alderlake",
    "raptorlake",
    "graniterapids",
    "sierraforest",
    "knl",
    "rocketlake",
    "tigerlake",
    "corei7-avx",
    "core-avx2",
    "eden-x4",
    "nano-x4",
    "atom",
    "arrowlake",
    "lunarlake",
];

const FLAGS: &[&str] = &[
    "avx",
    "avx2",
    "avx512f",
    "avx512vl",
    "avx512bw",
    "avx512vbmi",
    "fma",
    "fma4",
    "f16c",
    "xop",
    "vaes",
    "vpclmulqdq",
    "avxvnni",
    "sse2",
    "sse3",
    "ssse3",
    "sse4",
    "sse4.1",
    "sse4.2",
    "xsave",
    "aes",
    "bmi2",
    "popcnt",
    "sse4a",
    "sha",
    "xsaveopt",
    "pclmul",
    "lzcnt",
    "general-regs-only",
];

#[test]
fn every_cpu() {
    for kind in KINDS {
        let known = CPUS.iter().filter(|cpu| check(kind, &[&format!("-march={cpu}")])).count();
        assert!(known >= 34, "{kind:?} knows only {known} of the CPUs");
    }
}

#[test]
fn every_flag_on_and_off() {
    for kind in KINDS {
        for flag in FLAGS {
            assert!(check(kind, &[&format!("-m{flag}")]), "{kind:?} does not know -m{flag}");
            if *flag != "general-regs-only" {
                check(kind, &["-march=x86-64-v4", &format!("-mno-{flag}")]);
            }
        }
    }
}

#[test]
fn any_sequence_of_flags() {
    let flag = (prop::sample::select(FLAGS), any::<bool>()).prop_map(|(name, on)| match on {
        true => format!("-m{name}"),
        false => format!("-mno-{name}"),
    });
    let march = prop::sample::select(CPUS).prop_map(|cpu| format!("-march={cpu}"));
    let any_flag = prop_oneof![5 => flag, 1 => march];
    // Each case starts both compilers.
    let cases = std::env::var("PROPTEST_CASES").map_or(30, |n| n.parse().expect("a number"));
    let mut runner = TestRunner::new(Config::with_cases(cases));
    runner
        .run(&prop::collection::vec(any_flag, 0..7), |flags| {
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            for kind in KINDS {
                check(kind, &flags);
            }
            Ok(())
        })
        .expect("the compilers agree");
}

#[test]
fn what_cannot_be_told_is_an_error_only_if_it_matters() {
    let level = |flags: &str| {
        let command = command(&format!("gcc {flags} -c a.c"));
        command.vector_level(CompilerKind::Gcc).map_err(|error| error.argument)
    };
    assert_eq!(level("-march=native"), Err("-march=native".to_owned()));
    assert_eq!(level("-march=native -mno-avx"), Ok(VectorLevel::Sse));
    assert_eq!(level("-mavx512f -march=native"), Ok(VectorLevel::Avx512));
    assert_eq!(level("-march=native -mavx2 -mno-avx512f"), Ok(VectorLevel::Avx));
    assert_eq!(level("-march=i386"), Err("-march=i386".to_owned()));
    assert_eq!(level("-march=native -march=k8"), Ok(VectorLevel::Sse));
    assert_eq!(level("-mavx10.1-256"), Err("-mavx10.1-256".to_owned()));
    assert_eq!(level("-mavx10.1-256 -mno-avx"), Ok(VectorLevel::Sse));
}
