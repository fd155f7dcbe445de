//! A compile database: which commands compile which source.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::SourcePath;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::command::{Command, CommandError};
use crate::paths::{FileSystem, canonical, in_canonical_directory, without_dots};
use crate::record::{self, CommandText, DatabaseTextError, Origin, Record};
use crate::{response, split};

/// The name that every compile database has.
pub const FILE_NAME: &str = "compile_commands.json";

/// What clang's own command line for one of its steps begins with.
pub(crate) const INTERNAL_STEP: &str = "-cc1";

/// One command that compiles one source.
#[derive(Clone, Debug)]
pub struct Entry {
    directory: Utf8PathBuf,
    file: Utf8PathBuf,
    source: Utf8PathBuf,
    command: CommandText,
    output: Option<String>,
    origin: Origin,
}

impl Entry {
    fn new(record: Record, files: &dyn FileSystem, base: &Utf8Path) -> Entry {
        let directory = canonical(files, base, Utf8Path::new(&record.directory));
        let spelled = Utf8Path::new(&record.file);
        Entry {
            file: canonical(files, &directory, spelled),
            source: in_canonical_directory(files, &directory, spelled),
            directory,
            command: record.command,
            output: record.output,
            origin: record.origin,
        }
    }

    /// Where the compiler runs, canonical.
    pub fn directory(&self) -> &Utf8Path {
        &self.directory
    }

    /// The source, canonical: by this name it is the same file as any other of this name.
    pub fn file(&self) -> &Utf8Path {
        &self.file
    }

    /// The source by the name the compiler knows it, absolute, but with its last component as
    /// written: `#include "…"` is searched beside it, also when it is a symbolic link.
    pub fn source(&self) -> &Utf8Path {
        &self.source
    }

    /// The output that the entry names beside its command, absolute.
    pub fn output(&self) -> Option<Utf8PathBuf> {
        self.output.as_ref().map(|output| self.directory.join(output))
    }

    /// Where the command is written.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The arguments as written, with the compiler, before response files are expanded.
    pub fn arguments(&self) -> Result<Vec<String>, CommandError> {
        match &self.command {
            CommandText::Arguments(arguments) => Ok(arguments.clone()),
            CommandText::Line(line) => split::split(line)
                .map_err(|cause| CommandError::Unterminated { cause, at: self.origin.span() }),
        }
    }

    /// The command, with response files expanded and every argument understood.
    pub fn command(&self, files: &dyn FileSystem) -> Result<Command, CommandError> {
        let arguments = response::expand(files, &self.directory, self.arguments()?)
            .map_err(|cause| CommandError::ResponseFile { cause, at: self.origin.span() })?;
        Command::parse(arguments, &self.directory, &self.origin)
    }

    /// The command with headers in the place of precompiled ones, which hold text as it was before it
    /// was rewritten.
    pub fn command_on_text(&self, files: &dyn FileSystem) -> Result<Command, CommandError> {
        let command = self.command(files)?;
        let words = command.words_without_precompiled_headers(files);
        if words == command.words {
            Ok(command)
        } else {
            Command::parse(words, &self.directory, &self.origin)
        }
    }

    /// Whether the command is a step inside of clang. With several sources on its command line clang
    /// runs itself anew for each, and recorders that watch processes note these runs as well.
    fn is_internal(&self) -> bool {
        let of = |second: Option<&str>| second == Some(INTERNAL_STEP);
        match &self.command {
            CommandText::Arguments(arguments) => of(arguments.get(1).map(String::as_str)),
            CommandText::Line(line) => of(line.split_whitespace().nth(1)),
        }
    }

    /// The entry as data that can be kept, with response files expanded, and headers in the place of
    /// precompiled ones.
    pub fn recorded(&self, files: &dyn FileSystem) -> Result<RecordedCommand, CommandError> {
        let arguments = self.command(files)?.words_without_precompiled_headers(files);
        Ok(RecordedCommand {
            directory: self.directory.clone(),
            file: self.file.clone(),
            source: self.source.clone(),
            arguments,
            output: self.output.clone(),
        })
    }

    /// Entries that say the same compare equal. The form of the command does not matter, unless it
    /// cannot be read.
    fn compare(&self, other: &Entry) -> Ordering {
        let arguments = |entry: &Entry| entry.arguments().map_err(|_| entry.command.clone());
        (&self.file, &self.directory, &self.source)
            .cmp(&(&other.file, &other.directory, &other.source))
            .then_with(|| arguments(self).cmp(&arguments(other)))
            .then_with(|| self.output.cmp(&other.output))
    }
}

/// A command with what an [`Entry`] knows of it, as data: for the caches and files of programs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RecordedCommand {
    /// [`Entry::directory`]
    pub directory: Utf8PathBuf,
    /// [`Entry::file`]
    pub file: Utf8PathBuf,
    /// [`Entry::source`]
    pub source: Utf8PathBuf,
    /// The compiler and its arguments, response files expanded.
    pub arguments: Vec<String>,
    /// The output that the entry named beside its command.
    pub output: Option<String>,
}

impl From<&RecordedCommand> for Entry {
    fn from(recorded: &RecordedCommand) -> Entry {
        Entry {
            directory: recorded.directory.clone(),
            file: recorded.file.clone(),
            source: recorded.source.clone(),
            command: CommandText::Arguments(recorded.arguments.clone()),
            output: recorded.output.clone(),
            origin: Origin::unknown(),
        }
    }
}

/// A database could not be loaded.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum DatabaseError {
    /// There is none.
    #[error("no {FILE_NAME} was found")]
    NotFound {
        /// The directories that were looked at.
        searched: Vec<Utf8PathBuf>,
    },
    /// There is one, but it cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The database.
        path: Utf8PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// It was read, but its text is not that of a database.
    #[error(transparent)]
    Text(#[from] DatabaseTextError),
}

/// No entry is for this source.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{source_file} is not in {database}")]
pub struct NotInDatabase {
    /// The source, canonical.
    pub source_file: Utf8PathBuf,
    /// The database.
    pub database: SourcePath,
    /// Sources of the same name elsewhere, which may have been meant.
    pub namesakes: Vec<Utf8PathBuf>,
}

/// A compile database.
#[derive(Clone, Debug)]
pub struct Database {
    path: SourcePath,
    entries: Vec<Entry>,
}

impl Database {
    /// Loads the database in `directory`.
    pub fn load(files: &dyn FileSystem, directory: &Utf8Path) -> Result<Database, DatabaseError> {
        let bytes = files.read(&directory.join(FILE_NAME));
        Database::loaded(files, directory, bytes)
            .unwrap_or_else(|| Err(DatabaseError::NotFound { searched: vec![directory.into()] }))
    }

    /// Loads the database that is nearest to a source: in its directory or one above it. The path
    /// of the source may be relative to `current`; directories are searched as the path names them
    /// and then, if it goes through symbolic links, where it really leads.
    pub fn load_for(
        files: &dyn FileSystem,
        current: &Utf8Path,
        source: &Utf8Path,
    ) -> Result<Database, DatabaseError> {
        let (named, real) =
            (without_dots(&current.join(source)), canonical(files, current, source));
        let mut searched: Vec<Utf8PathBuf> = Vec::new();
        for directory in named.ancestors().skip(1).chain(real.ancestors().skip(1)) {
            if searched.iter().any(|earlier| earlier == directory) {
                continue;
            }
            let bytes = files.read(&directory.join(FILE_NAME));
            if let Some(result) = Database::loaded(files, directory, bytes) {
                return result;
            }
            searched.push(directory.to_owned());
        }
        Err(DatabaseError::NotFound { searched })
    }

    /// The database with these bytes, or `None` if reading showed that there is none.
    fn loaded(
        files: &dyn FileSystem,
        directory: &Utf8Path,
        bytes: io::Result<Vec<u8>>,
    ) -> Option<Result<Database, DatabaseError>> {
        let path = directory.join(FILE_NAME);
        match bytes {
            Ok(bytes) => Some(Database::new(files, &path, &bytes).map_err(DatabaseError::from)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => None,
            Err(error) => Some(Err(DatabaseError::Unreadable { path, reason: error.to_string() })),
        }
    }

    /// The database with this content. Entries that say the same are merged, the order in which they
    /// were recorded (which differs from one parallel build to the next) does not matter, and steps
    /// inside of clang are left out where there is the command that made them.
    pub fn new(
        files: &dyn FileSystem,
        path: &Utf8Path,
        bytes: &[u8],
    ) -> Result<Database, DatabaseTextError> {
        let base = path.parent().unwrap_or(Utf8Path::new("/"));
        let path = SourcePath::new(canonical(files, Utf8Path::new("/"), path));
        let records = record::parse(&path, bytes)?;
        let mut entries: Vec<Entry> =
            records.into_iter().map(|record| Entry::new(record, files, base)).collect();
        entries.sort_by(Entry::compare);
        entries.dedup_by(|later, earlier| later.compare(earlier).is_eq());
        let compiled: BTreeSet<Utf8PathBuf> = entries
            .iter()
            .filter(|entry| !entry.is_internal())
            .map(|entry| entry.file.clone())
            .collect();
        entries.retain(|entry| !entry.is_internal() || !compiled.contains(&entry.file));
        Ok(Database { path, entries })
    }

    /// The canonical path of the database.
    pub fn path(&self) -> &SourcePath {
        &self.path
    }

    /// All entries, ordered by source.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All sources, each once.
    pub fn sources(&self) -> impl Iterator<Item = &Utf8Path> {
        self.entries.chunk_by(|a, b| a.file == b.file).map(|chunk| chunk[0].file())
    }

    /// The entries of the source with this canonical path; at least one.
    pub fn commands_for(&self, file: &Utf8Path) -> Result<&[Entry], NotInDatabase> {
        let start = self.entries.partition_point(|entry| entry.file.as_path() < file);
        let rest = &self.entries[start..];
        let found = &rest[..rest.partition_point(|entry| entry.file == file)];
        if !found.is_empty() {
            return Ok(found);
        }
        let namesakes = self.sources().filter(|source| source.file_name() == file.file_name());
        Err(NotInDatabase {
            source_file: file.to_owned(),
            database: self.path.clone(),
            namesakes: namesakes.map(Utf8Path::to_owned).collect(),
        })
    }
}
