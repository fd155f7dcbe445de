//! The attack suite below `tests/attacks`.
//!
//! An attack is a directory: the sources of a program of several compartments, in `src/`, and
//! `attack.toml`, which says what the program attempts and how each attempt must end. The program
//! forks a child per attempt and prints a verdict on each (`tests/attacks/common/judge.h`).
//!
//! An attempt proves something only if it can succeed, so each has a control: the same attempt in
//! the plain program, or in one whose checks were taken out of the machine code ([`unguarded`]),
//! must be a breach. What is not contained yet is listed too, as *open*, and must be a breach in the
//! protected program: once it is contained, its description has to say so.

pub mod document;
pub mod report;
pub mod targets;
pub mod unguarded;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::build::Compiler;
use crate::case::{Case, Description, Dso};
use crate::paths::root;

/// An attack program.
#[derive(Clone, Debug)]
pub struct Attack {
    /// Name of its directory.
    pub name: String,
    /// What `attack.toml` says.
    pub plan: Plan,
    /// The same as a case, for the steps that build it.
    pub case: Case,
}

/// The contents of `attack.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What is attacked, and how.
    pub about: String,
    /// Who attacks, where an attempt does not say otherwise.
    pub attacker: Attacker,
    /// Shared objects, the executable first.
    pub dso: Vec<Dso>,
    /// Flags for all its sources.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Who compiles it.
    #[serde(default)]
    pub compiler: Compiler,
    /// Whether it jumps, and gets a list of places to jump to ([`targets`]), named by the environment
    /// variable `TARGETS`.
    #[serde(default)]
    pub targets: bool,
    /// What honest programs do in the same way: must work, and do the same in the plain program.
    pub benign: Vec<Benign>,
    /// What is attempted.
    pub attempt: Vec<Attempt>,
}

/// Who attacks (`docs/threats.md`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[allow(missing_docs, reason = "the document describes them")]
pub enum Attacker {
    T1,
    T2,
    T3,
}

/// A run that must not be disturbed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benign {
    /// Its name in the program.
    pub name: String,
    /// Text that it must print.
    #[serde(default)]
    pub prints: Vec<String>,
    /// Whether the plain program can do the same.
    #[serde(default = "yes")]
    pub plain: bool,
}

/// Something an attacker tries.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Its name in the program.
    pub name: String,
    /// What it is, for the table of the document.
    pub what: String,
    /// Who can try it, if not the attacker of the whole plan.
    pub attacker: Option<Attacker>,
    /// Where it succeeds.
    pub control: Control,
    /// How it must end: the signal that kills it; 0 if it runs to its end.
    #[serde(default)]
    pub signal: i32,
    /// Its exit status, if no signal kills it.
    #[serde(default)]
    pub exit: i32,
    /// For a key fault: whose memory it is, and what was tried. The address must be the one that the
    /// program printed as its `target`.
    pub fault: Option<KeyFault>,
    /// Parts of lines that must be printed.
    #[serde(default)]
    pub report: Vec<String>,
    /// Why it still succeeds, and what will contain it.
    pub open: Option<Open>,
}

/// A key fault as it must be reported.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFault {
    /// Compartment of the code that faults.
    pub by: u8,
    /// Compartment whose memory it is.
    pub key: u8,
    /// What was tried.
    pub access: Access,
}

/// A kind of access.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Access {
    Read,
    Write,
}

/// The program in which an attempt must succeed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Control {
    /// The original sources without compartments.
    Plain,
    /// The compartmentalized program without the checks that trap with these codes (`layout::trap`).
    Without(Vec<u8>),
    /// The compartmentalized program whose gates clear less: built with `-DIA2_SCRUB=` and this.
    Scrub(String),
    /// None is possible, for this reason.
    None(String),
}

/// Something that is not contained.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What will contain it.
    pub needs: Needs,
    /// Why it is possible.
    pub why: String,
}

/// What contains an attack that call gates and keys cannot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Needs {
    /// Work on the gates.
    Gates,
    /// Work on the runtime.
    Runtime,
    /// A filter of system calls (level 1) or a monitor (level 2).
    Sandbox,
    /// A scan for stray instructions that load PKRU, or their removal.
    Verify,
    /// A C library, or its writable state, per compartment.
    Libc,
    /// Checks of what is passed, which the programmer asks for.
    Interface,
    /// A kernel that writes signal frames where only the runtime can (Linux 6.12).
    Kernel,
}

fn yes() -> bool {
    true
}

impl Attack {
    /// Reads the attack in this directory.
    ///
    /// # Errors
    /// If it is not complete.
    pub fn read(directory: &Path) -> Result<Attack> {
        let name = directory.file_name().context("an attack has a name")?;
        let name = name.to_string_lossy().into_owned();
        let text = fs_err::read_to_string(directory.join("attack.toml"))?;
        let plan: Plan = toml::from_str(&text).with_context(|| format!("{name}/attack.toml"))?;
        ensure!(!plan.benign.is_empty(), "{name}: without a benign twin an attack proves nothing");
        ensure!(!plan.attempt.is_empty(), "{name}: nothing is attempted");
        let mut flags = plan.flags.clone();
        flags.push(format!("-I{}", root().join("tests/attacks/common").display()));
        let description = Description {
            about: plan.about.clone(),
            dso: plan.dso.clone(),
            flags,
            ..Description::default()
        };
        let case = Case { name: name.clone(), directory: directory.to_owned(), description };
        Ok(Attack { name, plan, case })
    }

    /// All attacks of the repository, by name.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn all() -> Result<Vec<Attack>> {
        let mut attacks = Vec::new();
        for entry in fs_err::read_dir(directory())? {
            let path = entry?.path();
            if path.join("attack.toml").exists() {
                attacks.push(Attack::read(&path)?);
            }
        }
        attacks.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(attacks)
    }
}

impl Attempt {
    /// The attempt's own attacker, or the plan's.
    pub fn attacker(&self, plan: &Plan) -> Attacker {
        self.attacker.unwrap_or(plan.attacker)
    }
}

/// Where attacks are.
fn directory() -> PathBuf {
    root().join("tests/attacks")
}
