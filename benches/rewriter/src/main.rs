//! `rewriter-bench`: CPU time and memory of the rewriter, beside `clang -fsyntax-only` over the same
//! files in the same round.

mod measure;
mod project;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::measure::Workload;
use crate::project::Project;

/// What rewriting costs.
#[derive(Parser)]
struct Arguments {
    /// The rewriter
    #[arg(long)]
    rewriter: PathBuf,
    /// Folder with sqlite3.c and shell.c
    #[arg(long)]
    sqlite: PathBuf,
    /// Sources of the generated project
    #[arg(long, default_value_t = 1000)]
    sources: usize,
    /// How often everything is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Write raw figures, table and plot into this folder
    #[arg(long)]
    results: Option<PathBuf>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((first, rest)) if first == measure::ALONE => measure::alone(rest),
        _ => run(&Arguments::parse()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rewriter-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let rewriter = arguments.rewriter.canonicalize()?;
    let projects = [
        Project::sqlite(&scratch.path().join("sqlite"), &arguments.sqlite)?,
        Project::generated(&scratch.path().join("many"), arguments.sources)?,
    ];
    let mut figures = Vec::new();
    for round in 0..arguments.rounds {
        for project in &projects {
            eprintln!("round {}, {}", round + 1, project.name);
            figures.extend(Workload { project, rewriter: &rewriter, round }.measure()?);
        }
    }
    let report = report::Report::new(&figures, arguments.rounds)?;
    println!("{report}");
    if let Some(folder) = &arguments.results {
        fs_err::create_dir_all(folder)?;
        fs_err::write(folder.join("raw.tsv"), measure::raw(&figures))?;
        fs_err::write(folder.join("table.md"), report.to_string())?;
        fs_err::write(folder.join("plot.svg"), report.plot().to_string())?;
    }
    Ok(())
}
