//! Laying out structs and unions as gcc and clang do on x86-64. The C text asserts each result.

use ctype::{
    Field, Length, Name, Record, RecordDefinition, RecordKind, Scope, Type, TypeId, Types,
};

/// A member to be placed.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name; `None` for an unnamed bit-field.
    pub name: Option<String>,
    /// Its type.
    pub ty: TypeId,
    /// Its width, if it is a bit-field.
    pub bit_width: Option<u32>,
}

/// What attributes a record has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Attributes {
    /// `packed`; then it has no bit-fields.
    pub packed: bool,
    /// `aligned(n)`.
    pub align: Option<u64>,
}

/// Adds a record with this tag to the table.
pub fn add(
    types: &mut Types,
    tag: &str,
    kind: RecordKind,
    members: &[Member],
    attributes: Attributes,
) -> TypeId {
    let definition = place(types, kind, members, attributes);
    let name = Name::Tag(tag.to_owned());
    let (_, ty) =
        types.add_record(Record { kind, name, scope: Scope::File, definition: Some(definition) });
    ty
}

fn place(
    types: &Types,
    kind: RecordKind,
    members: &[Member],
    attributes: Attributes,
) -> RecordDefinition {
    let mut fields = Vec::new();
    // The next free bit, and the end of the longest member of a union.
    let (mut next, mut end, mut align) = (0u64, 0u64, attributes.align.unwrap_or(1));
    for member in members {
        if kind == RecordKind::Union {
            next = 0;
        }
        let own_align = if attributes.packed { 1 } else { align_of(types, member.ty) };
        let unit = 8 * size_of(types, member.ty);
        let offset_bits = match member.bit_width {
            // A bit-field does not cross a boundary of its type (psABI, section 3.1.2).
            Some(0) => next.next_multiple_of(unit),
            Some(width) if next / unit == (next + u64::from(width) - 1) / unit => next,
            Some(_) => next.next_multiple_of(unit),
            None => next.next_multiple_of(8 * own_align),
        };
        // Unnamed bit-fields do not align their record.
        if member.bit_width.is_none() || member.name.is_some() {
            align = align.max(own_align);
        }
        next = offset_bits + member.bit_width.map_or(unit, u64::from);
        end = end.max(next);
        fields.push(Field {
            name: member.name.clone(),
            ty: member.ty.into(),
            offset_bits,
            bit_width: member.bit_width,
        });
    }
    let size = end.div_ceil(8).next_multiple_of(align);
    RecordDefinition { size, align, fields, transparent_union: false }
}

/// Size of a complete type; a flexible array has none.
pub fn size_of(types: &Types, ty: TypeId) -> u64 {
    match types.get(ty) {
        Type::Array(_, Length::Incomplete) => 0,
        _ => types.size_of(ty).expect("only complete types are made"),
    }
}

fn align_of(types: &Types, ty: TypeId) -> u64 {
    match types.get(ty) {
        Type::Array(element, _) => align_of(types, element.ty),
        _ => types.align_of(ty).expect("only complete types are made"),
    }
}
