//! Response files: `@file` stands for the arguments in that file.
//!
//! The rules are those of gcc (`expandargv` of libiberty): white space separates; a backslash
//! protects the next character everywhere, within single quotes too; an `@file` that does not exist
//! is an ordinary argument; files may name files, all relative to where the compiler runs.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use crate::paths::FileSystem;

/// How many response files one command may expand, counting repetitions; gcc's limit.
const MOST_FILES: usize = 2000;

/// A response file that cannot be used.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Error)]
pub enum ResponseFileError {
    /// It cannot be read, or is a directory.
    #[error("`@{name}`: {reason}")]
    Unreadable {
        /// As written after the `@`.
        name: String,
        /// What the operating system says.
        reason: String,
    },
    /// It is not UTF-8.
    #[error("`@{name}` is not UTF-8")]
    NotUtf8 {
        /// As written after the `@`.
        name: String,
    },
    /// Files name each other in a circle, or there are more than gcc accepts.
    #[error("`@{name}` is nested in itself, or there are more than {MOST_FILES} response files")]
    TooMany {
        /// As written after the `@`.
        name: String,
    },
}

/// Replaces every `@file` by the arguments in that file. The first argument is the compiler and
/// stays.
pub fn expand(
    files: &dyn FileSystem,
    directory: &Utf8Path,
    arguments: Vec<String>,
) -> Result<Vec<String>, ResponseFileError> {
    let mut arguments = arguments.into_iter();
    let mut expanded: Vec<String> = arguments.next().into_iter().collect();
    // What is still to be looked at, the next one last.
    let mut pending: Vec<String> = arguments.rev().collect();
    let mut count = 0;
    while let Some(argument) = pending.pop() {
        match argument.strip_prefix('@') {
            Some(name) if !name.is_empty() => match content(files, directory, name)? {
                Some(text) => {
                    count += 1;
                    if count > MOST_FILES {
                        return Err(ResponseFileError::TooMany { name: name.to_owned() });
                    }
                    pending.extend(split_response(&text).into_iter().rev());
                }
                None => expanded.push(argument),
            },
            _ => expanded.push(argument),
        }
    }
    Ok(expanded)
}

/// The text of a response file, or `None` if there is no such file.
fn content(
    files: &dyn FileSystem,
    directory: &Utf8Path,
    name: &str,
) -> Result<Option<String>, ResponseFileError> {
    let path: Utf8PathBuf = directory.join(name);
    match files.read(&path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(ResponseFileError::NotUtf8 { name: name.to_owned() }),
        },
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => {
            Err(ResponseFileError::Unreadable { name: name.to_owned(), reason: error.to_string() })
        }
    }
}

/// The arguments in the text of a response file.
pub fn split_response(text: &str) -> Vec<String> {
    // A C string ends at its first NUL.
    let text = text.split('\0').next().unwrap_or_default();
    let mut arguments = Vec::new();
    let mut current: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let is_space = matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r');
        if is_space && quote.is_none() {
            arguments.extend(current.take());
            continue;
        }
        let argument = current.get_or_insert_default();
        match (quote, c) {
            (_, '\\') => argument.extend(characters.next()),
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => argument.push(c),
        }
    }
    arguments.extend(current);
    arguments
}

#[cfg(test)]
mod tests {
    use super::split_response;

    #[test]
    fn quoting_of_response_files() {
        let text = "-DA='a b' -DB=\"c\\\"d\"\n\t-DC=e\\ f '' '\\'' -I\"x y\"/z\r\n";
        let expected = ["-DA=a b", "-DB=c\"d", "-DC=e f", "", "'", "-Ix y/z"];
        assert_eq!(split_response(text), expected);
        assert!(split_response(" \n\t ").is_empty());
        assert_eq!(split_response("a\0b"), ["a"]);
        assert_eq!(split_response("'a b"), ["a b"], "gcc takes what is there");
    }
}
