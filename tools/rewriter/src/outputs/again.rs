//! A tree that has been rewritten already: there is nothing to change in it.
//!
//! The record in the root directory tells: an earlier run had it as its output directory, and wrote
//! the sources. They are written as they are, and so are the files that were generated with them.

use std::sync::Arc;

use camino::Utf8Path;
use compdb::Entry;
use diagnostics::{Diagnostic, SourcePath, Span, codes};

use super::Places;
use super::record::State;
use super::targets::{Original, Target};
use crate::sources::Sources;
use crate::texts::Hash;

/// What to write if all sources have been rewritten already; `None` if they have not.
///
/// # Errors
/// If one of them was changed by hand since: what is new in it has not been rewritten.
pub(crate) fn targets(
    sources: &Sources,
    places: &Places,
) -> Result<Option<Vec<Target>>, Vec<Diagnostic>> {
    let root = Places {
        root: places.root.clone(),
        output: places.root.clone(),
        prefix: places.prefix.clone(),
    };
    // The record of another version says nothing about sources.
    let Ok(state) = State::load(&root) else { return Ok(None) };
    let files: Vec<&Utf8Path> =
        sources.entries.iter().map(Entry::file).map(AsRef::as_ref).collect();
    let Some(prefix) = state.run_that_wrote(&files) else { return Ok(None) };
    let mut targets = Vec::new();
    let mut errors = Vec::new();
    for path in state.written_by(&prefix) {
        let suffix = path.as_str().strip_prefix(prefix.as_str());
        let place = match suffix.filter(|suffix| suffix.starts_with(['.', '_'])) {
            Some(suffix) => places.generated(suffix),
            None => match places.moved(&path) {
                Some(place) if path.file_name() != Some(compdb::FILE_NAME) => place,
                _ => continue,
            },
        };
        match std::fs::read(&path) {
            Ok(text) if state.is_as_written(&path, &text) => {
                let original = Original { path: SourcePath::new(&path), hash: Hash::of(&text) };
                targets.push(Target {
                    path: place,
                    text: Arc::new(text),
                    original: Some(original),
                });
            }
            Ok(_) => errors.push(changed(&path)),
            Err(error) => {
                let message = format!("cannot read {path}: {error}");
                errors.push(Diagnostic::error(codes::SOURCE_UNREADABLE, message));
            }
        }
    }
    if errors.is_empty() { Ok(Some(targets)) } else { Err(errors) }
}

fn changed(path: &Utf8Path) -> Diagnostic {
    let message = format!("{path} was changed since it was rewritten");
    Diagnostic::error(codes::CHANGED_BY_HAND, message)
        .at(Span::point(SourcePath::new(path), 0))
        .note("what is new in it has not been rewritten, and a rewritten file cannot be once more")
        .help("rewrite the original sources; --record-edits keeps changes of what comes out")
}
