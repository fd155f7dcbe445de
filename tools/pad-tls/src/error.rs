//! What can go wrong with a file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file that cannot be padded, and why.
#[derive(Debug)]
pub(crate) struct Failure {
    path: PathBuf,
    cause: Cause,
}

/// Why a file cannot be padded.
#[derive(Debug, Error)]
pub(crate) enum Cause {
    #[error("not a regular file")]
    NotRegular,
    #[error(
        "no thread-local storage, so there is nothing to pad; --allow-no-tls accepts such files"
    )]
    NoTls,
    #[error(transparent)]
    Elf(#[from] elf::ElfError),
    #[error(transparent)]
    Padding(#[from] elf::PaddingError),
    /// An operation on the file failed; the text completes "cannot …".
    #[error("cannot {operation}: {error}")]
    Io { operation: &'static str, error: io::Error },
}

impl Failure {
    pub(crate) fn new(path: &Path, cause: impl Into<Cause>) -> Failure {
        Failure { path: path.to_owned(), cause: cause.into() }
    }

    /// For `map_err`: the operation that failed on this file.
    pub(crate) fn io(path: &Path, operation: &'static str) -> impl FnOnce(io::Error) -> Failure {
        move |error| Failure::new(path, Cause::Io { operation, error })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.cause)
    }
}
