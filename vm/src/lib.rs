//! Runs programs where the CPU has memory protection keys (PKU): on this machine if it has them, else
//! in QEMU, whose emulated CPU does.
//!
//! ```no_run
//! use vm::{Job, Machine, Session, Settings};
//!
//! let session = Session::new(Machine::pick()?, Settings::default());
//! let outcome = session.run(&Job::new("./program").arg("input.txt").file("input.txt"))?;
//! assert_eq!(outcome.status, vm::Status::Exited(0));
//! # Ok::<(), vm::Error>(())
//! ```
//!
//! A [`Job`] is one program with its arguments and input files; a [`Session`] runs any number of them,
//! in the emulator within one boot, because booting takes seconds; a [`Batch`] is a list of jobs run
//! as parallel as the machine allows. The same job gives the same outcome on either machine: same
//! paths, same environment, same user, same limits. What a job *writes* stays in the emulator unless
//! the job names it to be fetched.

mod batch;
mod before_exec;
mod closure;
mod error;
mod job;
mod kernel;
mod machine;
mod native;
pub mod pku;
mod plan;
mod qemu;
mod session;

pub use batch::Batch;
pub use error::{Ending, Error, GuestDeath};
pub use job::{Job, Outcome, Status, User};
pub use kernel::{Kernel, KernelFiles};
pub use machine::{MACHINE_VARIABLE, Machine};
pub use qemu::{PACKAGE as QEMU_PACKAGE, PROGRAM as QEMU_PROGRAM};
pub use session::{Keys, Session, Settings};
pub use vm_shared::supervise::{OUTPUT_LIMIT, Stream};
