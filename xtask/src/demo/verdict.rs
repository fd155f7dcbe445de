//! What the evidence shows, and whether that is what it must show.

use anyhow::{Result, bail, ensure};
use vm::Status;

use super::runs::{Evidence, KEY, Layout, Pair, Ran, Way};
use crate::program::counting;

/// The checksum of the harmless picture's pixels.
const THUMBNAIL: &str = "thumb=9063cb00";
const SIGSEGV: i32 = 11;

/// A line of the table.
pub(super) struct Verdict {
    /// What ran.
    pub(super) what: String,
    /// What the plain build did.
    pub(super) plain: String,
    /// What the compartmentalized build did.
    pub(super) compartments: String,
    /// Whether that is as it must be.
    pub(super) holds: Result<()>,
}

/// All verdicts.
pub(super) fn all(evidence: &Evidence) -> Vec<Verdict> {
    let mut verdicts = vec![
        verdict("good.tif", &evidence.good, good(&evidence.good)),
        verdict("evil.tif (CVE-2025-9900)", &evidence.exploit, exploit(&evidence.exploit)),
        verdict("evil.tif, libtiff fixed", &evidence.fixed, fixed(&evidence.fixed)),
    ];
    for (way, pair) in &evidence.implants {
        let what = match way {
            Way::Constructor => "hostile libtiff: constructor",
            Way::Read => "hostile libtiff: direct read",
            Way::Write => "hostile libtiff: write(2)",
            Way::Destructor => "hostile libtiff: destructor",
        };
        verdicts.push(verdict(what, pair, implant(*way, pair)));
    }
    verdicts.push(Verdict {
        what: "good.tif, calls through gates".to_owned(),
        plain: "0".to_owned(),
        compartments: calls(&evidence.counted).to_string(),
        holds: counted(evidence),
    });
    verdicts
}

/// How many calls went through gates.
pub(super) fn calls(ran: &Ran) -> u64 {
    counting::counts(&ran.stderr).iter().map(|calls| calls.count).sum()
}

fn verdict(what: &str, pair: &Pair, holds: Result<()>) -> Verdict {
    Verdict {
        what: what.to_owned(),
        plain: effect(&pair.plain),
        compartments: effect(&pair.compartments),
        holds,
    }
}

/// What a run came to, in a few words.
fn effect(ran: &Ran) -> String {
    if leaks(ran) {
        return "vault key LEAKED".to_owned();
    }
    match (violation(ran), ran.status) {
        (Some(violation), Status::Signaled(SIGSEGV)) => {
            format!("stopped: {} of compartment {}'s memory", violation.access, violation.owner)
        }
        (_, Status::Exited(0)) => {
            if ran.stdout.contains("implant: read all") {
                "program's data READ".to_owned()
            } else if refused(ran).is_some_and(|bytes| bytes > 0) {
                "stopped: EFAULT from the kernel".to_owned()
            } else if ran.stdout.contains(THUMBNAIL) {
                "served, nothing leaked".to_owned()
            } else {
                "nothing leaked".to_owned()
            }
        }
        (_, status) => format!("{status:?}"),
    }
}

/// Whether the secret is anywhere in what a run printed.
fn leaks(ran: &Ran) -> bool {
    ran.stdout.contains(KEY) || ran.stderr.contains(KEY)
}

/// A key fault, as the violation report tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Violation<'a> {
    /// `read` or `write`.
    pub(super) access: &'a str,
    /// The compartment that did it.
    pub(super) by: u8,
    pub(super) address: u64,
    /// The compartment whose key is on the address.
    pub(super) owner: u8,
}

/// Reads the report's first line:
/// `violation: compartment 2 (…) must not write 0x7f…, which belongs to compartment 1`.
pub(super) fn violation(ran: &Ran) -> Option<Violation<'_>> {
    let report = ran
        .stderr
        .lines()
        .find_map(|line| line.split_once("violation: compartment ").map(|(_, report)| report))?;
    let (by, rest) = report.split_once(' ')?;
    let (_, rest) = rest.split_once(" must not ")?;
    let (access, rest) = rest.split_once(" 0x")?;
    let (address, owner) = rest.split_once(", which belongs to compartment ")?;
    Some(Violation {
        access,
        by: by.parse().ok()?,
        address: u64::from_str_radix(address, 16).ok()?,
        owner: owner.trim().parse().ok()?,
    })
}

/// The bytes that the kernel refused to read for the implant.
fn refused(ran: &Ran) -> Option<u64> {
    let (_, rest) = ran.stdout.split_once(" bytes, refused ")?;
    rest.lines().next()?.parse().ok()
}

fn good(Pair { plain, compartments }: &Pair) -> Result<()> {
    exited(plain)?;
    exited(compartments)?;
    ensure!(plain.stdout.contains(THUMBNAIL), "another picture came out:\n{}", plain.stdout);
    same(plain, compartments)
}

fn exploit(Pair { plain, compartments }: &Pair) -> Result<()> {
    exited(plain)?;
    let report = format!("ADMIN REPORT key={KEY}");
    ensure!(plain.stdout.contains(&report), "the exploit failed:\n{}", plain.stdout);
    stopped(compartments, "write")?;
    let layout = Layout::read(compartments)?;
    let Some(violation) = violation(compartments) else { bail!("no violation was reported") };
    ensure!(
        layout.client_at(violation.address).is_some(),
        "the fault at {:#x} was not in the client table: {layout:x?}",
        violation.address
    );
    Ok(())
}

fn fixed(Pair { plain, compartments }: &Pair) -> Result<()> {
    for ran in [plain, compartments] {
        exited(ran)?;
        ensure!(!leaks(ran), "the fixed libtiff leaks as well:\n{}", ran.stdout);
        ensure!(ran.stdout.contains("client7: "), "it was not served:\n{}", ran.stdout);
    }
    Ok(())
}

fn implant(way: Way, Pair { plain, compartments }: &Pair) -> Result<()> {
    exited(plain)?;
    let found = match way {
        // The service has not read the key yet.
        Way::Constructor => "implant: read all ".to_owned(),
        Way::Read | Way::Write | Way::Destructor => format!("implant: found {KEY}"),
    };
    ensure!(plain.stdout.contains(&found), "the attack failed:\n{}", plain.stdout);
    if way != Way::Write {
        return stopped(compartments, "read");
    }
    exited(compartments)?;
    ensure!(!leaks(compartments), "it leaked:\n{}", compartments.stdout);
    ensure!(
        refused(compartments).is_some_and(|bytes| bytes > 0),
        "the kernel refused nothing:\n{}",
        compartments.stdout
    );
    Ok(())
}

fn counted(evidence: &Evidence) -> Result<()> {
    same(&evidence.good.compartments, &evidence.counted)?;
    // TIFFOpen, TIFFReadRGBAImageOriented and TIFFClose, once for the one picture.
    let calls = calls(&evidence.counted);
    ensure!(calls == 3, "{calls} calls went through gates:\n{}", evidence.counted.stderr);
    Ok(())
}

/// The run came to its end.
fn exited(ran: &Ran) -> Result<()> {
    ensure!(
        ran.status == Status::Exited(0),
        "ended with {:?}:\n{}{}",
        ran.status,
        ran.stdout,
        ran.stderr
    );
    Ok(())
}

/// libtiff's compartment was stopped when it touched the service's memory, and nothing leaked.
fn stopped(ran: &Ran, access: &str) -> Result<()> {
    let shown = || format!("{:?}\n{}{}", ran.status, ran.stdout, ran.stderr);
    ensure!(!leaks(ran), "it leaked: {}", shown());
    ensure!(ran.status == Status::Signaled(SIGSEGV), "it was not stopped: {}", shown());
    let Some(violation) = violation(ran) else { bail!("no violation was reported: {}", shown()) };
    ensure!(
        (violation.access, violation.by, violation.owner) == (access, 2, 1),
        "another violation was reported: {}",
        shown()
    );
    Ok(())
}

fn same(one: &Ran, other: &Ran) -> Result<()> {
    ensure!(one.stdout == other.stdout, "{}\nbut:\n{}", one.stdout, other.stdout);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(status: Status, stdout: &str, stderr: &str) -> Ran {
        Ran { status, stdout: stdout.to_owned(), stderr: stderr.to_owned() }
    }

    const LAYOUT: &str = "layout: raster=0x1000 clients=0x2000 end=0xa000\n";

    fn report(address: &str) -> String {
        format!(
            "ia2: violation: compartment 2 (./libtiff.so.6) must not write {address}, which belongs \
             to compartment 1\n"
        )
    }

    fn exploited(stdout: &str, compartments: Ran) -> Pair {
        Pair { plain: ran(Status::Exited(0), stdout, ""), compartments }
    }

    #[test]
    fn the_exploit_must_leak_here_and_be_stopped_there() {
        let leak = format!("ADMIN REPORT key={KEY}\n");
        let killed = |address| ran(Status::Signaled(SIGSEGV), LAYOUT, &report(address));
        exploit(&exploited(&leak, killed("0x21c0"))).unwrap();

        let fails = |pair: &Pair, why: &str| {
            let text = format!("{:#}", exploit(pair).unwrap_err());
            assert!(text.contains(why), "{text}");
        };
        fails(&exploited("client7: \n", killed("0x21c0")), "the exploit failed");
        fails(&exploited(&leak, killed("0xa000")), "not in the client table");
        let leaked = ran(Status::Signaled(SIGSEGV), &leak, &report("0x21c0"));
        fails(&exploited(&leak, leaked), "it leaked");
        fails(&exploited(&leak, ran(Status::Exited(0), LAYOUT, "")), "not stopped");
        let crashed = ran(Status::Signaled(SIGSEGV), LAYOUT, "");
        fails(&exploited(&leak, crashed), "no violation");
    }

    #[test]
    fn an_implant_must_find_the_key_here_and_not_there() {
        let found = format!("implant: found {KEY}\n");
        let plain = || ran(Status::Exited(0), &found, "");
        let refused = "implant: write(2) copied 640 bytes, refused 4096\n";
        let pair =
            |stdout| Pair { plain: plain(), compartments: ran(Status::Exited(0), stdout, "") };
        implant(Way::Write, &pair(refused)).unwrap();
        assert!(implant(Way::Write, &pair(&found)).is_err());
        assert!(
            implant(Way::Write, &pair("implant: write(2) copied 9 bytes, refused 0\n")).is_err()
        );
        assert!(implant(Way::Read, &pair("")).is_err());
    }
}
