//! The kinds of calls of a function: one if its type fixes the list of arguments, else one for each
//! list that occurs.

use std::collections::BTreeSet;

use abi::Signature;
use ctype::{Type, TypeId};
use diagnostics::{Diagnostic, Span, codes};
use gate::{Call, CallIndex};

use super::ShapedGate;
use super::functions::{Linker, Place};
use super::linked::Key;
use super::opaque::opaque_name;
use super::target::target_of;
use crate::facts::{Abi, Facts, ShapedCall};

/// A function type as a unit sees it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) unit: &'a Facts,
    pub(super) ty: TypeId,
}

impl<'a> View<'a> {
    /// What a pointer of this type points to.
    pub(super) fn pointed(unit: &'a Facts, pointer: TypeId) -> Option<View<'a>> {
        let (ty, _) = unit.types.pointed_function(pointer)?;
        Some(View { unit, ty })
    }

    fn function(self) -> Option<&'a ctype::Function> {
        match self.unit.types.get(self.ty) {
            Type::Function(function) => Some(function),
            _ => None,
        }
    }

    /// Whether every call passes the same list of arguments.
    pub(super) fn is_fixed(self) -> bool {
        self.function().is_some_and(|function| function.prototyped && !function.variadic)
    }

    /// Whether there are declared parameters.
    pub(super) fn has_parameters(self) -> bool {
        self.function().is_some_and(|function| !function.parameters.is_empty())
    }

    /// Whether arguments follow the declared ones.
    pub(super) fn is_variadic(self) -> bool {
        self.function().is_some_and(|function| function.variadic)
    }

    /// How a call with these arguments besides the declared ones is made, or why no gate can do it.
    pub(super) fn signature(self, abi: Abi, extra: &[TypeId]) -> Result<Signature, String> {
        let function = self.function().ok_or("its type is not known")?;
        let signature = abi::signature(&self.unit.types, function, target_of(abi), extra)
            .map_err(|unsupported| unsupported.to_string())?;
        gate::check(&signature).map_err(|unsupported| unsupported.to_string())?;
        Ok(signature)
    }

    /// Whether a parameter is a `va_list`: a pointer to the caller's own stack.
    fn takes_va_list(self) -> bool {
        let types = &self.unit.types;
        let is_va_list = |ty: TypeId| match types.get(ty) {
            Type::Pointer(to) => match types.get(to.ty) {
                Type::Record(record) => {
                    matches!(&types.record(*record).name, ctype::Name::Tag(tag) if tag == "__va_list_tag")
                }
                _ => false,
            },
            _ => false,
        };
        self.function().is_some_and(|function| function.parameters.iter().copied().any(is_va_list))
    }
}

/// A kind of call of a function.
#[derive(Clone, Copy)]
pub(super) struct Kind<'a> {
    /// Its name; empty for the only one of a function whose type fixes the list of arguments.
    pub(super) name: &'a str,
    /// The type it is made by.
    pub(super) view: View<'a>,
    /// Arguments that have no parameter.
    pub(super) extra: &'a [TypeId],
}

impl<'a> Kind<'a> {
    /// The call of a function with a fixed list of arguments.
    pub(super) fn fixed(view: View<'a>) -> Kind<'a> {
        Kind { name: "", view, extra: &[] }
    }

    /// The call with one of the lists that occur.
    pub(super) fn shaped(view: View<'a>, call: &'a ShapedCall) -> Kind<'a> {
        Kind { name: &call.shape, view, extra: &call.arguments }
    }
}

impl<'a> Linker<'a> {
    /// The type of a function where it is declared or defined.
    pub(super) fn view(&self, place: Place) -> View<'a> {
        View { unit: &self.units[place.unit], ty: self.entry(place).ty }
    }

    /// The index of a kind of call of a function; `None` if no gate can be made for it.
    pub(super) fn kind_of_call(
        &mut self,
        key: Key,
        target: Place,
        kind: Kind<'_>,
        span: Option<&Span>,
    ) -> Option<CallIndex> {
        let calls = &mut self.linked.functions.get_mut(&key)?.calls;
        if let Some(index) = calls.iter().position(|known| known.shape == kind.name) {
            return Some(CallIndex(index));
        }
        match kind.view.signature(self.units[target.unit].abi, kind.extra) {
            Ok(signature) => {
                calls.push(Call { shape: kind.name.to_owned(), signature });
                Some(CallIndex(calls.len() - 1))
            }
            Err(reason) => {
                self.refuse(target, kind.name, &reason, span);
                None
            }
        }
    }

    /// Says once why a function cannot be called across compartments.
    pub(super) fn refuse(&mut self, target: Place, kind: &str, reason: &str, span: Option<&Span>) {
        if !self.refused.insert((target, kind.to_owned())) {
            return;
        }
        let entry = self.entry(target);
        let is_known = matches!(self.units[target.unit].types.get(entry.ty), Type::Function(_));
        let mut diagnostic = Diagnostic::error(
            if is_known { codes::UNSUPPORTED_CALL } else { codes::UNKNOWN_TYPE },
            format!("`{}` cannot be called across compartments: {reason}", entry.name),
        );
        if let Some(span) = span {
            diagnostic =
                diagnostic.at_labelled(span.clone(), "it is called, or its address taken, here");
        }
        self.diagnostics.push(diagnostic.also(entry.declared.clone(), "declared here"));
    }

    /// The arguments that a `va_list` leads to lie on the caller's stack, which no other compartment
    /// can read.
    pub(super) fn check_va_list(&mut self, target: Place, span: Option<&Span>) {
        if !self.view(target).takes_va_list()
            || !self.refused.insert((target, "va_list".to_owned()))
        {
            return;
        }
        let entry = self.entry(target);
        let mut diagnostic = Diagnostic::error(
            codes::VA_LIST_CROSSES,
            format!("`{}` takes a va_list from another compartment", entry.name),
        );
        if let Some(span) = span {
            diagnostic = diagnostic
                .at_labelled(span.clone(), "the arguments are on this compartment's own stack");
        }
        self.diagnostics.push(
            diagnostic
                .also(entry.declared.clone(), "declared here")
                .help("format the text before the call, or call the function with `...` instead"),
        );
    }

    /// Calls of a function of another compartment that takes different lists of arguments.
    pub(super) fn shaped_crossings(&mut self, place: Place, target: Place, key: Key) {
        let (caller, entry, view) = (self.pkey(place), self.entry(place), self.view(place));
        for call in &entry.calls {
            let (kind, span) = (Kind::shaped(view, call), Some(&call.span));
            let Some(index) = self.kind_of_call(key, target, kind, span) else { continue };
            self.check_compilers(place, target, kind, span);
            let symbol = gate::gate_symbol(caller, &self.linked.functions[&key], index);
            self.linked.crossings.insert((caller, key, index));
            let declaration = self.declaration(place, &call.shape);
            let known = (entry.name.clone(), call.shape.clone());
            let gate = ShapedGate { symbol, declaration };
            self.compartment(caller).shaped_gates.insert(known, gate);
        }
        self.compartment(caller).shaped.insert(entry.name.clone());
    }

    /// The declaration of a gate for one list of arguments, at a call. A function without prototype
    /// may not be declared there at all.
    fn declaration(&self, place: Place, shape: &str) -> String {
        let (entry, view) = (self.entry(place), self.view(place));
        let name = format!("ia2_{}_with_{shape}", entry.name);
        if !view.is_variadic() {
            let replace = |id| opaque_name(view.unit, self.opaque, id);
            if let Ok(text) = view.unit.types.spell(view.ty, &name, &replace) {
                return format!("extern {text}");
            }
        }
        format!("extern __typeof__({}) {name}", entry.name)
    }

    /// The kinds of calls of a function that are made through a pointer of this type.
    pub(super) fn calls_by_pointer(
        &mut self,
        key: Key,
        target: Place,
        (type_name, pointer): (&str, View<'a>),
        span: &Span,
    ) -> Option<PointerCalls> {
        let own = self.view(target);
        let base = if own.is_fixed() {
            Some(self.kind_of_call(key, target, Kind::fixed(own), Some(span))?)
        } else if pointer.is_fixed() {
            let name = format!("as{type_name}");
            let kind = Kind { name: &name, view: pointer, extra: &[] };
            Some(self.kind_of_call(key, target, kind, Some(span))?)
        } else {
            None
        };
        let mut shapes = Vec::new();
        let opaque = &self.opaque[type_name];
        for shape in &opaque.shapes {
            let (view, call) = self.shapes[&(opaque.hash, shape.as_str())];
            let kind = Kind::shaped(view, call);
            shapes.push(if own.is_fixed() {
                // Only calls that pass what the function reads can be meant for it.
                let given = view.signature(self.units[target.unit].abi, &call.arguments).ok();
                let index = base.expect("a fixed list of arguments has one kind of call").0;
                let reads = &self.linked.functions[&key].calls[index].signature;
                base.filter(|_| given.is_some_and(|given| finds_its_arguments(reads, &given)))
            } else {
                self.kind_of_call(key, target, kind, Some(&call.span))
            });
        }
        Some(PointerCalls { base, shapes })
    }
}

/// The kinds of calls of a function through pointers of one type.
pub(super) struct PointerCalls {
    /// If the type fixes the list of arguments, or the function does.
    pub(super) base: Option<CallIndex>,
    /// One per list of arguments that occurs with the type.
    pub(super) shapes: Vec<Option<CallIndex>>,
}

/// Whether a function that expects arguments this way finds them where a call puts them.
pub(super) fn finds_its_arguments(function: &Signature, call: &Signature) -> bool {
    let registers = |signature: &Signature| -> BTreeSet<_> {
        signature.argument_registers().iter().map(|live| live.register).collect()
    };
    registers(function).is_subset(&registers(call)) && function.stack_bytes <= call.stack_bytes
}
