//! C types as plain data.
//!
//! The front end fills a [`Types`] table from a translation unit; from then on nobody needs the
//! compiler: [`Types::itanium`] gives the name by which a type is identified across translation
//! units, [`Types::spell`] writes it as C, `size_of` and `align_of` give its layout on x86-64.
//!
//! Types are canonical: typedefs are resolved, parameters are adjusted (arrays and functions have
//! become pointers, top-level qualifiers are gone).
//!
//! **Nothing here knows a compiler or an ABI.** How values of these types travel in registers is the
//! business of the `abi` crate.

mod compatible;
mod layout;
mod mangle;
mod spell;
mod table;

pub use spell::{Unspellable, made_up_tag};
pub use table::Types;

use serde::{Deserialize, Serialize};

/// Index of a type in its [`Types`] table. Equal ids of one table are the same type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct TypeId(u32);

/// Index of a struct or union in its [`Types`] table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RecordId(u32);

/// Index of an enumeration in its [`Types`] table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct EnumId(u32);

/// Type qualifiers (C17 6.7.3), without `_Atomic`, which makes a type of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Qualifiers {
    /// `const`
    pub is_const: bool,
    /// `volatile`
    pub is_volatile: bool,
    /// `restrict`
    pub is_restrict: bool,
}

impl Qualifiers {
    /// No qualifier at all.
    pub const NONE: Qualifiers =
        Qualifiers { is_const: false, is_volatile: false, is_restrict: false };

    /// Whether no qualifier is set.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// The qualifiers of both.
    #[must_use]
    pub fn union(self, other: Qualifiers) -> Qualifiers {
        Qualifiers {
            is_const: self.is_const || other.is_const,
            is_volatile: self.is_volatile || other.is_volatile,
            is_restrict: self.is_restrict || other.is_restrict,
        }
    }
}

/// A type together with its qualifiers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct QualType {
    /// The type without qualifiers.
    pub ty: TypeId,
    /// Its qualifiers.
    pub quals: Qualifiers,
}

impl From<TypeId> for QualType {
    fn from(ty: TypeId) -> QualType {
        QualType { ty, quals: Qualifiers::NONE }
    }
}

/// The integer types of the language. `char` is signed on x86-64 but distinct from `signed char`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each name is the C type of that name")]
pub enum Int {
    Bool,
    Char,
    SChar,
    UChar,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    LongLong,
    ULongLong,
    Int128,
    UInt128,
}

/// The floating types of the language and the compilers' extensions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each name is the C type of that name")]
pub enum Float {
    /// `_Float16`
    Float16,
    /// `__bf16`
    BFloat16,
    Float,
    Double,
    LongDouble,
    /// `__float128`, `_Float128`
    Float128,
}

/// How many elements an array has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Length {
    /// `T a[N]`
    Constant(u64),
    /// `T a[]`
    Incomplete,
    /// `T a[n]` with `n` not constant.
    Variable,
}

/// Which calling convention a function type has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Convention {
    /// The System V x86-64 ABI, the default on Linux.
    SysV,
    /// `__attribute__((ms_abi))`
    Microsoft,
    /// Any other one, such as `regcall` or `vectorcall`.
    Other,
}

/// A function type.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Function {
    /// The result, qualifiers dropped.
    pub result: TypeId,
    /// The adjusted parameter types, qualifiers dropped. Empty if not [`Function::prototyped`].
    pub parameters: Vec<TypeId>,
    /// Whether the parameter list ends in `...`.
    pub variadic: bool,
    /// `false` for `T f()` before C23: nothing is known about the parameters.
    pub prototyped: bool,
    /// The calling convention.
    pub convention: Convention,
}

/// An unqualified canonical C type.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Type {
    /// `void`
    Void,
    /// An integer type other than an enumeration.
    Int(Int),
    /// `_BitInt(bits)`
    BitInt {
        /// Width, the sign bit included.
        bits: u32,
        /// Whether it is signed.
        signed: bool,
    },
    /// A real floating type.
    Float(Float),
    /// `_Complex` of a floating or (GNU) integer type.
    Complex(TypeId),
    /// A pointer.
    Pointer(QualType),
    /// An array.
    Array(QualType, Length),
    /// `__attribute__((vector_size))` or `ext_vector_type`.
    Vector {
        /// Element type.
        element: TypeId,
        /// Number of elements.
        lanes: u32,
    },
    /// `_Atomic(T)`
    Atomic(QualType),
    /// A function type.
    Function(Function),
    /// A struct or union.
    Record(RecordId),
    /// An enumeration.
    Enum(EnumId),
}

/// How a struct, union or enumeration is named.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Name {
    /// By its tag.
    Tag(String),
    /// It has no tag, but a typedef declares it: `typedef struct { … } name;`.
    Typedef(String),
    /// It has no name at all. The text tells it from every other such type of the program.
    Anonymous(String),
}

/// Where a named type is declared.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Scope {
    /// At file scope, or in a prototype or record, where C puts tags in the enclosing file scope.
    File,
    /// Inside the body of this function.
    Function {
        /// Name of the function.
        name: String,
        /// Whether that function is `static`.
        is_static: bool,
    },
}

/// Whether a record is a struct or a union.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each name is the C keyword")]
pub enum RecordKind {
    Struct,
    Union,
}

/// A member of a struct or union.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Field {
    /// Name; `None` for unnamed bit-fields and anonymous structs and unions.
    pub name: Option<String>,
    /// Type as declared.
    pub ty: QualType,
    /// Offset from the start of the record, in bits.
    pub offset_bits: u64,
    /// Width in bits if it is a bit-field.
    pub bit_width: Option<u32>,
}

/// A struct or union.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Struct or union.
    pub kind: RecordKind,
    /// Name.
    pub name: Name,
    /// Where it is declared.
    pub scope: Scope,
    /// Size, alignment and members; `None` while only declared.
    pub definition: Option<RecordDefinition>,
}

/// Layout and members of a complete struct or union.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RecordDefinition {
    /// Size in bytes; 0 for the GNU empty struct.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// Members in order of declaration.
    pub fields: Vec<Field>,
    /// GNU `__attribute__((transparent_union))`: passed like its first member.
    pub transparent_union: bool,
}

/// An enumeration.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Enum {
    /// Name.
    pub name: Name,
    /// Where it is declared.
    pub scope: Scope,
    /// The compatible integer type; `None` while only declared.
    pub underlying: Option<Int>,
}
