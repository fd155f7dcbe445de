//! The steps on their own: facts kept, cached, made by processes of their own and linked afterwards.

mod support;

use std::fs;
use std::path::PathBuf;

use support::{BOTH, FOO, MAIN, Project, Ran};

fn accepted(ran: &Ran) {
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
}

/// The example with callbacks both ways.
fn example() -> Project {
    let main = MAIN
        .replace("return foo(1);", "return foo(1) + walk(step);")
        .replace("int main", "static int step(int x) { return x; }\nint main");
    let source = FOO.to_owned() + "int walk(int (*f)(int)) { return f(2); }\n";
    Project::example()
        .file("src/foo.h", "int foo(int);\nint walk(int (*)(int));\n")
        .source("src/main.c", &main, "-DPKEY=1")
        .source("src/foo.c", &source, "-DPKEY=2")
}

/// Everything that was written, but for what later runs keep.
fn outputs(project: &Project) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let here = project.path("");
    let tree = project.tree().into_iter();
    tree.map(|(path, contents)| (path.strip_prefix(&here).expect("below").to_owned(), contents))
        .filter(|(path, _)| path.starts_with("out") || path.to_string_lossy().starts_with("gates"))
        .filter(|(path, _)| !path.starts_with("out/.ia2-rewriter"))
        .collect()
}

fn link(project: &Project, files: &[&str]) -> Ran {
    project.rewrite(&[&["--link-facts"], files].concat())
}

fn emit(project: &Project, file: &str, sources: &[&str]) -> Ran {
    let emit = format!("--emit-facts={file}");
    project.run(&[&["--root-directory=src", "--output-prefix=gates", &emit], sources].concat())
}

#[test]
fn linked_facts_give_what_one_run_gives() {
    let project = example();
    accepted(&project.rewrite(&BOTH));
    let expected = outputs(&project);
    fs::remove_dir_all(project.path("out")).expect("removed");
    accepted(&emit(&project, "facts/main.facts", &["src/main.c"]));
    accepted(&emit(&project, "facts/foo.facts", &["src/foo.c"]));
    assert!(!project.path("out").exists(), "facts are all that is written");
    for order in [["facts/main.facts", "facts/foo.facts"], ["facts/foo.facts", "facts/main.facts"]]
    {
        for name in ["gates.c", "gates.h", "gates_1.ld"] {
            fs::remove_file(project.path(name)).expect("removed");
        }
        let _ = fs::remove_dir_all(project.path("out"));
        accepted(&link(&project, &order));
        assert!(outputs(&project) == expected, "{order:?}");
    }
}

#[test]
fn facts_of_changed_sources_are_not_linked() {
    let project = example();
    accepted(&emit(&project, "all.facts", &BOTH));
    let changed = fs::read_to_string(project.path("src/main.c")).expect("a file") + "int more;\n";
    let project = project.file("src/main.c", &changed);
    let ran = link(&project, &["all.facts"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.messages.contains("IA2410"), "{}", ran.messages);
    assert!(!project.path("out").exists());
}

#[test]
fn what_is_no_file_of_facts_is_an_error() {
    let project = example().file("odd.facts", "{}");
    for file in ["odd.facts", "none.facts"] {
        let ran = link(&project, &[file]);
        assert_eq!(ran.status, Some(1));
        assert!(ran.messages.contains("IA2411"), "{}", ran.messages);
    }
    accepted(&emit(&project, "all.facts", &BOTH));
    let ran = project.run(&[
        "--link-facts",
        "--root-directory=.",
        "--output-directory=out",
        "--output-prefix=gates",
        "all.facts",
    ]);
    assert!(ran.messages.contains("its root directory is"), "{}", ran.messages);
}

/// Runs with a cache of the project's own.
fn cached(project: &Project, more: &[&str]) -> Ran {
    project.rewrite(&[&["--cache-directory=cache"], more, &BOTH].concat())
}

/// Files of facts in the cache.
fn cached_facts(project: &Project) -> usize {
    let tree = project.tree();
    tree.keys().filter(|path| path.extension().is_some_and(|ending| ending == "facts")).count()
}

#[test]
fn the_cache_knows_what_facts_depend_on() {
    let project = example();
    accepted(&cached(&project, &[]));
    assert_eq!(cached_facts(&project), 2);
    accepted(&cached(&project, &[]));
    assert_eq!(cached_facts(&project), 2, "the second run reads nothing anew");
    // A header that both include.
    let header = "int foo(int);\nint walk(int (*)(int));\nextern int more;\n";
    let project = project.file("src/foo.h", header);
    accepted(&cached(&project, &[]));
    let with_header = cached_facts(&project);
    assert!(with_header >= 2);
    // Another command.
    let main = fs::read_to_string(project.path("src/main.c")).expect("a file");
    let project = project.source("src/main.c", &main, "-DPKEY=1 -DMORE");
    accepted(&cached(&project, &[]));
    assert!(cached_facts(&project) > 2);
    accepted(&cached(&project, &["--no-cache"]));
}

#[test]
fn a_new_header_in_front_of_the_old_one_is_noticed() {
    let project = Project::example()
        .file("src/second/level.h", "#define LEVEL int\n")
        .file("src/first/there", "")
        .source(
            "src/main.c",
            &MAIN.replace("int main", "#include <level.h>\nstatic LEVEL (*f)(int);\nint main"),
            "-DPKEY=1 -Isrc/first -Isrc/second",
        );
    accepted(&cached(&project, &["--opaque=all"]));
    let old = outputs(&project);
    let project = project.file("src/first/level.h", "#define LEVEL long\n");
    accepted(&cached(&project, &["--opaque=all"]));
    let header = fs::read_to_string(project.path("gates.h")).expect("a file");
    assert!(header.contains("_ZTSPFliE"), "{header}");
    assert!(outputs(&project) != old);
}

#[test]
fn a_damaged_cache_is_no_cache() {
    let project = example();
    accepted(&cached(&project, &[]));
    let expected = outputs(&project);
    for (path, contents) in project.tree() {
        let is_cache = path.starts_with(project.path("cache"));
        if let (true, Some(contents)) = (is_cache, contents) {
            fs::write(path, &contents[..contents.len() / 2]).expect("written");
        }
    }
    accepted(&cached(&project, &[]));
    assert!(outputs(&project) == expected);
}

#[test]
fn several_runs_may_use_one_cache_at_the_same_time() {
    let project = example();
    accepted(&cached(&project, &[]));
    let expected = outputs(&project);
    fs::remove_dir_all(project.path("cache")).expect("removed");
    std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..6).map(|_| scope.spawn(|| accepted(&cached(&project, &[])))).collect();
        runs.into_iter().for_each(|run| run.join().expect("each succeeds"));
    });
    assert!(outputs(&project) == expected);
}
