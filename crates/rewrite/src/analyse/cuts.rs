//! What a declarator becomes if one of the function-pointer types in it becomes opaque.

use std::ops::Range;
use std::rc::Rc;

use clang::{Cursor, FileId, Kind, Type, TypeKind};
use diagnostics::Span;

use super::Analysis;
use super::extent::Extent;
use super::files::File;
use super::flavour::Flavour;
use crate::declarator::{Declarator, LayerKind, attribute_end};
use crate::facts::{PointerIndex, When};
use crate::token::{TokenKind, behind_closing};

/// A declarator as it is written.
pub(crate) struct Site<'u> {
    pub(crate) id: FileId,
    pub(crate) file: Rc<File<'u>>,
    /// First token of the declaration.
    pub(crate) start: usize,
    pub(crate) declarator: Declarator,
    /// Where edits of it belong.
    pub(crate) place: Extent,
}

/// What a declarator becomes if one of its function-pointer types becomes opaque.
pub(crate) struct Cut {
    pub(crate) pointer: PointerIndex,
    pub(crate) when: When,
    /// Bytes to delete.
    pub(crate) deleted: Vec<Range<u32>>,
}

/// Marks the type of a parameter, where a function type means a pointer.
#[derive(Clone, Copy)]
pub(crate) struct Parameter;

impl<'u> Analysis<'u> {
    /// For every function-pointer layer that is spelled out: what becomes of the declarator if it is
    /// the one next to the name that becomes opaque.
    pub(super) fn cuts(&mut self, cursor: Cursor<'u>, site: &Site<'_>) -> Vec<Cut> {
        let ty = match cursor.kind() {
            Kind::Typedef => cursor.underlying_type(),
            _ => cursor.ty(),
        };
        let is_parameter = cursor.kind() == Kind::Parameter;
        self.cuts_of(ty, site, is_parameter.then_some(Parameter))
    }

    pub(crate) fn cuts_of(
        &mut self,
        ty: Type<'u>,
        site: &Site<'_>,
        parameter: Option<Parameter>,
    ) -> Vec<Cut> {
        let mut layers = Vec::new();
        let mut ty = ty;
        for (index, layer) in site.declarator.layers.iter().enumerate() {
            let mut bare = ty.desugared();
            if bare.kind() == TypeKind::Atomic {
                bare = bare.atomic_value().desugared();
            }
            match &layer.kind {
                LayerKind::Array if bare.kind() == TypeKind::Pointer => ty = bare.pointee(),
                LayerKind::Array => ty = bare.element(),
                LayerKind::Function => {
                    if parameter.is_some() && index == 0 {
                        layers.extend(self.pointer_to(bare).map(|pointer| (pointer, Some(index))));
                    }
                    ty = bare.result();
                }
                LayerKind::Pointer { .. } => {
                    layers.extend(self.pointer(bare).map(|pointer| (pointer, Some(index))));
                    ty = bare.pointee();
                }
            }
        }
        // A parameter of a typedef's function type.
        if parameter.is_some()
            && site.declarator.layers.is_empty()
            && ty.canonical().kind() == TypeKind::Function
            && self.flavour_of_type(ty) == Flavour::Opaque
        {
            layers.extend(self.pointer_to(ty.canonical()).map(|pointer| (pointer, None)));
        }
        cuts_at(site, layers)
    }
}

/// What becomes of a declarator, given the function-pointer types in it, from the name outwards, and
/// the layer of each; `None` where it has none of its own.
pub(super) fn cuts_at(
    site: &Site<'_>,
    pointers: impl IntoIterator<Item = (PointerIndex, Option<usize>)>,
) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    for (pointer, layer) in pointers {
        let mut when = vec![When::Opaque(pointer)];
        when.extend(cuts.iter().map(|cut| When::Not(Box::new(When::Opaque(cut.pointer)))));
        let deleted = layer.map_or_else(Vec::new, |layer| deleted_by_cut(site, layer));
        cuts.push(Cut { pointer, when: When::All(when), deleted });
    }
    cuts
}

pub(crate) fn span(site: &Site<'_>, range: Range<u32>) -> Span {
    Span::new(site.file.path.clone(), range)
}

/// What a declarator loses if everything outside a layer's inner part goes, but the qualifiers.
fn deleted_by_cut(site: &Site<'_>, layer: usize) -> Vec<Range<u32>> {
    let tokens = site.file.tokens();
    let Declarator { range, layers } = &site.declarator;
    let inner = &layers[layer].inner;
    let start_of = |index: usize| tokens[index].range.start;
    let end_of = |index: usize| tokens[index - 1].range.end;
    let kept = match &layers[layer].kind {
        LayerKind::Pointer { qualifiers, .. } if !qualifiers.is_empty() => qualifiers.start,
        _ => inner.start,
    };
    let mut deleted = Vec::new();
    let mut from = start_of(range.start);
    if kept < inner.end {
        deleted.push(from..start_of(kept));
        from = end_of(inner.end);
    }
    let mut index = inner.end;
    while index < range.end {
        let next = attribute_end(site.file.text(), tokens, index);
        if let Some(next) = next.filter(|&next| !is_for_functions(site, index..next)) {
            deleted.push(from..end_of(index));
            from = end_of(next);
        }
        index = next.unwrap_or_else(|| match tokens[index].is(b'(') || tokens[index].is(b'[') {
            true => behind_closing(tokens, index).unwrap_or(range.end),
            false => index + 1,
        });
    }
    deleted.push(from..end_of(range.end));
    deleted.retain(|range| !range.is_empty());
    deleted
}

/// Attributes that only functions can have, and pointers to them.
const FUNCTION_ATTRIBUTES: [&str; 22] = [
    "format",
    "format_arg",
    "nonnull",
    "returns_nonnull",
    "noreturn",
    "warn_unused_result",
    "malloc",
    "alloc_size",
    "alloc_align",
    "assume_aligned",
    "pure",
    "const",
    "sentinel",
    "nothrow",
    "sysv_abi",
    "cdecl",
    "stdcall",
    "fastcall",
    "regparm",
    "returns_twice",
    "access",
    "cold",
];

/// Whether all attributes that are written in these tokens are such.
pub(super) fn is_for_functions(site: &Site<'_>, tokens: Range<usize>) -> bool {
    let text = site.file.text();
    let mut names =
        site.file.tokens()[tokens].iter().skip(1).filter(|token| token.kind == TokenKind::Word);
    names.all(|token| {
        let name = String::from_utf8_lossy(token.text(text));
        let name = name.trim_matches('_');
        // Words in the attribute's own parentheses, such as `printf`, are no harm either.
        FUNCTION_ATTRIBUTES.contains(&name)
            || [
                "printf",
                "scanf",
                "strftime",
                "gnu_printf",
                "gnu_scanf",
                "read_only",
                "write_only",
                "read_write",
                "none",
            ]
            .contains(&name)
    })
}

/// What is deleted of a declarator, with the blanks in front if nothing of the declarator follows:
/// `int (*), …` becomes `struct …, …`.
pub(super) fn with_blanks(text: &[u8], deleted: Range<u32>) -> Range<u32> {
    if !matches!(text.get(deleted.end as usize), Some(b',' | b')' | b';')) {
        return deleted;
    }
    let before = &text[..deleted.start as usize];
    let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    deleted.start - blanks as u32..deleted.end
}
