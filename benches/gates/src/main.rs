//! `gate-bench`: what calls through gates cost, beside plain calls, the least that two switches can
//! cost, and calls of other processes.
//!
//! No CPU with protection keys is needed: gates are made with WRPKRU replaced by nothing and by a
//! delay of its published cost, and both kinds are measured in turn in one run. Instructions and
//! memory accesses are counted on the gates as they are shipped, by stepping through one call.

mod build;
mod count;
mod instead;
mod measure;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// What calls through gates cost.
#[derive(Parser)]
struct Arguments {
    /// How often everything is measured
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Write raw figures, table and plot into this folder
    #[arg(long)]
    results: Option<PathBuf>,
    /// Leave what is built in this folder, which is empty
    #[arg(long)]
    keep: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gate-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let directory = arguments.keep.as_deref().unwrap_or(temporary.path());
    fs_err::create_dir_all(directory)?;
    let worker = build::Worker::build(directory)?;
    let counts = count::all(&worker)?;
    let times = measure::all(&worker, arguments.rounds)?;
    let parts = measure::parts(&worker, arguments.rounds)?;
    let figures = report::Measured {
        with_avx: measure::with_avx(&worker, arguments.rounds)?,
        instead: measure::instead(&worker, arguments.rounds)?,
        instead_counts: count::instead(&worker)?,
        by_cpu: count::by_cpu(&worker)?,
        times,
        counts,
        parts,
    };
    let report = report::Report::new(&figures)?;
    println!("{report}");
    if let Some(folder) = &arguments.results {
        fs_err::create_dir_all(folder)?;
        fs_err::write(folder.join("times.tsv"), measure::raw(&figures.times))?;
        fs_err::write(folder.join("parts.tsv"), measure::raw_parts(&figures))?;
        fs_err::write(folder.join("counts.tsv"), count::raw(&figures.counts))?;
        fs_err::write(folder.join("table.md"), report.to_string())?;
        fs_err::write(folder.join("plot.svg"), report.plot().to_string())?;
    }
    Ok(())
}
