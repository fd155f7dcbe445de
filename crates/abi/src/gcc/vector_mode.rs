//! What gcc makes of a vector type. Its rules are written in terms of machine modes, and a vector
//! has one only if the instruction set does.

use ctype::{Float, Int, Length, Type, TypeId};

use super::Gcc;
use crate::Compiler;
use crate::supported::{definition, size_of};

/// How gcc represents a vector type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum VectorMode {
    /// Like an integer of the same size.
    Integer,
    /// In the low half of a vector register.
    Half,
    /// In a whole vector register, of 16, 32 or 64 bytes.
    Whole,
    /// A single `__int128`, to which gcc gives one SSE eightbyte for 16 bytes.
    LoneInt128,
    /// No mode at all: memory.
    Block,
}

impl Gcc<'_> {
    /// The mode of a vector. `outermost` means that the vector itself is passed, not a struct
    /// around it: then gcc also takes modes whose instructions are missing.
    pub(super) fn vector_mode(
        &self,
        element: TypeId,
        lanes: u32,
        size: u64,
        outermost: bool,
    ) -> VectorMode {
        let element = self.types.get(element);
        let is_float = matches!(element, Type::Float(_));
        let is_half = matches!(element, Type::Float(Float::Float16 | Float::BFloat16));
        let is_wide =
            matches!(element, Type::Int(Int::Int128 | Int::UInt128) | Type::Float(Float::Float128));
        match (size, lanes) {
            (_, 1) if is_float => VectorMode::Block,
            (8, 1) => VectorMode::Half,
            (16, 1) => VectorMode::LoneInt128,
            (..=8, 1) => VectorMode::Integer,
            (_, 2..) if is_half && !self.has_half_vectors(size, outermost) => VectorMode::Block,
            (..=4, 2..) if is_half => VectorMode::Half,
            (..=4, 2..) => VectorMode::Integer,
            (8, 2..) => VectorMode::Half,
            (16 | 32 | 64, 2..) if !is_wide && size <= self.vectors.bytes() => VectorMode::Whole,
            _ => VectorMode::Block,
        }
    }

    /// Vectors of `_Float16` became ordinary modes in gcc 13; before, only AVX512-FP16 has them.
    fn has_half_vectors(&self, size: u64, outermost: bool) -> bool {
        match self.compiler {
            Compiler::Gcc(13..) => true,
            _ => outermost && size >= 8,
        }
    }

    /// Whether gcc's mode for the type is a vector of 32 or 64 bytes. Such a value goes to the
    /// stack if it has no parameter of its own. A struct has the mode of the one member that fills
    /// it, a union never has.
    pub(super) fn has_wide_mode(&self, ty: TypeId) -> bool {
        self.wide_mode(ty, true)
    }

    fn wide_mode(&self, ty: TypeId, outermost: bool) -> bool {
        let size = size_of(self.types, ty);
        match self.types.get(ty) {
            Type::Vector { element, lanes } => {
                size > 16
                    && self.vector_mode(*element, *lanes, size, outermost) == VectorMode::Whole
            }
            Type::Array(element, Length::Constant(1)) => self.wide_mode(element.ty, false),
            Type::Atomic(value) => self.wide_mode(value.ty, outermost),
            Type::Record(record) if !self.is_union(*record) => {
                let fields = definition(self.types, *record).map_or(&[][..], |def| &def.fields);
                let flexible = fields.iter().any(|field| {
                    matches!(self.types.get(field.ty.ty), Type::Array(_, Length::Incomplete))
                });
                let mut filling =
                    fields.iter().filter(|field| size_of(self.types, field.ty.ty) == size);
                !flexible
                    && size > 16
                    && filling.next().is_some_and(|field| self.wide_mode(field.ty.ty, false))
            }
            _ => false,
        }
    }
}
