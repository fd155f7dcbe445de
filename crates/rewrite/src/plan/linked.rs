//! The functions of the program, linked: what the gates are made from.

use std::collections::{BTreeMap, BTreeSet};

use gate::{CallIndex, Crossing, FunctionIndex, Program, Stub, Target};
use pkru::Pkey;

use super::Compartment;
use super::functions::pkey;
use super::opaque::hash;
use super::scopes::Scopes;
use crate::facts::{Facts, Function};

/// The functions of the program, linked.
#[derive(Default)]
pub(crate) struct Linked {
    pub(super) functions: BTreeMap<Key, gate::Function>,
    pub(super) crossings: BTreeSet<(Pkey, Key, CallIndex)>,
    pub(super) stubs: BTreeMap<String, LinkedStub>,
    /// What the generated header says for each compartment.
    pub(crate) compartments: BTreeMap<Pkey, Compartment>,
    /// Functions that some compartment calls in another one.
    pub(crate) needs: BTreeSet<String>,
    /// External functions that are defined, by compartment.
    pub(super) defined: BTreeSet<(u8, String)>,
    /// Static functions that are declared to be taken: unit, function, type name, how.
    pub(crate) statics: Vec<(usize, usize, String, TakenAs)>,
    /// What tells static functions from their namesakes.
    pub(crate) scopes: Scopes,
}

/// Which stub a function's address is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TakenAs {
    /// That of its own type, as a pointer of this type.
    Itself,
    /// One of its own for the other type that it is cast to, and called by.
    Another,
    /// That of its own type, as a pointer of another type: to be cast back before it is called.
    Stored,
}

/// What the slots of a stub lead to.
pub(super) type Slots = BTreeMap<Pkey, (Key, Option<CallIndex>)>;

/// A stub under construction.
#[derive(Default)]
pub(super) struct LinkedStub {
    pub(super) type_hash: u64,
    pub(super) is_looked_up: bool,
    pub(super) slots: Slots,
    /// One entry per list of arguments of the type.
    pub(super) shapes: Vec<Slots>,
}

/// Identity of a function: id and compartment, in the order of the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Key(pub(super) u64, pub(super) Pkey);

impl Linked {
    /// The gates of the program.
    pub(crate) fn program(&self, highest_pkey: Pkey) -> Program {
        let index = |key: &Key| {
            let position = self.functions.keys().position(|known| known == key);
            FunctionIndex(position.expect("every key has a function"))
        };
        let slots = |slots: &Slots| {
            let target = |&(key, call): &(Key, _)| Target { function: index(&key), call };
            slots.iter().map(|(&pkey, to)| (pkey, target(to))).collect::<Vec<_>>()
        };
        Program {
            highest_pkey,
            functions: self.functions.values().cloned().collect(),
            crossings: self
                .crossings
                .iter()
                .map(|&(caller, key, call)| Crossing { caller, function: index(&key), call })
                .collect(),
            stubs: self
                .stubs
                .iter()
                .map(|(symbol, stub)| Stub {
                    symbol: symbol.clone(),
                    type_hash: stub.type_hash,
                    is_looked_up: stub.is_looked_up,
                    slots: slots(&stub.slots),
                    shapes: stub.shapes.iter().map(slots).collect(),
                })
                .collect(),
        }
    }

    /// Whether a unit of the compartment defines this external function.
    pub(crate) fn is_defined(&self, pkey: u8, symbol: &str) -> bool {
        self.defined.contains(&(pkey, symbol.to_owned()))
    }

    /// The id a function is registered with, if another compartment or a pointer leads to it.
    pub(crate) fn registered_id(&self, unit: &Facts, entry: &Function) -> Option<u64> {
        let scope = self.scopes.of(entry);
        let identity = format!("{}\0{scope}\0{}", entry.name, unit.types.itanium(entry.ty));
        let key = Key(hash(&identity), pkey(unit));
        self.functions.contains_key(&key).then_some(key.0)
    }
}
