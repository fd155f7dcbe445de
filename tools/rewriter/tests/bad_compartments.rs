//! Keys, compartments and runtimes that do not fit together: one clear error, exit status 1, and
//! nothing written.

mod support;

use expect_test::expect;
use support::{FOO, MAIN, Project, check_rewrite};

#[test]
fn a_key_that_is_no_number() {
    let project = Project::example().source("src/foo.c", FOO, "-DPKEY=two");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2012]: `-DPKEY=two` does not give a number
          --> compile_commands.json:21:8
           |
        21 |       "-DPKEY=two",
           |        ^^^^^^^^^^ expected a decimal number from 0 to 15
           |
           = help: write `-DPKEY=N` with N from 1 to 15, or leave it out for untrusted code

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn a_key_above_15() {
    let project = Project::example().source("src/foo.c", FOO, "-DPKEY=16");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2013]: `-DPKEY=16` is above 15
          --> compile_commands.json:21:8
           |
        21 |       "-DPKEY=16",
           |        ^^^^^^^^^ expected a decimal number from 0 to 15
           |
           = help: write `-DPKEY=N` with N from 1 to 15, or leave it out for untrusted code

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn a_compartment_that_is_not_the_key() {
    let project = Project::example().source("src/foo.c", FOO, "-DPKEY=1");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2205]: IA2_COMPARTMENT is 2, but the source is compiled with -DPKEY=1
         --> src/foo.c:3:9
          |
        3 | #define IA2_COMPARTMENT 2
          |         ^^^^^^^^^^^^^^^^^
          |
          = help: write `#define IA2_COMPARTMENT 1`

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn two_runtimes() {
    let twice = FOO.replace("#define", "INIT_RUNTIME(2);\n#define");
    let project = Project::example().source("src/foo.c", &twice, "-DPKEY=2");
    check_rewrite(
        &project,
        &expect![[r#"
            error[IA2202]: the runtime is started twice
             --> src/main.c:3:1
              |
            3 | INIT_RUNTIME(2);
              | ^^^^^^^^^^^^^^^ second INIT_RUNTIME
              |
             ::: src/foo.c:3:1
              |
            3 | INIT_RUNTIME(2);
              | --------------- first INIT_RUNTIME
              |
              = help: keep one of them, in a source of the executable

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
}

#[test]
fn no_runtime() {
    let without = MAIN.replace("INIT_RUNTIME(2);\n", "");
    let project = Project::example().source("src/main.c", &without, "-DPKEY=1");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2201]: no source starts the runtime
         |
         = note: the sources belong to compartments up to 2; one of the executable's must say so
         = help: put `INIT_RUNTIME(2);` into one source of the executable

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn a_runtime_that_is_too_small() {
    let small = MAIN.replace("RUNTIME(2)", "RUNTIME(1)");
    let project = Project::example().source("src/main.c", &small, "-DPKEY=1");
    check_rewrite(
        &project,
        &expect![[r#"
            error[IA2203]: INIT_RUNTIME(1) does not cover compartment 2
             --> src/main.c:3:1
              |
            3 | INIT_RUNTIME(1);
              | ^^^^^^^^^^^^^^^ must be at least 2
              |
              = note: PROJECT/src/foo.c is compiled with -DPKEY=2

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
    let large =
        MAIN.replace("RUNTIME(2)", "RUNTIME(COUNT)").replace("INIT", "#define COUNT 16\nINIT");
    let project = Project::example().source("src/main.c", &large, "-DPKEY=1");
    check_rewrite(
        &project,
        &expect![[r#"
            error[IA2203]: INIT_RUNTIME needs a number from 0 to 15
             --> src/main.c:4:1
              |
            4 | INIT_RUNTIME(COUNT);
              | ^^^^^^^^^^^^^^^^^^^

            ia2-rewriter: 1 error, nothing was written
        "#]],
    );
}

#[test]
fn a_library_without_its_init_include() {
    let without = FOO.replace("#include <ia2_compartment_init.inc>\n", "");
    let project = Project::example().source("src/foo.c", &without, "-DPKEY=2");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2204]: no source of compartment 2 initialises it
         --> src/foo.c:1:1
          |
        1 | #include <ia2.h>
          | ^
          |
          = help: put `#define IA2_COMPARTMENT 2` and `#include <ia2_compartment_init.inc>` into one source of each of its shared objects

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
}

#[test]
fn a_static_name_for_a_function_of_another_compartment() {
    let reference = "static int other(int) __attribute__((weakref(\"foo\")));\n";
    let main =
        MAIN.replace("int main", &format!("{reference}int main")).replace("foo(1)", "other(1)");
    let project = Project::example().source("src/main.c", &main, "-DPKEY=1");
    check_rewrite(
        &project,
        &expect![[r#"
        error[IA2208]: `other`, a `weakref` to `foo`, leads past call gates
         --> src/main.c:7:25
          |
        6 | static int other(int) __attribute__((weakref("foo")));
          | ----------------------------------------------------- declared here
        7 | int main(void) { return other(1); }
          |                         ^^^^^^^^ it is used here
          |
          = help: declare `foo` itself with `__attribute__((weak))`, and use that

        ia2-rewriter: 1 error, nothing was written
    "#]],
    );
    // In its own compartment it leads to what it says.
    let own = main.replace("int main", "int foo(int x) { return x; }\nint main");
    let project = Project::example().source("src/main.c", &own, "-DPKEY=1").source(
        "src/foo.c",
        &FOO.replace("int foo", "int foo2"),
        "-DPKEY=2",
    );
    assert_eq!(project.rewrite(&support::BOTH).status, Some(0));
}
