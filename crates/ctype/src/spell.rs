//! Types written as C.

use std::collections::BTreeSet;

use crate::{
    Float, Int, Length, Name, QualType, Qualifiers, Record, RecordKind, Type, TypeId, Types,
};

/// The type has a part without any name, so no C text outside its declaration can denote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unspellable;

impl Types {
    /// The C declaration of `declarator` with this type: `spell(int (*)(char), "f")` is
    /// `int (*f)(char)`. An empty declarator gives the type name.
    ///
    /// `replace` may give another name to any type inside, and is asked for each of them from the outside
    /// in.
    ///
    /// # Errors
    /// [`Unspellable`] if an anonymous struct, union or enumeration takes part.
    pub fn spell(
        &self,
        ty: impl Into<QualType>,
        declarator: &str,
        replace: &dyn Fn(TypeId) -> Option<String>,
    ) -> Result<String, Unspellable> {
        self.declare(ty.into(), declarator.to_owned(), replace)
    }

    /// The structures and unions without any name of which text that spells the type has to speak.
    pub fn nameless_in(&self, ty: TypeId) -> BTreeSet<TypeId> {
        let (mut found, mut seen, mut next) = (BTreeSet::new(), BTreeSet::new(), vec![ty]);
        while let Some(ty) = next.pop() {
            if !seen.insert(ty) {
                continue;
            }
            match self.get(ty) {
                Type::Pointer(inner) | Type::Array(inner, _) | Type::Atomic(inner) => {
                    next.push(inner.ty);
                }
                Type::Function(function) => {
                    next.push(function.result);
                    next.extend(&function.parameters);
                }
                Type::Record(record) => {
                    if let Name::Anonymous(_) = self.record(*record).name {
                        found.insert(ty);
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The type specifier of a structure or union without any name, once it is given a tag.
    pub fn spell_tagged(&self, ty: TypeId) -> Option<String> {
        let Type::Record(record) = *self.get(ty) else { return None };
        let record = self.record(record);
        match &record.name {
            Name::Anonymous(name) => Some(format!("{} {}", record.keyword(), made_up_tag(name))),
            _ => None,
        }
    }

    fn declare(
        &self,
        QualType { ty, quals }: QualType,
        declarator: String,
        replace: &dyn Fn(TypeId) -> Option<String>,
    ) -> Result<String, Unspellable> {
        if let Some(name) = replace(ty) {
            return Ok(join(&with_quals(quals, &name), &declarator));
        }
        let base = match self.get(ty) {
            Type::Pointer(to) => {
                let mut inner = format!("*{}", postfix_quals(quals));
                if inner.len() > 1 && !declarator.is_empty() {
                    inner.push(' ');
                }
                inner.push_str(&declarator);
                if matches!(self.get(to.ty), Type::Function(_) | Type::Array(..)) {
                    inner = format!("({inner})");
                }
                return self.declare(*to, inner, replace);
            }
            Type::Array(element, length) => {
                let length = match length {
                    Length::Constant(n) => n.to_string(),
                    Length::Incomplete => String::new(),
                    Length::Variable => "*".to_owned(),
                };
                let element = QualType { ty: element.ty, quals: element.quals.union(quals) };
                return self.declare(element, format!("{declarator}[{length}]"), replace);
            }
            Type::Function(function) => {
                let mut parameters = Vec::new();
                for &parameter in &function.parameters {
                    parameters.push(self.spell(parameter, "", replace)?);
                }
                if function.variadic {
                    parameters.push("...".to_owned());
                } else if function.prototyped && parameters.is_empty() {
                    parameters.push("void".to_owned());
                }
                let declarator = format!("{declarator}({})", parameters.join(", "));
                return self.declare(function.result.into(), declarator, replace);
            }
            Type::Void => "void".to_owned(),
            Type::Int(int) => int.keyword().to_owned(),
            Type::BitInt { bits, signed: true } => format!("_BitInt({bits})"),
            Type::BitInt { bits, signed: false } => format!("unsigned _BitInt({bits})"),
            Type::Float(float) => float.keyword().to_owned(),
            Type::Complex(element) => format!("_Complex {}", self.spell(*element, "", replace)?),
            Type::Vector { element, .. } => {
                let size = self.size_of(ty).ok_or(Unspellable)?;
                let element = self.spell(*element, "", replace)?;
                format!("__attribute__((vector_size({size}))) {element}")
            }
            Type::Atomic(value) => format!("_Atomic({})", self.spell(*value, "", replace)?),
            Type::Record(record) => self.record(*record).spell()?,
            Type::Enum(decl) => {
                // Without a name, the integer type is what it is compatible with (C17 6.7.2.2 p4).
                let decl = self.enumeration(*decl);
                let named = spell_name("enum", &decl.name);
                named.or_else(|none| {
                    decl.underlying.map(|int| int.keyword().to_owned()).ok_or(none)
                })?
            }
        };
        Ok(join(&with_quals(quals, &base), &declarator))
    }
}

impl Record {
    /// The type specifier: `struct tag` or the typedef name.
    ///
    /// # Errors
    /// [`Unspellable`] if it has no name.
    pub fn spell(&self) -> Result<String, Unspellable> {
        spell_name(self.keyword(), &self.name)
    }

    fn keyword(&self) -> &'static str {
        match self.kind {
            RecordKind::Struct => "struct",
            RecordKind::Union => "union",
        }
    }
}

/// The tag that a structure, union or enumeration gets which is told from others by this text.
pub fn made_up_tag(name: &str) -> String {
    format!("IA2_{name}")
}

fn spell_name(keyword: &str, name: &Name) -> Result<String, Unspellable> {
    match name {
        Name::Tag(tag) => Ok(format!("{keyword} {tag}")),
        Name::Typedef(name) => Ok(name.clone()),
        Name::Anonymous(_) => Err(Unspellable),
    }
}

fn join(base: &str, declarator: &str) -> String {
    if declarator.is_empty() { base.to_owned() } else { format!("{base} {declarator}") }
}

fn with_quals(quals: Qualifiers, base: &str) -> String {
    if quals.is_empty() { base.to_owned() } else { format!("{} {base}", postfix_quals(quals)) }
}

fn postfix_quals(quals: Qualifiers) -> String {
    let Qualifiers { is_const, is_volatile, is_restrict } = quals;
    [(is_const, "const"), (is_volatile, "volatile"), (is_restrict, "__restrict")]
        .into_iter()
        .filter_map(|(set, word)| set.then_some(word))
        .collect::<Vec<_>>()
        .join(" ")
}

impl Int {
    /// How the type is written in every version of C with GNU extensions.
    pub fn keyword(self) -> &'static str {
        match self {
            Int::Bool => "_Bool",
            Int::Char => "char",
            Int::SChar => "signed char",
            Int::UChar => "unsigned char",
            Int::Short => "short",
            Int::UShort => "unsigned short",
            Int::Int => "int",
            Int::UInt => "unsigned int",
            Int::Long => "long",
            Int::ULong => "unsigned long",
            Int::LongLong => "long long",
            Int::ULongLong => "unsigned long long",
            Int::Int128 => "__int128",
            Int::UInt128 => "unsigned __int128",
        }
    }
}

impl Float {
    /// How the type is written in every version of C with GNU extensions.
    pub fn keyword(self) -> &'static str {
        match self {
            Float::Float16 => "_Float16",
            Float::BFloat16 => "__bf16",
            Float::Float => "float",
            Float::Double => "double",
            Float::LongDouble => "long double",
            Float::Float128 => "__float128",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Convention, Function};

    #[test]
    fn declarators_nest() {
        let mut types = Types::new();
        let int = types.int(Int::Int);
        let void = types.intern(Type::Void);
        let callback = types.intern(Type::Function(Function {
            result: void,
            parameters: vec![],
            variadic: false,
            prototyped: true,
            convention: Convention::SysV,
        }));
        let callback = types.pointer(callback);
        let table = types.intern(Type::Array(callback.into(), Length::Constant(3)));
        let get = types.intern(Type::Function(Function {
            result: callback,
            parameters: vec![int, callback],
            variadic: true,
            prototyped: true,
            convention: Convention::SysV,
        }));
        let plain = |_| None;
        assert_eq!(types.spell(table, "t", &plain).unwrap(), "void (*t[3])(void)");
        assert_eq!(
            types.spell(get, "get", &plain).unwrap(),
            "void (*get(int, void (*)(void), ...))(void)"
        );
        let opaque = |id| (id == callback).then(|| "struct cb".to_owned());
        assert_eq!(types.spell(table, "t", &opaque).unwrap(), "struct cb t[3]");
        assert_eq!(types.spell(get, "get", &opaque).unwrap(), "struct cb get(int, struct cb, ...)");
    }

    #[test]
    fn qualifiers_stand_where_they_bind() {
        let mut types = Types::new();
        let char = types.int(Int::Char);
        let quals = Qualifiers { is_const: true, ..Qualifiers::NONE };
        let text = types.pointer(QualType { ty: char, quals });
        let constant = QualType { ty: text, quals };
        assert_eq!(types.spell(constant, "s", &|_| None).unwrap(), "const char *const s");
    }
}
