//! Builds that `bear` records: the canonicalized commands, run again from elsewhere, make the same
//! objects byte for byte.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::{Tree, support};

const MAKEFILE: &str = r#"
all: one.o two.o three.o libthree.so
FLAGS = -O2 -fPIC -I inc '-I./src dir' -isystem ../sys -include "forced it's.h"

one.o: always
	$(CC) $(FLAGS) -DNAME='"x y"' '-DDOLLAR="a$$b#c\\d"' -DPATHLIKE=../sys/none \
		-c 'src dir/it'\''s/one two.c' -o one.o
two.o: always
	cd 'src dir' && $(CC) -O1 -I../inc -iquote "it's" -DN=2 -D'M(x)=(x)*2' @../args -c ../link/two.c -o ../two.o
three.o: always
	$(CC) $(FLAGS) -I$(CURDIR)/link/../inc -MMD -MF 'dep s/three.d' -c gen/three.c -o three.o
libthree.so: three.o
	$(CC) -shared -o libthree.so three.o -Wl,-soname,libthree.so -Wl,--version-script='src dir/v.map' -L. -Wl,-T,pad.ld
.PHONY: always
"#;

/// A project with spaces, quotes, links and response files in its paths.
fn project() -> Tree {
    let tree = Tree::new();
    tree.write("top/Makefile", MAKEFILE);
    tree.write("top/forced it's.h", "#define FORCED 1\n");
    tree.write("top/inc/inc.h", "#define INC 2\n");
    tree.write("sys/sys.h", "#define SYS 3\n");
    tree.write("top/src dir/local.h", "#define LOCAL 4\n");
    let one = "#include <inc.h>\n#include <sys.h>\n#include \"local.h\"\n\
               const char *one(int i) { return i ? NAME : DOLLAR; }\n\
               int numbers = INC + SYS + LOCAL + FORCED;\n";
    tree.write("top/src dir/it's/one two.c", one);
    tree.write("top/src dir/it's/quoted.h", "#define QUOTED 5\n");
    tree.write(
        "top/real/two.c",
        "#include \"quoted.h\"\n#include \"inc.h\"\nint two = M(QUOTED) + N + ARGS + INC;\n",
    );
    tree.write("top/args", "-DARGS=7 '-I./it'\\''s'\n");
    tree.link("top/link", "real");
    tree.write(
        "top/gen/three.c",
        "#include <inc.h>\nint three(int x) { return x * INC + FORCED; }\n",
    );
    tree.write("top/dep s/.keep", "");
    tree.write("top/src dir/v.map", "V1 { global: three; local: *; };\n");
    tree.write("top/pad.ld", "SECTIONS { .pad : { *(.pad) } } INSERT AFTER .data;\n");
    tree
}

/// The outputs of the build, removed so that the next one makes them anew.
fn take_outputs(tree: &Tree) -> Vec<(String, Vec<u8>)> {
    ["one.o", "two.o", "three.o"]
        .into_iter()
        .map(|name| {
            let path = format!("top/{name}");
            let content = tree.read(&path);
            std::fs::remove_file(tree.root.join(path)).expect("removable");
            (name.to_owned(), content)
        })
        .collect()
}

fn run(words: &[&str], directory: &Utf8Path) {
    let output = Command::new(words[0])
        .args(&words[1..])
        .current_dir(directory)
        .output()
        .unwrap_or_else(|error| panic!("{} must be installed: {error}", words[0]));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {text}");
}

fn entries(tree: &Tree) -> Vec<Value> {
    serde_json::from_slice(&tree.read("top/compile_commands.json")).expect("JSON")
}

fn strings(value: &Value) -> Vec<String> {
    serde_json::from_value(value.clone()).expect("strings")
}

/// Whether this is absolute and canonical as far as it exists.
fn is_canonical(path: &str) -> bool {
    let files = compdb::paths::Disk;
    let path = Utf8Path::new(path);
    path.is_absolute() && compdb::paths::canonical(&files, Utf8Path::new("/none"), path) == path
}

fn check(compiler: &str) {
    let tree = project();
    let top = tree.root.join("top");
    run(&["bear", "--", "make", &format!("CC={compiler}")], &top);
    let built = take_outputs(&tree);
    let recorded = entries(&tree);
    assert_eq!(recorded.len(), 3, "bear records each compilation: {recorded:?}");

    assert!(tree.run("top", &[]).status.success());
    for entry in entries(&tree) {
        let words = strings(&entry["arguments"]);
        for field in ["directory", "file", "output"] {
            assert!(is_canonical(entry[field].as_str().expect("a path")), "{field} of {entry}");
        }
        // Nothing relative is left, so the command does the same in any directory; but the paths in
        // a response file are its own.
        let has_response_file = words.iter().any(|word| word.starts_with('@'));
        let directory = entry["directory"].as_str().expect("a string");
        let elsewhere = if has_response_file { directory } else { "/" };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        run(&words, Utf8Path::new(elsewhere));
    }
    assert!(take_outputs(&tree) == built, "{compiler}: arguments make other objects");

    // The same as command strings, as CMake writes them.
    let mut lines = recorded;
    for entry in &mut lines {
        let words = strings(&entry["arguments"]);
        let line = compdb::split::join(words.iter().map(String::as_str));
        let object = entry.as_object_mut().expect("an object");
        object.remove("arguments");
        object.insert("command".into(), line.into());
    }
    tree.write("top/compile_commands.json", Value::Array(lines).to_string());
    assert!(tree.run("top", &[]).status.success());
    for entry in entries(&tree) {
        let line = entry["command"].as_str().expect("a string");
        run(&["sh", "-c", line], Utf8Path::new(entry["directory"].as_str().expect("a string")));
    }
    assert!(take_outputs(&tree) == built, "{compiler}: command strings make other objects");
}

#[test]
fn gcc_makes_the_same_objects() {
    check("gcc");
}

#[test]
fn clang_makes_the_same_objects() {
    check(support::clang());
}

#[test]
fn a_link_command_makes_the_same_library() {
    let tree = project();
    let top: Utf8PathBuf = tree.root.join("top");
    run(&["make", "libthree.so"], &top);
    let built = tree.read("top/libthree.so");
    let line = "cc -shared -o libthree.so three.o -Wl,-soname,libthree.so \
                -Wl,--version-script='src dir/v.map' -L. -Wl,-T,pad.ld";
    let entry =
        serde_json::json!({ "directory": top.as_str(), "file": "gen/three.c", "command": line });
    let result = tree.canonicalize("top", &Value::Array(vec![entry]));
    std::fs::remove_file(top.join("libthree.so")).expect("removable");
    run(&["sh", "-c", result[0]["command"].as_str().expect("a string")], Utf8Path::new("/"));
    assert!(tree.read("top/libthree.so") == built);
}
