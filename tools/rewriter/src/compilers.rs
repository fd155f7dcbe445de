//! Which compiler a command runs, asked of the compiler itself where its name does not tell.

use std::collections::HashMap;
use std::process::Command;
use std::sync::Mutex;

use compdb::CompilerKind;

/// Answers of compilers, by the program's name in the command.
#[derive(Default)]
pub(crate) struct Compilers {
    known: Mutex<HashMap<String, Answer>>,
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
    /// What kind of compiler the program is, if it says so.
    pub(crate) fn kind(&self, program: &str) -> Option<CompilerKind> {
        self.ask(program).kind
    }

    /// Major version of the program.
    pub(crate) fn version(&self, program: &str, kind: CompilerKind) -> u16 {
        let default = match kind {
            CompilerKind::Gcc => DEFAULT_GCC,
            CompilerKind::Clang => DEFAULT_CLANG,
        };
        self.ask(program).version.unwrap_or(default)
    }

    fn ask(&self, program: &str) -> Answer {
        let known =
            self.known.lock().expect("no thread panics while it asks").get(program).copied();
        if let Some(answer) = known {
            return answer;
        }
        let output = Command::new(program).arg("--version").output().ok();
        let text = output.and_then(|output| String::from_utf8(output.stdout).ok());
        let text = text.unwrap_or_default();
        let kind = CompilerKind::from_version_text(&text);
        let answer = Answer { kind, version: kind.and_then(|kind| kind.major_version(&text)) };
        self.known.lock().expect("see above").insert(program.to_owned(), answer);
        answer
    }
}
