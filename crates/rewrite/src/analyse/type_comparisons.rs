//! `__builtin_types_compatible_p`, whose operands are types that libclang does not show.

use clang::{Cursor, Point};

use super::Analysis;
use super::extent::{Obstacle, Via};
use crate::token::behind_closing;

/// The builtin that tells whether two types are compatible.
const COMPARISON: &[u8] = b"__builtin_types_compatible_p";

impl<'u> Analysis<'u> {
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
        // Where both are spelled, the second becomes what the first does if they are compatible.
        let first = match names[..] {
            [first, _] => self.spelled_at(&extent, first),
            _ => None,
        };
        match extent.via {
            Via::Body(used) if self.use_spells_pointer(used) => {
                let any = self.any_opaque();
                self.blocked(cursor, Obstacle::MixedMacro, any);
            }
            _ => self.named_types(cursor, &extent, &names, first, "this comparison of types"),
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
