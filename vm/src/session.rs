//! Jobs run on one machine, one after another or at the same time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use vm_shared::supervise::Stream;

use crate::error::Error;
use crate::job::{Job, Outcome};
use crate::machine::Machine;
use crate::plan::Plan;
use crate::qemu::{self, Guest};
use crate::{native, pku};

/// How a session runs its jobs.
pub struct Settings {
    /// Memory of the emulated machine, in MiB.
    pub memory_mib: u32,
    /// Time after which the emulated machine is stopped, whatever it does.
    pub time_limit: Duration,
    /// Whether the emulated machine has protection keys.
    pub keys: Keys,
    /// More for the command line of the emulated machine's kernel, for example
    /// `sysctl.vm.overcommit_memory=2`.
    pub kernel_options: String,
    /// Is told what is being done before the first job can run.
    pub progress: Box<dyn Fn(&str) + Send + Sync>,
}

impl Default for Settings {
    /// One GiB, one hour, protection keys, a kernel as it comes, and no progress shown.
    fn default() -> Settings {
        Settings {
            memory_mib: 1024,
            time_limit: Duration::from_secs(3600),
            keys: Keys::Usable,
            kernel_options: String::new(),
            progress: Box::new(|_| ()),
        }
    }
}

/// What an emulated machine has of protection keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keys {
    /// All that programs need.
    Usable,
    /// The CPU has none.
    NotInCpu,
    /// The CPU has them, the kernel leaves them switched off.
    NotInKernel,
}

/// Runs jobs on one machine. It can be shared by threads; the emulator is booted once, for the first
/// job, and ends with the session.
pub struct Session {
    machine: Machine,
    settings: Settings,
    guest: Mutex<Option<Result<Arc<Guest>, Arc<Error>>>>,
}

impl Session {
    /// A session on this machine. Nothing is started yet.
    pub fn new(machine: Machine, settings: Settings) -> Session {
        Session { machine, settings, guest: Mutex::new(None) }
    }

    /// Where its jobs run.
    pub fn machine(&self) -> Machine {
        self.machine
    }

    /// How many jobs it is worth running at the same time. More do not fail; they wait.
    pub fn slots(&self) -> usize {
        match self.machine {
            Machine::Native => std::thread::available_parallelism().map_or(1, usize::from),
            Machine::Qemu(_) => qemu::cpus(),
        }
    }

    /// Runs a job and collects what it prints.
    ///
    /// # Errors
    /// The job could not be run, or its outcome means nothing (out of memory, machine down). That a
    /// program fails, is killed or runs out of time is an [`Outcome`].
    pub fn run(&self, job: &Job) -> Result<Outcome, Error> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let outcome = self.stream(job, &mut |stream, bytes| match stream {
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        })?;
        Ok(Outcome { stdout, stderr, ..outcome })
    }

    /// Runs a job and passes on what it prints as it comes. The order is kept within a stream, not
    /// between the two.
    ///
    /// # Errors
    /// As for [`Session::run`].
    pub fn stream(
        &self,
        job: &Job,
        on_output: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<Outcome, Error> {
        let plan = Plan::new(job)?;
        match self.machine {
            Machine::Native => {
                pku::check().map_err(Error::NoPku)?;
                native::run(job, &plan, on_output)
            }
            Machine::Qemu(_) => self.guest()?.run(job, &plan, on_output),
        }
    }

    /// The emulated machine, booted by the first who asks.
    fn guest(&self) -> Result<Arc<Guest>, Error> {
        let Machine::Qemu(kernel) = self.machine else { unreachable!("only asked for in QEMU") };
        let mut guest = self.guest.lock().unwrap_or_else(PoisonError::into_inner);
        guest
            .get_or_insert_with(|| {
                qemu::boot(kernel, &self.settings).map(Arc::new).map_err(Arc::new)
            })
            .clone()
            .map_err(Error::Shared)
    }
}
