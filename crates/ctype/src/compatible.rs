//! Compatible types (C17 6.2.7).

use crate::{Int, Length, QualType, Type, TypeId, Types};

impl Types {
    /// Whether two types of this table are compatible.
    pub fn are_compatible(&self, first: TypeId, second: TypeId) -> bool {
        if first == second {
            return true;
        }
        let are_alike = |first: &QualType, second: &QualType| {
            first.quals == second.quals && self.are_compatible(first.ty, second.ty)
        };
        match (self.get(first), self.get(second)) {
            (Type::Pointer(first), Type::Pointer(second))
            | (Type::Atomic(first), Type::Atomic(second)) => are_alike(first, second),
            (Type::Array(first, first_length), Type::Array(second, second_length)) => {
                let are_known = [first_length, second_length]
                    .into_iter()
                    .all(|length| matches!(length, Length::Constant(_)));
                are_alike(first, second) && (!are_known || first_length == second_length)
            }
            (Type::Function(first), Type::Function(second)) => {
                let are_same = |first: &[TypeId], second: &[TypeId]| {
                    first.len() == second.len()
                        && first.iter().zip(second).all(|(&a, &b)| self.are_compatible(a, b))
                };
                let parameters = match (first.prototyped, second.prototyped) {
                    (true, true) => {
                        first.variadic == second.variadic
                            && are_same(&first.parameters, &second.parameters)
                    }
                    (true, false) => self.takes_promoted(first),
                    (false, true) => self.takes_promoted(second),
                    (false, false) => true,
                };
                first.convention == second.convention
                    && self.are_compatible(first.result, second.result)
                    && parameters
            }
            // C17 6.7.2.2 paragraph 4.
            (Type::Enum(decl), Type::Int(int)) | (Type::Int(int), Type::Enum(decl)) => {
                self.enumeration(*decl).underlying == Some(*int)
            }
            _ => false,
        }
    }

    /// Whether a function takes its arguments as they are passed without a prototype (C17 6.7.6.3
    /// paragraph 15).
    fn takes_promoted(&self, function: &crate::Function) -> bool {
        let is_promoted = |&parameter: &TypeId| match self.get(parameter) {
            Type::Int(int) => matches!(
                int,
                Int::Bool | Int::Char | Int::SChar | Int::UChar | Int::Short | Int::UShort
            ),
            Type::Float(float) => *float == crate::Float::Float,
            _ => false,
        };
        !function.variadic && !function.parameters.iter().any(is_promoted)
    }

    /// The types of pointers to functions that text which spells the type may have to speak of, from the
    /// outside in.
    pub fn function_pointers_in(&self, ty: TypeId) -> Vec<TypeId> {
        let mut found = Vec::new();
        self.add_function_pointers(ty, &mut found);
        found
    }

    fn add_function_pointers(&self, ty: TypeId, found: &mut Vec<TypeId>) {
        if found.contains(&ty) {
            return;
        }
        match self.get(ty) {
            Type::Pointer(inner) => {
                if self.pointed_function(ty).is_some() {
                    found.push(ty);
                }
                self.add_function_pointers(inner.ty, found);
            }
            Type::Array(inner, _) | Type::Atomic(inner) => {
                self.add_function_pointers(inner.ty, found);
            }
            Type::Function(function) => {
                self.add_function_pointers(function.result, found);
                for &parameter in &function.parameters {
                    self.add_function_pointers(parameter, found);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Convention, Function};

    fn function(types: &mut Types, parameters: Vec<TypeId>, prototyped: bool) -> TypeId {
        let result = types.int(Int::Int);
        let convention = Convention::SysV;
        let function = Function { result, parameters, variadic: false, prototyped, convention };
        let function = types.intern(Type::Function(function));
        types.pointer(function)
    }

    #[test]
    fn no_prototype_goes_with_promoted_parameters() {
        let mut types = Types::new();
        let (int, char) = (types.int(Int::Int), types.int(Int::Char));
        let none = function(&mut types, Vec::new(), false);
        let takes_int = function(&mut types, vec![int], true);
        let takes_char = function(&mut types, vec![char], true);
        assert!(types.are_compatible(none, takes_int));
        assert!(types.are_compatible(takes_int, none));
        assert!(!types.are_compatible(none, takes_char));
        assert!(!types.are_compatible(takes_int, takes_char));
    }

    #[test]
    fn parameters_are_compatible_one_by_one() {
        let mut types = Types::new();
        let int = types.int(Int::Int);
        let none = function(&mut types, Vec::new(), false);
        let takes_int = function(&mut types, vec![int], true);
        let outer = function(&mut types, vec![none, int], true);
        let other = function(&mut types, vec![takes_int, int], true);
        let shorter = function(&mut types, vec![takes_int], true);
        assert!(types.are_compatible(outer, other));
        assert!(!types.are_compatible(outer, shorter));
        assert_eq!(types.function_pointers_in(other), [other, takes_int]);
    }
}
