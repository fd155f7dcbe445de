//! Do the declarations of the runtime and of the compartments fit together?

use std::collections::BTreeMap;

use diagnostics::{Diagnostic, Span, codes};
use pkru::Pkey;

use crate::facts::{Facts, Numbered};

/// Checks `INIT_RUNTIME`, `IA2_COMPARTMENT` and `-DPKEY` against each other. Returns the highest
/// number that an `INIT_RUNTIME` names.
pub(crate) fn check(units: &[Facts], diagnostics: &mut Vec<Diagnostic>) -> Pkey {
    compartments(units, diagnostics);
    let mut runtimes: Vec<&Numbered> = units.iter().flat_map(|unit| &unit.runtimes).collect();
    // One source with several commands says it several times at one place.
    runtimes.sort_by(|a, b| a.span.cmp(&b.span));
    runtimes.dedup_by(|a, b| a.span == b.span);
    let mains = units
        .iter()
        .flat_map(|unit| unit.functions.iter().filter(|function| function.name == "main"))
        .filter_map(|function| function.defined.as_ref())
        .map(|definition| &definition.span)
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    if runtimes.len() > mains.max(1) {
        let mut diagnostic =
            Diagnostic::error(codes::SEVERAL_RUNTIMES, "the runtime is started twice")
                .at_labelled(runtimes[1].span.clone(), "second INIT_RUNTIME")
                .help("keep one of them, in a source of the executable");
        diagnostic = diagnostic.also(runtimes[0].span.clone(), "first INIT_RUNTIME");
        diagnostics.push(diagnostic);
    }
    let mut highest = Pkey::UNTRUSTED;
    let mut is_valid = true;
    for runtime in &runtimes {
        match u8::try_from(runtime.number).ok().and_then(Pkey::new) {
            Some(pkey) => highest = highest.max(pkey),
            None => {
                is_valid = false;
                diagnostics.push(
                    Diagnostic::error(
                        codes::RUNTIME_TOO_SMALL,
                        "INIT_RUNTIME needs a number from 0 to 15",
                    )
                    .at(runtime.span.clone()),
                );
            }
        }
    }
    let used = units.iter().max_by_key(|unit| unit.pkey);
    match (runtimes.first(), used) {
        (None, Some(unit)) => diagnostics.push(
            Diagnostic::error(codes::NO_RUNTIME, "no source starts the runtime")
                .note(format!(
                    "the sources belong to compartments up to {}; one of the executable's must say so",
                    unit.pkey
                ))
                .help(format!("put `INIT_RUNTIME({});` into one source of the executable", unit.pkey)),
        ),
        // Of one whose number is none, that is said already.
        (Some(runtime), Some(unit)) if is_valid && unit.pkey > highest.number() => diagnostics.push(
            Diagnostic::error(
                codes::RUNTIME_TOO_SMALL,
                format!("INIT_RUNTIME({highest}) does not cover compartment {}", unit.pkey),
            )
            .at_labelled(runtime.span.clone(), format!("must be at least {}", unit.pkey))
            .note(format!("{} is compiled with -DPKEY={}", unit.source, unit.pkey)),
        ),
        _ => {}
    }
    highest
}

/// Every compartment has an init include, and each says the number its source is compiled with.
fn compartments(units: &[Facts], diagnostics: &mut Vec<Diagnostic>) {
    let mut initialised: BTreeMap<u8, Vec<&Span>> = BTreeMap::new();
    for unit in units {
        for compartment in &unit.compartments {
            if compartment.number == i64::from(unit.pkey) {
                initialised.entry(unit.pkey).or_default().push(&compartment.span);
                continue;
            }
            diagnostics.push(
                Diagnostic::error(
                    codes::COMPARTMENT_MISMATCH,
                    format!(
                        "IA2_COMPARTMENT is {}, but the source is compiled with -DPKEY={}",
                        compartment.number, unit.pkey
                    ),
                )
                .at(compartment.span.clone())
                .help(format!("write `#define IA2_COMPARTMENT {}`", unit.pkey)),
            );
            initialised.entry(unit.pkey).or_default().push(&compartment.span);
        }
    }
    let mut reported = Vec::new();
    for unit in units {
        if unit.pkey == 0 || initialised.contains_key(&unit.pkey) || reported.contains(&unit.pkey) {
            continue;
        }
        reported.push(unit.pkey);
        diagnostics.push(
            Diagnostic::error(
                codes::COMPARTMENT_NOT_INITIALISED,
                format!("no source of compartment {} initialises it", unit.pkey),
            )
            .at(Span::point(unit.source.clone(), 0))
            .help(format!(
                "put `#define IA2_COMPARTMENT {}` and `#include <ia2_compartment_init.inc>` into one \
                 source of each of its shared objects",
                unit.pkey
            )),
        );
    }
}
