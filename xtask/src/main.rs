//! What `./x` runs: the project's own tasks, for people and for CI.
//!
//! Each task is a module with a `run` function and one line in [`Task`].

mod bench;
mod command;
mod corpus;
mod demo;
mod doctor;
mod fuzz;
mod needs;
mod program;
mod programs;
mod progress;
mod soak;
mod stage;
mod test;
mod vm_task;
mod workspace;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// The tasks of this project.
#[derive(Parser)]
#[command(name = "x", bin_name = "./x", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Runs a benchmark and prints its table; without a name, lists them
    Bench(bench::Arguments),
    /// Shows a real exploit that leaks from the plain program and is stopped in compartments
    Demo,
    /// Shows every outside thing this project uses: found where, or missing; and what it is for
    Doctor,
    /// Builds real programs in compartments, and runs their own tests
    Corpus(corpus::Arguments),
    Fuzz(fuzz::Arguments),
    Programs(programs::Arguments),
    /// Runs threads, signals, forks and allocation at random, for an hour or as long as one says
    Soak(soak::Arguments),
    /// Builds what users' builds refer to, below build/
    Stage,
    /// Runs all checks and tests; the last line is "N passed, N failed"
    Test(test::Arguments),
    /// Runs a program where the CPU has protection keys: here if it does, else in QEMU
    Vm(vm_task::Arguments),
}

fn main() -> ExitCode {
    let Some(task) = Arguments::parse().task else {
        // Without a task, the help is the answer, not an error.
        return match Arguments::command().print_help() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    };
    let result = match task {
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Demo => demo::run(),
        Task::Doctor => doctor::run(),
        Task::Corpus(arguments) => corpus::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::Programs(arguments) => programs::run(&arguments),
        Task::Soak(arguments) => soak::run(&arguments),
        Task::Stage => stage::run(),
        Task::Test(arguments) => test::run(&arguments),
        Task::Vm(arguments) => return vm_task::run(arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("x: {error:#}");
        ExitCode::FAILURE
    })
}
