//! Sending files to the guest, each once per session.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use vm_shared::frame::MAX_DATA;
use vm_shared::message::{FileId, Owner, ToGuest};

use crate::error::Error;

/// A file in a certain state. A change of contents or attributes changes `ctime`, which no program
/// can set.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl State {
    fn of(metadata: &Metadata) -> State {
        State {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// What the guest has.
#[derive(Default)]
pub(super) struct Uploads {
    known: HashMap<State, FileId>,
    next: u64,
}

/// Sends one message with data.
pub(super) type Send<'a> = &'a dyn Fn(&ToGuest, &[u8]) -> Result<(), Error>;

impl Uploads {
    /// The number of a file in the guest, which gets it if it has not got it yet.
    pub(super) fn file(&mut self, path: &Path, send: Send<'_>) -> Result<FileId, Error> {
        let mut file = File::open(path).map_err(Error::file(path))?;
        let before = file.metadata().map_err(Error::file(path))?;
        if let Some(&known) = self.known.get(&State::of(&before)) {
            return Ok(known);
        }
        let owner = Owner { uid: before.uid(), gid: before.gid() };
        let id = self.begin(before.mode() & 0o7777, owner, before.mtime(), send)?;
        let mut buffer = vec![0; MAX_DATA];
        loop {
            let count = file.read(&mut buffer).map_err(Error::file(path))?;
            if count == 0 {
                break;
            }
            send(&ToGuest::Append { file: id }, &buffer[..count])?;
        }
        let after = file.metadata().map_err(Error::file(path))?;
        if State::of(&after) != State::of(&before) {
            let error = io::Error::other("it changed while it was read");
            return Err(Error::file(path)(error));
        }
        self.known.insert(State::of(&before), id);
        Ok(id)
    }

    /// Sends bytes that are no file here.
    pub(super) fn bytes(&mut self, bytes: &[u8], send: Send<'_>) -> Result<FileId, Error> {
        let nobody_in_particular = Owner { uid: 0, gid: 0 };
        let id = self.begin(0o444, nobody_in_particular, 0, send)?;
        for chunk in bytes.chunks(MAX_DATA) {
            send(&ToGuest::Append { file: id }, chunk)?;
        }
        Ok(id)
    }

    fn begin(
        &mut self,
        mode: u32,
        owner: Owner,
        modified: i64,
        send: Send<'_>,
    ) -> Result<FileId, Error> {
        let file = FileId(self.next);
        self.next += 1;
        send(&ToGuest::Store { file, mode, owner, modified }, &[])?;
        Ok(file)
    }
}
