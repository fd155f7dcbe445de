//! How clang's front end hands arguments and results to LLVM.
//!
//! The front end counts free registers itself, so that it can pass a struct either wholly in
//! registers or wholly on the stack. Types it takes for scalars it hands over as they are; LLVM
//! then finds places for them without the front end's knowledge.

use ctype::{Float, Int, RecordKind, Type, TypeId};

use super::classify::{Classifier, Naming, Pair};
use crate::class::Class;
use crate::supported::{align_of, definition, size_of};

/// A value as LLVM sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Lowered {
    /// Nothing is passed.
    Ignored,
    /// As these scalars.
    Scalars(Vec<Scalar>),
    /// As a copy on the stack (`byval`), or in the caller's memory for a result (`sret`).
    Memory {
        /// Alignment of the copy.
        align: u64,
    },
}

/// A scalar of LLVM's, with the offset of its bytes in the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Scalar {
    pub(super) offset: u64,
    pub(super) kind: Kind,
}

/// Types LLVM tells apart when it assigns places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// An integer of at most 64 bits.
    Integer,
    /// `i128`.
    Integer128,
    /// A floating number of at most 8 bytes.
    Float,
    /// Two or four small floating numbers of together at most 8 bytes: `<2 x float>`.
    SmallVector,
    /// `fp128`.
    Float128,
    /// `x86_fp80`.
    X87,
    /// A vector of this many bytes, at least 16.
    Vector(u64),
    /// A vector of `i128`, this many bytes long.
    VectorOfInteger128(u64),
}

/// How many registers an argument needs if it is not to go to memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Needs {
    pub(super) general: usize,
    pub(super) vector: usize,
}

impl Classifier<'_> {
    /// How an argument is passed while there are registers, and how many it needs.
    pub(super) fn lower_argument(&self, ty: TypeId, naming: Naming) -> (Lowered, Needs) {
        let pair = self.classify(ty, 0, naming);
        if matches!(pair.low, Class::Memory | Class::X87 | Class::ComplexX87) {
            return (self.without_registers(ty), Needs::default());
        }
        let count = |class| [pair.low, pair.high].into_iter().filter(|&c| c == class).count();
        let needs = Needs { general: count(Class::Integer), vector: count(Class::Sse) };
        (self.in_registers(ty, pair), needs)
    }

    /// How an argument is passed for which the front end sees no registers.
    pub(super) fn without_registers(&self, ty: TypeId) -> Lowered {
        if self.is_aggregate(ty) || self.is_illegal_vector(ty) || self.is_bit_int(ty) {
            Lowered::Memory { align: align_of(self.types, ty).max(8) }
        } else {
            Lowered::Scalars(self.natural(ty))
        }
    }

    /// How a result is returned, as far as the front end decides it.
    pub(super) fn lower_result(&self, ty: TypeId) -> Lowered {
        let pair = self.classify(ty, 0, Naming::Named);
        match pair.low {
            Class::Memory if self.is_aggregate(ty) || self.is_bit_int(ty) => {
                Lowered::Memory { align: align_of(self.types, ty) }
            }
            Class::Memory => Lowered::Scalars(self.natural(ty)),
            Class::X87 => Lowered::Scalars(vec![Scalar { offset: 0, kind: Kind::X87 }]),
            Class::ComplexX87 => {
                let second = size_of(self.types, ty) / 2;
                let part = |offset| Scalar { offset, kind: Kind::X87 };
                Lowered::Scalars(vec![part(0), part(second)])
            }
            _ => self.in_registers(ty, pair),
        }
    }

    fn in_registers(&self, ty: TypeId, pair: Pair) -> Lowered {
        if pair.high == Class::SseUp {
            let kind = match self.types.get(ty) {
                Type::Float(Float::Float128) => Kind::Float128,
                _ => Kind::Vector(size_of(self.types, ty)),
            };
            return Lowered::Scalars(vec![Scalar { offset: 0, kind }]);
        }
        let mut scalars = Vec::new();
        for (offset, class) in [(0, pair.low), (8, pair.high)] {
            let kind = match class {
                Class::Integer => Kind::Integer,
                // For clang these eight bytes begin an `fp128`, which is no half of a pair; what it
                // does not expect there becomes an integer.
                Class::Sse if offset == 0 && pair.high != Class::No && self.is_float128(ty) => {
                    Kind::Integer
                }
                Class::Sse => self.sse_kind(ty, offset),
                _ => continue,
            };
            scalars.push(Scalar { offset, kind });
        }
        if scalars.is_empty() { Lowered::Ignored } else { Lowered::Scalars(scalars) }
    }

    /// Whether LLVM's type for this one begins with `fp128`. For a union that is the type of the member
    /// with the largest alignment; of several the largest, and of those the first.
    fn is_float128(&self, ty: TypeId) -> bool {
        let begins = match self.types.get(ty) {
            Type::Float(float) => return *float == Float::Float128,
            Type::Array(element, _) => Some(element.ty),
            Type::Record(record) => {
                let fields = definition(self.types, *record).map_or(&[][..], |it| &it.fields);
                let members = fields.iter().filter(|field| field.bit_width.is_none());
                let mut members = members.map(|field| (field.offset_bits, field.ty.ty));
                match self.types.record(*record).kind {
                    RecordKind::Union => members.map(|(_, ty)| ty).reduce(|best, ty| {
                        let rank = |ty| (align_of(self.types, ty), size_of(self.types, ty));
                        if rank(ty) > rank(best) { ty } else { best }
                    }),
                    RecordKind::Struct => members
                        .find(|&(offset, ty)| offset == 0 && size_of(self.types, ty) > 0)
                        .map(|(_, ty)| ty),
                }
            }
            _ => None,
        };
        begins.is_some_and(|ty| self.is_float128(ty))
    }

    /// Whether the SSE eightbyte at `offset` is one number or a small vector of several.
    fn sse_kind(&self, ty: TypeId, offset: u64) -> Kind {
        match self.float_at(ty, offset) {
            Some(size) if size < 8 => {
                let rest = size_of(self.types, ty) - offset;
                let next = |at| at < rest && self.float_at(ty, offset + at).is_some();
                if next(size) || next(4) { Kind::SmallVector } else { Kind::Float }
            }
            _ => Kind::Float,
        }
    }

    /// Size of the floating member that starts at byte `offset`.
    fn float_at(&self, ty: TypeId, offset: u64) -> Option<u64> {
        match self.types.get(ty) {
            Type::Float(float) => (offset == 0).then(|| float.size()),
            Type::Complex(element) => {
                self.float_at(*element, offset % size_of(self.types, *element))
            }
            Type::Array(element, _) => {
                let size = size_of(self.types, element.ty);
                if size == 0 { None } else { self.float_at(element.ty, offset % size) }
            }
            Type::Record(record) => {
                let fields = &definition(self.types, *record)?.fields;
                fields.iter().filter(|field| field.bit_width.is_none()).find_map(|field| {
                    let start = field.offset_bits / 8;
                    let end = start + size_of(self.types, field.ty.ty);
                    let inside = (start..end).contains(&offset);
                    inside.then(|| self.float_at(field.ty.ty, offset - start)).flatten()
                })
            }
            _ => None,
        }
    }

    /// The type as LLVM's own.
    fn natural(&self, ty: TypeId) -> Vec<Scalar> {
        let kind = match self.types.get(ty) {
            Type::Atomic(value) => return self.natural(value.ty),
            Type::Int(Int::Int128 | Int::UInt128) => Kind::Integer128,
            Type::Float(Float::LongDouble) => Kind::X87,
            Type::Float(Float::Float128) => Kind::Float128,
            Type::Float(_) => Kind::Float,
            Type::Vector { element, .. } => {
                let size = size_of(self.types, ty);
                match self.types.get(*element) {
                    Type::Int(Int::Int128 | Int::UInt128) => Kind::VectorOfInteger128(size),
                    // `<1 x double>` is the double.
                    _ if size <= 8 => Kind::Float,
                    _ => Kind::Vector(size),
                }
            }
            _ => Kind::Integer,
        };
        vec![Scalar { offset: 0, kind }]
    }

    /// What the front end copies as a block of memory rather than as a value.
    fn is_aggregate(&self, ty: TypeId) -> bool {
        match self.types.get(ty) {
            Type::Record(_) | Type::Array(..) | Type::Complex(_) => true,
            Type::Atomic(value) => self.is_aggregate(value.ty),
            _ => false,
        }
    }

    fn is_illegal_vector(&self, ty: TypeId) -> bool {
        let Type::Vector { element, .. } = self.types.get(ty) else { return false };
        let size = size_of(self.types, ty);
        let is_wide = matches!(self.types.get(*element), Type::Int(Int::Int128 | Int::UInt128));
        size <= 8 || size > self.widest || is_wide
    }

    fn is_bit_int(&self, ty: TypeId) -> bool {
        matches!(self.types.get(ty), Type::BitInt { .. })
    }
}

#[cfg(test)]
mod tests {
    use ctype::{
        Convention, Field, Float, Int, Length, Name, Record, RecordDefinition, RecordKind, Scope,
        Type, TypeId, Types,
    };

    use crate::{Compiler, Target, Vectors, signature};

    fn union_of(types: &mut Types, members: &[TypeId]) -> TypeId {
        let fields = members
            .iter()
            .map(|&ty| Field { name: None, ty: ty.into(), offset_bits: 0, bit_width: None })
            .collect();
        let definition = RecordDefinition { size: 16, align: 16, fields, transparent_union: false };
        let (_, ty) = types.add_record(Record {
            kind: RecordKind::Union,
            name: Name::Tag("u".to_owned()),
            scope: Scope::File,
            definition: Some(definition),
        });
        ty
    }

    /// `struct { first; second; }` of 8 bytes each.
    fn mixed(types: &mut Types, first: TypeId, second: TypeId) -> TypeId {
        let field = |ty: TypeId, offset_bits| Field {
            name: None,
            ty: ty.into(),
            offset_bits,
            bit_width: None,
        };
        let fields = vec![field(first, 0), field(second, 64)];
        let definition = RecordDefinition { size: 16, align: 8, fields, transparent_union: false };
        let (_, ty) = types.add_record(Record {
            kind: RecordKind::Struct,
            name: Name::Tag("s".to_owned()),
            scope: Scope::File,
            definition: Some(definition),
        });
        ty
    }

    /// `union { __float128; float __attribute__((vector_size(8)))[2]; }`: clang 19 returns it in rax
    /// and xmm0, whichever member comes first; and in rax and rdx if the second half of the other
    /// member is an integer.
    #[test]
    fn half_of_a_float128_is_an_integer_to_clang() {
        let mut types = Types::default();
        let quad = types.intern(Type::Float(Float::Float128));
        let float = types.intern(Type::Float(Float::Float));
        let vector = types.intern(Type::Vector { element: float, lanes: 2 });
        let two = types.intern(Type::Array(vector.into(), Length::Constant(2)));
        let long = types.intern(Type::Int(Int::Long));
        let mixed = mixed(&mut types, vector, long);
        let target = |compiler| Target { compiler, vectors: Vectors::Sse };
        let as_two = ("rax xmm0[8..16]", "xmm0 xmm1[8..16]");
        let as_mixed = ("rax rdx[8..16]", "xmm0 rax[8..16]");
        for (members, (clang, gcc)) in [
            ([quad, two], as_two),
            ([two, quad], as_two),
            ([quad, mixed], as_mixed),
            ([mixed, quad], as_mixed),
        ] {
            let union = union_of(&mut types, &members);
            let function = ctype::Function {
                result: union,
                parameters: Vec::new(),
                variadic: false,
                prototyped: true,
                convention: Convention::SysV,
            };
            let result = |compiler| {
                signature(&types, &function, target(compiler), &[]).expect("supported").to_string()
            };
            assert_eq!(result(Compiler::Clang(19)), format!("() -> {clang}"));
            assert_eq!(result(Compiler::Gcc(12)), format!("() -> {gcc}"));
        }
    }
}
