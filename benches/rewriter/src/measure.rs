//! Running programs, and what they used.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::project::Project;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum What {
    /// `clang -fsyntax-only`, once per source.
    Clang,
    /// The rewriter without its cache.
    Rewriter,
    /// The same with every function-pointer type opaque.
    All,
    /// With an empty cache.
    Cold,
    /// With the cache of the run before, and one source changed.
    OneChanged,
}

impl What {
    /// In the order in which they are measured.
    pub(crate) const EACH: [What; 5] =
        [What::Clang, What::Rewriter, What::All, What::Cold, What::OneChanged];

    pub(crate) fn name(self) -> &'static str {
        match self {
            What::Clang => "clang -fsyntax-only",
            What::Rewriter => "rewriter",
            What::All => "rewriter, --opaque=all",
            What::Cold => "rewriter, empty cache",
            What::OneChanged => "rewriter, one source changed",
        }
    }
}

/// What a run used.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) project: String,
    pub(crate) what: What,
    pub(crate) round: usize,
    /// CPU time in seconds, in user and kernel mode, of all processes.
    pub(crate) seconds: f64,
    /// The most memory that a process had, in MiB.
    pub(crate) memory: f64,
}

/// A round over one project.
pub(crate) struct Workload<'a> {
    pub(crate) project: &'a Project,
    pub(crate) rewriter: &'a Path,
    pub(crate) round: usize,
}

impl Workload<'_> {
    /// Everything once.
    pub(crate) fn measure(&self) -> Result<Vec<Figure>> {
        let cache = self.project.folder.join("cache");
        if cache.exists() {
            fs_err::remove_dir_all(&cache)?;
        }
        What::EACH.into_iter().map(|what| self.figure(what)).collect()
    }

    fn figure(&self, what: What) -> Result<Figure> {
        if what == What::OneChanged {
            self.project.change_one(self.round)?;
        }
        let (mut seconds, mut memory) = (0.0, 0.0_f64);
        for command in self.commands(what)? {
            let (more, most) = run(&command)?;
            seconds += more;
            memory = memory.max(most);
        }
        let project = self.project.name.clone();
        Ok(Figure { project, what, round: self.round, seconds, memory })
    }

    fn commands(&self, what: What) -> Result<Vec<Command>> {
        if what == What::Clang {
            let clang = clang()?;
            let command = |source: &String| {
                let mut command = Command::new(clang);
                command.current_dir(&self.project.folder).arg("-fsyntax-only");
                command.args(&self.project.flags).arg(format!("src/{source}"));
                command
            };
            return Ok(self.project.sources.iter().map(command).collect());
        }
        let mut command = Command::new(self.rewriter);
        command.current_dir(&self.project.folder).args([
            "-j1",
            "--root-directory=src",
            "--output-directory=out",
            "--output-prefix=gates",
        ]);
        command.args(match what {
            What::All => &["--no-cache", "--opaque=all", "--force"][..],
            What::Rewriter => &["--no-cache", "--force"][..],
            _ => &["--cache-directory=cache"][..],
        });
        command.args(self.project.sources.iter().map(|source| format!("src/{source}")));
        Ok(vec![command])
    }
}

/// The newest clang.
fn clang() -> Result<&'static str> {
    let names = ["clang", "clang-19", "clang-18", "clang-17", "clang-16"];
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    match names.into_iter().find(runs) {
        Some(name) => Ok(name),
        None => bail!("clang is not installed"),
    }
}

/// The argument with which this program runs another one and says what that used.
pub(crate) const ALONE: &str = "--alone";

/// Runs a program; gives its CPU time in seconds and the most memory that a process of it had, in MiB.
///
/// The kernel adds up what all children used, so each program is the only child of a process.
fn run(command: &Command) -> Result<(f64, f64)> {
    let mut alone = Command::new(std::env::current_exe()?);
    alone.arg(ALONE).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        alone.current_dir(folder);
    }
    let output = alone.stdin(Stdio::null()).output().context("it runs itself")?;
    let messages = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{messages}");
    let text = String::from_utf8_lossy(&output.stdout);
    let (seconds, memory) = text.trim().split_once(' ').context("two numbers")?;
    Ok((seconds.parse()?, memory.parse()?))
}

/// Runs a program, and prints what it used.
pub(crate) fn alone(words: &[String]) -> Result<()> {
    let (program, arguments) = words.split_first().context("no program")?;
    let output = Command::new(program).args(arguments).stdout(Stdio::null()).output()?;
    let messages = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} failed:\n{messages}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = usage.user_time() + usage.system_time();
    let memory = usage.max_rss() as f64 / 1024.0;
    println!("{} {memory}", time.num_microseconds() as f64 / 1e6);
    Ok(())
}

/// All figures, a line each.
pub(crate) fn raw(figures: &[Figure]) -> String {
    let mut text = String::from("project\twhat\tround\tCPU seconds\tMiB\n");
    for figure in figures {
        text.push_str(&format!(
            "{}\t{}\t{}\t{:.3}\t{:.1}\n",
            figure.project,
            figure.what.name(),
            figure.round,
            figure.seconds,
            figure.memory
        ));
    }
    text
}
