//! `(T)e` with a function-pointer type T.

use clang::{Cursor, Kind, Type, TypeKind};

use super::Analysis;
use super::changes::Wrap;
use super::extent::{Level, Via};
use super::flavour::Flavour;
use super::shapes::{function_of, is_null, strip};
use super::values::Want;
use crate::facts::{Edit, Order, PointerIndex, Taken, When};
use crate::token::behind_closing;

impl<'u> Analysis<'u> {
    /// Walks a cast to a function-pointer type.
    pub(crate) fn cast(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        if self.own_cast(cursor, pointer) {
            return;
        }
        let Some(&operand) = cursor.children().last() else { return };
        if matches!(want, Want::Address | Want::Identity | Want::Nothing)
            && self.flavour_of_type(cursor.ty()) == Flavour::Opaque
            && self.cast_to_address(cursor, operand, pointer, want)
        {
            return;
        }
        self.type_name_behind(cursor, cursor.ty());
        let is_plain = self.flavour_of_type(cursor.ty()) == Flavour::Plain;
        let opaque = When::Opaque(pointer);
        let around =
            |before: &str, after: &str| Wrap::new(format!("{{{before}"), format!("{after}}}"));
        self.depth += 1;
        let entered = self.enter(operand);
        if let Some(designator) = function_of(operand) {
            self.cast_function(operand, designator, pointer, is_plain);
        } else if is_null(operand) {
            if !is_plain {
                self.wrap(operand, Wrap::braces(), opaque.clone());
            }
        } else if let Some(other) = self.pointer_of(operand) {
            self.note_conversion(other, pointer);
            self.note_cast_risk(operand, other, pointer);
            // What returns functions by name returns them as functions of some type.
            if strip(operand).kind() == Kind::Call {
                self.note_raw(pointer, cursor);
            }
            let was_opaque = self.flavour_of_value(strip(operand)) == Flavour::Opaque;
            self.value(operand, if was_opaque { Want::Value } else { Want::Plain });
            let other = if was_opaque { When::Opaque(other) } else { When::Any(Vec::new()) };
            let not = |when: &When| When::Not(Box::new(when.clone()));
            if is_plain {
                self.wrap(operand, Wrap::call("IA2_ADDR"), other);
            } else {
                let both = When::All(vec![opaque.clone(), other.clone()]);
                self.wrap(operand, around("IA2_ADDR(", ")"), both);
                let only_new = When::All(vec![opaque.clone(), not(&other)]);
                let new = if was_opaque {
                    around("(void *)(", ")")
                } else {
                    self.note_returned(pointer, cursor);
                    let name = self.name_of(pointer);
                    around(&format!("(void *)IA2_STUB({name}, "), ")")
                };
                self.wrap(operand, new, only_new);
                let only_old = When::All(vec![not(&opaque), other]);
                self.wrap(operand, Wrap::call("IA2_ADDR"), only_old);
            }
        } else {
            self.note_raw(pointer, cursor);
            self.value(operand, Want::Nothing);
            if !is_plain {
                self.wrap(operand, around("(void *)(", ")"), opaque.clone());
            }
        }
        self.leave(entered);
        self.depth -= 1;
        self.convert_value(cursor, pointer, want);
    }

    /// `(void **)&f`: through it, the pointer `f` is given any address.
    pub(crate) fn note_raw_access(&mut self, ty: Type<'u>, operand: Cursor<'u>) {
        if ty.desugared().pointee().desugared().pointee().desugared().kind() != TypeKind::Void {
            return;
        }
        let pointed = operand.ty().desugared().pointee();
        if let Some(pointer) = self.pointer(pointed) {
            self.note_raw(pointer, operand);
        }
    }

    /// Notes that a pointer is made of an address that may be that of any function.
    pub(crate) fn note_raw(&mut self, pointer: PointerIndex, cursor: Cursor<'u>) {
        if self.pointers[pointer.0 as usize].raw.is_none() {
            let span = self.span_of(cursor);
            self.pointers[pointer.0 as usize].raw = span;
        }
    }

    /// A cast of which only the address matters: `p == (T)-1` becomes `… == (void *)-1`. Returns
    /// whether that is what was done: not in macros, where the same text may be needed as a value, but
    /// for a macro that is a function's name.
    fn cast_to_address(
        &mut self,
        cursor: Cursor<'u>,
        operand: Cursor<'u>,
        pointer: PointerIndex,
        want: Want,
    ) -> bool {
        let is_text = |cursor| {
            self.extent(cursor)
                .ok()
                .filter(|extent| extent.via == Via::Text && extent.level == Level::Written)
        };
        let Some(extent) = is_text(cursor) else { return false };
        if function_of(operand).is_none() && is_text(operand).is_none() {
            return false;
        }
        let file = self.files.get(extent.file);
        let tokens = file.tokens();
        let open = file.token_at(extent.range.start);
        let Some(behind) = behind_closing(tokens, open) else { return false };
        let name = tokens[open].range.end..tokens[behind - 1].range.start;
        let span = self.files.span(extent.file, name);
        let (text, when) = ("void *".to_owned(), When::Opaque(pointer));
        self.edit_at(&extent, vec![Edit { span, text, order: Order::Replace, when }]);
        if let Some(other) = self.pointer_of(operand) {
            self.note_conversion(other, pointer);
        }
        // What the type itself becomes if it stays as it is.
        self.value(operand, if want == Want::Identity { want } else { Want::Address });
        true
    }

    /// `(T)f` with a function's name: a stub for T that leads to f.
    fn cast_function(
        &mut self,
        operand: Cursor<'u>,
        designator: Cursor<'u>,
        pointer: PointerIndex,
        is_plain: bool,
    ) {
        let Some(function) = designator.referenced() else { return };
        let Some(span) = self.span_of(operand) else { return };
        let own = self.pointer_to(function.ty().canonical()).unwrap_or(pointer);
        let is_cast = own != pointer;
        if is_cast {
            self.note_cast(own, pointer);
            self.note_cast_risk(operand, own, pointer);
        }
        let index = self.referred_to(function);
        self.functions[index].taken.push(Taken { pointer, is_cast, span });
        self.note_used(pointer, operand);
        if is_plain {
            return;
        }
        let address = self.function_address(function, pointer, is_cast);
        self.substitute(operand, format!("{{{address}}}"), When::Opaque(pointer));
    }

    /// Notes that a function of one type is used as a pointer of another type.
    pub(crate) fn note_cast(&mut self, own: PointerIndex, pointer: PointerIndex) {
        if own != pointer && !self.casts.contains(&(own, pointer)) {
            self.casts.push((own, pointer));
        }
    }

    /// Notes that values of one function-pointer type become values of another.
    pub(crate) fn note_conversion(&mut self, from: PointerIndex, to: PointerIndex) {
        if from != to && !self.conversions.contains(&(from, to)) {
            self.conversions.push((from, to));
        }
    }
}
