//! What is said: warnings by name, JSON, explanations.

mod support;

use expect_test::expect;
use support::{BOTH, FOO, MAIN, Project, Ran};

fn with_main(body: &str, header: &str, library: &str) -> Project {
    let main = MAIN.replace("int main(void) { return foo(1); }", body);
    Project::example().file("src/foo.h", header).source("src/main.c", &main, "-DPKEY=1").source(
        "src/foo.c",
        &format!("{FOO}{library}"),
        "-DPKEY=2",
    )
}

fn warnings(project: &Project, flags: &[&str]) -> Ran {
    project.rewrite(&[flags, &BOTH].concat())
}

#[test]
fn risky_spots_are_grouped_and_can_be_switched_off() {
    let project = with_main(
        "\
#include <errno.h>
static int own;
static const int fixed = 1;
IA2_SHARED_DATA int shared;
int main(void) {
    int local[2];
    fill(&own); fill(local); fill(&local[1]); fill(&shared); peek(&fixed);
    if (foo(1) < 0) return errno;
    return 0;
}",
        "int foo(int);\nvoid fill(int *);\nvoid peek(const int *);\n",
        "void fill(int *p) { *p = 1; }\nvoid peek(const int *p) { (void)p; }\n",
    );
    let ran = warnings(&project, &[]);
    assert_eq!(ran.status, Some(0));
    expect![[r#"
        warning[IA2501]: the address of `own`, which is private, is passed to `fill` in compartment 2
          --> src/main.c:12:10
           |
        12 |     fill(&own); fill(local); fill(&local[1]); fill(&shared); peek(&fixed);
           |          ^^^^
           |
           = note: and in 2 other places
           = help: make it IA2_SHARED_DATA, or allocate it with shared_malloc, if it is used there

        warning[IA2502]: `errno` is looked at after `foo` was called in compartment 2
          --> src/main.c:13:28
           |
        13 |     if (foo(1) < 0) return errno;
           |                            ^^^^^
           |
           = help: let the function return the reason

    "#]]
    .assert_eq(&ran.messages);
    let ran = warnings(&project, &["-Wno-errno", "-Wno-private-pointer"]);
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
    let before = project.tree();
    let ran = warnings(&project, &["-Wno-all", "-Werror=errno"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.messages.contains("error[IA2502]"), "{}", ran.messages);
    assert!(project.tree() == before);
}

#[test]
fn casts_between_function_pointer_types_that_cross() {
    let through = |kept: &str| {
        let project = with_main(
            &format!(
                "typedef {kept};\nstatic int step(int x) {{ return x; }}\n\
                 int main(void) {{ plain p = (plain)step; return walk((int (*)(int))p); }}"
            ),
            "int foo(int);\nint walk(int (*)(int));\n",
            "int walk(int (*f)(int)) { return f(2); }\n",
        );
        warnings(&project, &[]).messages
    };
    let messages = through("int (*plain)(long)");
    assert!(messages.contains("warning[IA2504]"), "{messages}");
    // What functions of all types are kept as.
    assert_eq!(through("void (*plain)(void)"), "");
}

#[test]
fn variables_of_other_compartments() {
    let project = with_main(
        "int main(void) { return names[0][0] + text[0] + limit + count + totals[0]; }",
        "extern const char *const names[2];\nextern const char text[];\nextern const int limit;\n\
         extern int count, totals[2];\n",
        "const char *const names[2] = { \"a\" };\nconst char text[] = \"t\";\nconst int limit = 3;\n\
         int count, totals[2];\n",
    );
    let ran = warnings(&project, &[]);
    // Constants may be read by everybody.
    assert_eq!(ran.messages.matches("warning[IA2215]").count(), 2, "{}", ran.messages);
    assert!(ran.messages.contains("`count` belongs to compartment 2"), "{}", ran.messages);
    assert!(ran.messages.contains("`totals` belongs to compartment 2"), "{}", ran.messages);
    let ran = warnings(&project, &["--share-globals"]);
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
    let text = std::fs::read_to_string(project.path("out/foo.c")).expect("it is written");
    assert!(text.contains("\nIA2_SHARED_DATA int count, totals[2];"), "{text}");
}

/// A source of two compartments.
const COMMON: &str = "\
#include <ia2.h>
#include \"foo.h\"
int counter;
IA2_SHARED_DATA int total;
int count(void) { return ++counter + ++total; }
";

#[test]
fn what_several_compartments_define() {
    let project = with_main(
        "\
int both(void) { return 1; }
int main(void) { return foo(1) + both() + count(); }",
        "int foo(int);\nint both(void);\nint count(void);\n",
        "int both(void) { return 2; }\nstatic int calls_both(void) { return both() + count(); }\n",
    )
    .command("src/common.c", COMMON, "-DPKEY=1")
    .command("src/common.c", COMMON, "-DPKEY=2");
    let ran = project.rewrite(&[&BOTH[..], &["src/common.c"]].concat());
    expect![[r#"
        warning[IA2505]: `counter` is a variable of its own in compartments 1, 2
         --> src/common.c:3:5
          |
        3 | int counter;
          |     ^^^^^^^
          |
          = help: put IA2_SHARED_DATA in front of it if there is to be one for all

        warning[IA2506]: compartments 1 and 2 define `both`
         --> src/main.c:6:5
          |
        6 | int both(void) { return 1; }
          |     ^^^^ in compartment 1
          |
         ::: src/foo.c:6:5
          |
        6 | int both(void) { return 2; }
          |     ---- in compartment 2
          |
          = note: the dynamic linker lets both use the one that is loaded first
          = help: make them static or rename them

    "#]]
    .assert_eq(&ran.messages);
    let text = std::fs::read_to_string(project.path("out/common.c")).expect("it is written");
    expect![[r##"
        #include <ia2.h>
        #include "foo.h"
        IA2_OWN(counter) int counter;
        IA2_SHARED_DATA int total;
        int count(void) { return ++counter + ++total; } IA2_OWN(count)
    "##]]
    .assert_eq(&text);
    let options = ["-Wno-copies", "-Wno-interposed", "src/common.c"];
    let ran = project.rewrite(&[&options, &BOTH[..]].concat());
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
}

#[test]
fn json_has_a_line_for_each() {
    let project =
        Project::example().source("src/foo.c", "int foo(int x) { return y; }\n", "-DPKEY=2");
    let ran = warnings(&project, &["--message-format=json"]);
    assert_eq!(ran.status, Some(1));
    let lines: Vec<serde_json::Value> =
        ran.messages.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().any(|line| line["code"]["code"] == "IA2101"
        && line["level"] == "error"
        && line["spans"][0]["file_name"] == "src/foo.c"
        && line["spans"][0]["line_start"] == 1));
}

#[test]
fn codes_and_warnings_are_explained() {
    let project = Project::empty();
    let output = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ia2-rewriter"))
            .args(arguments)
            .output()
            .expect("it runs");
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let (status, text) = output(&["--explain", "ia2401"]);
    assert_eq!(status, Some(0));
    assert!(text.starts_with("# IA2401: "), "{text}");
    assert_eq!(output(&["--explain", "IA9999"]).0, Some(2));
    let (status, text) = output(&["-W", "help"]);
    assert_eq!(status, Some(0));
    assert!(text.contains("private-pointer  IA2501: "), "{text}");
    assert_eq!(project.run(&["-Wno-such", "--root-directory=.", "a.c"]).status, Some(2));
}

#[test]
fn wrong_usage_is_status_2() {
    let project = Project::example();
    for arguments in [
        &["src/main.c"][..],
        &["--root-directory=src", "--output-directory=out", "src/main.c"],
        &["--root-directory=src", "--output-directory=out", "--output-prefix=gates"],
        &["--no-such-option"],
    ] {
        assert_eq!(project.run(arguments).status, Some(2), "{arguments:?}");
    }
}
