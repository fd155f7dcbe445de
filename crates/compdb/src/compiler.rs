//! Which compiler a command runs.

use camino::Utf8Path;
use diagnostics::Span;
use thiserror::Error;

use crate::command::Command;

/// The two families of compilers whose code the gates can call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CompilerKind {
    /// The GNU compiler.
    Gcc,
    /// clang, of LLVM.
    Clang,
}

impl CompilerKind {
    /// Reads what a compiler prints when asked for its `--version`.
    pub fn from_version_text(text: &str) -> Option<CompilerKind> {
        let first = text.lines().next()?;
        if first.contains("clang version") {
            Some(CompilerKind::Clang)
        } else if text.contains("Free Software Foundation") {
            Some(CompilerKind::Gcc)
        } else {
            None
        }
    }

    /// The major version in what this kind of compiler prints when asked for its `--version`.
    ///
    /// gcc has it behind a package name in parentheses: `gcc (Debian 12.2.0-14) 12.2.0`.
    pub fn major_version(self, text: &str) -> Option<u16> {
        let first = text.lines().next()?;
        let number = match self {
            CompilerKind::Clang => first.split_once("clang version ")?.1,
            CompilerKind::Gcc => {
                let mut depth = 0;
                let behind = first.char_indices().find(|(_, c)| {
                    match c {
                        '(' => depth += 1,
                        ')' => depth -= 1,
                        _ => return false,
                    }
                    depth == 0
                });
                behind.map_or(first, |(end, _)| &first[end + 1..])
            }
        };
        let mut digits = number.trim_start().split(|c: char| !c.is_ascii_digit());
        digits.next()?.parse().ok()
    }
}

/// The name of a compiler tells neither gcc nor clang.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("`{program}` is neither gcc nor clang")]
pub struct UnknownCompiler {
    /// As written in the command.
    pub program: String,
    /// Its place in the database.
    pub at: Span,
}

/// Which language a driver takes its inputs for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DriverLanguage {
    /// By the name of each input.
    ByName,
    /// C++, also for files named `.c`: `g++` and `clang++`.
    Cxx,
}

/// The program that a command runs, as its name tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Driver {
    program: String,
    words: usize,
    kind: Option<CompilerKind>,
    language: DriverLanguage,
    target: Option<String>,
}

/// Programs that run the compiler which is named after them.
const WRAPPERS: [&str; 6] = ["buildcache", "ccache", "distcc", "gomacc", "icecc", "sccache"];

/// Programs that run the compiler which is named behind options and operands of their own.
const LAUNCHERS: [&str; 7] = ["env", "ionice", "libtool", "nice", "taskset", "time", "timeout"];

/// What runs scripts like `libtool`.
const SHELLS: [&str; 3] = ["bash", "dash", "sh"];

/// What the name of a compiler can end with; longer names before those they end with.
const NAMES: [(&str, Option<CompilerKind>, DriverLanguage); 9] = [
    ("clang++", Some(CompilerKind::Clang), DriverLanguage::Cxx),
    ("clang", Some(CompilerKind::Clang), DriverLanguage::ByName),
    ("gcc", Some(CompilerKind::Gcc), DriverLanguage::ByName),
    ("g++", Some(CompilerKind::Gcc), DriverLanguage::Cxx),
    ("c++", None, DriverLanguage::Cxx),
    ("c17", None, DriverLanguage::ByName),
    ("c99", None, DriverLanguage::ByName),
    ("c89", None, DriverLanguage::ByName),
    ("cc", None, DriverLanguage::ByName),
];

impl Driver {
    /// The driver of a command with these words.
    pub(crate) fn of(words: &[String]) -> Driver {
        let mut index = 0;
        while let Some(next) = behind_wrapper(words, index) {
            index = next;
        }
        let program = words.get(index).cloned().unwrap_or_default();
        let (stem, target) = stem_and_target(file_name(&program));
        let named = NAMES.iter().find(|(name, ..)| *name == stem);
        Driver {
            words: index + 1,
            kind: named.and_then(|(_, kind, _)| *kind),
            language: named.map_or(DriverLanguage::ByName, |(.., language)| *language),
            target: target.map(str::to_owned),
            program,
        }
    }

    /// The compiler as written in the command, behind any wrapper.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// How many words of the command are the compiler and its wrappers.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Which language it takes its inputs for.
    pub fn language(&self) -> DriverLanguage {
        self.language
    }

    /// The target that is part of its name, like `x86_64-linux-gnu`.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }
}

impl Command {
    /// Which compiler it runs. `resolve` is asked about a name that does not tell, like `cc`: it
    /// may follow the link or run the program.
    pub fn compiler(
        &self,
        resolve: impl FnOnce(&str) -> Option<CompilerKind>,
    ) -> Result<CompilerKind, UnknownCompiler> {
        let program = self.driver().program();
        self.driver().kind.or_else(|| resolve(program)).ok_or_else(|| UnknownCompiler {
            program: program.to_owned(),
            at: self.origin().locate(program),
        })
    }
}

/// The index of the program that the one with this index runs, if it is known to run another.
fn behind_wrapper(words: &[String], index: usize) -> Option<usize> {
    let name = |index: usize| words.get(index).map(|word| file_name(word));
    let next = index + 1;
    // Configured for a target it is called `x86_64-linux-gnu-libtool`.
    let is_script = || name(next).is_some_and(|script| script.ends_with("libtool"));
    match name(index)? {
        shell if SHELLS.contains(&shell) => is_script().then_some(next),
        wrapper if WRAPPERS.contains(&wrapper) => {
            words.get(next).filter(|word| !word.starts_with('-')).map(|_| next)
        }
        launcher if LAUNCHERS.contains(&launcher) || launcher.ends_with("-libtool") => {
            let is_program = |&index: &usize| {
                let name = file_name(&words[index]);
                let stem = stem_and_target(name).0;
                WRAPPERS.contains(&name)
                    || LAUNCHERS.contains(&name)
                    || NAMES.iter().any(|(known, ..)| *known == stem)
            };
            let is_operand = |index: &usize| !words[*index].contains('=');
            (next..words.len()).find(is_program).or_else(|| {
                let mut operands = (next..words.len()).filter(is_operand);
                operands.next().filter(|&first| !words[first].starts_with('-'))
            })
        }
        _ => None,
    }
}

fn file_name(program: &str) -> &str {
    Utf8Path::new(program).file_name().unwrap_or_default()
}

/// Takes the version off the end of a compiler's name and the target off its beginning:
/// `x86_64-linux-gnu-gcc-12` is `gcc` for `x86_64-linux-gnu`.
fn stem_and_target(name: &str) -> (&str, Option<&str>) {
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let without_version = match name.rsplit_once('-') {
        Some((front, end)) if end.starts_with(|c: char| c.is_ascii_digit()) => front,
        _ => name,
    };
    match without_version.rsplit_once('-') {
        Some((target, stem)) => (stem, Some(target)),
        None => (without_version, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn driver(words: &str) -> Driver {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        Driver::of(&words)
    }

    #[test]
    fn names_of_compilers() {
        use CompilerKind::{Clang, Gcc};
        let check = |name, kind, target| {
            let driver = driver(name);
            assert_eq!((driver.kind, driver.target()), (kind, target), "{name}");
        };
        check("gcc", Some(Gcc), None);
        check("/usr/bin/x86_64-linux-gnu-gcc-12", Some(Gcc), Some("x86_64-linux-gnu"));
        check("gcc-12.2.0", Some(Gcc), None);
        check("clang-19", Some(Clang), None);
        check("../llvm/bin/clang", Some(Clang), None);
        check("aarch64-linux-gnu-gcc", Some(Gcc), Some("aarch64-linux-gnu"));
        check("cc", None, None);
        check("c99", None, None);
        check("tcc", None, None);
        check("clang-cl", None, Some("clang"));
        check("gcc-ar", None, Some("gcc"));
        assert_eq!(driver("clang++-16").language(), DriverLanguage::Cxx);
        assert_eq!(driver("x86_64-linux-gnu-g++").language(), DriverLanguage::Cxx);
    }

    #[test]
    fn wrappers() {
        let check = |line, program, words| {
            let driver = driver(line);
            assert_eq!((driver.program(), driver.words()), (program, words), "{line}");
        };
        check("ccache gcc -c a.c", "gcc", 2);
        check("/usr/bin/ccache distcc clang-16 -c a.c", "clang-16", 3);
        check("env A=1 B=2 gcc -c a.c", "gcc", 4);
        check("nice -n 5 ccache gcc -c a.c", "gcc", 5);
        check("env -u X A=1 /opt/mycc -c a.c", "env", 1);
        check("env A=1 /opt/mycc -c a.c", "/opt/mycc", 3);
        check("/bin/bash ../libtool --tag=CC --mode=compile gcc-12 -c a.c", "gcc-12", 5);
        check("x86_64-linux-gnu-libtool --mode=compile cc -c a.c", "cc", 3);
        check("timeout -k 5 60 clang -c a.c", "clang", 5);
        check("sh -c gcc", "sh", 1);
        check("distcc -c a.c", "distcc", 1);
        check("gcc a=b.c", "gcc", 1);
        check("ccache", "ccache", 1);
    }

    #[test]
    fn version_texts() {
        let gcc =
            "cc (Debian 12.2.0-14) 12.2.0\nCopyright (C) 2022 Free Software Foundation, Inc.\n";
        assert_eq!(CompilerKind::from_version_text(gcc), Some(CompilerKind::Gcc));
        assert_eq!(CompilerKind::Gcc.major_version(gcc), Some(12));
        let red_hat = "gcc (GCC (a (b))) 13.2.1 20231205 (Red Hat 13.2.1-6)";
        assert_eq!(CompilerKind::Gcc.major_version(red_hat), Some(13));
        assert_eq!(CompilerKind::Gcc.major_version("gcc"), None);
        let clang = "Debian clang version 19.1.7\nTarget: x86_64-pc-linux-gnu\n";
        assert_eq!(CompilerKind::from_version_text(clang), Some(CompilerKind::Clang));
        assert_eq!(CompilerKind::Clang.major_version(clang), Some(19));
        assert_eq!(CompilerKind::from_version_text("tcc version 0.9.27"), None);
    }
}
