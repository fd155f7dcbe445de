//! What has been decided for the whole program, as the edits of each unit depend on it.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::SourcePath;

use super::OpaqueType;
use super::functions::pkey;
use super::linked::Linked;
use super::opaque::is_opaque;
use crate::facts::{Facts, When};

/// Opaque types, and functions that are called across.
pub(super) struct Decisions<'a> {
    opaque: &'a BTreeMap<String, OpaqueType>,
    /// Functions that take different lists of arguments, or a `va_list`, with the files in which
    /// some unit calls them across. All units that compile such a file make the same of it.
    crossing: BTreeSet<(&'a str, &'a SourcePath)>,
}

impl<'a> Decisions<'a> {
    pub(super) fn new(
        units: &'a [Facts],
        opaque: &'a BTreeMap<String, OpaqueType>,
        linked: &Linked,
    ) -> Decisions<'a> {
        let mut crossing = BTreeSet::new();
        for unit in units {
            let Some(known) = linked.compartments.get(&pkey(unit)) else { continue };
            for function in &unit.functions {
                let is_shaped = !function.calls.is_empty() && known.shaped.contains(&function.name);
                let copies = function.copies_list && known.gates.contains_key(&function.name);
                if is_shaped || copies {
                    crossing.extend(unit.files.iter().map(|file| (function.name.as_str(), file)));
                }
            }
        }
        Decisions { opaque, crossing }
    }

    /// All calls in files where some unit calls the function across: function and shape.
    pub(super) fn shaped_calls(&self, units: &[Facts]) -> BTreeSet<(String, String)> {
        let crossing: BTreeSet<&str> = self.crossing.iter().map(|(name, _)| *name).collect();
        let functions = units.iter().flat_map(|unit| &unit.functions);
        functions
            .filter(|function| crossing.contains(function.name.as_str()))
            .flat_map(|function| function.calls.iter().map(|call| (&function.name, &call.shape)))
            .map(|(name, shape)| (name.clone(), shape.clone()))
            .collect()
    }

    /// Whether a condition of a unit holds in one of its files.
    pub(super) fn hold(&self, unit: &Facts, when: &When, file: &SourcePath) -> bool {
        when.holds(&|pointer| is_opaque(unit, self.opaque, pointer), &|function| {
            let name = unit.functions[function.0 as usize].name.as_str();
            self.crossing.contains(&(name, file))
        })
    }
}
