//! What the command line and recorded commands may look like.

mod support;

use std::path::PathBuf;

use support::{BOTH, FOO, MAIN, Project, Ran};

fn check_accepted(ran: &Ran) {
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
}

/// What is below `out` and the generated files, after the guide's command line.
fn outputs(project: &Project) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    check_accepted(&project.rewrite(&BOTH));
    let here = project.path("");
    let tree = project.tree().into_iter();
    tree.map(|(path, contents)| (path.strip_prefix(&here).expect("below").to_owned(), contents))
        .filter(|(path, _)| path.starts_with("out") || path.to_string_lossy().starts_with("gates"))
        .collect()
}

#[test]
fn numbers_may_be_expressions_and_macros() {
    let main =
        MAIN.replace("RUNTIME(2)", "RUNTIME(LAST)").replace("INIT", "#define LAST (1 + 1)\nINIT");
    let foo = FOO.replace("COMPARTMENT 2", "COMPARTMENT PKEY");
    let project = Project::example().source("src/main.c", &main, "-DPKEY=1").source(
        "src/foo.c",
        &foo,
        "-DPKEY=2",
    );
    check_accepted(&project.rewrite(&BOTH));
    let foo = FOO.replace("#define IA2_COMPARTMENT 2\n", "");
    let project = project.source("src/foo.c", &foo, "-DPKEY=2 -DIA2_COMPARTMENT=2");
    check_accepted(&project.rewrite(&BOTH));
}

#[test]
fn the_flags_of_the_guide_may_be_recorded_already() {
    let expected = outputs(&Project::example());
    let recorded = |key: u8| {
        format!("-DPKEY={key} -DIA2_ENABLE=1 -include gates.h -Werror=incompatible-pointer-types")
    };
    let project = Project::example().source("src/main.c", MAIN, &recorded(1)).source(
        "src/foo.c",
        FOO,
        &recorded(2),
    );
    assert!(outputs(&project) == expected, "the first time, without gates.h");
    assert!(outputs(&project) == expected, "again, with it");
    // A header that names the generated one.
    let project = project.file("src/all.h", "#include \"../gates.h\"\n").source(
        "src/foo.c",
        FOO,
        "-DPKEY=2 -DIA2_ENABLE=0 -include src/all.h",
    );
    check_accepted(&project.rewrite(&BOTH));
}
