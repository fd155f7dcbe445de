//! Which bytes of an object carry its value and which are padding.
//!
//! Padding holds whatever was in that memory before. A gate that copies a struct byte by byte would
//! hand this to the other compartment.

use ctype::{Field, Float, Length, Type, TypeId, Types};

use crate::ByteRanges;
use crate::supported::{definition, size_of};

/// The bytes of an object of type `ty` that carry its value; the others are padding.
///
/// Bits of a bit-field count as whole bytes. A byte of a union carries a value if it does so for
/// any member. An array of unknown length at the end of a struct counts as padding, as it does for
/// an assignment (C17 6.7.2.1 paragraph 18). An incomplete type has no bytes.
pub fn value_bytes(types: &Types, ty: TypeId) -> ByteRanges {
    match types.get(ty) {
        Type::Void | Type::Function(_) => ByteRanges::EMPTY,
        Type::Int(_) | Type::Pointer(_) | Type::Enum(_) => (0..size_of(types, ty)).into(),
        Type::BitInt { bits, .. } => (0..u64::from(*bits).div_ceil(8)).into(),
        // The x87 format has 80 bits.
        Type::Float(Float::LongDouble) => (0..10).into(),
        Type::Float(float) => (0..float.size()).into(),
        Type::Complex(element) => repeated(types, *element, 2),
        Type::Vector { element, lanes } => repeated(types, *element, u64::from(*lanes)),
        Type::Array(element, Length::Constant(length)) => repeated(types, element.ty, *length),
        Type::Array(_, Length::Incomplete | Length::Variable) => ByteRanges::EMPTY,
        Type::Atomic(value) => value_bytes(types, value.ty),
        Type::Record(record) => {
            let fields = definition(types, *record).map_or(&[][..], |record| &record.fields);
            let mut bytes = ByteRanges::EMPTY;
            for field in fields {
                insert_field(types, field, &mut bytes);
            }
            bytes
        }
    }
}

fn insert_field(types: &Types, field: &Field, bytes: &mut ByteRanges) {
    match (field.bit_width, &field.name) {
        (Some(width), Some(_)) if width > 0 => {
            let end = field.offset_bits + u64::from(width);
            bytes.insert(field.offset_bits / 8..end.div_ceil(8));
        }
        // Unnamed bit-fields are padding (C17 6.7.2.1 paragraph 12).
        (Some(_), _) => {}
        (None, _) => bytes.insert_all(&value_bytes(types, field.ty.ty), field.offset_bits / 8),
    }
}

fn repeated(types: &Types, element: TypeId, count: u64) -> ByteRanges {
    let size = size_of(types, element);
    let one = value_bytes(types, element);
    if one == ByteRanges::from(0..size) {
        return (0..size * count).into();
    }
    let mut bytes = ByteRanges::EMPTY;
    for index in 0..count {
        bytes.insert_all(&one, index * size);
    }
    bytes
}
