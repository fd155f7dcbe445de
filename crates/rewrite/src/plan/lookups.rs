//! Functions that are looked up by name at run time, as dlsym(3) does.
//!
//! What comes back is an address without a stub. Where a pointer is made of it, the pointer's type is
//! opaque, and every function of that type that can be found gets a stub: calls through the pointer
//! find it by the address (`ia2_find_stub` in `ia2.h`).
//!
//! The same goes for what the system gives back, as signal(2) does with the handler it was given before:
//! where that becomes an opaque pointer, the stub is looked up (`IA2_STUB`).

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Span;

use super::calls::View;
use super::functions::{Linker, Place};
use super::linked::TakenAs;
use crate::facts::{Facts, Linkage, PointerIndex};

/// Functions that give the address of a symbol.
const BY_NAME: [&str; 2] = ["dlsym", "dlvsym"];

/// The pointer types that are made of addresses in sources that look up functions: in which
/// compartment, and where.
pub(super) fn looked_up(units: &[Facts]) -> BTreeMap<&str, (u8, &Span)> {
    let mut found = BTreeMap::new();
    for unit in units.iter().filter(|unit| looks_up(unit)) {
        for pointer in &unit.pointers {
            if let Some(span) = &pointer.raw {
                found.entry(pointer.name.as_str()).or_insert((unit.pkey, span));
            }
        }
    }
    found
}

/// The names of these types, and of those that such pointers are converted to.
pub(super) fn made_of_looked_up(units: &[Facts]) -> BTreeSet<&str> {
    let mut found: BTreeSet<&str> = looked_up(units).into_keys().collect();
    loop {
        let before = found.len();
        for unit in units {
            let name = |pointer: PointerIndex| unit.pointers[pointer.0 as usize].name.as_str();
            for &(from, to) in unit.conversions.iter().chain(&unit.casts) {
                if found.contains(name(from)) {
                    found.insert(name(to));
                }
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn looks_up(unit: &Facts) -> bool {
    let is_used = |name: &str| {
        let mut named = unit.functions.iter().filter(|function| function.name == name);
        named.any(|function| function.called.is_some() || !function.taken.is_empty())
    };
    BY_NAME.into_iter().any(is_used)
}

/// The functions that can be found by name and are of the type that such a pointer points to.
pub(super) fn candidates<'a>(
    units: &'a [Facts],
    pointer: &str,
) -> impl Iterator<Item = (&'a Facts, Place)> {
    units.iter().enumerate().flat_map(move |(unit, facts)| {
        let functions = facts.functions.iter().enumerate().filter(move |(_, function)| {
            function.linkage == Linkage::External
                && function.defined.as_ref().is_some_and(|found| found.is_interposable)
                && !function.no_wrap
                && name_of_pointer(facts, function.ty) == pointer
        });
        functions.map(move |(function, _)| (facts, Place { unit, function }))
    })
}

/// The name of the pointer type to a function type.
pub(super) fn name_of_pointer(unit: &Facts, function: ctype::TypeId) -> String {
    unit.types.itanium(function).replacen("_ZTSF", "_ZTSPF", 1)
}

impl Linker<'_> {
    /// Makes stubs of the functions that may be looked up.
    pub(super) fn lookups(&mut self) {
        for (name, (pkey, span)) in looked_up(self.units) {
            if !self.opaque.contains_key(name) {
                continue;
            }
            let places: Vec<Place> = candidates(self.units, name).map(|(_, place)| place).collect();
            for place in places {
                let ty = self.entry(place).ty;
                let view = View { unit: &self.units[place.unit], ty };
                let caller = pkru::Pkey::new(pkey).unwrap_or(pkru::Pkey::UNTRUSTED);
                let symbol = self.stub(caller, place, (name, view), TakenAs::Itself, span);
                if let Some(stub) = symbol.and_then(|symbol| self.linked.stubs.get_mut(&symbol)) {
                    stub.is_looked_up = true;
                }
            }
        }
        self.returned();
    }

    /// Lets the stubs of functions be found that were handed to the system, which may hand them back.
    fn returned(&mut self) {
        let pointers = self.units.iter().flat_map(|unit| &unit.pointers);
        let returned = pointers.filter(|pointer| pointer.returned.is_some());
        let hashes: BTreeSet<u64> = returned
            .filter_map(|pointer| self.opaque.get(&pointer.name))
            .map(|opaque| opaque.hash)
            .collect();
        for stub in self.linked.stubs.values_mut() {
            stub.is_looked_up |= hashes.contains(&stub.type_hash);
        }
    }
}
