//! Files that somebody changed by hand: never overwritten without being asked to.
//!
//! The guide tells users to change rewritten sources where the rewriter cannot do it for them. Such a
//! change is either recorded as a patch, which is applied to every text generated from then on, or
//! the run stops and shows it.
//!
//! A recorded patch names the text it was made from, which is kept beside it. So what is generated
//! later is merged with the change (as `diff3` does it), and only if that text is gone is the patch
//! applied by its context.

use std::sync::Arc;

use diagnostics::{Diagnostic, SourcePath, Span, codes};
use diffy::{DiffOptions, Patch, apply_bytes, merge_bytes};

use super::record::State;
use super::targets::Target;
use super::unwritable;
use crate::options::Arguments;
use crate::texts::Hash;

/// What is to become of changes made by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// Stop and show them.
    Refuse,
    /// Overwrite them.
    Overwrite,
    /// Record them.
    Record,
}

impl Mode {
    pub(crate) fn of(arguments: &Arguments) -> Mode {
        match (arguments.force, arguments.record_edits) {
            (true, _) => Mode::Overwrite,
            (false, true) => Mode::Record,
            (false, false) => Mode::Refuse,
        }
    }
}

/// What a file will be.
pub(crate) struct Decision {
    /// Its text.
    pub(crate) text: Arc<Vec<u8>>,
    /// Whether the file has that text already.
    pub(crate) is_there: bool,
    /// A patch to record.
    pub(crate) new_patch: Option<Vec<u8>>,
}

/// Lines of a difference that are shown.
const SHOWN_LINES: usize = 200;

/// Decides about a file.
pub(crate) fn decide(target: &Target, state: &State, mode: Mode) -> Result<Decision, Diagnostic> {
    let path = &target.path;
    let found = match std::fs::read(path) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(unwritable(path, &error)),
    };
    let wanted = match state.patch(path) {
        Some(patch) => patched(target, patch, state).map(Arc::new),
        None => Ok(Arc::clone(&target.text)),
    };
    let Some(found) = found else {
        return Ok(Decision { text: wanted?, is_there: false, new_patch: None });
    };
    if wanted.as_ref().is_ok_and(|wanted| **wanted == found) {
        return Ok(Decision { text: wanted?, is_there: true, new_patch: None });
    }
    let is_copy =
        target.original.as_ref().is_some_and(|original| original.hash == Hash::of(&found));
    if state.is_as_written(path, &found) || is_copy {
        return Ok(Decision { text: wanted?, is_there: false, new_patch: None });
    }
    // What it was before it was changed; of a file we did not write, what it would be.
    let before = state.generated(path).unwrap_or_else(|| target.text.to_vec());
    match mode {
        Mode::Overwrite => Ok(Decision { text: wanted?, is_there: false, new_patch: None }),
        Mode::Refuse => Err(refused(target, state.has_written(path), &before, &found)),
        Mode::Record => {
            let patch = difference(&before, &found);
            let text = merge_bytes(&before, &found, &target.text)
                .map_err(|_| impossible(target, &patch, state, "both change the same lines"))?;
            let is_there = text == found;
            Ok(Decision { text: Arc::new(text), is_there, new_patch: Some(patch) })
        }
    }
}

/// The generated text with the recorded changes.
fn patched(target: &Target, patch: &[u8], state: &State) -> Result<Vec<u8>, Diagnostic> {
    let failed =
        |error: &dyn std::fmt::Display| impossible(target, patch, state, &error.to_string());
    let parsed = Patch::from_bytes(patch).map_err(|error| failed(&error))?;
    let before = made_from(&parsed).and_then(|hash| state.text(hash));
    if let Some(before) = before
        && let Ok(by_hand) = apply_bytes(&before, &parsed)
        && let Ok(merged) = merge_bytes(&before, &by_hand, &target.text)
    {
        return Ok(merged);
    }
    apply_bytes(&target.text, &parsed).map_err(|error| failed(&error))
}

/// A difference as a patch that names the text it starts from.
fn difference(before: &[u8], after: &[u8]) -> Vec<u8> {
    let mut options = DiffOptions::new();
    options.set_original_filename(format!("generated/{}", Hash::of(before).digits()));
    options.set_modified_filename("by-hand");
    options.create_patch_bytes(before, after).to_bytes()
}

/// The text that a patch was made from, by its hash.
pub(super) fn made_from<'a>(patch: &'a Patch<'_, [u8]>) -> Option<&'a str> {
    std::str::from_utf8(patch.original()?).ok()?.strip_prefix("generated/")
}

fn impossible(target: &Target, patch: &[u8], state: &State, reason: &str) -> Diagnostic {
    let message = format!("the recorded changes of {} cannot be made again", target.path);
    at_original(Diagnostic::error(codes::PATCH_DOES_NOT_APPLY, message), target)
        .note(format!("{reason}: {}", state.patch_path(&target.path)))
        .note(shown(patch))
        .help("make the changes in the original source, or correct or remove the patch")
}

fn refused(target: &Target, is_ours: bool, before: &[u8], found: &[u8]) -> Diagnostic {
    let path = &target.path;
    let message = if is_ours {
        format!("{path} was changed by hand since it was written")
    } else {
        format!("{path} is there already, and is not the rewriter's")
    };
    let patch = difference(before, found);
    at_original(Diagnostic::error(codes::CHANGED_BY_HAND, message), target)
        .note(shown(&patch))
        .help("with --record-edits the changes are kept, and made again on each run")
        .help("with --force they are overwritten")
}

fn at_original(diagnostic: Diagnostic, target: &Target) -> Diagnostic {
    match &target.original {
        Some(original) => diagnostic.at(Span::point(SourcePath::new(&original.path), 0)),
        None => diagnostic,
    }
}

fn shown(patch: &[u8]) -> String {
    let text = String::from_utf8_lossy(patch);
    let count = text.lines().count();
    let mut lines: Vec<&str> = text.lines().take(SHOWN_LINES).collect();
    let rest = format!("… and {} lines more", count.saturating_sub(SHOWN_LINES));
    if count > SHOWN_LINES {
        lines.push(&rest);
    }
    lines.join("\n")
}
