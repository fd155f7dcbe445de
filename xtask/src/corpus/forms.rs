//! In which form sources are given to the rewriter.

use std::fmt;
use std::process::Command;

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;

use crate::command::{answer, quiet};
use crate::program::tree::Program;
use crate::program::unit::Unit;

/// In which form sources are given to the rewriter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// As people wrote them.
    Sources,
    /// As this compiler preprocesses them.
    Preprocessed(String),
}

/// The newest clang that there is.
fn clang() -> Result<String> {
    let names = ["clang", "clang-19", "clang-18", "clang-17", "clang-16"];
    match names.into_iter().find(|name| answer(name, &["--version"]).is_some()) {
        Some(name) => Ok(name.to_owned()),
        None => bail!("clang is not installed; `./x doctor` says what is needed"),
    }
}

fn both() -> Result<Vec<String>> {
    Ok(vec!["gcc".to_owned(), clang()?])
}

impl Form {
    /// All of them.
    pub(super) fn all() -> Result<Vec<Form>> {
        let preprocessed = both()?.into_iter().map(Form::Preprocessed);
        Ok([Form::Sources].into_iter().chain(preprocessed).collect())
    }

    /// The compilers that can compile it: headers that one has preprocessed are not for another.
    pub(super) fn compilers(&self) -> Result<Vec<String>> {
        match self {
            Form::Sources => both(),
            Form::Preprocessed(compiler) => Ok(vec![compiler.clone()]),
        }
    }

    /// A name for folders.
    pub(super) fn folder(&self) -> String {
        match self {
            Form::Sources => "sources".to_owned(),
            Form::Preprocessed(compiler) => format!("preprocessed-{compiler}"),
        }
    }

    /// The units of each shared object in this form.
    pub(super) fn units(&self, program: &Program<'_>) -> Result<Vec<Vec<Unit>>> {
        let Form::Preprocessed(compiler) = self else {
            return Ok(program.parts.iter().map(|(_, units)| units.to_vec()).collect());
        };
        let folder = program.root().join(self.folder());
        fs_err::create_dir_all(&folder)?;
        let mut number = 0;
        let mut parts = Vec::new();
        for (_, units) in &program.parts {
            let mut part = Vec::new();
            for unit in *units {
                let stem = unit.source.file_stem().unwrap_or_default();
                let output = folder.join(format!("{number}-{stem}.i"));
                // Ours uses macros that are the rewriter's business.
                let is_own = unit.source.starts_with(program.own());
                let other = if is_own { unit.clone() } else { preprocess(unit, compiler, output)? };
                part.push(other);
                number += 1;
            }
            parts.push(part);
        }
        Ok(parts)
    }
}

/// Preprocesses a unit. What comes of it is compiled with the same flags.
fn preprocess(unit: &Unit, compiler: &str, output: Utf8PathBuf) -> Result<Unit> {
    let mut arguments = unit.arguments.clone();
    compiler.clone_into(&mut arguments[0]);
    let mut command = Command::new(compiler);
    command.current_dir(&unit.directory).args(arguments.iter().skip(1));
    command.args(crate::program::flags::headers());
    command.args(["-E", "-o"]).arg(&output);
    quiet(&mut command)?;
    let source = arguments.iter().position(|argument| is_source(unit, argument));
    arguments[source.context("a command names its source")?] = output.to_string();
    Ok(Unit { directory: unit.directory.clone(), source: output, arguments })
}

fn is_source(unit: &Unit, argument: &str) -> bool {
    unit.directory.join(argument) == unit.source
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Sources => f.write_str("as sources"),
            Form::Preprocessed(compiler) => write!(f, "preprocessed by {compiler}"),
        }
    }
}
