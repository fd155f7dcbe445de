//! The tokens of C text, as far as finding declarators and the ends of expressions needs them.

mod characters;
mod lexer;

use std::borrow::Cow;
use std::ops::Range;

use self::characters::Characters;
pub use self::characters::Trigraphs;
use self::lexer::Lexer;

/// A preprocessing token's place in a text, and its kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Bytes of the text.
    pub range: Range<u32>,
    /// What it is.
    pub kind: TokenKind,
}

/// Kinds of tokens that matter here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// An identifier or keyword.
    Word,
    /// A number.
    Number,
    /// A string or character literal, with its prefix.
    Literal,
    /// A single punctuation character, however it is spelled: `<:` is a bracket. Operators of several
    /// characters are several tokens, which does no harm where only brackets, commas and stars are
    /// looked for.
    Punctuation(u8),
}

/// Splits text into tokens. Comments and white space separate them, continued lines are one, and line
/// markers are nothing; directives are not treated specially.
///
/// Incomplete literals and comments extend to the end of the text.
pub fn tokens(text: &[u8], trigraphs: Trigraphs) -> Vec<Token> {
    // Comments and indentation are a good part of most sources.
    let mut tokens = Vec::with_capacity(text.len() / 8);
    tokens.extend(each_token(text, trigraphs));
    tokens
}

/// The same, one after the other.
pub(crate) fn each_token(text: &[u8], trigraphs: Trigraphs) -> impl Iterator<Item = Token> {
    Lexer::new(Characters::new(text, trigraphs))
}

impl Token {
    /// Whether this is the punctuation character.
    pub fn is(&self, punctuation: u8) -> bool {
        self.kind == TokenKind::Punctuation(punctuation)
    }

    /// The token's text.
    pub fn text<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        &text[self.range.start as usize..self.range.end as usize]
    }

    /// The token's text without what continues lines in it.
    pub fn word<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let written = self.text(text);
        if written.contains(&b'\n') || written.contains(&b'\r') {
            // A trigraph can be nothing but the backslash that continues a line here.
            Characters::new(written, Trigraphs::Replaced).collect::<Vec<u8>>().into()
        } else {
            written.into()
        }
    }

    /// Whether this is the word.
    pub fn is_word(&self, text: &[u8], word: &str) -> bool {
        self.kind == TokenKind::Word && *self.word(text) == *word.as_bytes()
    }
}

/// Index of the token behind the bracket that closes the one at `open`; `None` if none does.
pub fn behind_closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            TokenKind::Punctuation(b'(' | b'[' | b'{') => depth += 1,
            TokenKind::Punctuation(b')' | b']' | b'}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Index of the bracket that opens the one at `close`; `None` if none does.
pub fn opening(tokens: &[Token], close: usize) -> Option<usize> {
    let mut depth = 0usize;
    for index in (0..=close).rev() {
        match tokens[index].kind {
            TokenKind::Punctuation(b')' | b']' | b'}') => depth += 1,
            TokenKind::Punctuation(b'(' | b'[' | b'{') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// An argument of something that looks like a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Argument {
    /// Index of the token in front of the opening parenthesis: a word.
    pub name: usize,
    /// Which argument, counted from 0.
    pub number: usize,
    /// Index of its first token.
    pub first: usize,
}

/// The calls, and macro uses, in whose arguments a token stands, the innermost first.
pub fn enclosing(tokens: &[Token], index: usize) -> impl Iterator<Item = Argument> {
    let mut next = index;
    std::iter::from_fn(move || {
        let mut number = 0;
        let mut first = None;
        while next > 0 {
            next -= 1;
            let token = &tokens[next];
            if token.is(b')') || token.is(b']') || token.is(b'}') {
                next = opening(tokens, next)?;
            } else if token.is(b',') {
                first.get_or_insert(next + 1);
                number += 1;
            } else if token.is(b'(') {
                let argument = first.take().unwrap_or(next + 1);
                let name = next.checked_sub(1);
                if let Some(name) = name.filter(|&name| tokens[name].kind == TokenKind::Word) {
                    return Some(Argument { name, number, first: argument });
                }
                number = 0;
            } else if token.is(b'{') || token.is(b';') {
                return None;
            }
        }
        None
    })
}

#[cfg(test)]
mod tests;
