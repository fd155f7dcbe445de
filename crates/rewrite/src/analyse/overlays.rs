//! Function pointers of different types in one place of memory.
//!
//! C has no inheritance, so programs write it: structures begin alike, and what takes any of them casts to
//! the one that is nothing but that beginning. A callback that is stored through the one type is then
//! called through the other, without a cast of its own.

use std::collections::BTreeMap;

use clang::{Cursor, Kind, Type, TypeKind, UnaryOperator};

use super::Analysis;
use super::shapes::strip;

/// Functions that copy what their first two arguments lead to.
const COPIES: [&str; 4] = ["memcpy", "memmove", "__builtin_memcpy", "__builtin_memmove"];

impl<'u> Analysis<'u> {
    /// `(struct a *)p`, where `p` is a `struct b *`, possibly by way of `void *`: function pointers at
    /// the same place of both are converted to each other.
    pub(super) fn note_overlaid_records(&mut self, ty: Type<'u>, operand: Cursor<'u>) {
        let Some(to) = pointed_record(ty) else { return };
        let Some(from) = pointed_record(without_void(operand).ty()) else { return };
        if to == from || !self.overlaid.insert((to, from)) {
            return;
        }
        let (mut first, mut second) = (BTreeMap::new(), BTreeMap::new());
        function_pointers(to.ty(), 0, &mut first);
        if first.is_empty() {
            return;
        }
        function_pointers(from.ty(), 0, &mut second);
        for (offset, ty) in first {
            if let Some(&other) = second.get(&offset) {
                self.note_overlaid(ty, other);
            }
        }
    }

    /// `memcpy(&p, &q, n)` with pointers of different types.
    pub(super) fn note_copied_pointers(&mut self, function: Cursor<'u>, arguments: &[Cursor<'u>]) {
        let [to, from, ..] = *arguments else { return };
        let (Some(to), Some(from)) = (addressed(to), addressed(from)) else { return };
        let is_pointer = |ty: Type<'_>| ty.is_function_pointer();
        if is_pointer(to) && is_pointer(from) && COPIES.contains(&function.name().as_str()) {
            self.note_overlaid(to, from);
        }
    }

    fn note_overlaid(&mut self, a: Type<'u>, b: Type<'u>) {
        if let (Some(a), Some(b)) = (self.pointer(a), self.pointer(b)) {
            self.note_conversion(a, b);
            self.note_conversion(b, a);
        }
    }
}

/// The declaration of the record that a pointer leads to.
fn pointed_record(ty: Type<'_>) -> Option<Cursor<'_>> {
    let ty = ty.desugared();
    if ty.kind() != TypeKind::Pointer {
        return None;
    }
    let pointee = ty.pointee().desugared();
    if pointee.kind() != TypeKind::Record {
        return None;
    }
    pointee.declaration()?.definition()
}

/// The expression without casts to `void *` around it.
fn without_void(cursor: Cursor<'_>) -> Cursor<'_> {
    let mut core = strip(cursor);
    while core.kind() == Kind::CStyleCast
        && core.ty().desugared().pointee().kind() == TypeKind::Void
    {
        let Some(&operand) = core.children().last() else { break };
        core = strip(operand);
    }
    core
}

/// The type of `e` in `&e`, whatever that is cast to.
fn addressed(cursor: Cursor<'_>) -> Option<Type<'_>> {
    let mut core = strip(cursor);
    while core.kind() == Kind::CStyleCast {
        core = strip(*core.children().last()?);
    }
    let is_address =
        core.kind() == Kind::Unary && core.unary_operator() == UnaryOperator::AddressOf;
    is_address.then(|| core.children().first().map(|operand| operand.ty())).flatten()
}

/// The function pointers in a record and in records that are members of it, by their place in bits.
fn function_pointers<'u>(record: Type<'u>, start: u64, found: &mut BTreeMap<u64, Type<'u>>) {
    for field in record.fields() {
        let Some(offset) = field.field_offset() else { continue };
        let ty = field.ty();
        if ty.is_function_pointer() {
            found.entry(start + offset).or_insert(ty);
        } else if ty.desugared().kind() == TypeKind::Record {
            function_pointers(ty, start + offset, found);
        }
    }
}
