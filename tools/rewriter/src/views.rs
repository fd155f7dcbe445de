//! What libclang is told, so that it sees what the program's compiler will see.

use compdb::as_gcc;
use rewrite::inline::DEFINITIONS;

/// Arguments beside those of the command.
const ANALYSIS_ARGUMENTS: [&str; 9] = [
    "-DIA2_ENABLE=1",
    "-DIA2_REWRITER=1",
    "-ferror-limit=0",
    // Warnings are for the compile; looking for them takes time.
    "-w",
    "-Wno-error",
    // Old C that compilers still accept with a warning.
    "-Wno-error=implicit-function-declaration",
    "-Wno-error=implicit-int",
    "-Wno-error=int-conversion",
    "-Wno-error=incompatible-function-pointer-types",
];

/// Arguments for libclang. The first by which a source compiles count.
#[derive(Debug)]
pub(crate) struct Views {
    /// Those by which it is like gcc, if that is the compiler.
    pub(crate) as_gcc: Option<Vec<String>>,
    /// Those by which it is itself.
    pub(crate) as_clang: Vec<String>,
}

impl Views {
    /// Completes the arguments that come from the command, given gcc's version if that is the compiler,
    /// and what the user adds.
    pub(crate) fn new(command: &[String], gcc: Option<u16>, extra: &[String]) -> Views {
        let view = |more: Vec<String>| {
            let own = ANALYSIS_ARGUMENTS.iter().chain(&DEFINITIONS).copied().map(str::to_owned);
            command.iter().cloned().chain(more).chain(own).chain(extra.iter().cloned()).collect()
        };
        Views { as_gcc: gcc.map(|version| view(as_gcc(version))), as_clang: view(Vec::new()) }
    }
}
