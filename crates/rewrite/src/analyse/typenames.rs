//! Type names: in casts and compound literals, in `va_arg`, `typeof` and `_Atomic`.

use clang::{Cursor, Point, Type};

use super::Analysis;
use super::cuts::{Cut, Site};
use super::extent::{Extent, Level, Via};
use crate::declarator::abstract_declarator;
use crate::token::{Token, TokenKind, behind_closing};

impl<'u> Analysis<'u> {
    /// Rewrites the type name in the parentheses that begin this expression.
    pub(crate) fn type_name_behind(&mut self, cursor: Cursor<'u>, ty: Type<'u>) {
        if !ty.leads_to_function() {
            return;
        }
        self.nested_parameters(cursor);
        let Some(site) = self.type_name_site(cursor, |_| Some(0)) else { return };
        self.type_name(&site, ty);
    }

    /// Rewrites the type name that is the second argument of `va_arg`.
    pub(crate) fn argument_type_name(&mut self, cursor: Cursor<'u>) {
        self.nested_parameters(cursor);
        let comma = |tokens: &[Token]| {
            let end = behind_closing(tokens, 1)?;
            let mut index = 2;
            while index < end && !tokens[index].is(b',') {
                let opens = [b'(', b'[', b'{'].into_iter().any(|open| tokens[index].is(open));
                index = if opens { behind_closing(tokens, index)? } else { index + 1 };
            }
            (index < end).then_some(index)
        };
        if let Some(site) = self.type_name_site(cursor, comma) {
            self.type_name(&site, cursor.ty());
        } else if self.spells_pointer_out(cursor) {
            self.type_name_in_macro(cursor, cursor.ty());
        }
    }

    /// The type name behind a token of an expression, which `before` finds among its tokens.
    fn type_name_site(
        &self,
        cursor: Cursor<'u>,
        before: impl Fn(&[Token]) -> Option<usize>,
    ) -> Option<Site<'u>> {
        let start = cursor.start();
        let (written, used) = (start.spelling()?, start.file()?);
        // `va_arg` is a macro itself: where it is used is where its arguments are.
        let is_known_macro = self.macros.at(used).is_some_and(|known| known.name == "va_arg");
        let (point, via) = if written == used || is_known_macro {
            let is_text = start.expansion() == Some(used);
            (used, if is_text { Via::Text } else { Via::Argument })
        } else {
            (written, Via::Body(used))
        };
        let file = self.files.get(point.file);
        if !file.is_editable_at(point.offset) {
            return None;
        }
        let first = file.token_at(point.offset);
        let (text, tokens) = (file.text(), file.tokens());
        let open = first + before(&tokens[first..])?;
        if open == first && !tokens.get(open)?.is(b'(') {
            return None;
        }
        let declarator = abstract_declarator(text, tokens, open + 1);
        let end = tokens.get(declarator.range.end.max(open + 1))?.range.start;
        let range = tokens[open + 1].range.start..end;
        let place = Extent { file: point.file, range, level: Level::Written, via };
        Some(Site { id: point.file, file, start: open + 1, declarator, place })
    }

    /// Rewrites a type name.
    pub(super) fn type_name(&mut self, site: &Site<'_>, ty: Type<'u>) {
        if site.declarator.layers.is_empty() {
            return;
        }
        let cuts = self.cuts_of(ty, site, None);
        self.cut_type_name(site, cuts);
    }

    /// Makes what becomes of a type name, or of a parameter.
    pub(super) fn cut_type_name(&mut self, site: &Site<'_>, cuts: Vec<Cut>) {
        let tokens = site.file.tokens();
        let first = tokens[site.start].range.start;
        for cut in cuts {
            let mut text = format!("struct IA2_fnptr_{}", self.name_of(cut.pointer));
            // Up to the declarator, if that stays or begins only later.
            let declarator = tokens[site.declarator.range.start].range.start;
            let end = match cut.deleted.first().filter(|deleted| deleted.start == declarator) {
                Some(deleted) => {
                    // What is left of the declarator, as in `int (*const *)(int)`.
                    let next = site.file.text().get(deleted.end as usize);
                    let begins = |next: &u8| next.is_ascii_alphabetic() || b"*(".contains(next);
                    if next.is_some_and(begins) {
                        text.push(' ');
                    }
                    declarator
                }
                None => tokens[site.declarator.range.start - 1].range.end,
            };
            self.site_edit(site, first..end, text, cut.when.clone());
            for range in cut.deleted {
                self.site_edit(site, range, String::new(), cut.when.clone());
            }
        }
    }

    /// A type name that comes from a macro, and would have to change.
    fn type_name_in_macro(&mut self, cursor: Cursor<'u>, ty: Type<'u>) {
        if let Some(pointer) = self.pointer(ty) {
            let when = crate::facts::When::Opaque(pointer);
            self.blocked(cursor, super::extent::Obstacle::MixedMacro, when);
        }
    }

    /// Whether a type in the expression is written with a declarator rather than a typedef's name.
    fn spells_pointer_out(&self, cursor: Cursor<'u>) -> bool {
        cursor.ty().kind() == clang::TypeKind::Pointer
    }

    /// Rewrites what stands in the parentheses of `typeof` or `_Atomic` among the specifiers of a
    /// declaration, whose type (without its declarator) is `ty`.
    pub(super) fn type_in_specifiers(&mut self, site: &Site<'_>, ty: Type<'u>) {
        if !ty.is_function_pointer() && ty.canonical().kind() != clang::TypeKind::Atomic {
            return;
        }
        let (text, tokens) = (site.file.text(), site.file.tokens());
        let mut index = site.start;
        while index < site.declarator.range.start {
            let word = tokens[index].text(text);
            let names_type = matches!(word, b"typeof" | b"__typeof__" | b"__typeof" | b"_Atomic");
            let open = index + 1;
            if tokens[index].kind == TokenKind::Word
                && names_type
                && tokens.get(open).is_some_and(|token| token.is(b'('))
            {
                let declarator = abstract_declarator(text, tokens, open + 1);
                let inside = Site {
                    id: site.id,
                    file: std::rc::Rc::clone(&site.file),
                    start: open + 1,
                    declarator,
                    place: site.place.clone(),
                };
                let ty = match ty.canonical().kind() {
                    clang::TypeKind::Atomic if word == b"_Atomic" => ty.canonical().atomic_value(),
                    _ => ty.canonical(),
                };
                // A type name, not an expression.
                if inside.declarator.layers.len() > 1 {
                    self.type_name(&inside, ty);
                }
                return;
            }
            index += 1;
        }
    }

    /// Whether a macro is used at this token.
    pub(super) fn is_macro_use(&self, site: &Site<'_>, token: &Token) -> bool {
        let point = Point { file: site.id, offset: token.range.start };
        self.macros.at(point).is_some()
    }
}
