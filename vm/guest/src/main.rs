//! The agent in the emulated machine.
//!
//! One static program in two roles, told apart by its first argument:
//! - none: process 1. It starts the agent, reaps orphans, and stops the machine when the agent ends;
//! - [`AGENT`]: sets the machine up and runs the jobs that arrive on the serial port.

mod boot;
mod enter;
mod job;
mod port;
mod root;
mod store;

use std::env;
use std::error::Error;
use std::process::{Command, ExitCode};

use nix::sys::reboot::{RebootMode, reboot};
use nix::sys::wait::wait;
use nix::unistd::{Pid, getpid};

/// First argument in the role of the agent.
const AGENT: &str = "agent";
/// This program, while the machine's own root is the root.
const SELF: &str = "/init";

fn main() -> ExitCode {
    let role = env::args().nth(1);
    let result = match role.as_deref() {
        None if getpid() == Pid::from_raw(1) => process_1(),
        Some(AGENT) => agent(),
        _ => Err("this program is process 1 of the emulated machine; it has no other use".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ia2 guest agent: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the agent and stops the machine when it ends, for whatever reason.
fn process_1() -> Result<(), Box<dyn Error>> {
    let agent = Command::new(SELF).arg(AGENT).spawn()?;
    let agent = Pid::from_raw(agent.id().cast_signed());
    // Children whose parents are gone become process 1's; reaping them is its duty.
    while wait().map_or(true, |status| status.pid() != Some(agent)) {}
    reboot(RebootMode::RB_POWER_OFF)?;
    Ok(())
}

/// Serves the host until it hangs up.
fn agent() -> Result<(), Box<dyn Error>> {
    boot::set_up()?;
    let port = port::open()?;
    job::serve(port)
}
