//! `./x test`: all checks and tests of the project.

mod cargo_test;
mod part;

use std::fmt;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use vm::Kernel;

use crate::needs::{self, For};
use crate::progress::Progress;
use crate::workspace::Workspace;
use part::{PARTS, Part};

/// Runs all checks and tests; the last line is "N passed, N failed".
#[derive(Args)]
pub(crate) struct Arguments {
    /// Only these parts (all by default); see the names in the output
    #[arg(value_name = "PART")]
    parts: Vec<String>,
}

/// How many single tests passed and failed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Count {
    passed: u64,
    failed: u64,
}

impl Count {
    pub(crate) const PASSED: Count = Count { passed: 1, failed: 0 };
    pub(crate) const FAILED: Count = Count { passed: 0, failed: 1 };

    /// Whether none failed.
    pub(crate) fn is_success(self) -> bool {
        self.failed == 0
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Runs the parts one after another; all of them, whatever fails.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let parts = chosen(&arguments.parts)?;
    needs::ensure(For::Test)?;
    needs::ensure_kernels(&Kernel::ALL)?;
    let mut sum = Count::default();
    for (number, part) in (1..).zip(&parts) {
        let start = Instant::now();
        let title = format!("[{number}/{}] {}", parts.len(), part.name);
        let progress = Progress::new();
        progress.step(&title);
        let count = (part.run)(&progress).unwrap_or_else(|error| {
            progress.keep(&format!("{error:#}"));
            Count::FAILED
        });
        let seconds = start.elapsed().as_secs_f64();
        progress.keep(&format!("{title}: {count} in {seconds:.1} s"));
        sum += count;
    }
    println!("{sum}");
    Ok(if sum.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(names: &[String]) -> Result<Vec<&'static Part>> {
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|part| part.name != **name)) {
        let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        bail!("no part {unknown}; the parts are: {}", known.join(", "));
    }
    let is_chosen = |part: &&Part| names.is_empty() || names.iter().any(|name| *name == part.name);
    Ok(PARTS.iter().filter(is_chosen).collect())
}
