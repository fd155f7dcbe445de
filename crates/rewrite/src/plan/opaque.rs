//! Which function-pointer types become opaque, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ctype::TypeId;
use diagnostics::{Diagnostic, Span, codes};
use sha2::{Digest, Sha256};

use super::OpaqueChoice;
use super::lookups;
use super::target::target_of;
use super::variants;
use crate::facts::{Facts, Pointer, PointerIndex};

/// A function-pointer type that becomes opaque.
#[derive(Clone, Debug)]
pub struct OpaqueType {
    /// The plain C type, as the definition of a macro: types of ours in it are opaque themselves.
    pub spelling: String,
    /// What stands in front of stubs of this type.
    pub hash: u64,
    /// Why it becomes opaque.
    pub reason: Reason,
    /// Compartments whose code uses it.
    pub users: BTreeSet<u8>,
    /// If the type does not fix the list of arguments: the lists that occur, in the order in which
    /// stubs of this type have them.
    pub shapes: Vec<String>,
    /// Whether the program makes pointers of this type of addresses that it looks up by name. Only they
    /// may lead to functions without a stub.
    pub is_looked_up: bool,
}

/// Why a type becomes opaque.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Code of these compartments uses it, for example here.
    UsedBy(Vec<(u8, Span)>),
    /// A macro of ours is applied to it by hand.
    Annotated(Span),
    /// Data that all compartments may touch holds it, or leads to it.
    Shared(Span),
    /// It is handed to a function of the system that may call it while another compartment runs.
    Kept(Span),
    /// A function is looked up by name, and another compartment defines one of this type.
    LookedUp(Span),
    /// Its values become values of this opaque type.
    Converted(String),
    /// Where one source has it, another one has this opaque type.
    SamePlace(String, Span),
    /// All types are to become opaque.
    Asked,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::UsedBy(users) => {
                let users: Vec<String> = users.iter().map(|(pkey, _)| pkey.to_string()).collect();
                write!(f, "code of compartments {} uses it", users.join(", "))
            }
            Reason::Annotated(_) => f.write_str("a macro of ia2.h is applied to it"),
            Reason::Shared(_) => f.write_str("shared data leads to it"),
            Reason::Kept(_) => f.write_str("a function of the system may keep it"),
            Reason::LookedUp(_) => f.write_str("it is made of an address that was looked up"),
            Reason::Converted(to) => write!(f, "its values are converted to {to}"),
            Reason::SamePlace(other, _) => write!(f, "other sources have {other} in its place"),
            Reason::Asked => f.write_str("all types were to become opaque"),
        }
    }
}

impl Reason {
    /// Places that show it.
    pub fn spans(&self) -> Vec<&Span> {
        match self {
            Reason::UsedBy(users) => users.iter().map(|(_, span)| span).collect(),
            Reason::Annotated(span)
            | Reason::Shared(span)
            | Reason::Kept(span)
            | Reason::LookedUp(span)
            | Reason::SamePlace(_, span) => vec![span],
            Reason::Converted(_) | Reason::Asked => Vec::new(),
        }
    }
}

/// Decides for every type of the program.
pub(crate) fn choose(
    units: &[Facts],
    choice: OpaqueChoice,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, OpaqueType> {
    let mut uses: BTreeMap<&str, BTreeMap<u8, &Span>> = BTreeMap::new();
    let same_thing = variants::types_for_one_thing(units);
    let reasons = reasons(units, choice, &same_thing, &mut uses);
    let is_opaque = |unit: &Facts, id: TypeId| {
        let pointer = unit.pointer_of_type(id)?;
        reasons
            .contains_key(pointer.name.as_str())
            .then(|| format!("struct IA2_fnptr_{}", pointer.name))
    };
    let classes = classes(units, &reasons, &same_thing);
    let looked_up = lookups::made_of_looked_up(units);
    let mut opaque = BTreeMap::new();
    for (&name, reason) in &reasons {
        let (unit, pointer) = units
            .iter()
            .find_map(|unit| Some((unit, unit.pointers.iter().find(|known| known.name == name)?)))
            .expect("reasons are made from these");
        // The type itself is spelled plainly, pointers inside it are opaque if they are.
        let replace = |id: TypeId| match id == pointer.ty {
            true => None,
            false => is_opaque(unit, id).or_else(|| unit.types.spell_tagged(id)),
        };
        let spelling = unit.types.spell(pointer.ty, "", &replace);
        let Ok(spelling) = spelling else {
            let span = pointer.used.as_ref().or(pointer.forced.as_ref());
            let diagnostic = Diagnostic::error(
                codes::UNNAMED_TYPE,
                "this function pointer becomes opaque, but its type has a part without a name",
            )
            .help("pass a pointer, or a structure of your own, in its place");
            diagnostics.push(match span {
                Some(span) => diagnostic.at(span.clone()),
                None => diagnostic,
            });
            continue;
        };
        let class = |name: &'_ str| classes.get(name).copied().unwrap_or(name).to_owned();
        // Who calls through one of them calls functions of all.
        let users = uses.iter().filter(|(other, _)| class(other) == class(name));
        let users = users.flat_map(|(_, users)| users.keys()).copied().collect();
        let is_alike = |pointer: &&Pointer| class(&pointer.name) == class(name);
        let alike = units.iter().flat_map(|unit| unit.pointers.iter().filter(is_alike));
        let shapes: BTreeSet<&String> =
            alike.flat_map(|pointer| pointer.calls.iter().map(|call| &call.shape)).collect();
        let opaque_type = OpaqueType {
            spelling,
            hash: hash(&class(name)),
            reason: reason.clone(),
            users,
            shapes: shapes.into_iter().cloned().collect(),
            is_looked_up: looked_up.iter().any(|known| class(known) == class(name)),
        };
        opaque.insert(name.to_owned(), opaque_type);
    }
    opaque
}

/// The types that become opaque, with why; and who uses which type.
fn reasons<'a>(
    units: &'a [Facts],
    choice: OpaqueChoice,
    same_thing: &[(&'a Span, BTreeSet<&'a str>)],
    uses: &mut BTreeMap<&'a str, BTreeMap<u8, &'a Span>>,
) -> BTreeMap<&'a str, Reason> {
    let mut reasons: BTreeMap<&str, Reason> = BTreeMap::new();
    let is_split = units.iter().any(|unit| unit.pkey != units[0].pkey);
    for pointer in units.iter().flat_map(|unit| &unit.pointers) {
        let forced = pointer.forced.clone().map(Reason::Annotated);
        let shared = pointer.shared.clone().map(Reason::Shared);
        let kept = pointer.kept.clone().filter(|_| is_split).map(Reason::Kept);
        if let Some(reason) = forced.or(shared).or(kept) {
            reasons.entry(&pointer.name).or_insert(reason);
        }
    }
    for unit in units {
        for pointer in &unit.pointers {
            let users = uses.entry(&pointer.name).or_default();
            if let Some(span) = &pointer.used {
                users.entry(unit.pkey).or_insert(span);
            }
        }
    }
    for (name, (pkey, span)) in lookups::looked_up(units) {
        if lookups::candidates(units, name).any(|(unit, _)| unit.pkey != pkey) {
            reasons.entry(name).or_insert_with(|| Reason::LookedUp(span.clone()));
        }
    }
    // Code that uses one of these types means the other, too.
    for (_, names) in same_thing {
        let users: BTreeMap<u8, &Span> = names
            .iter()
            .filter_map(|name| uses.get(name))
            .flatten()
            .map(|(&k, &s)| (k, s))
            .collect();
        if users.len() > 1 {
            let places: Vec<_> = users.iter().map(|(&pkey, &span)| (pkey, span.clone())).collect();
            for &name in names {
                reasons.entry(name).or_insert_with(|| Reason::UsedBy(places.clone()));
            }
        }
    }
    for (&name, users) in uses.iter() {
        if users.len() > 1 {
            let places = users.iter().map(|(&pkey, &span)| (pkey, span.clone())).collect();
            reasons.entry(name).or_insert(Reason::UsedBy(places));
        } else if choice == OpaqueChoice::All {
            reasons.entry(name).or_insert(Reason::Asked);
        }
    }
    // What becomes a value of an opaque type must be the address of a stub, and what is written once
    // is opaque for everybody.
    loop {
        let before = reasons.len();
        for (span, names) in same_thing {
            let Some(&opaque) = names.iter().find(|name| reasons.contains_key(*name)) else {
                continue;
            };
            let reason = || Reason::SamePlace(opaque.to_owned(), (*span).clone());
            names.iter().for_each(|&name| {
                reasons.entry(name).or_insert_with(reason);
            });
        }
        for unit in units {
            let name = |index: PointerIndex| unit.pointers[index.0 as usize].name.as_str();
            for &(from, to) in &unit.conversions {
                if reasons.contains_key(name(to)) && !reasons.contains_key(name(from)) {
                    reasons.insert(name(from), Reason::Converted(name(to).to_owned()));
                }
            }
        }
        if reasons.len() == before {
            return reasons;
        }
    }
}

/// Types that share a hash: calls of both are made alike, and the program converts one to the other or
/// has both for one thing, or they differ in nothing but qualifiers. The latter make no difference to a call, and many programs
/// keep a callback in a `void *` and call it by a type that has one `const` more.
/// Gives for each such type the first one of them.
fn classes<'a>(
    units: &'a [Facts],
    reasons: &BTreeMap<&'a str, Reason>,
    same_thing: &[(&'a Span, BTreeSet<&'a str>)],
) -> BTreeMap<&'a str, &'a str> {
    let mut classes: BTreeMap<&str, &str> = BTreeMap::new();
    let mut same: BTreeMap<String, &str> = BTreeMap::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for unit in units {
        for pointer in &unit.pointers {
            let name = pointer.name.as_str();
            if !reasons.contains_key(name) || !known.insert(name) {
                continue;
            }
            let other =
                *same.entry(unit.types.itanium_without_qualifiers(pointer.ty)).or_insert(name);
            if other != name {
                join(&mut classes, other, name);
            }
        }
    }
    let mut join_alike = |(first, a): (&'a Facts, &'a Pointer),
                          (second, b): (&'a Facts, &'a Pointer)| {
        let signature = |unit: &Facts, pointer: &Pointer| {
            let (_, function) = unit.types.pointed_function(pointer.ty)?;
            abi::signature(&unit.types, function, target_of(unit.abi), &[]).ok()
        };
        let are_opaque = reasons.contains_key(&*a.name) && reasons.contains_key(&*b.name);
        let are_alike = || {
            signature(first, a).zip(signature(second, b)).is_some_and(|(a, b)| a.is_called_like(&b))
        };
        if are_opaque && are_alike() {
            join(&mut classes, &a.name, &b.name);
        }
    };
    for unit in units {
        let pointer = |index: PointerIndex| (unit, &unit.pointers[index.0 as usize]);
        for &(from, to) in unit.conversions.iter().chain(&unit.casts) {
            join_alike(pointer(from), pointer(to));
        }
    }
    for (_, names) in same_thing {
        let known = |name: &&str| {
            units.iter().find_map(|unit| {
                Some((unit, unit.pointers.iter().find(|pointer| pointer.name == *name)?))
            })
        };
        let all: Vec<_> = names.iter().filter_map(known).collect();
        for other in all.iter().skip(1) {
            join_alike(all[0], *other);
        }
    }
    classes
}

/// Makes one class of those of both types.
fn join<'a>(classes: &mut BTreeMap<&'a str, &'a str>, a: &'a str, b: &'a str) {
    let class = |of: &'a str| classes.get(of).copied().unwrap_or(of);
    let (first, second) = (class(a), class(b));
    let (low, high) = (first.min(second), first.max(second));
    let members: Vec<&str> =
        classes.iter().filter(|(_, class)| **class == high).map(|(name, _)| *name).collect();
    for member in members.into_iter().chain([high, a, b]) {
        classes.insert(member, low);
    }
}

/// 64 bits that identify a text; never [`gate::NO_TYPE`].
pub(crate) fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    let first: [u8; 8] = digest[..8].try_into().expect("SHA-256 has 32 bytes");
    u64::from_le_bytes(first).max(1)
}

/// Whether a pointer type of a unit is opaque.
pub(crate) fn is_opaque(
    unit: &Facts,
    opaque: &BTreeMap<String, OpaqueType>,
    pointer: PointerIndex,
) -> bool {
    opaque.contains_key(&unit.pointers[pointer.0 as usize].name)
}

/// The opaque structure that a type of a unit becomes, if it is a pointer type that does.
pub(crate) fn opaque_name(
    unit: &Facts,
    opaque: &BTreeMap<String, OpaqueType>,
    ty: TypeId,
) -> Option<String> {
    let pointer = unit.pointer_of_type(ty)?;
    opaque.contains_key(&pointer.name).then(|| format!("struct IA2_fnptr_{}", pointer.name))
}
