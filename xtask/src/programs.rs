//! `./x programs`: real programs from Debian's sources, in compartments, pass their own tests.

mod named;
mod tests;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use vm::{Batch, Machine, Outcome, Session, Settings};

use crate::needs::{self, For};
use crate::program::build::{Variant, build};
use crate::program::recipe::Recipe;
use crate::program::tree::{Patch, Tree};
use crate::progress::Progress;
use crate::stage;
use crate::test::Count;
use crate::workspace::root;
use tests::Trial;

/// Builds real programs from Debian's sources, compartmentalizes them, and runs their own tests.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Only these: folders below programs/, or FOLDER/PROGRAM; all by default
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Instead, run the unchanged sources in permissive mode, say what they share, and check that it
    /// is what the recipe's patches share
    #[arg(long)]
    permissive: bool,
}

/// How often a site is counted before its page is lent to it: enough to name all it touches, few enough
/// for an emulator.
const LEND_AFTER: &str = "50";
/// How much more time a test may take in permissive mode.
const SLOWER: u64 = 12;

/// Builds and tests the programs.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let recipes = recipes(&arguments.names)?;
    needs::ensure(For::Programs)?;
    stage::run()?;
    let progress = Progress::new();
    let count = if arguments.permissive {
        run_trials(&recipes, Variant::Permissive, &progress)?
    } else {
        run_trials(&recipes, Variant::Compartments, &progress)?
    };
    println!("{count}");
    Ok(if count.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same as a part of the test run.
pub(crate) fn test(progress: &Progress) -> Result<Count> {
    run_trials(&recipes(&[])?, Variant::Compartments, progress)
}

/// The recipes of these names, with those programs only that are named; or all.
fn recipes(names: &[String]) -> Result<Vec<Recipe>> {
    let mut recipes = Vec::new();
    for entry in fs_err::read_dir(root().join("programs"))? {
        recipes.push(Recipe::read(&entry?.path())?);
    }
    recipes.sort_by(|a, b| a.name.cmp(&b.name));
    for name in names {
        let is_known = |recipe: &Recipe| {
            let programs = recipe.text.programs.keys();
            recipe.name == *name
                || programs.map(|key| recipe.full_name(key)).any(|full| full == *name)
        };
        if !recipes.iter().any(is_known) {
            let known: Vec<_> = recipes.iter().map(|recipe| recipe.name.as_str()).collect();
            bail!("no program {name}; the programs are in: {}", known.join(", "));
        }
    }
    if !names.is_empty() {
        for recipe in &mut recipes {
            let folder = recipe.name.clone();
            let is_wanted = |program: &String| {
                names.contains(&folder) || names.contains(&format!("{folder}/{program}"))
            };
            recipe.text.programs.retain(|program, _| is_wanted(program));
        }
        recipes.retain(|recipe| !recipe.text.programs.is_empty());
    }
    Ok(recipes)
}

/// Builds the programs, runs their tests, and compares this variant with the plain one.
fn run_trials(recipes: &[Recipe], variant: Variant, progress: &Progress) -> Result<Count> {
    let mut count = Count::default();
    let mut trials = Vec::new();
    let mut fail = |what: &str, error: &anyhow::Error| {
        progress.keep(&format!("{what}: {error:#}"));
        count += Count::FAILED;
    };
    for recipe in recipes {
        progress.step(&recipe.text.about);
        let sources = match Sources::prepare(recipe, variant, progress) {
            Ok(sources) => sources,
            Err(error) => {
                fail(&recipe.name, &error);
                continue;
            }
        };
        for program in recipe.text.programs.keys() {
            match sources.trials(program, variant, progress) {
                Ok(more) => trials.extend(more),
                Err(error) => fail(&recipe.full_name(program), &error),
            }
        }
    }
    let mut summaries: BTreeMap<&str, String> = BTreeMap::new();
    for (trial, outcomes) in trials.iter().zip(run_all(&trials, progress)?) {
        let what = format!("{}: {}", trial.program, trial.test.name);
        let result = outcomes.and_then(|(plain, other)| {
            if variant == Variant::Permissive {
                let summary = tests::summary(&other);
                progress.keep(&summary);
                let folder = trial.program.split('/').next().unwrap_or_default();
                summaries.entry(folder).or_default().push_str(&summary);
            }
            tests::compare(trial.test, &plain, &other)
        });
        match result {
            Ok(()) => {
                progress.keep(&format!("{what}: same results"));
                count += Count::PASSED;
            }
            Err(error) => {
                progress.keep(&format!("{what}: {error:#}"));
                count += Count::FAILED;
            }
        }
    }
    if variant == Variant::Permissive {
        for recipe in recipes.iter().filter(|recipe| recipe.is_whole()) {
            let summaries = summaries.get(recipe.name.as_str()).map_or("", String::as_str);
            for (place, result) in named::check(recipe, summaries)? {
                count += match result {
                    Ok(()) => Count::PASSED,
                    Err(error) => {
                        progress.keep(&format!("{}: {place}: {error:#}", recipe.name));
                        Count::FAILED
                    }
                };
            }
        }
    }
    Ok(count)
}

/// The sources of a recipe.
struct Sources<'a> {
    recipe: &'a Recipe,
    /// As upstream released them.
    original: Tree<'a>,
    /// With the recipe's patches, unless permissive mode is to find out what those are.
    patched: Tree<'a>,
}

impl<'a> Sources<'a> {
    fn prepare(recipe: &'a Recipe, variant: Variant, progress: &Progress) -> Result<Sources<'a>> {
        let step = |text: &str| progress.step(text);
        let folder = root().join("target/programs").join(&recipe.name);
        let original = Tree::prepare(recipe, &[], &folder.join("original"), &step)?;
        let patches: Vec<_> = match variant {
            Variant::Permissive => Vec::new(),
            _ => recipe.text.patches.iter().map(|name| Patch::Own(name)).collect(),
        };
        let patched = Tree::prepare(recipe, &patches, &folder.join("patched"), &step)?;
        Ok(Sources { recipe, original, patched })
    }

    /// Builds a program plain and in a variant with compartments.
    fn trials(
        &self,
        program: &str,
        variant: Variant,
        progress: &Progress,
    ) -> Result<Vec<Trial<'a>>> {
        let Sources { recipe, original, patched } = self;
        progress.step(&format!("{}: building it plain", recipe.full_name(program)));
        let plain = build(&original.program(program)?, Variant::Plain)?;
        progress.step(&format!("{}: rewriting it", recipe.full_name(program)));
        let other = build(&patched.program(program)?, variant)?;
        let parts = &recipe.text.programs[program];
        let tests = recipe.text.test.iter().enumerate().filter(|(_, test)| test.program == program);
        tests
            .map(|(number, test)| {
                let job = tests::job(test, &other, parts, patched.folder(), number)?;
                Ok(Trial {
                    program: recipe.full_name(program),
                    test,
                    plain: tests::job(test, &plain, parts, original.folder(), number)?,
                    other: match variant {
                        Variant::Permissive => job
                            .env("IA2_PERMISSIVE_LEND_AFTER", LEND_AFTER)
                            .time_limit(Duration::from_secs(test.seconds * SLOWER)),
                        _ => job,
                    },
                })
            })
            .collect()
    }
}

/// Runs all trials, in one boot.
fn run_all(trials: &[Trial<'_>], progress: &Progress) -> Result<Vec<Result<(Outcome, Outcome)>>> {
    if trials.is_empty() {
        return Ok(Vec::new());
    }
    let machine = Machine::pick()?;
    progress.step(&format!("running the tests on {machine}"));
    let session = Session::new(machine, Settings::default());
    let mut batch = Batch::new();
    for trial in trials {
        batch.push(trial.plain.clone());
        batch.push(trial.other.clone());
    }
    let mut outcomes: Vec<_> = batch.jobs().iter().map(|_| None).collect();
    batch.run(&session, |number, outcome| {
        let Trial { program, test, .. } = &trials[number / 2];
        progress.detail(&format!("{program}: {} has run", test.name));
        outcomes[number] = Some(outcome);
    });
    let mut outcomes = outcomes.into_iter();
    let mut next =
        || -> Result<Outcome> { Ok(outcomes.next().flatten().context("it did not run")??) };
    Ok(trials.iter().map(|_| Ok((next()?, next()?))).collect())
}
