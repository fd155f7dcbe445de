//! What to run, and what came of it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The search path of jobs that set none.
pub(crate) const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// One program to run, with everything it needs.
///
/// The program's libraries are found as `ld.so(8)` finds them and need not be named. Its environment
/// is what the job says, plus a default `PATH`; nothing is inherited.
#[derive(Clone, Debug)]
pub struct Job {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) cwd: Option<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) fetch: Vec<PathBuf>,
    pub(crate) stdin: Vec<u8>,
    pub(crate) time_limit: Duration,
    pub(crate) user: User,
}

/// Who runs a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum User {
    /// The user who runs this program.
    Caller,
    /// The superuser of the emulated machine. Jobs of this kind are refused outside of it.
    GuestRoot,
}

impl Job {
    /// A job that runs this program: a path, or a name to be found in the job's `PATH`.
    ///
    /// Dynamic and static ELF programs and `#!` scripts can be run.
    pub fn new(program: impl Into<PathBuf>) -> Job {
        Job {
            program: program.into(),
            args: Vec::new(),
            env: vec![("PATH".into(), DEFAULT_PATH.into())],
            cwd: None,
            files: Vec::new(),
            fetch: Vec::new(),
            stdin: Vec::new(),
            time_limit: Duration::from_secs(60),
            user: User::Caller,
        }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Job {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Job {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Job {
        let name = name.into();
        self.env.retain(|(known, _)| *known != name);
        self.env.push((name, value.into()));
        self
    }

    /// Sets the working directory; that of this process by default.
    pub fn cwd(mut self, directory: impl Into<PathBuf>) -> Job {
        self.cwd = Some(directory.into());
        self
    }

    /// Names a file or directory the program reads. It is found at the same path there.
    ///
    /// A shared object that the program opens with `dlopen` is such a file; the libraries it needs
    /// come with it. A directory comes with everything below it, but without their libraries.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Job {
        self.files.push(path.into());
        self
    }

    /// Names a file the program writes; its contents are part of the outcome.
    pub fn fetch(mut self, path: impl Into<PathBuf>) -> Job {
        self.fetch.push(path.into());
        self
    }

    /// Sets what the program reads from standard input; nothing by default.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Job {
        self.stdin = bytes.into();
        self
    }

    /// Sets the time after which the program and all processes it started are killed; one minute by
    /// default. The emulator is ten to thirty times slower than the CPU.
    pub fn time_limit(mut self, limit: Duration) -> Job {
        self.time_limit = limit;
        self
    }

    /// Sets who runs the program; the caller by default.
    pub fn user(mut self, user: User) -> Job {
        self.user = user;
        self
    }

    /// The value of a variable of the job's environment.
    pub(crate) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.env.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
    }

    /// The program as it was named.
    pub fn program(&self) -> &Path {
        &self.program
    }
}

/// How a job ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// The program exited with this status.
    Exited(i32),
    /// This signal killed the program.
    Signaled(i32),
    /// The program was killed because its time limit was reached.
    TimedOut,
}

/// What came of a job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// What it wrote to standard output; empty for [`Session::stream`](crate::Session::stream).
    pub stdout: Vec<u8>,
    /// What it wrote to standard error; empty for [`Session::stream`](crate::Session::stream).
    pub stderr: Vec<u8>,
    /// From the program's start to its end; in the emulator, by the emulated machine's clock.
    pub duration: Duration,
    /// The contents of the files to fetch, in the order they were named; `None` where the program
    /// left no such file.
    pub fetched: Vec<Option<Vec<u8>>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_variable_wins() {
        let job = Job::new("x").env("A", "1").env("A", "2").env("PATH", "/here");
        assert_eq!(job.variable("A"), Some(OsStr::new("2")));
        assert_eq!(job.variable("PATH"), Some(OsStr::new("/here")));
        assert_eq!(job.variable("HOME"), None);
    }
}
