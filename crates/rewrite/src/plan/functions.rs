//! Functions of the whole program: which definition a name means, which calls cross, what is
//! registered.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use ctype::Type;
use diagnostics::{Diagnostic, Span, codes};
use gate::{CallIndex, NO_TYPE};
use pkru::Pkey;

use super::calls::{Kind, PointerCalls, View};
use super::linked::{Key, Linked, Slots, TakenAs};
use super::lookups::name_of_pointer;
use super::opaque::{hash, is_opaque};
use super::scopes::Scopes;
use super::wrapped::redirected;
use super::{Compartment, OpaqueType, TakenFunction};
use crate::facts::{Facts, Function, Linkage, PointerIndex, ShapedCall};

/// A function of one unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub(super) unit: usize,
    pub(super) function: usize,
}

pub(super) struct Linker<'a> {
    pub(super) units: &'a [Facts],
    pub(super) opaque: &'a BTreeMap<String, OpaqueType>,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
    /// Definitions of external functions by symbol.
    definitions: BTreeMap<&'a str, Vec<Place>>,
    /// Definitions and kinds of calls already complained about.
    pub(super) refused: BTreeSet<(Place, String)>,
    pub(super) linked: Linked,
    /// Calls through pointers whose type does not fix the list of arguments, by the type's hash and
    /// the shape.
    pub(super) shapes: BTreeMap<(u64, &'a str), (View<'a>, &'a ShapedCall)>,
}

/// Links the functions of all units.
pub(crate) fn link(
    units: &[Facts],
    opaque: &BTreeMap<String, OpaqueType>,
    root: &Utf8Path,
    diagnostics: &mut Vec<Diagnostic>,
) -> Linked {
    let mut linked = Linked { scopes: Scopes::new(units, root), ..Linked::default() };
    let mut definitions: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    for (unit, facts) in units.iter().enumerate() {
        for (function, entry) in facts.functions.iter().enumerate() {
            if entry.linkage == Linkage::External && entry.defined.is_some() {
                linked.defined.insert((facts.pkey, entry.symbol.clone()));
                definitions.entry(&entry.symbol).or_default().push(Place { unit, function });
            }
        }
    }
    let mut shapes = BTreeMap::new();
    for unit in units {
        for pointer in &unit.pointers {
            let Some(view) = View::pointed(unit, pointer.ty) else { continue };
            let Some(opaque) = opaque.get(&pointer.name) else { continue };
            for call in &pointer.calls {
                shapes.entry((opaque.hash, call.shape.as_str())).or_insert((view, call));
            }
        }
    }
    let refused = BTreeSet::new();
    let mut linker = Linker { units, opaque, diagnostics, definitions, refused, linked, shapes };
    for (unit, facts) in units.iter().enumerate() {
        linker.linked.compartments.entry(pkey(facts)).or_default();
        for function in 0..facts.functions.len() {
            linker.function(Place { unit, function });
        }
    }
    linker.lookups();
    linker.shadowed();
    linker.same_names();
    linker.linked
}

pub(super) fn pkey(unit: &Facts) -> Pkey {
    Pkey::new(unit.pkey).unwrap_or(Pkey::UNTRUSTED)
}

impl<'a> Linker<'a> {
    pub(super) fn entry(&self, place: Place) -> &'a Function {
        &self.units[place.unit].functions[place.function]
    }

    pub(super) fn pkey(&self, place: Place) -> Pkey {
        pkey(&self.units[place.unit])
    }

    pub(super) fn compartment(&mut self, pkey: Pkey) -> &mut Compartment {
        self.linked.compartments.entry(pkey).or_default()
    }

    /// Links what one unit does with one function.
    fn function(&mut self, place: Place) {
        let entry = self.entry(place);
        if entry.no_wrap {
            return;
        }
        let caller = self.pkey(place);
        let unit = &self.units[place.unit];
        let opaque_uses: Vec<_> = entry
            .taken
            .iter()
            .filter(|taken| is_opaque(unit, self.opaque, taken.pointer))
            .collect();
        let is_mentioned = entry.called.is_some() || !entry.taken.is_empty();
        // Declared by hand it is the C library's as well, unless the program defines it.
        if is_mentioned && !self.definitions.contains_key(entry.symbol.as_str()) {
            let redirected = redirected(&entry.name);
            if !redirected.is_empty() {
                self.compartment(caller).wrapped.extend(redirected);
            }
        }
        if entry.linkage == Linkage::Static && entry.defined.is_none() && is_mentioned {
            self.check_reference(place, !opaque_uses.is_empty());
        }
        if is_mentioned && entry.linkage == Linkage::External {
            let span = entry.called.as_ref().or(entry.taken.first().map(|taken| &taken.span));
            if let Some(target) = self.other_compartment(place, span) {
                self.crossing(place, target, span);
            }
        }
        for taken in opaque_uses {
            self.taken(place, taken.pointer, taken.is_cast, &taken.span);
        }
    }

    /// The definition a name means, if it is in another compartment.
    fn other_compartment(&mut self, place: Place, span: Option<&Span>) -> Option<Place> {
        let caller = self.pkey(place);
        let Function { name, symbol, .. } = self.entry(place);
        let found = self.definitions.get(symbol.as_str())?;
        if found.iter().any(|&definition| self.pkey(definition) == caller) {
            return None;
        }
        let visible = found.iter().copied().filter(|&place| !self.entry(place).is_hidden);
        let visible: Vec<Place> = visible.collect();
        let first = *visible.first()?;
        let others: Vec<Place> = visible
            .into_iter()
            .filter(|&definition| self.pkey(definition) != self.pkey(first))
            .collect();
        if let Some(&second) = others.first() {
            let at = |place: Place| self.entry(place).defined.as_ref().map(|d| d.span.clone());
            let mut diagnostic = Diagnostic::error(
                codes::AMBIGUOUS_FUNCTION,
                format!("`{name}` is defined in several other compartments"),
            )
            .help("rename one of the definitions or make it static");
            if let Some(span) = span {
                diagnostic = diagnostic.at_labelled(span.clone(), "which one is meant?");
            }
            for definition in [first, second] {
                if let Some(span) = at(definition) {
                    diagnostic =
                        diagnostic.also(span, format!("in compartment {}", self.pkey(definition)));
                }
            }
            self.diagnostics.push(diagnostic);
            return None;
        }
        Some(first)
    }

    /// A call, or an address taken, of a function of another compartment.
    fn crossing(&mut self, place: Place, target: Place, span: Option<&Span>) {
        let caller = self.pkey(place);
        self.check_types(place, target, span);
        let entry = self.entry(place);
        if !entry.copies_list || entry.unknown_list.is_some() {
            self.check_va_list(target, entry.unknown_list.as_ref().or(span));
        }
        let Some(key) = self.callable(target, span) else { return };
        let Function { name, symbol: linked_as, .. } = self.entry(place).clone();
        let own = [self.view(target), self.view(place)].into_iter().find(|view| view.is_fixed());
        let call = match own {
            Some(view) => {
                let kind = Kind::fixed(view);
                let Some(call) = self.kind_of_call(key, target, kind, span) else { return };
                self.check_compilers(place, target, kind, span);
                let symbol = gate::gate_symbol(caller, &self.linked.functions[&key], call);
                self.linked.crossings.insert((caller, key, call));
                self.compartment(caller).gates.insert(name.clone(), symbol);
                Some(call)
            }
            None => {
                self.shaped_crossings(place, target, key);
                None
            }
        };
        self.linked.needs.insert(name.clone());
        if linked_as != name {
            self.compartment(caller).labels.insert(name, linked_as.clone());
        }
        // For callers that were not compiled with the generated header.
        let stub = self.linked.stubs.entry(format!("__wrap_{linked_as}")).or_default();
        stub.type_hash = NO_TYPE;
        stub.slots.insert(caller, (key, call));
    }

    /// A function used as a value of an opaque type.
    fn taken(&mut self, place: Place, pointer: PointerIndex, is_cast: bool, span: &Span) {
        let entry = self.entry(place);
        let caller = self.pkey(place);
        let pointer = &self.units[place.unit].pointers[pointer.0 as usize];
        let type_name = pointer.name.as_str();
        // A static function, one of the own compartment, of another one, or the C library's.
        let target = match entry.linkage {
            Linkage::Static => place,
            Linkage::External => self.other_compartment(place, Some(span)).unwrap_or_else(|| {
                let own = |place: &&Place| self.pkey(**place) == caller;
                let found = self.definitions.get(entry.symbol.as_str());
                found.and_then(|found| found.iter().find(own)).copied().unwrap_or(place)
            }),
        };
        let taken = match is_cast {
            false => TakenAs::Itself,
            true => self.cast(place, target, type_name),
        };
        let Some(view) = View::pointed(&self.units[place.unit], pointer.ty) else { return };
        let Some(symbol) = self.stub(caller, target, (type_name, view), taken, span) else {
            return;
        };
        if entry.linkage == Linkage::Static {
            let known = (place.unit, place.function, type_name.to_owned(), taken);
            if !self.linked.statics.contains(&known) {
                self.linked.statics.push(known);
            }
            return;
        }
        let name = entry.name.clone();
        let type_name = type_name.to_owned();
        let may_be_absent = self.entry(target).defined.is_none();
        let taken = TakenFunction { type_name, symbol, may_be_absent };
        let compartment = self.compartment(caller);
        if is_cast {
            compartment.casts.insert((name, taken.type_name.clone()), taken);
        } else {
            compartment.taken.insert(name, taken);
        }
    }

    /// Makes the stub by which everybody who uses a type calls a function through pointers of it.
    /// Returns its symbol.
    pub(super) fn stub(
        &mut self,
        caller: Pkey,
        target: Place,
        (type_name, view): (&str, View<'a>),
        taken: TakenAs,
        span: &Span,
    ) -> Option<String> {
        let opaque = &self.opaque[type_name];
        // Within its compartment a function is jumped to, however it is called.
        let is_own = self.pkey(target) == caller
            && opaque.users.iter().all(|&user| Pkey::new(user) == Some(caller));
        let key = match is_own {
            true => self.local(target),
            false => self.callable(target, Some(span))?,
        };
        let mut symbol = gate::stub_symbol(&self.linked.functions[&key]);
        let mut type_hash = opaque.hash;
        match taken {
            TakenAs::Itself => {}
            TakenAs::Another => symbol = format!("{symbol}_as_{type_name}"),
            TakenAs::Stored => {
                let own = name_of_pointer(&self.units[target.unit], self.entry(target).ty);
                type_hash = self.opaque.get(&own).map_or_else(|| hash(&own), |own| own.hash);
            }
        }
        let users = opaque.users.iter().filter_map(|&user| Pkey::new(user));
        let users: BTreeSet<Pkey> = users.chain([caller, key.1]).collect();
        let mut pointers = self.units.iter().flat_map(|unit| &unit.pointers);
        let unknown = pointers
            .find_map(|known| known.unknown_list.as_ref().filter(|_| known.name == type_name));
        if unknown.is_some() && users.len() > 1 {
            self.check_va_list(target, unknown);
        }
        let calls = match is_own {
            true => PointerCalls { base: None, shapes: vec![None; opaque.shapes.len()] },
            false => self.calls_by_pointer(key, target, (type_name, view), span)?,
        };
        let slots = |call: Option<CallIndex>| users.iter().map(move |&user| (user, (key, call)));
        let stub = self.linked.stubs.entry(symbol.clone()).or_default();
        stub.type_hash = type_hash;
        stub.slots.extend(slots(calls.base));
        stub.shapes.resize_with(calls.shapes.len(), Slots::new);
        for (known, call) in stub.shapes.iter_mut().zip(calls.shapes) {
            known.extend(slots(call));
        }
        Some(symbol)
    }

    /// The entry in the gates' table of a function, still without kinds of calls.
    fn local(&mut self, target: Place) -> Key {
        let (unit, entry, pkey) = (&self.units[target.unit], self.entry(target), self.pkey(target));
        let scope = self.linked.scopes.of(entry).to_owned();
        let identity = format!("{}\0{scope}\0{}", entry.name, unit.types.itanium(entry.ty));
        let key = Key(hash(&identity), pkey);
        let known = self.linked.functions.entry(key).or_insert_with(|| {
            let (name, id, calls) = (entry.name.clone(), key.0, Vec::new());
            gate::Function { id, name, pkey, scope: scope.clone(), calls }
        });
        assert!(
            known.name == entry.name && known.scope == scope,
            "two functions have the same 64-bit hash: {}, {}",
            known.name,
            entry.name
        );
        key
    }

    /// The entry of a function in the gates' table; `None` if no gate can be made for it.
    pub(super) fn callable(&mut self, target: Place, span: Option<&Span>) -> Option<Key> {
        let unit = &self.units[target.unit];
        if !matches!(unit.types.get(self.entry(target).ty), Type::Function(_)) {
            self.refuse(target, "", "its type is not known", span);
            return None;
        }
        Some(self.local(target))
    }

    /// Gates that cannot be named at compile time.
    fn shadowed(&mut self) {
        for unit in self.units {
            let statics =
                unit.functions.iter().filter(|function| function.linkage == Linkage::Static);
            let compartment = self.linked.compartments.entry(pkey(unit)).or_default();
            for function in statics {
                let name = &function.name;
                if compartment.gates.contains_key(name) {
                    compartment.shadowed.insert(function.name.clone());
                }
            }
        }
    }

    /// Static and external functions of one name that are both taken.
    fn same_names(&mut self) {
        for (unit, function, _, _) in &self.linked.statics {
            let entry = &self.units[*unit].functions[*function];
            let compartment = &self.linked.compartments[&pkey(&self.units[*unit])];
            if compartment.taken.contains_key(&entry.name) {
                self.diagnostics.push(
                    Diagnostic::error(
                        codes::SAME_NAME_TAKEN,
                        format!(
                            "a static and an external `{}` are both used as values",
                            entry.name
                        ),
                    )
                    .at_labelled(entry.declared.clone(), "the static one")
                    .help("rename one of them"),
                );
            }
        }
    }
}
