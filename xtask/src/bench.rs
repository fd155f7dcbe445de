//! `./x bench`: runs a benchmark. Each is a folder below `benches/` with a script `run`, which builds
//! what it measures and prints a table, raw figures on standard error.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::shown;
use crate::workspace::root;

/// Runs a benchmark and prints its table; without a name, lists them.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Which one
    name: Option<String>,
    /// Passed on, for instance the workloads to run; `--help` shows what there is
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Runs the benchmark that was named.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let known = names()?;
    let Some(name) = &arguments.name else {
        known.iter().for_each(|name| println!("{name}"));
        return Ok(ExitCode::SUCCESS);
    };
    if !known.contains(name) {
        bail!("no benchmark {name}; there is: {}", known.join(", "));
    }
    let mut command = Command::new(root().join("benches").join(name).join("run"));
    command.args(&arguments.arguments);
    let status = command.status().with_context(|| format!("cannot run `{}`", shown(&command)))?;
    // What ended it by a signal has no code.
    Ok(u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The folders with a script, in order.
fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(root().join("benches"))? {
        let entry = entry?;
        if entry.path().join("run").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmark_of_the_heaps_is_found() {
        assert!(names().unwrap().contains(&"heap".to_owned()));
    }

    #[test]
    fn an_unknown_one_is_refused_with_those_there_are() {
        let arguments = Arguments { name: Some("speed".to_owned()), arguments: Vec::new() };
        let error = run(&arguments).unwrap_err().to_string();
        assert!(
            error.contains("no benchmark speed; there is: ") && error.contains("heap"),
            "{error}"
        );
    }
}
