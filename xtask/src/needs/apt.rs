//! Installing what is missing with apt.

use std::io::{IsTerminal, stdin};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;

use super::{Found, Need, find};
use crate::command::{answer, shown};

/// Installs the packages of these things, having said which and why.
///
/// # Errors
/// This is no Debian system, there are no rights, or apt fails. Each message says what to type.
pub(super) fn install(missing: &[&Need]) -> Result<()> {
    if find::on_path("apt-get").is_none() {
        bail!(
            "these are missing, and this is not a Debian system, so install them your way:\n{}",
            list(missing)
        );
    }
    let packages = packages(missing);
    let Some(rights) = Rights::find() else {
        bail!(
            "these are missing:\n{}\nand there are no rights to install them. Type as root:\n    \
             apt-get update && apt-get install -y --no-install-recommends {}",
            list(missing),
            packages.join(" ")
        );
    };
    for need in missing {
        eprintln!("will install {}: {}", chosen(need).join(" "), need.why);
    }
    // Lists that were never fetched, or that name packages since replaced by newer ones.
    let listed = packages.iter().all(|package| is_listed(package));
    if listed && succeeds(&mut rights.apt_install(&packages))? {
        return Ok(());
    }
    if !succeeds(&mut rights.apt(&["update"]))? {
        bail!("`{}` failed, see above", shown(&rights.apt(&["update"])));
    }
    // With lists at last, the choice may be another.
    let mut command = rights.apt_install(&self::packages(missing));
    if !succeeds(&mut command)? {
        bail!("`{}` failed, see above", shown(&command));
    }
    Ok(())
}

fn list(missing: &[&Need]) -> String {
    let line = |need: &&Need| {
        let Found::No(reason) = (need.find)() else { return String::new() };
        format!("  {}: {}\n      {reason}", need.name, need.why)
    };
    missing.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The packages of several things, each once.
fn packages(missing: &[&Need]) -> Vec<&'static str> {
    let mut packages: Vec<_> = missing.iter().flat_map(|need| chosen(need)).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// The packages of a thing: of each group the first that this release has.
fn chosen(need: &Need) -> Vec<&'static str> {
    let choose = |group: &&[&'static str]| {
        group.iter().copied().find(|package| is_listed(package)).unwrap_or(group[0])
    };
    need.packages.iter().map(choose).collect()
}

/// Whether apt's lists have a version of this package that can be installed.
fn is_listed(package: &str) -> bool {
    answer("apt-cache", &["policy", package]).is_some_and(|text| {
        text.lines()
            .filter_map(|line| line.trim().strip_prefix("Candidate: "))
            .any(|version| version != "(none)")
    })
}

/// How this process may install packages.
#[derive(Clone, Copy)]
enum Rights {
    /// It is root.
    Root,
    /// `sudo` works without asking.
    Sudo,
    /// `sudo` may ask, and there is somebody to answer.
    SudoAsking,
}

impl Rights {
    fn find() -> Option<Rights> {
        if geteuid().is_root() {
            Some(Rights::Root)
        } else if answer("sudo", &["-n", "true"]).is_some() {
            Some(Rights::Sudo)
        } else if find::on_path("sudo").is_some() && stdin().is_terminal() {
            Some(Rights::SudoAsking)
        } else {
            None
        }
    }

    fn apt(self, args: &[&str]) -> Command {
        let words: &[&str] = match self {
            Rights::Root => &["env"],
            Rights::Sudo => &["sudo", "-n", "env"],
            Rights::SudoAsking => &["sudo", "env"],
        };
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        // Another apt may be at work; wait for it.
        command.args(["-o", "DPkg::Lock::Timeout=300"]).args(args);
        command
    }

    fn apt_install(self, packages: &[&str]) -> Command {
        let mut command = self.apt(&["install", "-y", "--no-install-recommends"]);
        command.args(packages);
        command
    }
}

/// Runs a command that shows what it does, on standard error.
fn succeeds(command: &mut Command) -> Result<bool> {
    eprintln!("$ {}", shown(command));
    let status = command
        .stdin(Stdio::inherit())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run `{}`", shown(command)))?;
    Ok(status.success())
}
