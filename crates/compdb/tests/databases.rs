//! Finding, reading and searching databases, and what is said about bad ones.

mod support;

use camino::Utf8Path;
use compdb::paths::canonical;
use compdb::{Database, DatabaseError};
use diagnostics::{Diagnostic, Renderer, SourcePath, Style};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;
use support::MemoryFiles;

const PATH: &str = "/p/build/compile_commands.json";

fn load(files: &MemoryFiles, source: &str) -> Result<Database, DatabaseError> {
    Database::load_for(files, Utf8Path::new("/p"), Utf8Path::new(source))
}

#[test]
fn the_nearest_database_is_found() {
    let empty = "[]";
    let files = MemoryFiles::new()
        .file("/p/compile_commands.json", empty)
        .file("/p/sub/compile_commands.json", empty)
        .file("/p/sub/deep/a.c", "")
        .file("/elsewhere/b.c", "")
        .file("/q/compile_commands.json", empty)
        .link("/q/src", "../elsewhere");
    let path = |source: &str| load(&files, source).map(|d| d.path().to_string());
    assert_eq!(path("sub/deep/a.c"), Ok("/p/sub/compile_commands.json".into()));
    assert_eq!(path("/p/sub/../a.c"), Ok("/p/compile_commands.json".into()));
    assert_eq!(path("a.c"), Ok("/p/compile_commands.json".into()));
    assert_eq!(path("/q/src/b.c"), Ok("/q/compile_commands.json".into()), "beside the link");
    let searched = match path("/elsewhere/b.c") {
        Err(DatabaseError::NotFound { searched }) => searched,
        other => panic!("{other:?}"),
    };
    assert_eq!(searched, ["/elsewhere", "/"]);
    assert!(matches!(
        Database::load(&files, Utf8Path::new("/none")),
        Err(DatabaseError::NotFound { .. })
    ));
}

#[test]
fn a_source_is_found_by_any_spelling() {
    let entries = json!([
        { "directory": "/p/build", "file": "../src/a.c", "arguments": ["gcc", "-c", "../src/a.c"] },
        { "directory": ".", "file": "/p/link/b.c", "command": "gcc -c /p/link/b.c -DSTATIC" },
        { "directory": "/p/build", "file": "../src/b.c", "command": "gcc -c ../src/b.c -DSHARED" },
        { "directory": "/p/build", "file": "gen.c", "command": "gcc -c gen.c" },
    ]);
    let files = MemoryFiles::new()
        .file(PATH, entries.to_string())
        .file("/p/src/a.c", "")
        .file("/p/src/b.c", "")
        .link("/p/link", "src")
        .link("/p/src/also-a.c", "a.c");
    let database = Database::load(&files, Utf8Path::new("/p/build")).expect("loads");
    let count = |cwd: &str, source: &str| {
        let file = canonical(&files, Utf8Path::new(cwd), Utf8Path::new(source));
        database.commands_for(&file).map(<[_]>::len).map_err(|error| error.source_file)
    };
    assert_eq!(count("/p", "src/a.c"), Ok(1));
    assert_eq!(count("/p/src", "../link/./a.c"), Ok(1));
    assert_eq!(count("/", "p/src/also-a.c"), Ok(1));
    assert_eq!(count("/p/build", "../src/b.c"), Ok(2), "static and shared");
    assert_eq!(count("/p/build", "gen.c"), Ok(1), "not there yet");
    assert_eq!(count("/p", "src/gen.c"), Err("/p/src/gen.c".into()));
    let sources: Vec<_> = database.sources().collect();
    assert_eq!(sources, ["/p/build/gen.c", "/p/src/a.c", "/p/src/b.c"]);
    let b = database.commands_for(Utf8Path::new("/p/src/b.c")).expect("two");
    assert_eq!((b[0].source(), b[0].directory()), ("/p/src/b.c".into(), "/p/build".into()));

    let missing = database.commands_for(Utf8Path::new("/p/gen.c")).expect_err("not there");
    assert_eq!(missing.namesakes, ["/p/build/gen.c"]);
}

#[test]
fn the_name_that_the_compiler_saw_is_kept() {
    // The header beside the link is meant, not one beside the link's target.
    let entries =
        json!([{ "directory": "/p/farm/../farm", "file": "a.c", "command": "gcc -c a.c" }]);
    let files = MemoryFiles::new()
        .file(PATH, entries.to_string())
        .file("/store/1.c", "")
        .file("/p/farm/a.h", "")
        .link("/p/farm/a.c", "/store/1.c");
    let database = Database::load(&files, Utf8Path::new("/p/build")).expect("loads");
    let [entry] = database.entries() else { panic!("one entry") };
    assert_eq!((entry.file(), entry.source()), ("/store/1.c".into(), "/p/farm/a.c".into()));
}

#[test]
fn entries_that_say_the_same_are_merged_in_any_order() {
    let a = json!({ "directory": "/p/build", "file": "a.c", "command": "gcc -DX='a b' -c a.c" });
    let same = json!({
        "file": "../build/a.c", "directory": "/p/build/.",
        "arguments": ["gcc", "-DX=a b", "-c", "a.c"],
    });
    let other = json!({ "directory": "/p/build", "file": "a.c", "command": "gcc -DX -c a.c" });
    let read = |entries: &[&serde_json::Value]| {
        let files = MemoryFiles::new();
        let text = serde_json::to_string(entries).expect("JSON");
        let database =
            Database::new(&files, Utf8Path::new(PATH), text.as_bytes()).expect("well formed");
        database.entries().iter().map(|e| e.arguments().expect("closed")).collect::<Vec<_>>()
    };
    let expected = read(&[&other, &a]);
    assert_eq!(expected.len(), 2);
    assert_eq!(read(&[&a, &same, &other, &a]), expected);
    assert_eq!(read(&[&other, &same, &a]), expected);
}

/// What is said about a database with this content.
fn check_text(content: &[u8], expected: &Expect) {
    let files = MemoryFiles::new().file(PATH, content);
    let error = load(&files, "build/a.c").expect_err("bad");
    let sources = |_: &SourcePath| Some(content.to_vec());
    expected.assert_eq(&Renderer::new(&sources, Style::Plain).text(&Diagnostic::from(&error)));
}

#[test]
fn what_is_said_when_there_is_none() {
    let files = MemoryFiles::new().file("/p/src/a.c", "");
    let error = load(&files, "src/a.c").expect_err("none");
    let sources = |_: &SourcePath| None;
    let text = Renderer::new(&sources, Style::Plain).text(&Diagnostic::from(&error));
    expect![[r#"
        error[IA2001]: no compile_commands.json was found
         |
         = note: looked in /p/src, /p, /
         = help: record one with `bear -- make`, or name its directory with `-p`
    "#]]
    .assert_eq(&text);

    let files = MemoryFiles::new().file("/p/compile_commands.json/a.c", "");
    let error = load(&files, "a.c").expect_err("a directory");
    let text = Renderer::new(&sources, Style::Plain).text(&Diagnostic::from(&error));
    expect![[r#"
        error[IA2002]: cannot read /p/compile_commands.json: is a directory
         |
         = help: make it readable, or record the build again
    "#]]
    .assert_eq(&text);
}

#[test]
fn what_is_said_about_text_that_is_not_json() {
    check_text(
        b"",
        &expect![[r#"
            error[IA2003]: the compile database is not JSON: EOF while parsing a value at line 1, column 1
             --> /p/build/compile_commands.json:1:1
              |
            1 |  
              | ^
              |
              = help: record the build again, or correct the file
        "#]],
    );
    check_text(
        b"[\n  {\"directory\": \"/p\",}\n]",
        &expect![[r#"
        error[IA2003]: the compile database is not JSON: key must be a string at line 2, column 22
         --> /p/build/compile_commands.json:2:22
          |
        2 |   {"directory": "/p",}
          |                      ^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[{\"directory\": \"/p\", \"file\": \"a.c\",\n",
        &expect![[r#"
            error[IA2003]: the compile database is not JSON: EOF while parsing an object at line 2, column 1
             --> /p/build/compile_commands.json:2:1
              |
            2 |  
              | ^
              |
              = help: record the build again, or correct the file
        "#]],
    );
    check_text(
        b"[{\"directory\": \"/p\\x\"}]",
        &expect![[r#"
        error[IA2003]: the compile database is not JSON: invalid escape at line 1, column 20
         --> /p/build/compile_commands.json:1:20
          |
        1 | [{"directory": "/p\x"}]
          |                    ^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[]\n[]",
        &expect![[r#"
        error[IA2003]: the compile database is not JSON: trailing characters at line 2, column 1
         --> /p/build/compile_commands.json:2:1
          |
        2 | []
          | ^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[\n\"\xe4\"]",
        &expect![[r#"
        error[IA2003]: the compile database is not UTF-8
         --> /p/build/compile_commands.json:2:2
          |
        2 | "�"]
          |  ^
          |
          = help: record the build again, or correct the file
    "#]],
    );
}

#[test]
fn what_is_said_about_the_wrong_form() {
    check_text(
        b"{\"directory\": \"/p\"}",
        &expect![[r#"
        error[IA2004]: the compile database is an object instead of an array of entries
         --> /p/build/compile_commands.json:1:1
          |
        1 | {"directory": "/p"}
          | ^^^^^^^^^^^^^^^^^^^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[1]",
        &expect![[r#"
        error[IA2004]: entry 1 of the compile database is a number instead of an object
         --> /p/build/compile_commands.json:1:2
          |
        1 | [1]
          |  ^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[{\"directory\": \"/p\", \"command\": \"gcc\"}]",
        &expect![[r#"
        error[IA2004]: entry 1 of the compile database has no `file`
         --> /p/build/compile_commands.json:1:2
          |
        1 | [{"directory": "/p", "command": "gcc"}]
          |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[{\"file\": \"a.c\", \"command\": \"gcc\"}]",
        &expect![[r#"
        error[IA2004]: entry 1 of the compile database has no `directory`
         --> /p/build/compile_commands.json:1:2
          |
        1 | [{"file": "a.c", "command": "gcc"}]
          |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[{\"directory\": \"/p\", \"file\": \"a.c\"}]",
        &expect![[r#"
        error[IA2004]: entry 1 of the compile database has no `arguments` and no `command`
         --> /p/build/compile_commands.json:1:2
          |
        1 | [{"directory": "/p", "file": "a.c"}]
          |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[{\"directory\": \"/p\", \"file\": 1, \"command\": \"gcc\"}]",
        &expect![[r#"
        error[IA2004]: `file` of entry 1 of the compile database is not a string
         --> /p/build/compile_commands.json:1:30
          |
        1 | [{"directory": "/p", "file": 1, "command": "gcc"}]
          |                              ^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[{\"directory\": \"/p\", \"file\": \"a.c\", \"arguments\": [\"gcc\", 1]}]",
        &expect![[r#"
            error[IA2004]: `arguments` of entry 1 of the compile database is not an array of strings
             --> /p/build/compile_commands.json:1:50
              |
            1 | [{"directory": "/p", "file": "a.c", "arguments": ["gcc", 1]}]
              |                                                  ^^^^^^^^^^
              |
              = help: record the build again, or correct the file
        "#]],
    );
    check_text(
        b"[{\"directory\": \"/p\", \"file\": \"a.c\", \"arguments\": []}]",
        &expect![[r#"
        error[IA2004]: entry 1 of the compile database has no compiler in its `arguments`
         --> /p/build/compile_commands.json:1:50
          |
        1 | [{"directory": "/p", "file": "a.c", "arguments": []}]
          |                                                  ^^
          |
          = help: record the build again, or correct the file
    "#]],
    );
    check_text(
        b"[{\"directory\": \"/p\", \"file\": \"a.c\", \"command\": \"  \"}]",
        &expect![[r#"
            error[IA2004]: entry 1 of the compile database has no compiler in its `command`
             --> /p/build/compile_commands.json:1:2
              |
            1 | [{"directory": "/p", "file": "a.c", "command": "  "}]
              |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |
              = help: record the build again, or correct the file
        "#]],
    );
}

#[test]
fn what_is_said_about_nul_characters() {
    check_text(
        b"[{\"directory\": \"/p\", \"file\": \"a\\u0000.c\", \"command\": \"gcc\"}]",
        &expect![[r#"
            error[IA2004]: `file` of entry 1 of the compile database is not free of NUL characters
             --> /p/build/compile_commands.json:1:30
              |
            1 | [{"directory": "/p", "file": "a\u0000.c", "command": "gcc"}]
              |                              ^^^^^^^^^^^
              |
              = help: record the build again, or correct the file
        "#]],
    );
}

#[test]
fn a_byte_order_mark_is_skipped_and_places_stay_right() {
    let files = MemoryFiles::new();
    let read = |text: &str| Database::new(&files, Utf8Path::new(PATH), text.as_bytes());
    assert_eq!(read("\u{feff}[]").expect("well formed").entries().len(), 0);
    check_text(
        "\u{feff}[1]".as_bytes(),
        &expect![[r#"
        error[IA2004]: entry 1 of the compile database is a number instead of an object
         --> /p/build/compile_commands.json:1:3
          |
        1 | ﻿[1]
          |  ^
          |
          = help: record the build again, or correct the file
    "#]],
    );
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    let files = MemoryFiles::new();
    let read = |text: &str| Database::new(&files, Utf8Path::new(PATH), text.as_bytes());
    let (open, close) = ("[".repeat(300_000), "]".repeat(300_000));
    assert!(read(&open).is_err());
    assert!(read(&format!("{open}{close}")).is_err());
    let extra = format!(
        "[{{\"x\": {open}{close}, \"directory\": \"/\", \"file\": \"a.c\", \"command\": \"gcc a.c\"}}]"
    );
    assert_eq!(read(&extra).expect("well formed").entries().len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let files = MemoryFiles::new();
        let _ = Database::new(&files, Utf8Path::new(PATH), &bytes);
    }

    #[test]
    fn any_json_is_read_or_refused(
        text in "(\\[|\\{|\\]|\\}|,|:|\"directory\"|\"file\"|\"command\"|\"arguments\"|\"gcc\"|\"/p\"|1|null| ){0,24}",
    ) {
        let files = MemoryFiles::new();
        let _ = Database::new(&files, Utf8Path::new(PATH), text.as_bytes());
    }

    #[test]
    fn any_command_is_understood_or_refused(
        words in prop::collection::vec("(-|--|@|-f|-m|-Wp,|-Xclang|-x|-D|-I|-include|no-|PKEY=|=|,|c|ü| |[a-z]){0,5}", 0..8),
    ) {
        let files = MemoryFiles::new();
        let arguments: Vec<&str> = std::iter::once("gcc").chain(words.iter().map(String::as_str)).collect();
        let json = json!([{ "directory": "/src", "file": "a.c", "arguments": arguments }]);
        let Ok(command) = support::entry_of(&files, &json).command(&files) else { return Ok(()) };
        let _ = (command.pkey(), command.inputs(), command.check_target(), command.output());
        for kind in [compdb::CompilerKind::Gcc, compdb::CompilerKind::Clang] {
            let _ = command.vector_level(kind);
            let _ = command.for_analysis(&files, kind, Utf8Path::new("/src/a.c"), &[]);
        }
    }
}
