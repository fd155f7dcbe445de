//! Telling people what happened.

use std::fmt::Write;

use super::runs::{Evidence, Layout, Pair, Ran, Way};
use super::verdict::{Verdict, violation};
use crate::program::counting;
use crate::workspace::root;

/// The whole story, with the table at its end.
pub(super) fn tell(evidence: &Evidence, verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    text.push_str(INTRODUCTION);

    heading(&mut text, "A harmless picture", "cardd 3:good.tif");
    both(&mut text, &evidence.good);

    heading(&mut text, "The exploit, CVE-2025-9900", "cardd --layout 3:good.tif 7:evil.tif");
    text.push_str(EXPLOIT);
    both(&mut text, &evidence.exploit);
    text.push_str(&place(&evidence.exploit.compartments));

    heading(&mut text, "The same with the fixed libtiff", "cardd --layout 3:good.tif 7:evil.tif");
    both(&mut text, &evidence.fixed);

    for (way, pair) in &evidence.implants {
        let title = match way {
            Way::Constructor => {
                "A libtiff that somebody tampered with: its constructor looks around"
            }
            Way::Read => "The same libtiff reads the key when a picture is opened",
            Way::Write => "It has the kernel read the key, by write(2)",
            Way::Destructor => "It reads the key when the process ends",
        };
        heading(&mut text, title, &format!("TIFF_IMPLANT={} cardd 3:good.tif", way.name()));
        both(&mut text, pair);
    }

    heading(&mut text, "Calls through gates, counted by gates that count", "cardd 3:good.tif");
    for calls in counting::counts(&evidence.counted.stderr) {
        line(&mut text, &format!("    {:6} {}", calls.count, calls.gate));
    }
    text.push('\n');
    table(&mut text, verdicts);
    text
}

const INTRODUCTION: &str = "
cardd makes thumbnails with libtiff 4.5.0, whose sources are as released. Its client table, with
everybody's role, and its vault key are its own; the raster, into which libtiff renders, is shared.
    plain          as any compiler makes it
    compartments   cardd in compartment 1, libtiff in compartment 2
All of it runs with a limit on the address space (ulimit -v), as such services do.
";

const EXPLOIT: &str = "\
evil.tif claims a height that makes libtiff write its pixels not into the raster but onto the client
table: records with the role of an administrator. The table is at another distance from the raster
in each build, so each gets an evil.tif made for it, from what --layout prints.
";

fn heading(text: &mut String, title: &str, command: &str) {
    write!(text, "\n== {title}\n$ {command}\n").expect("a string takes everything");
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// What both builds printed.
fn both(text: &mut String, pair: &Pair) {
    for (name, ran) in [("plain", &pair.plain), ("compartments", &pair.compartments)] {
        line(text, &format!("  {name}:"));
        // libtiff's warnings about the pictures tell nothing new.
        let errors = ran.stderr.lines().filter(|line| !line.starts_with("TIFF"));
        for shown in ran.stdout.lines().chain(errors) {
            // The report names files in full, which is long here.
            let shown = shown.replace(&format!("{}/", root().display()), "");
            line(text, &format!("    {shown}"));
        }
        line(text, &format!("    ({})", ending(ran)));
    }
}

fn ending(ran: &Ran) -> String {
    match ran.status {
        vm::Status::Exited(status) => format!("exit status {status}"),
        vm::Status::Signaled(11) => "killed by SIGSEGV".to_owned(),
        vm::Status::Signaled(signal) => format!("killed by signal {signal}"),
        vm::Status::TimedOut => "time limit reached".to_owned(),
    }
}

/// Where in the client table the violation was.
fn place(ran: &Ran) -> String {
    let place = || {
        let violation = violation(ran)?;
        let client = Layout::read(ran).ok()?.client_at(violation.address)?;
        Some(format!(
            "  {:#x} is in the client table, in the record of client {client}.\n",
            violation.address
        ))
    };
    place().unwrap_or_default()
}

fn table(text: &mut String, verdicts: &[Verdict]) {
    let rows = verdicts.iter().map(|verdict| {
        let note = if verdict.holds.is_ok() { "" } else { "  << NOT AS IT SHOULD BE" };
        (verdict.what.as_str(), verdict.plain.as_str(), verdict.compartments.as_str(), note)
    });
    let rows: Vec<_> =
        std::iter::once(("what ran", "plain", "compartments", "")).chain(rows).collect();
    let what = rows.iter().map(|row| row.0.len()).max().unwrap_or_default();
    let plain = rows.iter().map(|row| row.1.len()).max().unwrap_or_default();
    for (index, row) in rows.iter().enumerate() {
        let (left, middle) = (row.0, row.1);
        line(text, &format!("{left:what$}   {middle:plain$}   {}{}", row.2, row.3));
        if index == 0 {
            line(text, &"-".repeat(what + plain + 40));
        }
    }
    for verdict in verdicts {
        if let Err(error) = &verdict.holds {
            line(text, &format!("\n{}: {error:#}", verdict.what));
        }
    }
}
