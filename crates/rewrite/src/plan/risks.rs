//! Warnings about calls that cross: one for each thing that is risky about each function called, with
//! the number of places, because a program may have thousands.

use std::collections::{BTreeMap, BTreeSet};

use ctype::Type;
use diagnostics::{Code, Diagnostic, Span, codes};

use super::OpaqueType;
use super::linked::Linked;
use super::opaque::is_opaque;
use crate::facts::{Facts, Function, Linkage, RiskKind};

/// Places that are risky for one reason.
#[derive(Default)]
struct Places<'a> {
    places: BTreeSet<&'a Span>,
    /// What is said of the first of them.
    message: String,
}

/// What makes places belong together.
type Group = (Code, u8, String);

/// Adds the warnings.
pub(crate) fn check(
    units: &[Facts],
    opaque: &BTreeMap<String, OpaqueType>,
    linked: &Linked,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let defined = definitions(units);
    let mut groups: BTreeMap<Group, Places<'_>> = BTreeMap::new();
    for unit in units {
        let target = |function: &Function| crossing(unit, function, linked, &defined);
        let mut add = |code: Code, subject: &str, span, message: String| {
            let group = groups.entry((code, unit.pkey, subject.to_owned())).or_default();
            if group.places.first().is_none_or(|first| span < *first) {
                group.message = message;
            }
            group.places.insert(span);
        };
        for risk in &unit.risks {
            match &risk.kind {
                RiskKind::PrivatePointer { function, name } => {
                    let function = &unit.functions[*function];
                    // What belongs to no compartment is nobody's secret.
                    let Some(pkey) = target(function).filter(|_| unit.pkey != 0) else { continue };
                    let message = format!(
                        "the address of `{name}`, which is private, is passed to `{}` in compartment {pkey}",
                        function.name
                    );
                    add(codes::PRIVATE_POINTER_CROSSES, &function.name, &risk.span, message);
                }
                RiskKind::Errno { function } => {
                    let function = &unit.functions[*function];
                    let Some(pkey) = target(function) else { continue };
                    let message = format!(
                        "`errno` is looked at after `{}` was called in compartment {pkey}",
                        function.name
                    );
                    add(codes::ERRNO_ACROSS, &function.name, &risk.span, message);
                }
                RiskKind::Cast { from, to } => {
                    if !is_opaque(unit, opaque, *from) && !is_opaque(unit, opaque, *to) {
                        continue;
                    }
                    // Functions of all types are kept as this one, and cast back to be called.
                    let is_generic =
                        |pointer: u32| unit.pointers[pointer as usize].name == "_ZTSPFvvE";
                    if is_generic(from.0) || is_generic(to.0) {
                        continue;
                    }
                    let spelled = |pointer| {
                        let ty = unit.pointers[pointer as usize].ty;
                        let text = unit.types.spell(ty, "", &|_| None);
                        text.unwrap_or_else(|_| "a type without a name".to_owned())
                    };
                    let (from, to) = (spelled(from.0), spelled(to.0));
                    let message = format!("`{from}` is cast to `{to}`, and one of them is opaque");
                    add(codes::FUNCTION_POINTER_CAST, &format!("{from} {to}"), &risk.span, message);
                }
            }
        }
        for function in &unit.functions {
            let is_variadic = matches!(
                unit.types.get(function.ty),
                Type::Function(ty) if ty.variadic
            );
            let (Some(span), true) = (&function.called, is_variadic) else { continue };
            let Some(pkey) = target(function) else { continue };
            let message = format!(
                "`{}`, which takes a variable number of arguments, is called in compartment {pkey}",
                function.name
            );
            add(codes::VARIADIC_ACROSS, &function.name, span, message);
        }
    }
    diagnostics.extend(groups.into_iter().map(|((code, ..), places)| warning(code, &places)));
}

fn warning(code: Code, places: &Places<'_>) -> Diagnostic {
    let mut warning = Diagnostic::warning(code, &places.message);
    let mut spans = places.places.iter();
    if let Some(&first) = spans.next() {
        warning = warning.at(first.clone());
    }
    match spans.len() {
        0 => {}
        1 => warning = warning.note("and in one other place"),
        more => warning = warning.note(format!("and in {more} other places")),
    }
    let advice = match code {
        codes::PRIVATE_POINTER_CROSSES => {
            "make it IA2_SHARED_DATA, or allocate it with shared_malloc, if it is used there"
        }
        codes::ERRNO_ACROSS => "let the function return the reason",
        codes::VARIADIC_ACROSS => "prefer a function with fixed parameters at the boundary",
        _ => "give the function the type it is called with",
    };
    warning.help(advice)
}

/// Compartments that define external functions, by name.
fn definitions(units: &[Facts]) -> BTreeMap<&str, u8> {
    let mut defined = BTreeMap::new();
    for unit in units {
        let own = unit
            .functions
            .iter()
            .filter(|function| function.linkage == Linkage::External && function.defined.is_some());
        defined.extend(own.map(|function| (function.name.as_str(), unit.pkey)));
    }
    defined
}

/// The compartment that a call of this function leads to, if that is another one.
fn crossing(
    unit: &Facts,
    function: &Function,
    linked: &Linked,
    defined: &BTreeMap<&str, u8>,
) -> Option<u8> {
    let caller = linked.compartments.iter().find(|(pkey, _)| pkey.number() == unit.pkey)?.1;
    // With a gate of its own, or with one for each list of arguments.
    let has_gate =
        caller.gates.contains_key(&function.name) || caller.shaped.contains(&function.name);
    let crosses = function.linkage == Linkage::External && has_gate;
    if crosses { defined.get(function.name.as_str()).copied() } else { None }
}
