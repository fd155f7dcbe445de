//! What is to be read: the sources of the command line, and their commands in the compile database.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use compdb::paths::{Disk, canonical};
use compdb::{Database, Entry};
use diagnostics::{Diagnostic, SourcePath, Span, codes};

use crate::options::Arguments;
use crate::outputs::Places;

/// Commands of the compile database.
pub(crate) struct Sources {
    /// The database, if they come from one.
    pub(crate) database: Option<SourcePath>,
    /// Those of the sources.
    pub(crate) entries: Vec<Entry>,
    /// All others.
    pub(crate) others: Vec<Entry>,
}

/// The current directory.
pub(crate) fn current_directory() -> Result<Utf8PathBuf, Diagnostic> {
    let path = std::env::current_dir().map_err(|error| error.to_string());
    path.and_then(|path| Utf8PathBuf::try_from(path).map_err(|error| error.to_string())).map_err(
        |reason| {
            let message = format!("the current directory cannot be used: {reason}");
            Diagnostic::error(codes::SOURCE_UNREADABLE, message)
        },
    )
}

/// Finds the sources' commands.
pub(crate) fn find(
    arguments: &Arguments,
    places: &Places,
    current: &Utf8Path,
) -> Result<Sources, Vec<Diagnostic>> {
    let absolute = |path: &Utf8PathBuf| canonical(&Disk, current, path);
    let sources: BTreeSet<Utf8PathBuf> = arguments.sources.iter().map(absolute).collect();
    check(arguments, places, current)?;
    let database = match &arguments.build_path {
        Some(directory) => Database::load(&Disk, &current.join(directory)),
        None => Database::load_for(&Disk, current, &arguments.sources[0]),
    }
    .map_err(|error| vec![Diagnostic::from(&error)])?;
    let mut entries = Vec::new();
    let mut errors = Vec::new();
    for source in &sources {
        match database.commands_for(source) {
            Ok(found) => entries.extend_from_slice(found),
            Err(error) => errors.push(Diagnostic::from(&error)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let others = database.entries().iter().filter(|entry| !sources.contains(entry.file()));
    Ok(Sources {
        database: Some(database.path().clone()),
        entries,
        others: others.cloned().collect(),
    })
}

fn check(
    arguments: &Arguments,
    places: &Places,
    current: &Utf8Path,
) -> Result<(), Vec<Diagnostic>> {
    let mut errors = Vec::new();
    if !places.root.is_dir() {
        let message = format!("the root directory {} does not exist", arguments.root_directory);
        return Err(vec![Diagnostic::error(codes::OUTSIDE_ROOT, message)]);
    }
    for spelled in &arguments.sources {
        let source = canonical(&Disk, current, spelled);
        if let Err(error) = std::fs::File::open(&source) {
            let message = format!("cannot read {spelled}: {error}");
            errors.push(
                Diagnostic::error(codes::SOURCE_UNREADABLE, message)
                    .note(format!("that is {source}"))
                    .help("correct the path, or let the build generate the file first"),
            );
        } else if !source.starts_with(&places.root) {
            errors.push(
                Diagnostic::error(
                    codes::OUTSIDE_ROOT,
                    format!("{spelled} lies outside the root directory"),
                )
                .at(Span::point(SourcePath::new(&source), 0))
                .note(format!("the root directory is {}", places.root))
                .help("name a root directory that contains all sources"),
            );
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
