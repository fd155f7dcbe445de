//! `./x soak`: threads, signals, forks, allocation, jumps and coroutines at random, for as long as one
//! likes.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::shown;
use crate::workspace::root;

/// Runs the case `soak` (gcc, in compartments) for a while, on a machine with protection keys.
#[derive(Args)]
pub(crate) struct Arguments {
    /// How long, in seconds
    #[arg(default_value_t = 3600)]
    seconds: u64,
}

/// Builds the case by testing it, then runs its program again.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut build = Command::new("cargo");
    build
        .current_dir(root())
        .args(["test", "-q", "-p", "harness", "--test", "cases", "--", "soak::"]);
    let status = build.status().with_context(|| format!("cannot run `{}`", shown(&build)))?;
    if !status.success() {
        bail!("the case soak fails; `./x stage` first?");
    }
    let program = root().join("target/tmp/cases/soak/gcc/compartments/main");
    let mut soak = Command::new(root().join("x"));
    soak.args(["vm", "--time-limit", &(arguments.seconds + 600).to_string(), "--"])
        .arg(program)
        .arg(arguments.seconds.to_string());
    let status = soak.status().with_context(|| format!("cannot run `{}`", shown(&soak)))?;
    Ok(u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from))
}
