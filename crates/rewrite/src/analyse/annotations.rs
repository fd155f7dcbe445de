//! Expressions that the source annotates by hand with macros of `ia2.h`.
//!
//! Nothing is to be written around them. The macro may stand where the expression is written, or in
//! the body of a macro of the program to which the expression is an argument.

use clang::{Cursor, Kind, Point};

use super::Analysis;
use super::macros::{Definition, Macros};
use super::pointers::is_pointer;
use crate::token::{Token, TokenKind, behind_closing, enclosing};

/// Macros whose first argument is as it should be already.
const ANNOTATIONS: [&str; 13] = [
    "IA2_FN",
    "IA2_FN_ADDR",
    "IA2_FN_IDENTITY",
    "IA2_ADDR",
    "IA2_IDENTITY",
    "IA2_AS_PTR",
    "IA2_PLAIN",
    "IA2_CALL",
    "IA2_CALL_WITH",
    "IA2_VARIADIC",
    "IA2_CAST",
    "IA2_SIGHANDLER",
    "IA2_IGNORE",
];

/// Macros of the program may pass arguments on to each other this deep.
const MAX_NESTING: u32 = 16;

/// How an expression is annotated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Annotation {
    /// It is an argument of this macro.
    Argument(&'static str),
    /// It is what this macro makes of its arguments.
    Whole(&'static str),
}

impl<'u> Analysis<'u> {
    /// How the expression is annotated, if it is.
    pub(crate) fn annotation(&self, cursor: Cursor<'u>) -> Option<Annotation> {
        if !self.has_annotations {
            return None;
        }
        let start = cursor.start();
        let (used, written) = (start.file()?, start.spelling()?);
        let definition = self.macros.definition_around(written).filter(|_| used != written);
        if let Some(definition) = definition {
            if let Some(name) = annotation_named(&definition.name) {
                return Some(Annotation::Whole(name));
            }
            let file = self.files.get(definition.span.file);
            let index = file.token_at(written.offset);
            if let Some(name) = self.annotated_in_body(definition, index, 0) {
                return Some(Annotation::Argument(name));
            }
        }
        self.annotated_at_use(used).map(Annotation::Argument)
    }

    /// Whether nothing is to be written around the expression. Notes that its type is meant to be
    /// opaque.
    pub(crate) fn is_annotated(&mut self, cursor: Cursor<'u>) -> bool {
        let Some(Annotation::Argument(name) | Annotation::Whole(name)) = self.annotation(cursor)
        else {
            return false;
        };
        if name == "IA2_IGNORE" {
            return true;
        }
        let pointer = if is_pointer(cursor) {
            self.pointer_of(cursor)
        } else {
            self.pointer_to(cursor.ty().canonical())
        };
        if let Some(pointer) = pointer {
            let span = self.span_of(cursor);
            let forced = &mut self.pointers[pointer.0 as usize].forced;
            *forced = forced.take().or(span);
        }
        true
    }

    /// Whether an expression is the plain address that a macro takes out of an opaque pointer.
    pub(crate) fn is_plain_by_hand(&self, cursor: Cursor<'u>) -> bool {
        // Both macros expand to parentheses; an assignment, say, only begins with them.
        matches!(cursor.kind(), Kind::Paren | Kind::Unexposed)
            && matches!(
                self.annotation(cursor),
                Some(Annotation::Whole("IA2_AS_PTR" | "IA2_PLAIN"))
            )
    }

    /// The macro of ours whose argument begins at this place of a file, perhaps because a macro of
    /// the program passes it on.
    fn annotated_at_use(&self, point: Point) -> Option<&'static str> {
        let file = self.files.get(point.file);
        let (text, tokens) = (file.text(), file.tokens());
        let index = file.token_at(point.offset);
        for known in self.macros.around(point) {
            let name = file.token_at(known.span.range.start);
            if known.name == "IA2_IGNORE" {
                return Some("IA2_IGNORE");
            }
            let Some(argument) = enclosing(tokens, index).find(|argument| argument.name == name)
            else {
                continue;
            };
            if !is_prefix(&tokens[argument.first..index]) {
                continue;
            }
            debug_assert_eq!(tokens[name].text(text), known.name.as_bytes());
            let found = self.annotated_argument(&known.name, argument.number, 0);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The macro of ours that a token in a macro's body is an argument of.
    fn annotated_in_body(
        &self,
        definition: &Definition,
        index: usize,
        depth: u32,
    ) -> Option<&'static str> {
        let file = self.files.get(definition.span.file);
        let (text, tokens) = (file.text(), file.tokens());
        enclosing(tokens, index)
            .take_while(|argument| tokens[argument.name].range.start > definition.span.range.start)
            .filter(|argument| is_prefix(&tokens[argument.first..index]))
            .find_map(|argument| {
                let name = std::str::from_utf8(tokens[argument.name].text(text)).ok()?;
                self.annotated_argument(name, argument.number, depth)
            })
    }

    /// The macro of ours to which a macro passes an argument on, wherever it uses it.
    fn annotated_argument(&self, name: &str, number: usize, depth: u32) -> Option<&'static str> {
        if let Some(known) = annotation_named(name) {
            return (number == 0 || known == "IA2_IGNORE").then_some(known);
        }
        if depth == MAX_NESTING {
            return None;
        }
        let definition = self.macros.definition_named(name)?;
        let file = self.files.get(definition.span.file);
        let (text, tokens) = (file.text(), file.tokens());
        let open = file.token_at(definition.span.range.start) + 1;
        let behind = behind_closing(tokens, open).filter(|_| tokens[open].is(b'('))?;
        let parameters: Vec<&[u8]> = tokens[open..behind]
            .iter()
            .filter(|token| token.kind == TokenKind::Word)
            .map(|token| token.text(text))
            .collect();
        let parameter = *parameters.get(number)?;
        let end = definition.span.range.end;
        let mut uses = (behind..tokens.len())
            .take_while(|&index| tokens[index].range.end <= end)
            .filter(|&index| tokens[index].text(text) == parameter)
            .map(|index| self.annotated_in_body(definition, index, depth + 1));
        let first = uses.next()??;
        uses.all(|other| other.is_some()).then_some(first)
    }
}

/// Whether the unit knows such a macro at all; many sources do not.
pub(super) fn are_possible(macros: &Macros) -> bool {
    let is_ours = |name: &str| annotation_named(name).is_some();
    macros.all_definitions().any(|known| is_ours(&known.name))
        || macros.named(&is_ours).next().is_some()
}

fn annotation_named(name: &str) -> Option<&'static str> {
    ANNOTATIONS.into_iter().find(|&known| known == name)
}

/// Whether what stands before an expression in an argument leaves it the whole argument: `&f`, `(f)`
/// and `*p` are it as much as f and p are.
fn is_prefix(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| token.is(b'&') || token.is(b'(') || token.is(b'*'))
}
