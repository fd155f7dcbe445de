//! The command line: what is written there, and what it means.

use camino::Utf8PathBuf;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use diagnostics::{Code, ColourChoice};
use rewrite::plan::OpaqueChoice;

use crate::lints::Lints;

/// Rewrites C sources so that calls between shared objects go through call gates.
///
/// The compartment of each source is the N of -DPKEY=N in its compile command. Rewritten sources and
/// headers are written below the output directory; the prefix names the generated files: PREFIX.c
/// (the call gates), PREFIX.h (to be included before every source), PREFIX_N.ld (linker arguments of
/// compartment N).
#[derive(Parser, Debug)]
#[command(name = "ia2-rewriter", version)]
struct CommandLine {
    /// Files below this directory are rewritten, all others are the system's
    #[arg(long, value_name = "DIR")]
    root_directory: Option<Utf8PathBuf>,

    /// Where rewritten files go, at the same path as below the root
    #[arg(long, value_name = "DIR")]
    output_directory: Option<Utf8PathBuf>,

    /// Path and beginning of the names of the generated files
    #[arg(long, value_name = "PREFIX")]
    output_prefix: Option<Utf8PathBuf>,

    /// Directory of compile_commands.json [default: searched from the first source upwards]
    #[arg(short = 'p', value_name = "DIR")]
    build_path: Option<Utf8PathBuf>,

    /// One more argument for the compiler that reads the sources; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    extra_arg: Vec<String>,

    /// Architecture of the program
    #[arg(long, value_enum, default_value = "x86")]
    arch: Architecture,

    /// Which function-pointer types become opaque
    #[arg(long, value_enum, default_value = "crossing")]
    opaque: Opaque,

    /// Let every variable that several compartments use become shared data
    #[arg(long)]
    share_globals: bool,

    /// Write which function-pointer types became opaque, and why, to this file (-: standard output)
    #[arg(long, value_name = "FILE")]
    report: Option<Utf8PathBuf>,

    /// Overwrite rewritten files that were changed by hand
    #[arg(long, conflicts_with = "record_edits")]
    force: bool,

    /// Keep changes that were made by hand in rewritten files, and make them again on each run
    #[arg(long)]
    record_edits: bool,

    /// Only read the sources, and write what is to be known of them to this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["link_facts", "force", "record_edits"])]
    emit_facts: Option<Utf8PathBuf>,

    /// Read no sources: the arguments are files that --emit-facts has written
    #[arg(long)]
    link_facts: bool,

    /// Where facts of sources are kept for later runs [default: ~/.cache/ia2-rewriter]
    #[arg(long, value_name = "DIR")]
    cache_directory: Option<Utf8PathBuf>,

    /// Read every source again
    #[arg(long)]
    no_cache: bool,

    /// How many sources to read at the same time [default: as many as there are processors]
    #[arg(short = 'j', long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,

    /// Switch a warning on (NAME), off (no-NAME), or make it an error (error=NAME); `all` is all of
    /// them, `help` lists them
    #[arg(short = 'W', value_name = "WARNING")]
    warnings: Vec<String>,

    /// How diagnostics are written
    #[arg(long, value_enum, default_value = "human")]
    message_format: MessageFormat,

    /// When to use colours: auto, always, never
    #[arg(long, default_value = "auto", value_name = "WHEN")]
    color: ColourChoice,

    /// Explain a code such as IA2012, and do nothing else
    #[arg(long, value_name = "CODE")]
    explain: Option<Code>,

    /// The sources
    #[arg(value_name = "SOURCE.c")]
    sources: Vec<Utf8PathBuf>,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    /// Print the explanation of a code.
    Explain(Code),
    /// Print the names of warnings.
    ListWarnings,
    /// Read sources and write their facts to the file.
    EmitFacts(Utf8PathBuf, Arguments),
    /// Rewrite from facts.
    LinkFacts(Arguments),
    /// Rewrite sources.
    Rewrite(Arguments),
}

/// How to rewrite.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) root_directory: Utf8PathBuf,
    pub(crate) output_directory: Utf8PathBuf,
    pub(crate) output_prefix: Utf8PathBuf,
    pub(crate) build_path: Option<Utf8PathBuf>,
    pub(crate) extra_arg: Vec<String>,
    pub(crate) opaque: OpaqueChoice,
    pub(crate) share_globals: bool,
    pub(crate) report: Option<Utf8PathBuf>,
    pub(crate) force: bool,
    pub(crate) record_edits: bool,
    pub(crate) cache_directory: Option<Utf8PathBuf>,
    pub(crate) no_cache: bool,
    pub(crate) jobs: Option<std::num::NonZeroUsize>,
    pub(crate) lints: Lints,
    pub(crate) message_format: MessageFormat,
    pub(crate) color: ColourChoice,
    /// At least one: sources, or files of facts.
    pub(crate) sources: Vec<Utf8PathBuf>,
}

/// Architectures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Architecture {
    /// x86-64 with protection keys.
    #[value(alias = "x86_64", alias = "x86-64")]
    X86,
}

/// Which function-pointer types become opaque.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Opaque {
    /// Those that code of several compartments uses.
    Crossing,
    /// All of them.
    All,
}

/// How diagnostics are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people.
    Human,
    /// A line of JSON each.
    Json,
}

impl Task {
    /// Reads the command line; ends the program on wrong usage (status 2), `--help` and `--version`.
    pub(crate) fn parse() -> Task {
        let line = CommandLine::parse();
        line.task().unwrap_or_else(|error| error.exit())
    }
}

impl CommandLine {
    fn task(self) -> Result<Task, clap::Error> {
        if let Some(code) = self.explain {
            return Ok(Task::Explain(code));
        }
        if self.warnings.iter().any(|name| name == "help") {
            return Ok(Task::ListWarnings);
        }
        let lints = Lints::new(&self.warnings)
            .map_err(|unknown| wrong(ErrorKind::InvalidValue, &unknown.to_string()))?;
        if self.sources.is_empty() {
            return Err(missing("<SOURCE.c>..."));
        }
        let Architecture::X86 = self.arch;
        // Facts alone need no place for outputs, but the prefix tells which header is generated.
        let only_facts = self.emit_facts.is_some();
        let needed = |path: Option<Utf8PathBuf>, name: &str| match path {
            None if only_facts => Ok(Utf8PathBuf::from("ia2-rewriter-output")),
            path => path.ok_or_else(|| missing(name)),
        };
        let arguments = Arguments {
            root_directory: self.root_directory.ok_or_else(|| missing("--root-directory <DIR>"))?,
            output_directory: needed(self.output_directory, "--output-directory <DIR>")?,
            output_prefix: needed(self.output_prefix, "--output-prefix <PREFIX>")?,
            build_path: self.build_path,
            extra_arg: self.extra_arg,
            opaque: match self.opaque {
                Opaque::Crossing => OpaqueChoice::Crossing,
                Opaque::All => OpaqueChoice::All,
            },
            share_globals: self.share_globals,
            report: self.report,
            force: self.force,
            record_edits: self.record_edits,
            cache_directory: self.cache_directory,
            no_cache: self.no_cache,
            jobs: self.jobs,
            lints,
            message_format: self.message_format,
            color: self.color,
            sources: self.sources,
        };
        Ok(match self.emit_facts {
            Some(file) => Task::EmitFacts(file, arguments),
            None if self.link_facts => Task::LinkFacts(arguments),
            None => Task::Rewrite(arguments),
        })
    }
}

fn missing(name: &str) -> clap::Error {
    let message = format!("the following required arguments were not provided:\n  {name}");
    wrong(ErrorKind::MissingRequiredArgument, &message)
}

fn wrong(kind: ErrorKind, message: &str) -> clap::Error {
    CommandLine::command().error(kind, message)
}
