//! The specifiers that begin a declaration, taken apart into type and the rest.

use std::ops::Range;

use super::Analysis;
use super::declarations::Site;
use crate::declarator::is_specifier_word;
use crate::token::{Token, TokenKind};

/// The declaration specifiers of a declaration.
pub(super) struct Specifiers {
    /// Bytes of the type specifiers and qualifiers, in runs.
    pub(super) types: Vec<Range<u32>>,
    /// The others (storage class and the like), each with a space behind it.
    pub(super) kept: String,
    /// All of them.
    pub(super) text: String,
    /// Behind the last one.
    pub(super) end: u32,
    /// Whether they define a struct, union or enumeration.
    pub(super) has_members: bool,
}

impl Analysis<'_> {
    /// Takes the specifiers in front of the first declarator apart.
    pub(super) fn specifiers(&self, site: &Site) -> Specifiers {
        let tokens = &site.file.tokens()[site.start..site.declarator.range.start];
        let text = site.file.text();
        let is_macro = |token: &Token| {
            let point = clang::Point { file: site.id, offset: token.range.start };
            self.macros.around(point).any(|known| known.span.range.start == point.offset)
        };
        let mut specifiers = Specifiers {
            types: Vec::new(),
            kept: String::new(),
            text: slice(text, tokens),
            end: tokens
                .last()
                .map_or_else(|| site.file.tokens()[site.start].range.start, |last| last.range.end),
            has_members: false,
        };
        let is_kept = |token: &Token| is_specifier_word(token.text(text));
        let is_type_macro = |token: &Token| is_macro(token) && self.is_type(token.text(text));
        let has_plain_type = tokens.iter().any(|token| {
            token.kind == TokenKind::Word
                && !is_kept(token)
                && (!is_macro(token) || is_type_macro(token))
        });
        let mut index = 0;
        while index < tokens.len() {
            let token = &tokens[index];
            let word = token.text(text);
            let has_argument = ATTRIBUTES.contains(&word);
            let keep_macro = has_plain_type
                && token.kind == TokenKind::Word
                && is_macro(token)
                && !is_type_macro(token);
            let mut end = index + 1;
            if (has_argument || keep_macro) && tokens.get(end).is_some_and(|next| next.is(b'(')) {
                end = crate::token::behind_closing(tokens, end).unwrap_or(end + 1);
            }
            if has_argument || keep_macro || is_kept(token) {
                specifiers.kept.push_str(&slice(text, &tokens[index..end]));
                specifiers.kept.push(' ');
            } else {
                specifiers.has_members |= token.is(b'{');
                match specifiers.types.last_mut() {
                    Some(run) if index > 0 && run.end == tokens[index - 1].range.end => {
                        run.end = token.range.end;
                    }
                    _ => specifiers.types.push(token.range.clone()),
                }
            }
            index = end;
        }
        specifiers
    }

    /// Whether this macro stands for the name of a type and nothing else, as `bool` does.
    fn is_type(&self, name: &[u8]) -> bool {
        let definition =
            std::str::from_utf8(name).ok().and_then(|name| self.macros.definition_named(name));
        let Some(definition) = definition else { return false };
        let file = self.files.get(definition.span.file);
        let first = file.token_at(definition.span.range.start) + 1;
        let mut body = file.tokens()[first.min(file.tokens().len())..]
            .iter()
            .take_while(|token| token.range.end <= definition.span.range.end)
            .peekable();
        body.peek().is_some()
            && body.all(|token| {
                let word = token.text(file.text());
                let is_attribute = ATTRIBUTES.contains(&word);
                token.kind == TokenKind::Word && !is_specifier_word(word) && !is_attribute
            })
    }
}

/// Words that begin attributes, with their arguments in parentheses behind them.
const ATTRIBUTES: [&[u8]; 5] =
    [b"__attribute__", b"__attribute", b"_Alignas", b"alignas", b"__declspec"];

fn slice(text: &[u8], tokens: &[Token]) -> String {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return String::new() };
    String::from_utf8_lossy(&text[first.range.start as usize..last.range.end as usize]).into_owned()
}
