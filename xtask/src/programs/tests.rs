//! A program's own tests: how they are run, and what must come of them.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;
use vm::{Job, Outcome, Status};

use crate::needs::on_path;
use crate::program::build::Built;
use crate::program::recipe::Test;

/// A test with both builds of its program.
pub(super) struct Trial<'a> {
    /// The program, as it is named on the command line.
    pub(super) program: String,
    pub(super) test: &'a Test,
    /// The run of the plain program.
    pub(super) plain: Job,
    /// The run of the program in compartments.
    pub(super) other: Job,
}

/// The run of a test with one build, which consists of `parts`. The tree is where that build's sources
/// are; `number` keeps the runs' folders apart.
pub(super) fn job(
    test: &Test,
    built: &Built,
    parts: &[String],
    tree: &Utf8Path,
    number: usize,
) -> Result<Job> {
    let program = built.file(&test.program);
    let folder = program.parent().context("a program is in a folder")?;
    let here = tree.join(format!("runs/{number}"));
    fs_err::create_dir_all(&here)?;
    let sources = tree.join("src");
    let mut job = Job::new("/bin/sh")
        .args(["-e", "-c", &test.script])
        .cwd(&here)
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("src", sources.as_str())
        .time_limit(Duration::from_secs(test.seconds));
    // Those too that the program loads itself.
    for part in parts {
        job = job.file(built.file(part));
    }
    for tool in &test.tools {
        job = job.file(on_path(tool).with_context(|| format!("{tool} is not installed"))?);
    }
    for file in &test.files {
        let path = sources.join(file);
        ensure!(Path::new(&path).exists(), "the sources have no {file}");
        job = job.file(path);
    }
    Ok(job)
}

/// Both runs must have succeeded, with the same results.
pub(super) fn compare(test: &Test, plain: &Outcome, other: &Outcome) -> Result<()> {
    check(test, plain).context("the plain program")?;
    check(test, other).context("in compartments")?;
    ensure!(
        plain.stdout == other.stdout,
        "the plain program printed:\n{}\nin compartments:\n{}{}",
        String::from_utf8_lossy(&plain.stdout),
        String::from_utf8_lossy(&other.stdout),
        end_of(&String::from_utf8_lossy(&other.stderr))
    );
    Ok(())
}

/// What permissive mode says at the end about all that was touched across compartments.
pub(super) fn summary(outcome: &Outcome) -> String {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let begins = |line: &&str| !line.starts_with("ia2: permissive mode: ");
    let lines: Vec<_> = stderr.lines().skip_while(begins).collect();
    lines.join("\n")
}

fn check(test: &Test, outcome: &Outcome) -> Result<()> {
    let stdout = String::from_utf8_lossy(&outcome.stdout);
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    ensure!(
        outcome.status == Status::Exited(0),
        "ended with {:?}:\n{}{}",
        outcome.status,
        end_of(&stdout),
        end_of(&stderr)
    );
    for expected in &test.expect {
        ensure!(stdout.contains(expected), "did not print `{expected}`:\n{}", end_of(&stdout));
    }
    Ok(())
}

/// The last lines of a text.
fn end_of(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].iter().map(|line| format!("{line}\n")).collect()
}
