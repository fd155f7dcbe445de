//! Functions and variables that several compartments define.
//!
//! The dynamic linker lets all of them use the first one that is loaded, which is code and data of one
//! compartment only. Where they come from one place, because a source is compiled for each, every
//! shared object is told to use its own. Where they differ, one may be meant to replace the other, so
//! they stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Span, codes};

use crate::facts::{Facts, Linkage, Point};

/// A definition that the dynamic linker may replace by another object's.
struct Definition<'a> {
    symbol: &'a str,
    /// The name in it.
    span: &'a Span,
    /// Where something can be said about it.
    place: &'a Point,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    /// A variable that is written.
    State,
    /// Shared data, of which there is to be one.
    Shared,
    Constant,
}

/// The definitions of a symbol, by compartment.
type Definitions<'a> = BTreeMap<u8, Vec<Definition<'a>>>;

/// Adds warnings about those that are not what they were without compartments.
pub(super) fn check(units: &[Facts], diagnostics: &mut Vec<Diagnostic>) {
    for (symbol, found) in several(units) {
        let mut one_of_each = found.iter().filter_map(|(pkey, list)| Some((pkey, list.first()?)));
        let (Some((first, a)), Some((second, b))) = (one_of_each.next(), one_of_each.next()) else {
            continue;
        };
        let kinds = || found.values().flatten().map(|definition| definition.kind);
        let warning = match is_one_place(&found) {
            true if a.kind == Kind::State => {
                let of = found.keys().map(u8::to_string).collect::<Vec<_>>().join(", ");
                let message = format!("`{symbol}` is a variable of its own in compartments {of}");
                Diagnostic::warning(codes::COPIED_VARIABLE, message)
                    .at(a.span.clone())
                    .help("put IA2_SHARED_DATA in front of it if there is to be one for all")
            }
            false if !kinds().all(|kind| matches!(kind, Kind::Constant | Kind::Shared)) => {
                let message = format!("compartments {first} and {second} define `{symbol}`");
                Diagnostic::warning(codes::INTERPOSED, message)
                    .at_labelled(a.span.clone(), format!("in compartment {first}"))
                    .also(b.span.clone(), format!("in compartment {second}"))
                    .note("the dynamic linker lets both use the one that is loaded first")
                    .help("make them static or rename them")
            }
            _ => continue,
        };
        diagnostics.push(warning);
    }
}

/// Lets every shared object use its own copy of what comes from one place.
pub(super) fn edits(units: &[Facts], insert: &mut dyn FnMut(&Point, &str)) {
    for (symbol, found) in several(units).into_iter().filter(|(_, found)| is_one_place(found)) {
        for definition in found.values().flatten() {
            match definition.kind {
                Kind::Function => insert(definition.place, &format!(" IA2_OWN({symbol})")),
                Kind::State | Kind::Constant => {
                    insert(definition.place, &format!("IA2_OWN({symbol}) "));
                }
                Kind::Shared => {}
            }
        }
    }
}

fn is_one_place(found: &Definitions<'_>) -> bool {
    let spans: BTreeSet<&Span> = found.values().flatten().map(|found| found.span).collect();
    spans.len() == 1
}

/// Symbols that more than one compartment defines.
fn several(units: &[Facts]) -> BTreeMap<&str, Definitions<'_>> {
    let mut symbols: BTreeMap<&str, Definitions<'_>> = BTreeMap::new();
    for unit in units {
        for definition in functions(unit).chain(variables(unit)) {
            let found = symbols.entry(definition.symbol).or_default();
            found.entry(unit.pkey).or_default().push(definition);
        }
    }
    symbols.retain(|symbol, found| found.len() > 1 && *symbol != "main");
    symbols
}

fn functions(unit: &Facts) -> impl Iterator<Item = Definition<'_>> {
    unit.functions.iter().filter(|entry| entry.linkage == Linkage::External).filter_map(|entry| {
        let defined = entry.defined.as_ref().filter(|defined| defined.is_interposable)?;
        let place = defined.after.as_ref().unwrap_or(&unit.end);
        Some(Definition { symbol: &entry.symbol, span: &defined.span, place, kind: Kind::Function })
    })
}

fn variables(unit: &Facts) -> impl Iterator<Item = Definition<'_>> {
    unit.variables.iter().filter(|variable| variable.is_interposable).filter_map(|variable| {
        let kind = match (variable.is_shared, variable.is_const) {
            (true, _) => Kind::Shared,
            (_, true) => Kind::Constant,
            _ => Kind::State,
        };
        let place = variable.before.as_ref().unwrap_or(&unit.end);
        let span = variable.defined.as_ref()?;
        Some(Definition { symbol: &variable.symbol, span, place, kind })
    })
}
