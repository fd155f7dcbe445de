//! Random programs do the same rewritten as plainly, with IA2_ENABLE 0 and in compartments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use generator::Histogram;
use harness::build::{Compiler, Variant, build};
use harness::generated::{PACK, Prepared, Wanted, prepare};
use harness::paths;
use libtest_mimic::{Arguments, Failed, Trial};
use rayon::prelude::*;
use vm::{Batch, Job, Machine, Session, Settings};

/// A pack, built by one compiler.
struct Tried {
    index: usize,
    numbers: BTreeSet<usize>,
    compiler: Compiler,
    prepared: Result<(Prepared, BTreeMap<Variant, PathBuf>)>,
    /// What the compartmentalized program printed.
    output: Result<String, String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let wanted = Wanted::from_environment()?;
    let packs = if arguments.list { BTreeMap::new() } else { wanted.packs() };
    eprintln!(
        "{} random programs of seed {}",
        packs.values().map(BTreeSet::len).sum::<usize>(),
        wanted.seed
    );
    let mut tried: Vec<Tried> = packs
        .into_par_iter()
        .map(|(index, numbers)| {
            // Each pack with one compiler: what they disagree about shows in any case.
            let compiler = Compiler::ALL[index % Compiler::ALL.len()];
            let prepared = prepare_and_build(&wanted, &numbers, compiler, index);
            Tried { index, numbers, compiler, prepared, output: Err("it was not run".to_owned()) }
        })
        .collect();
    run_all(&mut tried)?;
    let mut histogram = Histogram::default();
    let mut refused = BTreeMap::new();
    for (prepared, _) in tried.iter().filter_map(|tried| tried.prepared.as_ref().ok()) {
        histogram.add(&prepared.histogram);
        refused.extend(prepared.refused.clone());
    }
    eprint!("{histogram}");
    let mut trials: Vec<Trial> = tried
        .into_iter()
        .map(|tried| {
            let wanted = wanted.clone();
            let name = format!("pack {} ({})", tried.index, tried.compiler.name());
            Trial::test(name, move || to_failed(check(&wanted, tried)))
        })
        .collect();
    let is_whole = wanted.only.is_none() && !arguments.list;
    if is_whole {
        trials.push(Trial::test("every construct is used", move || {
            to_failed(every_construct(&histogram))
        }));
    }
    trials.push(Trial::test("nothing is refused", move || {
        to_failed(if refused.is_empty() { Ok(()) } else { Err(anyhow!("{refused:#?}")) })
    }));
    libtest_mimic::run(&arguments, trials).exit()
}

fn to_failed(result: Result<()>) -> Result<(), Failed> {
    result.map_err(|error| Failed::from(format!("{error:#}")))
}

fn prepare_and_build(
    wanted: &Wanted,
    numbers: &BTreeSet<usize>,
    compiler: Compiler,
    index: usize,
) -> Result<(Prepared, BTreeMap<Variant, PathBuf>)> {
    let directory = paths::scratch().with_file_name("generated").join(format!("pack{index}"));
    let prepared = prepare(wanted, numbers, &directory)?;
    let mut programs = BTreeMap::new();
    for variant in Variant::ALL {
        programs.insert(variant, build(&prepared.case, &prepared.rewritten, compiler, variant)?);
    }
    Ok((prepared, programs))
}

/// Runs the compartmentalized programs where there are keys.
fn run_all(tried: &mut [Tried]) -> Result<()> {
    let settings =
        Settings { progress: Box::new(|text| eprintln!("{text}")), ..Settings::default() };
    let session = Session::new(Machine::pick()?, settings);
    let mut batch = Batch::new();
    let mut owners = Vec::new();
    for (index, tried) in tried.iter().enumerate() {
        if let Ok((_, programs)) = &tried.prepared {
            let job = Job::new(&programs[&Variant::Compartments]);
            batch.push(job.time_limit(Duration::from_secs(300)));
            owners.push(index);
        }
    }
    batch.run(&session, |number, outcome| {
        tried[owners[number]].output = outcome.map_err(|error| error.to_string()).map(|outcome| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            // What it says about its end belongs to the program that was running.
            format!("{}\n{:?}\n{}", text(&outcome.stdout), outcome.status, text(&outcome.stderr))
        });
    });
    Ok(())
}

/// All lines must be the same.
fn check(wanted: &Wanted, tried: Tried) -> Result<()> {
    let (prepared, programs) = tried.prepared?;
    let plain = run(&programs[&Variant::Plain])?;
    let lines = lines(&plain);
    ensure!(
        lines.len() == prepared.programs.len() && prepared.programs.is_subset(&tried.numbers),
        "the plain program does not print a line for each of {:?}:\n{plain}",
        prepared.programs
    );
    same(wanted, &lines, &run(&programs[&Variant::Disabled])?).context("with IA2_ENABLE 0")?;
    let output = tried.output.map_err(|error| anyhow!("{error}"))?;
    same(wanted, &lines, &output).context("in compartments")
}

/// Runs a program that needs no keys.
fn run(program: &std::path::Path) -> Result<String> {
    let output = Command::new(program).output()?;
    ensure!(output.status.success(), "{}: {}", program.display(), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// Programs and their checksums.
fn lines(text: &str) -> BTreeMap<usize, &str> {
    let line = |line: &'_ str| {
        let (name, checksum) = line.split_once(' ')?;
        Some((name.strip_prefix('p')?.parse().ok()?, checksum.len()))
    };
    text.lines()
        .filter_map(|text| {
            line(text).map(|(program, length)| (program, &text[text.len() - length..]))
        })
        .collect()
}

fn same(wanted: &Wanted, expected: &BTreeMap<usize, &str>, output: &str) -> Result<()> {
    let found = lines(output);
    let different: Vec<String> = expected
        .iter()
        .filter(|(program, checksum)| found.get(program).is_some_and(|found| found != *checksum))
        .map(|(&program, _)| format!("p{program} differs: {}", wanted.replay(program)))
        .collect();
    ensure!(different.is_empty(), "{}", different.join("\n"));
    let Some(missing) = expected.keys().find(|program| !found.contains_key(program)) else {
        return Ok(());
    };
    let end: Vec<&str> = output.lines().skip(found.len()).collect();
    bail!("it ended in p{missing}: {}\n{}", wanted.replay(*missing), end.join("\n"))
}

/// A construct that no program uses is not tested.
fn every_construct(histogram: &Histogram) -> Result<()> {
    let constructs = histogram.constructs().count();
    let all = generator::CONSTRUCTS;
    ensure!(constructs == all, "{constructs} constructs instead of {all}");
    ensure!(histogram.of("kept elsewhere") >= PACK, "pointers hardly cross");
    Ok(())
}
