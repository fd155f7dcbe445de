//! The user's guide, followed command by command, on a machine with protection keys.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use harness::check;
use harness::guide::{Built, Program, Way, follow, search_path};
use libtest_mimic::{Arguments, Failed, Trial};
use rayon::prelude::*;
use vm::{Batch, Job, Machine, Outcome, Session, Settings};

/// A program that was built in one way, and what it did.
struct Tried {
    program: Program,
    way: Way,
    built: Result<Built, String>,
    /// Outcomes of the plain and of the compartmentalized program: first runs, then faults.
    outcomes: BTreeMap<(bool, usize), Result<Outcome, String>>,
}

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let wanted = |program: &Program| match &arguments.filter {
        Some(filter) => filter.contains(&program.name) || program.name.contains(filter.as_str()),
        None => true,
    };
    let programs: Vec<Program> = Program::all()?.into_iter().filter(wanted).collect();
    let pairs: Vec<(Program, Way)> = programs
        .into_iter()
        .flat_map(|program| {
            let ways = Way::all(&program).into_iter();
            ways.map(|way| (program.clone(), way)).collect::<Vec<_>>()
        })
        .collect();
    let mut tried: Vec<Tried> = if arguments.list {
        pairs.into_iter().map(|pair| tried(pair, Err(String::new()))).collect()
    } else {
        // Before threads ask for it at the same time.
        search_path()?;
        pairs
            .into_par_iter()
            .map(|(program, way)| {
                let built = follow(&program, way).map_err(|error| format!("{error:#}"));
                self::tried((program, way), built)
            })
            .collect()
    };
    if !arguments.list {
        run_all(&mut tried)?;
    }
    let trials = tried.into_iter().map(Arc::new).flat_map(|tried| trials(&tried)).collect();
    libtest_mimic::run(&arguments, trials).exit()
}

fn tried((program, way): (Program, Way), built: Result<Built, String>) -> Tried {
    Tried { program, way, built, outcomes: BTreeMap::new() }
}

/// Runs everything on one machine, in one boot.
fn run_all(tried: &mut [Tried]) -> Result<()> {
    let machine = Machine::pick()?;
    eprintln!("the guide's programs run on {machine}");
    let settings =
        Settings { progress: Box::new(|text| eprintln!("{text}")), ..Settings::default() };
    let session = Session::new(machine, settings);
    let mut batch = Batch::new();
    let mut owners = Vec::new();
    for (index, tried) in tried.iter().enumerate() {
        let Ok(built) = &tried.built else { continue };
        for is_plain in [true, false] {
            let program = if is_plain { &built.plain } else { &built.compartments };
            for (number, job) in jobs(&tried.program, program).into_iter().enumerate() {
                batch.push(job);
                owners.push((index, (is_plain, number)));
            }
        }
    }
    let outcomes = Mutex::new(Vec::new());
    batch.run(&session, |number, result| {
        let result = result.map_err(|error| error.to_string());
        outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((owners[number], result));
    });
    for ((index, key), outcome) in outcomes.into_inner().unwrap_or_else(PoisonError::into_inner) {
        tried[index].outcomes.insert(key, outcome);
    }
    Ok(())
}

/// The runs and faults of a program, in this order.
fn jobs(program: &Program, executable: &Path) -> Vec<Job> {
    let runs = program.runs.run.iter().map(|run| (&run.args, &run.env));
    let faults = program.runs.fault.iter().map(|fault| (&fault.args, &fault.env));
    runs.chain(faults)
        .map(|(args, env)| {
            let job = Job::new(executable).args(args).time_limit(Duration::from_secs(60));
            env.iter().fold(job, |job, variable| {
                let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
                job.env(name, value)
            })
        })
        .collect()
}

fn trials(tried: &Arc<Tried>) -> Vec<Trial> {
    let name = format!("{}::{}", tried.program.name, tried.way.name());
    let mut trials = Vec::new();
    let shared = Arc::clone(tried);
    trials.push(Trial::test(format!("{name}::same"), move || to_failed(check_runs(&shared))));
    for number in 0..tried.program.runs.fault.len() {
        let shared = Arc::clone(tried);
        let args = tried.program.runs.fault[number].args.join(" ");
        trials.push(Trial::test(format!("{name}::fault {args}"), move || {
            to_failed(check_fault(&shared, number))
        }));
    }
    trials
}

fn to_failed(result: Result<()>) -> Result<(), Failed> {
    result.map_err(|error| Failed::from(format!("{error:#}")))
}

fn outcome(tried: &Tried, is_plain: bool, number: usize) -> Result<&Outcome> {
    tried.built.as_ref().map_err(|error| anyhow!("{error}"))?;
    let outcome = tried.outcomes.get(&(is_plain, number)).context("it was not run")?;
    outcome.as_ref().map_err(|error| anyhow!("{error}"))
}

fn check_runs(tried: &Tried) -> Result<()> {
    for (number, run) in tried.program.runs.run.iter().enumerate() {
        let plain = outcome(tried, true, number)?;
        check::run(run, plain).context("the plain program")?;
        check::same(plain, outcome(tried, false, number)?)?;
    }
    Ok(())
}

fn check_fault(tried: &Tried, number: usize) -> Result<()> {
    let mut fault = tried.program.runs.fault[number].clone();
    if tried.way.is_stripped() {
        fault.names.clear();
    }
    let number = tried.program.runs.run.len() + number;
    check::fault(&fault, outcome(tried, true, number)?, outcome(tried, false, number)?)
}
