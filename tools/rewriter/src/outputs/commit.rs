//! All changes of files, or none.
//!
//! Every new text is written to a temporary file first. Then they are renamed, and if one of the
//! renames fails those before it are taken back. The record of what was written names, for the time
//! between, both the old and the new texts: a run that is cut off leaves nothing that the next one
//! would take for work done by hand.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::Diagnostic;
use tempfile::TempPath;

use super::record::{DIRECTORY, State};
use super::unwritable;

/// Changes to be made.
pub(crate) struct Transaction {
    output: Utf8PathBuf,
    /// Held until the end: two runs into one directory come one after the other.
    lock: Option<File>,
    changes: Vec<(Utf8PathBuf, Change)>,
    /// Directories that did not exist, outermost first.
    made: Vec<Utf8PathBuf>,
    is_done: bool,
}

enum Change {
    Write(Arc<Vec<u8>>),
    Remove,
    Directory,
}

/// A change that is ready to be made: the new text, if there is one, in a file beside the old.
struct Staged {
    path: Utf8PathBuf,
    new: Option<TempPath>,
}

/// A change that was made, and how to take it back.
struct Made {
    path: Utf8PathBuf,
    /// The old file, if there was one.
    old: Option<TempPath>,
}

impl Transaction {
    /// Begins; waits while another run writes into the same directory.
    pub(crate) fn begin(output: &Utf8Path) -> Result<Transaction, Diagnostic> {
        let mut transaction = Transaction {
            output: output.to_owned(),
            lock: None,
            changes: Vec::new(),
            made: Vec::new(),
            is_done: false,
        };
        let directory = output.join(DIRECTORY);
        let path = directory.join("lock");
        let lock = transaction
            .make_directory(&directory)
            .and_then(|()| File::options().append(true).create(true).open(&path))
            .and_then(|file| file.lock().map(|()| file));
        transaction.lock = Some(lock.map_err(|error| unwritable(output, &error))?);
        transaction.remove_leftovers();
        Ok(transaction)
    }

    /// A file is to have this text.
    pub(crate) fn write(&mut self, path: Utf8PathBuf, text: Arc<Vec<u8>>) {
        self.changes.push((path, Change::Write(text)));
    }

    /// A file is to go.
    pub(crate) fn remove(&mut self, path: Utf8PathBuf) {
        self.changes.push((path, Change::Remove));
    }

    /// A directory is to be there.
    pub(crate) fn directory(&mut self, path: Utf8PathBuf) {
        if !path.exists() {
            self.changes.push((path, Change::Directory));
        }
    }

    /// Makes all changes, or none.
    pub(crate) fn commit(mut self, state: State) -> Result<(), Diagnostic> {
        let record = state.record_path();
        let changes = std::mem::take(&mut self.changes);
        if changes.is_empty() && std::fs::read(&record).ok() == Some(state.record_finally()) {
            self.is_done = true;
            return Ok(());
        }
        let mut staged = Vec::with_capacity(changes.len());
        for (path, change) in changes {
            let new = match change {
                Change::Write(text) => Some(self.stage(&path, &text)?),
                Change::Remove => None,
                Change::Directory => {
                    self.make_directory(&path).map_err(|error| unwritable(&path, &error))?;
                    continue;
                }
            };
            staged.push(Staged { path, new });
        }
        let meanwhile = self.stage(&record, &state.record_meanwhile())?;
        let finally = self.stage(&record, &state.record_finally())?;
        staged.insert(0, Staged { path: record.clone(), new: Some(meanwhile) });
        staged.push(Staged { path: record, new: Some(finally) });
        self.make_all(staged)?;
        self.is_done = true;
        for text in state.unneeded_texts() {
            // Another run will try again.
            let _ = std::fs::remove_file(text);
        }
        Ok(())
    }

    /// A complete new file in the directory of the one it will replace.
    fn stage(&mut self, path: &Utf8Path, text: &[u8]) -> Result<TempPath, Diagnostic> {
        let directory = path.parent().unwrap_or(Utf8Path::new("/")).to_owned();
        let mut write = || {
            self.make_directory(&directory)?;
            let mut file = temporary().tempfile_in(self.stage_directory(path, &directory))?;
            file.write_all(text)?;
            file.flush()?;
            // Closed, because a program may only have so many files open.
            Ok(file.into_temp_path())
        };
        write().map_err(|error: std::io::Error| unwritable(path, &error))
    }

    /// Temporary files lie together, where nobody looks for sources, if the target is in the output
    /// directory; else beside it, because a rename does not lead from one file system to another.
    fn stage_directory(&self, path: &Utf8Path, directory: &Utf8Path) -> Utf8PathBuf {
        let own = self.output.join(DIRECTORY);
        let device = |path: &Utf8Path| {
            use std::os::unix::fs::MetadataExt;
            std::fs::metadata(path).ok().map(|metadata| metadata.dev())
        };
        let is_near = path.starts_with(&self.output) && device(&own) == device(directory);
        if is_near { own } else { directory.to_owned() }
    }

    fn make_directory(&mut self, directory: &Utf8Path) -> std::io::Result<()> {
        let missing: Vec<Utf8PathBuf> = directory
            .ancestors()
            .take_while(|ancestor| !ancestor.as_str().is_empty() && !ancestor.exists())
            .map(Utf8Path::to_owned)
            .collect();
        for directory in missing.into_iter().rev() {
            match std::fs::create_dir(&directory) {
                Ok(()) => self.made.push(directory),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn make_all(&self, staged: Vec<Staged>) -> Result<(), Diagnostic> {
        let mut made = Vec::with_capacity(staged.len());
        for Staged { path, new } in staged {
            let result = self.keep_old(&path).and_then(|old| {
                let result = match new {
                    Some(new) => new.persist(&path).map_err(|error| error.error),
                    None => std::fs::remove_file(&path),
                };
                result.map(|()| Made { path: path.clone(), old })
            });
            match result {
                Ok(change) => made.push(change),
                Err(error) => {
                    let lost = take_back(made);
                    return Err(lost.into_iter().fold(unwritable(&path, &error), Diagnostic::note));
                }
            }
        }
        Ok(())
    }

    /// Another name for the file that is about to be replaced.
    fn keep_old(&self, path: &Utf8Path) -> std::io::Result<Option<TempPath>> {
        let metadata = match std::fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if metadata.is_dir() {
            return Err(std::io::Error::new(ErrorKind::IsADirectory, "it is a directory"));
        }
        let directory = path.parent().unwrap_or(Utf8Path::new("/"));
        let place =
            temporary().tempfile_in(self.stage_directory(path, directory))?.into_temp_path();
        std::fs::remove_file(&place)?;
        // A second name costs nothing; not all file systems have them.
        if std::fs::hard_link(path, &place).is_err() {
            std::fs::copy(path, &place)?;
        }
        Ok(Some(place))
    }

    /// Removes temporary files of runs that were killed.
    fn remove_leftovers(&self) {
        let entries = self.output.join(DIRECTORY).read_dir_utf8();
        for entry in entries.into_iter().flatten().flatten() {
            if entry.file_name().starts_with(TEMPORARY) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Undoes changes, the last one first. Returns what could not be undone.
fn take_back(made: Vec<Made>) -> Vec<String> {
    let mut lost = Vec::new();
    for Made { path, old } in made.into_iter().rev() {
        let result = match old {
            Some(old) => old.persist(&path).map_err(|error| error.error),
            None => std::fs::remove_file(&path),
        };
        if let Err(error) = result {
            lost.push(format!("{path} could not be put back: {error}"));
        }
    }
    lost
}

/// How temporary files begin.
const TEMPORARY: &str = ".new";

fn temporary() -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = tempfile::Builder::new();
    // As a program that simply creates the file would leave it.
    builder.prefix(TEMPORARY).permissions(std::fs::Permissions::from_mode(0o666));
    builder
}

/// Nothing that was only prepared stays.
impl Drop for Transaction {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        if self.made.iter().any(|made| *made == self.output.join(DIRECTORY)) {
            let _ = std::fs::remove_file(self.output.join(DIRECTORY).join("lock"));
        }
        for directory in self.made.iter().rev() {
            // Fails for a directory that somebody else has put something into, which is right.
            let _ = std::fs::remove_dir(directory);
        }
    }
}
