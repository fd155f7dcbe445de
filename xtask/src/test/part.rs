//! The parts of the test run. A new one is an entry here.

use anyhow::Result;

use super::{Count, Workspace, cargo_test};
use crate::command::{cargo, quiet};
use crate::corpus;
use crate::demo;
use crate::programs;
use crate::progress::Progress;
use crate::stage;

/// A part of the test run.
pub(super) struct Part {
    /// Its name, as given on the command line.
    pub(super) name: &'static str,
    /// Runs it. An error counts as one failed test.
    pub(super) run: fn(&Progress) -> Result<Count>,
}

/// All parts, quick ones first.
pub(super) const PARTS: &[Part] = &[
    Part { name: "format", run: |_| each(&["fmt", "--all", "--check"]) },
    Part { name: "clippy", run: |_| each(&CLIPPY) },
    // What follows may use what users use.
    Part { name: "stage", run: |_| stage::run().map(|_| Count::PASSED) },
    Part { name: "runtime", run: |progress| cargo_test::run(Workspace::Runtime, progress) },
    Part {
        name: "model",
        run: |progress| cargo_test::run_with(Workspace::Runtime, &MODEL, progress),
    },
    Part { name: "host", run: |progress| cargo_test::run(Workspace::Host, progress) },
    Part { name: "demo", run: demo::test },
    Part { name: "corpus", run: corpus::test },
    Part { name: "programs", run: programs::test },
];

/// The heap's threads in a model checker, which wants optimised code.
const MODEL: [&str; 7] =
    ["--package", "partition-heap", "--features", "loom", "--test", "loom", "--release"];

const CLIPPY: [&str; 7] =
    ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];

/// Runs a check of cargo's in each workspace; both, whatever fails.
fn each(args: &[&str]) -> Result<Count> {
    let mut count = Count::default();
    for workspace in Workspace::ALL {
        count += match quiet(cargo(&workspace.folder()).args(args)) {
            Ok(_) => Count::PASSED,
            Err(error) => {
                eprintln!("{} workspace: {error:#}", workspace.name());
                Count::FAILED
            }
        };
    }
    Ok(count)
}
