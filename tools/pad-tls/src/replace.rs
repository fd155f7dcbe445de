//! Changing files: all or none, and never leaving one half-written.
//!
//! The new contents are written to a temporary file beside the old one, which then takes its place;
//! programs that have the old one mapped keep it. A file with several hard links is edited in place,
//! with one small write, because a new file would take over only one of its names; programs that run
//! then see the new header where they look at the file's program headers.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use elf::TlsEdit;
use tempfile::NamedTempFile;

use crate::error::Failure;

/// A change that is prepared as far as possible without touching the file.
pub(crate) struct Replacement<'a> {
    /// As named on the command line.
    path: &'a Path,
    /// The file itself, symbolic links followed.
    target: PathBuf,
    edit: &'a TlsEdit,
    method: Method,
}

enum Method {
    Rename(NamedTempFile),
    InPlace(File),
}

impl<'a> Replacement<'a> {
    /// Prepares the change of a file with these contents.
    pub(crate) fn stage(
        path: &'a Path,
        edit: &'a TlsEdit,
        contents: &[u8],
    ) -> Result<Replacement<'a>, Failure> {
        let target = fs::canonicalize(path).map_err(Failure::io(path, "find the file"))?;
        let old = File::open(&target).map_err(Failure::io(path, "open the file"))?;
        let metadata = old.metadata().map_err(Failure::io(path, "open the file"))?;
        let method = if metadata.nlink() > 1 {
            let file = File::options().write(true).open(&target);
            Method::InPlace(file.map_err(Failure::io(path, "write to the file"))?)
        } else {
            let file = new_file_beside(&target, edit, contents);
            let file = file.map_err(Failure::io(path, "write a new file beside it"))?;
            take_over_attributes(&metadata, &old, file.as_file())
                .map_err(Failure::io(path, "keep the file's owner, rights and attributes"))?;
            Method::Rename(file)
        };
        Ok(Replacement { path, target, edit, method })
    }

    fn commit(self) -> Result<Committed<'a>, Failure> {
        let done = match self.method {
            Method::InPlace(file) => write_patch(&file, self.edit.patch()),
            Method::Rename(file) => {
                file.persist(&self.target).map(drop).map_err(|failed| failed.error)
            }
        };
        done.map_err(Failure::io(self.path, "replace the file"))?;
        Ok(Committed { path: self.path, target: self.target, edit: self.edit })
    }
}

/// A change that was made.
struct Committed<'a> {
    path: &'a Path,
    target: PathBuf,
    edit: &'a TlsEdit,
}

impl Committed<'_> {
    /// Puts back what the edit replaced.
    fn undo(&self) -> Result<(), Failure> {
        File::options()
            .write(true)
            .open(&self.target)
            .and_then(|file| write_patch(&file, self.edit.undo()))
            .map_err(Failure::io(self.path, "undo the change, so the file stays padded"))
    }
}

/// Changes were made and one failed.
pub(crate) struct Aborted {
    /// The one that failed.
    pub(crate) cause: Failure,
    /// Those of the ones before it that could not be undone.
    pub(crate) not_undone: Vec<Failure>,
}

/// Makes all changes. If one fails, the ones before it are undone.
pub(crate) fn commit_all(staged: Vec<Replacement<'_>>) -> Result<(), Aborted> {
    let mut committed: Vec<Committed<'_>> = Vec::new();
    for replacement in staged {
        match replacement.commit() {
            Ok(done) => committed.push(done),
            Err(cause) => {
                let not_undone = committed.iter().filter_map(|done| done.undo().err()).collect();
                return Err(Aborted { cause, not_undone });
            }
        }
    }
    Ok(())
}

fn new_file_beside(target: &Path, edit: &TlsEdit, contents: &[u8]) -> io::Result<NamedTempFile> {
    // A file's canonical path always has a parent.
    let directory = target.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().prefix(".pad-tls-").tempfile_in(directory)?;
    file.write_all(contents)?;
    write_patch(file.as_file(), edit.patch())?;
    Ok(file)
}

/// Gives the new file everything but the time of its last change.
fn take_over_attributes(metadata: &fs::Metadata, old: &File, new: &File) -> io::Result<()> {
    use xattr::FileExt as _;
    let made = new.metadata()?;
    if (made.uid(), made.gid()) != (metadata.uid(), metadata.gid()) {
        fchown(new, Some(metadata.uid()), Some(metadata.gid()))?;
    }
    // After the owner: changing that clears the set-user-ID bit.
    new.set_permissions(fs::Permissions::from_mode(metadata.mode() & 0o7777))?;
    let names = match old.list_xattr() {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(()),
        Err(error) => return Err(error),
    };
    for name in names {
        let Some(value) = old.get_xattr(&name)? else { continue };
        // A security label is often there already, and setting it may need rights we lack.
        if new.get_xattr(&name)?.as_ref() != Some(&value) {
            new.set_xattr(&name, &value)?;
        }
    }
    Ok(())
}

fn write_patch(
    file: &File,
    (offset, bytes): (u64, [u8; elf::PROGRAM_HEADER_SIZE]),
) -> io::Result<()> {
    file.write_all_at(&bytes, offset)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use elf::{ElfFile, TlsPadding};

    /// A shared object of a file header and one `PT_TLS` without an image.
    fn shared_object() -> Vec<u8> {
        let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
        file.resize(16, 0);
        file.extend([3, 0, 62, 0, 1, 0, 0, 0]); // ET_DYN, EM_X86_64, EV_CURRENT
        for word in [0u64, 64, 0] {
            file.extend(word.to_le_bytes()); // entry, program headers, section headers
        }
        file.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0, 0]); // sizes and counts
        file.extend([7, 0, 0, 0, 4, 0, 0, 0]); // PT_TLS, PF_R
        for word in [0u64, 0x1010, 0x1010, 0, 8, 8] {
            file.extend(word.to_le_bytes());
        }
        file
    }

    fn edit(contents: &[u8]) -> TlsEdit {
        match ElfFile::open(contents).expect("a sound file").tls_padding() {
            Ok(TlsPadding::Needed(edit)) => edit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_failure_undoes_the_changes_before_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let contents = shared_object();
        let edit = edit(&contents);
        let paths = ["renamed", "hard", "link", "lost"].map(|name| directory.path().join(name));
        for path in [&paths[0], &paths[1], &paths[3]] {
            fs::write(path, &contents).expect("writes");
        }
        fs::hard_link(&paths[1], &paths[2]).expect("links");
        let stage = |path| Replacement::stage(path, &edit, &contents).expect("can be staged");
        let staged: Vec<_> = [0, 1, 3].map(|number| stage(paths[number].as_path())).into();
        let Method::Rename(lost) = &staged[2].method else { panic!("has one name only") };
        fs::remove_file(lost.path()).expect("removes the new file");

        let aborted = commit_all(staged).expect_err("the last file cannot be replaced");
        assert!(aborted.not_undone.is_empty());
        assert!(aborted.cause.to_string().contains("lost: cannot replace the file"));
        for path in &paths {
            assert_eq!(fs::read(path).expect("reads"), contents, "{}", path.display());
        }
    }
}
