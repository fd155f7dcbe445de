//! Names of types as the Itanium C++ ABI mangles them (section 5.1.5), which is how function-pointer
//! types are named across translation units and in what users write (`IA2_CALL(op, _ZTSPFiiE)`).
//!
//! C types have C++ names in clang's eyes, with a few conventions of its own: `_Atomic` is a vendor
//! qualifier, an unprototyped function has an empty parameter list (`FvE`, where `void (void)` is
//! `FvvE`), and a type declared in a function carries that function's name.

use crate::{
    Convention, Float, Int, Length, Name, QualType, Qualifiers, Scope, Type, TypeId, Types,
};

impl Types {
    /// The name of the type's `typeinfo` name symbol, such as `_ZTSPFjjjE` for
    /// `uint32_t (*)(uint32_t, uint32_t)`.
    pub fn itanium(&self, id: TypeId) -> String {
        self.mangled(id, true)
    }

    /// The same without qualifiers at any depth: types with the same one differ, but are passed and
    /// called alike.
    pub fn itanium_without_qualifiers(&self, id: TypeId) -> String {
        self.mangled(id, false)
    }

    fn mangled(&self, id: TypeId, has_qualifiers: bool) -> String {
        let (out, seen) = (String::from("_ZTS"), Vec::new());
        let mut mangler = Mangler { types: self, out, seen, has_qualifiers };
        mangler.unqualified(id);
        mangler.out
    }
}

struct Mangler<'a> {
    types: &'a Types,
    out: String,
    /// Components a later occurrence may refer back to, in the order they were completed.
    seen: Vec<QualType>,
    has_qualifiers: bool,
}

impl Mangler<'_> {
    fn unqualified(&mut self, id: TypeId) {
        self.qualified(id.into());
    }

    fn qualified(&mut self, mut ty: QualType) {
        if !self.has_qualifiers {
            ty.quals = Qualifiers::NONE;
        }
        if let Some(code) = self.builtin(ty.ty)
            && ty.quals.is_empty()
        {
            self.out.push_str(&code);
            return;
        }
        if self.refer_back(ty) {
            return;
        }
        if ty.quals.is_empty() || matches!(self.types.get(ty.ty), Type::Array(..)) {
            // Qualifiers of an array are those of its elements (C17 6.7.3 paragraph 10).
            self.compound(ty.ty, ty.quals);
        } else {
            let Qualifiers { is_const, is_volatile, is_restrict } = ty.quals;
            for (set, letter) in [(is_restrict, 'r'), (is_volatile, 'V'), (is_const, 'K')] {
                if set {
                    self.out.push(letter);
                }
            }
            self.unqualified(ty.ty);
        }
        self.seen.push(ty);
    }

    /// Writes `S_`, `S0_`, … if this component has occurred before.
    fn refer_back(&mut self, ty: QualType) -> bool {
        let Some(position) = self.seen.iter().position(|&seen| seen == ty) else { return false };
        self.out.push('S');
        if let Some(number) = position.checked_sub(1) {
            self.base_36(number);
        }
        self.out.push('_');
        true
    }

    fn base_36(&mut self, number: usize) {
        if number >= 36 {
            self.base_36(number / 36);
        }
        self.out.push(char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 36]));
    }

    fn compound(&mut self, id: TypeId, element_quals: Qualifiers) {
        match self.types.get(id) {
            Type::Pointer(to) => {
                self.out.push('P');
                self.qualified(*to);
            }
            Type::Array(element, length) => {
                self.out.push('A');
                if let Length::Constant(n) = length {
                    self.out.push_str(&n.to_string());
                }
                self.out.push('_');
                let quals = element.quals.union(element_quals);
                self.qualified(QualType { ty: element.ty, quals });
            }
            Type::Complex(element) => {
                self.out.push('C');
                self.unqualified(*element);
            }
            Type::Vector { element, lanes } => {
                self.out.push_str(&format!("Dv{lanes}_"));
                self.unqualified(*element);
            }
            Type::Atomic(value) => {
                self.out.push_str("U7_Atomic");
                self.qualified(*value);
            }
            Type::Function(function) => self.function(function),
            Type::Record(record) => {
                let record = self.types.record(*record);
                self.named(&record.name, &record.scope);
            }
            Type::Enum(decl) => {
                let decl = self.types.enumeration(*decl);
                self.named(&decl.name, &decl.scope);
            }
            Type::Void | Type::Int(_) | Type::BitInt { .. } | Type::Float(_) => {
                self.unqualified(id);
            }
        }
    }

    fn function(&mut self, function: &crate::Function) {
        match function.convention {
            Convention::SysV => {}
            Convention::Microsoft => self.out.push_str("U6ms_abi"),
            Convention::Other => self.out.push_str("U5other"),
        }
        self.out.push('F');
        self.unqualified(function.result);
        if function.prototyped {
            if function.parameters.is_empty() && !function.variadic {
                self.out.push('v');
            }
            for &parameter in &function.parameters {
                self.unqualified(parameter);
            }
            if function.variadic {
                self.out.push('z');
            }
        }
        self.out.push('E');
    }

    fn named(&mut self, name: &Name, scope: &Scope) {
        if let Scope::Function { name, is_static } = scope {
            let internal = if *is_static { "L" } else { "" };
            self.out.push_str(&format!("Z{internal}{}{name}E", name.len()));
        }
        let (Name::Tag(name) | Name::Typedef(name) | Name::Anonymous(name)) = name;
        self.out.push_str(&format!("{}{name}", name.len()));
    }

    fn builtin(&self, id: TypeId) -> Option<String> {
        Some(match self.types.get(id) {
            Type::Void => "v".to_owned(),
            Type::Int(int) => int_code(*int).to_owned(),
            Type::Float(float) => float_code(*float).to_owned(),
            Type::BitInt { bits, signed: true } => format!("DB{bits}_"),
            Type::BitInt { bits, signed: false } => format!("DU{bits}_"),
            _ => return None,
        })
    }
}

fn int_code(int: Int) -> &'static str {
    match int {
        Int::Bool => "b",
        Int::Char => "c",
        Int::SChar => "a",
        Int::UChar => "h",
        Int::Short => "s",
        Int::UShort => "t",
        Int::Int => "i",
        Int::UInt => "j",
        Int::Long => "l",
        Int::ULong => "m",
        Int::LongLong => "x",
        Int::ULongLong => "y",
        Int::Int128 => "n",
        Int::UInt128 => "o",
    }
}

fn float_code(float: Float) -> &'static str {
    match float {
        Float::Float16 => "DF16_",
        Float::BFloat16 => "DF16b",
        Float::Float => "f",
        Float::Double => "d",
        Float::LongDouble => "e",
        Float::Float128 => "g",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Function, Record, RecordKind};

    fn function(types: &mut Types, result: TypeId, parameters: Vec<TypeId>) -> TypeId {
        let function = Function {
            result,
            parameters,
            variadic: false,
            prototyped: true,
            convention: Convention::SysV,
        };
        let id = types.intern(Type::Function(function));
        types.pointer(id)
    }

    #[test]
    fn the_contract_names_this_one() {
        let mut types = Types::new();
        let uint = types.int(Int::UInt);
        let pointer = function(&mut types, uint, vec![uint, uint]);
        assert_eq!(types.itanium(pointer), "_ZTSPFjjjE");
    }

    #[test]
    fn components_are_referred_back_to() {
        let mut types = Types::new();
        let void = types.intern(Type::Void);
        let (_, options) = types.add_record(Record {
            kind: RecordKind::Struct,
            name: Name::Tag("options".into()),
            scope: Scope::File,
            definition: None,
        });
        let plain = types.pointer(options);
        let quals = Qualifiers { is_const: true, ..Qualifiers::NONE };
        let constant = types.pointer(QualType { ty: options, quals });
        let callback = function(&mut types, void, vec![plain, constant, plain, constant]);
        // As clang 19 names `void (*)(struct options *, const struct options *, …)`.
        assert_eq!(types.itanium(callback), "_ZTSPFvP7optionsPKS_S0_S2_E");
    }

    #[test]
    fn no_prototype_differs_from_no_parameters() {
        let mut types = Types::new();
        let void = types.intern(Type::Void);
        let empty = function(&mut types, void, vec![]);
        let unprototyped = types.intern(Type::Function(Function {
            result: void,
            parameters: vec![],
            variadic: false,
            prototyped: false,
            convention: Convention::SysV,
        }));
        assert_eq!(types.itanium(empty), "_ZTSPFvvE");
        assert_eq!(types.itanium(unprototyped), "_ZTSFvE");
    }
}
