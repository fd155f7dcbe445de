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
mod facts_file;
mod inputs;
mod lints;
mod mirror;
mod options;
mod origin;
mod outputs;
mod progress;
mod read;
mod report;
mod separate;
mod show;
mod sources;
mod texts;
mod views;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use camino::Utf8Path;
use compdb::Entry;
use diagnostics::{Diagnostic, Diagnostics, Severity};
use rewrite::plan::{Options, Plan, Sharing};

use crate::expand::Expander;
use crate::lints::Lints;
use crate::options::{Arguments, Task};
use crate::outputs::Places;
use crate::read::Input;
use crate::sources::Sources;
use crate::texts::Texts;

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
    // Ends with status 2 on wrong usage.
    let task = Task::parse();
    let done = catch_unwind(AssertUnwindSafe(|| carry_out(&task)));
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

fn carry_out(task: &Task) -> Exit {
    match task {
        Task::Explain(code) => {
            println!("{}", code.explanation());
            Exit::Done
        }
        Task::ListWarnings => {
            print!("{}", Lints::list());
            Exit::Done
        }
        Task::EmitFacts(file, arguments) => {
            run(arguments, |diagnostics| emit_facts(file, arguments, diagnostics))
        }
        Task::LinkFacts(arguments) => {
            run(arguments, |diagnostics| link_facts(arguments, diagnostics))
        }
        Task::Rewrite(arguments) => run(arguments, |diagnostics| rewrite(arguments, diagnostics)),
    }
}

/// Does something and shows what there is to say about it.
fn run(arguments: &Arguments, task: impl FnOnce(&mut Diagnostics) -> Option<()>) -> Exit {
    let mut diagnostics = Diagnostics::new();
    let done = task(&mut diagnostics);
    let diagnostics = switched(diagnostics, arguments);
    let has_errors = diagnostics.has_errors();
    show::show(diagnostics, arguments);
    match done {
        Some(()) if !has_errors => Exit::Done,
        _ => Exit::InputHasErrors,
    }
}

/// The diagnostics that `-W` leaves, as what it makes of them.
fn switched(diagnostics: Diagnostics, arguments: &Arguments) -> Diagnostics {
    diagnostics.into_iter().filter_map(|diagnostic| arguments.lints.apply(diagnostic)).collect()
}

/// Reads sources and writes their facts to a file; `None` if errors stood in the way.
fn emit_facts(file: &Utf8Path, arguments: &Arguments, diagnostics: &mut Diagnostics) -> Option<()> {
    let current = report(sources::current_directory().map_err(|error| vec![error]), diagnostics)?;
    let places = Places::new(arguments, &current);
    let sources = report(sources::find(arguments, &places, &current), diagnostics)?;
    let (units, _) = report(read::read(&sources, arguments, &places), diagnostics)?;
    report(facts_file::write(file, units, &places).map_err(|error| vec![error]), diagnostics)
}

/// Rewrites from facts; `None` if errors stood in the way.
fn link_facts(arguments: &Arguments, diagnostics: &mut Diagnostics) -> Option<()> {
    let current = report(sources::current_directory().map_err(|error| vec![error]), diagnostics)?;
    let places = Places::new(arguments, &current);
    let units = report(facts_file::read(&arguments.sources, &places), diagnostics)?;
    let entries = units.iter().map(|unit| Entry::from(&unit.commands[0])).collect();
    let sources = Sources { database: None, entries, others: Vec::new() };
    let (input, warnings) = report(Input::new(units, Texts::default()), diagnostics)?;
    diagnostics.extend(warnings);
    plan_and_write(input, &sources, &places, arguments, diagnostics)
}

/// Reads, plans and writes; `None` if errors stood in the way.
fn rewrite(arguments: &Arguments, diagnostics: &mut Diagnostics) -> Option<()> {
    let current = report(sources::current_directory().map_err(|error| vec![error]), diagnostics)?;
    let places = Places::new(arguments, &current);
    let sources = report(sources::find(arguments, &places, &current), diagnostics)?;
    if report(outputs::write_again(&sources, &places, arguments), diagnostics)? {
        return Some(());
    }
    let (units, texts) = report(read::read(&sources, arguments, &places), diagnostics)?;
    let (input, warnings) = report(Input::new(units, texts), diagnostics)?;
    diagnostics.extend(warnings);
    plan_and_write(input, &sources, &places, arguments, diagnostics)
}

fn plan_and_write(
    mut input: Input,
    sources: &Sources,
    places: &Places,
    arguments: &Arguments,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let options = options(arguments, places);
    let mut plan = Plan::new(&input.facts, &options);
    let has_errors =
        |plan: &Plan| plan.diagnostics.iter().any(|known| known.severity == Severity::Error);
    // What was written out may hold a use that must be written out as well.
    for _ in 0..MAX_ROUNDS {
        let expander = Expander { sources, arguments, places };
        let done = if !plan.repeats.is_empty() {
            expander.write_included(&plan.repeats, &mut input)
        } else if !plan.separations.is_empty() && !has_errors(&plan) {
            expander.separate(&plan.separations, &mut input)
        } else if !plan.inlines.is_empty() && !has_errors(&plan) {
            expander.write_out(&plan.inlines, &mut input)
        } else {
            break;
        };
        let done = done.map_err(|mut errors| {
            errors.iter_mut().for_each(|error| input.overlay.restore(error));
            errors
        });
        report(done, diagnostics)?;
        plan = Plan::new(&input.facts, &options);
    }
    // What would be written out is none of the user's business while there are other errors.
    let is_shown = !has_errors(&plan);
    let inlines = plan.inlines.drain(..).map(|inline| inline.reason);
    let separations = plan.separations.drain(..).map(|separation| separation.reason);
    let unfinished = inlines.chain(separations).filter(|_| is_shown);
    for mut diagnostic in plan.diagnostics.drain(..).chain(unfinished) {
        input.overlay.restore(&mut diagnostic);
        diagnostics.push(diagnostic);
    }
    // Warnings that count as errors stop the run, too.
    let so_far = std::mem::take(diagnostics);
    *diagnostics = switched(so_far, arguments);
    if diagnostics.has_errors() {
        return None;
    }
    if let Some(file) = &arguments.report {
        report(report::write(&plan, &input, file), diagnostics)?;
    }
    input.others = sources.others.clone();
    input.database = sources.database.clone();
    let warnings = report(outputs::write(&plan, &input, places, arguments), diagnostics)?;
    diagnostics.extend(warnings);
    Some(())
}

fn options<'a>(arguments: &Arguments, places: &'a Places) -> Options<'a> {
    let sharing = if arguments.share_globals { Sharing::Mark } else { Sharing::Report };
    Options { root: &places.root, opaque: arguments.opaque, sharing }
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
