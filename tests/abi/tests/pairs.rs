//! Callers and callees of two compilers through gates: natively, and with real keys.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use abi::Vectors;
use abi_pairs::config::Compilers;
use abi_pairs::program::{Options, Program};
use abi_pairs::toolchain::{self, Protection};
use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use vm::{Batch, Job, Machine, Session, Settings, Status};

/// Which seeds are run. `ABI_PAIRS_SEED` and `ABI_PAIRS_COUNT` ask for others, or for more.
fn seeds(first: u64, count: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("ABI_PAIRS_SEED").unwrap_or(first);
    first..first + number("ABI_PAIRS_COUNT").unwrap_or(count)
}

/// Builds the program of each seed below a directory, but for those in which a compiler crashes.
fn build_all(
    seeds: std::ops::Range<u64>,
    widest: Vectors,
    protection: Protection,
    directory: &std::path::Path,
) -> Result<Vec<(u64, PathBuf)>> {
    let compilers = Compilers::find()?;
    seeds
        .into_par_iter()
        .filter_map(|seed| {
            let built = build_one(seed, widest, protection, &compilers, directory);
            if let Err(error) = &built
                && toolchain::is_compiler_crash(error)
            {
                eprintln!("seed {seed} is left out, for the compiler crashes: {error}");
                return None;
            }
            Some(built.with_context(|| format!("seed {seed}")))
        })
        .collect()
}

fn build_one(
    seed: u64,
    widest: Vectors,
    protection: Protection,
    compilers: &Compilers,
    directory: &std::path::Path,
) -> Result<(u64, PathBuf)> {
    let program = Program::new(Options { seed, functions: 40, widest }, compilers);
    ensure!(program.calls.len() > 20, "hardly any gate");
    let place = directory.join(seed.to_string());
    Ok((seed, toolchain::build(&program, compilers, protection, &place)?))
}

fn arguments(seed: u64) -> [String; 3] {
    [seed.to_string(), "400".to_owned(), "3".to_owned()]
}

/// The number of calls a program reports.
fn calls(stdout: &[u8]) -> Result<u64> {
    let text = String::from_utf8_lossy(stdout);
    let number = text.strip_suffix(" calls\n").context("no number of calls")?;
    Ok(number.parse()?)
}

#[test]
fn natively_without_protection() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let widest = match () {
        () if std::arch::is_x86_feature_detected!("avx512f") => Vectors::Avx512,
        () if std::arch::is_x86_feature_detected!("avx") => Vectors::Avx,
        () => Vectors::Sse,
    };
    let built = build_all(seeds(1, 8), widest, Protection::Remembered, directory.path())?;
    for (seed, executable) in built {
        let output = Command::new(executable).args(arguments(seed)).output()?;
        ensure!(
            output.status.success(),
            "abi-fuzz --seed {seed} repeats this: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        ensure!(calls(&output.stdout)? > 1000, "seed {seed}: hardly any call");
    }
    Ok(())
}

#[test]
fn with_protection_keys() -> Result<()> {
    let directory = tempfile::tempdir()?;
    // The emulated CPU has AVX, not AVX-512.
    let built = build_all(seeds(1001, 4), Vectors::Avx, Protection::Real, directory.path())?;
    let settings =
        Settings { progress: Box::new(|text| eprintln!("{text}")), ..Settings::default() };
    let session = Session::new(Machine::pick()?, settings);
    let mut batch = Batch::new();
    for (seed, executable) in &built {
        let limit = Duration::from_secs(300);
        batch.push(Job::new(executable).args(arguments(*seed)).time_limit(limit));
    }
    let (mut outcomes, mut total) = (Vec::new(), 0);
    batch.run(&session, |number, result| outcomes.push((built[number].0, result)));
    ensure!(outcomes.len() == built.len(), "not all programs ran");
    for (seed, outcome) in outcomes {
        let outcome = outcome?;
        ensure!(
            outcome.status == Status::Exited(0),
            "seed {seed}: {:?}\n{}",
            outcome.status,
            String::from_utf8_lossy(&outcome.stderr)
        );
        let calls = calls(&outcome.stdout)?;
        ensure!(calls > 1000, "seed {seed}: hardly any call");
        total += calls;
    }
    eprintln!("{} programs of 40 functions made {total} calls", built.len());
    Ok(())
}
