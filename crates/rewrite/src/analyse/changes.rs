//! Writing down what has to change about an expression, and what stands in the way.

use clang::{Cursor, Span};
use diagnostics::{Diagnostic, codes};

use super::Analysis;
use super::extent::{Extent, Obstacle, Via};
use crate::facts::{Blocked, Edit, MacroPlace, MacroPlaceKind, Order, PointerIndex, When};

/// Text to put around an expression.
pub(crate) struct Wrap {
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Wrap {
    pub(crate) fn new(before: impl Into<String>, after: impl Into<String>) -> Wrap {
        Wrap { before: before.into(), after: after.into() }
    }

    pub(crate) fn call(name: &str) -> Wrap {
        Wrap::new(format!("{name}("), ")")
    }

    pub(crate) fn braces() -> Wrap {
        Wrap::new("{", "}")
    }
}

impl<'u> Analysis<'u> {
    /// Inserts text in front of and behind an expression.
    pub(crate) fn wrap(&mut self, cursor: Cursor<'u>, wrap: Wrap, when: When) {
        if !self.is_plain_by_hand(cursor) && self.is_annotated(cursor) {
            return;
        }
        match self.extent(cursor) {
            Ok(extent) => {
                let at = |offset: u32| self.files.span(extent.file, offset..offset);
                let edit = |offset: u32, text: String, order: Order| Edit {
                    span: at(offset),
                    text,
                    order,
                    when: when.clone(),
                };
                let before = self.apart(&extent, wrap.before);
                let before = edit(extent.range.start, before, Order::Open(self.depth));
                let after = edit(extent.range.end, wrap.after, Order::Close(-self.depth));
                self.edit_at(&extent, vec![before, after]);
            }
            Err(obstacle) => self.blocked(cursor, obstacle, when),
        }
    }

    /// The text for the start of this place, with a space in front if it would become part of a word
    /// there: `return(f)`.
    fn apart(&self, extent: &Extent, text: String) -> String {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let file = self.files.get(extent.file);
        let before = extent.range.start.checked_sub(1);
        let before = before.and_then(|index| file.text().get(index as usize));
        let would_join =
            before.is_some_and(is_word) && text.as_bytes().first().is_some_and(is_word);
        if would_join { format!(" {text}") } else { text }
    }

    /// Replaces an expression by text.
    pub(crate) fn substitute(&mut self, cursor: Cursor<'u>, text: String, when: When) {
        if self.is_annotated(cursor) {
            return;
        }
        match self.extent(cursor) {
            Ok(extent) => {
                let span = self.files.span(extent.file, extent.range.clone());
                let text = self.apart(&extent, text);
                let edit = Edit { span, text, order: Order::Replace, when };
                self.edit_at(&extent, vec![edit]);
            }
            Err(obstacle) => self.blocked(cursor, obstacle, when),
        }
    }

    /// Writes edits of one place down. In a macro's definition or argument they are something to be
    /// agreed upon by all that is made of it.
    pub(crate) fn edit_at(&mut self, extent: &Extent, edits: Vec<Edit>) {
        if extent.via == Via::Text {
            self.edits.extend(edits);
            return;
        }
        let span = self.files.span(extent.file, extent.range.clone());
        if let Some(open) = self.open_places.iter_mut().rev().find(|open| open.place == span) {
            open.edits.extend(edits);
        } else if let Some(mut place) = self.macro_place(extent) {
            place.edits = edits;
            self.macro_places.push(place);
        }
    }

    /// Begins an expression. What it needs is kept apart from what other expressions of the same
    /// text need, if a macro makes several of it. Returns what [`Analysis::leave`] must be given.
    pub(crate) fn enter(&mut self, cursor: Cursor<'u>) -> bool {
        let start = cursor.start();
        let is_text = start.expansion() == start.spelling();
        if is_text {
            return false;
        }
        self.extent(cursor).is_ok_and(|extent| self.enter_at(&extent))
    }

    /// The same, of what is at a place.
    pub(super) fn enter_at(&mut self, extent: &Extent) -> bool {
        let Some(place) = self.macro_place(extent) else { return false };
        if self.open_places.last().is_some_and(|open| open.place == place.place) {
            return false;
        }
        self.open_places.push(place);
        true
    }

    /// Ends what [`Analysis::enter`] began.
    pub(crate) fn leave(&mut self, entered: bool) {
        if entered {
            let place = self.open_places.pop().expect("every leave has its enter");
            self.macro_places.push(place);
        }
    }

    pub(super) fn macro_place(&self, extent: &Extent) -> Option<MacroPlace> {
        let (used, kind) = match extent.via {
            Via::Text => return None,
            Via::Argument => {
                let span = clang::Span { file: extent.file, range: extent.range.clone() };
                let (innermost, is_text) = self.argument_at(&span)?;
                let start = clang::Point { file: innermost.file, offset: innermost.range.start };
                let used = self.invocation_at(start).unwrap_or(innermost);
                (used, MacroPlaceKind::Argument { is_text })
            }
            Via::Body(used) => {
                let start = clang::Point { file: extent.file, offset: extent.range.start };
                let definition = self.macros.definition_around(start)?;
                let is_text = self.is_text_in_body(definition, start);
                let Span { file, range } = definition.span.clone();
                let definition = self.files.span(file, range);
                (self.invocation_at(used)?, MacroPlaceKind::Body { definition, is_text })
            }
        };
        Some(MacroPlace {
            place: self.files.span(extent.file, extent.range.clone()),
            used: self.files.span(used.file, used.range),
            kind,
            edits: Vec::new(),
        })
    }

    /// An expression that would have to change but has no place of its own.
    pub(crate) fn blocked(&mut self, cursor: Cursor<'u>, obstacle: Obstacle, when: When) {
        let (code, message) = match obstacle {
            Obstacle::MixedMacro => (
                codes::PARTLY_FROM_MACRO,
                "this function pointer is written partly in a macro and partly outside it",
            ),
            Obstacle::Pasted => {
                (codes::PASTED_TOKEN, "this function pointer is made by `##` in a macro")
            }
            Obstacle::System => (
                codes::IN_SYSTEM_MACRO,
                "this function pointer is written in a macro of a system header",
            ),
        };
        self.blocked_by(cursor, when, Diagnostic::error(code, message));
    }

    /// Something that can only change once the macro it comes from is written out.
    pub(crate) fn blocked_by(&mut self, cursor: Cursor<'u>, when: When, diagnostic: Diagnostic) {
        let is_macro = |location: clang::Location<'u>| {
            location.spelling() != location.expansion()
                || location.expansion().is_some_and(|point| self.macros.at(point).is_some())
        };
        let place = [cursor.start(), cursor.location(), cursor.end()]
            .into_iter()
            .filter(|&location| is_macro(location))
            .find_map(|location| self.invocation_at(location.file()?));
        let used = place.filter(|span| self.files.get(span.file).is_editable_at(span.range.start));
        let used = used.map(|span| self.files.span(span.file, span.range));
        let diagnostic = match self.span_of(cursor) {
            Some(span) => diagnostic.at(span),
            None => diagnostic,
        };
        self.blocked.push(Blocked { used, when, diagnostic });
    }

    /// An expression of a kind that is not handled.
    pub(crate) fn unsupported(&mut self, cursor: Cursor<'u>, pointer: PointerIndex) {
        let diagnostic = Diagnostic::error(
            codes::UNSUPPORTED_EXPRESSION,
            "this use of an opaque function pointer cannot be rewritten yet",
        )
        .help("write it with an assignment, a call, a comparison or a conditional expression");
        self.problem_at(cursor, When::Opaque(pointer), diagnostic);
        self.expression(cursor);
    }

    pub(crate) fn problem_at(&mut self, cursor: Cursor<'u>, when: When, diagnostic: Diagnostic) {
        let diagnostic = match self.span_of(cursor) {
            Some(span) => diagnostic.at(span),
            None => diagnostic,
        };
        self.problem(when, diagnostic);
    }
}
