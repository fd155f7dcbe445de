//! Functions' names that are given to a macro which has its parameter in parentheses, as in
//! `#define SET(p, f) ((p)->callback = (f))`: the name is written in an argument, and what stands
//! for its value is `(f)`, in the macro's definition.
//!
//! What all uses can agree on is that the argument is an opaque pointer: `SET(p, IA2_FN(handler))`.
//! The definition then stays, or gets around `(f)` what it would get for a variable.

use clang::{Cursor, Kind, Point};

use super::Analysis;
use super::changes::Wrap;
use super::extent::{Extent, Obstacle, Via};
use super::invocations::MAX_NESTING;
use super::macros::Definition;
use super::values::Want;
use crate::facts::{PointerIndex, When};
use crate::keywords::is_type_operator;
use crate::token::{Token, TokenKind, enclosing};

impl<'u> Analysis<'u> {
    /// Rewrites a function's name where it is given to a macro, if that is right for all that the macro
    /// does with it. Returns whether it was.
    pub(super) fn name_in_argument(
        &mut self,
        whole: Cursor<'u>,
        designator: Cursor<'u>,
        pointer: PointerIndex,
        want: Want,
    ) -> bool {
        // Braces go around all of it. What stays plain needs nothing.
        if matches!(want, Want::Initial | Want::Plain | Want::Nothing) {
            return false;
        }
        let Some((given, place)) = self.given(whole) else { return false };
        if !is_in_parentheses(whole, given) || !self.is_taken_for_value(&place) {
            return false;
        }
        if want == Want::Kept {
            self.function_value(given, designator, pointer, want);
            return true;
        }
        self.function_value(given, designator, pointer, Want::Value);
        match want {
            Want::Address => self.wrap(whole, Wrap::call("IA2_ADDR"), When::Opaque(pointer)),
            Want::Identity => self.wrap(whole, Wrap::call("IA2_IDENTITY"), When::Opaque(pointer)),
            _ => {}
        }
        true
    }

    /// Replaces a function's name and what stands around it. In the definition of a macro that the name
    /// is given to, it would be wrong for other uses: such a use is written out.
    pub(super) fn substitute_name(&mut self, whole: Cursor<'u>, text: String, when: When) {
        if self.given(whole).is_some() && !self.is_annotated(whole) {
            self.blocked(whole, Obstacle::MixedMacro, when);
        } else {
            self.substitute(whole, text, when);
        }
    }

    /// What is given to a macro of a function's name with more around it, which is written in the
    /// macro's definition; and where it is given.
    pub(super) fn given(&self, whole: Cursor<'u>) -> Option<(Cursor<'u>, Extent)> {
        let start = whole.start();
        if start.spelling() == start.file() {
            return None;
        }
        let place = self.extent(whole).ok()?;
        if !matches!(place.via, Via::Body(_)) {
            return None;
        }
        let mut inner = whole;
        while matches!(inner.kind(), Kind::Paren | Kind::Unexposed | Kind::Unary) {
            inner = *inner.children().first()?;
            let given = self.extent(inner).ok()?;
            let is_inside = given.file == place.file
                && place.range.start <= given.range.start
                && given.range.end <= place.range.end;
            if !is_inside {
                return Some((inner, given));
            }
        }
        None
    }

    /// Whether what is written at a place is an argument of a macro that takes it for a value and
    /// nothing else.
    fn is_taken_for_value(&self, given: &Extent) -> bool {
        let file = self.files.get(given.file);
        let tokens = file.tokens();
        let index = file.token_at(given.range.start);
        let start = Point { file: given.file, offset: given.range.start };
        let outside = match given.via {
            Via::Body(_) => {
                self.macros.definition_around(start).map(|known| known.span.range.start)
            }
            Via::Text | Via::Argument => None,
        };
        // Of several macros that are given to each other, the innermost gets the name itself.
        let argument = enclosing(tokens, index)
            .find(|argument| self.macro_called(given, &tokens[argument.name]).is_some());
        argument.is_some_and(|argument| {
            let name = &tokens[argument.name];
            outside.is_none_or(|outside| outside < name.range.start)
                && self
                    .macro_called(given, name)
                    .is_some_and(|called| self.is_parameter_value(called, argument.number, 0))
        })
    }

    /// The macro that a word in front of a parenthesis uses, at the place of an expression.
    fn macro_called(&self, given: &Extent, name: &Token) -> Option<&Definition> {
        let file = self.files.get(given.file);
        match given.via {
            Via::Body(_) => {
                self.macros.definition_named(std::str::from_utf8(name.text(file.text())).ok()?)
            }
            Via::Text | Via::Argument => {
                let known = self.macros.at(Point { file: given.file, offset: name.range.start })?;
                self.macros.definition_around(known.definition?)
            }
        }
    }

    /// Whether all that a macro makes of a parameter is a value.
    fn is_parameter_value(&self, definition: &Definition, number: usize, depth: u32) -> bool {
        let file = self.files.get(definition.span.file);
        let (text, tokens) = (file.text(), file.tokens());
        let Some((parameters, body)) = self.parts(definition) else { return false };
        // Of several arguments at once, none can be told from the others.
        let parameter = parameters.get(number).filter(|name| name.as_slice() != b"__VA_ARGS__");
        let Some(parameter) = parameter else { return false };
        let mut names = body.clone().filter(|&index| tokens[index].text(text) == &parameter[..]);
        depth <= MAX_NESTING
            && names.all(|index| {
                let is_hash = |index: usize| tokens.get(index).is_some_and(|token| token.is(b'#'));
                let mut calls = enclosing(tokens, index).take_while(|call| call.name >= body.start);
                !is_hash(index - 1)
                    && !is_hash(index + 1)
                    && !is_called(tokens, index)
                    && calls.all(|call| {
                        let name = tokens[call.name].text(text);
                        !is_type_operator(name)
                            && !takes_type(name)
                            && self.macros.all_definitions().all(|other| {
                                other.name.as_bytes() != name
                                    || other.span == definition.span
                                    || self.is_parameter_value(other, call.number, depth + 1)
                            })
                    })
            })
    }
}

/// Whether nothing but parentheses stand around what is given.
fn is_in_parentheses<'u>(whole: Cursor<'u>, given: Cursor<'u>) -> bool {
    let mut inner = whole;
    while inner != given {
        if !matches!(inner.kind(), Kind::Paren | Kind::Unexposed) {
            return false;
        }
        let Some(&child) = inner.children().first() else { return false };
        inner = child;
    }
    true
}

/// Whether arguments follow a name, behind the parentheses that it may stand in.
fn is_called(tokens: &[Token], name: usize) -> bool {
    let (mut first, mut last) = (name, name);
    loop {
        let is_next = |bracket: u8| tokens.get(last + 1).is_some_and(|next| next.is(bracket));
        if is_next(b'(') {
            return true;
        }
        let is_in_parentheses = is_next(b')') && first > 0 && tokens[first - 1].is(b'(');
        let is_operand = first > 1 && tokens[first - 2].kind == TokenKind::Word;
        if !is_in_parentheses || is_operand {
            return false;
        }
        (first, last) = (first - 1, last + 1);
    }
}

/// Words behind which only the type of an operand counts.
fn takes_type(word: &[u8]) -> bool {
    matches!(
        word,
        b"sizeof"
            | b"_Alignof"
            | b"alignof"
            | b"__alignof__"
            | b"__alignof"
            | b"_Generic"
            | b"__builtin_types_compatible_p"
    )
}
