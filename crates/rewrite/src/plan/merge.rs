//! Do all units that compile a piece of text need the same of it?
//!
//! A file is written once, but may be compiled several times: a header by many sources, a source with
//! several commands. What only one of them compiles (the others leave it out with `#if`) is merged.
//! Where two of them compile the same bytes, they must also make the same edits, or one of them would
//! get text that is meant for the other: see [`super::variants`]. (What one source includes several times: [`super::repeats`].)

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, SourcePath, Span, codes};

use super::decisions::Decisions;
use super::variants::Variants;
use crate::facts::{Edit, Facts, Order};
use crate::separate::Separation;

/// The identity of an edit in a file.
type Key<'a> = (u32, u32, Order, &'a str);

/// What one unit makes of one file.
struct View<'a> {
    unit: &'a Facts,
    edits: BTreeSet<Key<'a>>,
    skipped: Vec<&'a Span>,
}

impl View<'_> {
    /// Whether the preprocessor leaves these bytes out.
    fn skips(&self, start: u32, end: u32) -> bool {
        self.skipped.iter().any(|span| span.start <= start && end <= span.end)
    }

    /// All that the unit makes of a range, in words that are the same for the same edits.
    fn all_at(&self, (start, end): (u32, u32)) -> String {
        let edits = self.edits.range((start, 0, Order::Close(i32::MIN), "")..);
        let here = edits.take_while(|key| key.0 == start).filter(|key| key.1 == end);
        format!("{:?}", here.collect::<Vec<_>>())
    }
}

/// Finds places that units need different text for: variants where each source can say which one it
/// takes, else errors.
pub(super) fn check(
    units: &[Facts],
    decisions: &Decisions<'_>,
    separations: &mut Vec<Separation>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Variants {
    let mut variants = Variants::default();
    let mut files: BTreeMap<&SourcePath, Vec<View<'_>>> = BTreeMap::new();
    for unit in units {
        let mut views: BTreeMap<&SourcePath, View<'_>> = BTreeMap::new();
        for file in &unit.files {
            views.insert(file, View { unit, edits: BTreeSet::new(), skipped: Vec::new() });
        }
        for edit in
            unit.edits.iter().filter(|edit| decisions.hold(unit, &edit.when, &edit.span.file))
        {
            if let Some(view) = views.get_mut(&edit.span.file) {
                view.edits.insert(key(edit));
            }
        }
        for span in &unit.skipped {
            if let Some(view) = views.get_mut(&span.file) {
                view.skipped.push(span);
            }
        }
        for (file, view) in views {
            files.entry(file).or_default().push(view);
        }
    }
    for (file, views) in files {
        let mut all: BTreeMap<Key<'_>, &Facts> = BTreeMap::new();
        for view in &views {
            for &key in &view.edits {
                all.entry(key).or_insert(view.unit);
            }
        }
        let mut found = Found { variants: &mut variants, separations, diagnostics };
        differently_compiled(file, &views, &all, units, &mut found);
    }
    variants
}

fn key(edit: &Edit) -> Key<'_> {
    (edit.span.start, edit.span.end, edit.order, edit.text.as_str())
}

/// What is done about places that units need different text for.
struct Found<'a> {
    variants: &'a mut Variants,
    separations: &'a mut Vec<Separation>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// Edits of one unit that another unit compiles the place of, too, but does not make.
fn differently_compiled(
    file: &SourcePath,
    views: &[View<'_>],
    all: &BTreeMap<Key<'_>, &Facts>,
    units: &[Facts],
    found: &mut Found<'_>,
) {
    // Most units make all of the edits, and most of the others the same ones.
    let mut seen: BTreeSet<(Vec<Key<'_>>, &[&Span])> = BTreeSet::new();
    let mut reported = BTreeSet::new();
    for view in views.iter().filter(|view| view.edits.len() < all.len()) {
        let missing: Vec<Key<'_>> =
            all.keys().filter(|key| !view.edits.contains(*key)).copied().collect();
        if !seen.insert((missing.clone(), &view.skipped)) {
            continue;
        }
        for key in missing {
            let (start, end, order, text) = key;
            let is_skipped = view.skips(start, end);
            // What stands at the same place in the other unit tells best what the difference is.
            let instead = view.edits.range((start, end, order, "")..).next();
            let instead =
                instead.filter(|other| (other.0, other.1, other.2) == (start, end, order));
            if is_skipped || !reported.insert((start, end)) {
                continue;
            }
            let span = Span::new(file.clone(), start..end);
            if let Some(texts) = text_of_each(views, (start, end, order))
                && found.variants.add(&span, order, &texts, units)
            {
                continue;
            }
            let (unit, other) = (all[&key], view.unit);
            let diagnostic = Diagnostic::error(
                codes::CONFLICTING_EDITS,
                "two ways of compiling this need different text",
            )
            .at_labelled(span.clone(), "needed once, and written once")
            .note(format!("{}: {}", described(unit, other), becomes(Some(text))))
            .note(format!("{}: {}", described(other, unit), becomes(instead.map(|key| key.3))))
            .help("separate the two with `#if`, or give the type that differs a name of its own");
            let needs: Vec<(&Facts, String)> = views
                .iter()
                .filter(|view| !view.skips(start, end))
                .map(|view| (view.unit, view.all_at((start, end))))
                .collect();
            let needs = needs.iter().map(|(unit, need)| (*unit, need.as_str()));
            match Separation::new(&span, needs, units, diagnostic.clone()) {
                Some(separation) => found.separations.push(separation),
                None => found.diagnostics.push(diagnostic),
            }
        }
    }
}

/// The text that each unit needs at a place, if each one that compiles it needs just one.
fn text_of_each<'a>(
    views: &[View<'a>],
    (start, end, order): (u32, u32, Order),
) -> Option<Vec<(&'a Facts, &'a str)>> {
    let compiling = views.iter().filter(|view| !view.skips(start, end));
    let texts = compiling.map(|view| {
        let behind = view.edits.range((start, end, order, "")..);
        let mut here = behind.take_while(|key| (key.0, key.1, key.2) == (start, end, order));
        let only = here.next().filter(|_| here.next().is_none())?;
        Some((view.unit, only.3))
    });
    texts.collect()
}

fn becomes(text: Option<&str>) -> String {
    match text.map(str::trim) {
        Some("") => "something is removed".to_owned(),
        Some(text) => format!("`{text}` is needed"),
        None => "it stays as it is".to_owned(),
    }
}

/// A unit, with what tells it from another.
fn described(unit: &Facts, other: &Facts) -> String {
    let own: Vec<&str> = unit
        .definitions
        .iter()
        .filter(|flag| !other.definitions.contains(flag))
        .map(String::as_str)
        .collect();
    match own.as_slice() {
        [] if unit.source == other.source => format!("{} without them", unit.source),
        [] => unit.source.to_string(),
        own => format!("{} with `{}`", unit.source, own.join(" ")),
    }
}
