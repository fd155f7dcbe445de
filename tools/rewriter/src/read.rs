//! Reading: the compile database, and the facts of every source with each of its commands.

use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use clang::{Library, Unit};
use compdb::paths::{Disk, canonical};
use compdb::{Command, CompilerKind, Database, Entry, VectorLevel};
use diagnostics::{Diagnostic, SourcePath, Span, codes};
use rayon::prelude::*;
use rewrite::analyse::{Context, analyse};
use rewrite::facts::{Abi, Facts};

use crate::compilers::Compilers;
use crate::options::Arguments;

/// Everything that was read.
pub(crate) struct Input {
    /// The root directory, canonical.
    pub(crate) root: Utf8PathBuf,
    /// Facts, one per source and command, in the order of the database.
    pub(crate) units: Vec<Facts>,
    /// What is worth a warning.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Arguments that let the analysis see what the compile will see.
const ANALYSIS_ARGUMENTS: [&str; 9] = [
    "-DIA2_ENABLE=1",
    "-DIA2_REWRITER=1",
    "-ferror-limit=0",
    // Warnings are for the compile; looking for them takes time.
    "-w",
    "-Wno-error",
    // Old C that compilers still accept with a warning.
    "-Wno-error=implicit-function-declaration",
    "-Wno-error=implicit-int",
    "-Wno-error=int-conversion",
    "-Wno-error=incompatible-function-pointer-types",
];

/// Reads everything.
pub(crate) fn read(arguments: &Arguments) -> Result<Input, Vec<Diagnostic>> {
    let current = current_directory()?;
    let absolute = |path: &Utf8Path| canonical(&Disk, &current, path);
    let root = absolute(&arguments.root_directory);
    let sources: Vec<Utf8PathBuf> = arguments.sources.iter().map(|path| absolute(path)).collect();
    check_sources(arguments, &sources, &root)?;
    let database = match &arguments.build_path {
        Some(directory) => Database::load(&Disk, &current.join(directory)),
        None => Database::load_for(&Disk, &current, &arguments.sources[0]),
    }
    .map_err(|error| vec![Diagnostic::from(&error)])?;
    let prefix = absolute(&arguments.output_prefix);
    let generated = vec![Utf8PathBuf::from(format!("{prefix}.h"))];
    let library = Library::load()
        .map_err(|error| vec![Diagnostic::error(codes::LIBCLANG_MISSING, error.to_string())])?;
    let (entries, mut errors) = entries(&database, &sources);
    let compilers = Compilers::default();
    let reader = Reader { root: &root, generated: &generated, arguments, library, compilers };
    let results: Vec<Result<Read, Vec<Diagnostic>>> =
        entries.par_iter().map(|entry| reader.read(entry)).collect();
    let mut input = Input { root: root.clone(), units: Vec::new(), warnings: Vec::new() };
    for result in results {
        match result {
            Ok(read) => {
                input.units.push(read.facts);
                input.warnings.extend(read.warnings);
            }
            Err(more) => errors.extend(more),
        }
    }
    if errors.is_empty() { Ok(input) } else { Err(errors) }
}

fn current_directory() -> Result<Utf8PathBuf, Vec<Diagnostic>> {
    let path = std::env::current_dir().map_err(|error| error.to_string());
    path.and_then(|path| Utf8PathBuf::try_from(path).map_err(|error| error.to_string())).map_err(
        |reason| {
            let message = format!("the current directory cannot be used: {reason}");
            vec![Diagnostic::error(codes::SOURCE_UNREADABLE, message)]
        },
    )
}

fn check_sources(
    arguments: &Arguments,
    sources: &[Utf8PathBuf],
    root: &Utf8Path,
) -> Result<(), Vec<Diagnostic>> {
    let mut errors = Vec::new();
    if !root.is_dir() {
        let message = format!("the root directory {} does not exist", arguments.root_directory);
        return Err(vec![Diagnostic::error(codes::OUTSIDE_ROOT, message)]);
    }
    for (source, spelled) in sources.iter().zip(&arguments.sources) {
        let first_line = Span::point(SourcePath::new(source), 0);
        if let Err(error) = std::fs::File::open(source) {
            let message = format!("cannot read {spelled}: {error}");
            errors.push(Diagnostic::error(codes::SOURCE_UNREADABLE, message));
        } else if !source.starts_with(root) {
            errors.push(
                Diagnostic::error(
                    codes::OUTSIDE_ROOT,
                    format!("{spelled} lies outside the root directory"),
                )
                .at(first_line)
                .note(format!("the root directory is {root}"))
                .help("name a root directory that contains all sources"),
            );
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The entries of all sources, each once.
fn entries<'d>(
    database: &'d Database,
    sources: &[Utf8PathBuf],
) -> (Vec<&'d Entry>, Vec<Diagnostic>) {
    let mut sorted = sources.to_vec();
    sorted.sort();
    sorted.dedup();
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for source in &sorted {
        match database.commands_for(source) {
            Ok(entries) => found.extend(entries),
            Err(error) => errors.push(Diagnostic::from(&error)),
        }
    }
    (found, errors)
}

struct Reader<'a> {
    root: &'a Utf8Path,
    generated: &'a [Utf8PathBuf],
    arguments: &'a Arguments,
    library: Library,
    compilers: Compilers,
}

/// What one source has to say.
struct Read {
    facts: Facts,
    warnings: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn read(&self, entry: &Entry) -> Result<Read, Vec<Diagnostic>> {
        let one = |diagnostic: Diagnostic| vec![diagnostic];
        let command = entry.command(&Disk).map_err(|error| one((&error).into()))?;
        command.check_target().map_err(|error| one((&error).into()))?;
        command.check_language(&Disk, entry.file()).map_err(|error| one((&error).into()))?;
        let pkey = command.pkey().map_err(|error| one((&error).into()))?;
        let (kind, abi) = self.abi(&command)?;
        let analysis = command.for_analysis(&Disk, kind, entry.file(), self.generated);
        let refused: Vec<Diagnostic> = analysis.refused.iter().map(Diagnostic::from).collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let warnings = analysis.unknown.iter().map(Diagnostic::from).collect();
        let mut arguments = analysis.arguments;
        arguments.extend(ANALYSIS_ARGUMENTS.map(str::to_owned));
        arguments.extend(self.arguments.extra_arg.iter().cloned());
        let unit = Unit::parse(&self.library, entry.source().as_std_path(), &arguments);
        let unit =
            unit.map_err(|error| one(Diagnostic::error(codes::COMPILE_ERROR, error.to_string())))?;
        let directory = entry.directory();
        let canonical = |path: &Path| match Utf8Path::from_path(path) {
            Some(path) => canonical(&Disk, directory, path),
            None => Utf8PathBuf::from(path.to_string_lossy().into_owned()),
        };
        let context = Context {
            source: SourcePath::new(entry.file()),
            root: self.root,
            canonical: &canonical,
            pkey: pkey.number(),
            abi,
        };
        Ok(Read { facts: analyse(&unit, &context)?, warnings })
    }

    fn abi(&self, command: &Command) -> Result<(CompilerKind, Abi), Vec<Diagnostic>> {
        let kind = command.compiler(|program| self.compilers.kind(program));
        let kind = kind.map_err(|error| vec![Diagnostic::from(&error)])?;
        let level = command.vector_level(kind).map_err(|error| vec![Diagnostic::from(&error)])?;
        let abi = Abi {
            is_clang: kind == CompilerKind::Clang,
            version: self.compilers.version(command.driver().program(), kind),
            vector_bytes: match level {
                VectorLevel::Sse => 16,
                VectorLevel::Avx => 32,
                VectorLevel::Avx512 => 64,
            },
        };
        Ok((kind, abi))
    }
}
