//! The command line.

use camino::Utf8PathBuf;
use clap::{Parser, ValueEnum};
use diagnostics::ColourChoice;
use rewrite::plan::OpaqueChoice;

/// Rewrites C sources so that calls between shared objects go through call gates.
///
/// The compartment of each source is the N of -DPKEY=N in its compile command. Rewritten sources and
/// headers are written below the output directory; the prefix names the generated files: PREFIX.c
/// (the call gates), PREFIX.h (to be included before every source), PREFIX_N.ld (linker arguments of
/// compartment N).
#[derive(Parser, Debug)]
#[command(name = "ia2-rewriter", version)]
pub(crate) struct Arguments {
    /// Files below this directory are rewritten, all others are the system's
    #[arg(long, value_name = "DIR")]
    pub(crate) root_directory: Utf8PathBuf,

    /// Where rewritten files go, at the same path as below the root
    #[arg(long, value_name = "DIR")]
    pub(crate) output_directory: Utf8PathBuf,

    /// Path and beginning of the names of the generated files
    #[arg(long, value_name = "PREFIX")]
    pub(crate) output_prefix: Utf8PathBuf,

    /// Directory of compile_commands.json [default: searched from the first source upwards]
    #[arg(short = 'p', value_name = "DIR")]
    pub(crate) build_path: Option<Utf8PathBuf>,

    /// One more argument for the compiler that reads the sources; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub(crate) extra_arg: Vec<String>,

    /// Architecture of the program
    #[arg(long, value_enum, default_value = "x86")]
    pub(crate) arch: Architecture,

    /// Which function-pointer types become opaque
    #[arg(long, value_enum, default_value = "crossing")]
    pub(crate) opaque: Opaque,

    /// Overwrite rewritten files that were changed by hand
    #[arg(long, conflicts_with = "record_edits")]
    pub(crate) force: bool,

    /// Keep changes that were made by hand in rewritten files, and make them again on each run
    #[arg(long)]
    pub(crate) record_edits: bool,

    /// Where facts of sources are kept for later runs [default: ~/.cache/ia2-rewriter]
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_directory: Option<Utf8PathBuf>,

    /// Read every source again
    #[arg(long)]
    pub(crate) no_cache: bool,

    /// How many sources to read at the same time [default: as many as there are processors]
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,

    /// How diagnostics are written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) message_format: MessageFormat,

    /// When to use colours: auto, always, never
    #[arg(long, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: ColourChoice,

    /// The sources
    #[arg(required = true, value_name = "SOURCE.c")]
    pub(crate) sources: Vec<Utf8PathBuf>,
}

/// Architectures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Architecture {
    /// x86-64 with protection keys.
    #[value(alias = "x86_64", alias = "x86-64")]
    X86,
}

/// Which function-pointer types become opaque.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Opaque {
    /// Those that code of several compartments uses.
    Crossing,
    /// All of them.
    All,
}

impl From<Opaque> for OpaqueChoice {
    fn from(opaque: Opaque) -> OpaqueChoice {
        match opaque {
            Opaque::Crossing => OpaqueChoice::Crossing,
            Opaque::All => OpaqueChoice::All,
        }
    }
}

/// How diagnostics are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum MessageFormat {
    /// For people.
    Human,
    /// A line of JSON each.
    Json,
}
