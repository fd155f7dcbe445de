//! `abi-fuzz`: builds and runs random programs until one fails.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use abi::Vectors;
use abi_pairs::config::Compilers;
use abi_pairs::program::{Options, Program};
use abi_pairs::toolchain::{self, Protection};
use anyhow::{Context, Result, bail};
use clap::Parser;

/// Random callers and callees that call each other through gates, natively, without protection.
#[derive(Parser)]
struct Arguments {
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many programs, each with the next seed
    #[arg(long, default_value_t = 1)]
    programs: u64,
    /// Functions in a program
    #[arg(long, default_value_t = 40)]
    functions: usize,
    /// Random calls from each compartment and thread
    #[arg(long, default_value_t = 2000)]
    calls: u64,
    /// Threads
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Keep the sources and the program here
    #[arg(long)]
    keep: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("abi-fuzz: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let compilers = Compilers::find()?;
    let mut total = Total::default();
    for seed in arguments.seed..arguments.seed + arguments.programs {
        let temporary = tempfile::tempdir()?;
        let directory = arguments.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
        let options = Options { seed, functions: arguments.functions, widest: widest_vectors() };
        let program = Program::new(options, &compilers);
        let built = toolchain::build(&program, &compilers, Protection::Remembered, &directory);
        let executable = match built {
            Err(error) if toolchain::is_compiler_crash(&error) => {
                println!("seed {seed}: left out, for the compiler crashes: {error}");
                total.left_out += 1;
                continue;
            }
            built => built.with_context(|| format!("seed {seed}"))?,
        };
        let output = Command::new(executable)
            .args([seed, arguments.calls, arguments.threads].map(|number| number.to_string()))
            .output()?;
        let configs: Vec<String> = program.configs.iter().map(ToString::to_string).collect();
        let (functions, gates) = (program.functions.len(), program.calls.len());
        if !output.status.success() {
            bail!(
                "seed {seed} ({}): {}\n{}",
                configs.join(", "),
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let calls = text.trim().strip_suffix(" calls").and_then(|number| number.parse().ok());
        total.add(functions, gates, calls.context("the program does not count its calls")?);
        println!(
            "seed {seed}: {functions} functions, {gates} gates, {} ({}; scrub {})",
            text.trim(),
            configs.join(", "),
            program.scrub.name()
        );
    }
    println!("{total}");
    Ok(())
}

/// What was run.
#[derive(Default)]
struct Total {
    programs: usize,
    functions: usize,
    gates: usize,
    calls: u64,
    left_out: usize,
}

impl Total {
    fn add(&mut self, functions: usize, gates: usize, calls: u64) {
        self.programs += 1;
        self.functions += functions;
        self.gates += gates;
        self.calls += calls;
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Total { programs, functions, gates, calls, left_out } = self;
        write!(f, "{programs} programs with {functions} functions, {gates} gates, {calls} calls")?;
        match left_out {
            0 => Ok(()),
            _ => write!(f, "; {left_out} left out, for the compiler crashes"),
        }
    }
}

/// The widest vectors of this machine.
fn widest_vectors() -> Vectors {
    if std::arch::is_x86_feature_detected!("avx512f") {
        Vectors::Avx512
    } else if std::arch::is_x86_feature_detected!("avx") {
        Vectors::Avx
    } else {
        Vectors::Sse
    }
}
