//! The table of `docs/threats.md`: what holds, with the test that shows it, and what does not.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use super::{Attack, Attempt, Needs};
use crate::paths::root;

const BEGIN: &str = "<!-- attacks: written by the attack suite (UPDATE_EXPECT=1) -->";
const END: &str = "<!-- end of attacks -->";

/// Compares the document's table with the attacks, or writes it if `UPDATE_EXPECT` is set.
///
/// # Errors
/// If they differ.
pub fn compare(attacks: &[Attack]) -> Result<()> {
    let path = root().join("docs/threats.md");
    let text = fs_err::read_to_string(&path)?;
    let (before, rest) = text.split_once(BEGIN).context("docs/threats.md has lost its marker")?;
    let (old, after) = rest.split_once(END).context("docs/threats.md has lost its end marker")?;
    let new = table(attacks);
    if old == new {
        return Ok(());
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs_err::write(&path, format!("{before}{BEGIN}{new}{END}{after}"))?;
        return Ok(());
    }
    bail!("docs/threats.md does not tell what tests/attacks does; UPDATE_EXPECT=1 corrects it")
}

fn table(attacks: &[Attack]) -> String {
    let rows =
        || attacks.iter().flat_map(|attack| attack.plan.attempt.iter().map(move |a| (attack, a)));
    let contained = rows().filter(|(_, attempt)| attempt.open.is_none()).count();
    let open = rows().count() - contained;
    let mut out = format!("\n\n{contained} attempts are contained, {open} are not.\n\n");
    out.push_str("### Contained\n\n| test | who | attempt | how it ends |\n|---|---|---|---|\n");
    for (attack, attempt) in rows().filter(|(_, attempt)| attempt.open.is_none()) {
        let who = attempt.attacker(&attack.plan);
        row(&mut out, &[&test(attack, attempt), &format!("{who:?}"), &attempt.what, &end(attempt)]);
    }
    out.push_str(
        "\n### Not contained\n\n| test | who | attempt | why | needs |\n|---|---|---|---|---|\n",
    );
    for (attack, attempt) in rows() {
        let Some(open) = &attempt.open else { continue };
        let who = format!("{:?}", attempt.attacker(&attack.plan));
        row(&mut out, &[&test(attack, attempt), &who, &attempt.what, &open.why, needs(open.needs)]);
    }
    out.push('\n');
    out
}

fn row(out: &mut String, cells: &[&str]) {
    writeln!(out, "| {} |", cells.join(" | ")).expect("a string takes everything");
}

fn test(attack: &Attack, attempt: &Attempt) -> String {
    format!("`{}::{}`", attack.name, attempt.name)
}

fn end(attempt: &Attempt) -> String {
    match (&attempt.fault, attempt.signal) {
        (Some(fault), _) => format!("key fault in {}, key {}", fault.by, fault.key),
        (None, 4) => "trap".to_owned(),
        (None, 6) => "named error".to_owned(),
        (None, 11) => "fault".to_owned(),
        (None, 0) => "finds nothing".to_owned(),
        (None, signal) => format!("signal {signal}"),
    }
}

fn needs(needs: Needs) -> &'static str {
    match needs {
        Needs::Gates => "better gates",
        Needs::Runtime => "a better runtime",
        Needs::Sandbox => "the sandbox",
        Needs::Verify => "a scan of the code",
        Needs::Libc => "a C library per compartment",
        Needs::Interface => "checks at the interface",
        Needs::Kernel => "Linux 6.12",
    }
}
