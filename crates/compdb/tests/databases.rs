//! Finding, reading and searching databases.

mod support;

use camino::Utf8Path;
use compdb::paths::canonical;
use compdb::{CommandError, Database, DatabaseError};
use serde_json::json;
use support::MemoryFiles;

const PATH: &str = "/p/build/compile_commands.json";

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
    let path = |source: &str| support::load(&files, source).map(|d| d.path().to_string());
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

#[test]
fn steps_inside_of_clang_are_not_commands() {
    // As bear 3.1 records `clang -DPKEY=2 -shared a.c b.c`; nobody typed the command for c.c.
    let typed = json!(["/usr/bin/clang", "-c", "-DPKEY=2", "a.c"]);
    let step = |file: &str| json!(["/usr/lib/llvm-19/bin/clang", "-cc1", "-emit-obj", file]);
    let entries = json!([
        { "directory": "/p", "file": "a.c", "arguments": step("a.c") },
        { "directory": "/p", "file": "a.c", "arguments": typed },
        { "directory": "/p", "file": "a.c", "command": "clang -cc1 a.c" },
        { "directory": "/p", "file": "c.c", "arguments": step("c.c") },
    ]);
    let files = MemoryFiles::new();
    let database = Database::new(&files, Utf8Path::new(PATH), entries.to_string().as_bytes());
    let database = database.expect("well formed");
    let a = database.commands_for(Utf8Path::new("/p/a.c")).expect("typed");
    assert_eq!(a.len(), 1);
    assert_eq!(a[0].arguments().expect("closed")[1], "-c");
    let c = database.commands_for(Utf8Path::new("/p/c.c")).expect("a step");
    assert!(matches!(c[0].command(&files), Err(CommandError::InternalStep { .. })));
}
