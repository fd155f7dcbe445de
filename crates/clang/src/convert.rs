//! From libclang's types to `ctype` data.

use std::collections::HashMap;

use clang_sys as sys;
use clang_sys::{CXType, CXTypeKind};
use ctype::{
    Convention, Enum, Field, Float, Function, Int, Length, Name, QualType, Qualifiers, Record,
    RecordDefinition, RecordKind, Scope, TypeId, Types,
};

use crate::{Cursor, CursorMap, Kind, Linkage, Type};

/// Turns types of one unit into entries of a [`Types`] table.
pub struct Converter<'u> {
    types: Types,
    known: HashMap<(CXTypeKind, [usize; 2]), QualType>,
    declarations: CursorMap<'u, TypeId>,
}

impl Default for Converter<'_> {
    fn default() -> Self {
        Converter { types: Types::new(), known: HashMap::new(), declarations: CursorMap::default() }
    }
}

impl<'u> Converter<'u> {
    /// An empty table.
    pub fn new() -> Converter<'u> {
        Converter::default()
    }

    /// The table so far.
    pub fn types(&self) -> &Types {
        &self.types
    }

    /// The finished table.
    pub fn into_types(self) -> Types {
        self.types
    }

    /// The table as it is so far. What is added to it stays.
    pub fn types_mut(&mut self) -> &mut Types {
        &mut self.types
    }

    /// Where a structure, union or enumeration is declared.
    pub fn declaration_of(&self, ty: TypeId) -> Option<Cursor<'u>> {
        self.declarations.iter().find(|(_, id)| **id == ty).map(|(declaration, _)| *declaration)
    }

    /// The entry of `void`.
    pub fn void(&mut self) -> TypeId {
        self.types.intern(ctype::Type::Void)
    }

    /// The entry of the pointer to a type.
    pub fn pointer_to(&mut self, ty: TypeId) -> TypeId {
        self.types.pointer(ty)
    }

    /// The type's entry, qualifiers dropped.
    ///
    /// # Errors
    /// The spelling of a type, or of a part of it, that C does not have (or this crate does not know).
    pub fn convert(&mut self, ty: Type<'u>) -> Result<TypeId, String> {
        Ok(self.qualified(ty)?.ty)
    }

    /// The type's entry with its qualifiers.
    ///
    /// # Errors
    /// As [`Converter::convert`].
    pub fn qualified(&mut self, ty: Type<'u>) -> Result<QualType, String> {
        let ty = ty.canonical();
        let key = (ty.raw.kind, ty.raw.data.map(|pointer| pointer as usize));
        if let Some(&known) = self.known.get(&key) {
            return Ok(known);
        }
        let quals = qualifiers(ty.raw);
        let id = self.unqualified(ty)?;
        // Qualifiers of an array are those of its elements (C17 6.7.3 paragraph 10).
        let quals = if matches!(self.types.get(id), ctype::Type::Array(..)) {
            Qualifiers::NONE
        } else {
            quals
        };
        let converted = QualType { ty: id, quals };
        self.known.insert(key, converted);
        Ok(converted)
    }

    fn unqualified(&mut self, ty: Type<'u>) -> Result<TypeId, String> {
        if let Some(scalar) = scalar(ty.raw.kind) {
            return Ok(self.types.intern(scalar));
        }
        let converted = match ty.raw.kind {
            sys::CXType_Pointer => ctype::Type::Pointer(self.qualified(ty.pointee())?),
            sys::CXType_ConstantArray => {
                // SAFETY: a type of a living unit, here and below.
                let length = unsafe { sys::clang_getArraySize(ty.raw) };
                let length = u64::try_from(length).map_err(|_| ty.spelling())?;
                ctype::Type::Array(self.qualified(ty.element())?, Length::Constant(length))
            }
            sys::CXType_IncompleteArray => {
                ctype::Type::Array(self.qualified(ty.element())?, Length::Incomplete)
            }
            sys::CXType_VariableArray => {
                ctype::Type::Array(self.qualified(ty.element())?, Length::Variable)
            }
            sys::CXType_Complex => {
                // SAFETY: see above.
                let element = unsafe { sys::clang_getElementType(ty.raw) };
                ctype::Type::Complex(self.convert(Type { raw: element, unit: ty.unit })?)
            }
            sys::CXType_Vector | sys::CXType_ExtVector => {
                // SAFETY: see above.
                let (element, lanes) = unsafe {
                    (sys::clang_getElementType(ty.raw), sys::clang_getNumElements(ty.raw))
                };
                let element = self.convert(Type { raw: element, unit: ty.unit })?;
                let lanes = u32::try_from(lanes).map_err(|_| ty.spelling())?;
                ctype::Type::Vector { element, lanes }
            }
            sys::CXType_Atomic => {
                // SAFETY: see above.
                let value = unsafe { sys::clang_Type_getValueType(ty.raw) };
                ctype::Type::Atomic(self.qualified(Type { raw: value, unit: ty.unit })?)
            }
            sys::CXType_FunctionProto | sys::CXType_FunctionNoProto => self.function(ty)?,
            sys::CXType_Record => return self.record(ty),
            sys::CXType_Enum => return self.enumeration(ty),
            _ => bit_int(&ty.spelling()).ok_or_else(|| ty.spelling())?,
        };
        Ok(self.types.intern(converted))
    }

    fn function(&mut self, ty: Type<'u>) -> Result<ctype::Type, String> {
        // SAFETY: a type of a living unit.
        let (variadic, convention) = unsafe {
            (
                sys::clang_isFunctionTypeVariadic(ty.raw) != 0,
                sys::clang_getFunctionTypeCallingConv(ty.raw),
            )
        };
        let prototyped = ty.raw.kind == sys::CXType_FunctionProto;
        let result = self.convert(ty.result())?;
        let parameters = if prototyped {
            ty.parameters()
                .into_iter()
                .map(|parameter| self.convert(parameter))
                .collect::<Result<_, _>>()?
        } else {
            Vec::new()
        };
        Ok(ctype::Type::Function(Function {
            result,
            parameters,
            variadic: variadic && prototyped,
            prototyped,
            convention: match convention {
                sys::CXCallingConv_C | sys::CXCallingConv_X86_64SysV => Convention::SysV,
                sys::CXCallingConv_X86_64Win64 => Convention::Microsoft,
                _ => Convention::Other,
            },
        }))
    }

    fn record(&mut self, ty: Type<'u>) -> Result<TypeId, String> {
        let declaration = ty.declaration().ok_or_else(|| ty.spelling())?.canonical();
        if let Some(&id) = self.declarations.get(&declaration) {
            return Ok(id);
        }
        let kind = match declaration.kind() {
            Kind::Struct => RecordKind::Struct,
            Kind::Union => RecordKind::Union,
            _ => return Err(ty.spelling()),
        };
        let (record, id) = self.types.add_record(Record {
            kind,
            name: name(declaration),
            scope: scope(declaration),
            definition: None,
        });
        // Entered before the fields are looked at: they may point back here.
        self.declarations.insert(declaration, id);
        let definition = self.definition(ty)?;
        self.types.record_mut(record).definition = definition;
        Ok(id)
    }

    fn definition(&mut self, ty: Type<'u>) -> Result<Option<RecordDefinition>, String> {
        // SAFETY: a type of a living unit.
        let (size, align) =
            unsafe { (sys::clang_Type_getSizeOf(ty.raw), sys::clang_Type_getAlignOf(ty.raw)) };
        let (Ok(size), Ok(align)) = (u64::try_from(size), u64::try_from(align)) else {
            return Ok(None);
        };
        let mut fields = Vec::new();
        for field in ty.fields() {
            let offset_bits = field.field_offset().ok_or_else(|| ty.spelling())?;
            let name = field.name();
            let is_unnamed = name.is_empty() || name.contains('(');
            fields.push(Field {
                name: (!is_unnamed).then_some(name),
                ty: self.qualified(field.ty())?,
                offset_bits,
                bit_width: field.bit_width(),
            });
        }
        let transparent_union = is_transparent_union(ty);
        Ok(Some(RecordDefinition { size, align, fields, transparent_union }))
    }

    fn enumeration(&mut self, ty: Type<'u>) -> Result<TypeId, String> {
        let declaration = ty.declaration().ok_or_else(|| ty.spelling())?.canonical();
        if let Some(&id) = self.declarations.get(&declaration) {
            return Ok(id);
        }
        let underlying = declaration.definition().unwrap_or(declaration).enum_type().canonical();
        let underlying = match scalar(underlying.raw.kind) {
            Some(ctype::Type::Int(int)) => Some(int),
            _ => None,
        };
        let decl = Enum { name: name(declaration), scope: scope(declaration), underlying };
        let (_, id) = self.types.add_enum(decl);
        self.declarations.insert(declaration, id);
        Ok(id)
    }
}

/// libclang has no cursor for this attribute, but the type's spelling does not show it either; the
/// union's declaration carries an unexposed attribute whose text has the name.
fn is_transparent_union(ty: Type<'_>) -> bool {
    let Some(declaration) = ty.declaration() else { return false };
    if declaration.kind() != Kind::Union {
        return false;
    }
    let Some(definition) = declaration.definition() else { return false };
    definition.has_attribute("transparent_union")
}

fn qualifiers(ty: CXType) -> Qualifiers {
    // SAFETY: a type of a living unit.
    unsafe {
        Qualifiers {
            is_const: sys::clang_isConstQualifiedType(ty) != 0,
            is_volatile: sys::clang_isVolatileQualifiedType(ty) != 0,
            is_restrict: sys::clang_isRestrictQualifiedType(ty) != 0,
        }
    }
}

/// The name of a record or enumeration.
fn name(declaration: Cursor<'_>) -> Name {
    // Not of the type in use, which may be qualified: the first use of a struct is often a const one.
    let spelling = declaration.ty().canonical().spelling();
    let bare = ["struct ", "union ", "enum "]
        .into_iter()
        .find_map(|keyword| spelling.strip_prefix(keyword));
    match bare {
        // `struct (unnamed at file.c:1:1)`: libclang has no name to show.
        _ if spelling.contains('(') => Name::Anonymous(made_up_name(declaration)),
        Some(tag) => Name::Tag(tag.to_owned()),
        None => Name::Typedef(spelling),
    }
}

/// A name for a structure, union or enumeration that has none: where it is declared, as line markers
/// have it, which is the same with and without preprocessing.
pub fn made_up_name(declaration: Cursor<'_>) -> String {
    let (path, line, column) = declaration.location().presumed();
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let file = file.replace(|c: char| !c.is_alphanumeric(), "_");
    format!("unnamed_{file}_{line}_{column}")
}

fn scope(declaration: Cursor<'_>) -> Scope {
    let mut parent = declaration.semantic_parent();
    while let Some(cursor) = parent {
        match cursor.kind() {
            Kind::Function => {
                let is_static = cursor.linkage() == Linkage::Internal;
                return Scope::Function { name: cursor.name(), is_static };
            }
            Kind::TranslationUnit => return Scope::File,
            _ => parent = cursor.semantic_parent(),
        }
    }
    Scope::File
}

fn scalar(kind: CXTypeKind) -> Option<ctype::Type> {
    use ctype::Type;
    Some(match kind {
        sys::CXType_Void => Type::Void,
        sys::CXType_Bool => Type::Int(Int::Bool),
        sys::CXType_Char_U | sys::CXType_Char_S => Type::Int(Int::Char),
        sys::CXType_SChar => Type::Int(Int::SChar),
        sys::CXType_UChar => Type::Int(Int::UChar),
        sys::CXType_Short => Type::Int(Int::Short),
        sys::CXType_UShort => Type::Int(Int::UShort),
        sys::CXType_Int => Type::Int(Int::Int),
        sys::CXType_UInt => Type::Int(Int::UInt),
        sys::CXType_Long => Type::Int(Int::Long),
        sys::CXType_ULong => Type::Int(Int::ULong),
        sys::CXType_LongLong => Type::Int(Int::LongLong),
        sys::CXType_ULongLong => Type::Int(Int::ULongLong),
        sys::CXType_Int128 => Type::Int(Int::Int128),
        sys::CXType_UInt128 => Type::Int(Int::UInt128),
        sys::CXType_Half | sys::CXType_Float16 => Type::Float(Float::Float16),
        sys::CXType_BFloat16 => Type::Float(Float::BFloat16),
        sys::CXType_Float => Type::Float(Float::Float),
        sys::CXType_Double => Type::Float(Float::Double),
        sys::CXType_LongDouble => Type::Float(Float::LongDouble),
        sys::CXType_Float128 => Type::Float(Float::Float128),
        _ => return None,
    })
}

/// `_BitInt` has no kind of its own in libclang; its spelling says it all. `__bf16` neither in some
/// versions.
fn bit_int(spelling: &str) -> Option<ctype::Type> {
    let spelling = spelling.trim_start_matches("const ").trim_start_matches("volatile ");
    if spelling == "__bf16" {
        return Some(ctype::Type::Float(Float::BFloat16));
    }
    let (signed, rest) = match spelling.strip_prefix("unsigned ") {
        Some(rest) => (false, rest),
        None => (true, spelling),
    };
    let bits = rest.strip_prefix("_BitInt(")?.strip_suffix(')')?.parse().ok()?;
    Some(ctype::Type::BitInt { bits, signed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_precise_integers_are_read_off_their_spelling() {
        assert_eq!(bit_int("_BitInt(17)"), Some(ctype::Type::BitInt { bits: 17, signed: true }));
        assert_eq!(
            bit_int("const unsigned _BitInt(128)"),
            Some(ctype::Type::BitInt { bits: 128, signed: false })
        );
        assert_eq!(bit_int("nullptr_t"), None);
    }
}
