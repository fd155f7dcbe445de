//! What facts depend on: files that were read, and names under which no file was found.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use clang::Unit;
use serde::{Deserialize, Serialize};

use crate::texts::Hash;

/// A file that was read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub(crate) struct InputFile {
    /// Its path as the compiler opened it, absolute.
    pub(crate) path: Utf8PathBuf,
    /// Of its text.
    pub(crate) hash: Hash,
}

/// The source and everything it includes.
pub(crate) fn of(unit: &Unit, directory: &Utf8Path) -> Vec<InputFile> {
    let mut files: Vec<InputFile> = unit
        .included()
        .into_iter()
        .filter_map(|file| {
            let path = Utf8PathBuf::try_from(unit.path(file)).ok()?;
            let hash = Hash::of(unit.contents(file));
            Some(InputFile { path: directory.join(path), hash })
        })
        .collect();
    files.sort();
    files.dedup();
    files
}

/// Files that would change what the unit includes if they came to be: a header in a directory that is
/// searched before the one where it was found, and what `__has_include` asks for.
pub(crate) fn absent(
    unit: &Unit,
    directory: &Utf8Path,
    searched: &[Utf8PathBuf],
) -> Vec<Utf8PathBuf> {
    let mut absent = BTreeSet::new();
    let path = |file| Utf8PathBuf::try_from(unit.path(file)).ok().map(|path| directory.join(path));
    for inclusion in unit.inclusions() {
        let Some(found) = path(inclusion.file) else { continue };
        let beside = path(inclusion.from.file).and_then(|path| Some(path.parent()?.to_owned()));
        for directory in beside.iter().chain(searched) {
            let candidate = directory.join(&inclusion.spelled);
            if candidate == found {
                break;
            }
            absent.insert(candidate);
        }
    }
    for file in unit.included() {
        let Some(beside) = path(file).and_then(|path| Some(path.parent()?.to_owned())) else {
            continue;
        };
        for name in asked_for(unit.contents(file)) {
            absent.extend(searched.iter().chain([&beside]).map(|directory| directory.join(&name)));
        }
    }
    absent.into_iter().filter(|path| !path.exists()).collect()
}

/// The names in `__has_include("name")` and `__has_include(<name>)`.
fn asked_for(text: &[u8]) -> Vec<String> {
    const OPERATOR: &[u8] = b"__has_include";
    let mut names = Vec::new();
    let starts = text.windows(OPERATOR.len()).enumerate();
    for (start, _) in starts.filter(|(_, window)| *window == OPERATOR) {
        let line = text[start + OPERATOR.len()..].split(|&byte| byte == b'\n').next();
        let line = String::from_utf8_lossy(line.unwrap_or_default());
        let Some((_, rest)) = line.split_once(['"', '<']) else { continue };
        if let Some((name, _)) = rest.split_once(['"', '>']) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_asked_for() {
        let text =
            b"#if __has_include(<a/b.h>) && __has_include_next(\"c.h\")\n# if __has_include\n";
        assert_eq!(asked_for(text), ["a/b.h", "c.h"]);
    }
}
