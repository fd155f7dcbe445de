//! `./x demo`: a real program with a real vulnerability, plain and in compartments.

mod runs;
mod story;
mod tiff;
mod verdict;

use std::process::ExitCode;

use anyhow::Result;

use crate::needs::{self, For};
use crate::progress::Progress;
use crate::stage;
use crate::test::Count;

/// Builds and runs everything, and tells what happened.
pub(crate) fn run() -> Result<ExitCode> {
    needs::ensure(For::Demo)?;
    stage::run()?;
    let progress = Progress::new();
    let evidence = runs::gather(&progress)?;
    progress.clear();
    let verdicts = verdict::all(&evidence);
    print!("{}", story::tell(&evidence, &verdicts));
    let holds = verdicts.iter().all(|verdict| verdict.holds.is_ok());
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same as tests: one for each line of the table.
pub(crate) fn test(progress: &Progress) -> Result<Count> {
    let evidence = runs::gather(progress)?;
    let mut count = Count::default();
    for verdict in verdict::all(&evidence) {
        count += match verdict.holds {
            Ok(()) => Count::PASSED,
            Err(error) => {
                progress.keep(&format!("{}: {error:#}", verdict.what));
                Count::FAILED
            }
        };
    }
    Ok(count)
}
