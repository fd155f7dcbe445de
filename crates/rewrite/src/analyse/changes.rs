//! Writing down what has to change about an expression, and what stands in the way.

use clang::Cursor;
use diagnostics::{Diagnostic, Span, codes};

use super::Analysis;
use super::extent::{Extent, Level, Obstacle};
use crate::facts::{Edit, MacroPlace, Order, PointerIndex, When};

/// Text to put around an expression.
pub(crate) struct Wrap {
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Wrap {
    pub(crate) fn call(name: &str) -> Wrap {
        Wrap { before: format!("{name}("), after: ")".to_owned() }
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
                let (start, end) = (at(extent.range.start), at(extent.range.end));
                self.edit_at(&extent, start, &wrap.before, Order::Open(self.depth), when.clone());
                self.edit_at(&extent, end, &wrap.after, Order::Close(-self.depth), when);
            }
            Err(obstacle) => self.blocked(cursor, obstacle, when),
        }
    }

    /// Replaces an expression by text.
    pub(crate) fn substitute(&mut self, cursor: Cursor<'u>, text: String, when: When) {
        if self.is_annotated(cursor) {
            return;
        }
        match self.extent(cursor) {
            Ok(extent) => {
                let span = self.files.span(extent.file, extent.range.clone());
                self.edit_at(&extent, span, &text, Order::Replace, when);
            }
            Err(obstacle) => self.blocked(cursor, obstacle, when),
        }
    }

    /// Writes an edit down, in the body of a macro as something to be agreed upon by all its uses.
    pub(crate) fn edit_at(
        &mut self,
        extent: &Extent,
        span: Span,
        text: &str,
        order: Order,
        when: When,
    ) {
        if let Level::Body(used) = extent.level {
            let place = self.files.span(extent.file, extent.range.clone());
            let used = self.files.span(used.file, used.offset..used.offset);
            let key = (place.clone(), used.clone());
            let entry = self.macro_places.entry(key).or_insert(MacroPlace {
                place,
                used,
                edits: Vec::new(),
            });
            entry.edits.push((span.clone(), text.to_owned(), when.clone()));
        }
        self.edits.push(Edit { span, text: text.to_owned(), order, when });
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
        self.problem_at(cursor, when, Diagnostic::error(code, message));
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
