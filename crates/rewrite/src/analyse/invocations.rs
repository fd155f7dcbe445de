//! What macros do with their arguments and with other macros, read from their definitions.

use std::collections::{BTreeMap, HashMap, HashSet};

use clang::Point;
use diagnostics::Span;

use super::Analysis;
use super::macros::{Definition, Use};
use crate::facts::{MacroPlaceKind, MacroUses};
use crate::token::{Token, TokenKind, behind_closing, enclosing};

/// Macros may use each other this deep.
pub(super) const MAX_NESTING: u32 = 32;

impl<'u> Analysis<'u> {
    /// The use of a macro that has to be written out for what stands at this point of a file: the
    /// innermost one, unless an outer one makes a string or a longer word of it.
    pub(crate) fn invocation_at(&self, point: Point) -> Option<clang::Span> {
        let mut found: Option<&Use> = None;
        for outer in self.macros.around(point) {
            let is_part = found.is_some_and(|inner| {
                let start = Point { file: point.file, offset: inner.span.range.start };
                !self.is_argument_text(outer, start)
            });
            if !is_part {
                found = Some(outer);
            }
        }
        found.map(|known| known.span.clone())
    }

    /// The innermost use in one of whose arguments the range stands, and whether a string or a
    /// longer word is made of that argument by it or by a use around it.
    pub(crate) fn argument_at(&self, span: &clang::Span) -> Option<(clang::Span, bool)> {
        let point = Point { file: span.file, offset: span.range.start };
        let mut uses = self.macros.around(point).filter(|known| {
            known.span.range.start < span.range.start && span.range.end <= known.span.range.end
        });
        let innermost = uses.next()?;
        // The message of `assert` shows the argument as it is written; that may as well be ours.
        let is_text = |known: &Use| known.name != "assert" && self.is_argument_text(known, point);
        let is_text = is_text(innermost) || uses.any(is_text);
        Some((innermost.span.clone(), is_text))
    }

    /// Whether the use makes a string or a longer word of the argument in which the point lies.
    fn is_argument_text(&self, known: &Use, point: Point) -> bool {
        let file = self.files.get(point.file);
        let tokens = file.tokens();
        let name = file.token_at(known.span.range.start);
        let index = file.token_at(point.offset);
        let Some(argument) = enclosing(tokens, index).find(|argument| argument.name == name) else {
            return true;
        };
        let definition = known.definition.and_then(|at| self.macros.definition_around(at));
        match definition {
            Some(definition) => self.is_parameter_text(definition, argument.number, 0),
            None => true,
        }
    }

    fn is_parameter_text(&self, definition: &Definition, number: usize, depth: u32) -> bool {
        let file = self.files.get(definition.span.file);
        let (text, tokens) = (file.text(), file.tokens());
        let Some((parameters, body)) = self.parts(definition) else { return true };
        let Some(parameter) = parameters.get(number).or(parameters.last()) else { return true };
        let is_hash = |index: usize| tokens.get(index).is_some_and(|token| token.is(b'#'));
        let names = tokens[body.clone()].iter().enumerate();
        let mut uses = names.filter(|(_, token)| token.text(text) == parameter.as_slice());
        uses.any(|(index, _)| {
            let index = body.start + index;
            is_hash(index - 1)
                || is_hash(index + 1)
                || depth > MAX_NESTING
                || self.is_argument_text_in_body(definition, body.start, index, depth)
        })
    }

    /// Whether a macro that is used in the body of another makes a string or a longer word of what is
    /// written at this point of the body.
    pub(crate) fn is_text_in_body(&self, definition: &Definition, point: Point) -> bool {
        let index = self.files.get(point.file).token_at(point.offset);
        self.parts(definition)
            .is_none_or(|(_, body)| self.is_argument_text_in_body(definition, body.start, index, 0))
    }

    /// The same for a token of the body, which begins with the token `first`.
    fn is_argument_text_in_body(
        &self,
        definition: &Definition,
        first: usize,
        index: usize,
        depth: u32,
    ) -> bool {
        let file = self.files.get(definition.span.file);
        let (text, tokens) = (file.text(), file.tokens());
        enclosing(tokens, index).take_while(|argument| argument.name >= first).any(|argument| {
            let name = String::from_utf8_lossy(tokens[argument.name].text(text));
            // The message of `assert` shows the argument as it is written.
            name != "assert"
                && self.macros.definitions_named(&name).any(|other| {
                    other.span != definition.span
                        && self.is_parameter_text(other, argument.number, depth + 1)
                })
        })
    }

    /// Parameters of a function-like macro, the variable ones as `__VA_ARGS__`, and the tokens of its
    /// body.
    pub(super) fn parts(
        &self,
        definition: &Definition,
    ) -> Option<(Vec<Vec<u8>>, std::ops::Range<usize>)> {
        let file = self.files.get(definition.span.file);
        let (text, tokens) = (file.text(), file.tokens());
        let name = file.token_at(definition.span.range.start);
        let open = name + 1;
        let has_parameters = tokens
            .get(open)
            .is_some_and(|token| token.is(b'(') && token.range.start == tokens[name].range.end);
        let end = file.token_at(definition.span.range.end);
        if !has_parameters {
            return Some((Vec::new(), open..end.max(open)));
        }
        let behind = behind_closing(tokens, open)?;
        let mut parameters = Vec::new();
        for (index, token) in tokens.iter().enumerate().take(behind).skip(open) {
            let is_dot = |index: usize| tokens[index].is(b'.');
            if token.kind == TokenKind::Word {
                parameters.push(token.text(text).to_vec());
            } else if token.is(b'.')
                && !is_dot(index - 1)
                && tokens[index - 1].kind != TokenKind::Word
            {
                parameters.push(b"__VA_ARGS__".to_vec());
            }
        }
        Some((parameters, behind..end.max(behind)))
    }

    /// The uses of macros of ours in which an edit may be needed.
    pub(crate) fn macro_uses(&self, main: &diagnostics::SourcePath) -> Vec<MacroUses> {
        let edited: HashSet<&Span> = self
            .macro_places
            .iter()
            .filter_map(|place| match &place.kind {
                MacroPlaceKind::Body { definition, .. } => Some(definition),
                MacroPlaceKind::Argument { .. } => None,
            })
            .collect();
        let mut by_name: HashMap<&[u8], Vec<&Definition>> = HashMap::new();
        for definition in self.macros.all_definitions() {
            by_name.entry(definition.name.as_bytes()).or_default().push(definition);
        }
        let mut wanted: BTreeMap<Point, MacroUses> = BTreeMap::new();
        for definition in self.macros.all_definitions() {
            let file = self.files.get(definition.span.file);
            let span = self.files.span(definition.span.file, definition.span.range.clone());
            // Only files that include the main source could use its macros besides.
            let matters = file.is_editable() && (file.path != *main || edited.contains(&span));
            if matters && self.has_expression(definition) {
                let start = definition.span.range.start;
                let point = Point { file: definition.span.file, offset: start };
                wanted.insert(point, MacroUses { definition: span, used: Vec::new() });
            }
        }
        let mut reached: HashMap<Point, Vec<Point>> = HashMap::new();
        for known in self.macros.all_uses() {
            let Some(definition) = known.definition else { continue };
            let all = reached
                .entry(definition)
                .or_insert_with(|| self.reached_from(definition, &by_name, &wanted));
            for point in all {
                let used = self.files.span(known.span.file, known.span.range.clone());
                wanted.get_mut(point).expect("only these are reached").used.push(used);
            }
        }
        let mut uses: Vec<MacroUses> =
            wanted.into_values().filter(|uses| !uses.used.is_empty()).collect();
        for known in &mut uses {
            known.used.sort();
            known.used.dedup();
        }
        uses.sort_by(|a, b| a.definition.cmp(&b.definition));
        uses
    }

    /// Whether a macro's body can hold an expression, rather than a number or nothing.
    fn has_expression(&self, definition: &Definition) -> bool {
        let file = self.files.get(definition.span.file);
        self.parts(definition).is_some_and(|(_, body)| {
            file.tokens()[body].iter().any(|token| token.kind == TokenKind::Word)
        })
    }

    /// The wanted definitions that a use of this one may take text from.
    fn reached_from(
        &self,
        definition: Point,
        by_name: &HashMap<&[u8], Vec<&Definition>>,
        wanted: &BTreeMap<Point, MacroUses>,
    ) -> Vec<Point> {
        let mut seen = HashSet::from([definition]);
        let mut next = vec![definition];
        while let Some(point) = next.pop() {
            let Some(definition) = self.macros.definition_around(point) else { continue };
            let file = self.files.get(definition.span.file);
            let text = file.text();
            let Some((_, body)) = self.parts(definition) else { continue };
            let words = |token: &&Token| token.kind == TokenKind::Word;
            for token in file.tokens()[body].iter().filter(words) {
                for other in by_name.get(token.text(text)).into_iter().flatten() {
                    let span = &other.span;
                    let point = Point { file: span.file, offset: span.range.start };
                    if seen.insert(point) {
                        next.push(point);
                    }
                }
            }
        }
        seen.retain(|point| wanted.contains_key(point));
        seen.into_iter().collect()
    }
}
