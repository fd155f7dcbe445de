//! The messages between host and guest agent.
//!
//! The host stores files in the guest once and refers to them by number afterwards; each job then
//! names the tree of files it sees, so that no job depends on what another one brought along.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use crate::supervise::{End, Stream};

/// The name of the virtio serial port that carries the frames, as QEMU and sysfs know it.
pub const PORT_NAME: &str = "ia2.jobs";

/// A file in the guest's store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct FileId(pub u64);

/// A job, unique within one boot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct JobId(pub u32);

/// Who owns a file or runs a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Owner {
    /// Numeric user.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
}

/// From the host to the agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ToGuest {
    /// Begins a file of the store.
    Store {
        /// Its number, not used before.
        file: FileId,
        /// Permission bits.
        mode: u32,
        /// Its owner.
        owner: Owner,
        /// Time of last change, in seconds since 1970.
        modified: i64,
    },
    /// The frame's data continues this file.
    Append {
        /// The file.
        file: FileId,
    },
    /// Runs a job.
    Run {
        /// Its number, not used before.
        job: JobId,
        /// What to run.
        spec: Spec,
    },
}

/// What a job needs in the guest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Spec {
    /// Absolute path of the program.
    pub program: OsString,
    /// The name the program is called by (`argv[0]`).
    pub name: OsString,
    /// Arguments after the program's name.
    pub args: Vec<OsString>,
    /// The whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Absolute working directory.
    pub cwd: OsString,
    /// Standard input; empty when absent.
    pub stdin: Option<FileId>,
    /// Time after which the job is killed.
    pub time_limit_ms: u64,
    /// Who runs it.
    pub user: Owner,
    /// Everything below the job's root, parents before children.
    pub tree: Vec<Entry>,
    /// Files to send back when the job has ended.
    pub fetch: Vec<OsString>,
}

/// One name below the root directory of a job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Absolute path whose parents are directories, not links.
    pub path: OsString,
    /// What it is.
    pub node: Node,
}

/// What a name below the root of a job stands for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Node {
    /// A directory with these permission bits.
    Directory {
        /// Permission bits.
        mode: u32,
        /// Its owner.
        owner: Owner,
    },
    /// A symbolic link to this target.
    Link(OsString),
    /// A file of the store.
    File(FileId),
}

/// From the agent to the host.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FromGuest {
    /// The agent waits for jobs.
    Ready {
        /// `uname -r` of the guest.
        kernel: String,
    },
    /// The frame's data was printed by the job.
    Output {
        /// The job.
        job: JobId,
        /// Where it was printed.
        stream: Stream,
    },
    /// The frame's data continues the file at this place in [`Spec::fetch`]. An existing file, also an
    /// empty one, has at least one such frame; a missing one has none.
    Fetched {
        /// The job.
        job: JobId,
        /// Index into [`Spec::fetch`].
        index: usize,
    },
    /// The last message about a job.
    Done {
        /// The job.
        job: JobId,
        /// How it ended.
        result: Finish,
        /// How long the program ran, in microseconds.
        micros: u64,
    },
}

/// How a job ended in the guest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Finish {
    /// The program ran and ended this way.
    Ended(End),
    /// The guest's kernel killed one of its processes because memory ran out.
    OutOfMemory,
    /// The guest has no room for the job's files.
    StoreFull,
    /// The program could not be started, with the reason.
    NotStarted(String),
}
