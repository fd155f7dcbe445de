//! Input that cannot be rewritten: one clear error, exit status 1, and nothing written.

mod support;

use std::os::unix::fs::symlink;

use expect_test::expect;
use support::{BOTH, FOO, MAIN, Project, check, check_rewrite};

#[test]
fn the_example_is_accepted() {
    let project = Project::example();
    let ran = project.rewrite(&BOTH);
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
    for name in ["out/main.c", "out/foo.c", "out/foo.h", "gates.c", "gates.h", "gates_1.ld"] {
        assert!(project.path(name).is_file(), "{name}");
    }
    assert!(!project.path("out/ia2.h").exists());
}

#[test]
fn no_database() {
    let project = Project::empty().file("src/main.c", MAIN).file("src/foo.c", FOO);
    check(
        &project,
        |project| {
            project.run(&[
                "-p",
                "build",
                "--root-directory=src",
                "--output-directory=out",
                "--output-prefix=gates",
                "src/main.c",
            ])
        },
        &expect![[r#"
            error[IA2001]: no compile_commands.json was found
             |
             = note: looked in PROJECT/build
             = help: record one with `bear -- make`, or name its directory with `-p`

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
}

#[test]
fn a_database_that_is_no_json() {
    let project = Project::example().file("compile_commands.json", "[{\"directory\": }]");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2003]: the compile database is not JSON: expected value at line 1, column 16
         --> compile_commands.json:1:16
          |
        1 | [{"directory": }]
          |                ^
          |
          = help: record the build again, or correct the file

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn a_database_of_another_form() {
    let project = Project::example().file("compile_commands.json", "{}");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2004]: the compile database is an object instead of an array of entries
         --> compile_commands.json:1:1
          |
        1 | {}
          | ^^
          |
          = help: record the build again, or correct the file

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
    let project = Project::example()
        .file("compile_commands.json", "[{ \"directory\": \"/\", \"file\": \"main.c\" }]");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2004]: entry 1 of the compile database has no `arguments` and no `command`
         --> compile_commands.json:1:2
          |
        1 | [{ "directory": "/", "file": "main.c" }]
          |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: record the build again, or correct the file

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn a_database_that_cannot_be_read() {
    let project = Project::example();
    std::fs::remove_file(project.path("compile_commands.json")).expect("a file");
    symlink("compile_commands.json", project.path("compile_commands.json")).expect("a link");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2002]: cannot read PROJECT/compile_commands.json: Too many levels of symbolic links (os error 40)
         |
         = help: make it readable, or record the build again

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn a_source_without_a_command() {
    let project = Project::example().file("src/bar.c", "int bar;\n");
    let sources = ["src/main.c", "src/foo.c", "src/bar.c"];
    check(
        &project,
        |project| project.rewrite(&sources),
        &expect![[r#"
            error[IA2007]: PROJECT/src/bar.c is not in PROJECT/compile_commands.json
             |
             = help: compile it while recording, for example with `bear --append -- make`; if it is a part of a unity build, name the source that includes it instead

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
}

#[test]
fn a_source_that_does_not_exist() {
    let project = Project::example();
    check(
        &project,
        |project| project.rewrite(&["src/main.c", "src/fooo.c"]),
        &expect![[r#"
            error[IA2404]: cannot read src/fooo.c: No such file or directory (os error 2)
             |
             = note: that is PROJECT/src/fooo.c
             = help: correct the path, or let the build generate the file first

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
}

#[test]
fn a_source_outside_the_root() {
    let project = Project::example().source("lib/bar.c", "int bar;\n", "-DPKEY=2");
    let sources = ["src/main.c", "src/foo.c", "lib/bar.c"];
    check(
        &project,
        |project| project.rewrite(&sources),
        &expect![[r#"
        error[IA2403]: lib/bar.c lies outside the root directory
         --> lib/bar.c:1:1
          |
        1 | int bar;
          | ^
          |
          = note: the root directory is PROJECT/src
          = help: name a root directory that contains all sources

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn a_root_that_does_not_exist() {
    check(
        &Project::example(),
        |project| {
            project.run(&[
                "--root-directory=none",
                "--output-directory=out",
                "--output-prefix=gates",
                "src/main.c",
            ])
        },
        &expect![[r#"
            error[IA2403]: the root directory none does not exist

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
}

#[test]
fn a_source_that_does_not_compile() {
    let project = Project::example().source("src/foo.c", &FOO.replace("int x", "in x"), "-DPKEY=2");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2101]: unknown type name 'in'
         --> src/foo.c:5:9
          |
        5 | int foo(in x) { return x - 1; }
          |         ^
          |
          = note: the source must compile with its recorded command before it is rewritten

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
    let project = Project::example().source("src/foo.c", &FOO.replace("foo.h", "fo.h"), "-DPKEY=2");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2101]: 'fo.h' file not found
         --> src/foo.c:2:10
          |
        2 | #include "fo.h"
          |          ^
          |
          = note: the source must compile with its recorded command before it is rewritten

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn outputs_that_cannot_be_written() {
    let example = Project::example().file("file", "");
    let with = |output: &'static str, prefix: &'static str| {
        move |project: &Project| {
            let output = format!("--output-directory={output}");
            let prefix = format!("--output-prefix={prefix}");
            project.run(&[&["--root-directory=src", &output, &prefix], &BOTH[..]].concat())
        }
    };
    check(
        &example,
        with("file/out", "gates"),
        &expect![[r#"
            error[IA2402]: cannot write PROJECT/file/out: Not a directory (os error 20)
             |
             = help: name an output directory and prefix that can be written

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
    check(
        &example,
        with("out", "file/gates"),
        &expect![[r#"
            error[IA2402]: cannot write PROJECT/file/gates.c: Not a directory (os error 20)
             |
             = help: name an output directory and prefix that can be written

            error[IA2402]: cannot write PROJECT/file/gates.h: Not a directory (os error 20)
             |
             = help: name an output directory and prefix that can be written

            error[IA2402]: cannot write PROJECT/file/gates_1.ld: Not a directory (os error 20)
             |
             = help: name an output directory and prefix that can be written

            ia2-rewriter: 3 errors, nothing was written
        "#]],
    );
    // A directory where a file is to be.
    let project = Project::example().file("out/foo.c/in-the-way", "");
    check_rewrite(
        &project,
        &expect![[r#"
            error[IA2402]: cannot write PROJECT/out/foo.c: Is a directory (os error 21)
             |
             = help: name an output directory and prefix that can be written

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
    let project = Project::example().file("gates_1.ld/in-the-way", "");
    check_rewrite(
        &project,
        &expect![[r#"
            error[IA2402]: cannot write PROJECT/gates_1.ld: Is a directory (os error 21)
             |
             = help: name an output directory and prefix that can be written

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
}
