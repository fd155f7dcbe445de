//! Commands are split as clang splits them, quoted as a shell reads them, and response files are
//! expanded as gcc does: each compared with the real thing.

mod support;

use std::process::Command;

use compdb::response::split_response;
use compdb::split::{join, split};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

#[test]
fn clang_splits_commands_the_same_way() {
    // `clang_splits.py` writes this, and more of it if asked.
    let path = std::env::var("CLANG_SPLITS").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/clang_splits.json").into()
    });
    let text = std::fs::read_to_string(path).expect("readable");
    let pairs: Vec<(String, Vec<String>)> = serde_json::from_str(&text).expect("pairs");
    let (mut same, mut cut_off) = (0, 0);
    for (command, arguments) in pairs {
        match split(&command) {
            Ok(ours) => {
                assert_eq!(ours, arguments, "{command:?}");
                same += 1;
            }
            // clang takes what is there.
            Err(_) => cut_off += 1,
        }
    }
    assert!(same > 100 && cut_off > 20, "{same} compared, {cut_off} not terminated");
}

/// Runs a property with processes in it, a few times unless told otherwise.
fn run<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let cases = std::env::var("PROPTEST_CASES").map_or(40, |n| n.parse().expect("a number"));
    TestRunner::new(Config { cases, max_global_rejects: 100 * cases, ..Config::default() })
        .run(&strategy, test)
        .expect("holds");
}

#[test]
fn a_shell_reads_quoted_arguments_the_same_way() {
    run(prop::collection::vec("[a \"'\\\\$`#~*!\t\n;&|<>()é-]{0,8}", 1..5), |arguments| {
        let line = join(arguments.iter().map(String::as_str));
        let output = Command::new("sh")
            .args(["-c", &format!("printf '%s\\0' {line}")])
            .output()
            .expect("sh is there");
        let expected: String = arguments.iter().map(|argument| format!("{argument}\0")).collect();
        prop_assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        Ok(())
    });
}

#[test]
fn gcc_reads_response_files_the_same_way() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("r");
    // Every argument is the name of an input that is not there, which gcc complains about.
    run("x[xy '\"\\\\\t\n\u{b}]{0,20}", |text| {
        let ours = split_response(&text);
        // A line feed in a name could not be told from the end of the complaint.
        prop_assume!(ours.iter().all(|name| !name.is_empty() && !name.contains('\n')));
        std::fs::write(&file, &text).expect("writable");
        let output = Command::new("gcc")
            .env("LC_ALL", "C")
            .args(["-c".to_owned(), format!("@{}", file.display())])
            .output()
            .expect("gcc is installed");
        let messages = String::from_utf8(output.stderr).expect("UTF-8");
        let names: Vec<&str> = messages
            .lines()
            .filter_map(|line| {
                line.split_once("error: ")?
                    .1
                    .strip_suffix(": linker input file not found: No such file or directory")
            })
            .collect();
        prop_assert_eq!(names, ours);
        Ok(())
    });
}
