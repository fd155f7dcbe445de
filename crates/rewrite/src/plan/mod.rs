//! From the facts of all translation units to a plan: what crosses, what becomes opaque, what changes.

mod agreement;
mod calls;
mod checks;
mod copies;
mod decisions;
mod functions;
mod linked;
mod lookups;
mod macros;
mod merge;
mod opaque;
mod repeats;
mod risks;
mod scopes;
mod target;
mod text;
mod variables;
mod variants;
mod wrapped;

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use diagnostics::{Diagnostic, SourcePath};
use gate::Program;
use pkru::Pkey;

use crate::edits::FileEdits;
use crate::facts::{Facts, Repeat};
use crate::separate::Separation;

use decisions::Decisions;
pub use macros::Inline;

pub use opaque::{OpaqueType, Reason};

/// Which function-pointer types become opaque.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OpaqueChoice {
    /// Those that cross compartments.
    #[default]
    Crossing,
    /// All of them.
    All,
}

/// What is done about variables of one compartment that another one uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sharing {
    /// They are reported.
    #[default]
    Report,
    /// They become shared data.
    Mark,
}

/// What is asked of the plan.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The root directory, by which files are told apart.
    pub root: &'a Utf8Path,
    /// Which function-pointer types become opaque.
    pub opaque: OpaqueChoice,
    /// What is done about variables of one compartment that another one uses.
    pub sharing: Sharing,
}

/// Everything that follows from the facts.
#[derive(Debug)]
pub struct Plan {
    /// The gates.
    pub program: Program,
    /// Opaque types by name.
    pub opaque: BTreeMap<String, OpaqueType>,
    /// What the generated header declares for each compartment.
    pub compartments: BTreeMap<Pkey, Compartment>,
    /// Functions that sources mention by `IA2_NEED`.
    pub needs: BTreeSet<String>,
    /// Definitions of macros for text that sources need differently.
    pub variants: Vec<String>,
    /// Calls that sources mention by `IA2_VARIADIC`: function and shape.
    pub shaped_calls: BTreeSet<(String, String)>,
    /// The files below the root, and how each one changes.
    pub files: BTreeMap<SourcePath, FileEdits>,
    /// Uses of macros that must be written out first, in their order. If there are any, the rest of
    /// the plan is not complete: the sources must be analysed again without them.
    pub inlines: Vec<Inline>,
    /// Places of headers that must be repeated for sources that need different text there. As long as
    /// there are any, the rest of the plan is not complete either.
    pub separations: Vec<Separation>,
    /// Directives that must be replaced by what they include, before anything else.
    pub repeats: Vec<Repeat>,
    /// Warnings and errors.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the code of one compartment refers to.
#[derive(Clone, Debug, Default)]
pub struct Compartment {
    /// Functions it calls in other compartments, with the symbols of its gates.
    pub gates: BTreeMap<String, String>,
    /// Functions it uses as opaque pointers: name in C to type name and symbol of the stub.
    pub taken: BTreeMap<String, TakenFunction>,
    /// Functions it casts to another type and uses as opaque pointers, by name in C and type name.
    pub casts: BTreeMap<(String, String), TakenFunction>,
    /// Of those it calls in other compartments, the ones with an `asm` label: name in C to the name
    /// for the linker.
    pub labels: BTreeMap<String, String>,
    /// Functions it calls in other compartments that take different lists of arguments.
    pub shaped: BTreeSet<String>,
    /// The gates of those, by name in C and shape of the call.
    pub shaped_gates: BTreeMap<(String, String), ShapedGate>,
    /// Functions of the C library whose calls go to the runtime or the allocator.
    pub wrapped: BTreeSet<&'static str>,
    /// Functions whose generated gate cannot be named at compile time, because a static function
    /// of the compartment has the same name: they are reached by `--wrap` alone.
    pub shadowed: BTreeSet<String>,
}

/// A function that a compartment uses as an opaque pointer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TakenFunction {
    /// Name of the pointer type.
    pub type_name: String,
    /// Symbol of the stub.
    pub symbol: String,
    /// No source defines the function. If no library does either, which takes a weak declaration, its
    /// address is null; the runtime then clears the references to the stub.
    pub may_be_absent: bool,
}

/// The gate for one list of arguments of a function that takes different ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShapedGate {
    /// Its symbol.
    pub symbol: String,
    /// Its declaration in C, without the symbol. It may use the name of the function.
    pub declaration: String,
}

impl Compartment {
    /// The linker's name of a function that it calls in another compartment.
    pub fn linked_as<'a>(&'a self, name: &'a str) -> &'a str {
        self.labels.get(name).map_or(name, String::as_str)
    }
}

impl Plan {
    /// Links the facts.
    pub fn new(units: &[Facts], options: &Options<'_>) -> Plan {
        let mut diagnostics = Vec::new();
        let highest_pkey = checks::check(units, &mut diagnostics);
        let opaque = opaque::choose(units, options.opaque, &mut diagnostics);
        let linked = functions::link(units, &opaque, options.root, &mut diagnostics);
        let mut inlines = Vec::new();
        let decisions = Decisions::new(units, &opaque, &linked);
        let mut separations = Vec::new();
        let mut variants = merge::check(units, &decisions, &mut separations, &mut diagnostics);
        risks::check(units, &opaque, &linked, &mut diagnostics);
        copies::check(units, &mut diagnostics);
        let mut files = text::edits(
            units,
            &decisions,
            &mut variants,
            &linked,
            options,
            &mut inlines,
            &mut diagnostics,
        );
        text::choose_variants(&variants, &mut files);
        let repeats = repeats::needed(units, &files, &inlines, &mut diagnostics);
        let shaped_calls = decisions.shaped_calls(units);
        Plan {
            program: linked.program(highest_pkey),
            opaque,
            compartments: linked.compartments,
            shaped_calls,
            variants: variants.definitions(),
            needs: linked.needs,
            files,
            inlines,
            separations,
            repeats,
            diagnostics,
        }
    }
}
