//! Which function-pointer types a value contains or leads to.

use std::collections::HashSet;
use std::rc::Rc;

use clang::{Cursor, FunctionType, Kind, Type, TypeKind};
use ctype::TypeId;
use diagnostics::Span;

use super::Analysis;
use super::shapes::strip;
use crate::facts::PointerIndex;

/// Functions of `ia2_allocator.h` that give memory which every compartment may touch.
const SHARED_ALLOCATORS: [&str; 5] =
    ["shared_malloc", "shared_calloc", "shared_realloc", "shared_memalign", "shared_strdup"];

/// How far to look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Through {
    /// Into members and elements.
    Members,
    /// Also to what object pointers point to.
    Pointers,
}

impl<'u> Analysis<'u> {
    /// Notes the function-pointer types in an expression whose type is a structure or an array.
    pub(super) fn note_contained(&mut self, cursor: Cursor<'u>) {
        // A pointer to function pointers is as good as an array of them.
        if cursor.function_type() != FunctionType::Container {
            return;
        }
        let ty = cursor.ty().canonical();
        // What the system declares keeps plain pointers in any case.
        let is_system = ty.kind() == TypeKind::Record
            && ty.declaration().is_some_and(|record| !self.is_ours(record));
        if is_system {
            return;
        }
        let Some(id) = self.convert(ty) else { return };
        let known = self.contained.get(&id).cloned();
        let contained = known.unwrap_or_else(|| {
            let mut found = Vec::new();
            self.collect(id, Through::Members, &mut HashSet::new(), &mut found);
            let found: Rc<[PointerIndex]> = found.into();
            self.contained.insert(id, Rc::clone(&found));
            found
        });
        for &pointer in contained.iter() {
            self.note_used(pointer, cursor);
        }
    }

    /// Notes the function-pointer types that shared data of this type leads to.
    pub(super) fn note_shared(&mut self, ty: Type<'u>, span: &Span) {
        let Some(id) = self.convert(ty) else { return };
        let mut found = Vec::new();
        self.collect(id, Through::Pointers, &mut HashSet::new(), &mut found);
        for pointer in found {
            self.pointers[pointer.0 as usize].shared.get_or_insert_with(|| span.clone());
        }
    }

    /// Notes what memory leads to that is allocated for a pointer of this type, if it is shared.
    pub(super) fn note_shared_memory(&mut self, ty: Type<'u>, value: Cursor<'u>) {
        let mut value = strip(value);
        while value.kind() == Kind::CStyleCast {
            match value.children().pop() {
                Some(operand) => value = strip(operand),
                None => return,
            }
        }
        if value.kind() != Kind::Call || !SHARED_ALLOCATORS.contains(&value.name().as_str()) {
            return;
        }
        let ty = ty.canonical();
        if ty.kind() == TypeKind::Pointer
            && let Some(span) = self.span_of(value)
        {
            self.note_shared(ty.pointee(), &span);
        }
    }

    /// Notes that a function pointer is handed to the system, which may keep it.
    pub(super) fn note_kept(&mut self, pointer: PointerIndex, cursor: Cursor<'u>) {
        if let Some(span) = self.span_of(cursor) {
            self.pointers[pointer.0 as usize].kept.get_or_insert(span);
        }
    }

    /// Notes that the system hands a function pointer back.
    pub(super) fn note_returned(&mut self, pointer: PointerIndex, cursor: Cursor<'u>) {
        if let Some(span) = self.span_of(cursor) {
            self.pointers[pointer.0 as usize].returned.get_or_insert(span);
        }
    }

    fn collect(
        &mut self,
        id: TypeId,
        through: Through,
        seen: &mut HashSet<TypeId>,
        found: &mut Vec<PointerIndex>,
    ) {
        if !seen.insert(id) {
            return;
        }
        let types = self.converter.types();
        if types.pointed_function(id).is_some() {
            let pointer = self.pointer_with_id(id);
            found.push(pointer);
            return;
        }
        let next: Vec<TypeId> = match types.get(id) {
            ctype::Type::Array(element, _) => vec![element.ty],
            ctype::Type::Atomic(value) => vec![value.ty],
            ctype::Type::Record(record) => types
                .record(*record)
                .definition
                .iter()
                .flat_map(|definition| definition.fields.iter().map(|field| field.ty.ty))
                .collect(),
            ctype::Type::Pointer(to) => {
                let is_object = matches!(types.get(to.ty), ctype::Type::Record(_));
                let is_followed = through == Through::Pointers || !is_object;
                if is_followed { vec![to.ty] } else { Vec::new() }
            }
            _ => Vec::new(),
        };
        for next in next {
            self.collect(next, through, seen, found);
        }
    }
}
