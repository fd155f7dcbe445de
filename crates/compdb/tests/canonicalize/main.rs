//! `canonicalize_compile_command_paths.py`, run on databases in directories of their own.

#[path = "../support/mod.rs"]
mod support;

mod builds;
mod failures;
mod flag_tables;
mod paths;

use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The script, where the guide says it is.
fn script() -> Utf8PathBuf {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/compdb");
    root.join("tools/rewriter/canonicalize_compile_command_paths.py")
}

/// A directory that goes away with the test.
struct Tree {
    _owner: TempDir,
    root: Utf8PathBuf,
}

impl Tree {
    fn new() -> Tree {
        let owner = tempfile::tempdir().expect("a directory");
        let root = Utf8Path::from_path(owner.path()).expect("UTF-8");
        Tree { root: root.canonicalize_utf8().expect("exists"), _owner: owner }
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
        std::fs::write(path, content).expect("writable");
    }

    fn read(&self, path: &str) -> Vec<u8> {
        let path = self.root.join(path);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn link(&self, path: &str, target: &str) {
        std::os::unix::fs::symlink(target, self.root.join(path)).expect("writable");
    }

    /// Runs the script in a directory of the tree.
    fn run(&self, directory: &str, arguments: &[&str]) -> Output {
        Command::new("python3")
            .arg(script())
            .args(arguments)
            .current_dir(self.root.join(directory))
            .output()
            .expect("python3 is installed")
    }

    /// Writes this database into `directory`, runs the script twice and returns what comes out. The
    /// second run must change nothing.
    fn canonicalize(&self, directory: &str, database: &Value) -> Value {
        let path = format!("{directory}/compile_commands.json");
        self.write(&path, database.to_string());
        let output = self.run(directory, &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let first = self.read(&path);
        let again = self.run(directory, &[]);
        assert!(again.status.success());
        assert_eq!(String::from_utf8_lossy(&self.read(&path)), String::from_utf8_lossy(&first));
        serde_json::from_slice(&first).expect("JSON")
    }

    /// The arguments of these commands after the script, run in `build`. Each goes through it in
    /// both forms, which must agree.
    fn arguments(&self, commands: &[Vec<String>]) -> Vec<Vec<String>> {
        let entry = |form: &str, command: Value| {
            let mut entry = json!({ "directory": ".", "file": "x.c" });
            entry[form] = command;
            entry
        };
        let lists = commands.iter().map(|words| entry("arguments", json!(words)));
        let lines = commands.iter().map(|words| {
            entry("command", json!(compdb::split::join(words.iter().map(String::as_str))))
        });
        let database: Vec<Value> = lists.chain(lines).collect();
        let result = self.canonicalize("build", &Value::Array(database));
        let result = result.as_array().expect("an array");
        let (lists, lines) = result.split_at(commands.len());
        let strings = |value: &Value| -> Vec<String> {
            serde_json::from_value(value.clone()).expect("strings")
        };
        let from_lists: Vec<_> = lists.iter().map(|e| strings(&e["arguments"])).collect();
        let from_lines: Vec<_> = lines
            .iter()
            .map(|e| {
                compdb::split::split(e["command"].as_str().expect("a string")).expect("closed")
            })
            .collect();
        assert_eq!(from_lists, from_lines);
        from_lists
    }
}
