//! Files that a source includes several times, and that expand differently each time: templates, and
//! lists of macro uses. What one inclusion needs, another must not get, so if there is anything to
//! edit in what is read more than once, each inclusion gets a text of its own: the directive is replaced
//! by what it includes.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, SourcePath, Span, codes};

use super::macros::Inline;
use crate::edits::FileEdits;
use crate::facts::{Facts, Repeat};

/// The directives to be replaced by what they include; first those in files that are not themselves
/// included by one of them.
pub(super) fn needed(
    units: &[Facts],
    files: &BTreeMap<SourcePath, FileEdits>,
    inlines: &[Inline],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Repeat> {
    let is_edited = |part: &Span| {
        files.get(&part.file).is_some_and(|edits| edits.any_in(part.start..part.end))
            || inlines.iter().any(|Inline { used, .. }| {
                used.file == part.file && used.start <= part.end && part.start <= used.end
            })
    };
    let mut repeats: BTreeSet<&Repeat> = BTreeSet::new();
    for unit in units {
        let edited = unit.read_again.iter().filter(|part| is_edited(part));
        let edited: BTreeSet<&SourcePath> = edited.map(|part| &part.file).collect();
        repeats.extend(unit.repeats.iter().filter(|repeat| edited.contains(&repeat.included)));
    }
    let is_inner = |span: &Span| repeats.iter().any(|other| other.included == span.file);
    let outer: Vec<&Repeat> =
        repeats.iter().copied().filter(|repeat| !is_inner(&repeat.directive)).collect();
    let chosen = if outer.is_empty() { repeats.iter().copied().collect() } else { outer };
    let (replaceable, others): (Vec<&Repeat>, Vec<&Repeat>) =
        chosen.into_iter().partition(|repeat| {
            repeat.directive.start < repeat.directive.end && !is_inner(&repeat.directive)
        });
    for repeat in others {
        diagnostics.push(
            Diagnostic::error(
                codes::CONFLICTING_EDITS,
                format!(
                    "{} is included several times, and needs different text each time",
                    repeat.included
                ),
            )
            .at(repeat.directive.clone())
            .help("write `#include \"…\"` on a line of its own, in a file that is included once"),
        );
    }
    replaceable.into_iter().cloned().collect()
}
