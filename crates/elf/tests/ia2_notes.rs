//! Notes named `IA2`, as linkers pass them on.

#[path = "support/toolchain.rs"]
#[allow(dead_code, reason = "shared with other tests, which use other parts")]
mod toolchain;

use elf::{ElfError, ElfFile, Ia2Note};
use pkru::Pkey;
use toolchain::{Toolchain, Workshop, read};

/// A note in assembly: type, then the words of its description.
fn note(kind: u32, description: &str) -> String {
    format!(
        ".pushsection .note.ia2,\"a\",@note\n.p2align 2\n.long 4, 2f-1f, {kind}\n.asciz \"IA2\"\n\
         1: {description}\n2: .p2align 2\n.popsection\n"
    )
}

const FUNCTIONS: &str = "
    .section ia2_functions,\"aw\"
    .globl __start_ia2_functions, __stop_ia2_functions
    .hidden __start_ia2_functions, __stop_ia2_functions
    .quad 1, 2, 3, 4
    .section .rodata.libraries,\"a\"
    libraries: .asciz \"liba.so;libb.so\"
    .section .note.GNU-stack,\"\",@progbits
";

fn notes(toolchain: Toolchain, assembly: &str) -> Result<Vec<Ia2Note>, ElfError> {
    let workshop = Workshop::new();
    let source = workshop.write("notes.s", format!("{assembly}{FUNCTIONS}"));
    let arguments = ["-shared", "-nostdlib", source.to_str().expect("a UTF-8 path")];
    let bytes = read(&workshop.build(toolchain, "notes.so", &arguments));
    ElfFile::open(&bytes).expect("a shared object").ia2_notes()
}

fn key(number: u8) -> Pkey {
    Pkey::new(number).expect("a key")
}

#[test]
fn each_type_is_decoded_with_its_references() {
    let version = layout::VERSION;
    let table = ".long __start_ia2_functions-., __stop_ia2_functions-., 0, 0";
    let text = [
        note(1, &format!(".long {version}, 2\n{table}")),
        note(2, &format!(".long {version}, 2, libraries-.")),
        note(2, &format!(".long {version}, 3, 0")),
        note(3, &format!(".long {version}, 15")),
    ]
    .concat();
    for toolchain in Toolchain::ALL {
        let found = notes(toolchain, &text).expect("sound notes");
        assert_eq!(found.len(), 4, "{toolchain:?}: {found:?}");
        let Ia2Note::Member { compartment, functions: Some(functions), handlers: None } = &found[0]
        else {
            panic!("{toolchain:?}: {:?}", found[0]);
        };
        assert_eq!(*compartment, key(2));
        assert_eq!(functions.end.0 - functions.start.0, 32);
        let libraries = Some("liba.so;libb.so".to_owned());
        assert_eq!(found[1], Ia2Note::Compartment { compartment: key(2), libraries });
        assert_eq!(found[2], Ia2Note::Compartment { compartment: key(3), libraries: None });
        assert_eq!(found[3], Ia2Note::Runtime { highest: key(15) });
    }
}

#[test]
fn files_without_such_notes_have_none() {
    // The build-id is a note too.
    assert_eq!(notes(Toolchain::GccBfd, ""), Ok(Vec::new()));
}

#[test]
fn wrong_notes_are_refused() {
    let version = layout::VERSION;
    let cases = [
        (note(3, &format!(".long {}, 2", version + 1)), "made by version"),
        (note(3, &format!(".long {version}, 16")), "names protection key 16; 15 is the last"),
        (note(3, &format!(".long {version}, 256")), "names protection key 256"),
        (note(9, &format!(".long {version}, 1")), "unknown type 9"),
        (note(3, &format!(".long {version}")), "cut off"),
        (note(2, &format!(".long {version}, 1, 0x7ffffff0")), "refers to nothing"),
        (note(1, &format!(".long {version}, 1, 16, -16, 0, 0")), "refers to nothing"),
    ];
    for (text, says) in cases {
        let error = notes(Toolchain::GccBfd, &text).expect_err(says).to_string();
        assert!(error.contains(says), "{error}\nshould say: {says}");
    }
}
