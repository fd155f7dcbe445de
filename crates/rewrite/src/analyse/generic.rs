//! `_Generic` (C17 6.5.1.1): associations name types, which libclang does not show.

use clang::{Cursor, Kind, Point};
use ctype::{QualType, Qualifiers, Type};
use diagnostics::{Diagnostic, codes};

use super::Analysis;
use super::extent::{Extent, Obstacle, Via};
use super::shapes::{function_of, strip};
use super::values::Want;
use crate::declarator::abstract_declarator;
use crate::facts::{Edit, Order, PointerIndex, When};
use crate::token::{Token, behind_closing};

/// The builtin that tells whether two types are compatible.
const COMPARISON: &[u8] = b"__builtin_types_compatible_p";

/// A type name is not understood.
struct Unknown;

/// A type name that spells a function-pointer type.
struct Spelled {
    pointer: PointerIndex,
    /// How many pointers lead to it.
    stars: usize,
    /// Its qualifiers and those pointers.
    behind: String,
}

impl<'u> Analysis<'u> {
    /// A selection: the controlling expression, then the associations' expressions.
    pub(crate) fn generic(&mut self, cursor: Cursor<'u>, children: &[Cursor<'u>], want: Want) {
        let expressions: Vec<Cursor<'u>> =
            children.iter().copied().filter(|child| child.kind().is_expression()).collect();
        let Some((&control, arms)) = expressions.split_first() else { return };
        self.association_types(cursor, control);
        // It is not evaluated; only its type counts.
        self.value(control, Want::Value);
        for &arm in arms {
            self.chosen_value(arm, want);
        }
    }

    /// The functions that a selection chooses from, if it chooses from nothing else.
    pub(crate) fn generic_functions(&self, callee: Cursor<'u>) -> Option<Vec<Cursor<'u>>> {
        let selection = strip(callee);
        if selection.kind() != Kind::GenericSelection {
            return None;
        }
        let expressions = selection.children().into_iter().filter(|c| c.kind().is_expression());
        expressions.skip(1).map(|arm| function_of(arm)?.referenced()).collect()
    }

    /// Rewrites the type names of associations that spell a function-pointer type out.
    fn association_types(&mut self, cursor: Cursor<'u>, control: Cursor<'u>) {
        let extent = match self.body_or_text(cursor) {
            Ok(extent) => extent,
            Err(obstacle) => {
                // What the types are does not matter if none of them can be chosen.
                if let Some(pointer) = self.pointer_of(control) {
                    self.blocked(cursor, obstacle, When::Opaque(pointer));
                }
                return;
            }
        };
        let file = self.files.get(extent.file);
        let (text, tokens) = (file.text(), file.tokens());
        let open = file.token_at(extent.range.start) + 1;
        let Some(end) = behind_closing(tokens, open) else { return };
        let mut names = Vec::new();
        let mut index = open + 1;
        let mut starts_type = false;
        while index + 1 < end {
            if tokens[index].is(b',') {
                starts_type = true;
                index += 1;
            } else if starts_type {
                names.push(index);
                starts_type = false;
                index = abstract_declarator(text, tokens, index).range.end.max(index + 1);
            } else {
                let opens = [b'(', b'[', b'{'].into_iter().any(|open| tokens[index].is(open));
                index = match opens {
                    true => behind_closing(tokens, index).unwrap_or(end),
                    false => index + 1,
                };
            }
        }
        let what = "an association of `_Generic`";
        self.named_types(cursor, &extent, &names, what);
    }

    /// Whether the unit may compare types. Hardly any does, and to look at every expression takes long.
    pub(super) fn may_compare_types(&self) -> bool {
        self.unit.included().iter().any(|&id| {
            let file = self.files.get(id);
            file.is_editable() && contains(file.text(), COMPARISON)
        })
    }

    pub(crate) fn is_comparison_of_types(&self, cursor: Cursor<'u>) -> bool {
        self.has_type_comparisons
            && self.look_at_first_word(cursor, |word| word == COMPARISON).unwrap_or(false)
            && !matches!(cursor.children()[..], [only] if only.start() == cursor.start())
    }

    /// `__builtin_types_compatible_p(T, U)`, whose type names libclang does not show either.
    pub(crate) fn compared_types(&mut self, cursor: Cursor<'u>) {
        let extent = match self.body_or_text(cursor) {
            Ok(extent) => extent,
            Err(obstacle) => {
                let any = self.any_opaque();
                return self.blocked(cursor, obstacle, any);
            }
        };
        let file = self.files.get(extent.file);
        let (text, tokens) = (file.text(), file.tokens());
        let open = file.token_at(extent.range.start) + 1;
        let Some(end) = behind_closing(tokens, open) else { return };
        let mut names = vec![open + 1];
        let mut index = open + 1;
        while index + 1 < end {
            if tokens[index].is(b',') {
                names.push(index + 1);
            }
            let opens = [b'(', b'[', b'{'].into_iter().any(|open| tokens[index].is(open));
            index = if opens { behind_closing(tokens, index).unwrap_or(end) } else { index + 1 };
        }
        // The type of an expression is what the expression's becomes.
        let is_of_expression =
            |&index: &usize| matches!(tokens[index].text(text), b"typeof" | b"__typeof__");
        names.retain(|index| !is_of_expression(index));
        match extent.via {
            Via::Body(used) if self.use_spells_pointer(used) => {
                let any = self.any_opaque();
                self.blocked(cursor, Obstacle::MixedMacro, any);
            }
            _ => self.named_types(cursor, &extent, &names, "this comparison of types"),
        }
    }

    /// Whether something in the arguments of a macro's use looks like a pointer to a function.
    fn use_spells_pointer(&self, used: Point) -> bool {
        let Some(span) = self.macros.around(used).last().map(|known| &known.span) else {
            return false;
        };
        let file = self.files.get(span.file);
        let tokens = &file.tokens()[file.token_at(span.range.start)..file.token_at(span.range.end)];
        tokens.windows(2).any(|pair| pair[0].is(b'(') && pair[1].is(b'*'))
    }

    /// Rewrites type names that begin with these tokens of an expression and spell a function-pointer
    /// type out.
    fn named_types(&mut self, cursor: Cursor<'u>, extent: &Extent, names: &[usize], what: &str) {
        let file = self.files.get(extent.file);
        let (text, tokens) = (file.text(), file.tokens());
        let mut edits = Vec::new();
        let mut unknown = false;
        for &index in names {
            let declarator = abstract_declarator(text, tokens, index);
            let range = index..declarator.range.end;
            // `T *` is one if T is a typedef of a function type; whatever else T may be, it stays.
            let is_short = declarator.layers.len() == 1;
            if declarator.layers.is_empty() || range.is_empty() {
                continue;
            }
            match self.pointer_spelled(text, &tokens[range.clone()]) {
                // In `fn *` with a typedef fn of ours, that changes.
                Ok(Some(spelled)) if declarator.layers.len() == spelled.stars => {}
                Ok(Some(Spelled { pointer, behind, .. })) => {
                    let bytes = tokens[range.start].range.start..tokens[range.end - 1].range.end;
                    edits.push(Edit {
                        span: self.files.span(extent.file, bytes),
                        text: format!("struct IA2_fnptr_{}{behind}", self.name_of(pointer)),
                        order: Order::Replace,
                        when: When::Opaque(pointer),
                    });
                }
                Ok(None) => {}
                Err(Unknown) => unknown |= !is_short,
            }
        }
        if !edits.is_empty() {
            self.edit_at(extent, edits);
        }
        if unknown {
            let any = self.any_opaque();
            let diagnostic = Diagnostic::error(
                codes::UNSUPPORTED_EXPRESSION,
                format!("{what} spells a type out that may have become opaque"),
            )
            .help("name the function-pointer type with a typedef");
            self.problem_at(cursor, any, diagnostic);
        }
    }

    /// The case that any type of the unit so far becomes opaque.
    fn any_opaque(&self) -> When {
        let all = (0..self.pointers.len() as u32).map(|index| When::Opaque(PointerIndex(index)));
        When::Any(all.collect())
    }

    /// The function-pointer type that is spelled like this, or that pointers to it are; an error if the
    /// type is not understood.
    fn pointer_spelled(
        &mut self,
        text: &[u8],
        tokens: &[Token],
    ) -> Result<Option<Spelled>, Unknown> {
        let QualType { mut ty, mut quals } = self.spelled_type(text, tokens).ok_or(Unknown)?;
        let (mut behind, mut stars) = (String::new(), 0);
        while self.converter.types().pointed_function(ty).is_none() {
            let Type::Pointer(pointee) = *self.converter.types().get(ty) else { return Ok(None) };
            behind = format!(" *{}{behind}", words(quals));
            stars += 1;
            QualType { ty, quals } = pointee;
        }
        let pointer = self.pointer_with_id(ty);
        Ok(Some(Spelled { pointer, stars, behind: words(quals) + &behind }))
    }
}

/// Qualifiers as they are written behind what they qualify.
fn words(quals: Qualifiers) -> String {
    let all = [
        (quals.is_const, " const"),
        (quals.is_volatile, " volatile"),
        (quals.is_restrict, " restrict"),
    ];
    all.into_iter().filter(|(is_there, _)| *is_there).map(|(_, word)| word).collect()
}

/// Whether the word is somewhere in the text; most of which is skipped, a word's length at a time.
fn contains(text: &[u8], word: &[u8]) -> bool {
    let mut end = word.len();
    while let Some(&last) = end.checked_sub(1).and_then(|last| text.get(last)) {
        if text[end - word.len()..end] == *word {
            return true;
        }
        end += word
            .iter()
            .rev()
            .skip(1)
            .position(|&byte| byte == last)
            .map_or(word.len(), |at| at + 1);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_they_are() {
        for text in ["aab", "xaab", "xxaabx", "abaaab", "aaaab"] {
            assert!(contains(text.as_bytes(), b"aab"), "{text}");
        }
        for text in ["", "a", "ab", "aba", "abab", "aaaa"] {
            assert!(!contains(text.as_bytes(), b"aab"), "{text}");
        }
    }
}
