//! Which compiler a command runs, asked of the compiler itself where its name does not tell.

use std::collections::HashMap;
use std::process::Command;
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use compdb::CompilerKind;

/// Answers of compilers.
#[derive(Default)]
pub(crate) struct Compilers {
    /// Held while a compiler is asked, so that each is asked once.
    known: Mutex<HashMap<Utf8PathBuf, Answer>>,
}

#[derive(Clone, Copy)]
struct Answer {
    kind: Option<CompilerKind>,
    version: Option<u16>,
}

/// Versions that are assumed if the compiler cannot be asked: those the rules were checked with.
const DEFAULT_GCC: u16 = 12;
const DEFAULT_CLANG: u16 = 19;

impl Compilers {
    /// What kind of compiler the program is, if it says so. A relative path with a directory in it
    /// is meant from where the command runs.
    pub(crate) fn kind(&self, program: &str, directory: &Utf8Path) -> Option<CompilerKind> {
        self.ask(program, directory).kind
    }

    /// Major version of the program.
    pub(crate) fn version(&self, program: &str, directory: &Utf8Path, kind: CompilerKind) -> u16 {
        let default = match kind {
            CompilerKind::Gcc => DEFAULT_GCC,
            CompilerKind::Clang => DEFAULT_CLANG,
        };
        self.ask(program, directory).version.unwrap_or(default)
    }

    fn ask(&self, program: &str, directory: &Utf8Path) -> Answer {
        let program = match program.contains('/') {
            true => directory.join(program),
            false => Utf8PathBuf::from(program),
        };
        let mut known = self.known.lock().expect("no thread panics while it asks");
        *known.entry(program).or_insert_with_key(|program| {
            let output = Command::new(program).arg("--version").output().ok();
            let text = output.and_then(|output| String::from_utf8(output.stdout).ok());
            let text = text.unwrap_or_default();
            let kind = CompilerKind::from_version_text(&text);
            Answer { kind, version: kind.and_then(|kind| kind.major_version(&text)) }
        })
    }
}
