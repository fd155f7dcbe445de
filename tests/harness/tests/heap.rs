//! `libpartition-alloc.so` as C programs use it, with protection keys but without rewriter and
//! runtime: the scenarios of `tests/heap`, by both compilers, at several levels of optimisation and
//! fortification, on kernels with both kinds of guard pages and signal frames.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use harness::build::{Compiler, require};
use harness::paths;
use libtest_mimic::{Arguments, Failed, Trial};
use rayon::prelude::*;
use vm::{Batch, Job, Kernel, Machine, Outcome, Session, Settings, Status};

/// How a scenario must end.
#[derive(Clone, Copy)]
enum End {
    /// With exit status 0.
    Well,
    /// By a fault on another compartment's memory. The scenario checks code and key and exits.
    KeyFault,
    /// By a fault on memory that nobody may use.
    GuardFault,
    /// With SIGABRT, after one line that holds this text.
    LastWords(&'static str),
}

const NOBODY: End = End::LastWords("Pkru(0xffffffc0), which is the PKRU value of no compartment");

/// All scenarios.
const SCENARIOS: &[(&str, End)] = &[
    ("heaps", End::Well),
    ("fifteen-heaps", End::Well),
    ("foreign-read", End::KeyFault),
    ("foreign-metadata", End::KeyFault),
    ("foreign-after-free", End::KeyFault),
    ("functions-of-one", End::Well),
    ("function-of-another", End::KeyFault),
    ("free-of-another", End::KeyFault),
    ("overflow", End::GuardFault),
    ("limit", End::Well),
    ("address-space", End::Well),
    ("bad-limit", End::LastWords("IA2_HEAP_LIMIT in the environment is not understood")),
    ("libc", End::Well),
    ("lines", End::Well),
    ("sizes", End::Well),
    ("resizes", End::Well),
    ("shared", End::Well),
    ("foreign", End::Well),
    ("own", End::Well),
    ("twice-by-threads", End::Well),
    ("nobody", NOBODY),
    ("nobody-frees", NOBODY),
    ("started-twice", End::LastWords("ia2_heap_start was called twice")),
    ("no-heap", End::LastWords("compartment 9: malloc: the compartment has no heap")),
    ("not-started", End::LastWords("called before the runtime has started")),
    ("forged", End::Well),
    ("threads", End::Well),
    ("busy", End::Well),
    ("short-threads", End::Well),
    ("forks", End::Well),
    ("given-back", End::Well),
];

/// Scenarios that depend on what compilers and headers make of calls.
const COMPILED: [&str; 5] = ["libc", "lines", "sizes", "shared", "own"];

/// A way to compile the scenarios, and the kernel they run on.
struct Build {
    name: &'static str,
    compiler: Compiler,
    flags: &'static [&'static str],
    kernel: Kernel,
    scenarios: fn(&str) -> bool,
}

const SANITIZE: [&str; 4] =
    ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-DSANITIZED"];

const BUILDS: [Build; 5] = [
    Build {
        name: "gcc",
        compiler: Compiler::Gcc,
        flags: &["-O0"],
        kernel: Kernel::V6_1,
        scenarios: |_| true,
    },
    Build {
        name: "gcc-fortified",
        compiler: Compiler::Gcc,
        flags: &["-O2", "-D_FORTIFY_SOURCE=2"],
        kernel: Kernel::V6_1,
        scenarios: |name| COMPILED.contains(&name),
    },
    Build {
        name: "gcc-small",
        compiler: Compiler::Gcc,
        flags: &["-Os", "-D_FORTIFY_SOURCE=3"],
        kernel: Kernel::V6_1,
        scenarios: |name| COMPILED.contains(&name),
    },
    Build {
        name: "clang-fortified",
        compiler: Compiler::Clang,
        flags: &["-O2", "-D_FORTIFY_SOURCE=2"],
        kernel: Kernel::V6_12,
        scenarios: |_| true,
    },
    Build {
        name: "gcc-sanitized",
        compiler: Compiler::Gcc,
        flags: &SANITIZE,
        kernel: Kernel::V6_12,
        scenarios: |name| COMPILED.contains(&name) && name != "own",
    },
];

impl Build {
    /// Compiles and links the program. The library lies beside it.
    fn program(&self) -> Result<PathBuf> {
        let folder = paths::target_directory().join("tmp/heap").join(self.name);
        fs_err::create_dir_all(&folder)?;
        fs_err::copy(library(), folder.join("libpartition-alloc.so"))?;
        let root = paths::root();
        let sources = ["process", "basic", "libc", "sizes", "misuse", "life"];
        let mut command = Command::new(self.compiler.program()?);
        command
            .args(["-g", "-Wall", "-Wextra", "-Werror", "-pthread", "-rdynamic"])
            // Using blocks after they are freed is what some scenarios are about.
            .args((self.compiler == Compiler::Gcc).then_some("-Wno-use-after-free"))
            .args(self.flags)
            .arg("-I")
            .arg(root.join("runtime/partition-alloc/include"))
            .args(sources.map(|name| root.join(format!("tests/heap/{name}.c"))))
            .arg(format!("-Wl,@{}", root.join("runtime/partition-alloc/wrap.args").display()))
            .arg("-L")
            .arg(&folder)
            .args(["-lpartition-alloc", "-Wl,-rpath,$ORIGIN", "-o"])
            .arg(folder.join("process"));
        let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
        if !output.status.success() {
            bail!("{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(folder.join("process"))
    }

    /// Where the scenarios run: on this machine if it has keys.
    fn machine(&self) -> Result<Machine> {
        Ok(match Machine::pick()? {
            Machine::Qemu(_) => Machine::Qemu(self.kernel),
            native => native,
        })
    }
}

fn library() -> PathBuf {
    paths::root().join("build/runtime/partition-alloc/libpartition-alloc.so")
}

fn job(program: &Path, scenario: &str) -> Job {
    Job::new(program)
        .arg(scenario)
        // The library's blocks are none of the sanitizer's, which would report them as leaks.
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .time_limit(Duration::from_secs(300))
}

/// Whether a scenario ended as it must.
fn check(end: End, outcome: &Outcome) -> Result<()> {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let (status, said) = match end {
        End::Well => (Status::Exited(0), true),
        End::KeyFault => (Status::Exited(50), true),
        End::GuardFault => (Status::Exited(51), true),
        End::LastWords(words) => {
            let line = stderr.strip_prefix("libpartition-alloc: ").unwrap_or_default();
            let one = line.contains(words) && line.lines().count() == 1;
            (Status::Signaled(libc_sigabrt()), one)
        }
    };
    if outcome.status != status || !said {
        bail!("{:?}\n{stderr}", outcome.status);
    }
    Ok(())
}

/// SIGABRT's number on Linux (signal(7)).
const fn libc_sigabrt() -> i32 {
    6
}

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    require(&library())?;
    let wanted = |name: &str| arguments.filter.as_ref().is_none_or(|filter| name.contains(filter));
    let mut tests: Vec<(String, usize, &str, End)> = Vec::new();
    for (index, build) in BUILDS.iter().enumerate() {
        for &(scenario, end) in SCENARIOS.iter().filter(|(name, _)| (build.scenarios)(name)) {
            let name = format!("{}::{scenario}", build.name);
            if wanted(&name) {
                tests.push((name, index, scenario, end));
            }
        }
    }
    let mut outcomes: Vec<Result<Outcome, String>> = vec![Err("not run".to_owned()); tests.len()];
    if !arguments.list {
        run_all(&tests, &mut outcomes)?;
    }
    let trials = tests.into_iter().zip(outcomes).map(|((name, _, _, end), outcome)| {
        Trial::test(name, move || match outcome {
            Ok(outcome) => check(end, &outcome).map_err(|error| Failed::from(format!("{error:#}"))),
            Err(error) => Err(Failed::from(error)),
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit()
}

/// Compiles what is needed and runs it, with one boot per kernel.
fn run_all(
    tests: &[(String, usize, &str, End)],
    outcomes: &mut [Result<Outcome, String>],
) -> Result<()> {
    let programs: Vec<Option<Result<PathBuf>>> = (0..BUILDS.len())
        .into_par_iter()
        .map(|build| {
            let is_needed = tests.iter().any(|(_, index, ..)| *index == build);
            is_needed.then(|| BUILDS[build].program())
        })
        .collect();
    for kernel in Kernel::ALL {
        let mut batch = Batch::new();
        let mut numbers = Vec::new();
        let mut machine = None;
        for (number, (_, index, scenario, _)) in tests.iter().enumerate() {
            let build = &BUILDS[*index];
            if build.kernel != kernel {
                continue;
            }
            match &programs[*index] {
                Some(Ok(program)) => {
                    machine = Some(build.machine()?);
                    batch.push(job(program, scenario));
                    numbers.push(number);
                }
                Some(Err(error)) => outcomes[number] = Err(format!("{error:#}")),
                None => {}
            }
        }
        let Some(machine) = machine else { continue };
        eprintln!("heap scenarios run on {machine}");
        let progress = Box::new(|text: &str| eprintln!("{text}"));
        let session = Session::new(machine, Settings { progress, ..Settings::default() });
        batch.run(&session, |number, result| {
            outcomes[numbers[number]] = result.map_err(|error| error.to_string());
        });
    }
    Ok(())
}
