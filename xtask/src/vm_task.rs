//! `./x vm`: runs a program where the CPU has protection keys.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use vm::{Job, Kernel, Machine, Session, Settings, Status, Stream};

use crate::progress::Progress;

/// As `timeout(1)`: the program's time was up.
const TIMED_OUT: u8 = 124;
/// As `timeout(1)`: the fault is not the program's.
const OUR_FAULT: u8 = 125;

/// Runs a program where the CPU has protection keys: here if it does, else in QEMU.
///
/// The exit status is the program's; 128 plus the signal that killed it; 124 when its time was up; or
/// 125 when it could not be run. IA2_VM=native|qemu|qemu-6.1|qemu-6.12 overrides the choice of machine.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Seconds after which the program and all it started are killed
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    time_limit: u64,
    /// Use the emulator even if this CPU has protection keys
    #[arg(long)]
    qemu: bool,
    /// The emulator's kernel; implies --qemu
    #[arg(long, value_enum)]
    kernel: Option<KernelName>,
    /// A file or directory the program reads, opens or starts programs of, with their libraries;
    /// arguments that name files need not be listed
    #[arg(long, value_name = "PATH")]
    file: Vec<PathBuf>,
    /// A file the program writes, to be brought back from the emulator
    #[arg(long, value_name = "PATH")]
    fetch: Vec<PathBuf>,
    /// A variable of the program's environment, which otherwise holds PATH only
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<OsString>,
    /// The program's standard input: a file, or - for this command's own; nothing by default
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// Memory of the emulated machine, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    memory: u32,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KernelName {
    #[value(name = "6.1")]
    V6_1,
    #[value(name = "6.12")]
    V6_12,
}

impl From<KernelName> for Kernel {
    fn from(name: KernelName) -> Kernel {
        match name {
            KernelName::V6_1 => Kernel::V6_1,
            KernelName::V6_12 => Kernel::V6_12,
        }
    }
}

/// Runs the program and passes on its output and exit status.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    match execute(arguments) {
        Ok(Status::Exited(status)) => ExitCode::from(status.to_le_bytes()[0]),
        Ok(Status::Signaled(signal)) => {
            ExitCode::from(128_u8.wrapping_add(signal.to_le_bytes()[0]))
        }
        Ok(Status::TimedOut) => {
            eprintln!("x vm: killed: its time limit was reached (--time-limit)");
            ExitCode::from(TIMED_OUT)
        }
        Err(error) => {
            eprintln!("x vm: {error:#}");
            ExitCode::from(OUR_FAULT)
        }
    }
}

fn execute(arguments: Arguments) -> Result<Status> {
    // `./x` goes to the repository so that rustup and cargo see it; paths count from where it was
    // called.
    if let Some(called_from) = env::var_os("IA2_CALLED_FROM") {
        env::set_current_dir(&called_from)
            .with_context(|| format!("cannot go to {}", called_from.display()))?;
    }
    let machine = match (arguments.kernel, arguments.qemu) {
        (Some(kernel), _) => Machine::Qemu(kernel.into()),
        (None, true) => Machine::Qemu(Kernel::default()),
        (None, false) => Machine::pick()?,
    };
    let job = job(&arguments)?;
    let progress = std::sync::Arc::new((!arguments.quiet).then(Progress::new));
    let shown = std::sync::Arc::clone(&progress);
    let settings = Settings {
        memory_mib: arguments.memory,
        // The job has its own limit; the machine only needs time to start besides.
        time_limit: Duration::from_secs(arguments.time_limit.saturating_add(600)),
        progress: Box::new(move |step| {
            if let Some(progress) = &*shown {
                progress.step(step);
            }
        }),
        ..Settings::default()
    };
    let session = Session::new(machine, settings);
    let mut failed = None;
    let outcome = session.stream(&job, &mut |stream, bytes| {
        if let Some(progress) = &*progress {
            progress.clear();
        }
        let written = match stream {
            Stream::Stdout => io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()),
            Stream::Stderr => io::stderr().write_all(bytes),
        };
        failed = failed.take().or(written.err());
    })?;
    if let Some(error) = failed {
        bail!("cannot write the program's output: {error}");
    }
    for (path, contents) in arguments.fetch.iter().zip(outcome.fetched) {
        match contents {
            Some(contents) if machine != Machine::Native => fs::write(path, contents)
                .with_context(|| format!("cannot write {}", path.display()))?,
            Some(_) => {}
            None => bail!("the program left no file {}", path.display()),
        }
    }
    Ok(outcome.status)
}

fn job(arguments: &Arguments) -> Result<Job> {
    let (program, args) = arguments.command.split_first().context("no command")?;
    let mut job = Job::new(program)
        .args(args.iter().cloned())
        .time_limit(Duration::from_secs(arguments.time_limit));
    // A command line that names its inputs works unchanged.
    let inputs = args.iter().map(Path::new).filter(|path| path.is_file());
    for file in inputs.map(Path::to_owned).chain(arguments.file.iter().cloned()) {
        job = job.file(file);
    }
    for path in &arguments.fetch {
        job = job.fetch(path);
    }
    for variable in &arguments.env {
        let bytes = variable.as_bytes();
        let Some(equals) = bytes.iter().position(|&byte| byte == b'=') else {
            bail!("--env {}: give NAME=VALUE", variable.display());
        };
        let text = |bytes| std::ffi::OsStr::from_bytes(bytes);
        job = job.env(text(&bytes[..equals]), text(&bytes[equals + 1..]));
    }
    match arguments.stdin.as_deref() {
        None => Ok(job),
        Some(path) if path == Path::new("-") => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
            Ok(job.stdin(bytes))
        }
        Some(path) => {
            let bytes =
                fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok(job.stdin(bytes))
        }
    }
}
