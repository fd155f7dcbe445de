//! Reading: the facts of every source with each of its commands, from the cache or from libclang.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use clang::{Library, Unit};
use compdb::paths::{Disk, canonical};
use compdb::{Command, CompilerKind, Entry, Language, RecordedCommand, VectorLevel};
use diagnostics::{Diagnostic, SourcePath, codes};
use rayon::prelude::*;
use rewrite::analyse::{Context, Form, analyse};
use rewrite::facts::{Abi, Facts};
use rewrite::inline::Overlay;
use rewrite::token::Trigraphs;
use serde::{Deserialize, Serialize};

use crate::cache::{Cache, Key};
use crate::compilers::Compilers;
use crate::inputs::{self, InputFile};
use crate::options::Arguments;
use crate::outputs::Places;
use crate::progress::Progress;
use crate::sources::Sources;
use crate::texts::{Hash, Texts};
use crate::views::Views;

/// Everything that was read.
pub(crate) struct Input {
    /// One per source and distinct command, in the order of the database.
    pub(crate) facts: Vec<Facts>,
    /// All commands of those sources.
    pub(crate) commands: Vec<RecordedCommand>,
    /// Commands of other sources in the same database.
    pub(crate) others: Vec<Entry>,
    /// The database, if there is one.
    pub(crate) database: Option<SourcePath>,
    /// The files that the facts were read from.
    pub(crate) files: BTreeMap<Utf8PathBuf, Hash>,
    /// Their texts.
    pub(crate) texts: Texts,
    /// Texts of files in which uses of macros are written out.
    pub(crate) overlay: Overlay,
    /// For each of the facts, the number of its command among the sources' entries.
    pub(crate) entries: Vec<usize>,
}

impl Input {
    /// Puts units together. Returns what is worth a warning, too.
    ///
    /// # Errors
    /// If the units saw different texts of one file.
    pub(crate) fn new(
        units: Vec<UnitFacts>,
        texts: Texts,
    ) -> Result<(Input, Vec<Diagnostic>), Vec<Diagnostic>> {
        let mut input = Input {
            facts: Vec::with_capacity(units.len()),
            commands: Vec::new(),
            others: Vec::new(),
            database: None,
            files: BTreeMap::new(),
            texts,
            overlay: Overlay::default(),
            entries: Vec::new(),
        };
        let mut warnings = Vec::new();
        let mut errors = Vec::new();
        for unit in units {
            for file in unit.inputs {
                let known = *input.files.entry(file.path.clone()).or_insert(file.hash);
                if known != file.hash {
                    errors.push(changed_meanwhile(&file.path));
                }
            }
            input.facts.push(unit.facts);
            input.entries.push(unit.entry);
            input.commands.extend(unit.commands);
            warnings.extend(unit.warnings);
        }
        if errors.is_empty() { Ok((input, warnings)) } else { Err(errors) }
    }

    /// The units with a file for which this holds.
    pub(crate) fn units_with(
        &self,
        holds: impl Fn(&SourcePath) -> bool,
    ) -> impl Iterator<Item = usize> {
        let files = |unit: usize| self.facts[unit].files.iter();
        (0..self.facts.len()).filter(move |&unit| files(unit).any(&holds))
    }
}

/// A file has another text than when the facts were read.
pub(crate) fn changed_meanwhile(path: &Utf8Path) -> Diagnostic {
    let message = format!("{path} has changed since it was read");
    Diagnostic::error(codes::SOURCE_CHANGED, message)
        .at(diagnostics::Span::point(SourcePath::new(path), 0))
        .help("run the rewriter again when nothing else changes sources")
}

/// What one source, compiled with one command, has to say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UnitFacts {
    /// The commands: several if they only differ in what does not matter here, such as the output.
    pub(crate) commands: Vec<RecordedCommand>,
    /// The facts.
    pub(crate) facts: Facts,
    /// What is worth a warning.
    pub(crate) warnings: Vec<Diagnostic>,
    /// The files that the facts were read from.
    pub(crate) inputs: Vec<InputFile>,
    /// Number of the first command among the sources' entries.
    #[serde(skip)]
    pub(crate) entry: usize,
}

/// Reads all sources.
pub(crate) fn read(
    sources: &Sources,
    arguments: &Arguments,
    places: &Places,
) -> Result<(Vec<UnitFacts>, Texts), Vec<Diagnostic>> {
    let texts = Texts::default();
    let reader = Reader::new(arguments, places, &texts)?;
    let mut errors = Vec::new();
    let mut tasks: BTreeMap<Key, Task<'_>> = BTreeMap::new();
    let prepared: Vec<_> = sources.entries.par_iter().map(|entry| reader.prepare(entry)).collect();
    for (place, result) in prepared.into_iter().enumerate() {
        match result {
            Ok(mut task) => {
                task.place = place;
                let commands = std::mem::take(&mut task.commands);
                tasks.entry(task.key).or_insert(task).commands.extend(commands);
            }
            Err(more) => errors.extend(more),
        }
    }
    let mut tasks: Vec<Task<'_>> = tasks.into_values().collect();
    tasks.sort_by_key(|task| task.place);
    let progress = Progress::new(tasks.len(), "reading");
    let results: Vec<Result<UnitFacts, Vec<Diagnostic>>> = tasks
        .par_iter()
        .map(|task| {
            let result = reader.read(task);
            progress.step(task.entry.file());
            result
        })
        .collect();
    progress.finish();
    let mut units = Vec::with_capacity(results.len());
    for result in results {
        match result {
            Ok(unit) => units.push(unit),
            Err(more) => errors.extend(more),
        }
    }
    reader.cache.tidy();
    reader.library.release_memory();
    drop(reader);
    if errors.is_empty() { Ok((units, texts)) } else { Err(errors) }
}

/// Analyses the sources again that include one of the files, of which the overlay has new texts.
pub(crate) fn read_again(
    input: &mut Input,
    changed: &BTreeSet<SourcePath>,
    sources: &Sources,
    arguments: &Arguments,
    places: &Places,
) -> Result<(), Vec<Diagnostic>> {
    let texts = Texts::default();
    let reader = Reader::new(arguments, places, &texts)?;
    let units: Vec<(usize, usize)> = input
        .units_with(|file| changed.contains(file))
        .map(|unit| (unit, input.entries[unit]))
        .collect();
    let results: Vec<(usize, Result<Facts, Vec<Diagnostic>>)> = units
        .par_iter()
        .map(|&(unit, entry)| {
            let task = reader.prepare(&sources.entries[entry]);
            let read = task.and_then(|task| reader.analyse(&task, &input.overlay));
            (unit, read.map(|(facts, _)| facts))
        })
        .collect();
    reader.library.release_memory();
    let mut errors = Vec::new();
    for (unit, result) in results {
        match result {
            Ok(facts) => input.facts[unit] = facts,
            Err(more) => errors.extend(more),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Something to read.
struct Task<'a> {
    entry: &'a Entry,
    commands: Vec<RecordedCommand>,
    /// Place among all entries.
    place: usize,
    views: Views,
    /// Directories in which headers are searched.
    searched: Vec<Utf8PathBuf>,
    form: Form,
    trigraphs: Trigraphs,
    has_c23: bool,
    pkey: u8,
    abi: Abi,
    definitions: Vec<String>,
    warnings: Vec<Diagnostic>,
    key: Key,
}

struct Reader<'a> {
    places: &'a Places,
    generated: [Utf8PathBuf; 1],
    extra: &'a [String],
    library: Library,
    compilers: Compilers,
    cache: Cache,
    texts: &'a Texts,
}

impl<'a> Reader<'a> {
    fn new(
        arguments: &'a Arguments,
        places: &'a Places,
        texts: &'a Texts,
    ) -> Result<Reader<'a>, Vec<Diagnostic>> {
        let library = Library::load()
            .map_err(|error| vec![Diagnostic::error(codes::LIBCLANG_MISSING, error.to_string())])?;
        // Only now: looking for libclang takes longer where there are threads already.
        if let Some(jobs) = arguments.jobs {
            // Fails only if it was done before.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.get()).build_global();
        }
        Ok(Reader {
            places,
            generated: [places.generated(".h")],
            extra: &arguments.extra_arg,
            cache: Cache::open(arguments, &library.version()),
            compilers: Compilers::default(),
            library,
            texts,
        })
    }

    /// Understands a command.
    fn prepare<'e>(&self, entry: &'e Entry) -> Result<Task<'e>, Vec<Diagnostic>> {
        let one = |diagnostic: Diagnostic| vec![diagnostic];
        let command = entry.command_on_text(&Disk).map_err(|error| one((&error).into()))?;
        command.check_target().map_err(|error| one((&error).into()))?;
        command.check_language(&Disk, entry.file()).map_err(|error| one((&error).into()))?;
        let pkey = command.pkey().map_err(|error| one((&error).into()))?.number();
        let (kind, abi) = self.abi(&command)?;
        let analysis = command.for_analysis(&Disk, kind, entry.file(), &self.generated);
        let refused: Vec<Diagnostic> = analysis.refused.iter().map(Diagnostic::from).collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let form = match command.language_of(&Disk, entry.file()) {
            Language::PreprocessedC => Form::Preprocessed,
            _ => Form::Source,
        };
        let is_gcc = kind == CompilerKind::Gcc && matches!(form, Form::Source);
        let views = Views::new(&analysis.arguments, is_gcc.then_some(abi.version), self.extra);
        let recorded = entry.recorded(&Disk).map_err(|error| one((&error).into()))?;
        let directories = command.include_directories();
        let searched = directories.iter().map(|path| entry.directory().join(path)).collect();
        let key = self.cache.key(&[
            self.places.root.as_str(),
            entry.directory().as_str(),
            entry.source().as_str(),
            entry.file().as_str(),
            &format!("{pkey} {abi:?} {:?}", self.generated),
            &format!("{views:?}"),
        ]);
        Ok(Task {
            entry,
            commands: vec![recorded],
            place: 0,
            views,
            searched,
            form,
            trigraphs: match command.replaces_trigraphs() {
                true => Trigraphs::Replaced,
                false => Trigraphs::Kept,
            },
            has_c23: command.has_c23(),
            pkey,
            abi,
            definitions: command.macro_flags(),
            warnings: analysis.unknown.iter().map(Diagnostic::from).collect(),
            key,
        })
    }

    fn read(&self, task: &Task<'_>) -> Result<UnitFacts, Vec<Diagnostic>> {
        if let Some(facts) = self.cache.get(&task.key, self.texts) {
            let (facts, inputs) = facts;
            let (commands, warnings) = (task.commands.clone(), task.warnings.clone());
            return Ok(UnitFacts { commands, facts, warnings, inputs, entry: task.place });
        }
        let (facts, inputs) = self.analyse(task, &Overlay::default())?;
        let (commands, warnings) = (task.commands.clone(), task.warnings.clone());
        Ok(UnitFacts { commands, facts, warnings, inputs, entry: task.place })
    }

    /// Reads a source, with other texts in the place of some files. What is read from the files
    /// themselves is kept in the cache.
    fn analyse(
        &self,
        task: &Task<'_>,
        overlay: &Overlay,
    ) -> Result<(Facts, Vec<InputFile>), Vec<Diagnostic>> {
        let is_compile_error = |error: &Diagnostic| error.code == codes::COMPILE_ERROR;
        if let Some(arguments) = &task.views.as_gcc {
            match self.analyse_with(arguments, task, overlay) {
                Err(errors) if errors.iter().any(is_compile_error) => {}
                result => return result,
            }
        }
        self.analyse_with(&task.views.as_clang, task, overlay)
    }

    fn analyse_with(
        &self,
        arguments: &[String],
        task: &Task<'_>,
        overlay: &Overlay,
    ) -> Result<(Facts, Vec<InputFile>), Vec<Diagnostic>> {
        let entry = task.entry;
        let texts: Vec<(&Path, &[u8])> =
            overlay.texts().map(|(file, text)| (file.as_path().as_std_path(), text)).collect();
        let source = entry.source().as_std_path();
        let unit = Unit::parse_with_texts(&self.library, source, arguments, &texts);
        let unit =
            unit.map_err(|error| vec![Diagnostic::error(codes::COMPILE_ERROR, error.to_string())])?;
        let directory = entry.directory();
        let canonical = |path: &Path| match Utf8Path::from_path(path) {
            Some(path) => canonical(&Disk, directory, path),
            None => Utf8PathBuf::from(path.to_string_lossy().into_owned()),
        };
        let context = Context {
            source: SourcePath::new(entry.file()),
            root: &self.places.root,
            canonical: &canonical,
            form: task.form,
            trigraphs: task.trigraphs,
            has_c23: task.has_c23,
            pkey: task.pkey,
            abi: task.abi,
            definitions: task.definitions.clone(),
        };
        let facts = analyse(&unit, &context)?;
        let inputs = inputs::of(&unit, directory);
        if texts.is_empty() {
            self.cache.put(&task.key, &facts, &inputs, || {
                inputs::absent(&unit, directory, &task.searched)
            });
        }
        Ok((facts, inputs))
    }

    fn abi(&self, command: &Command) -> Result<(CompilerKind, Abi), Vec<Diagnostic>> {
        let directory = command.directory();
        let kind = command.compiler(|program| self.compilers.kind(program, directory));
        let kind = kind.map_err(|error| vec![Diagnostic::from(&error)])?;
        let level = command.vector_level(kind).map_err(|error| vec![Diagnostic::from(&error)])?;
        let abi = Abi {
            is_clang: kind == CompilerKind::Clang,
            version: self.compilers.version(command.driver().program(), directory, kind),
            vector_bytes: match level {
                VectorLevel::Sse => 16,
                VectorLevel::Avx => 32,
                VectorLevel::Avx512 => 64,
            },
        };
        Ok((kind, abi))
    }
}
