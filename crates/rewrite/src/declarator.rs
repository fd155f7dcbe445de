//! The syntax of declarators, read from the name outwards (C17 6.7.6).
//!
//! libclang says what type a declaration has, but not where the parts of its declarator are written.
//! In `char *(*const table[3])(int)` the name is followed by an array layer, then a pointer layer
//! (`*const`), then a function layer, then a pointer layer; `char` is the specifier.

use std::ops::Range;

use crate::keywords::{is_qualifier, is_specifier_word, is_type_operator, is_type_word};
use crate::token::{Token, TokenKind, behind_closing, opening};

/// A declarator, in token indices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declarator {
    /// All of it, without what follows it (attributes, assembler name, initialiser).
    pub range: Range<usize>,
    /// Its layers, the one next to the name first.
    pub layers: Vec<Layer>,
}

/// A layer of a declarator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layer {
    /// What it adds.
    pub kind: LayerKind,
    /// The part inside: the name and all layers before this one.
    pub inner: Range<usize>,
}

/// What a layer adds to the type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LayerKind {
    /// `[N]`
    Array,
    /// `(parameters)`
    Function,
    /// `*`, with the qualifiers and attributes between it and the inner part.
    Pointer {
        /// The star.
        star: usize,
        /// Qualifiers of the pointer itself.
        qualifiers: Range<usize>,
    },
}

impl Declarator {
    /// The declarator with parameters behind it, in tokens `start..end`, that are not written as
    /// such.
    #[must_use]
    pub fn with_parameters(mut self, start: usize, end: usize) -> Declarator {
        // Stars in front of a group bind less tightly than parameters behind it.
        let outer = self.layers.iter().position(|layer| layer.inner.end == start);
        let position = outer.unwrap_or(self.layers.len());
        let inner = outer.map_or(self.range.start..start, |outer| self.layers[outer].inner.clone());
        for layer in &mut self.layers[position..] {
            layer.inner.end = end;
        }
        self.layers.insert(position, Layer { kind: LayerKind::Function, inner });
        self.range.end = end;
        self
    }
}

/// The declarator around a name, whose declaration begins at token `start`.
pub fn around_name(text: &[u8], tokens: &[Token], start: usize, name: usize) -> Declarator {
    around(text, tokens, start, name..name + 1)
}

/// The declarator of a declaration without a name (a parameter, a type name), which begins at token
/// `start`.
pub fn abstract_declarator(text: &[u8], tokens: &[Token], start: usize) -> Declarator {
    let position = name_position(text, tokens, start);
    around(text, tokens, start, position..position)
}

/// The declarator of a parameter, which may have a name or none, and begins at token `start`.
pub fn parameter_declarator(text: &[u8], tokens: &[Token], start: usize) -> Declarator {
    let position = name_position(text, tokens, start);
    let is_named = tokens.get(position).is_some_and(|token| token.kind == TokenKind::Word);
    around(text, tokens, start, position..position + usize::from(is_named))
}

/// Where the name is in a declaration that begins at token `start`, or would be.
fn name_position(text: &[u8], tokens: &[Token], start: usize) -> usize {
    let mut position = specifiers_end(text, tokens, start);
    loop {
        while let Some(next) = skip_prefix(text, tokens, position) {
            position = next;
        }
        if !opens_group(text, tokens, position) {
            return position;
        }
        position = behind_macros(text, tokens, position + 1);
    }
}

/// Whether the parenthesis at `position` groups a declarator, rather than beginning parameters.
fn opens_group(text: &[u8], tokens: &[Token], position: usize) -> bool {
    if !tokens.get(position).is_some_and(|token| token.is(b'(')) {
        return false;
    }
    let mut inside = position + 1;
    while let Some(next) = attribute_end(text, tokens, inside) {
        inside = next;
    }
    match tokens.get(inside) {
        Some(token) if token.is(b'*') || token.is(b'^') || token.is(b'[') => true,
        Some(token) if token.is(b'(') => opens_group(text, tokens, inside),
        _ => {
            let behind = behind_macros(text, tokens, inside);
            behind > inside && tokens.get(behind).is_some_and(|token| token.is(b'*'))
        }
    }
}

/// Index behind the words at `position` that are no types: macros for attributes and calling
/// conventions.
fn behind_macros(text: &[u8], tokens: &[Token], mut position: usize) -> usize {
    while tokens.get(position).is_some_and(|token| is_macro_word(text, token)) {
        position += 1;
        if tokens.get(position).is_some_and(|token| token.is(b'(')) {
            position = behind_closing(tokens, position).unwrap_or(position);
        }
    }
    position
}

/// A star, a qualifier or an attribute in front of an abstract declarator.
fn skip_prefix(text: &[u8], tokens: &[Token], position: usize) -> Option<usize> {
    let token = tokens.get(position)?;
    if token.is(b'*') || is_qualifier(token.text(text)) {
        return Some(position + 1);
    }
    attribute_end(text, tokens, position)
}

/// Index of the token behind the attribute that begins at `position`, if one does.
pub fn attribute_end(text: &[u8], tokens: &[Token], position: usize) -> Option<usize> {
    let word = tokens.get(position)?.text(text);
    if matches!(word, b"__attribute__" | b"__attribute" | b"__declspec") {
        return behind_closing(tokens, position + 1);
    }
    let is_double = |index: usize| tokens.get(index).is_some_and(|token| token.is(b'['));
    if is_double(position) && is_double(position + 1) {
        return behind_closing(tokens, position);
    }
    None
}

fn around(text: &[u8], tokens: &[Token], start: usize, name: Range<usize>) -> Declarator {
    let Range { start: mut left, end: mut right } = name;
    let mut layers = Vec::new();
    let is = |index: usize, byte: u8| tokens.get(index).is_some_and(|token| token.is(byte));
    loop {
        loop {
            if let Some(next) = attribute_end(text, tokens, right) {
                right = next;
                continue;
            }
            let kind = match tokens.get(right) {
                Some(token) if token.is(b'(') => LayerKind::Function,
                Some(token) if token.is(b'[') => LayerKind::Array,
                _ => break,
            };
            let Some(next) = behind_closing(tokens, right) else { break };
            layers.push(Layer { kind, inner: left..right });
            right = next;
        }
        while let Some((star, qualifiers)) = pointer_before(text, tokens, start, left) {
            let kind = LayerKind::Pointer { star, qualifiers };
            layers.push(Layer { kind, inner: left..right });
            left = star;
        }
        // `(declarator)`, possibly with a calling convention behind the parenthesis.
        let mut open = left;
        while open > start {
            open = match tokens[open - 1].kind {
                TokenKind::Word => open - 1,
                TokenKind::Punctuation(b')') => match attribute_before(text, tokens, start, open) {
                    Some(attribute) => attribute,
                    None => break,
                },
                _ => break,
            };
        }
        if open > start && is(open - 1, b'(') && is(right, b')') {
            left = open - 1;
            right += 1;
            continue;
        }
        return Declarator { range: left..right, layers };
    }
}

/// The star in front of `left`, if only qualifiers and attributes stand between.
fn pointer_before(
    text: &[u8],
    tokens: &[Token],
    start: usize,
    left: usize,
) -> Option<(usize, Range<usize>)> {
    let mut index = left;
    while index > start {
        let token = &tokens[index - 1];
        if token.is(b'*') {
            return Some((index - 1, index..left));
        }
        if is_qualifier(token.text(text)) {
            index -= 1;
        } else {
            index = attribute_before(text, tokens, start, index)?;
        }
    }
    None
}

/// Whether the token may be the name of a macro for attributes.
fn is_macro_word(text: &[u8], token: &Token) -> bool {
    let word = token.text(text);
    token.kind == TokenKind::Word
        && !is_type_word(word)
        && !is_specifier_word(word)
        && !is_qualifier(word)
        && !is_type_operator(word)
}

/// Where the attribute, or macro with arguments, begins that ends in front of `right`.
fn attribute_before(text: &[u8], tokens: &[Token], start: usize, right: usize) -> Option<usize> {
    let last = right.checked_sub(1).filter(|&last| last >= start && tokens[last].is(b')'))?;
    let word = opening(tokens, last)?.checked_sub(1).filter(|&word| word >= start)?;
    is_macro_word(text, &tokens[word]).then_some(word)
}

/// Index of the token behind the declaration specifiers that begin at `start`.
pub fn specifiers_end(text: &[u8], tokens: &[Token], start: usize) -> usize {
    let mut index = start;
    let mut has_type = false;
    while let Some(token) = tokens.get(index) {
        if let Some(next) = attribute_end(text, tokens, index) {
            index = next;
            continue;
        }
        if token.kind != TokenKind::Word {
            break;
        }
        let word = token.text(text);
        let next = index + 1;
        index = match word {
            b"struct" | b"union" | b"enum" => {
                has_type = true;
                behind_tag(text, tokens, next)
            }
            b"_Alignas" | b"alignas" => behind_closing(tokens, next).unwrap_or(next),
            _ if is_type_operator(word) && tokens.get(next).is_some_and(|token| token.is(b'(')) => {
                has_type = true;
                behind_closing(tokens, next).unwrap_or(next)
            }
            _ if is_type_word(word) => {
                has_type = true;
                next
            }
            _ if is_specifier_word(word) || is_qualifier(word) => next,
            // A typedef name, or the declared name behind a type.
            _ if has_type => break,
            _ => {
                has_type = true;
                next
            }
        };
    }
    index
}

/// Index behind the tag and the member list of a struct, union or enumeration.
fn behind_tag(text: &[u8], tokens: &[Token], mut index: usize) -> usize {
    while let Some(next) = attribute_end(text, tokens, index) {
        index = next;
    }
    if tokens.get(index).is_some_and(|token| token.kind == TokenKind::Word) {
        index += 1;
    }
    match tokens.get(index) {
        Some(token) if token.is(b'{') => behind_closing(tokens, index).unwrap_or(index + 1),
        _ => index,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{Trigraphs, tokens};

    /// Describes a declarator as `specifiers | declarator | layers`.
    fn check(text: &str, name: &str, expected: &str) {
        let bytes = text.as_bytes();
        let tokens = tokens(bytes, Trigraphs::Kept);
        let declarator = if name.is_empty() {
            abstract_declarator(bytes, &tokens, 0)
        } else {
            let index = tokens.iter().position(|token| token.text(bytes) == name.as_bytes());
            around_name(bytes, &tokens, 0, index.unwrap())
        };
        let part = |range: &Range<usize>| match tokens.get(range.clone()) {
            Some([first, .., last]) => &text[first.range.start as usize..last.range.end as usize],
            Some([only]) => &text[only.range.start as usize..only.range.end as usize],
            _ => "",
        };
        let layers: Vec<String> = declarator
            .layers
            .iter()
            .map(|layer| match &layer.kind {
                LayerKind::Array => "array".to_owned(),
                LayerKind::Function => "function".to_owned(),
                LayerKind::Pointer { qualifiers, .. } => {
                    format!("pointer {}", part(qualifiers)).trim_end().to_owned()
                }
            })
            .collect();
        let found = format!(
            "{} | {} | {}",
            part(&(0..declarator.range.start)),
            part(&declarator.range),
            layers.join(", ")
        );
        assert_eq!(found, expected);
    }

    #[test]
    fn layers_are_read_from_the_name_outwards() {
        check("int (*cb)(int)", "cb", "int | (*cb)(int) | pointer, function");
        check(
            "static char *(*const table[3])(int) = {0}",
            "table",
            "static char | *(*const table[3])(int) | array, pointer const, function, pointer",
        );
        check(
            "struct s (*(*get(int a))(char))[2];",
            "get",
            "struct s | (*(*get(int a))(char))[2] | function, pointer, function, pointer, array",
        );
        check("int f(void), *g", "g", "int f(void), | *g | pointer");
    }

    #[test]
    fn qualifiers_of_the_specifiers_stay_there() {
        check("char const *const p", "p", "char const | *const p | pointer const");
        check("const char *p", "p", "const char | *p | pointer");
    }

    #[test]
    fn attributes_and_calling_conventions_belong_to_the_declarator() {
        check(
            "void (__attribute__((noreturn)) *die)(int)",
            "die",
            "void | (__attribute__((noreturn)) *die)(int) | pointer, function",
        );
        check("int (ZCALL *cb)(int)", "cb", "int | (ZCALL *cb)(int) | pointer, function");
        let layers = "pointer, function, pointer";
        check(
            "void *(SIZED(1) ZCALL *cb)(long)",
            "cb",
            &format!("void | *(SIZED(1) ZCALL *cb)(long) | {layers}"),
        );
        check(
            "void *(SIZED(1) ZCALL *)(long)",
            "",
            &format!("void | *(SIZED(1) ZCALL *)(long) | {layers}"),
        );
        check("typeof(x) (*f)(int)", "f", "typeof(x) | (*f)(int) | pointer, function");
        check("typeof(x) *p", "p", "typeof(x) | *p | pointer");
    }

    #[test]
    fn a_declaration_may_have_no_name() {
        check("int (*)(int)", "", "int | (*)(int) | pointer, function");
        check("unsigned long", "", "unsigned long |  | ");
        check("int (int)", "", "int | (int) | function");
        check(
            "struct s *(*(*)(void))[3]",
            "",
            "struct s | *(*(*)(void))[3] | pointer, function, pointer, array, pointer",
        );
        check("cb_t *const", "", "cb_t | *const | pointer const");
        check("int [2]", "", "int | [2] | array");
    }
}
