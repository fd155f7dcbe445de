//! Writing a `compile_commands.json` for rewritten sources.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::command::{Carrier, Command, Kind};
use crate::database::Entry;
use crate::flags::{Operand, Value};
use crate::paths::{FileSystem, canonical};

/// What a path in a command is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathUse {
    /// An input of the command.
    Source,
    /// A header that is included before the source.
    Header,
    /// The value of a flag that the analysis keeps: almost always a directory with headers.
    Directory,
    /// An output file, such as the object or the dependencies.
    Output,
}

/// An entry of a database to be written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OutputEntry {
    directory: String,
    file: String,
    arguments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    /// How many of the arguments are the compiler and its wrappers.
    #[serde(skip)]
    driver: usize,
}

impl OutputEntry {
    /// The entry with its paths mapped: `map` is given every path, canonical as far as it exists,
    /// and what it is used for, and returns the path to write instead, or `None` to leave it as it
    /// is written. Whatever is left keeps its meaning, because the directory stays the same.
    pub fn new(
        entry: &Entry,
        command: &Command,
        files: &dyn FileSystem,
        map: &mut dyn FnMut(PathUse, &Utf8Path) -> Option<Utf8PathBuf>,
    ) -> OutputEntry {
        let mut mapped = |path_use, spelled: &str| {
            map(path_use, &canonical(files, entry.directory(), Utf8Path::new(spelled)))
        };
        let file = mapped(PathUse::Source, entry.source().as_str());
        let output = entry
            .output()
            .map(|output| mapped(PathUse::Output, output.as_str()).unwrap_or(output).into_string());
        let mut words = command.words.clone();
        for argument in &command.arguments {
            if argument.carrier != Carrier::Command {
                continue;
            }
            let (flag, path_use, spelled) = match &argument.kind {
                Kind::Input => (None, PathUse::Source, argument.text.as_str()),
                Kind::Flag { found, value: Some(value) } => {
                    let Some(path_use) = path_use(found.flag.operand, found.flag.treatment) else {
                        continue;
                    };
                    (Some(found.flag), path_use, value.as_str())
                }
                _ => continue,
            };
            let Some(path) = mapped(path_use, spelled) else { continue };
            let last = argument.words.end - 1;
            let is_joined = argument.words.len() == 1;
            words[last] = match flag {
                Some(flag) if is_joined && flag.value != Value::Separate => {
                    format!("{}{path}", flag.name)
                }
                _ => path.into_string(),
            };
        }
        OutputEntry {
            directory: entry.directory().to_string(),
            file: file.unwrap_or_else(|| entry.source().to_owned()).into_string(),
            arguments: words,
            output,
            driver: command.driver().words(),
        }
    }

    /// Makes a command that compiles preprocessed text take it for C: what the rewriter writes uses
    /// macros. Macros of the command's own are left out, because they have had their effect, unless
    /// `is_kept` says otherwise of their name.
    ///
    /// Must come before [`OutputEntry::add`].
    pub fn compile_as_c(&mut self, command: &Command, is_kept: &dyn Fn(&str) -> bool) {
        let mut words: Vec<Option<String>> = self.arguments.drain(..).map(Some).collect();
        let mut has_language = false;
        let own = command.arguments.iter().filter(|known| known.carrier == Carrier::Command);
        for argument in own {
            let Kind::Flag { found, value } = &argument.kind else { continue };
            let value = value.as_deref().unwrap_or_default();
            let is_gone = match found.flag.canonical {
                "-D" | "-U" => !is_kept(value.split(['=', '(']).next().unwrap_or_default()),
                "-fpreprocessed" => true,
                "-x" if value == "cpp-output" => {
                    has_language = true;
                    words[argument.words.end - 1] =
                        Some(if argument.words.len() == 1 { "-xc" } else { "c" }.to_owned());
                    false
                }
                _ => false,
            };
            if is_gone {
                words[argument.words.clone()].fill(None);
            }
        }
        self.arguments = words.into_iter().flatten().collect();
        if !has_language {
            self.add(["-x", "c"].map(str::to_owned).to_vec());
        }
    }

    /// Adds arguments in front of all others.
    pub fn add(&mut self, arguments: Vec<String>) {
        self.arguments.splice(self.driver..self.driver, arguments);
    }
}

/// What the value of a flag is used for, if it is a path.
fn path_use(operand: Operand, treatment: crate::flags::Treatment) -> Option<PathUse> {
    use crate::flags::{Reason, Treatment};
    match (operand, treatment) {
        (Operand::Header, _) => Some(PathUse::Header),
        (Operand::Path, Treatment::Keep) => Some(PathUse::Directory),
        (Operand::Path, Treatment::Drop(Reason::Output | Reason::Dependencies)) => {
            Some(PathUse::Output)
        }
        _ => None,
    }
}

/// The text of a database with these entries, in the order given.
pub fn write_database(entries: &[OutputEntry]) -> String {
    let mut text = serde_json::to_string_pretty(entries).expect("strings only");
    text.push('\n');
    text
}
