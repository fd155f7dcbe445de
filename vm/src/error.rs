//! Everything that can go wrong, each with what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use vm_shared::supervise::OUTPUT_LIMIT;

use crate::pku::NoPku;

/// Why a job has no outcome.
#[derive(Debug, Error)]
pub enum Error {
    /// This machine is demanded, and cannot run the job.
    #[error("{0}; run in the emulator instead (IA2_VM=qemu)")]
    NoPku(NoPku),
    /// [`MACHINE_VARIABLE`](crate::MACHINE_VARIABLE) names no machine.
    #[error("IA2_VM={0}: unknown machine; give native, qemu, qemu-6.1 or qemu-6.12")]
    UnknownMachine(String),
    /// The job wants the rights of the emulated machine's superuser on this machine.
    #[error("this job runs as the emulated machine's superuser, so it cannot run natively")]
    EmulatorOnly,

    /// There is no such program.
    #[error("program not found: {}", .0.display())]
    ProgramNotFound(PathBuf),
    /// The program exists but cannot be started.
    #[error("cannot start {}: {reason}", program.display())]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// The reason given by the system.
        reason: String,
    },
    /// A file or directory cannot be used: one the job names, or one of the cache.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// A library that the dynamic linker would not find either.
    #[error(
        "library {name} not found, which {} needs; searched {}",
        needed_by.display(),
        Searched(searched)
    )]
    MissingLibrary {
        /// The name in DT_NEEDED or `LD_PRELOAD`.
        name: String,
        /// The object that needs it.
        needed_by: PathBuf,
        /// The directories, in order.
        searched: Vec<PathBuf>,
    },
    /// An ELF file that cannot run on x86-64 Linux, or is damaged.
    #[error("{}: {reason}", path.display())]
    BadElf {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// QEMU is not installed.
    #[error(
        "{} not found, which emulates a CPU with protection keys; install it with: \
         sudo apt-get install {}",
        crate::QEMU_PROGRAM,
        crate::QEMU_PACKAGE
    )]
    QemuMissing,
    /// There is no kernel image for the emulator, and none could be fetched.
    #[error("no kernel image for the emulator: {0}")]
    NoKernel(String),
    /// The emulated machine did not come up.
    #[error("the emulated machine did not start: {0}")]
    NoBoot(GuestDeath),
    /// The emulated machine went down while the job ran.
    #[error("{0}")]
    GuestDied(Arc<GuestDeath>),
    /// An earlier job of the session met this error when the machine was to be started.
    #[error(transparent)]
    Shared(#[from] Arc<Error>),

    /// The emulated machine's kernel killed the job for lack of memory.
    #[error(
        "the job ran out of memory: the emulated machine has {memory_mib} MiB and its kernel killed \
         a process of the job; give it more (--memory)"
    )]
    OutOfMemory {
        /// The machine's memory.
        memory_mib: u32,
    },
    /// The files of the session's jobs do not fit into the emulated machine.
    #[error(
        "the job's files do not fit: the emulated machine has {memory_mib} MiB, of which files may \
         take 60%; give it more (--memory)"
    )]
    FilesTooLarge {
        /// The machine's memory.
        memory_mib: u32,
    },
    /// The job printed without end.
    #[error("the job printed more than {} MiB and was killed", OUTPUT_LIMIT >> 20)]
    TooMuchOutput,
    /// Something that should not fail on a working system did.
    #[error("{what}: {reason}")]
    System {
        /// What was tried.
        what: String,
        /// The reason.
        reason: io::Error,
    },
}

impl Error {
    /// For `map_err`: an error of the system while doing `what`.
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
        let what = what.into();
        move |reason| Error::System { what, reason }
    }

    /// For `map_err`: an error about a file.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |reason| Error::File { path, reason }
    }
}

impl From<debian::Error> for Error {
    fn from(error: debian::Error) -> Error {
        Error::NoKernel(error.to_string())
    }
}

/// The end of an emulated machine that should have gone on.
#[derive(Debug)]
pub struct GuestDeath {
    /// Why it ended.
    pub ending: Ending,
    /// What its kernel printed.
    pub console: String,
    /// What QEMU itself printed.
    pub emulator: String,
}

/// Why an emulated machine ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Its kernel panicked.
    Panic,
    /// Its kernel panicked because there was no memory left to free.
    OutOfMemory,
    /// It did not become ready in this time.
    NotReady(Duration),
    /// The session's time limit was reached.
    TimeLimit(Duration),
    /// It stopped by itself.
    Stopped,
}

impl fmt::Display for GuestDeath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ending {
            Ending::Panic => f.write_str("the emulated machine's kernel panicked")?,
            Ending::OutOfMemory => {
                f.write_str("the emulated machine ran out of memory; give it more (--memory)")?;
            }
            Ending::NotReady(limit) => {
                write!(f, "the emulated machine was not ready after {} s", limit.as_secs())?;
            }
            Ending::TimeLimit(limit) => {
                write!(
                    f,
                    "the emulated machine's time limit of {} s was reached",
                    limit.as_secs()
                )?;
            }
            Ending::Stopped => f.write_str("the emulated machine stopped")?,
        }
        for (whose, text) in [("its console", &self.console), ("QEMU", &self.emulator)] {
            if !text.trim().is_empty() {
                write!(f, "\n--- {whose} said:\n{}\n---", text.trim_end())?;
            }
        }
        Ok(())
    }
}

/// Directories as a list in a sentence.
struct Searched<'a>(&'a [PathBuf]);

impl fmt::Display for Searched<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, directory) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}", directory.display())?;
        }
        Ok(())
    }
}
