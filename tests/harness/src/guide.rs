//! Following the user's guide, command by command.
//!
//! A program of the guide is a directory below `tests/guide/programs`: its sources, `build.sh`, which
//! names its shared objects, and `runs.toml`, which says what happens when it runs. The commands are
//! in `tests/guide/follow.sh`, which can be called by hand as well.

use std::env;
use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::build::Compiler;
use crate::case::{Fault, Run};
use crate::paths::{root, target_directory};

/// A program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Name of its directory.
    pub name: String,
    /// What `runs.toml` says.
    pub runs: Runs,
}

/// The contents of `runs.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runs {
    /// What the program shows.
    pub about: String,
    /// Whether it is also built with flags of many kinds.
    #[serde(default)]
    pub all_flags: bool,
    /// Runs that must do the same with and without compartments.
    pub run: Vec<Run>,
    /// Runs that only the compartmentalized program must not survive.
    #[serde(default)]
    pub fault: Vec<Fault>,
}

impl Program {
    /// All programs, by name.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn all() -> Result<Vec<Program>> {
        let mut found = Vec::new();
        for entry in fs_err::read_dir(programs())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let text = fs_err::read_to_string(entry.path().join("runs.toml"))?;
            let runs = toml::from_str(&text).with_context(|| format!("{name}/runs.toml"))?;
            found.push(Program { name, runs });
        }
        found.sort_by(|a: &Program, b| a.name.cmp(&b.name));
        Ok(found)
    }
}

/// Where the programs are.
pub fn programs() -> PathBuf {
    root().join("tests/guide/programs")
}

/// A way to follow the guide: the tools, and what it leaves to the user.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Way {
    compiler: Compiler,
    linker: Linker,
    /// The user's own flags.
    flags: &'static str,
    /// Where the build runs; see `follow.sh`.
    style: &'static str,
    /// Whether `pad-tls` is run.
    padded: bool,
    /// Whether symbols are taken off everything that was built.
    stripped: bool,
    /// Name of the directory.
    directory: &'static str,
}

/// A linker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Linker {
    Gnu,
    Lld,
    Gold,
    Mold,
}

impl Linker {
    /// As `-fuse-ld=` has it.
    fn name(self) -> &'static str {
        match self {
            Linker::Gnu => "bfd",
            Linker::Lld => "lld",
            Linker::Gold => "gold",
            Linker::Mold => "mold",
        }
    }
}

impl Way {
    /// All ways that are tried with this program.
    pub fn all(program: &Program) -> Vec<Way> {
        let mut ways = BOTH_TOOLS.to_vec();
        if program.runs.all_flags {
            ways.extend(FLAGS);
        }
        ways
    }

    /// The most ordinary way.
    pub const PLAIN: Way = BOTH_TOOLS[0];

    /// With linkers that do not take the guide's flags, and what they say about them.
    pub const REFUSED: [(Way, &str); 2] = [
        (
            Way { linker: Linker::Gold, directory: "gold", ..BOTH_TOOLS[0] },
            "unable to parse script file",
        ),
        (Way { linker: Linker::Mold, directory: "mold", ..BOTH_TOOLS[0] }, "padding.ld: unknown"),
    ];

    /// Whether symbols are taken off everything that was built.
    pub fn is_stripped(self) -> bool {
        self.stripped
    }

    /// Name for tests.
    pub fn name(self) -> String {
        let flags = if self.flags == PLAIN_FLAGS { "" } else { self.flags };
        let end = if self.stripped { "-stripped" } else { "" };
        format!("{}-{}{}{end}", self.compiler.name(), self.linker.name(), flags.replace(' ', ""))
    }
}

/// Each compiler with each linker.
const BOTH_TOOLS: [Way; 4] = [
    Way {
        compiler: Compiler::Gcc,
        linker: Linker::Gnu,
        flags: PLAIN_FLAGS,
        style: "in-tree",
        padded: false,
        stripped: false,
        directory: "gcc",
    },
    Way {
        compiler: Compiler::Gcc,
        linker: Linker::Lld,
        flags: PLAIN_FLAGS,
        style: "out-of-tree",
        padded: true,
        stripped: false,
        directory: "gcc's & lld's",
    },
    Way {
        compiler: Compiler::Clang,
        linker: Linker::Gnu,
        flags: PLAIN_FLAGS,
        style: "out-of-tree",
        padded: false,
        stripped: false,
        directory: "clang with ld",
    },
    Way {
        compiler: Compiler::Clang,
        linker: Linker::Lld,
        flags: PLAIN_FLAGS,
        style: "in-tree",
        padded: true,
        stripped: false,
        directory: "clang-lld",
    },
];

/// Flags that people build with, and that could break what the headers do.
const FLAGS: [Way; 7] = [
    Way { flags: "-O3 -flto", directory: "gcc-lto", ..BOTH_TOOLS[0] },
    Way { flags: "-O3 -flto", directory: "clang-lto", ..BOTH_TOOLS[3] },
    Way {
        flags: "-O1 -ffunction-sections -fdata-sections -Wl,--gc-sections",
        directory: "gc",
        ..BOTH_TOOLS[1]
    },
    Way { flags: "-O0 -Wl,-z,defs -Wl,--as-needed", directory: "z-defs", ..BOTH_TOOLS[2] },
    Way {
        flags: "-Os -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fcf-protection -fno-plt",
        directory: "hardened",
        ..BOTH_TOOLS[0]
    },
    // What the headers and generated code do, too, is looked at; an error ends the program.
    Way {
        flags: "-O1 -fsanitize=undefined -fno-sanitize-recover=all",
        directory: "sanitized",
        ..BOTH_TOOLS[0]
    },
    Way { flags: "-O2 -Wl,--as-needed", stripped: true, directory: "stripped", ..BOTH_TOOLS[0] },
];

const PLAIN_FLAGS: &str = "-O2";

/// What following the guide results in.
#[derive(Clone, Debug)]
pub struct Built {
    /// The program of the user's own build.
    pub plain: PathBuf,
    /// The program in compartments.
    pub compartments: PathBuf,
}

/// Follows the guide.
///
/// # Errors
/// What the commands printed.
pub fn follow(program: &Program, way: Way) -> Result<Built> {
    follow_from(&programs().join(&program.name), &scratch().join(&program.name), way)
}

/// Follows the guide with the program in one directory, below another one.
///
/// # Errors
/// What the commands printed.
pub fn follow_from(program: &Path, work: &Path, way: Way) -> Result<Built> {
    let work = work.join(way.directory);
    if work.exists() {
        fs_err::remove_dir_all(&work)?;
    }
    let output = Command::new("sh")
        .arg("-x")
        .arg(root().join("tests/guide/follow.sh"))
        .arg(program)
        .arg(&work)
        .env("IA2_PATH", root())
        .env("PATH", search_path()?)
        .env("CC", way.compiler.program()?)
        .env("CFLAGS", way.flags)
        .env("LINKER", way.linker.name())
        .env("STYLE", way.style)
        .env("PAD", if way.padded { "yes" } else { "no" })
        .env("STRIP", if way.stripped { "yes" } else { "no" })
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the guide cannot be followed:\n{}", last_command(&log));
    // The users' compiler must be as content as it was before.
    if let Some(at) = log.find("warning:") {
        let line = log[at..].find('\n').map_or(log.len(), |length| at + length);
        bail!("a warning:\n{}", last_command(&log[..line]));
    }
    Ok(Built { plain: work.join("plain/main"), compartments: work.join("bin/main") })
}

/// The last command in what `sh -x` printed, with what it said itself.
fn last_command(log: &str) -> &str {
    let mut lines = log.rmatch_indices('\n').map(|(at, _)| at + 1);
    &log[lines.find(|&at| log[at..].starts_with('+')).unwrap_or(0)..]
}

/// Where builds go; kept, so that a failure can be looked at.
pub fn scratch() -> PathBuf {
    target_directory().join("tmp/guide")
}

/// Compilers look for a linker named `ld.lld`, which Debian's packages have with a version only.
///
/// # Errors
/// There is no lld, or the link cannot be made.
pub fn search_path() -> Result<OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    let on_path =
        |name: &str| env::split_paths(&old).map(|at| at.join(name)).find(|at| at.exists());
    if on_path("ld.lld").is_some() {
        return Ok(old);
    }
    let versions = ["ld.lld-19", "ld.lld-18", "ld.lld-17", "ld.lld-16"];
    let Some(lld) = versions.into_iter().find_map(on_path) else {
        bail!("lld is not installed; `./x doctor` says what is needed")
    };
    let directory = target_directory().join("tmp/tools");
    fs_err::create_dir_all(&directory)?;
    let link = directory.join("ld.lld");
    if !is_link_to(&link, &lld) {
        let _ = fs_err::remove_file(&link);
        symlink(&lld, &link)?;
    }
    Ok(env::join_paths(std::iter::once(directory).chain(env::split_paths(&old)))?)
}

fn is_link_to(link: &Path, target: &Path) -> bool {
    fs_err::read_link(link).is_ok_and(|found| found == target)
}
