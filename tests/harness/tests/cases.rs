//! Every case, with gcc and clang, on a machine with protection keys.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use harness::build::{Compiler, Variant, build, require};
use harness::case::{Case, Run};
use harness::rewrite::{Rewritten, compare, rewrite};
use harness::{check, paths};
use libtest_mimic::{Arguments, Failed, Trial};
use rayon::prelude::*;
use vm::{Batch, Job, Machine, Outcome, Session, Settings};

/// A program that was built, or why not.
type Built = Result<PathBuf, String>;

/// What a case's programs are and did.
struct Prepared {
    case: Case,
    rewritten: Result<Rewritten, String>,
    built: BTreeMap<(Compiler, Variant), Built>,
    /// Outcomes by compiler, variant and number of the run: first runs, then faults.
    outcomes: BTreeMap<(Compiler, Variant, usize), Result<Outcome, String>>,
}

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    for path in [
        paths::rewriter(),
        paths::root().join("build/runtime/libia2/liblibia2.a"),
        paths::root().join("build/runtime/partition-alloc/libpartition-alloc.so"),
    ] {
        require(&path)?;
    }
    let cases: Vec<Case> =
        Case::all()?.into_iter().filter(|case| is_wanted(&arguments, &case.name)).collect();
    let mut prepared: Vec<Prepared> = if arguments.list {
        list_only(cases)
    } else {
        cases.into_par_iter().map(prepare).collect()
    };
    if !arguments.list {
        run_all(&mut prepared)?;
    }
    let trials = prepared.into_iter().map(Arc::new).flat_map(|case| trials(&case)).collect();
    libtest_mimic::run(&arguments, trials).exit()
}

/// Whether the filter on the command line can match a test of this case.
fn is_wanted(arguments: &Arguments, case: &str) -> bool {
    match &arguments.filter {
        Some(filter) => {
            filter.contains(case) || case.contains(filter.as_str()) || filter.contains("::")
        }
        None => true,
    }
}

fn list_only(cases: Vec<Case>) -> Vec<Prepared> {
    let nothing = |case| Prepared {
        case,
        rewritten: Err(String::new()),
        built: BTreeMap::new(),
        outcomes: BTreeMap::new(),
    };
    cases.into_iter().map(nothing).collect()
}

/// Rewrites and builds a case.
fn prepare(case: Case) -> Prepared {
    let text = |error: anyhow::Error| format!("{error:#}");
    let directory = paths::scratch().join(&case.name);
    let rewritten = rewrite(&case, &directory).map_err(text);
    let mut built = BTreeMap::new();
    if let Ok(rewritten) = &rewritten
        && rewritten.accepted
    {
        for compiler in Compiler::ALL {
            for variant in Variant::ALL {
                let program = build(&case, rewritten, compiler, variant).map_err(text);
                built.insert((compiler, variant), program);
            }
        }
    }
    Prepared { case, rewritten, built, outcomes: BTreeMap::new() }
}

/// Runs all programs on one machine, in one boot.
fn run_all(prepared: &mut [Prepared]) -> Result<()> {
    let machine = Machine::pick()?;
    eprintln!("cases run on {machine}");
    let settings =
        Settings { progress: Box::new(|text| eprintln!("{text}")), ..Settings::default() };
    let session = Session::new(machine, settings);
    let mut batch = Batch::new();
    let mut owners = Vec::new();
    for (index, case) in prepared.iter().enumerate() {
        for (&(compiler, variant), program) in &case.built {
            let Ok(program) = program else { continue };
            for (number, job) in jobs(&case.case, program).into_iter().enumerate() {
                batch.push(job);
                owners.push((index, (compiler, variant, number)));
            }
        }
    }
    batch.run(&session, |number, result| {
        let (index, key) = owners[number];
        prepared[index].outcomes.insert(key, result.map_err(|error| error.to_string()));
    });
    Ok(())
}

/// The runs and faults of a case, in this order.
fn jobs(case: &Case, program: &std::path::Path) -> Vec<Job> {
    let description = &case.description;
    let named = |run: &Run| run.program.as_ref().map(|name| program.with_file_name(name));
    let first = || program.to_owned();
    let runs = description.run.iter();
    let runs = runs.map(|run| (named(run).unwrap_or_else(first), &run.args, &run.env));
    let faults = description.fault.iter().map(|fault| (first(), &fault.args, &fault.env));
    let plugins = case.plugins();
    runs.chain(faults)
        .map(|(program, args, env)| {
            let mut job = Job::new(&program).args(args).time_limit(Duration::from_secs(120));
            for file in &description.files {
                job = job.file(file);
            }
            for library in &plugins {
                job = job.file(program.with_file_name(format!("lib{library}.so")));
            }
            for variable in env {
                let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
                job = job.env(name, value);
            }
            job
        })
        .collect()
}

fn trials(case: &Arc<Prepared>) -> Vec<Trial> {
    let mut trials = Vec::new();
    let name = &case.case.name;
    let shared = Arc::clone(case);
    trials.push(Trial::test(format!("{name}::rewritten"), move || {
        to_failed(check_rewritten(&shared))
    }));
    if case.case.description.refused {
        return trials;
    }
    for compiler in Compiler::ALL {
        let shared = Arc::clone(case);
        trials.push(Trial::test(format!("{name}::{}::same", compiler.name()), move || {
            to_failed(check_runs(&shared, compiler))
        }));
        for number in 0..case.case.description.fault.len() {
            let shared = Arc::clone(case);
            let args = case.case.description.fault[number].args.join(" ");
            let name = format!("{name}::{}::fault {args}", compiler.name());
            trials
                .push(Trial::test(name, move || to_failed(check_fault(&shared, compiler, number))));
        }
    }
    trials
}

fn to_failed(result: Result<()>) -> Result<(), Failed> {
    result.map_err(|error| Failed::from(format!("{error:#}")))
}

fn check_rewritten(case: &Prepared) -> Result<()> {
    let rewritten = case.rewritten.as_ref().map_err(|error| anyhow!("{error}"))?;
    if rewritten.accepted == case.case.description.refused {
        return Err(anyhow!("the rewriter should have decided otherwise:\n{}", rewritten.messages));
    }
    compare(&case.case, rewritten)
}

fn outcome(
    case: &Prepared,
    compiler: Compiler,
    variant: Variant,
    number: usize,
) -> Result<&Outcome> {
    let built = case.built.get(&(compiler, variant)).context("it was not rewritten")?;
    built.as_ref().map_err(|error| anyhow!("{} build: {error}", variant.name()))?;
    let outcome = case.outcomes.get(&(compiler, variant, number)).context("it was not run")?;
    outcome.as_ref().map_err(|error| anyhow!("{}: {error}", variant.name()))
}

fn check_runs(case: &Prepared, compiler: Compiler) -> Result<()> {
    for (number, run) in case.case.description.run.iter().enumerate() {
        let plain = outcome(case, compiler, Variant::Plain, number)?;
        check::run(run, plain).context("the plain program")?;
        for variant in [Variant::Disabled, Variant::Compartments] {
            let other = outcome(case, compiler, variant, number)?;
            check::same(plain, other).with_context(|| variant.name().to_owned())?;
            if variant == Variant::Compartments {
                check::report(&run.report, other)?;
            }
        }
    }
    Ok(())
}

fn check_fault(case: &Prepared, compiler: Compiler, number: usize) -> Result<()> {
    let fault = &case.case.description.fault[number];
    let number = case.case.description.run.len() + number;
    let plain = outcome(case, compiler, Variant::Plain, number)?;
    check::fault(fault, plain, outcome(case, compiler, Variant::Compartments, number)?)
}
