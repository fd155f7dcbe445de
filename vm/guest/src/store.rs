//! The files the host has sent, kept for all jobs of this boot.
//!
//! A file is stored once and linked into the root of every job that uses it: the same pages of memory
//! hold it, so the emulator translates a library's code once, not once per job.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, fchown};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use vm_shared::message::{FileId, Owner};

use crate::root::JOBS;

/// The stored files.
#[derive(Default)]
pub(crate) struct Store {
    modified: HashMap<FileId, SystemTime>,
}

/// What is known of a file when it begins.
pub(crate) struct Attributes {
    pub(crate) mode: u32,
    pub(crate) owner: Owner,
    pub(crate) modified: i64,
}

impl Store {
    /// Begins a file.
    pub(crate) fn begin(&mut self, file: FileId, attributes: &Attributes) -> io::Result<()> {
        fs::create_dir_all(format!("{JOBS}/store"))?;
        let Attributes { mode, owner, modified } = *attributes;
        let contents = File::create_new(path(file))?;
        fchown(&contents, Some(owner.uid), Some(owner.gid))?;
        // After the owner, because a change of owner clears the set-user-ID bits.
        contents.set_permissions(Permissions::from_mode(mode))?;
        let modified = match u64::try_from(modified) {
            Ok(after) => SystemTime::UNIX_EPOCH + Duration::from_secs(after),
            Err(_) => SystemTime::UNIX_EPOCH - Duration::from_secs(modified.unsigned_abs()),
        };
        contents.set_modified(modified)?;
        self.modified.insert(file, modified);
        Ok(())
    }

    /// Continues a file. When there is no room for it, the file is dropped and [`Store::has`] says so.
    pub(crate) fn append(&mut self, file: FileId, data: &[u8]) -> io::Result<()> {
        let Some(&modified) = self.modified.get(&file) else { return Ok(()) };
        let mut contents = OpenOptions::new().append(true).open(path(file))?;
        match contents.write_all(data).and_then(|()| contents.set_modified(modified)) {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                self.modified.remove(&file);
                fs::remove_file(path(file))
            }
            result => result,
        }
    }

    /// Whether the whole file is there.
    pub(crate) fn has(&self, file: FileId) -> bool {
        self.modified.contains_key(&file)
    }
}

/// Where a file of the store lies.
pub(crate) fn path(file: FileId) -> PathBuf {
    PathBuf::from(format!("{JOBS}/store/{}", file.0))
}
