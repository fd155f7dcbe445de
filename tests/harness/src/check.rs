//! Comparing what programs did.

use anyhow::{Context, Result, bail, ensure};
use vm::{Outcome, Status};

use crate::case::{Fault, Run};

/// The outcome as text for messages.
pub fn shown(outcome: &Outcome) -> String {
    format!(
        "{:?}\n--- stdout\n{}--- stderr\n{}",
        outcome.status,
        String::from_utf8_lossy(&outcome.stdout),
        String::from_utf8_lossy(&outcome.stderr)
    )
}

/// A run of any build: exit status and expected texts.
///
/// # Errors
/// What is different.
pub fn run(expected: &Run, outcome: &Outcome) -> Result<()> {
    ensure!(
        outcome.status == Status::Exited(expected.status),
        "exit status {} expected, but: {}",
        expected.status,
        shown(outcome)
    );
    let stdout = String::from_utf8_lossy(&outcome.stdout);
    for text in &expected.stdout {
        ensure!(stdout.contains(text), "`{text}` is missing in: {}", shown(outcome));
    }
    Ok(())
}

/// Two builds must have printed the same.
///
/// # Errors
/// Both outcomes.
pub fn same(plain: &Outcome, other: &Outcome) -> Result<()> {
    if plain.stdout == other.stdout && plain.status == other.status {
        return Ok(());
    }
    bail!("the plain program: {}\nthis one: {}", shown(plain), shown(other))
}

/// A run that must have been stopped, and the same run of the plain program, which must not be.
///
/// # Errors
/// What happened instead.
pub fn fault(expected: &Fault, plain: &Outcome, outcome: &Outcome) -> Result<()> {
    if expected.plain_survives {
        let survives = Run { status: expected.plain_status, ..Run::default() };
        run(&survives, plain).context("without protection the same run must succeed")?;
    }
    let end = match expected.status {
        Some(status) => Status::Exited(status),
        None => Status::Signaled(expected.signal),
    };
    ensure!(outcome.status == end, "{end:?} expected, but: {}", shown(outcome));
    report(&expected.report, outcome)?;
    report(&expected.names, outcome)
}

/// Text that must occur in standard error.
///
/// # Errors
/// What is missing.
pub fn report(expected: &[String], outcome: &Outcome) -> Result<()> {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    for text in expected {
        ensure!(stderr.contains(text), "`{text}` is missing in the report: {}", shown(outcome));
    }
    Ok(())
}
