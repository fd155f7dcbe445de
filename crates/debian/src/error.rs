//! Everything that can go wrong.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why something could not be fetched.
#[derive(Debug, Error)]
pub enum Error {
    /// This is no Debian system, or a package is missing.
    #[error("{program} not found: what is fetched from Debian needs it ({packages})")]
    ProgramMissing {
        /// The program.
        program: String,
        /// The packages that bring such programs.
        packages: &'static str,
    },
    /// A program cannot be started.
    #[error("cannot run {program}: {reason}")]
    NotStarted {
        /// The program.
        program: String,
        /// What the system says.
        reason: io::Error,
    },
    /// A program failed.
    #[error("`{command}` failed ({status}):\n{messages}")]
    Failed {
        /// The command, without apt's options.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it printed on standard error.
        messages: String,
    },
    /// A file or directory cannot be used.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// There is no place for a cache.
    #[error("no place to keep it: neither XDG_CACHE_HOME nor HOME is set")]
    NoCache,
}

impl Error {
    /// For `map_err`: an error about a file.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |reason| Error::File { path, reason }
    }
}
