//! `ia2-rewriter`: rewrites C sources so that calls between compartments go through call gates.
//!
//! All I/O of the rewriting engine is here: the compile database and sources in, rewritten files and
//! generated files out, diagnostics on standard error.
//!
//! Exit status: 0 done, 1 the input has errors (nothing was written), 2 wrong usage, 3 a bug.

#![allow(clippy::result_large_err, reason = "an error ends the run; its size does not matter")]

mod cache;
mod compilers;
mod expand;
mod inputs;
mod options;
mod outputs;
mod progress;
mod read;
mod show;
mod sources;
mod texts;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use diagnostics::{Diagnostic, Diagnostics, Severity};
use rewrite::plan::{Options, Plan};

use crate::expand::Expander;
use crate::options::Arguments;
use crate::outputs::Places;
use crate::read::Input;

/// How often uses of macros are written out at most: as deep as they may stand in each other.
const MAX_ROUNDS: usize = 16;

/// Exit statuses.
#[derive(Clone, Copy)]
enum Exit {
    Done = 0,
    InputHasErrors = 1,
    Bug = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

fn main() -> ExitCode {
    // clap ends with status 2 on wrong usage.
    let arguments = Arguments::parse();
    if let Some(jobs) = arguments.jobs {
        // Fails only if threads were started before.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.get()).build_global();
    }
    let done = catch_unwind(AssertUnwindSafe(|| run(&arguments)));
    match done {
        Ok(exit) => exit.into(),
        Err(_) => {
            eprintln!(
                "ia2-rewriter: this is a bug of ours; please report it with the message above, the \
                 command line and the source"
            );
            Exit::Bug.into()
        }
    }
}

fn run(arguments: &Arguments) -> Exit {
    let mut diagnostics = Diagnostics::new();
    let written = rewrite(arguments, &mut diagnostics);
    let has_errors = diagnostics.has_errors();
    show::show(diagnostics, arguments);
    match written {
        Some(()) if !has_errors => Exit::Done,
        _ => Exit::InputHasErrors,
    }
}

/// Reads, plans and writes; `None` if errors stood in the way.
fn rewrite(arguments: &Arguments, diagnostics: &mut Diagnostics) -> Option<()> {
    let current = report(sources::current_directory().map_err(|error| vec![error]), diagnostics)?;
    let places = Places::new(arguments, &current);
    let sources = report(sources::find(arguments, &places, &current), diagnostics)?;
    let (units, texts) = report(read::read(&sources, arguments, &places), diagnostics)?;
    let (mut input, warnings) = report(Input::new(units, texts), diagnostics)?;
    diagnostics.extend(warnings);
    let options = Options { root: &places.root, opaque: arguments.opaque.into() };
    let mut plan = Plan::new(&input.facts, &options);
    // What was written out may hold a use that must be written out as well.
    for _ in 0..MAX_ROUNDS {
        let has_errors = plan.diagnostics.iter().any(|known| known.severity == Severity::Error);
        if plan.inlines.is_empty() || has_errors {
            break;
        }
        let expander = Expander { sources: &sources, arguments, places: &places };
        report(expander.write_out(&plan.inlines, &mut input), diagnostics)?;
        plan = Plan::new(&input.facts, &options);
    }
    let unfinished = plan.inlines.drain(..).map(|inline| inline.reason);
    for mut diagnostic in plan.diagnostics.drain(..).chain(unfinished) {
        input.overlay.restore(&mut diagnostic);
        diagnostics.push(diagnostic);
    }
    input.others = sources.others;
    input.database = Some(sources.database);
    if diagnostics.has_errors() {
        return None;
    }
    let warnings = report(outputs::write(&plan, &input, &places, arguments), diagnostics)?;
    diagnostics.extend(warnings);
    Some(())
}

fn report<T>(result: Result<T, Vec<Diagnostic>>, diagnostics: &mut Diagnostics) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(errors) => {
            diagnostics.extend(errors);
            None
        }
    }
}
