//! What a case says.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of its directory.
    pub name: String,
    /// Its directory.
    pub directory: PathBuf,
    /// What `case.toml` says.
    pub description: Description,
}

/// The contents of `case.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// What the case shows.
    pub about: String,
    /// Shared objects, the executable first.
    #[serde(default)]
    pub dso: Vec<Dso>,
    /// More arguments for the rewriter.
    #[serde(default)]
    pub rewriter: Vec<String>,
    /// Runs that must do the same with and without compartments.
    #[serde(default)]
    pub run: Vec<Run>,
    /// Runs that only the compartmentalized program must not survive.
    #[serde(default)]
    pub fault: Vec<Fault>,
    /// The rewriter must refuse the case, with the messages in `expected.stderr`.
    #[serde(default)]
    pub refused: bool,
    /// Files of this machine that the program uses.
    #[serde(default)]
    pub files: Vec<PathBuf>,
    /// Flags for this case only, for example a language standard.
    #[serde(default)]
    pub flags: Vec<String>,
}

/// A shared object or the executable.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dso {
    /// Name: `main` becomes the executable, `foo` becomes `libfoo.so`.
    pub name: String,
    /// Its compartment.
    #[serde(default)]
    pub pkey: u8,
    /// Its sources, below `src/`.
    pub sources: Vec<String>,
    /// Libraries of the case it is linked with; by default the executable is linked with all.
    pub links: Option<Vec<String>>,
    /// Flags of its compile commands.
    #[serde(default)]
    pub flags: Vec<String>,
    /// It is another executable, named as it is, that is rewritten in the same run.
    #[serde(default)]
    pub program: bool,
    /// Its sources are compiled as they are, like those of a library nobody rewrites.
    #[serde(default)]
    pub prebuilt: bool,
}

/// A run of the program.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The executable, if it is not the first.
    pub program: Option<String>,
    /// Arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// Exit status.
    #[serde(default)]
    pub status: i32,
    /// Environment variables, `NAME=value`.
    #[serde(default)]
    pub env: Vec<String>,
    /// Text that must occur in standard output of every build.
    #[serde(default)]
    pub stdout: Vec<String>,
    /// Text that must occur in standard error of the compartmentalized program.
    #[serde(default)]
    pub report: Vec<String>,
}

/// A run that protection must stop.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Arguments; the plain program must run through with them.
    #[serde(default)]
    pub args: Vec<String>,
    /// Environment variables, `NAME=value`.
    #[serde(default)]
    pub env: Vec<String>,
    /// The signal that ends the program.
    #[serde(default = "sigsegv")]
    pub signal: i32,
    /// The exit status, for a program that the runtime stops without a signal.
    pub status: Option<i32>,
    /// Lines, or parts of lines, of the violation report.
    pub report: Vec<String>,
    /// As `report`, but only symbols that `strip` removes can tell.
    #[serde(default)]
    pub names: Vec<String>,
    /// Whether the plain program survives the same run.
    #[serde(default = "yes")]
    pub plain_survives: bool,
    /// The plain program's exit status then.
    #[serde(default)]
    pub plain_status: i32,
}

fn sigsegv() -> i32 {
    11
}

fn yes() -> bool {
    true
}

impl Case {
    /// Reads the case in this directory.
    ///
    /// # Errors
    /// If it is not complete.
    pub fn read(directory: &Path) -> Result<Case> {
        let name =
            directory.file_name().context("a case has a name")?.to_string_lossy().into_owned();
        let text = fs_err::read_to_string(directory.join("case.toml"))?;
        let description: Description =
            toml::from_str(&text).with_context(|| format!("{name}/case.toml"))?;
        ensure!(!description.dso.is_empty(), "{name}: no shared object");
        ensure!(
            description.refused || !description.run.is_empty() || !description.fault.is_empty(),
            "{name}: nothing is run, and nothing is refused"
        );
        for dso in &description.dso {
            for source in &dso.sources {
                ensure!(directory.join("src").join(source).exists(), "{name}: no {source}");
            }
        }
        Ok(Case { name, directory: directory.to_owned(), description })
    }

    /// All cases of the repository, by name.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn all() -> Result<Vec<Case>> {
        let mut cases = Vec::new();
        for entry in fs_err::read_dir(crate::paths::root().join("tests/cases"))? {
            let path = entry?.path();
            if path.is_dir() {
                cases.push(Case::read(&path)?);
            }
        }
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(cases)
    }

    /// The executable.
    pub fn executable(&self) -> &Dso {
        &self.description.dso[0]
    }

    /// Whether it is an executable.
    pub fn is_executable(&self, dso: &Dso) -> bool {
        dso.program || dso.name == self.executable().name
    }

    /// All executables, the first one first.
    pub fn executables(&self) -> impl Iterator<Item = &Dso> {
        self.description.dso.iter().filter(|dso| self.is_executable(dso))
    }

    /// The libraries.
    pub fn libraries(&self) -> impl Iterator<Item = &Dso> {
        self.description.dso.iter().filter(|dso| !self.is_executable(dso))
    }

    /// The libraries that nothing is linked with: the program loads them while it runs.
    pub fn plugins(&self) -> Vec<String> {
        let linked: Vec<String> =
            self.description.dso.iter().flat_map(|dso| self.linked(dso)).collect();
        let names = self.libraries().map(|library| library.name.clone());
        names.filter(|name| !linked.contains(name)).collect()
    }

    /// The libraries of the case that a shared object is linked with.
    pub fn linked(&self, dso: &Dso) -> Vec<String> {
        match &dso.links {
            Some(links) => links.clone(),
            None if self.is_executable(dso) => {
                self.libraries().map(|library| library.name.clone()).collect()
            }
            None => Vec::new(),
        }
    }
}
