//! `abi-fuzz`: builds and runs random programs until one fails.

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
    for seed in arguments.seed..arguments.seed + arguments.programs {
        let temporary = tempfile::tempdir()?;
        let directory = arguments.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
        let options = Options { seed, functions: arguments.functions, widest: widest_vectors() };
        let program = Program::new(options, &compilers);
        let executable = toolchain::build(&program, &compilers, Protection::Remembered, &directory)
            .with_context(|| format!("seed {seed}"))?;
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
        println!(
            "seed {seed}: {functions} functions, {gates} gates, {} ({}; scrub {})",
            String::from_utf8_lossy(&output.stdout).trim(),
            configs.join(", "),
            program.scrub.name()
        );
    }
    Ok(())
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
