//! Tags for structures and unions that have no name: where the type of a pointer becomes opaque, its calls
//! spell it, and a declaration that is split names it twice.

use std::collections::BTreeMap;

use clang::{Cursor, made_up_name};
use ctype::{TypeId, made_up_tag};
use diagnostics::{Diagnostic, codes};

use super::Analysis;
use super::extent::{Extent, Level, Via};
use crate::declarator::attribute_end;
use crate::facts::{Edit, Order, PointerIndex, When};
use crate::token::{TokenKind, behind_closing};

impl<'u> Analysis<'u> {
    /// Gives a tag to what has no name and is spelled if a type becomes opaque.
    pub(super) fn give_tags(&mut self) {
        let mut spelled: BTreeMap<TypeId, Vec<When>> = BTreeMap::new();
        for (index, pointer) in (0..).zip(&self.pointers) {
            for ty in self.converter.types().nameless_in(pointer.ty) {
                spelled.entry(ty).or_default().push(When::Opaque(PointerIndex(index)));
            }
        }
        for (ty, when) in spelled {
            let Some(declaration) = self.converter.declaration_of(ty) else { continue };
            if self.is_ours(declaration) {
                self.give_tag(declaration, When::Any(when));
            } else {
                when.into_iter().for_each(|when| self.needs_tag_of_system(declaration, when));
            }
        }
    }

    /// A type without a name in a system header, which stays as it is. What the user can change is
    /// where a pointer whose type has it is used.
    fn needs_tag_of_system(&mut self, definition: Cursor<'u>, when: When) {
        let When::Opaque(PointerIndex(pointer)) = when else { return };
        let mut diagnostic = Diagnostic::error(
            codes::UNNAMED_TYPE,
            "the type of this function pointer, which becomes opaque, has a part without a name",
        )
        .help("pass a pointer, or a structure of your own, in its place");
        let defined = self.span_of(definition);
        match (&self.pointers[pointer as usize].used, defined) {
            (Some(used), Some(defined)) => {
                diagnostic = diagnostic.at(used.clone()).also(defined, "this has no name");
            }
            (span, defined) => {
                let span = span.clone().or(defined);
                diagnostic = span.into_iter().fold(diagnostic, Diagnostic::at);
            }
        }
        self.problem(when, diagnostic);
    }

    /// Gives a tag to a structure, union or enumeration that is defined without one.
    pub(super) fn give_tag(&mut self, definition: Cursor<'u>, when: When) {
        let diagnostic = Diagnostic::error(
            codes::UNNAMED_TYPE,
            "the type of a function pointer that becomes opaque has a part without a name",
        )
        .help("give it a tag, or pass a pointer in its place");
        let start = definition.start();
        let (Some(written), Some(used)) = (start.spelling(), start.file()) else { return };
        if written != used {
            self.blocked_by(definition, when, diagnostic);
            return;
        }
        let file = self.files.get(written.file);
        let place = self.place_of_tag(written);
        let Some(place) = place.filter(|_| file.is_editable_at(written.offset)) else {
            self.problem_at(definition, when, diagnostic);
            return;
        };
        let is_text = start.expansion() == Some(used);
        let extent = Extent {
            file: written.file,
            range: written.offset..place,
            level: Level::Written,
            via: if is_text { Via::Text } else { Via::Argument },
        };
        let has_space = file.text()[..place as usize].last().is_some_and(u8::is_ascii_whitespace);
        let space = if has_space { "" } else { " " };
        let edit = Edit {
            span: self.files.span(written.file, place..place),
            text: format!("{space}{} ", made_up_tag(&made_up_name(definition))),
            order: Order::Between,
            when,
        };
        self.edit_at(&extent, vec![edit]);
    }

    /// Where the tag would stand of what is defined behind a keyword: behind attributes.
    fn place_of_tag(&self, keyword: clang::Point) -> Option<u32> {
        let file = self.files.get(keyword.file);
        let (text, tokens) = (file.text(), file.tokens());
        let mut index = file.token_at(keyword.offset) + 1;
        loop {
            let token = tokens.get(index)?;
            // Behind the colon of an enumeration stands its integer type.
            if token.is(b'{') || token.is(b':') {
                return Some(token.range.start);
            }
            index = match attribute_end(text, tokens, index) {
                Some(end) => end,
                // A macro for attributes.
                None if token.kind == TokenKind::Word => index + 1,
                None if token.is(b'(') => behind_closing(tokens, index)?,
                None => return None,
            };
        }
    }
}
