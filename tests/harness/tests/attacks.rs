//! Every attack, on a machine with protection keys, in one boot.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use harness::attack::report::{Entry, check_attempt, check_benign, check_control, entries, find};
use harness::attack::{Attack, Attempt, Control, document, targets, unguarded};
use harness::build::{Variant, build, require, with_scrub};
use harness::paths;
use harness::rewrite::rewrite;
use libtest_mimic::{Arguments, Failed, Trial};
use rayon::prelude::*;
use vm::{Batch, Job, Machine, Session, Settings};

/// A build of an attack program.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Program {
    Plain,
    Protected,
    Without(Vec<u8>),
    Scrub(String),
}

/// An attack program, as far as it got. Errors are texts, because several tests tell them.
struct Prepared {
    attack: Attack,
    programs: BTreeMap<Program, Result<PathBuf, String>>,
    printed: BTreeMap<Program, Result<Vec<Entry>, String>>,
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
    let all = Attack::all()?;
    let documented = all.clone();
    let wanted = all.into_iter().filter(|attack| is_wanted(&arguments, attack));
    let mut prepared: Vec<Prepared> = wanted
        .map(|attack| Prepared { attack, programs: BTreeMap::new(), printed: BTreeMap::new() })
        .collect();
    if !arguments.list {
        prepared.par_iter_mut().for_each(prepare);
        run_all(&mut prepared)?;
    }
    let mut trials: Vec<Trial> =
        prepared.into_iter().map(Arc::new).flat_map(|prepared| trials(&prepared)).collect();
    trials.push(Trial::test("docs/threats.md", move || to_failed(document::compare(&documented))));
    libtest_mimic::run(&arguments, trials).exit()
}

/// Whether the filter on the command line can match a test of this attack.
fn is_wanted(arguments: &Arguments, attack: &Attack) -> bool {
    arguments.filter.as_ref().is_none_or(|filter| {
        let directory = filter.split("::").next().unwrap_or_default();
        attack.name.contains(directory)
    })
}

/// Rewrites and builds what the attempts need.
fn prepare(prepared: &mut Prepared) {
    let text = |error: anyhow::Error| format!("{error:#}");
    let case = &prepared.attack.case;
    let plan = &prepared.attack.plan;
    let rewritten = rewrite(case, &paths::attack_scratch().join(&prepared.attack.name))
        .and_then(|rewritten| match rewritten.accepted {
            true => Ok(rewritten),
            false => Err(anyhow!("the rewriter refused it:\n{}", rewritten.messages)),
        })
        .map_err(text);
    let make = |variant| match &rewritten {
        Ok(rewritten) => build(case, rewritten, plan.compiler, variant).map_err(text),
        Err(error) => Err(error.clone()),
    };
    let protected = make(Variant::Compartments);
    for control in plan.attempt.iter().map(|attempt| &attempt.control) {
        let program = protected.clone();
        match control {
            Control::Without(codes) => {
                let copied =
                    program.and_then(|program| unguarded::copy(&program, codes).map_err(text));
                prepared.programs.insert(Program::Without(codes.clone()), copied);
            }
            Control::Scrub(level) => {
                let copied = program.and_then(|program| {
                    let rewritten = rewritten.as_ref().map_err(Clone::clone)?;
                    with_scrub(case, rewritten, plan.compiler, &program, level).map_err(text)
                });
                prepared.programs.insert(Program::Scrub(level.clone()), copied);
            }
            Control::Plain | Control::None(_) => {}
        }
    }
    prepared.programs.insert(Program::Protected, protected);
    if !names(&prepared.attack, &Program::Plain).is_empty() {
        prepared.programs.insert(Program::Plain, make(Variant::Plain));
    }
}

/// What this program has to do.
fn names(attack: &Attack, program: &Program) -> Vec<String> {
    let plan = &attack.plan;
    let benign = |plain: bool| plan.benign.iter().filter(move |benign| !plain || benign.plain);
    let is_control = |attempt: &&Attempt| match (&attempt.control, program) {
        (_, Program::Protected) | (Control::Plain, Program::Plain) => true,
        (Control::Without(codes), Program::Without(removed)) => codes == removed,
        (Control::Scrub(level), Program::Scrub(built)) => level == built,
        _ => false,
    };
    let attempts = plan.attempt.iter().filter(is_control).map(|attempt| attempt.name.clone());
    let benign: Vec<String> = match program {
        Program::Plain => benign(true).map(|benign| benign.name.clone()).collect(),
        Program::Protected => benign(false).map(|benign| benign.name.clone()).collect(),
        Program::Without(_) | Program::Scrub(_) => Vec::new(),
    };
    benign.into_iter().chain(attempts).collect()
}

/// Runs all programs on one machine, in one boot.
fn run_all(prepared: &mut [Prepared]) -> Result<()> {
    let machine = Machine::pick()?;
    eprintln!("attacks run on {machine}");
    let settings =
        Settings { progress: Box::new(|text| eprintln!("{text}")), ..Settings::default() };
    let session = Session::new(machine, settings);
    let mut batch = Batch::new();
    let mut owners = Vec::new();
    for (index, prepared) in prepared.iter().enumerate() {
        for (program, path) in &prepared.programs {
            let Ok(path) = path else { continue };
            batch.push(job(&prepared.attack, program, path)?);
            owners.push((index, program.clone()));
        }
    }
    batch.run(&session, |number, result| {
        let (index, program) = owners[number].clone();
        let printed = result.map_err(|error| error.to_string());
        let printed = printed.and_then(|outcome| entries(&outcome).map_err(|e| format!("{e:#}")));
        prepared[index].printed.insert(program, printed);
    });
    Ok(())
}

fn job(attack: &Attack, program: &Program, path: &Path) -> Result<Job> {
    let job = Job::new(path).args(names(attack, program)).time_limit(Duration::from_secs(900));
    if !attack.plan.targets || *program == Program::Plain {
        return Ok(job);
    }
    let list = targets::write(path)?;
    Ok(job.env("TARGETS", &list).file(list))
}

fn trials(prepared: &Arc<Prepared>) -> Vec<Trial> {
    let name = &prepared.attack.name;
    let plan = &prepared.attack.plan;
    let benign = plan.benign.iter().enumerate().map(|(number, benign)| {
        let shared = Arc::clone(prepared);
        Trial::test(format!("{name}::{}", benign.name), move || {
            to_failed(benign_works(&shared, number))
        })
    });
    let attempts = plan.attempt.iter().enumerate().map(|(number, attempt)| {
        let shared = Arc::clone(prepared);
        Trial::test(format!("{name}::{}", attempt.name), move || {
            to_failed(is_as_planned(&shared, number))
        })
    });
    benign.chain(attempts).collect()
}

fn to_failed(result: Result<()>) -> Result<(), Failed> {
    result.map_err(|error| Failed::from(format!("{error:#}")))
}

/// What a program printed about an attempt.
fn printed<'a>(prepared: &'a Prepared, program: &Program, name: &str) -> Result<&'a Entry> {
    let built = prepared.programs.get(program).context("it was not built")?;
    built.as_ref().map_err(|error| anyhow!("{program:?}: {error}"))?;
    let printed = prepared.printed.get(program).context("it was not run")?;
    find(printed.as_ref().map_err(|error| anyhow!("{program:?}: {error}"))?, name)
}

fn benign_works(prepared: &Prepared, number: usize) -> Result<()> {
    let benign = &prepared.attack.plan.benign[number];
    let protected = printed(prepared, &Program::Protected, &benign.name)?;
    let plain = match benign.plain {
        true => Some(printed(prepared, &Program::Plain, &benign.name)?),
        false => None,
    };
    check_benign(benign, protected, plain)
}

fn is_as_planned(prepared: &Prepared, number: usize) -> Result<()> {
    let attempt = &prepared.attack.plan.attempt[number];
    let control = match &attempt.control {
        Control::Plain => Some(Program::Plain),
        Control::Without(codes) => Some(Program::Without(codes.clone())),
        Control::Scrub(level) => Some(Program::Scrub(level.clone())),
        Control::None(_) => None,
    };
    if let Some(program) = control {
        check_control(printed(prepared, &program, &attempt.name)?)
            .with_context(|| format!("{program:?}"))?;
    }
    check_attempt(attempt, printed(prepared, &Program::Protected, &attempt.name)?)
}
