//! The default argument promotions (C17 6.5.2.2 paragraph 6), which apply to arguments that have
//! no parameter.

use ctype::{Float, Int, Type, TypeId, Types};

/// The type an argument of type `ty` has after the default argument promotions.
///
/// Arrays and functions have become pointers, `_Atomic` is gone, integers narrower than `int` are
/// `int` and `float` is `double`. `_Float16`, `__bf16` and `_BitInt` stay as they are.
pub fn promote(types: &mut Types, ty: TypeId) -> TypeId {
    match *types.get(ty) {
        Type::Array(element, _) => types.pointer(element),
        Type::Function(_) => types.pointer(ty),
        Type::Atomic(value) => promote(types, value.ty),
        Type::Int(int) => types.int(promoted_int(int)),
        Type::Enum(decl) => match types.enumeration(decl).underlying {
            Some(int) if promoted_int(int) != int => types.int(promoted_int(int)),
            _ => ty,
        },
        Type::Float(Float::Float) => types.float(Float::Double),
        _ => ty,
    }
}

/// Whether the promotions leave the type as it is.
pub(crate) fn is_promoted(types: &Types, ty: TypeId) -> bool {
    match types.get(ty) {
        Type::Array(..) | Type::Function(_) | Type::Atomic(_) => false,
        Type::Int(int) => promoted_int(*int) == *int,
        Type::Enum(decl) => {
            types.enumeration(*decl).underlying.is_none_or(|int| promoted_int(int) == int)
        }
        Type::Float(float) => *float != Float::Float,
        _ => true,
    }
}

fn promoted_int(int: Int) -> Int {
    // Everything narrower fits `int`, whatever its sign.
    if int.size() < Int::Int.size() { Int::Int } else { int }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ctype::{Enum, Length, Name, QualType, Scope};

    #[test]
    fn narrow_integers_and_float_widen() {
        let mut types = Types::new();
        let int = types.int(Int::Int);
        for narrow in [Int::Bool, Int::Char, Int::SChar, Int::UChar, Int::Short, Int::UShort] {
            let narrow = types.int(narrow);
            assert!(!is_promoted(&types, narrow));
            assert_eq!(promote(&mut types, narrow), int);
        }
        let (float, double) = (types.float(Float::Float), types.float(Float::Double));
        assert_eq!(promote(&mut types, float), double);
    }

    #[test]
    fn what_has_the_rank_of_int_stays() {
        let mut types = Types::new();
        let mut same = vec![types.intern(Type::BitInt { bits: 5, signed: true })];
        for int in [Int::Int, Int::UInt, Int::Long, Int::UInt128] {
            same.push(types.int(int));
        }
        for float in [Float::Float16, Float::BFloat16, Float::LongDouble, Float::Float128] {
            same.push(types.float(float));
        }
        let float = types.float(Float::Float);
        same.push(types.intern(Type::Complex(float)));
        for ty in same {
            assert!(is_promoted(&types, ty), "{:?}", types.get(ty));
            assert_eq!(promote(&mut types, ty), ty);
        }
    }

    #[test]
    fn derived_types_decay() {
        let mut types = Types::new();
        let char = types.int(Int::Char);
        let array = types.intern(Type::Array(QualType::from(char), Length::Constant(3)));
        let pointer = types.pointer(char);
        assert_eq!(promote(&mut types, array), pointer);

        let atomic = types.intern(Type::Atomic(QualType::from(char)));
        let int = types.int(Int::Int);
        assert_eq!(promote(&mut types, atomic), int);

        let decl = |underlying| Enum {
            name: Name::Tag("e".into()),
            scope: Scope::File,
            underlying: Some(underlying),
        };
        let (_, packed) = types.add_enum(decl(Int::UChar));
        let (_, plain) = types.add_enum(decl(Int::UInt));
        assert_eq!(promote(&mut types, packed), int);
        assert_eq!(promote(&mut types, plain), plain);
    }
}
