//! The scan on linked files: intended instructions, bytes inside others, page seams, the bytes that
//! share a page with code, and the C library of this system.

#[path = "support/toolchain.rs"]
#[allow(dead_code, reason = "shared with other tests, which use other parts")]
mod toolchain;

use elf::{ElfFile, Instruction, Placement, Sighting};
use toolchain::{Toolchain, Workshop, read};

/// Assembles and links a shared object, and scans it.
fn sightings(assembly: &str, more: &[&str]) -> Vec<Sighting> {
    let workshop = Workshop::new();
    let text = format!("{assembly}\n.section .note.GNU-stack,\"\",@progbits\n");
    let source = workshop.write("code.s", text);
    let mut arguments = vec!["-shared", "-nostdlib", source.to_str().expect("a UTF-8 path")];
    arguments.extend(more);
    let bytes = read(&workshop.build(Toolchain::GccBfd, "code.so", &arguments));
    ElfFile::open(&bytes).expect("a shared object").sensitive_instructions().expect("sound tables")
}

/// A function from assembly.
fn function(name: &str, body: &str) -> String {
    format!(
        ".text\n.globl {name}\n.type {name},@function\n{name}:\n{body}\nret\n.size {name},.-{name}\n"
    )
}

fn describe(sighting: &Sighting) -> (Instruction, Option<&str>, &'static str) {
    let placement = match sighting.placement {
        Placement::Instruction(_) => "instruction",
        Placement::Inside(_) => "inside",
        Placement::Unknown => "unknown",
    };
    (sighting.occurrence.instruction, sighting.symbol.as_deref(), placement)
}

#[track_caller]
fn check(assembly: &str, expected: &[(Instruction, Option<&str>, &'static str)]) {
    let found = sightings(assembly, &[]);
    let found: Vec<_> = found.iter().map(describe).collect();
    assert_eq!(found, expected, "{assembly}");
}

#[test]
fn every_instruction_is_found_in_its_function() {
    for (body, instruction) in [
        ("xor %ecx,%ecx\nxor %edx,%edx\nwrpkru", Instruction::Wrpkru),
        ("xrstor (%rdi)", Instruction::Xrstor),
        ("xrstor64 8(%rsp,%r9,4)", Instruction::Xrstor),
        ("xrstors (%rdi)", Instruction::Xrstors),
        ("wrfsbase %rax", Instruction::Wrfsbase),
        ("wrfsbase %r15d", Instruction::Wrfsbase),
        ("wrgsbase %edi", Instruction::Wrgsbase),
    ] {
        let expected = [(instruction, Some("gate"), "instruction")];
        check(&function("gate", body), &expected);
    }
}

#[test]
fn harmless_relatives_are_not_reported() {
    let body = "rdpkru\nlfence\nmfence\nxsave (%rdi)\nfxrstor (%rdi)\nrdfsbase %rax\nxsavec (%rdi)\n\
                clflush (%rdi)\nldmxcsr (%rdi)\nrdrand %rax";
    check(&function("harmless", body), &[]);
}

#[test]
fn bytes_inside_other_instructions_are_reported_as_such() {
    let hidden = [(Instruction::Wrpkru, Some("f"), "inside")];
    check(&function("f", "nop\nmov $0xef010f, %eax"), &hidden);
    check(&function("f", "lea 0xef010f(%rip), %rax"), &hidden);
    // Across two instructions: the first ends in 0f 01, the second is `out %eax, (%dx)`.
    check(&function("f", "mov $0x010f0000, %eax\nout %eax, (%dx)"), &hidden);
    // An XRSTOR that has the bytes of another one in its displacement.
    check(
        &function("f", "xrstor 0x28ae0f(%rdi)"),
        &[
            (Instruction::Xrstor, Some("f"), "instruction"),
            (Instruction::Xrstor, Some("f"), "inside"),
        ],
    );
}

#[test]
fn code_without_a_sized_symbol_belongs_to_nobody() {
    let sizeless = ".text\n.globl f\n.type f,@function\nf: wrpkru\nret\n";
    check(sizeless, &[(Instruction::Wrpkru, None, "unknown")]);
    let after = function("f", "nop") + "wrpkru\n";
    check(&after, &[(Instruction::Wrpkru, None, "unknown")]);
}

#[test]
fn instructions_across_page_seams_are_found() {
    for split in 1..3 {
        let body = format!(".p2align 12\n.skip {}, 0x90\nwrpkru", 4096 - split);
        let found = sightings(&function("f", &body), &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].occurrence.address.0 % 4096, 4096 - split);
    }
}

/// One segment ends in the middle of an instruction, and the next one goes on with it.
#[test]
fn instructions_across_the_seam_of_two_segments_are_found() {
    const SCRIPT: &str = "
        PHDRS { head PT_LOAD FILEHDR PHDRS FLAGS(4); a PT_LOAD FLAGS(5); b PT_LOAD FLAGS(5);
                d PT_LOAD FLAGS(6); dynamic PT_DYNAMIC FLAGS(6); stack PT_GNU_STACK FLAGS(6); }
        SECTIONS {
            . = SIZEOF_HEADERS;
            .dynsym : { *(.dynsym) } :head
            .dynstr : { *(.dynstr) } :head
            .hash : { *(.hash) } :head
            .gnu.hash : { *(.gnu.hash) } :head
            . = 0x1000;
            .first : { *(.first) } :a
            . = 0x2000;
            .second : { *(.second) } :b
            . = 0x4000;
            .dynamic : { *(.dynamic) } :d :dynamic
            /DISCARD/ : { *(.note*) *(.eh_frame*) }
        }";
    let workshop = Workshop::new();
    let script = workshop.write("split.ld", SCRIPT);
    let script = format!("-Wl,-T,{}", script.display());
    let code = ".section .first,\"ax\",@progbits\n.skip 4095,0x90\n.byte 0x0f\n\
                .section .second,\"ax\",@progbits\n.byte 0x01,0xef\nret\n";
    let found = sightings(code, &[&script]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].occurrence.address.0, 0x1fff);
}

/// The loader maps whole pages, so data that shares a page of the file with code can be executed.
#[test]
fn bytes_beside_code_in_its_pages_are_found() {
    let data = ".section .rodata,\"a\",@progbits\n.byte 0x0f,0x01,0xef\n";
    let code = function("f", "nop");
    let separate = sightings(&format!("{data}{code}"), &["-Wl,-z,separate-code"]);
    assert_eq!(separate, []);
    let workshop = Workshop::new();
    let source = workshop
        .write("beside.s", format!("{data}{code}.section .note.GNU-stack,\"\",@progbits\n"));
    // lld puts code and data into one page of the file and maps it twice.
    let arguments = ["-shared", "-nostdlib", source.to_str().expect("a UTF-8 path")];
    let bytes = read(&workshop.build(Toolchain::ClangLld, "beside.so", &arguments));
    let file = ElfFile::open(&bytes).expect("a shared object");
    let found = file.sensitive_instructions().expect("sound tables");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].symbol, None);
}

#[test]
fn the_c_library_writes_pkru_in_one_function_only() {
    let bytes = read(&toolchain::system_library("libc.so.6"));
    let file = ElfFile::open(&bytes).expect("the C library");
    let found = file.sensitive_instructions().expect("sound tables");
    let meant: Vec<_> = found
        .iter()
        .map(describe)
        .filter(|(instruction, _, placement)| {
            *instruction == Instruction::Wrpkru && *placement == "instruction"
        })
        .collect();
    assert_eq!(meant, [(Instruction::Wrpkru, Some("pkey_set"), "instruction")]);
}

#[test]
fn the_dynamic_linker_restores_state_when_it_binds_lazily() {
    let bytes = read(&toolchain::system_library("ld-linux-x86-64.so.2"));
    let file = ElfFile::open(&bytes).expect("the dynamic linker");
    let found = file.sensitive_instructions().expect("sound tables");
    let restoring = found.iter().filter(|s| s.occurrence.instruction == Instruction::Xrstor);
    assert!(restoring.count() >= 2, "{found:?}");
    assert!(!found.iter().any(|s| s.occurrence.instruction == Instruction::Wrpkru), "{found:?}");
}
