//! Names for lists of arguments that no parameter list fixes: those of variadic calls and of calls
//! without a prototype.
//!
//! The name becomes part of C identifiers. Types that travel alike have the same letter, so that
//! calls which differ only in what a pointer points to share a gate.

use ctype::{Float, Int, Type, TypeId, Types};
use sha2::{Digest, Sha256};

/// Longer names are replaced by a hash.
const LONGEST: usize = 48;

/// The name of a list of arguments, promoted as `abi::promote` does it.
pub(crate) fn name(types: &Types, arguments: &[TypeId]) -> String {
    let mut name = String::new();
    for &argument in arguments {
        name.push_str(&letter(types, argument));
    }
    if name.is_empty() {
        // As in the mangled name of a function without parameters.
        name.push('v');
    }
    if name.len() <= LONGEST {
        return name;
    }
    let digest = Sha256::digest(name.as_bytes());
    let digits: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("h{digits}")
}

fn letter(types: &Types, ty: TypeId) -> String {
    let letter = match types.get(ty) {
        Type::Pointer(_) => "l",
        Type::Int(Int::Int128 | Int::UInt128) => "n",
        Type::Int(int) if int.size() == 8 => "l",
        Type::Int(_) | Type::Enum(_) => "i",
        Type::Float(Float::Double) => "d",
        Type::Float(Float::LongDouble) => "e",
        _ => return types.itanium(ty).trim_start_matches("_ZTS").to_owned(),
    };
    letter.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_travels_alike_has_the_same_name() {
        let mut types = Types::new();
        let char = types.int(Int::Char);
        let (int, long) = (types.int(Int::Int), types.int(Int::Long));
        let (pointer, double) = (types.pointer(char), types.float(Float::Double));
        assert_eq!(name(&types, &[]), "v");
        assert_eq!(name(&types, &[int, pointer, double]), "ild");
        assert_eq!(name(&types, &[int, long, double]), "ild");
    }

    #[test]
    fn long_lists_have_short_names() {
        let mut types = Types::new();
        let int = types.int(Int::Int);
        let (many, more) = (name(&types, &[int; 60]), name(&types, &[int; 61]));
        assert!(many.len() < LONGEST && more.len() < LONGEST);
        assert_ne!(many, more);
    }
}
