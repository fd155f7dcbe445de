//! The compile database of the rewritten sources: the commands that compiled the originals, with
//! their paths led to where the rewritten files are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use compdb::paths::{Disk, canonical};
use compdb::{Command, Entry, FILE_NAME, Language, OutputEntry, PathUse, write_database};
use diagnostics::{Diagnostic, codes};
use rewrite::facts::LeadingOut;

use super::Places;
use super::record::{DIRECTORY, State};
use super::targets::Target;
use crate::read::Input;

/// The database as a file to write, and the directories that its commands write into.
pub(crate) struct Database {
    pub(crate) target: Target,
    pub(crate) directories: BTreeSet<Utf8PathBuf>,
}

/// Leads the commands to the rewritten files.
pub(crate) fn database(
    input: &Input,
    places: &Places,
    state: &State,
    targets: &[Target],
) -> Result<Database, Vec<Diagnostic>> {
    let mut mover = Mover {
        places,
        quoted: quoted(input, places),
        written: targets.iter().map(|target| target.path.as_path()).collect(),
        directories: BTreeSet::new(),
    };
    let mut entries = Vec::new();
    let mut errors = Vec::new();
    let rewritten = input.commands.iter().map(|command| (Entry::from(command), true));
    let others = input.others.iter().map(|entry| (entry.clone(), false));
    for (entry, is_rewritten) in rewritten.chain(others) {
        match entry.command(&Disk) {
            Ok(command) => entries.push(mover.entry(&entry, &command, is_rewritten)),
            // What is not rewritten need not be understood.
            Err(_) if !is_rewritten => {}
            Err(error) => errors.push(Diagnostic::from(&error)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let text = write_database(&entries).into_bytes();
    let path = path(input, places, state, &text);
    let target = Target { path, text: Arc::new(text), original: None };
    Ok(Database { target, directories: mover.directories })
}

/// In the output directory, unless a database is there that is not ours: that of the original
/// sources, perhaps, or of a build of the rewritten ones.
fn path(input: &Input, places: &Places, state: &State, text: &[u8]) -> Utf8PathBuf {
    let usual = places.output.join(FILE_NAME);
    let is_input = input.database.as_ref().is_some_and(|database| database.as_path() == usual);
    let is_free = match std::fs::read(&usual) {
        Ok(found) => found == text || state.is_as_written(&usual, &found),
        Err(_) => true,
    };
    if !is_input && is_free { usual } else { places.output.join(DIRECTORY).join(FILE_NAME) }
}

struct Mover<'a> {
    places: &'a Places,
    /// By source: directories from which headers outside the root are included.
    quoted: BTreeMap<&'a Utf8Path, BTreeSet<&'a Utf8Path>>,
    /// Files that are written.
    written: BTreeSet<&'a Utf8Path>,
    /// Directories that commands write into.
    directories: BTreeSet<Utf8PathBuf>,
}

impl Mover<'_> {
    fn entry(&mut self, entry: &Entry, command: &Command, is_rewritten: bool) -> OutputEntry {
        if !is_rewritten {
            return OutputEntry::new(entry, command, &Disk, &mut |_, _| None);
        }
        let mut moved = OutputEntry::new(entry, command, &Disk, &mut |path_use, path| {
            self.moved(path_use, path)
        });
        if command.language_of(&Disk, entry.file()) == Language::PreprocessedC {
            moved.compile_as_c(command, &|name| name == "PKEY" || name.starts_with("IA2_"));
        }
        moved.add(self.additions(entry, command));
        moved
    }

    fn moved(&mut self, path_use: PathUse, path: &Utf8Path) -> Option<Utf8PathBuf> {
        let moved = self.places.moved(path)?;
        match path_use {
            PathUse::Source | PathUse::Header => self.is_written(&moved).then_some(moved),
            PathUse::Directory => self.has_written(&moved).then_some(moved),
            PathUse::Output => {
                // A build that uses the output directory names its outputs there already.
                if path.starts_with(&self.places.output) {
                    return None;
                }
                self.directories.extend(moved.parent().map(Utf8Path::to_owned));
                Some(moved)
            }
        }
    }

    fn is_written(&self, path: &Utf8Path) -> bool {
        self.written.contains(path)
    }

    /// Whether a file is written somewhere below the directory.
    fn has_written(&self, directory: &Utf8Path) -> bool {
        // Paths compare by component, so those below a directory follow it.
        self.written.range(directory..).next().is_some_and(|path| path.starts_with(directory))
    }

    /// What a rewritten source needs beyond its old command: the generated header, and that header's
    /// own.
    fn additions(&self, entry: &Entry, command: &Command) -> Vec<String> {
        let header = self.places.generated(".h");
        let here = |path: &str| canonical(&Disk, command.directory(), Utf8Path::new(path));
        let mut additions = Vec::new();
        if !command.forced_includes().iter().any(|included| here(included) == header) {
            additions.extend(["-include".to_owned(), header.into_string()]);
        }
        let finds_ours = command
            .include_directories()
            .iter()
            .any(|directory| here(directory).join("ia2.h").exists());
        if let Some(headers) = own_headers().filter(|_| !finds_ours) {
            additions.extend(["-I".to_owned(), headers.into_string()]);
        }
        for directory in self.quoted.get(entry.file()).into_iter().flatten() {
            additions.extend(["-iquote".to_owned(), directory.to_string()]);
        }
        additions
    }
}

/// By source: directories from which headers outside the root are included by a relative path.
fn quoted<'a>(input: &'a Input, places: &Places) -> BTreeMap<&'a Utf8Path, BTreeSet<&'a Utf8Path>> {
    let mut quoted: BTreeMap<&Utf8Path, BTreeSet<&Utf8Path>> = BTreeMap::new();
    for unit in &input.facts {
        let directories = unit
            .leading_out
            .iter()
            .filter(|known| leads_nowhere(known, places))
            .filter_map(|known| known.span.file.as_path().parent());
        quoted.entry(unit.source.as_path()).or_default().extend(directories);
    }
    quoted
}

/// Whether the path of an `#include` does not lead to the same file from where the file is written.
fn leads_nowhere(known: &LeadingOut, places: &Places) -> bool {
    let beside = places.moved(known.span.file.as_path());
    let directory = beside.as_ref().and_then(|path| path.parent());
    directory.is_none_or(|directory| {
        canonical(&Disk, directory, Utf8Path::new(&known.spelled)) != known.included.as_path()
    })
}

/// Warnings about such directives.
pub(crate) fn leading_out(input: &Input, places: &Places) -> Vec<Diagnostic> {
    let all: BTreeSet<&LeadingOut> =
        input.facts.iter().flat_map(|unit| &unit.leading_out).collect();
    let lost = all.into_iter().filter(|known| leads_nowhere(known, places));
    lost.map(|known| {
        let directory = known.span.file.as_path().parent().unwrap_or(Utf8Path::new("/"));
        let message = format!("`{}` leads to nothing from the rewritten file", known.spelled);
        Diagnostic::warning(codes::INCLUDE_LEADS_OUT, message)
            .at(known.span.clone())
            .note(format!("{} lies outside the root directory", known.included))
            .help(format!("compile the rewritten file with `-iquote {directory}`"))
    })
    .collect()
}

/// Errors about directives that lead to the original of a file that is changed.
pub(crate) fn leading_back(input: &Input, targets: &[Target]) -> Vec<Diagnostic> {
    let all: BTreeSet<&LeadingOut> =
        input.facts.iter().flat_map(|unit| &unit.leading_back).collect();
    let is_changed = |known: &&LeadingOut| {
        let path = known.included.as_path();
        let made_of = |target: &&Target| {
            target.original.as_ref().is_some_and(|original| original.path.as_path() == path)
        };
        let text = targets.iter().find(made_of).map(|target| &target.text);
        text.is_some_and(|text| std::fs::read(path).map_or(true, |found| found != **text))
    };
    all.into_iter()
        .filter(is_changed)
        .map(|known| {
            let message = format!("`{}` leads to the header as it was", known.spelled);
            Diagnostic::error(codes::INCLUDE_LEADS_BACK, message)
                .at(known.span.clone())
                .note(format!("{} is rewritten, but this file is not", known.included))
                .help("name a root directory that contains both")
        })
        .collect()
}

/// The directory with `ia2.h`, in the tree that this program was staged into.
fn own_headers() -> Option<Utf8PathBuf> {
    let program = Utf8PathBuf::try_from(std::env::current_exe().ok()?).ok()?;
    let mut above = program.ancestors().map(|above| above.join("runtime/libia2/include"));
    above.find(|directory| directory.join("ia2.h").exists())
}
