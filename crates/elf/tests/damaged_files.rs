//! Files that are cut off, patched or full of nonsense: always an error that says what, never a panic.

#[path = "support/toolchain.rs"]
#[allow(dead_code, reason = "shared with other tests, which use other parts")]
mod toolchain;

use elf::{ElfError, ElfFile, FileType};
use toolchain::{Toolchain, Workshop, read};

const LIBRARY: &str = "
    #include <stdio.h>
    __thread int counter = 7;
    static int one(void) { return 1; }
    static void *choose(void) { return one; }
    int f(void) __attribute__((ifunc(\"choose\")));
    int g(void) { puts(\"g\"); return f() + counter; }
    __asm__(\".pushsection .rodata\\nlibraries: .asciz \\\"liba.so\\\"\\n.popsection\");
    __asm__(\".pushsection .note.ia2,\\\"a\\\",@note\\n.long 4, 12, 2\\n.asciz \\\"IA2\\\"\\n\"
            \".long VERSION, 2, libraries-.\\n.popsection\");
    __asm__(\".globl gate\\n.type gate,@function\\ngate: wrpkru\\nret\\n.size gate,.-gate\");
";

fn library(toolchain: Toolchain) -> Vec<u8> {
    let workshop = Workshop::new();
    let c = LIBRARY.replace("VERSION", &layout::VERSION.to_string());
    read(&workshop.shared_object(toolchain, "library.so", &c, &["-Wl,--build-id=none"]))
}

/// Asks everything this crate can answer.
fn ask_everything(bytes: &[u8]) -> Result<(), ElfError> {
    let file = ElfFile::open(bytes)?;
    let _ = file.linkage();
    let _ = file.tls_padding();
    let _ = file.writable_code().count();
    let _ = file.wants_executable_stack();
    let _ = file.code();
    // Each of these may fail on its own.
    let _ = file.symbols();
    let _ = file.relocations();
    let _ = file.ifunc_resolvers();
    let _ = file.ia2_notes();
    let _ = file.sensitive_instructions();
    Ok(())
}

fn check(bytes: &[u8], expected: &ElfError) {
    assert_eq!(&ElfFile::open(bytes).expect_err("damaged"), expected);
}

#[test]
fn the_intact_file_answers_everything() {
    for toolchain in Toolchain::ALL {
        let bytes = library(toolchain);
        let file = ElfFile::open(&bytes).expect("a shared object");
        assert!(file.symbols().expect("symbols").iter().count() > 3);
        assert_eq!(file.ifunc_resolvers().expect("tables").len(), 1);
        assert_eq!(file.ia2_notes().expect("notes").len(), 1);
        assert_eq!(file.sensitive_instructions().expect("scan").len(), 1);
    }
}

#[test]
fn every_truncation_is_noticed() {
    let bytes = library(Toolchain::GccBfd);
    check(&[], &ElfError::Empty);
    check(&bytes[..3], &ElfError::NotElf);
    let length = 20;
    let part = "the file header".to_owned();
    check(&bytes[..20], &ElfError::Truncated { part, end: 64, length });
    // Section headers are last, so whatever is cut off, they are.
    for length in 4..bytes.len() {
        let error = ElfFile::open(&bytes[..length]).expect_err("cut off");
        assert!(matches!(error, ElfError::Truncated { .. }), "{length}: {error}");
    }
}

#[test]
fn truncation_is_noticed_without_section_headers() {
    let mut bytes = library(Toolchain::GccBfd);
    bytes[40..48].fill(0); // e_shoff
    bytes[60..64].fill(0); // e_shnum, e_shstrndx
    let file = ElfFile::open(&bytes).expect("the loader needs no section headers");
    let end = file.segments().iter().map(|s| s.file_offset + s.file_size).max();
    let end = usize::try_from(end.expect("segments")).expect("fits");
    for length in 64..end {
        let error = ElfFile::open(&bytes[..length]).expect_err("cut off");
        assert!(matches!(error, ElfError::Truncated { .. }), "{length}: {error}");
    }
    ask_everything(&bytes[..end]).expect("all segments are there");
}

#[test]
fn foreign_files_are_named() {
    let good = library(Toolchain::GccBfd);
    let patched = |offset: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[offset] = value;
        bytes
    };
    check(b"#!/bin/sh\n", &ElfError::NotElf);
    check(b"/* GNU ld script\n */ GROUP ( libc.so.6 )", &ElfError::LinkerScript);
    check(b"!<arch>\nlibc.o/", &ElfError::Archive);
    check(&patched(4, 1), &ElfError::Class32);
    check(&patched(5, 2), &ElfError::BigEndian);
    check(&patched(18, 40), &ElfError::OtherMachine(40));
    check(&patched(16, 1), &ElfError::OtherType(FileType::Relocatable));
    check(&patched(16, 4), &ElfError::OtherType(FileType::Core));
    check(&patched(16, 9), &ElfError::OtherType(FileType::Unknown(9)));
    for (offset, value) in [(4, 7), (5, 7), (6, 7), (20, 7), (54, 7), (58, 7)] {
        let error = ElfFile::open(&patched(offset, value)).expect_err("damaged");
        assert!(matches!(error, ElfError::Malformed(_)), "{offset}: {error}");
    }
}

#[test]
fn impossible_tls_segments_are_refused() {
    let good = library(Toolchain::GccBfd);
    let file = ElfFile::open(&good).expect("a shared object");
    let header = file.tls().expect("a TLS segment").header_offset as usize;
    for (field, value, says) in [
        (48, 3, "an alignment of 3, which is not a power of two"),
        (40, 1, "larger in the file than in memory"),
        (40, 1 << 60, "lies beyond the address space of a process"),
        (40, u64::MAX, "ends beyond the address space"),
    ] {
        let mut bytes = good.clone();
        bytes[header + field..][..8].copy_from_slice(&u64::to_le_bytes(value));
        let error = ElfFile::open(&bytes).expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
    }
    let mut twice = good.clone();
    let other = file.segments().iter().find(|s| s.kind == elf::SegmentKind::GnuStack);
    let other = other.expect("a stack header").header_offset as usize;
    twice[other..other + 4].copy_from_slice(&7u32.to_le_bytes());
    let error = ElfFile::open(&twice).expect_err("two segments").to_string();
    assert!(error.contains("more than one TLS segment"), "{error}");
}

/// Bytes drawn with a fixed seed, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn random_damage_never_panics() {
    // Where the structure is; damage to the rest says little.
    const INTERESTING: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x10, 0x40];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut opened = 0;
    for toolchain in [Toolchain::GccBfd, Toolchain::ClangLld] {
        let good = library(toolchain);
        let file = ElfFile::open(&good).expect("a shared object");
        let structured: Vec<std::ops::Range<usize>> = file
            .segments()
            .iter()
            .filter(|segment| !segment.flags.executable() && segment.file_size > 0)
            .map(|s| s.file_offset as usize..(s.file_offset + s.file_size) as usize)
            .chain([0..64, 64..64 + 56 * file.segments().len(), good.len() - 64 * 30..good.len()])
            .collect();
        for _ in 0..3000 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(4) {
                let range = &structured[random.below(structured.len())];
                let at = range.start + random.below(range.len());
                bytes[at] = match random.below(3) {
                    0 => INTERESTING[random.below(INTERESTING.len())],
                    1 => bytes[at] ^ (1 << random.below(8)),
                    _ => random.below(256) as u8,
                };
            }
            opened += usize::from(ask_everything(&bytes).is_ok());
        }
    }
    assert!(opened > 1500, "only {opened} damaged files got past the headers");
}
