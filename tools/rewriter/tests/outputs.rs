//! What is written, and what is not: all files or none, and none over work done by hand.

mod support;

use std::fs;
use std::time::SystemTime;

use support::{BOTH, MAIN, Project, Ran};

/// A run of the example that must succeed without a word.
fn rewrite(project: &Project) {
    let ran = project.rewrite(&BOTH);
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
}

fn rewrite_with(project: &Project, more: &[&str]) -> Ran {
    project.rewrite(&[more, &BOTH].concat())
}

fn text(project: &Project, path: &str) -> String {
    fs::read_to_string(project.path(path)).expect("a file")
}

/// Something changed by hand in a rewritten file.
fn change(project: &Project, path: &str) {
    let changed = text(project, path) + "/* by hand */\n";
    fs::write(project.path(path), changed).expect("written");
}

fn times(project: &Project) -> Vec<(std::path::PathBuf, SystemTime)> {
    let files = project.tree().into_iter().filter(|(_, contents)| contents.is_some());
    let time = |path: &std::path::Path| fs::metadata(path).and_then(|data| data.modified());
    files.map(|(path, _)| (path.clone(), time(&path).expect("a time"))).collect()
}

#[test]
fn a_second_run_touches_nothing() {
    let project = Project::example();
    rewrite(&project);
    let before = (project.tree(), times(&project));
    rewrite(&project);
    assert!((project.tree(), times(&project)) == before);
}

#[test]
fn a_run_after_a_change_touches_only_what_changes() {
    let project = Project::example();
    rewrite(&project);
    let before = times(&project);
    let project = project.file("src/main.c", &MAIN.replace("foo(1)", "foo(2)"));
    rewrite(&project);
    let changed: Vec<String> = times(&project)
        .into_iter()
        .filter(|known| !before.contains(known))
        .map(|(path, _)| path.strip_prefix(project.path("")).unwrap().display().to_string())
        .filter(|path| !path.contains(".ia2-rewriter/"))
        .collect();
    assert_eq!(changed, ["out/main.c", "src/main.c"]);
    assert!(text(&project, "out/main.c").contains("foo(2)"));
}

#[test]
fn what_was_changed_by_hand_is_not_overwritten() {
    for path in ["out/main.c", "gates.h"] {
        let project = Project::example();
        rewrite(&project);
        change(&project, path);
        let before = project.tree();
        let ran = project.rewrite(&BOTH);
        assert_eq!(ran.status, Some(1));
        assert!(ran.messages.contains("IA2406"), "{}", ran.messages);
        assert!(ran.messages.contains("+/* by hand */"), "the diff: {}", ran.messages);
        assert!(project.tree() == before, "something was written");
        let ran = rewrite_with(&project, &["--force"]);
        assert_eq!(ran.status, Some(0), "{}", ran.messages);
        assert!(!text(&project, path).contains("by hand"));
    }
}

#[test]
fn the_diff_shows_what_the_hand_did_and_not_what_the_source_does() {
    let project = Project::example();
    rewrite(&project);
    change(&project, "out/main.c");
    let project = project.file("src/main.c", &MAIN.replace("foo(1)", "foo(2)"));
    let ran = project.rewrite(&BOTH);
    assert!(ran.messages.contains("+/* by hand */"), "{}", ran.messages);
    assert!(!ran.messages.contains("foo(2)"), "{}", ran.messages);
}

#[test]
fn recorded_changes_are_made_again() {
    let project = Project::example();
    rewrite(&project);
    change(&project, "out/main.c");
    let ran = rewrite_with(&project, &["--record-edits"]);
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
    assert!(project.path("out/.ia2-rewriter/patches/main.c.patch").is_file());
    // The source changes: both changes are in the new file.
    let project = project.file("src/main.c", &MAIN.replace("foo(1)", "foo(2)"));
    rewrite(&project);
    let new = text(&project, "out/main.c");
    assert!(new.contains("foo(2)") && new.ends_with("/* by hand */\n"), "{new}");
    rewrite(&project);
    // Another change on top of it is refused as the first one was, and can be recorded, too.
    change(&project, "out/main.c");
    assert_eq!(project.rewrite(&BOTH).status, Some(1));
    assert_eq!(rewrite_with(&project, &["--record-edits"]).status, Some(0));
    rewrite(&project);
    assert_eq!(text(&project, "out/main.c").matches("/* by hand */").count(), 2);
    // Without its patch, the file is what is generated again.
    fs::remove_file(project.path("out/.ia2-rewriter/patches/main.c.patch")).expect("removed");
    rewrite(&project);
    assert!(!text(&project, "out/main.c").contains("by hand"));
}

#[test]
fn recorded_changes_that_no_longer_fit_are_an_error() {
    let project = Project::example();
    rewrite(&project);
    let by_hand = text(&project, "out/main.c").replace("foo(1)", "foo(1 + 1)");
    let project = project.file("out/main.c", &by_hand);
    assert_eq!(rewrite_with(&project, &["--record-edits"]).status, Some(0));
    let project =
        project.file("src/main.c", &MAIN.replace("return foo(1)", "int x = foo(3); return x"));
    let before = project.tree();
    let ran = project.rewrite(&BOTH);
    assert_eq!(ran.status, Some(1));
    assert!(ran.messages.contains("IA2407"), "{}", ran.messages);
    assert!(project.tree() == before, "something was written");
}

#[test]
fn files_that_are_not_ours_are_not_overwritten_but_copies_of_the_sources_are() {
    let project = Project::example().file("out/foo.c", "/* somebody's */\n");
    let before = project.tree();
    let ran = project.rewrite(&BOTH);
    assert_eq!(ran.status, Some(1));
    assert!(ran.messages.contains("is not the rewriter's"), "{}", ran.messages);
    assert!(project.tree() == before);
    let project = Project::example().file("out/main.c", MAIN);
    rewrite(&project);
    assert!(text(&project, "out/main.c").contains("IA2_"));
}

#[test]
fn what_is_no_longer_written_goes_unless_it_was_changed() {
    let project = Project::example().source("src/more.c", "int more;\n", "-DPKEY=1");
    let all = [&BOTH[..], &["src/more.c"]].concat();
    assert_eq!(project.rewrite(&all).status, Some(0));
    rewrite(&project);
    assert!(!project.path("out/more.c").exists());
    assert_eq!(project.rewrite(&all).status, Some(0));
    change(&project, "out/more.c");
    let ran = project.rewrite(&BOTH);
    assert_eq!(ran.status, Some(0));
    assert!(ran.messages.contains("warning[IA2409]"), "{}", ran.messages);
    assert!(project.path("out/more.c").exists());
}

#[test]
fn two_programs_may_share_an_output_directory() {
    let project = Project::example().source("src/other.c", MAIN, "-DPKEY=1");
    rewrite(&project);
    let options = ["--root-directory=src", "--output-directory=out", "--output-prefix=second"];
    let ran = project.run(&[&options[..], &["src/other.c", "src/foo.c"]].concat());
    assert_eq!(ran.status, Some(0), "{}", ran.messages);
    for path in ["out/main.c", "out/other.c", "gates.h", "second.h"] {
        assert!(project.path(path).exists(), "{path}");
    }
}

#[test]
fn a_failing_rename_takes_the_others_back() {
    let project = Project::example();
    rewrite(&project);
    // In the place of the second generated file there is a directory that has something in it.
    fs::remove_file(project.path("gates_1.ld")).expect("removed");
    let project = project
        .file("gates_1.ld/in-the-way", "")
        .file("src/main.c", &MAIN.replace("foo(1)", "foo(2)"))
        .file(
            "src/foo.c",
            &(text(&Project::example(), "src/foo.c") + "int foo2(void) { return 2; }\n"),
        );
    let before = project.tree();
    let ran = project.rewrite(&BOTH);
    assert_eq!(ran.status, Some(1));
    assert!(project.tree() == before, "something was written");
}

#[test]
fn sources_are_never_written() {
    let project = Project::example();
    let before = project.tree();
    let run = |options: [&str; 3]| project.run(&[&options[..], &BOTH].concat());
    let over = run(["--root-directory=src", "--output-directory=src", "--output-prefix=gates"]);
    assert_eq!(over.status, Some(1));
    assert!(over.messages.contains("IA2408"), "{}", over.messages);
    // An output that would be one of them.
    let over = run(["--root-directory=src", "--output-directory=out", "--output-prefix=src/foo"]);
    assert_eq!(over.status, Some(1));
    assert!(over.messages.contains("IA2408"), "{}", over.messages);
    assert!(project.tree() == before, "something was written");
}

#[test]
fn the_output_directory_may_lie_below_the_root_and_hold_the_database() {
    let project = Project::example();
    let database = text(&project, "compile_commands.json");
    let project = project.file("build/compile_commands.json", &database);
    fs::remove_file(project.path("compile_commands.json")).expect("removed");
    let options = [
        "--root-directory=.",
        "--output-directory=build",
        "--output-prefix=build/gates",
        "-p",
        "build",
    ];
    for _ in 0..2 {
        let ran = project.run(&[&options[..], &BOTH].concat());
        assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
        assert_eq!(text(&project, "build/compile_commands.json"), database);
        assert!(project.path("build/src/main.c").is_file());
        assert!(project.path("build/.ia2-rewriter/compile_commands.json").is_file());
        assert!(!project.path("build/build").exists());
    }
}

#[test]
fn untouched_bytes_stay_as_they_are() {
    let strange = b"\xef\xbb\xbf#include \"foo.h\"\r\n\tint\tx ;  \r\n/* \xe9\xff \x00 */ char s[] = \"\xfe\\\r\n\";\r\n\
        int long_line = 0;//                                                             \r\nint y;";
    let project = Project::example().source("src/strange.c", "", "-DPKEY=1");
    fs::write(project.path("src/strange.c"), strange).expect("written");
    let ran = project.rewrite(&[&BOTH[..], &["src/strange.c"]].concat());
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
    assert_eq!(fs::read(project.path("out/strange.c")).expect("written"), strange);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let mut trees = Vec::new();
    for jobs in ["-j1", "-j8"] {
        let mut project = Project::example();
        let mut sources = BOTH.map(str::to_owned).to_vec();
        for number in 0..20 {
            let path = format!("src/part{number}.c");
            let text = format!(
                "#include \"foo.h\"\ntypedef int (*fn{number})(int);\nint call{number}(fn{number} f) {{ return f(foo({number})); }}\n"
            );
            project = project.source(&path, &text, "-DPKEY=1");
            sources.push(path);
        }
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        let ran = project.rewrite(&[&[jobs, "--no-cache", "--opaque=all"], &sources[..]].concat());
        assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
        let here = project.path("");
        let tree: Vec<_> = project
            .tree()
            .into_iter()
            .map(|(path, text)| (path.strip_prefix(&here).unwrap().to_owned(), text))
            .filter(|(path, _)| !path.ends_with("compile_commands.json"))
            .filter(|(path, _)| !path.starts_with("out/.ia2-rewriter"))
            .collect();
        trees.push(tree);
    }
    assert!(trees[0] == trees[1]);
}

#[test]
fn rewriting_a_rewritten_tree_changes_nothing() {
    let main = MAIN.replace("return foo(1);", "int (*f)(int) = foo; return f(1);");
    let project = Project::example()
        .source("src/main.c", &main, "-DPKEY=1")
        .file("src/sub/more.h", "int more(int (*)(int));\n")
        .source(
            "src/sub/more.c",
            "#include \"more.h\"\nint more(int (*f)(int)) { return f(1); }\n",
            "-DPKEY=2",
        );
    let all = [BOTH[0], BOTH[1], "src/sub/more.c"];
    assert_eq!(project.rewrite(&[&["--opaque=all"], &all[..]].concat()).status, Some(0));
    let again = |output: &str, prefix: &str| {
        let sources = all.map(|source| source.replace("src/", "out/"));
        let (output, prefix) =
            (format!("--output-directory={output}"), format!("--output-prefix={prefix}"));
        let mut words = vec!["--root-directory=out", &output, &prefix, "--opaque=all"];
        words.extend(sources.iter().map(String::as_str));
        project.run(&words)
    };
    for (output, prefix) in [("third", "third/gates"), ("out", "gates"), ("third", "third/gates")] {
        let before = project.tree();
        let ran = again(output, prefix);
        assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
        for (path, text) in before {
            let name = path.strip_prefix(project.path("out")).map(std::path::Path::to_owned);
            let is_source = name.as_ref().is_ok_and(|name| {
                name.extension().is_some_and(|ending| ending == "c" || ending == "h")
            });
            if let (Ok(name), Some(text), true) = (name, text, is_source) {
                assert!(fs::read(&path).expect("it stays") == text, "{}", path.display());
                assert!(fs::read(project.path("third").join(&name)).expect("a copy") == text);
            }
        }
    }
    for suffix in [".c", ".h", "_1.ld"] {
        let (first, second) = (format!("gates{suffix}"), format!("third/gates{suffix}"));
        assert_eq!(text(&project, &first), text(&project, &second));
    }
    assert!(text(&project, "third/compile_commands.json").contains("third/sub/more.c"));
    // What somebody adds to it is not rewritten, and that is said.
    change(&project, "out/main.c");
    let before = project.tree();
    let ran = again("third", "third/gates");
    assert_eq!(ran.status, Some(1));
    assert!(ran.messages.contains("was changed since it was rewritten"), "{}", ran.messages);
    assert!(project.tree() == before, "something was written");
}
