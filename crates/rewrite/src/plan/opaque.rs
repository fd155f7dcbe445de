//! Which function-pointer types become opaque, and why.

use std::collections::{BTreeMap, BTreeSet};

use ctype::TypeId;
use diagnostics::{Diagnostic, Span, codes};
use sha2::{Digest, Sha256};

use super::OpaqueChoice;
use crate::facts::{Facts, PointerIndex};

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
}

/// Why a type becomes opaque.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Code of these compartments uses it, for example here.
    UsedBy(Vec<(u8, Span)>),
    /// A macro of ours is applied to it by hand.
    Annotated(Span),
    /// All types are to become opaque.
    Asked,
}

/// Decides for every type of the program.
pub(crate) fn choose(
    units: &[Facts],
    choice: OpaqueChoice,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, OpaqueType> {
    let mut reasons: BTreeMap<&str, (Reason, BTreeSet<u8>)> = BTreeMap::new();
    let mut uses: BTreeMap<&str, BTreeMap<u8, &Span>> = BTreeMap::new();
    for unit in units {
        for pointer in &unit.pointers {
            let name = pointer.name.as_str();
            let users = uses.entry(name).or_default();
            if let Some(span) = &pointer.used {
                users.entry(unit.pkey).or_insert(span);
            }
            if let Some(span) = &pointer.forced {
                let reason = Reason::Annotated(span.clone());
                reasons.entry(name).or_insert((reason, BTreeSet::new()));
            }
        }
    }
    for (&name, users) in &uses {
        if users.len() > 1 {
            let places = users.iter().map(|(&pkey, &span)| (pkey, span.clone())).collect();
            reasons.entry(name).or_insert((Reason::UsedBy(places), BTreeSet::new()));
        } else if choice == OpaqueChoice::All {
            reasons.entry(name).or_insert((Reason::Asked, BTreeSet::new()));
        }
    }
    for (name, (_, users)) in &mut reasons {
        users.extend(uses.get(name).into_iter().flat_map(BTreeMap::keys));
    }
    let is_opaque = |unit: &Facts, id: TypeId| {
        let pointer = unit.pointers.iter().find(|pointer| pointer.ty == id)?;
        reasons
            .contains_key(pointer.name.as_str())
            .then(|| format!("struct IA2_fnptr_{}", pointer.name))
    };
    let mut opaque = BTreeMap::new();
    for (&name, (reason, users)) in &reasons {
        let (unit, pointer) = units
            .iter()
            .find_map(|unit| Some((unit, unit.pointers.iter().find(|known| known.name == name)?)))
            .expect("reasons are made from these");
        // The type itself is spelled plainly, pointers inside it are opaque if they are.
        let replace = |id: TypeId| if id == pointer.ty { None } else { is_opaque(unit, id) };
        let spelling = unit.types.spell(pointer.ty, "", &replace);
        let Ok(spelling) = spelling else {
            let span = pointer.used.as_ref().or(pointer.forced.as_ref());
            let diagnostic = Diagnostic::error(
                codes::UNNAMED_TYPE,
                "this function pointer becomes opaque, but its type has a part without a name",
            )
            .help("give the structure, union or enumeration a tag");
            diagnostics.push(match span {
                Some(span) => diagnostic.at(span.clone()),
                None => diagnostic,
            });
            continue;
        };
        let opaque_type =
            OpaqueType { spelling, hash: hash(name), reason: reason.clone(), users: users.clone() };
        opaque.insert(name.to_owned(), opaque_type);
    }
    opaque
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
