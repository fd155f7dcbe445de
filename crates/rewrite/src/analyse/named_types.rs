//! Type names that libclang does not show: associations of `_Generic`, and operands that are types.
//!
//! What they spell out changes as it does in declarations. Two of them may be compared because they are
//! compatible, without being the same, or one with the type of an expression: once that is an opaque
//! pointer, or has one in it, the other must name the same type.

use std::ops::Range;
use std::rc::Rc;

use clang::Cursor;
use ctype::{QualType, Qualifiers, TypeId};
use diagnostics::{Diagnostic, codes};

use super::Analysis;
use super::cuts::{Site, cuts_at};
use super::extent::Extent;
use super::spelled::split_at_commas;
use crate::declarator::{
    Layer, LayerKind, abstract_declarator, parameter_declarator, specifiers_end,
};
use crate::facts::{Edit, Order, PointerIndex, When};
use crate::token::{Token, behind_closing};

/// A type with more function-pointer types in it is not spelled in all the ways it may become.
const MAX_POINTERS: usize = 4;

/// A type name is not understood.
struct Unknown;

impl<'u> Analysis<'u> {
    /// Rewrites type names that begin with these tokens of an expression and spell a function-pointer
    /// type out, or are compatible with another type that is given.
    pub(super) fn named_types(
        &mut self,
        cursor: Cursor<'u>,
        extent: &Extent,
        names: &[usize],
        other: Option<TypeId>,
        what: &str,
    ) {
        let entered = self.enter_at(extent);
        let mut is_unknown = false;
        for &name in names {
            is_unknown |= self.named_type(extent, name, other).is_err();
        }
        self.leave(entered);
        if is_unknown {
            let any = self.any_opaque();
            let diagnostic = Diagnostic::error(
                codes::UNSUPPORTED_EXPRESSION,
                format!("{what} spells a type out that may have become opaque"),
            )
            .help("name the function-pointer type with a typedef");
            self.problem_at(cursor, any, diagnostic);
        }
    }

    /// The type that is spelled from this token of an expression on.
    pub(super) fn spelled_at(&mut self, extent: &Extent, name: usize) -> Option<TypeId> {
        let file = self.files.get(extent.file);
        let (text, tokens) = (file.text(), file.tokens());
        let end = abstract_declarator(text, tokens, name).range.end.max(name + 1);
        Some(self.spelled_type(text, &tokens[name..end])?.ty)
    }

    fn named_type(
        &mut self,
        extent: &Extent,
        name: usize,
        other: Option<TypeId>,
    ) -> Result<(), Unknown> {
        let file = self.files.get(extent.file);
        let (text, tokens) = (file.text(), file.tokens());
        let declarator = abstract_declarator(text, tokens, name);
        let range = name..declarator.range.end.max(name + 1);
        let Some(spelled) = self.spelled_type(text, &tokens[range.clone()]) else {
            // `T *` may be a pointer to a function type of ours; whatever else T is, it stays.
            return if declarator.layers.len() > 1 { Err(Unknown) } else { Ok(()) };
        };
        let types = self.converter.types();
        let other = other.filter(|&other| {
            spelled.quals == Qualifiers::NONE && types.are_compatible(spelled.ty, other)
        });
        // A typedef of the system's stays, though what it is compared with does not.
        let is_name = declarator.layers.is_empty();
        let stays = is_name
            && types.pointed_function(spelled.ty).is_some()
            && !self.is_own_typedef(text, &tokens[range.clone()]);
        if let Some(other) = other.filter(|&other| other != spelled.ty || stays) {
            return self.name_other_type(extent, range, other);
        }
        let site = Site {
            id: extent.file,
            file: Rc::clone(&file),
            start: range.start,
            declarator,
            place: extent.clone(),
        };
        self.cut_spelled(&site, range.end, false)
    }

    /// Puts the name of another type in the place of a type name, if anything in it becomes opaque.
    fn name_other_type(
        &mut self,
        extent: &Extent,
        range: Range<usize>,
        other: TypeId,
    ) -> Result<(), Unknown> {
        let file = self.files.get(extent.file);
        let tokens = &file.tokens()[range];
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Ok(()) };
        let span = self.files.span(extent.file, first.range.start..last.range.end);
        let ids = self.converter.types().function_pointers_in(other);
        if ids.len() > MAX_POINTERS {
            return Err(Unknown);
        }
        let pointers: Vec<PointerIndex> = ids.iter().map(|&id| self.pointer_with_id(id)).collect();
        let mut edits = Vec::new();
        for opaque in 1u32..1 << ids.len() {
            let is_opaque = |index: usize| opaque >> index & 1 == 1;
            let replace = |id: TypeId| {
                let index = ids.iter().position(|known| *known == id)?;
                is_opaque(index)
                    .then(|| format!("struct IA2_fnptr_{}", self.name_of(pointers[index])))
            };
            let spelled = self.converter.types().spell(other, "", &replace).map_err(|_| Unknown)?;
            let cases = pointers.iter().enumerate().map(|(index, &pointer)| {
                let when = When::Opaque(pointer);
                if is_opaque(index) { when } else { When::Not(Box::new(when)) }
            });
            let when = When::All(cases.collect());
            edits.push(Edit { span: span.clone(), text: spelled, order: Order::Replace, when });
        }
        if !edits.is_empty() {
            self.edit_at(extent, edits);
        }
        Ok(())
    }

    /// Rewrites a type name, or a parameter, that ends in front of token `end`.
    fn cut_spelled(
        &mut self,
        site: &Site<'_>,
        end: usize,
        is_parameter: bool,
    ) -> Result<(), Unknown> {
        let text = site.file.text();
        let tokens = &site.file.tokens()[..end];
        let Some(types) = self.spelled_types(text, tokens, site.start, &site.declarator) else {
            return Err(Unknown);
        };
        let layers = &site.declarator.layers;
        let mut pointers = Vec::new();
        for (index, (layer, ty)) in layers.iter().zip(&types).enumerate() {
            if let Some(pointer) = self.pointer_at(layer, *ty, is_parameter && index == 0) {
                pointers.push((pointer, Some(index)));
            }
        }
        let specifiers = site.start..specifiers_end(text, tokens, site.start);
        if is_parameter
            && layers.is_empty()
            && let ctype::Type::Function(_) = self.converter.types().get(types[0].ty)
            && self.is_own_typedef(text, &tokens[specifiers])
        {
            let id = self.converter.pointer_to(types[0].ty);
            pointers.push((self.pointer_with_id(id), None));
        }
        self.cut_type_name(site, cuts_at(site, pointers));
        for layer in layers.iter().filter(|layer| layer.kind == LayerKind::Function) {
            let open = layer.inner.end;
            let Some(behind) = behind_closing(tokens, open) else { return Err(Unknown) };
            let parameters = split_at_commas(&tokens[open + 1..behind - 1]).ok_or(Unknown)?;
            let mut start = open + 1;
            for parameter in parameters {
                let end = start + parameter.len();
                if !is_no_parameter(text, parameter) {
                    let parameter = Site {
                        id: site.id,
                        file: Rc::clone(&site.file),
                        start,
                        declarator: parameter_declarator(text, &tokens[..end], start),
                        place: site.place.clone(),
                    };
                    self.cut_spelled(&parameter, end, true)?;
                }
                start = end + 1;
            }
        }
        Ok(())
    }

    /// The function-pointer type that a layer of a declarator makes. A parameter of function type is one
    /// (C17 6.7.6.3 paragraph 8).
    fn pointer_at(
        &mut self,
        layer: &Layer,
        ty: QualType,
        is_parameter: bool,
    ) -> Option<PointerIndex> {
        match layer.kind {
            LayerKind::Pointer { .. } => {
                self.converter.types().pointed_function(ty.ty)?;
                Some(self.pointer_with_id(ty.ty))
            }
            LayerKind::Function if is_parameter => {
                let id = self.converter.pointer_to(ty.ty);
                Some(self.pointer_with_id(id))
            }
            _ => None,
        }
    }

    /// The case that any type of the unit so far becomes opaque.
    pub(super) fn any_opaque(&self) -> When {
        let all = (0..self.pointers.len() as u32).map(|index| When::Opaque(PointerIndex(index)));
        When::Any(all.collect())
    }
}

/// Whether what stands between commas is `void` or `...`.
fn is_no_parameter(text: &[u8], tokens: &[Token]) -> bool {
    match tokens {
        [only] => only.text(text) == b"void",
        _ => tokens.iter().all(|token| token.is(b'.')),
    }
}
