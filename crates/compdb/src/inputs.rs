//! What a command reads and writes: inputs, their languages, outputs, headers it includes by itself.

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::Span;
use thiserror::Error;

use crate::command::{Carrier, Command, Kind};
use crate::compiler::DriverLanguage;
use crate::paths::{FileSystem, canonical};

/// The language of an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Language {
    /// C.
    C,
    /// C that has been preprocessed: `.i`.
    PreprocessedC,
    /// A C header, compiled to a precompiled header.
    Header,
    /// Assembly that is preprocessed: `.S`.
    AssemblyWithCpp,
    /// Assembly: `.s`.
    Assembly,
    /// C++, preprocessed or not.
    Cxx,
    /// Objective-C, Fortran and so on, by the name that `-x` has for it or the ending of the file.
    Other(String),
    /// No language: something for the linker.
    LinkerInput,
}

impl Language {
    /// The language that `-x` has this name for; `none` is no language.
    fn of_name(name: &str) -> Option<Language> {
        Some(match name {
            "none" => return None,
            "c" => Language::C,
            "cpp-output" => Language::PreprocessedC,
            "c-header" => Language::Header,
            "assembler" => Language::Assembly,
            "assembler-with-cpp" => Language::AssemblyWithCpp,
            "c++" | "c++-header" | "c++-cpp-output" | "c++-system-header" | "c++-user-header" => {
                Language::Cxx
            }
            other => Language::Other(other.to_owned()),
        })
    }

    /// The language that gcc and clang tell from the ending of a file.
    fn of_file(path: &str, driver: DriverLanguage) -> Language {
        let extension = Utf8Path::new(path).extension().unwrap_or_default();
        match (extension, driver) {
            ("c" | "i" | "h", DriverLanguage::Cxx) => Language::Cxx,
            ("c", _) => Language::C,
            ("i", _) => Language::PreprocessedC,
            ("h", _) => Language::Header,
            ("S" | "sx", _) => Language::AssemblyWithCpp,
            ("s", _) => Language::Assembly,
            (
                "cc" | "cp" | "cxx" | "cpp" | "CPP" | "c++" | "C" | "ii" | "hh" | "H" | "hp"
                | "hxx" | "hpp" | "HPP" | "h++" | "tcc",
                _,
            ) => Language::Cxx,
            (
                "m" | "mi" | "mm" | "M" | "mii" | "f" | "for" | "ftn" | "F" | "FOR" | "fpp" | "FPP"
                | "FTN" | "f90" | "f95" | "f03" | "f08" | "F90" | "F95" | "F03" | "F08" | "d"
                | "di" | "dd" | "go" | "ads" | "adb" | "cu" | "cl" | "bc" | "ll",
                _,
            ) => Language::Other(extension.to_owned()),
            _ => Language::LinkerInput,
        }
    }

    /// What `-x` calls it.
    fn name(&self) -> &str {
        match self {
            Language::C => "c",
            Language::PreprocessedC => "cpp-output",
            Language::Header => "c-header",
            Language::AssemblyWithCpp => "assembler-with-cpp",
            Language::Assembly => "assembler",
            Language::Cxx => "c++",
            Language::Other(name) => name,
            Language::LinkerInput => "none",
        }
    }

    /// The name for `-x` if this can be analysed: C, preprocessed or not.
    pub(crate) fn analysable(&self) -> Option<&str> {
        matches!(self, Language::C | Language::PreprocessedC).then(|| self.name())
    }
}

/// A file that a command compiles or links.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    /// As written in the command.
    pub path: String,
    /// What the command takes it for.
    pub language: Language,
}

/// A source is in a language that cannot be rewritten.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{file} is compiled as {language}, not as C")]
pub struct NotC {
    /// The source.
    pub file: Utf8PathBuf,
    /// What `-x` calls its language.
    pub language: String,
    /// The command in the database.
    pub at: Span,
}

impl Command {
    /// The inputs with their languages: an `-x` holds for the inputs after it.
    pub fn inputs(&self) -> Vec<Input> {
        let mut inputs = Vec::new();
        let mut explicit = None;
        for argument in &self.arguments {
            match &argument.kind {
                Kind::Flag { found, value: Some(name) } if found.flag.canonical == "-x" => {
                    explicit = Language::of_name(name);
                }
                Kind::Input if argument.carrier == Carrier::Command => {
                    let path = argument.text.clone();
                    let by_file = || Language::of_file(&path, self.driver().language());
                    let language = explicit.clone().unwrap_or_else(by_file);
                    inputs.push(Input { path, language });
                }
                _ => {}
            }
        }
        inputs
    }

    /// The language of the source with this canonical path. A source that the command does not name
    /// (some tools write such databases) is judged by its ending.
    pub fn language_of(&self, files: &dyn FileSystem, file: &Utf8Path) -> Language {
        let is_file =
            |input: &Input| canonical(files, &self.directory, Utf8Path::new(&input.path)) == file;
        match self.inputs().into_iter().find(is_file) {
            Some(input) => input.language,
            None => Language::of_file(file.as_str(), self.driver().language()),
        }
    }

    /// Checks that the source with this canonical path is C, preprocessed or not.
    pub fn check_language(&self, files: &dyn FileSystem, file: &Utf8Path) -> Result<(), NotC> {
        let language = self.language_of(files, file);
        if language.analysable().is_some() {
            return Ok(());
        }
        Err(NotC {
            file: file.to_owned(),
            language: language.name().to_owned(),
            at: self.origin().span(),
        })
    }

    /// The output file, as written: the last `-o`.
    pub fn output(&self) -> Option<&str> {
        self.uses(&["-o"]).next_back().map(|flag| flag.value)
    }

    /// The headers that the command includes before the source, as written after `-include`.
    pub fn forced_includes(&self) -> Vec<&str> {
        self.uses(&["-include"]).map(|flag| flag.value).collect()
    }

    /// The directories in which headers are searched, as written after `-I` and its kind.
    pub fn include_directories(&self) -> Vec<&str> {
        self.uses(&["-I", "-iquote", "-isystem", "-idirafter"]).map(|flag| flag.value).collect()
    }

    /// The flags that define and undefine macros, in their order.
    pub fn macro_flags(&self) -> Vec<String> {
        self.uses(&["-D", "-U"]).map(|flag| format!("{}{}", flag.name, flag.value)).collect()
    }

    /// Whether trigraphs are replaced: by the last flag about them, else in the standard's own C up to
    /// C17, which has them.
    pub fn replaces_trigraphs(&self) -> bool {
        if let Some(last) = self.uses(&["-trigraphs"]).next_back() {
            return last.polarity == crate::flags::Polarity::On;
        }
        let last = self.uses(&["-std=", "-ansi"]).next_back();
        last.is_some_and(|flag| {
            let is_standard = flag.value.starts_with('c') || flag.value.starts_with("iso9899:");
            flag.name == "-ansi" || is_standard && !is_c23(flag.value)
        })
    }

    /// Whether the language is C23 or newer, with extensions of GNU or without: by the last flag about it.
    pub fn has_c23(&self) -> bool {
        self.uses(&["-std=", "-ansi"]).next_back().is_some_and(|flag| is_c23(flag.value))
    }

    /// Whether inline assembly is in Intel syntax: the last `-masm=`.
    pub fn has_intel_assembly(&self) -> bool {
        let last = self.uses(&["-masm=", "-mintel-syntax"]).next_back();
        last.is_some_and(|flag| flag.name == "-mintel-syntax" || flag.value == "intel")
    }

    /// Whether objects hold intermediate code for optimisation while linking: the last `-flto` or
    /// `-fno-lto`.
    pub fn has_lto(&self) -> bool {
        let last = self.uses(&["-flto"]).next_back();
        last.is_some_and(|flag| flag.polarity == crate::flags::Polarity::On)
    }
}

/// Whether a value of `-std=` is a name of C23 or of what follows it.
fn is_c23(standard: &str) -> bool {
    let year = standard.strip_prefix("gnu").or_else(|| standard.strip_prefix('c'));
    matches!(year, Some("2x" | "23" | "2y")) || standard == "iso9899:2024"
}
