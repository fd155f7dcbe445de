//! What the library exports, and what it holds.

mod common;

use std::{collections::BTreeSet, process::Command};

use common::library;

fn tool(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(name).args(arguments).arg(library()).output();
    let output = output.unwrap_or_else(|error| panic!("{name} (package binutils): {error}"));
    assert!(output.status.success(), "{name}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn exported() -> BTreeSet<String> {
    let symbols = tool("nm", &["-D", "--defined-only", "--format=posix"]);
    symbols.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn exactly_the_documented_functions_are_exported() {
    let wrapped = include_str!("../wrap.args").lines().map(|line| {
        format!("__wrap_{}", line.strip_prefix("--wrap=").expect("only --wrap arguments"))
    });
    let header = include_str!("../include/ia2_allocator.h");
    let shared = header
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("shared_") && *word != "shared_");
    let runtime = [
        "ia2_heap_start",
        "ia2_heap_thread_end",
        "ia2_heap_fork_child",
        "ia2_heap_owner",
        "ia2_heap_function",
        "ia2_heap_malloc",
        "ia2_heap_calloc",
        "ia2_heap_free",
    ];
    let expected: BTreeSet<String> =
        wrapped.chain(shared.map(str::to_owned)).chain(runtime.map(str::to_owned)).collect();
    assert_eq!(exported(), expected);
}

#[test]
fn the_contracts_functions_are_wrapped() {
    let exported = exported();
    for name in "malloc calloc realloc free memalign posix_memalign pvalloc valloc \
                 malloc_usable_size realpath strdup strndup getcwd asprintf vasprintf"
        .split_whitespace()
    {
        assert!(exported.contains(&format!("__wrap_{name}")), "{name}");
    }
}

#[test]
fn name_and_hardening_are_as_designed() {
    let dynamic = tool("readelf", &["--wide", "--dynamic", "--program-headers"]);
    assert!(dynamic.contains("Library soname: [libpartition-alloc.so]"), "{dynamic}");
    assert!(dynamic.contains("BIND_NOW") && dynamic.contains("GNU_RELRO"), "{dynamic}");
    assert!(!dynamic.contains("TEXTREL"), "{dynamic}");
    let needed: Vec<_> = dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect();
    assert!(needed.len() == 1 && needed[0].contains("libc.so.6"), "{needed:?}");
}

#[test]
fn no_byte_sequence_of_the_text_writes_pkru() {
    // WRPKRU is 0f 01 ef, XRSTOR 0f ae with /5 in the ModRM byte (SDM volume 2); an attacker can
    // jump to the middle of an instruction.
    let sections = tool("readelf", &["--wide", "--sections"]);
    let text = sections.lines().find(|line| line.contains(" .text ")).expect("a text section");
    let fields: Vec<&str> = text.split(']').nth(1).unwrap().split_whitespace().collect();
    let [start, length] = [fields[3], fields[4]].map(|hex| usize::from_str_radix(hex, 16).unwrap());
    let bytes = std::fs::read(library()).unwrap();
    let writes = |window: &[u8]| match window {
        [0x0f, 0x01, 0xef] => true,
        [0x0f, 0xae, modrm] => modrm >> 3 & 7 == 5 && modrm >> 6 != 3,
        _ => false,
    };
    assert!(length > 1000);
    assert!(!bytes[start..start + length].windows(3).any(writes));
}
