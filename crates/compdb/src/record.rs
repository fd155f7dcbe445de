//! The text of a `compile_commands.json`: JSON to records, with the place of each.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use diagnostics::{SourcePath, Span};
use serde_json::value::RawValue;
use thiserror::Error;

/// An entry as it is written in the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Where the compiler ran.
    pub directory: String,
    /// The source, relative to the directory.
    pub file: String,
    /// The command.
    pub command: CommandText,
    /// The output, if the entry names one.
    pub output: Option<String>,
    /// Where the command is written.
    pub origin: Origin,
}

/// The command of an entry, in one of its two forms.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CommandText {
    /// `"arguments": ["gcc", "-c", "a.c"]`
    Arguments(Vec<String>),
    /// `"command": "gcc -c a.c"`
    Line(String),
}

/// Where in the database a command is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    database: SourcePath,
    start: u32,
    /// The JSON of the command.
    json: Arc<str>,
}

impl Origin {
    /// Of a command that was recorded elsewhere.
    pub(crate) fn unknown() -> Origin {
        Origin { database: SourcePath::new("compile_commands.json"), start: 0, json: Arc::from("") }
    }

    /// The whole command.
    pub fn span(&self) -> Span {
        self.part(0..self.json.len())
    }

    /// The place of this argument, or the whole command if it is not found as it stands.
    pub fn locate(&self, argument: &str) -> Span {
        let json = serde_json::to_string(argument).expect("a string");
        let needle = &json[1..json.len() - 1];
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let found = self.json.match_indices(needle).find(|(start, _)| {
            !is_word(self.json[..*start].chars().next_back())
                && !is_word(self.json[start + needle.len()..].chars().next())
        });
        match found {
            Some((start, _)) if !needle.is_empty() => self.part(start..start + needle.len()),
            _ => self.span(),
        }
    }

    fn part(&self, range: Range<usize>) -> Span {
        let offset = |n: usize| self.start + u32::try_from(n).expect("part of a checked file");
        Span::new(self.database.clone(), offset(range.start)..offset(range.end))
    }
}

/// What is wrong with the text of a database.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum DatabaseTextError {
    /// It does not fit into 32-bit offsets.
    #[error("the compile database is larger than 4 GiB")]
    TooLarge {
        /// The database.
        database: SourcePath,
    },
    /// Not UTF-8, at this place.
    #[error("the compile database is not UTF-8")]
    NotUtf8 {
        /// The first byte that is not.
        at: Span,
    },
    /// Not JSON.
    #[error("the compile database is not JSON: {reason} at line {line}, column {column}")]
    NotJson {
        /// Where the parser stopped.
        at: Span,
        /// What it says.
        reason: String,
        /// The line, counted from 1.
        line: usize,
        /// The column in bytes, counted from 1.
        column: usize,
    },
    /// JSON, but not an array.
    #[error("the compile database is {found} instead of an array of entries")]
    NotAnArray {
        /// The whole value.
        at: Span,
        /// What it is.
        found: &'static str,
    },
    /// An entry is not an object.
    #[error("entry {number} of the compile database is {found} instead of an object")]
    NotAnObject {
        /// The entry.
        at: Span,
        /// Which entry, counted from 1.
        number: usize,
        /// What it is.
        found: &'static str,
    },
    /// An entry lacks something.
    #[error("entry {number} of the compile database has no {field}")]
    Missing {
        /// The entry.
        at: Span,
        /// Which entry, counted from 1.
        number: usize,
        /// What is missing, in words.
        field: &'static str,
    },
    /// A field has the wrong type.
    #[error("`{field}` of entry {number} of the compile database is not {expected}")]
    WrongType {
        /// The value of the field.
        at: Span,
        /// Which entry, counted from 1.
        number: usize,
        /// Name of the field.
        field: &'static str,
        /// What it should be, in words.
        expected: &'static str,
    },
}

type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// The records of a database with this content. Never panics, whatever the bytes.
pub fn parse(database: &SourcePath, bytes: &[u8]) -> Result<Vec<Record>, DatabaseTextError> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(DatabaseTextError::TooLarge { database: database.clone() });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let start = u32::try_from(error.valid_up_to()).expect("checked");
        let end = start + u32::from(u8::try_from(error.error_len().unwrap_or(1)).unwrap_or(1));
        DatabaseTextError::NotUtf8 { at: Span::new(database.clone(), start..end) }
    })?;
    // A byte order mark is not JSON, but editors leave it.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = Reader { database, text };
    let whole: &RawValue =
        serde_json::from_str(body).map_err(|error| reader.not_json(body, &error))?;
    let entries: Vec<&RawValue> = serde_json::from_str(whole.get()).map_err(|_| {
        DatabaseTextError::NotAnArray { at: reader.span(whole), found: kind(whole) }
    })?;
    entries.into_iter().zip(1..).map(|(entry, number)| reader.record(entry, number)).collect()
}

struct Reader<'a> {
    database: &'a SourcePath,
    text: &'a str,
}

impl Reader<'_> {
    /// The place of a value that was borrowed from the text.
    fn span(&self, value: &RawValue) -> Span {
        let start = value.get().as_ptr() as usize - self.text.as_ptr() as usize;
        let offset = |n: usize| u32::try_from(n).expect("size was checked");
        Span::new(self.database.clone(), offset(start)..offset(start + value.get().len()))
    }

    fn not_json(&self, body: &str, error: &serde_json::Error) -> DatabaseTextError {
        // At the end of a line the parser says column 0.
        let (line, column) = (error.line(), error.column().max(1));
        let before: usize =
            body.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let skipped = self.text.len() - body.len();
        let offset = (skipped + before + column - 1).min(self.text.len());
        let offset = self.text.floor_char_boundary(offset);
        let message = error.to_string();
        let reason = message.split(" at line ").next().unwrap_or(&message).to_owned();
        let at = Span::point(self.database.clone(), u32::try_from(offset).expect("checked"));
        DatabaseTextError::NotJson { at, reason, line, column }
    }

    fn record(&self, entry: &RawValue, number: usize) -> Result<Record, DatabaseTextError> {
        let fields: Fields<'_> = serde_json::from_str(entry.get()).map_err(|_| {
            DatabaseTextError::NotAnObject { at: self.span(entry), number, found: kind(entry) }
        })?;
        let missing = |field| DatabaseTextError::Missing { at: self.span(entry), number, field };
        let string = |field: &'static str| self.string(&fields, field, number);
        let directory = string("directory")?.ok_or_else(|| missing("`directory`"))?;
        let file = string("file")?.ok_or_else(|| missing("`file`"))?;
        let output = string("output")?;
        let (command, json) = match (fields.get("arguments"), fields.get("command")) {
            (Some(json), _) => (CommandText::Arguments(self.arguments(json, number)?), json),
            (None, Some(json)) => {
                let line = string("command")?.expect("the field is there");
                if line.trim_matches(' ').is_empty() {
                    return Err(missing("compiler in its `command`"));
                }
                (CommandText::Line(line), json)
            }
            (None, None) => return Err(missing("`arguments` and no `command`")),
        };
        let origin = Origin {
            database: self.database.clone(),
            start: self.span(json).start,
            json: Arc::from(json.get()),
        };
        Ok(Record { directory, file, command, output, origin })
    }

    fn string(
        &self,
        fields: &Fields<'_>,
        field: &'static str,
        number: usize,
    ) -> Result<Option<String>, DatabaseTextError> {
        let Some(value) = fields.get(field) else { return Ok(None) };
        let string: String = serde_json::from_str(value.get()).map_err(|_| {
            let at = self.span(value);
            DatabaseTextError::WrongType { at, number, field, expected: "a string" }
        })?;
        self.without_nul(&string, value, field, number)?;
        Ok(Some(string))
    }

    /// No program can be given a NUL character, and no file has one in its name.
    fn without_nul(
        &self,
        string: &str,
        value: &RawValue,
        field: &'static str,
        number: usize,
    ) -> Result<(), DatabaseTextError> {
        if !string.contains('\0') {
            return Ok(());
        }
        let expected = "free of NUL characters";
        Err(DatabaseTextError::WrongType { at: self.span(value), number, field, expected })
    }

    fn arguments(&self, value: &RawValue, number: usize) -> Result<Vec<String>, DatabaseTextError> {
        let at = self.span(value);
        let expected = "an array of strings";
        let arguments: Vec<String> = serde_json::from_str(value.get()).map_err(|_| {
            DatabaseTextError::WrongType { at: at.clone(), number, field: "arguments", expected }
        })?;
        for argument in &arguments {
            self.without_nul(argument, value, "arguments", number)?;
        }
        if arguments.first().is_none_or(String::is_empty) {
            return Err(DatabaseTextError::Missing {
                at,
                number,
                field: "compiler in its `arguments`",
            });
        }
        Ok(arguments)
    }
}

/// What a value is, in words.
fn kind(value: &RawValue) -> &'static str {
    match value.get().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
