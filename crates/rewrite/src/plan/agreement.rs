//! Do caller and callee mean the same call?

use ctype::{Type, TypeId};
use diagnostics::{Diagnostic, Span, codes};

use super::calls::{Kind, View, finds_its_arguments};
use super::functions::{Linker, Place};
use super::linked::TakenAs;
use super::target::describe;
use crate::facts::{Facts, Function};

impl Linker<'_> {
    /// Is the function declared with the type it is defined with, or one that is called alike?
    pub(super) fn check_types(&mut self, place: Place, target: Place, span: Option<&Span>) {
        if self.are_alike(self.view(place), self.view(target)) {
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

    /// Does a static name for a function of another name (`weakref`) stand for one that is called as it
    /// is? Neither gcc nor clang lets the header rename it, so it leads past gates and stubs.
    pub(super) fn check_reference(&mut self, place: Place, is_opaque: bool) {
        let entry = self.entry(place);
        if entry.symbol == entry.name {
            return;
        }
        let is_own =
            self.linked.defined.contains(&(self.units[place.unit].pkey, entry.symbol.clone()));
        let is_elsewhere = self.linked.defined.iter().any(|(_, symbol)| *symbol == entry.symbol);
        if is_own || !(is_elsewhere || is_opaque) {
            return;
        }
        let Function { name, symbol, declared, .. } = entry;
        let message = format!("`{name}`, a `weakref` to `{symbol}`, leads past call gates");
        let span = entry.called.as_ref().or(entry.taken.first().map(|taken| &taken.span));
        let mut diagnostic = Diagnostic::error(codes::UNSUPPORTED_CALL, message);
        if let Some(span) = span {
            diagnostic = diagnostic.at_labelled(span.clone(), "it is used here");
        }
        let help = format!("declare `{symbol}` itself with `__attribute__((weak))`, and use that");
        self.diagnostics.push(diagnostic.also(declared.clone(), "declared here").help(help));
    }

    /// Whether a call by one type does for a function of the other. Libraries know the structures that
    /// others have a `void *` to.
    fn are_alike(&self, declared: View<'_>, defined: View<'_>) -> bool {
        let function = |view: View<'_>| match view.unit.types.get(view.ty) {
            Type::Function(function) => Some(function.clone()),
            _ => None,
        };
        let name = |view: View<'_>| view.unit.types.itanium(view.ty);
        let (Some(first), Some(second)) = (function(declared), function(defined)) else {
            return name(declared) == name(defined);
        };
        if !first.prototyped || !second.prototyped || name(declared) == name(defined) {
            return true;
        }
        let signature = |view: View<'_>| view.signature(defined.unit.abi, &[]).ok();
        let are_called_alike = signature(declared)
            .zip(signature(defined))
            .is_some_and(|(first, second)| first.is_called_like(&second));
        let types = |function: &ctype::Function| {
            function.parameters.iter().copied().chain([function.result]).collect::<Vec<_>>()
        };
        let mut pairs = types(&first).into_iter().zip(types(&second));
        are_called_alike
            && first.variadic == second.variadic
            && pairs.all(|(first, second)| {
                self.mean_the_same((declared.unit, first), (defined.unit, second))
            })
    }

    /// Whether a value that travels in the same place means the same to both. What a pointer leads to
    /// is the program's business, unless it is a function: then it must be opaque to both, and calls
    /// by both types be made alike.
    fn mean_the_same(&self, first: (&Facts, TypeId), second: (&Facts, TypeId)) -> bool {
        let pair = (first.0.types.get(first.1), second.0.types.get(second.1));
        let are_equal = || first.0.types.itanium(first.1) == second.0.types.itanium(second.1);
        match pair {
            (Type::Pointer(a), Type::Pointer(b)) => {
                let is_function =
                    |(unit, ty): (&Facts, TypeId)| unit.types.pointed_function(ty).is_some();
                if is_function(first) || is_function(second) {
                    let stubs = self.stubs(first);
                    return are_equal() || stubs.is_some() && stubs == self.stubs(second);
                }
                let (a, b) = ((first.0, a.ty), (second.0, b.ty));
                let is_pointer =
                    |(unit, ty): (&Facts, TypeId)| matches!(unit.types.get(ty), Type::Pointer(_));
                !(is_pointer(a) || is_pointer(b)) || self.mean_the_same(a, b)
            }
            (Type::Record(_), Type::Record(_)) | (Type::Pointer(_), _) | (_, Type::Pointer(_)) => {
                are_equal()
            }
            _ => true,
        }
    }

    /// The hash of the stubs that pointers of a type lead to; `None` if it is not opaque.
    fn stubs(&self, (unit, ty): (&Facts, TypeId)) -> Option<u64> {
        let pointer = unit.pointer_of_type(ty)?;
        Some(self.opaque.get(&pointer.name)?.hash)
    }

    /// Would the caller's compiler put the arguments where the callee's expects them?
    pub(super) fn check_compilers(
        &mut self,
        place: Place,
        target: Place,
        kind: Kind<'_>,
        span: Option<&Span>,
    ) {
        let (caller, callee) = (self.units[place.unit].abi, self.units[target.unit].abi);
        if caller == callee {
            return;
        }
        let entry = self.entry(target);
        let (Ok(as_caller), Ok(as_callee)) =
            (kind.view.signature(caller, kind.extra), kind.view.signature(callee, kind.extra))
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

    /// What a function that is cast to another type may be called as.
    ///
    /// If calls of both types are made alike, the types share their hash and one stub does for both.
    /// A type whose calls pass all that the function reads gets a stub of its own. Everything else
    /// can only be kept and cast back.
    pub(super) fn cast(&self, place: Place, target: Place, type_name: &str) -> TakenAs {
        let unit = &self.units[place.unit];
        let pointer = unit.pointers.iter().find(|known| known.name == type_name);
        let cast = pointer.and_then(|pointer| View::pointed(unit, pointer.ty));
        let (own, Some(cast)) = (self.view(target), cast) else { return TakenAs::Stored };
        // Calls through a type that does not fix the list of arguments say each what they pass.
        if !own.is_fixed() || !cast.is_fixed() {
            return TakenAs::Another;
        }
        let as_cast = cast.signature(unit.abi, &[]);
        let own = own.signature(self.units[target.unit].abi, &[]);
        let (Ok(as_cast), Ok(own)) = (as_cast, own) else { return TakenAs::Stored };
        let passes_all = finds_its_arguments(&own, &as_cast);
        // `void (*)(void)` is what function pointers are kept as.
        if passes_all && as_cast != own && cast.has_parameters() {
            TakenAs::Another
        } else {
            TakenAs::Stored
        }
    }
}
