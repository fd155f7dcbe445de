//! `_Generic` (C17 6.5.1.1): what it chooses from, and by which types.

use clang::{Cursor, Kind, Type, TypeKind};
use ctype::TypeId;

use super::Analysis;
use super::shapes::{function_of, strip};
use super::values::Want;
use crate::declarator::abstract_declarator;
use crate::facts::When;
use crate::token::behind_closing;

impl<'u> Analysis<'u> {
    /// A selection: the controlling expression, then the associations' expressions.
    pub(crate) fn generic(&mut self, cursor: Cursor<'u>, children: &[Cursor<'u>], want: Want) {
        let expressions: Vec<Cursor<'u>> =
            children.iter().copied().filter(|child| child.kind().is_expression()).collect();
        let Some((&control, arms)) = expressions.split_first() else { return };
        self.association_types(cursor, control);
        // It is not evaluated; only its type counts.
        self.value(control, Want::Value);
        for &arm in arms {
            self.chosen_value(arm, want);
        }
    }

    /// The functions that a selection chooses from, if it chooses from nothing else.
    pub(crate) fn generic_functions(&self, callee: Cursor<'u>) -> Option<Vec<Cursor<'u>>> {
        let selection = strip(callee);
        if selection.kind() != Kind::GenericSelection {
            return None;
        }
        let expressions = selection.children().into_iter().filter(|c| c.kind().is_expression());
        expressions.skip(1).map(|arm| function_of(arm)?.referenced()).collect()
    }

    /// Rewrites the type names of associations that spell a function-pointer type out.
    fn association_types(&mut self, cursor: Cursor<'u>, control: Cursor<'u>) {
        let extent = match self.body_or_text(cursor) {
            Ok(extent) => extent,
            Err(obstacle) => {
                // What the types are does not matter if none of them can be chosen.
                if let Some(pointer) = self.pointer_of(control) {
                    self.blocked(cursor, obstacle, When::Opaque(pointer));
                }
                return;
            }
        };
        let file = self.files.get(extent.file);
        let (text, tokens) = (file.text(), file.tokens());
        let open = file.token_at(extent.range.start) + 1;
        let Some(end) = behind_closing(tokens, open) else { return };
        let mut names = Vec::new();
        let mut index = open + 1;
        let mut starts_type = false;
        while index + 1 < end {
            if tokens[index].is(b',') {
                starts_type = true;
                index += 1;
            } else if starts_type {
                names.push(index);
                starts_type = false;
                index = abstract_declarator(text, tokens, index).range.end.max(index + 1);
            } else {
                let opens = [b'(', b'[', b'{'].into_iter().any(|open| tokens[index].is(open));
                index = match opens {
                    true => behind_closing(tokens, index).unwrap_or(end),
                    false => index + 1,
                };
            }
        }
        let control = self.type_of_value(control.ty());
        let what = "an association of `_Generic`";
        self.named_types(cursor, &extent, &names, control, what);
    }

    /// The type of an expression's value (C17 6.3.2.1), which is what counts.
    fn type_of_value(&mut self, ty: Type<'u>) -> Option<TypeId> {
        let ty = ty.canonical();
        match ty.kind() {
            TypeKind::Function => {
                let function = self.convert(ty)?;
                Some(self.converter.pointer_to(function))
            }
            TypeKind::Array => {
                let element = self.converter.qualified(ty.element()).ok()?;
                Some(self.converter.types_mut().intern(ctype::Type::Pointer(element)))
            }
            _ => self.convert(ty),
        }
    }
}
