//! Putting a file where users find it.

use std::fmt;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// Whether a staged file was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    Written,
    /// It was there with the same contents; its time is kept, so that nothing is built again for it.
    Unchanged,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Change::Written => "written",
            Change::Unchanged => "unchanged",
        })
    }
}

/// Who may execute a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    Program,
    Data,
}

/// Writes a file whole or not at all, unless it is there already.
pub(super) fn write(path: &Path, bytes: &[u8], mode: Mode) -> Result<Change> {
    let permissions = Permissions::from_mode(match mode {
        Mode::Program => 0o755,
        Mode::Data => 0o644,
    });
    let same_mode = |data: &fs::Metadata| data.permissions().mode() & 0o777 == permissions.mode();
    if path.metadata().is_ok_and(|data| data.is_file() && same_mode(&data))
        && fs::read(path).is_ok_and(|old| old == bytes)
    {
        return Ok(Change::Unchanged);
    }
    let context = || format!("cannot write {}", path.display());
    let directory = path.parent().with_context(context)?;
    fs::create_dir_all(directory).with_context(context)?;
    let mut file = NamedTempFile::new_in(directory).with_context(context)?;
    file.write_all(bytes).with_context(context)?;
    file.as_file().set_permissions(permissions).with_context(context)?;
    file.persist(path).with_context(context)?;
    Ok(Change::Written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unchanged_files_keep_their_time() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("new/file");
        assert_eq!(write(&path, b"one", Mode::Data).unwrap(), Change::Written);
        let time = || path.metadata().unwrap().modified().unwrap();
        let first = time();
        assert_eq!(write(&path, b"one", Mode::Data).unwrap(), Change::Unchanged);
        assert_eq!(time(), first);
        assert_eq!(write(&path, b"two", Mode::Data).unwrap(), Change::Written);
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(write(&path, b"two", Mode::Program).unwrap(), Change::Written);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("file");
        fs::write(&file, "").unwrap();
        let error = write(&file.join("below"), b"", Mode::Data).unwrap_err();
        assert!(format!("{error:#}").contains("file/below"), "{error:#}");
    }
}
