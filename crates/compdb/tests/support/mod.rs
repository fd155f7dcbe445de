//! What several tests need: a file system in memory, and the compilers of this machine.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, Stdio};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use compdb::paths::FileSystem;
use compdb::{Database, DatabaseError, Entry};

/// Files and symbolic links by absolute path; directories are there if something is in them.
#[derive(Default)]
pub(crate) struct MemoryFiles {
    files: BTreeMap<Utf8PathBuf, Vec<u8>>,
    links: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
}

impl MemoryFiles {
    pub(crate) fn new() -> MemoryFiles {
        MemoryFiles::default()
    }

    pub(crate) fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> MemoryFiles {
        self.files.insert(path.into(), content.as_ref().to_vec());
        self
    }

    pub(crate) fn link(mut self, path: &str, target: &str) -> MemoryFiles {
        self.links.insert(path.into(), target.into());
        self
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        self.files.keys().chain(self.links.keys()).any(|known| known.starts_with(path))
    }

    fn walk(&self, path: &Utf8Path, depth: usize) -> io::Result<Utf8PathBuf> {
        if depth > 40 {
            return Err(io::Error::other("too many links"));
        }
        let mut real = Utf8PathBuf::new();
        for component in path.components() {
            match component {
                Utf8Component::CurDir => {}
                Utf8Component::ParentDir => {
                    real.pop();
                }
                _ => real.push(component),
            }
            if let Some(target) = self.links.get(&real) {
                let base = real.parent().expect("a link has a directory").to_owned();
                real = self.walk(&base.join(target), depth + 1)?;
            } else if real != "/" && !self.exists(&real) {
                return Err(io::ErrorKind::NotFound.into());
            }
        }
        Ok(real)
    }
}

impl FileSystem for MemoryFiles {
    fn canonicalize(&self, path: &Utf8Path) -> io::Result<Utf8PathBuf> {
        self.walk(path, 0)
    }

    fn read(&self, path: &Utf8Path) -> io::Result<Vec<u8>> {
        let real = self.walk(path, 0)?;
        self.files.get(&real).cloned().ok_or_else(|| io::ErrorKind::IsADirectory.into())
    }
}

/// The entry of a database that consists of this command for `/src/a.c`, run in `/src`.
pub(crate) fn entry(files: &dyn FileSystem, command: &str) -> Entry {
    let json = serde_json::json!([{ "directory": "/src", "file": "a.c", "command": command }]);
    entry_of(files, &json)
}

/// The only entry of this database.
pub(crate) fn entry_of(files: &dyn FileSystem, json: &serde_json::Value) -> Entry {
    let path = Utf8Path::new("/src/compile_commands.json");
    let database = Database::new(files, path, json.to_string().as_bytes()).expect("well formed");
    let [entry] = database.entries() else { panic!("one entry") };
    entry.clone()
}

/// This command for `/src/a.c`, without any files.
pub(crate) fn command(line: &str) -> compdb::Command {
    let files = MemoryFiles::new();
    entry(&files, line).command(&files).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// The clang of this machine, under whichever name it has.
pub(crate) fn clang() -> &'static str {
    const NAMES: [&str; 9] = [
        "clang", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17", "clang-16",
        "clang-15", "clang-14",
    ];
    NAMES.into_iter().find(|name| output(name, &["--version"]).is_some()).unwrap_or_else(|| {
        panic!("this test compares with clang: apt-get install clang-19");
    })
}

/// What a program prints, or `None` if it is not there or fails. It gets an empty input.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).expect("UTF-8"))
}

/// The database for a source, named from the directory `/p`.
pub(crate) fn load(files: &MemoryFiles, source: &str) -> Result<Database, DatabaseError> {
    Database::load_for(files, Utf8Path::new("/p"), Utf8Path::new(source))
}
