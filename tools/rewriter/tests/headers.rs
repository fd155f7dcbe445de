//! Headers by every flag that finds or includes them, and builds out of the source tree.

mod support;

use std::fs;
use std::process::Command;

use support::{BOTH, FOO, MAIN, Project, Ran, include};

fn accepted(ran: &Ran) {
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
}

fn text(project: &Project, path: &str) -> String {
    fs::read_to_string(project.path(path)).expect("a file")
}

fn rewrite(project: &Project, source: &str) {
    accepted(&project.rewrite(&["--opaque=all", BOTH[0], BOTH[1], source]));
}

const USER: &str = "#include <callbacks.h>\nint use(callback f) { return f(ONE); }\n";

#[test]
fn below_the_root_a_header_is_ours_however_it_is_found() {
    for flag in ["-I", "-isystem", "-idirafter", "-iquote"] {
        let user = match flag {
            "-iquote" => USER.replace("<callbacks.h>", "\"callbacks.h\""),
            _ => USER.to_owned(),
        };
        let project = Project::example()
            .file("src/inc/callbacks.h", "#define ONE 1\ntypedef int (*callback)(int);\n")
            .source("src/more.c", &user, &format!("-DPKEY=1 {flag} src/inc"));
        rewrite(&project, "src/more.c");
        let header = text(&project, "out/inc/callbacks.h");
        assert!(header.contains("struct IA2_fnptr__ZTSPFiiE callback"), "{flag}: {header}");
        let commands = text(&project, "out/compile_commands.json");
        assert!(commands.contains("/out/inc\""), "{flag}: {commands}");
    }
}

#[test]
fn outside_the_root_a_header_is_the_systems_however_it_is_found() {
    for flag in ["-I", "-isystem", "-idirafter"] {
        let project = Project::example()
            .file("lib/callbacks.h", "#define ONE 1\ntypedef int (*callback)(int);\n")
            .source("src/more.c", USER, &format!("-DPKEY=1 {flag} lib"));
        rewrite(&project, "src/more.c");
        assert_eq!(text(&project, "out/more.c"), USER, "{flag}");
        assert!(!project.path("out/callbacks.h").exists() && !project.path("out/lib").exists());
    }
}

#[test]
fn headers_that_the_command_includes_are_rewritten_too() {
    let project = Project::example()
        .file("src/callbacks.h", "typedef int (*callback)(int);\n")
        .file("src/macros.h", "#define ONE 1\n")
        .source(
            "src/more.c",
            "int use(callback f) { return f(ONE); }\n",
            "-DPKEY=1 -include src/callbacks.h -imacros src/macros.h",
        );
    rewrite(&project, "src/more.c");
    assert!(text(&project, "out/callbacks.h").contains("_ZTSPFiiE callback"));
    assert!(text(&project, "out/more.c").contains("IA2_CALL(f, _ZTSPFiiE)(ONE)"));
}

#[test]
fn a_precompiled_header_beside_the_header_does_not_matter() {
    let project = Project::example()
        .file("src/all.h", "#include <stdlib.h>\ntypedef int (*callback)(int);\n")
        .source(
            "src/more.c",
            "int use(callback f) { return f(1); }\n",
            "-DPKEY=1 -include src/all.h -Winvalid-pch -fpch-preprocess",
        );
    // Made by gcc: clang cannot read it.
    let made = Command::new("gcc")
        .current_dir(project.path(""))
        .args([
            "-fPIC",
            "-DPKEY=1",
            "-I",
            include(),
            "-x",
            "c-header",
            "src/all.h",
            "-o",
            "src/all.h.gch",
        ])
        .status();
    assert!(made.expect("gcc runs").success());
    // Builds record how it is made.
    let project =
        project.command_line("", "gcc -x c-header src/all.h -o src/all.h.gch", "src/all.h");
    rewrite(&project, "src/more.c");
    assert!(text(&project, "out/more.c").contains("IA2_CALL(f, _ZTSPFiiE)(1)"));
    assert!(!project.path("out/all.h.gch").exists());
}

#[test]
fn static_and_shared_builds_of_one_source() {
    let source = "#ifdef SHARED\nint exported(int (*f)(int)) { return f(1); }\n#endif\nint both(int (*f)(int)) { return f(2); }\n";
    let mut project = Project::example().file("src/lib.c", source);
    for line in [
        "gcc -DPKEY=2 -O2 -c ../src/lib.c -o static/lib.o",
        "gcc -DPKEY=2 -O2 -fPIC -DPIC -DSHARED -c ../src/lib.c -o shared/lib.o",
    ] {
        project = project.command_line("build", line, "../src/lib.c");
    }
    rewrite(&project, "src/lib.c");
    let lib = text(&project, "out/lib.c");
    assert_eq!(lib.matches("IA2_CALL(f, _ZTSPFiiE)").count(), 2, "{lib}");
    let commands = text(&project, "out/compile_commands.json");
    assert!(commands.contains("static/lib.o") && commands.contains("shared/lib.o"), "{commands}");
}

#[test]
fn out_of_tree_builds_with_relative_paths() {
    let project = Project::empty()
        .file("src/foo.h", "int foo(int);\n")
        .file("src/main.c", MAIN)
        .file("src/foo.c", FOO)
        .file("src/inc/callbacks.h", "#define ONE 1\ntypedef int (*callback)(int);\n")
        .file("src/deep/er/more.c", USER);
    let mut project = project;
    for (pkey, file) in [(1, "main.c"), (2, "foo.c"), (1, "deep/er/more.c")] {
        let line = format!(
            "gcc -DPKEY={pkey} -I../../src/deep/../inc -I {} -c ./../../src/{file} -o x.o",
            include()
        );
        project = project.command_line("build/obj", &line, &format!("../../src/./{file}"));
    }
    accepted(&project.run(&[
        "-p",
        ".",
        "--root-directory=./src/../src",
        "--output-directory=build/out",
        "--output-prefix=build/gates",
        "--opaque=all",
        "src/main.c",
        "src/deep/../foo.c",
        "src/deep/er/more.c",
    ]));
    assert!(text(&project, "build/out/deep/er/more.c").contains("IA2_CALL(f, _ZTSPFiiE)(ONE)"));
    assert!(text(&project, "build/out/inc/callbacks.h").contains("_ZTSPFiiE callback"));
    assert!(project.path("build/gates.h").is_file());
}

#[test]
fn a_header_that_commands_include_cannot_be_chosen_from() {
    let header = "typedef T (*callback)(T);\n";
    let source = |name: &str| format!("#pragma once\nT {name}(callback f) {{ return f(1); }}\n");
    let project = |more: [&str; 2]| {
        Project::example()
            .file("src/both.h", header)
            .command("src/a.c", &source("a"), &format!("-DPKEY=1 {}", more[0]))
            .command("src/b.c", &source("b"), &format!("-DPKEY=1 {}", more[1]))
    };
    let sources = ["--opaque=all", BOTH[0], BOTH[1], "src/a.c", "src/b.c"];
    // The macro of the command stands for a type, as one of the source would.
    let included = ["-DT=long -include src/both.h", "-DT=long -include src/both.h"];
    let alike = project(included);
    accepted(&alike.rewrite(&sources));
    assert_eq!(text(&alike, "out/both.h"), "typedef struct IA2_fnptr__ZTSPFllE callback;\n");
    let different = project([included[0], "-DT=int -include src/both.h"]);
    let ran = different.rewrite(&sources);
    assert_eq!(ran.status, Some(1), "{}", ran.messages);
    for part in ["IA2401", "-DT=long", "-DT=int"] {
        assert!(ran.messages.contains(part), "no {part}: {}", ran.messages);
    }
}
