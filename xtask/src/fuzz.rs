//! `./x fuzz`: the property tests of parsers and of the rewriter's parts, with more and other values
//! than in the test run, and random programs.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{cargo, shown};
use crate::workspace::root;

/// What can be fuzzed: a name, and the arguments of `cargo test` for it.
const TARGETS: [(&str, &[&str]); 4] = [
    // Compared with clang, a shell and gcc.
    ("commands", &["--package", "compdb"]),
    // Compared with clang.
    ("tokens", &["--package", "rewrite", "--test", "tokens"]),
    ("edits", &["--package", "rewrite", "--test", "edits"]),
    // Compared with what they do without compartments; `./x stage` must have been run.
    ("programs", &["--package", "harness", "--test", "generated"]),
];

/// Tries random inputs: compile commands, C text, edits, whole programs.
#[derive(Args)]
pub(crate) struct Arguments {
    /// commands, tokens, edits or programs; all by default
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// The same seed tries the same inputs [default: from the clock]
    #[arg(long)]
    seed: Option<u64>,
    /// How many inputs each property is tried with
    #[arg(long, default_value_t = 10_000)]
    cases: u32,
}

/// Runs the tests with the seed and as many cases as wanted.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let seed = match arguments.seed {
        Some(seed) => seed,
        None => std::time::UNIX_EPOCH.elapsed().context("the clock is wrong")?.as_secs(),
    };
    let is_known = |target: &String| TARGETS.iter().any(|(name, _)| name == target);
    if let Some(unknown) = arguments.targets.iter().find(|target| !is_known(target)) {
        bail!("no target {unknown}; there is: {}", TARGETS.map(|(name, _)| name).join(", "));
    }
    let is_wanted = |name: &str| {
        arguments.targets.is_empty() || arguments.targets.iter().any(|target| target == name)
    };
    println!("seed {seed}, {} cases", arguments.cases);
    let mut code = ExitCode::SUCCESS;
    for (name, test) in TARGETS.into_iter().filter(|(name, _)| is_wanted(name)) {
        let (seed, cases) = (seed.to_string(), arguments.cases.to_string());
        let mut command = cargo(root());
        command
            .arg("test")
            .args(test)
            .env("PROPTEST_RNG_SEED", &seed)
            .env("PROPTEST_CASES", &cases)
            .env("IA2_GENERATED_SEED", &seed)
            .env("IA2_GENERATED_COUNT", &cases);
        let status = command.status().with_context(|| format!("cannot run {}", shown(&command)))?;
        if !status.success() {
            eprintln!("x: again with `./x fuzz {name} --seed {seed} --cases {cases}`");
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}
