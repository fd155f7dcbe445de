//! Looking at all files before the first one is changed.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use elf::{ElfFile, TlsEdit, TlsPadding};

use crate::MissingTls;
use crate::error::{Cause, Failure};

/// A file, and what is to be done with it.
pub(crate) struct Inspected {
    /// As it was named on the command line.
    pub(crate) path: PathBuf,
    pub(crate) outcome: Outcome,
}

/// What is to be done with a file. Displayed as what was done.
pub(crate) enum Outcome {
    /// Its TLS segment grows.
    Grow { edit: TlsEdit, contents: Vec<u8> },
    /// It was padded before.
    AlreadyPadded { original: u64, size: u64 },
    /// It was linked so that it needs no padding.
    WholePages { size: u64 },
    /// It has no thread-local storage, which was allowed.
    NoTls,
    /// It was named before, perhaps by another name.
    SameAs(PathBuf),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Grow { edit, .. } => {
                let (old, new) = (edit.old_size(), edit.new_size());
                write!(f, "TLS segment grown from {old} to {new} bytes")
            }
            Outcome::AlreadyPadded { original, size } => {
                write!(f, "already padded from {original} to {size} bytes; unchanged")
            }
            Outcome::WholePages { size } => {
                write!(f, "TLS segment of {size} bytes has pages of its own already; unchanged")
            }
            Outcome::NoTls => f.write_str("no thread-local storage; unchanged"),
            Outcome::SameAs(first) => write!(f, "the same file as {}", first.display()),
        }
    }
}

/// Inspects every file, so that one run reports everything that is wrong.
pub(crate) fn all(paths: &[PathBuf], missing_tls: MissingTls) -> (Vec<Inspected>, Vec<Failure>) {
    let mut inspected: Vec<Inspected> = Vec::new();
    let mut seen: Vec<(u64, u64, &Path)> = Vec::new();
    let mut failures = Vec::new();
    for path in paths {
        let outcome = identity(path).and_then(|(device, inode)| {
            let first = seen.iter().find(|known| (known.0, known.1) == (device, inode));
            if let Some((_, _, first)) = first {
                return Ok(Outcome::SameAs(first.to_path_buf()));
            }
            seen.push((device, inode, path));
            one(path, missing_tls)
        });
        match outcome {
            Ok(outcome) => inspected.push(Inspected { path: path.clone(), outcome }),
            Err(failure) => failures.push(failure),
        }
    }
    (inspected, failures)
}

/// What makes two names the same file.
fn identity(path: &Path) -> Result<(u64, u64), Failure> {
    let metadata = fs::metadata(path).map_err(Failure::io(path, "open the file"))?;
    // Opening a FIFO or a device could block or do something.
    if !metadata.is_file() {
        return Err(Failure::new(path, Cause::NotRegular));
    }
    Ok((metadata.dev(), metadata.ino()))
}

fn one(path: &Path, missing_tls: MissingTls) -> Result<Outcome, Failure> {
    let contents = fs::read(path).map_err(Failure::io(path, "read the file"))?;
    let padding = ElfFile::open(&contents)
        .map_err(|error| Failure::new(path, error))?
        .tls_padding()
        .map_err(|error| Failure::new(path, error))?;
    match padding {
        TlsPadding::Padded { original, size } => Ok(Outcome::AlreadyPadded { original, size }),
        TlsPadding::WholePages { size } => Ok(Outcome::WholePages { size }),
        TlsPadding::NoTls if missing_tls == MissingTls::Accept => Ok(Outcome::NoTls),
        TlsPadding::NoTls => Err(Failure::new(path, Cause::NoTls)),
        TlsPadding::Needed(edit) => {
            // A new file could be put in place of one that its owner has made read-only. Don't.
            fs::OpenOptions::new()
                .write(true)
                .open(path)
                .map_err(Failure::io(path, "write to the file"))?;
            Ok(Outcome::Grow { edit, contents })
        }
    }
}
