//! Braced lists (C17 6.7.9).

use clang::{Cursor, Kind, Type, TypeKind};

use super::Analysis;
use super::flavour::Flavour;
use super::values::Want;

impl<'u> Analysis<'u> {
    /// What stands behind the parentheses of a compound literal.
    pub(super) fn visit_initialiser(&mut self, child: Cursor<'u>) {
        if child.kind() == Kind::InitList {
            let flavour = self.flavour_of_type(child.ty());
            self.value(child, Want::initial(flavour));
        } else {
            self.visit(child);
        }
    }

    /// The elements of a braced list.
    pub(super) fn initialisers(&mut self, list: Cursor<'u>, children: &[Cursor<'u>]) {
        let ty = list.ty();
        let outer = self.flavour_of_elements(ty);
        let fields = self.fields_that_differ(ty);
        let mut position = 0;
        for &child in children {
            let parts = child.children();
            // A designated element is an unnamed expression of no type: designators, then the value.
            let is_designated = child.kind() == Kind::Unexposed
                && child.ty().kind() == TypeKind::Void
                && parts.len() > 1;
            if let Some((&value, designators)) = parts.split_last().filter(|_| is_designated) {
                let member =
                    designators.iter().rev().find(|part| part.kind() == Kind::MemberReference);
                let field = member.and_then(|member| member.referenced());
                let flavour = field.map_or(outer, |field| self.flavour_of_declaration(field));
                for &part in designators {
                    self.visit(part);
                }
                self.value(value, Want::initial(flavour));
                let first = designators.iter().find_map(|part| {
                    let field =
                        part.referenced().filter(|_| part.kind() == Kind::MemberReference)?;
                    fields.iter().position(|known| *known == field)
                });
                position = first.unwrap_or(position) + 1;
                continue;
            }
            let field = fields
                .get(position)
                .filter(|field| field.ty().canonical().kind() == child.ty().canonical().kind());
            let flavour = field.map_or(outer, |&field| self.flavour_of_declaration(field));
            self.value(child, Want::initial(flavour));
            position += 1;
        }
    }

    /// The fields of a structure of ours of which some hold plain pointers and others opaque ones.
    fn fields_that_differ(&self, ty: Type<'u>) -> Vec<Cursor<'u>> {
        let record = ty.canonical().declaration().and_then(clang::Cursor::definition);
        let Some(record) = record.filter(|record| record.kind() == Kind::Struct) else {
            return Vec::new();
        };
        if !self.is_ours(record) {
            return Vec::new();
        }
        let fields: Vec<Cursor<'u>> =
            record.children().into_iter().filter(|field| field.kind() == Kind::Field).collect();
        let is_plain = |field: &Cursor<'u>| {
            field.ty().is_function_pointer()
                && self.flavour_of_declaration(*field) == Flavour::Plain
        };
        if fields.iter().any(is_plain) { fields } else { Vec::new() }
    }

    /// The flavour of function pointers in an array, or in a structure of the system or of ours.
    fn flavour_of_elements(&self, ty: Type<'u>) -> Flavour {
        let canonical = ty.canonical();
        match canonical.kind() {
            TypeKind::Array => self.flavour_of_type(ty),
            TypeKind::Record => match canonical.declaration() {
                Some(record) if !self.is_ours(record) => Flavour::Plain,
                _ => Flavour::Opaque,
            },
            _ => Flavour::Opaque,
        }
    }
}
