//! What an attack program printed, and whether it is what its plan says.

use anyhow::{Context, Result, anyhow, bail, ensure};
use vm::{Outcome, Status};

use super::{Access, Attempt, Benign, KeyFault};
use crate::check::shown;

/// What was printed about one attempt.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// Name of the attempt.
    pub name: String,
    /// What the attempt itself printed.
    pub lines: Vec<String>,
    /// How it ended: `exit 0`, `signal 11`.
    pub end: String,
    /// What the judge says: `contained`, `breach: why`, `benign`.
    pub verdict: String,
}

impl Entry {
    fn has(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }

    /// Everything, for messages.
    pub fn shown(&self) -> String {
        let Entry { name, lines, end, verdict } = self;
        format!("attempt {name}\n{}\nend {end}\nverdict {verdict}", lines.join("\n"))
    }

    fn is_breach(&self) -> bool {
        self.verdict.starts_with("breach")
    }
}

/// Takes the output of an attack program apart.
///
/// # Errors
/// If the program did not end as a judge does.
pub fn entries(outcome: &Outcome) -> Result<Vec<Entry>> {
    ensure!(outcome.status == Status::Exited(0), "the judge itself ended: {}", shown(outcome));
    let mut entries: Vec<Entry> = Vec::new();
    for line in String::from_utf8_lossy(&outcome.stdout).lines() {
        if let Some(name) = line.strip_prefix("attempt ") {
            entries.push(Entry { name: name.to_owned(), ..Entry::default() });
            continue;
        }
        let entry = entries.last_mut().with_context(|| shown(outcome))?;
        match line.split_once(' ') {
            Some(("end", end)) => end.clone_into(&mut entry.end),
            Some(("verdict", verdict)) => verdict.clone_into(&mut entry.verdict),
            Some(("|", text)) => entry.lines.push(text.to_owned()),
            _ => entry.lines.push(line.trim_start_matches('|').to_owned()),
        }
    }
    Ok(entries)
}

/// The entry of this name.
///
/// # Errors
/// If there is none: the program does not know the attempt.
pub fn find<'a>(entries: &'a [Entry], name: &str) -> Result<&'a Entry> {
    let found = entries.iter().find(|entry| entry.name == name);
    found.with_context(|| format!("the program makes no attempt named {name}"))
}

/// A benign run has worked, and as in the plain program.
///
/// # Errors
/// What is different.
pub fn check_benign(benign: &Benign, protected: &Entry, plain: Option<&Entry>) -> Result<()> {
    for entry in plain.into_iter().chain([protected]) {
        ensure!(entry.end == "exit 0", "{}", entry.shown());
        for text in &benign.prints {
            ensure!(entry.has(text), "`{text}` is missing:\n{}", entry.shown());
        }
    }
    if let Some(plain) = plain {
        ensure!(
            plain.lines == protected.lines,
            "the plain program:\n{}\nthe protected one:\n{}",
            plain.shown(),
            protected.shown()
        );
    }
    Ok(())
}

/// Without protection the attempt succeeds, unless the program says that the machine lacks what it is
/// about (`absent: AVX-512`); this is told.
///
/// # Errors
/// What happened instead.
pub fn check_control(entry: &Entry) -> Result<()> {
    if let Some(what) = entry.lines.iter().find(|line| line.starts_with("absent: ")) {
        eprintln!("{}: nothing to see on this machine, {what}", entry.name);
        return Ok(());
    }
    ensure!(entry.is_breach(), "without protection it must succeed:\n{}", entry.shown());
    Ok(())
}

/// With protection the attempt ended as it must.
///
/// # Errors
/// What happened instead.
pub fn check_attempt(attempt: &Attempt, entry: &Entry) -> Result<()> {
    check(attempt, entry).with_context(|| entry.shown())
}

fn check(attempt: &Attempt, entry: &Entry) -> Result<()> {
    if attempt.open.is_some() {
        ensure!(entry.is_breach(), "it is contained now: its description must say so");
        return Ok(());
    }
    ensure!(entry.verdict == "contained", "not contained");
    let end = match attempt.signal {
        0 => format!("exit {}", attempt.exit),
        signal => format!("signal {signal}"),
    };
    ensure!(entry.end == end, "it must end with {end}");
    for text in &attempt.report {
        ensure!(entry.has(text), "`{text}` is missing");
    }
    attempt.fault.as_ref().map_or(Ok(()), |fault| check_fault(fault, entry))
}

/// The report names the right compartments and an address in the sixteen bytes that were the target.
fn check_fault(fault: &KeyFault, entry: &Entry) -> Result<()> {
    let verb = match fault.access {
        Access::Read => "must not read ",
        Access::Write => "must not write ",
    };
    let line = entry.lines.iter().find(|line| line.starts_with("ia2: violation: "));
    let line = line.context("no violation was reported")?;
    ensure!(line.contains(&format!("violation: compartment {} ", fault.by)), "another compartment");
    ensure!(line.contains(&format!("belongs to compartment {}", fault.key)), "another owner");
    let (_, rest) = line.split_once(verb).with_context(|| format!("not `{verb}`"))?;
    let address = hexadecimal(rest)?;
    let target = entry.lines.iter().find_map(|line| line.strip_prefix("target "));
    let target = hexadecimal(target.context("the program names no target")?)?;
    if !(target..target + 16).contains(&address) {
        bail!("the fault is at {address:#x}, the target was {target:#x}");
    }
    Ok(())
}

fn hexadecimal(text: &str) -> Result<u64> {
    let digits = text.strip_prefix("0x").ok_or_else(|| anyhow!("no address in `{text}`"))?;
    let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
    Ok(u64::from_str_radix(&digits[..end], 16)?)
}
