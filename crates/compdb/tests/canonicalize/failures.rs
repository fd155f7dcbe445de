//! Whatever is wrong, the database stays as it was.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use serde_json::json;

use super::Tree;

/// Runs the script on this content: it must fail, say this, and leave the content.
#[track_caller]
fn check(content: &[u8], expected: &str) {
    let tree = Tree::new();
    tree.write("compile_commands.json", content);
    let output = tree.run("", &[]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{message}");
    let expected = format!("error: compile_commands.json: {expected}; nothing was changed\n");
    assert_eq!(message, expected);
    assert_eq!(tree.read("compile_commands.json"), content);
    let files = std::fs::read_dir(&tree.root).expect("readable").count();
    assert_eq!(files, 1, "no temporary file stays");
}

#[test]
fn bad_content() {
    check(b"", "not JSON: Expecting value at line 1, column 1");
    check(
        b"[\n{]",
        "not JSON: Expecting property name enclosed in double quotes at line 2, column 2",
    );
    check(b"{}", "not a compile database: it is not an array");
    check("[".repeat(100_000).as_bytes(), "not a compile database: it is nested too deeply");
    let entry =
        |text: &str| format!("[{{\"directory\": \"/\", \"file\": \"a.c\", {text}}}]").into_bytes();
    check(b"[1]", "entry 1: it is not an object");
    check(&entry("\"x\": 1"), "entry 1: it has neither `command` nor `arguments`");
    check(&entry("\"command\": 1"), "entry 1: it has no string `command`");
    check(&entry("\"command\": \" \""), "entry 1: its `command` is empty");
    check(&entry("\"command\": \"gcc 'a\""), "entry 1: a quote in its `command` is not closed");
    check(&entry("\"command\": \"gcc \\\\\""), "entry 1: its `command` ends after a backslash");
    check(&entry("\"arguments\": \"gcc\""), "entry 1: its `arguments` are not an array of strings");
    check(
        &entry("\"arguments\": [\"gcc\", 1]"),
        "entry 1: its `arguments` are not an array of strings",
    );
    check(&entry("\"arguments\": []"), "entry 1: its `arguments` are empty");
    check(
        &entry("\"arguments\": [\"gcc\", \"-I\\u0000\"]"),
        "entry 1: its `arguments` have a NUL character in them",
    );
    check(
        b"[{\"directory\": \"/\", \"file\": \"a.c\", \"command\": \"gcc\"}, {\"file\": \"a.c\", \"command\": \"gcc\"}]",
        "entry 2: it has no string `directory`",
    );
    check(
        b"[{\"directory\": \"/\", \"file\": 1, \"command\": \"gcc\"}]",
        "entry 1: it has no string `file`",
    );
}

#[test]
fn no_database() {
    let tree = Tree::new();
    let output = tree.run("", &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.starts_with("error: compile_commands.json: No such file"), "{message}");

    tree.write("compile_commands.json/x", "");
    let output = tree.run("", &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.starts_with("error: compile_commands.json: Is a directory"), "{message}");
}

#[test]
fn arguments_are_refused_and_help_is_given() {
    let tree = Tree::new();
    tree.write("compile_commands.json", "[]");
    let output = tree.run("", &["build"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("usage: "));
    assert_eq!(tree.read("compile_commands.json"), b"[]");
    let help = tree.run("", &["--help"]);
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("absolute and canonical"));
}

#[test]
fn a_link_stays_a_link_and_rights_stay() {
    let tree = Tree::new();
    let database = json!([{ "directory": "build", "file": "a.c", "command": "gcc -c a.c" }]);
    tree.write("build/compile_commands.json", database.to_string());
    tree.link("compile_commands.json", "build/compile_commands.json");
    let path = tree.root.join("build/compile_commands.json");
    let rights = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&path, rights).expect("own file");
    assert!(tree.run("", &[]).status.success());
    let link = std::fs::symlink_metadata(tree.root.join("compile_commands.json")).expect("there");
    assert!(link.is_symlink());
    let after = std::fs::metadata(&path).expect("there");
    assert_eq!(after.permissions().mode() & 0o777, 0o640);
    let text = String::from_utf8(tree.read("build/compile_commands.json")).expect("UTF-8");
    assert!(text.contains(tree.root.join("build/a.c").as_str()));

    // A second run does not even touch it.
    assert!(tree.run("", &[]).status.success());
    let again = std::fs::metadata(&path).expect("there");
    assert_eq!((again.ino(), again.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn file_names_that_are_not_utf_8_are_carried_through() {
    let tree = Tree::new();
    let content =
        b"[{\"directory\": \"/d\", \"file\": \"\xe4.c\", \"command\": \"gcc -c \xe4.c\"}]";
    tree.write("compile_commands.json", content);
    assert!(tree.run("", &[]).status.success());
    let after = tree.read("compile_commands.json");
    let needle = b"\"gcc -c '/d/\xe4.c'\"";
    assert!(after.windows(needle.len()).any(|window| window == needle));
}
