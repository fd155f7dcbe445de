//! Do caller and callee mean the same call?

use std::collections::BTreeSet;

use ctype::Type;
use diagnostics::{Diagnostic, Span, codes};

use super::functions::{Linker, Place, signature};
use super::target::{describe, target_of};

impl Linker<'_> {
    /// Is the function declared with the type it is defined with?
    pub(super) fn check_types(&mut self, place: Place, target: Place, span: Option<&Span>) {
        let types = |place: Place| &self.units[place.unit].types;
        let name = |place: Place| types(place).itanium(self.entry(place).ty);
        let is_prototyped = |place: Place| match types(place).get(self.entry(place).ty) {
            Type::Function(function) => function.prototyped,
            _ => false,
        };
        if name(place) == name(target) || !is_prototyped(place) || !is_prototyped(target) {
            return;
        }
        let mut diagnostic = Diagnostic::error(
            codes::CONFLICTING_TYPES,
            format!(
                "`{}` is declared here with another type than it is defined with",
                self.entry(place).name
            ),
        )
        .at(self.entry(place).declared.clone());
        if let Some(definition) = &self.entry(target).defined {
            diagnostic = diagnostic.also(
                definition.span.clone(),
                format!("defined in compartment {}", self.pkey(target)),
            );
        }
        if let Some(span) = span {
            diagnostic = diagnostic
                .also(span.clone(), format!("called in compartment {}", self.pkey(place)));
        }
        self.diagnostics.push(diagnostic.help("declare it in one header that both include"));
    }

    /// Would the caller's compiler put the arguments where the callee's expects them?
    pub(super) fn check_compilers(&mut self, place: Place, target: Place, span: Option<&Span>) {
        let (caller, callee) = (self.units[place.unit].abi, self.units[target.unit].abi);
        if caller == callee {
            return;
        }
        let unit = &self.units[target.unit];
        let entry = self.entry(target);
        let (Ok(as_caller), Ok(as_callee)) =
            (signature(unit, entry, caller), signature(unit, entry, callee))
        else {
            return;
        };
        if as_caller == as_callee {
            return;
        }
        let mut diagnostic = Diagnostic::error(
            codes::COMPILERS_DISAGREE,
            format!(
                "the compilers of caller and callee pass the arguments of `{}` differently",
                entry.name
            ),
        )
        .note(format!("{}: {as_caller}", describe(caller)))
        .note(format!("{}: {as_callee}", describe(callee)));
        if let Some(span) = span {
            diagnostic = diagnostic.at(span.clone());
        }
        self.diagnostics.push(diagnostic);
    }

    /// May a function be called as if it had another type?
    pub(super) fn check_cast(&mut self, place: Place, target: Place, type_name: &str, span: &Span) {
        let unit = &self.units[place.unit];
        let Some(pointer) = unit.pointers.iter().find(|known| known.name == type_name) else {
            return;
        };
        let Some((_, cast)) = unit.types.pointed_function(pointer.ty) else { return };
        let Ok(as_cast) = abi::signature(&unit.types, cast, target_of(unit.abi), &[]) else {
            return;
        };
        let own_unit = &self.units[target.unit];
        let Ok(own) = signature(own_unit, self.entry(target), own_unit.abi) else { return };
        let given: BTreeSet<_> =
            as_cast.argument_registers().iter().map(|live| live.register).collect();
        let reads: BTreeSet<_> =
            own.argument_registers().iter().map(|live| live.register).collect();
        if reads.is_subset(&given) && own.stack_bytes <= as_cast.stack_bytes {
            return;
        }
        self.diagnostics.push(
            Diagnostic::error(
                codes::UNSAFE_FUNCTION_CAST,
                format!(
                    "`{}` reads arguments that a call through the type it is cast to does not pass",
                    self.entry(place).name
                ),
            )
            .at(span.clone())
            .note(format!("the function: {own}"))
            .note(format!("the call:     {as_cast}"))
            .help("write a function of the right type that calls this one"),
        );
    }
}
