//! Running jobs on this machine.

use std::fs;
use std::io::{self, Seek, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use vm_shared::supervise::{End, Stream, kill_group, supervise};

use crate::before_exec::die_with_starter;
use crate::error::Error;
use crate::job::{Job, Outcome, Status, User};
use crate::plan::Plan;

/// Runs a job to its end.
pub(crate) fn run(
    job: &Job,
    plan: &Plan,
    on_output: &mut dyn FnMut(Stream, &[u8]),
) -> Result<Outcome, Error> {
    if job.user == User::GuestRoot {
        return Err(Error::EmulatorOnly);
    }
    let mut command = Command::new(&plan.program);
    command.arg0(&job.program).args(&job.args).current_dir(&plan.cwd);
    command.env_clear().envs(job.env.iter().map(|(name, value)| (name, value)));
    command.stdin(standard_input(&job.stdin).map_err(Error::system("standard input"))?);
    die_with_starter(&mut command);
    let run = supervise(command, job.time_limit, &kill_group, on_output).map_err(|error| {
        Error::NotStarted { program: plan.program.clone(), reason: error.to_string() }
    })?;
    let status = match run.end {
        End::Exited(status) => Status::Exited(status),
        End::Signaled(signal) => Status::Signaled(signal),
        End::TimedOut => Status::TimedOut,
        End::TooMuchOutput => return Err(Error::TooMuchOutput),
    };
    let mut fetched = Vec::new();
    for path in &plan.fetch {
        fetched.push(match fs::read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::file(path)(error)),
        });
    }
    let (stdout, stderr) = (Vec::new(), Vec::new());
    Ok(Outcome { status, stdout, stderr, duration: run.duration, fetched })
}

/// A nameless file, as in the emulator: the program may read it at its own pace or not at all.
fn standard_input(bytes: &[u8]) -> io::Result<Stdio> {
    if bytes.is_empty() {
        return Ok(Stdio::null());
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(Stdio::from(file))
}
