//! `pad-tls`: grows the TLS segment of shared objects so that their TLS pages can carry a key.
//!
//! What is changed in a file, and why that works, is in `elf::TlsPadding`; here are arguments, files
//! and messages. All files are checked before the first one is changed.
//!
//! Exit status: 0 all files are padded or need no padding; 1 an error, and no file was changed;
//! 2 wrong usage.

mod args;
mod error;
mod inspect;
mod replace;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, MissingTls};
use crate::error::Failure;
use crate::inspect::{Inspected, Outcome};
use crate::replace::Replacement;

fn main() -> ExitCode {
    let args = Args::parse();
    let (inspected, failures) = inspect::all(&args.files, args.missing_tls());
    if !failures.is_empty() {
        return refuse(&failures, &args);
    }
    let staged = match stage_all(&inspected) {
        Ok(staged) => staged,
        Err(failure) => return refuse(&[failure], &args),
    };
    match replace::commit_all(staged) {
        Ok(()) => report(&inspected),
        Err(aborted) if aborted.not_undone.is_empty() => refuse(&[aborted.cause], &args),
        Err(aborted) => {
            print_errors(std::iter::once(&aborted.cause).chain(&aborted.not_undone));
            ExitCode::FAILURE
        }
    }
}

/// Prepares the change of every file that needs one.
fn stage_all(inspected: &[Inspected]) -> Result<Vec<Replacement<'_>>, Failure> {
    let mut staged = Vec::new();
    for file in inspected {
        if let Outcome::Grow { edit, contents } = &file.outcome {
            staged.push(Replacement::stage(&file.path, edit, contents)?);
        }
    }
    Ok(staged)
}

/// Ends without having changed a file.
fn refuse(failures: &[Failure], args: &Args) -> ExitCode {
    print_errors(failures);
    if args.files.len() > 1 {
        eprintln!("pad-tls: no file was changed");
    }
    ExitCode::FAILURE
}

fn print_errors<'a>(failures: impl IntoIterator<Item = &'a Failure>) {
    for failure in failures {
        eprintln!("pad-tls: error: {failure}");
    }
}

fn report(inspected: &[Inspected]) -> ExitCode {
    let mut out = io::stdout().lock();
    for file in inspected {
        if let Err(error) = writeln!(out, "{}: {}", file.path.display(), file.outcome) {
            eprintln!("pad-tls: error: cannot write to standard output: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
