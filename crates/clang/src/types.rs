//! Types as the compiler sees them.

use clang_sys as sys;
use clang_sys::CXType;

use crate::string::take;
use crate::{Cursor, FunctionType, Unit};

/// A type, with its typedefs and qualifiers.
#[derive(Clone, Copy)]
pub struct Type<'u> {
    pub(crate) raw: CXType,
    pub(crate) unit: &'u Unit,
}

/// What a type is at its outermost layer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TypeKind {
    Pointer,
    Function,
    Array,
    Record,
    Enum,
    Bool,
    /// An integer or floating type.
    Arithmetic,
    Void,
    /// `_Atomic(T)`, of which [`Type::atomic_value`] is T.
    Atomic,
    Typedef,
    /// Sugar: `struct tag` written out, parentheses, attributes, `typeof`.
    Elaborated,
    Other,
}

impl<'u> Type<'u> {
    fn with(self, raw: CXType) -> Type<'u> {
        Type { raw, unit: self.unit }
    }

    /// The type without typedefs and other sugar.
    #[inline]
    pub fn canonical(self) -> Type<'u> {
        // SAFETY: a type of a living unit, here and in all calls below.
        self.with(unsafe { (self.unit.calls().clang_getCanonicalType)(self.raw) })
    }

    /// How the source writes it, for messages.
    pub fn spelling(self) -> String {
        // SAFETY: see `canonical`.
        take(unsafe { sys::clang_getTypeSpelling(self.raw) })
    }

    /// The outermost layer.
    #[inline]
    pub fn kind(self) -> TypeKind {
        match self.raw.kind {
            sys::CXType_Pointer => TypeKind::Pointer,
            sys::CXType_FunctionProto | sys::CXType_FunctionNoProto => TypeKind::Function,
            sys::CXType_ConstantArray | sys::CXType_IncompleteArray | sys::CXType_VariableArray => {
                TypeKind::Array
            }
            sys::CXType_Record => TypeKind::Record,
            sys::CXType_Enum => TypeKind::Enum,
            sys::CXType_Bool => TypeKind::Bool,
            sys::CXType_Void => TypeKind::Void,
            sys::CXType_Atomic => TypeKind::Atomic,
            sys::CXType_Typedef => TypeKind::Typedef,
            sys::CXType_Elaborated | sys::CXType_Attributed => TypeKind::Elaborated,
            sys::CXType_Char_U..=sys::CXType_LongDouble
            | sys::CXType_Float128
            | sys::CXType_Half
            | sys::CXType_Float16 => TypeKind::Arithmetic,
            _ => TypeKind::Other,
        }
    }

    /// What a pointer points to.
    #[inline]
    pub fn pointee(self) -> Type<'u> {
        // SAFETY: see `canonical`.
        self.with(unsafe { (self.unit.calls().clang_getPointeeType)(self.raw) })
    }

    /// Whether what has the type is never written: it is `const`, or an array of that.
    pub fn is_const(self) -> bool {
        let mut ty = self.canonical();
        loop {
            // The canonical type of an array has the qualifiers of its elements.
            // SAFETY: see `canonical`.
            if unsafe { sys::clang_isConstQualifiedType(ty.raw) } != 0 {
                return true;
            }
            if ty.kind() != TypeKind::Array {
                return false;
            }
            ty = ty.element().canonical();
        }
    }

    /// What an atomic type is the atomic version of.
    pub fn atomic_value(self) -> Type<'u> {
        // SAFETY: see `canonical`.
        self.with(unsafe { sys::clang_Type_getValueType(self.raw) })
    }

    /// Type of an array's elements.
    pub fn element(self) -> Type<'u> {
        // SAFETY: see `canonical`.
        self.with(unsafe { sys::clang_getArrayElementType(self.raw) })
    }

    /// Result type of a function type.
    pub fn result(self) -> Type<'u> {
        // SAFETY: see `canonical`.
        self.with(unsafe { sys::clang_getResultType(self.raw) })
    }

    /// Parameter types of a function type.
    pub fn parameters(self) -> Vec<Type<'u>> {
        // SAFETY: see `canonical`; the index is below the number.
        unsafe {
            let count = sys::clang_getNumArgTypes(self.raw);
            (0..count.max(0).cast_unsigned())
                .map(|index| self.with(sys::clang_getArgType(self.raw, index)))
                .collect()
        }
    }

    /// The type a sugar layer that is no typedef stands for; itself if there is none.
    pub fn named(self) -> Type<'u> {
        let inner = match self.raw.kind {
            sys::CXType_Elaborated => sys::clang_Type_getNamedType,
            sys::CXType_Attributed => sys::clang_Type_getModifiedType,
            _ => return self,
        };
        // SAFETY: see `canonical`.
        self.with(unsafe { inner(self.raw) })
    }

    /// The type without outer typedefs and other sugar; what is inside keeps its own.
    pub fn desugared(self) -> Type<'u> {
        let mut ty = self;
        loop {
            ty = match ty.kind() {
                TypeKind::Elaborated => ty.named(),
                TypeKind::Typedef => match ty.declaration() {
                    Some(declaration) => declaration.underlying_type(),
                    None => return ty,
                },
                _ if ty.is_inferred() => ty.canonical(),
                _ => return ty,
            };
        }
    }

    /// Whether it is `auto` or `__auto_type`, which stands for the type of an initialiser.
    pub fn is_inferred(self) -> bool {
        self.raw.kind == sys::CXType_Auto
    }

    /// The declaration of a typedef, record or enumeration.
    pub fn declaration(self) -> Option<Cursor<'u>> {
        // SAFETY: see `canonical`.
        let raw = unsafe { sys::clang_getTypeDeclaration(self.raw) };
        Cursor::new(raw, self.unit).filter(|cursor| cursor.raw.kind != sys::CXCursor_NoDeclFound)
    }

    /// The members of a complete record.
    pub fn fields(self) -> Vec<Cursor<'u>> {
        extern "C" fn visit(
            field: sys::CXCursor,
            fields: sys::CXClientData,
        ) -> sys::CXVisitorResult {
            // SAFETY: the data is the vector below.
            unsafe { (*fields.cast::<Vec<sys::CXCursor>>()).push(field) };
            sys::CXVisit_Continue
        }
        let mut fields: Vec<sys::CXCursor> = Vec::new();
        // SAFETY: a type of a living unit; the callback matches its data.
        unsafe { sys::clang_Type_visitFields(self.raw, visit, (&raw mut fields).cast()) };
        fields.into_iter().filter_map(|raw| Cursor::new(raw, self.unit)).collect()
    }

    /// What the type has to do with functions, typedefs resolved.
    #[inline]
    pub fn function_type(self) -> FunctionType {
        let resolved = self.resolved();
        match resolved.kind() {
            TypeKind::Function => FunctionType::Function,
            TypeKind::Pointer => match resolved.pointee().resolved().kind() {
                TypeKind::Function => FunctionType::Pointer,
                TypeKind::Pointer | TypeKind::Array => FunctionType::Container,
                _ => FunctionType::Neither,
            },
            TypeKind::Record | TypeKind::Array => FunctionType::Container,
            TypeKind::Atomic => FunctionType::Atomic,
            _ => FunctionType::Neither,
        }
    }

    /// Whether there is a function type behind its pointers and arrays, typedefs resolved.
    pub fn leads_to_function(self) -> bool {
        let mut ty = self.resolved();
        loop {
            ty = match ty.kind() {
                TypeKind::Pointer => ty.pointee().resolved(),
                TypeKind::Array => ty.element().resolved(),
                TypeKind::Atomic => ty.atomic_value().resolved(),
                kind => return kind == TypeKind::Function,
            };
        }
    }

    /// The canonical type where the outermost layer may be a name or sugar; else the type itself,
    /// since resolving takes time and most types are numbers and pointers.
    #[inline]
    fn resolved(self) -> Type<'u> {
        match self.kind() {
            TypeKind::Typedef | TypeKind::Elaborated | TypeKind::Other => self.canonical(),
            _ => self,
        }
    }

    /// Whether the type, typedefs resolved, is a pointer to a function.
    pub fn is_function_pointer(self) -> bool {
        self.function_type() == FunctionType::Pointer
    }

    /// Whether the two are the same type.
    pub fn equals(self, other: Type<'_>) -> bool {
        // SAFETY: any two types may be compared.
        unsafe { (self.unit.calls().clang_equalTypes)(self.raw, other.raw) != 0 }
    }
}
