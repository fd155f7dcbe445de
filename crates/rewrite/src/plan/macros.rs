//! Edits in macros, where all uses of a macro agree on them; else the uses that must be written out.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Span, codes};

use super::decisions::Decisions;
use crate::facts::{Blocked, Edit, Facts, MacroPlace, MacroPlaceKind};

/// A use of a macro that must be written out.
#[derive(Clone, Debug)]
pub struct Inline {
    /// The use, with its arguments.
    pub used: Span,
    /// Why; an error if it cannot be done.
    pub reason: Diagnostic,
}

/// One expression of the expanded text, and what it needs.
struct Seen<'a> {
    place: &'a MacroPlace,
    edits: Vec<&'a Edit>,
}

impl Seen<'_> {
    /// The edits as far as they matter: the depth of an expression differs from use to use.
    fn needs(&self) -> BTreeSet<(&Span, &str)> {
        self.edits.iter().map(|edit| (&edit.span, edit.text.as_str())).collect()
    }
}

/// Collects the edits that are agreed upon, and the uses to be written out.
pub(super) fn edits(
    units: &[Facts],
    decisions: &Decisions<'_>,
    inlines: &mut Vec<Inline>,
    diagnostics: &mut Vec<Diagnostic>,
    edit: &mut dyn FnMut(&Edit),
) {
    let mut places: BTreeMap<(&Span, bool), Vec<Seen<'_>>> = BTreeMap::new();
    let mut uses: BTreeMap<&Span, BTreeSet<&Span>> = BTreeMap::new();
    let mut found: BTreeMap<Span, Diagnostic> = BTreeMap::new();
    for unit in units {
        let blocked_holds = |blocked: &Blocked| {
            let file = blocked.used.as_ref().map_or(&unit.source, |used| &used.file);
            decisions.hold(unit, &blocked.when, file)
        };
        for place in &unit.macro_places {
            let edits = place
                .edits
                .iter()
                .filter(|edit| decisions.hold(unit, &edit.when, &place.place.file))
                .collect();
            let is_body = matches!(place.kind, MacroPlaceKind::Body { .. });
            places.entry((&place.place, is_body)).or_default().push(Seen { place, edits });
        }
        for known in &unit.macro_uses {
            uses.entry(&known.definition).or_default().extend(&known.used);
        }
        for blocked in unit.blocked.iter().filter(|blocked| blocked_holds(blocked)) {
            match &blocked.used {
                Some(used) => {
                    found.entry(used.clone()).or_insert_with(|| blocked.diagnostic.clone());
                }
                None => diagnostics.push(blocked.diagnostic.clone()),
            }
        }
    }
    for ((span, _), seen) in &places {
        let first = seen[0].needs();
        let other = seen.iter().find(|other| other.needs() != first);
        let is_agreed = other.is_none()
            && match &seen[0].place.kind {
                MacroPlaceKind::Argument { is_text } => !is_text || first.is_empty(),
                MacroPlaceKind::Body { definition, is_text } => {
                    first.is_empty() || !is_text && is_everywhere(definition, seen, &uses)
                }
            };
        if is_agreed {
            seen[0].edits.iter().for_each(|needed| edit(needed));
            continue;
        }
        let reason = |used: &Span| {
            let diagnostic = Diagnostic::error(
                codes::MACRO_USES_DIFFER,
                "uses of this macro need different rewriting",
            )
            .at((*span).clone())
            .also(used.clone(), "used here");
            diagnostic.help("make two macros of it, or write one of the uses out")
        };
        let kept = kept(seen, &uses);
        for other in seen.iter().filter(|other| other.needs() != kept) {
            let used = &other.place.used;
            found.entry(used.clone()).or_insert_with(|| reason(used));
        }
    }
    inlines.extend(found.into_iter().map(|(used, reason)| Inline { used, reason }));
}

/// What the definition gets: what most uses need, if that are several; else nothing. The others are
/// written out.
fn kept<'a>(
    seen: &'a [Seen<'_>],
    uses: &BTreeMap<&Span, BTreeSet<&Span>>,
) -> BTreeSet<(&'a Span, &'a str)> {
    let MacroPlaceKind::Body { definition, is_text: false } = &seen[0].place.kind else {
        return BTreeSet::new();
    };
    let mut counts: BTreeMap<BTreeSet<(&Span, &str)>, BTreeSet<&Span>> = BTreeMap::new();
    for seen in seen {
        counts.entry(seen.needs()).or_default().insert(&seen.place.used);
    }
    let all: BTreeSet<&Span> = seen.iter().map(|seen| &seen.place.used).collect();
    // Expanded several times in one use, the place may need several things there.
    let is_only = |needs: &BTreeSet<_>, used: &&&Span| {
        counts.iter().all(|(other, uses)| other == needs || !uses.contains(*used))
    };
    let most = counts.iter().find(|(needs, used)| {
        let count = used.iter().filter(|used| is_only(needs, used)).count();
        count > 1 && 2 * count > all.len() && is_everywhere(definition, seen, uses)
    });
    most.map(|(needs, _)| needs.clone()).unwrap_or_default()
}

/// Whether every use of the macro needs the edits of the place.
fn is_everywhere(
    definition: &Span,
    seen: &[Seen<'_>],
    uses: &BTreeMap<&Span, BTreeSet<&Span>>,
) -> bool {
    let needing: BTreeSet<&Span> = seen.iter().map(|seen| &seen.place.used).collect();
    // A use inside an argument of another macro is written out with that one.
    let is_covered = |used: &Span| {
        needing.iter().any(|needing| {
            needing.file == used.file && needing.start <= used.start && used.end <= needing.end
        })
    };
    uses.get(definition).is_none_or(|uses| uses.iter().all(|used| is_covered(used)))
}
