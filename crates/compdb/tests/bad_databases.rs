//! What is said about databases that cannot be read, and that nothing breaks the reader.

mod support;

use camino::Utf8Path;
use compdb::Database;
use diagnostics::{Diagnostic, Renderer, SourcePath, Style};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;
use support::MemoryFiles;

const PATH: &str = "/p/build/compile_commands.json";

/// What is said about a database with this content.
fn check_text(content: &[u8], expected: &Expect) {
    let files = MemoryFiles::new().file(PATH, content);
    let error = support::load(&files, "build/a.c").expect_err("bad");
    let sources = |_: &SourcePath| Some(content.to_vec());
    expected.assert_eq(&Renderer::new(&sources, Style::Plain).text(&Diagnostic::from(&error)));
}

#[test]
fn what_is_said_when_there_is_none() {
    let files = MemoryFiles::new().file("/p/src/a.c", "");
    let error = support::load(&files, "src/a.c").expect_err("none");
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
    let error = support::load(&files, "a.c").expect_err("a directory");
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
