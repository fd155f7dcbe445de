//! What the tests share: C programs to run, and sessions on each machine.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use vm::{Job, Kernel, Machine, Outcome, Session, Settings, Status, pku};

/// The sources of the C programs.
pub(crate) fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs").join(name)
}

/// Compiles a C program of `tests/programs` in a directory; `args` come last.
pub(crate) fn compile(name: &str, directory: &Path, args: &[&str]) -> PathBuf {
    let program = directory.join(Path::new(name).with_extension(""));
    cc(directory, &[&["-o", path_str(&program), path_str(&source(name))], args].concat());
    program
}

/// Runs the C compiler.
pub(crate) fn cc(directory: &Path, args: &[&str]) {
    let output = Command::new("cc").args(args).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "cc {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A path of the tests' own making as text.
pub(crate) fn path_str(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A session per machine this computer has, booted once per test program.
pub(crate) fn sessions() -> &'static [Session] {
    static SESSIONS: OnceLock<Vec<Session>> = OnceLock::new();
    SESSIONS.get_or_init(|| {
        let mut machines = vec![Machine::Qemu(Kernel::V6_1)];
        match pku::check() {
            Ok(()) => machines.push(Machine::Native),
            Err(reason) => eprintln!("not run natively: {reason}"),
        }
        machines.into_iter().map(|machine| Session::new(machine, settings(1024))).collect()
    })
}

/// The session in the emulator.
pub(crate) fn emulated() -> &'static Session {
    sessions().iter().find(|session| session.machine() != Machine::Native).unwrap()
}

/// Settings that show what is going on, with this much memory in MiB.
pub(crate) fn settings(memory_mib: u32) -> Settings {
    Settings { memory_mib, progress: Box::new(|step| eprintln!("{step}")), ..Settings::default() }
}

/// Runs a job on each machine and hands its outcome to `check`, with the machine's name.
pub(crate) fn on_each(job: &Job, check: impl Fn(Outcome, &str)) {
    for session in sessions() {
        let machine = session.machine().to_string();
        match session.run(job) {
            Ok(outcome) => check(outcome, &machine),
            Err(error) => panic!("{machine}: {error}"),
        }
    }
}

/// Runs a job that must succeed on each machine and hands its output to `check`.
pub(crate) fn output_on_each(job: &Job, check: impl Fn(&str, &str)) {
    on_each(job, |outcome, machine| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&outcome.stdout), text(&outcome.stderr));
        assert_eq!(outcome.status, Status::Exited(0), "{machine}: {stdout}{stderr}");
        check(&stdout, machine);
    });
}

/// A job that runs a shell script.
pub(crate) fn shell(script: &str) -> Job {
    Job::new("/bin/sh").arg("-c").arg(script)
}
