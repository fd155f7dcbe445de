//! What real compilers and linkers make, as this crate sees it.

#[path = "support/toolchain.rs"]
#[allow(dead_code, reason = "shared with other tests, which use other parts")]
mod toolchain;

use elf::{Address, ElfFile, Linkage, RelocationKind, SymbolKind};
use toolchain::{Toolchain, Workshop, read};

const LIBRARY: &str = "
    __thread int counter = 7;
    __thread char buffer[100];
    int variable = 3;
    int answer(void) { return 42 + counter + buffer[0]; }
";

#[test]
fn the_dynamic_section_is_decoded() {
    for toolchain in Toolchain::ALL {
        let workshop = Workshop::new();
        let other = workshop.shared_object(
            toolchain,
            "libother.so",
            "int other(void) { return 1; }",
            &["-Wl,-soname,libother.so.1"],
        );
        let file = workshop.shared_object(
            toolchain,
            "libthis.so",
            LIBRARY,
            &[
                "-Wl,-soname,libthis.so.2",
                "-Wl,-rpath,$ORIGIN/lib",
                "-Wl,--enable-new-dtags",
                "-Wl,-z,now",
                "-Wl,--no-as-needed",
                other.to_str().expect("a UTF-8 path"),
            ],
        );
        let bytes = read(&file);
        let file = ElfFile::open(&bytes).expect("a shared object");
        let dynamic = file.dynamic();
        assert_eq!(dynamic.soname.as_deref(), Some("libthis.so.2"), "{toolchain:?}");
        assert_eq!(dynamic.needed[0], "libother.so.1");
        assert!(dynamic.needed.iter().any(|name| name == "libc.so.6"));
        assert_eq!(dynamic.runpath.as_deref(), Some("$ORIGIN/lib"));
        assert_eq!(dynamic.rpath, None);
        assert!(dynamic.binds_now());
        assert!(!dynamic.has_text_relocations());
        assert!(!dynamic.has_static_tls());
        assert_eq!(file.linkage(), Linkage::SharedObject);
    }
}

#[test]
fn the_older_run_path_is_told_apart() {
    let workshop = Workshop::new();
    let more = ["-Wl,-rpath,/lib/old", "-Wl,--disable-new-dtags", "-ftls-model=initial-exec"];
    let bytes = read(&workshop.shared_object(Toolchain::GccBfd, "old.so", LIBRARY, &more));
    let file = ElfFile::open(&bytes).expect("a shared object");
    assert_eq!(file.dynamic().rpath.as_deref(), Some("/lib/old"));
    assert_eq!(file.dynamic().runpath, None);
    assert!(file.dynamic().has_static_tls());
}

#[test]
fn the_tls_segment_has_image_and_zeros() {
    for toolchain in Toolchain::ALL {
        let workshop = Workshop::new();
        let bytes = read(&workshop.shared_object(toolchain, "tls.so", LIBRARY, &[]));
        let file = ElfFile::open(&bytes).expect("a shared object");
        let tls = file.tls().expect("a TLS segment");
        assert_eq!(tls.file_size, 4, "{toolchain:?}");
        assert!((104..=128).contains(&tls.memory_size), "{}", tls.memory_size);
        assert_eq!(file.bytes_at(tls.address, 4), Some(&7i32.to_le_bytes()[..]));
    }
}

#[test]
fn linkage_is_recognised_with_and_without_the_flag() {
    let workshop = Workshop::new();
    let source = workshop.write("main.c", "int main(void) { return 0; }");
    let source = source.to_str().expect("a UTF-8 path");
    let pie = Linkage::PositionIndependentExecutable;
    let cases = [
        ("-no-pie", Linkage::FixedExecutable),
        ("-static", Linkage::FixedExecutable),
        ("-pie", pie),
        ("-static-pie", pie),
    ];
    for (link, expected) in cases {
        let bytes = read(&workshop.build(Toolchain::GccBfd, "program", &[source, "-fPIE", link]));
        assert_eq!(ElfFile::open(&bytes).expect("a program").linkage(), expected, "{link}");
    }
    for toolchain in Toolchain::ALL {
        let bytes = read(&workshop.build(toolchain, "program", &[source, "-fPIE", "-pie"]));
        let file = ElfFile::open(&bytes).expect("a program");
        assert!(file.dynamic().is_marked_pie() && file.dynamic().has_debug_entry());
        assert_eq!(file.linkage(), pie);
    }
    // The C library has a program interpreter, because it can print its version.
    let bytes = read(&toolchain::system_library("libc.so.6"));
    let libc = ElfFile::open(&bytes).expect("the C library");
    assert!(libc.segments().iter().any(|s| s.kind == elf::SegmentKind::Interpreter));
    assert_eq!(libc.linkage(), Linkage::SharedObject);
}

#[test]
fn symbols_are_found_by_address_with_and_without_the_full_table() {
    for toolchain in Toolchain::ALL {
        for more in [&[][..], &["-Wl,--strip-all"], &["-Wl,--hash-style=sysv"]] {
            let workshop = Workshop::new();
            let bytes = read(&workshop.shared_object(toolchain, "symbols.so", LIBRARY, more));
            let file = ElfFile::open(&bytes).expect("a shared object");
            let symbols = file.symbols().expect("sound symbol tables");
            let answer = symbols.iter().find(|symbol| symbol.name == "answer");
            let answer = answer.unwrap_or_else(|| panic!("{toolchain:?} {more:?}: no function"));
            assert_eq!(answer.kind, SymbolKind::Function);
            let last = Address(answer.address.0 + answer.size - 1);
            assert_eq!(symbols.enclosing(last), Some(answer));
            assert!(symbols.iter().any(|s| s.name == "variable" && s.kind == SymbolKind::Object));
            assert!(!symbols.iter().any(|s| s.name == "counter"), "thread-local");
            assert!(!symbols.iter().any(|s| s.name == "__tls_get_addr"), "undefined here");
        }
    }
}

#[test]
fn symbols_are_found_without_section_headers() {
    let workshop = Workshop::new();
    for style in ["gnu", "sysv"] {
        let hash = format!("-Wl,--hash-style={style}");
        let built = workshop.shared_object(Toolchain::GccBfd, "bare.so", LIBRARY, &[&hash]);
        let mut bytes = read(&built);
        bytes[40..48].fill(0); // e_shoff
        bytes[60..64].fill(0); // e_shnum, e_shstrndx
        let file = ElfFile::open(&bytes).expect("the loader needs no section headers");
        let symbols = file.symbols().expect("sound symbol tables");
        assert!(symbols.iter().any(|symbol| symbol.name == "answer"), "{style}");
        assert!(file.relocations().expect("sound relocations").len() > 2);
    }
}

#[test]
fn ifuncs_are_found_by_symbol_and_by_relocation() {
    const GLOBAL: &str = "
        static int one(void) { return 1; }
        static void *choose(void) { return one; }
        int f(void) __attribute__((ifunc(\"choose\")));
    ";
    let hidden = GLOBAL.replace("int f", "__attribute__((visibility(\"hidden\"))) int f")
        + "int g(void) { return f(); }";
    for toolchain in Toolchain::ALL {
        for c in [GLOBAL, hidden.as_str()] {
            for strip in [&[][..], &["-Wl,--strip-all"]] {
                let workshop = Workshop::new();
                let bytes = read(&workshop.shared_object(toolchain, "ifunc.so", c, strip));
                let file = ElfFile::open(&bytes).expect("a shared object");
                let resolvers = file.ifunc_resolvers().expect("sound tables");
                assert_eq!(resolvers.len(), 1, "{toolchain:?} {strip:?}: {resolvers:?}");
            }
        }
    }
    let workshop = Workshop::new();
    let bytes = read(&workshop.shared_object(Toolchain::GccBfd, "none.so", LIBRARY, &[]));
    let file = ElfFile::open(&bytes).expect("a shared object");
    assert_eq!(file.ifunc_resolvers(), Ok(Vec::new()));
}

#[test]
fn statically_linked_programs_show_their_ifuncs_too() {
    let workshop = Workshop::new();
    let source = workshop.write("main.c", "int main(void) { return 0; }");
    let source = source.to_str().expect("a UTF-8 path");
    let bytes = read(&workshop.build(Toolchain::GccBfd, "static", &[source, "-static", "-s"]));
    let file = ElfFile::open(&bytes).expect("a program");
    let resolvers = file.ifunc_resolvers().expect("sound tables");
    assert!(!resolvers.is_empty(), "the C library chooses its string functions this way");
}

#[test]
fn copied_variables_are_named() {
    for toolchain in [Toolchain::GccBfd, Toolchain::GccLld] {
        let workshop = Workshop::new();
        let library = workshop.shared_object(toolchain, "library.so", LIBRARY, &[]);
        let c = "extern int variable; int main(void) { return variable; }";
        let source = workshop.write("main.c", c);
        let arguments = [&source, &library].map(|path| path.to_str().expect("a UTF-8 path"));
        let position_dependent = ["-fno-pie", "-no-pie", arguments[0], arguments[1]];
        let bytes = read(&workshop.build(toolchain, "program", &position_dependent));
        let file = ElfFile::open(&bytes).expect("a program");
        let copies = file.copied_variables().expect("sound relocations");
        let names: Vec<_> = copies.iter().map(|copy| copy.symbol.as_deref()).collect();
        assert_eq!(names, [Some("variable")], "{toolchain:?}");
        assert!(copies.iter().all(|copy| copy.kind == RelocationKind::Copy));

        let independent = ["-fPIC", "-pie", arguments[0], arguments[1]];
        let bytes = read(&workshop.build(toolchain, "program", &independent));
        let file = ElfFile::open(&bytes).expect("a program");
        assert_eq!(file.copied_variables(), Ok(Vec::new()));
    }
}

#[test]
fn text_relocations_and_writable_code_are_seen() {
    let workshop = Workshop::new();
    let assembly = workshop.write(
        "absolute.s",
        ".globl f\n.type f,@function\nf: movabs $f, %rax\n ret\n.section .note.GNU-stack,\"\"\n",
    );
    let arguments = ["-shared", "-Wl,-z,notext", assembly.to_str().expect("a UTF-8 path")];
    let bytes = read(&workshop.build(Toolchain::GccBfd, "absolute.so", &arguments));
    let file = ElfFile::open(&bytes).expect("a shared object");
    assert!(file.dynamic().has_text_relocations());
    assert_eq!(file.writable_code().count(), 0);

    let merged =
        workshop.shared_object(Toolchain::GccBfd, "merged.so", LIBRARY, &["-nostdlib", "-Wl,-N"]);
    let bytes = read(&merged);
    let file = ElfFile::open(&bytes).expect("a shared object");
    assert_eq!(file.writable_code().count(), 1);
}

#[test]
fn executable_stacks_are_seen() {
    let workshop = Workshop::new();
    for (option, expected) in [("-Wl,-z,execstack", true), ("-Wl,-z,noexecstack", false)] {
        let bytes = read(&workshop.shared_object(Toolchain::GccBfd, "s.so", LIBRARY, &[option]));
        let file = ElfFile::open(&bytes).expect("a shared object");
        assert_eq!(file.wants_executable_stack(), expected, "{option}");
    }
}
