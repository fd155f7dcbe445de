//! The specifiers that begin a declaration, taken apart into type and the rest.

use std::ops::Range;

use super::Analysis;
use super::cuts::{Site, is_for_functions};
use crate::command_macros::command_macros;
use crate::declarator::attribute_end;
use crate::keywords::{is_qualifier, is_specifier_word};
use crate::token::{Token, TokenKind, Trigraphs, behind_closing, tokens};

/// The declaration specifiers of a declaration.
pub(super) struct Specifiers {
    /// Bytes of the type specifiers and qualifiers, in runs.
    pub(super) types: Vec<Range<u32>>,
    /// The others (storage class and the like), each with a space behind it.
    pub(super) kept: String,
    /// Bytes of the others.
    pub(super) kept_runs: Vec<Range<u32>>,
    /// All of them.
    pub(super) text: String,
    /// All of them but the members of a structure, union or enumeration.
    pub(super) without_members: String,
    /// Behind the last one.
    pub(super) end: u32,
    /// Whether they define a struct, union or enumeration.
    pub(super) has_members: bool,
    /// Whether that has a tag.
    pub(super) has_tag: bool,
    /// Whether a macro brings a type and other specifiers together.
    pub(super) is_mixed: bool,
}

/// What a macro among the specifiers stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Nothing, or specifiers other than types.
    Kept,
    Type,
    Mixed,
}

impl Analysis<'_> {
    /// Takes the specifiers in front of the first declarator apart. What they define without a tag has
    /// the one that is given.
    pub(super) fn specifiers(&self, site: &Site<'_>, made_up_tag: &str) -> Specifiers {
        let tokens = &site.file.tokens()[site.start..site.declarator.range.start];
        let text = site.file.text();
        let mut specifiers = Specifiers {
            types: Vec::new(),
            kept: String::new(),
            kept_runs: Vec::new(),
            text: slice(text, tokens),
            without_members: String::new(),
            end: tokens
                .last()
                .map_or_else(|| site.file.tokens()[site.start].range.start, |last| last.range.end),
            has_members: false,
            has_tag: false,
            is_mixed: false,
        };
        let (mut index, mut is_behind_keyword, mut is_behind_members) = (0, false, false);
        while index < tokens.len() {
            let token = &tokens[index];
            let word = token.text(text);
            let is_macro = token.kind == TokenKind::Word && self.is_macro_use(site, token);
            let meaning = if is_macro { self.meaning(site, token) } else { Meaning::Type };
            let has_argument = is_macro || matches!(word, b"_Alignas" | b"alignas" | b"__declspec");
            let mut end = index + 1;
            let attribute = attribute_end(text, tokens, index);
            if let Some(attribute) = attribute {
                end = attribute;
            } else if has_argument && tokens.get(end).is_some_and(|next| next.is(b'(')) {
                end = behind_closing(tokens, end).unwrap_or(end + 1);
            }
            let is_attribute =
                attribute.is_some() || (has_argument && (!is_macro || meaning == Meaning::Kept));
            // Next to the keyword or the members it is the type's.
            let is_of_type = is_attribute && (is_behind_keyword || is_behind_members);
            let is_kept = (is_attribute && !is_of_type) || is_specifier_word(word);
            specifiers.is_mixed |= meaning == Meaning::Mixed;
            if is_kept {
                let run = token.range.start..tokens[end - 1].range.end;
                let range = site.start + index..site.start + end;
                if attribute.is_none() || !is_for_functions(site, range) {
                    specifiers.kept.push_str(&slice(text, &tokens[index..end]));
                    specifiers.kept.push(' ');
                } else {
                    specifiers.types.push(run.clone());
                }
                let next = tokens.get(end).map_or(run.end, |next| next.range.start);
                specifiers.kept_runs.push(run.start..next);
            } else {
                if token.is(b'{') {
                    specifiers.has_members = true;
                    end = behind_closing(tokens, index).unwrap_or(tokens.len());
                }
                let run = token.range.start..tokens[end - 1].range.end;
                match specifiers.types.last_mut() {
                    Some(last) if index > 0 && last.end == tokens[index - 1].range.end => {
                        last.end = run.end;
                    }
                    _ => specifiers.types.push(run),
                }
            }
            if !is_of_type {
                specifiers.has_tag |= is_behind_keyword && token.kind == TokenKind::Word;
                let without_members = &mut specifiers.without_members;
                match token.is(b'{') {
                    false => without_members.push_str(&slice(text, &tokens[index..end])),
                    true if !specifiers.has_tag => without_members.push_str(made_up_tag),
                    true => {}
                }
                without_members.push(' ');
                is_behind_keyword = matches!(word, b"struct" | b"union" | b"enum");
                is_behind_members = token.is(b'{');
            }
            index = end;
        }
        specifiers.without_members = specifiers.without_members.trim_end().to_owned();
        specifiers
    }

    /// What the macro that is used at this token stands for.
    fn meaning(&self, site: &Site<'_>, token: &Token) -> Meaning {
        let point = clang::Point { file: site.id, offset: token.range.start };
        let known = self.macros.at(point);
        let definition = known.and_then(|known| self.macros.definition_around(known.definition?));
        let Some(definition) = definition else {
            let body = known.and_then(|known| self.defined_by_command(&known.name));
            // What the compiler itself defines, and may stand among specifiers: `__SIZE_TYPE__`.
            let is_own = known.is_some_and(|known| known.name.starts_with("__"));
            let other = if is_own { Meaning::Type } else { Meaning::Mixed };
            return body.map_or(other, |body| {
                meaning_of(body.as_bytes(), &tokens(body.as_bytes(), Trigraphs::Kept))
            });
        };
        let Some(body) = self.body_range(&definition.span) else { return Meaning::Kept };
        let file = self.files.get(definition.span.file);
        let body = file.token_at(body.start)..file.token_at(body.end);
        match meaning_of(file.text(), &file.tokens()[body]) {
            // Another macro: for attributes more often than for a type that stands alone.
            Meaning::Type if self.is_only_attributes(definition, 0) => Meaning::Kept,
            meaning => meaning,
        }
    }

    /// What a macro without parameters stands for that the command defines.
    fn defined_by_command(&self, name: &str) -> Option<&str> {
        command_macros(&self.definitions).get(name).copied().flatten()
    }

    /// Whether a macro stands for nothing but attributes and storage classes, by way of others.
    fn is_only_attributes(&self, definition: &super::macros::Definition, depth: u32) -> bool {
        let Some(body) = self.body_range(&definition.span) else { return true };
        let file = self.files.get(definition.span.file);
        let (text, tokens) = (file.text(), file.tokens());
        let (mut index, end) = (file.token_at(body.start), file.token_at(body.end));
        while index < end {
            let word = tokens[index].text(text);
            if let Some(next) = attribute_end(text, tokens, index) {
                index = next;
                continue;
            }
            let name = String::from_utf8_lossy(word);
            let other = self.macros.definition_named(&name).filter(|_| depth < 8);
            let is_other = other.is_some_and(|other| self.is_only_attributes(other, depth + 1));
            if is_other && tokens.get(index + 1).is_some_and(|token| token.is(b'(')) {
                index = behind_closing(tokens, index + 1).unwrap_or(end);
                continue;
            }
            if !is_other && !is_specifier_word(word) {
                return false;
            }
            index += 1;
        }
        true
    }
}

/// What tokens among specifiers stand for.
fn meaning_of(text: &[u8], tokens: &[Token]) -> Meaning {
    let (mut has_kept, mut has_type) = (false, false);
    let mut index = 0;
    while index < tokens.len() {
        let word = tokens[index].text(text);
        if let Some(next) = attribute_end(text, tokens, index) {
            has_kept = true;
            index = next;
            continue;
        }
        let is_extension = matches!(word, b"_Alignas" | b"alignas");
        if is_specifier_word(word) || is_extension {
            has_kept = true;
        } else if !is_qualifier(word) && !word.is_empty() {
            has_type = true;
        }
        index += 1;
    }
    match (has_kept, has_type) {
        (true, true) => Meaning::Mixed,
        (false, true) => Meaning::Type,
        _ => Meaning::Kept,
    }
}

fn slice(text: &[u8], tokens: &[Token]) -> String {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return String::new() };
    String::from_utf8_lossy(&text[first.range.start as usize..last.range.end as usize]).into_owned()
}
