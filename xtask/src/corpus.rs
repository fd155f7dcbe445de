//! `./x corpus`: the rewriter over real sources, every function-pointer type opaque.
//!
//! Each folder below `tests/corpus/` is a recipe like those of `programs/`, with everything in one
//! compartment. Its sources are rewritten as they are and preprocessed, by one process and with each source's
//! facts from a process of its own. What comes out is compiled by gcc and clang with IA2_ENABLE 0 and
//! 1, and with 0 it must pass the program's own tests.

mod build;
mod forms;
mod rewrite;

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use clap::Args;

use self::build::Builder;
use self::forms::Form;
use self::rewrite::Rewritten;
use crate::needs::{self, For};
use crate::program::recipe::Recipe;
use crate::program::tree::Tree;
use crate::progress::Progress;
use crate::stage;
use crate::test::Count;
use crate::workspace::root;

/// Rewrites real sources with every function-pointer type opaque, and tests what comes of them.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Only these: folders below tests/corpus/; all by default
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Rewrites and tests the sources.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let recipes = recipes(&arguments.names)?;
    needs::ensure(For::Programs)?;
    stage::run()?;
    let progress = Progress::new();
    let count = run_all(&recipes, &progress);
    println!("{count}");
    Ok(if count.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same as a part of the test run.
pub(crate) fn test(progress: &Progress) -> Result<Count> {
    Ok(run_all(&recipes(&[])?, progress))
}

fn recipes(names: &[String]) -> Result<Vec<Recipe>> {
    let mut recipes = Vec::new();
    for entry in fs_err::read_dir(root().join("tests/corpus"))? {
        recipes.push(Recipe::read(&entry?.path())?);
    }
    recipes.sort_by(|a, b| a.name.cmp(&b.name));
    for name in names {
        if !recipes.iter().any(|recipe| recipe.name == *name) {
            let known: Vec<_> = recipes.iter().map(|recipe| recipe.name.as_str()).collect();
            bail!("no sources {name}; there are: {}", known.join(", "));
        }
    }
    recipes.retain(|recipe| names.is_empty() || names.contains(&recipe.name));
    Ok(recipes)
}

/// Tries all of them, whatever fails.
fn run_all(recipes: &[Recipe], progress: &Progress) -> Count {
    let mut count = Count::default();
    for recipe in recipes {
        let before = count;
        if let Err(error) = run_one(recipe, progress, &mut count) {
            progress.keep(&format!("{}: {error:#}", recipe.name));
            count += Count::FAILED;
        }
        if count == before {
            progress.keep(&format!("{}: nothing was tested", recipe.name));
            count += Count::FAILED;
        }
    }
    count
}

fn run_one(recipe: &Recipe, progress: &Progress, count: &mut Count) -> Result<()> {
    let name = &recipe.name;
    let step = |text: &str| progress.step(&format!("{name}: {text}"));
    let folder = root().join("target/corpus").join(name);
    step("unpacking it");
    let tree = Tree::prepare(recipe, &[], &folder, &step)?;
    for program in recipe.text.programs.keys() {
        let program = tree.program(program)?;
        step("building it as it is");
        let builder = Builder::new(recipe, &program)?;
        let plain = builder.plain()?;
        for form in Form::all()? {
            step(&format!("rewriting {form}"));
            let rewritten = Rewritten::new(&program, &form)?;
            progress.keep(&format!("{name}, {form}: {}", rewritten.counts()?));
            rewritten.check_linked_facts()?;
            *count += Count::PASSED;
            for compiler in form.compilers()? {
                step(&format!("{form}, IA2_ENABLE 1, {compiler}"));
                builder.compile(&rewritten, &compiler, "1")?;
                *count += Count::PASSED;
                step(&format!("{form}, IA2_ENABLE 0, {compiler}"));
                let disabled = builder.compile(&rewritten, &compiler, "0")?;
                let outputs = disabled.link_and_test()?;
                ensure!(
                    outputs == plain,
                    "{form}, {compiler}: its tests print\n{outputs:#?}\ninstead of\n{plain:#?}"
                );
                progress.keep(&format!(
                    "{name}, {form}, {compiler}: compiles with IA2_ENABLE 0 and 1, {} of its tests pass",
                    outputs.len()
                ));
                *count += Count::PASSED;
            }
        }
    }
    Ok(())
}
