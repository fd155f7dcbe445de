//! Size and alignment on x86-64 (psABI 1.0, section 3.1.2).

use crate::{Float, Int, Length, Type, TypeId, Types};

impl Int {
    /// Size in bytes, which is also the alignment.
    pub fn size(self) -> u64 {
        match self {
            Int::Bool | Int::Char | Int::SChar | Int::UChar => 1,
            Int::Short | Int::UShort => 2,
            Int::Int | Int::UInt => 4,
            Int::Long | Int::ULong | Int::LongLong | Int::ULongLong => 8,
            Int::Int128 | Int::UInt128 => 16,
        }
    }

    /// Whether values of this type carry a sign.
    pub fn is_signed(self) -> bool {
        match self {
            Int::Char
            | Int::SChar
            | Int::Short
            | Int::Int
            | Int::Long
            | Int::LongLong
            | Int::Int128 => true,
            Int::Bool
            | Int::UChar
            | Int::UShort
            | Int::UInt
            | Int::ULong
            | Int::ULongLong
            | Int::UInt128 => false,
        }
    }
}

impl Float {
    /// Size in bytes, which is also the alignment. `long double` keeps 10 bytes of value in 16.
    pub fn size(self) -> u64 {
        match self {
            Float::Float16 | Float::BFloat16 => 2,
            Float::Float => 4,
            Float::Double => 8,
            Float::LongDouble | Float::Float128 => 16,
        }
    }
}

/// Size of a `_BitInt`: up to 64 bits the next power of two bytes, above that whole eightbytes.
fn bit_int_size(bits: u32) -> u64 {
    match u64::from(bits).div_ceil(8) {
        bytes @ 0..=8 => bytes.next_power_of_two(),
        bytes => bytes.next_multiple_of(8),
    }
}

impl Types {
    /// Size in bytes, or `None` for an incomplete, function or variably-sized type.
    pub fn size_of(&self, id: TypeId) -> Option<u64> {
        match self.get(id) {
            Type::Void | Type::Function(_) => None,
            Type::Int(int) => Some(int.size()),
            Type::BitInt { bits, .. } => Some(bit_int_size(*bits)),
            Type::Float(float) => Some(float.size()),
            Type::Complex(element) => Some(2 * self.size_of(*element)?),
            Type::Pointer(_) => Some(8),
            Type::Array(element, Length::Constant(n)) => self.size_of(element.ty)?.checked_mul(*n),
            Type::Array(_, Length::Incomplete | Length::Variable) => None,
            Type::Vector { element, lanes } => {
                Some((self.size_of(*element)? * u64::from(*lanes)).next_power_of_two())
            }
            // An _Atomic object may be padded to a size the CPU can access at once.
            Type::Atomic(value) => match self.size_of(value.ty)? {
                size @ 1..=16 => Some(size.next_power_of_two()),
                size => Some(size),
            },
            Type::Record(record) => Some(self.record(*record).definition.as_ref()?.size),
            Type::Enum(decl) => Some(self.enumeration(*decl).underlying?.size()),
        }
    }

    /// Alignment in bytes, or `None` for an incomplete or function type.
    pub fn align_of(&self, id: TypeId) -> Option<u64> {
        match self.get(id) {
            Type::Void | Type::Function(_) => None,
            Type::Array(element, _) => self.align_of(element.ty),
            Type::Complex(element) => self.align_of(*element),
            Type::BitInt { bits, .. } => Some(bit_int_size(*bits).min(8)),
            Type::Record(record) => Some(self.record(*record).definition.as_ref()?.align),
            Type::Atomic(value) => match self.size_of(id)? {
                size @ 1..=16 => Some(size),
                _ => self.align_of(value.ty),
            },
            Type::Int(_)
            | Type::Float(_)
            | Type::Pointer(_)
            | Type::Vector { .. }
            | Type::Enum(_) => self.size_of(id),
        }
    }
}
