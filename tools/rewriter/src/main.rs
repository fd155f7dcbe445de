//! `ia2-rewriter`: rewrites C sources so that calls between compartments go through call gates.
//!
//! All I/O of the rewriting engine is here: the compile database and sources in, rewritten files and
//! generated files out, diagnostics on standard error.
//!
//! Exit status: 0 done, 1 the input has errors (nothing was written), 2 wrong usage, 3 a bug.

mod compilers;
mod options;
mod outputs;
mod read;
mod show;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use diagnostics::{Diagnostic, Diagnostics};
use rewrite::plan::{Options, Plan};

use crate::options::Arguments;

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
    let mut input = report(read::read(arguments), diagnostics)?;
    input.warnings.drain(..).for_each(|warning| diagnostics.push(warning));
    let options = Options { root: &input.root, opaque: arguments.opaque.into() };
    let mut plan = Plan::new(&input.units, &options);
    plan.diagnostics.drain(..).for_each(|diagnostic| diagnostics.push(diagnostic));
    plan.inlines.drain(..).for_each(|inline| diagnostics.push(inline.reason));
    if diagnostics.has_errors() {
        return None;
    }
    report(outputs::write(&plan, &input, arguments), diagnostics)
}

fn report<T>(result: Result<T, Vec<Diagnostic>>, diagnostics: &mut Diagnostics) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(errors) => {
            errors.into_iter().for_each(|error| diagnostics.push(error));
            None
        }
    }
}
