//! A project in a directory of its own, and the rewriter run over it.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::Expect;
use tempfile::TempDir;

/// Both sources of the example.
pub(crate) const BOTH: [&str; 2] = ["src/main.c", "src/foo.c"];

/// A project: sources, and the commands that compile them.
pub(crate) struct Project {
    directory: TempDir,
    commands: Vec<serde_json::Value>,
}

/// What a run of the rewriter came to.
pub(crate) struct Ran {
    /// Exit status.
    pub(crate) status: Option<i32>,
    /// Standard error, with the project's directory as `PROJECT`.
    pub(crate) messages: String,
}

impl Project {
    /// A project without anything in it.
    pub(crate) fn empty() -> Project {
        Project { directory: TempDir::new().expect("a directory"), commands: Vec::new() }
    }

    /// The guide's example: `main.c` in compartment 1, `foo.c` in compartment 2.
    pub(crate) fn example() -> Project {
        Project::empty()
            .file("src/foo.h", "int foo(int);\n")
            .source("src/main.c", MAIN, "-DPKEY=1")
            .source("src/foo.c", FOO, "-DPKEY=2")
    }

    /// Adds a file, or replaces it.
    pub(crate) fn file(self, path: &str, text: &str) -> Project {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("below the project")).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    /// Adds a source that is compiled with these flags, or replaces it.
    pub(crate) fn source(mut self, path: &str, text: &str, flags: &str) -> Project {
        self.commands.retain(|command| command["file"] != path);
        self.command(path, text, flags)
    }

    /// Adds a source that is compiled with these flags, too.
    pub(crate) fn command(self, path: &str, text: &str, flags: &str) -> Project {
        self.command_with("gcc", path, text, flags)
    }

    /// Adds a source that is compiled by this compiler with these flags, too.
    pub(crate) fn command_with(
        mut self,
        compiler: &str,
        path: &str,
        text: &str,
        flags: &str,
    ) -> Project {
        let arguments: Vec<&str> = [compiler, "-fPIC", "-I", include()]
            .into_iter()
            .chain(flags.split_whitespace())
            .chain(["-c", path])
            .collect();
        self.commands.push(serde_json::json!({
            "directory": self.path(""),
            "file": path,
            "arguments": arguments,
        }));
        self.with_database().file(path, text)
    }

    /// Adds a command as one line, which runs in a directory of the project.
    pub(crate) fn command_line(mut self, directory: &str, line: &str, source: &str) -> Project {
        fs::create_dir_all(self.path(directory)).expect("a directory");
        self.commands.push(serde_json::json!({
            "directory": self.path(directory),
            "file": source,
            "command": line,
        }));
        self.with_database()
    }

    fn with_database(self) -> Project {
        let commands = serde_json::to_string_pretty(&self.commands).expect("JSON");
        self.file("compile_commands.json", &commands)
    }

    /// A path of the project.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().canonicalize().expect("it is there").join(path)
    }

    /// Runs the rewriter in the project's directory.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in("", arguments)
    }

    /// Runs the rewriter in a directory of the project.
    pub(crate) fn run_in(&self, directory: &str, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_ia2-rewriter"))
            .current_dir(self.path(directory))
            .args(arguments)
            .output()
            .expect("the rewriter runs");
        self.ran(&output)
    }

    /// Runs the rewriter over these sources as the guide does it.
    pub(crate) fn rewrite(&self, sources: &[&str]) -> Ran {
        let options = ["--root-directory=src", "--output-directory=out", "--output-prefix=gates"];
        self.run(&[&options, sources].concat())
    }

    fn ran(&self, output: &Output) -> Ran {
        assert_eq!(output.stdout, b"", "diagnostics go to standard error");
        let text = String::from_utf8_lossy(&output.stderr);
        let here = self.path("");
        let here = here.to_string_lossy();
        let here = here.trim_end_matches('/');
        let messages = text.replace(here, "PROJECT");
        Ran { status: output.status.code(), messages }
    }

    /// All files and directories, with the files' contents.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut tree = BTreeMap::new();
        collect(&self.path(""), &mut tree);
        tree
    }
}

fn collect(directory: &Path, tree: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, tree);
            tree.insert(path, None);
        } else {
            let contents = fs::read(&path).ok();
            tree.insert(path, contents);
        }
    }
}

/// Where our headers are.
pub(crate) fn include() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtime/libia2/include")
}

/// `main.c` of the example.
pub(crate) const MAIN: &str = "\
#include <ia2.h>
#include \"foo.h\"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
int main(void) { return foo(1); }
";

/// `foo.c` of the example.
pub(crate) const FOO: &str = "\
#include <ia2.h>
#include \"foo.h\"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
int foo(int x) { return x - 1; }
";

/// The run fails with these messages and leaves everything as it was.
pub(crate) fn check(project: &Project, run: impl FnOnce(&Project) -> Ran, expected: &Expect) {
    let before = project.tree();
    let ran = run(project);
    assert_eq!(ran.status, Some(1), "{}", ran.messages);
    expected.assert_eq(&ran.messages);
    assert!(project.tree() == before, "something was written");
}

/// The same for the guide's command line and both sources of the example.
pub(crate) fn check_rewrite(project: &Project, expected: &Expect) {
    check(project, |project| project.rewrite(&BOTH), expected);
}
