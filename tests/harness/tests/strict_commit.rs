//! Programs on a kernel that promises no more memory than it has (`vm.overcommit_memory=2`): what the
//! runtime and the heaps reserve is not counted, and where memory ends compartments are refused some,
//! like the plain program.

use anyhow::{Context, Result, ensure};
use harness::build::{Compiler, Variant, build};
use harness::case::{Case, Run};
use harness::rewrite::rewrite;
use harness::{check, paths};
use vm::{Job, Kernel, Machine, Outcome, Session, Settings, Status};

/// Cases that use much of the runtime, besides the one that is about memory.
const CASES: [&str; 3] = ["threads", "coroutines", "thread_stacks"];

/// The one that is about memory.
const OWN_CASE: &str = "strict_commit";

/// How the runtime stops a program (signal(7)).
const SIGILL: i32 = 4;

/// A machine of its own for all tests here: even one with protection keys is not ours to configure.
fn session(kernel: Kernel) -> Session {
    let kernel_options = "sysctl.vm.overcommit_memory=2".to_owned();
    Session::new(Machine::Qemu(kernel), Settings { kernel_options, ..Settings::default() })
}

/// Runs a case's program, plain and in compartments.
fn both(session: &Session, name: &str, run: &Run) -> Result<(Outcome, Outcome)> {
    let case = case(name)?;
    let rewritten = rewrite(&case, &paths::scratch().join("strict_commit").join(name))?;
    ensure!(rewritten.accepted, "{}", rewritten.messages);
    let outcome = |variant| -> Result<Outcome> {
        let program = build(&case, &rewritten, Compiler::Gcc, variant)?;
        let mut job = Job::new(program).args(&run.args);
        for variable in &run.env {
            let (name, value) = variable.split_once('=').context("NAME=value")?;
            job = job.env(name, value);
        }
        Ok(session.run(&job)?)
    };
    Ok((outcome(Variant::Plain)?, outcome(Variant::Compartments)?))
}

fn case(name: &str) -> Result<Case> {
    Case::read(&paths::root().join("tests/cases").join(name))
}

#[test]
fn what_is_reserved_does_not_count() -> Result<()> {
    let session = session(Kernel::V6_1);
    for name in CASES {
        for run in &case(name)?.description.run {
            let (plain, compartments) = both(&session, name, run).context(name)?;
            check::run(run, &plain).context(name)?;
            check::same(&plain, &compartments).context(name)?;
        }
    }
    for who in ["main", "store"] {
        let run = Run {
            args: vec![who.to_owned()],
            stdout: vec![format!("{who}: refused in the end\n8\n")],
            ..Run::default()
        };
        let (plain, compartments) = both(&session, OWN_CASE, &run).context(who)?;
        check::run(&run, &plain).context(who)?;
        check::same(&plain, &compartments).context(who)?;
    }
    // A compartment that is entered cannot be told that there is no stack for it.
    let run = Run { args: vec!["threads".to_owned()], ..Run::default() };
    let (plain, compartments) = both(&session, OWN_CASE, &run)?;
    check::run(&run, &plain)?;
    ensure!(compartments.status == Status::Signaled(SIGILL), "{}", check::shown(&compartments));
    let says = ["no memory for a compartment's stack in this thread".to_owned()];
    check::report(&says, &compartments)
}
