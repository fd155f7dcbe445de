//! The tokens of C text, as far as finding declarators and the ends of expressions needs them.

use std::ops::Range;

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
    /// A single punctuation character. Operators of several characters are several tokens, which
    /// does no harm where only brackets, commas and stars are looked for.
    Punctuation(u8),
}

/// Splits text into tokens. Comments, white space and line continuations separate them;
/// preprocessor directives are not treated specially.
///
/// Incomplete literals and comments extend to the end of the text.
pub fn tokens(text: &[u8]) -> Vec<Token> {
    Lexer { text, position: 0 }.collect()
}

struct Lexer<'a> {
    text: &'a [u8],
    position: usize,
}

impl Lexer<'_> {
    fn peek(&self, distance: usize) -> Option<u8> {
        self.text.get(self.position + distance).copied()
    }

    fn skip_blank(&mut self) {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, _) => self.position += 1,
                (b'/', Some(b'/')) => self.skip_line_comment(),
                (b'/', Some(b'*')) => self.skip_comment(),
                (b'\\', Some(b'\n' | b'\r')) => self.position += 2,
                _ => return,
            }
        }
    }

    /// To the end of the line, which a backslash at its end continues.
    fn skip_line_comment(&mut self) {
        while let Some(found) = self.next_byte(|byte| matches!(byte, b'\n' | b'\\')) {
            self.position = found;
            if self.text[found] == b'\n' {
                return;
            }
            self.position = (found + 2).min(self.text.len());
        }
        self.position = self.text.len();
    }

    /// Behind the end of the comment.
    fn skip_comment(&mut self) {
        let inside = self.position + 2;
        self.position = inside;
        while let Some(found) = self.next_byte(|byte| byte == b'/') {
            self.position = found + 1;
            // In `/*/` the star is that of the beginning.
            if found > inside && self.text[found - 1] == b'*' {
                return;
            }
        }
        self.position = self.text.len();
    }

    /// The next byte like this, from the position on.
    fn next_byte(&self, is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
        let rest = self.text.get(self.position..)?;
        rest.iter().position(|&byte| is_wanted(byte)).map(|found| self.position + found)
    }

    fn skip_word(&mut self) {
        while self.peek(0).is_some_and(is_word_byte) {
            self.position += 1;
        }
    }

    fn skip_number(&mut self) {
        while let Some(byte) = self.peek(0) {
            let exponent = matches!(byte, b'e' | b'E' | b'p' | b'P');
            let sign = matches!(self.peek(1), Some(b'+' | b'-'));
            match byte {
                _ if exponent && sign => self.position += 2,
                b'.' | b'\'' => self.position += 1,
                _ if is_word_byte(byte) => self.position += 1,
                _ => return,
            }
        }
    }

    fn skip_literal(&mut self, quote: u8) {
        self.position += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.position += 2,
                _ => self.position += 1,
            }
            if byte == quote {
                break;
            }
        }
        self.position = self.position.min(self.text.len());
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_blank();
        let start = self.position;
        let kind = match self.peek(0)? {
            quote @ (b'"' | b'\'') => {
                self.skip_literal(quote);
                TokenKind::Literal
            }
            b'0'..=b'9' => {
                self.skip_number();
                TokenKind::Number
            }
            b'.' if self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) => {
                self.skip_number();
                TokenKind::Number
            }
            byte if is_word_byte(byte) => {
                self.skip_word();
                let prefix = matches!(&self.text[start..self.position], b"L" | b"u" | b"U" | b"u8");
                match self.peek(0) {
                    Some(quote @ (b'"' | b'\'')) if prefix => {
                        self.skip_literal(quote);
                        TokenKind::Literal
                    }
                    _ => TokenKind::Word,
                }
            }
            byte => {
                self.position += 1;
                TokenKind::Punctuation(byte)
            }
        };
        Some(Token { range: start as u32..self.position as u32, kind })
    }
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

    /// Whether this is the word.
    pub fn is_word(&self, text: &[u8], word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(text) == word.as_bytes()
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
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let tokens = tokens(text.as_bytes());
        let found: Vec<&[u8]> = tokens.iter().map(|token| token.text(text.as_bytes())).collect();
        let expected: Vec<&[u8]> = expected.iter().map(|text| text.as_bytes()).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn comments_and_continuations_separate_tokens() {
        check("a/* x */b//c\\\nd\ne", &["a", "b", "e"]);
        check("a\\\nb", &["a", "b"]);
        check("/* open", &[]);
    }

    #[test]
    fn literals_keep_what_is_in_them() {
        check(
            r#"f("a\"(", 'x', L"w", u8"(")"#,
            &["f", "(", r#""a\"(""#, ",", "'x'", ",", r#"L"w""#, ",", r#"u8"(""#, ")"],
        );
        check("\"open", &["\"open"]);
    }

    #[test]
    fn numbers_are_one_token() {
        check("1.5e+3+.5f-0x1p-3", &["1.5e+3", "+", ".5f", "-", "0x1p-3"]);
    }

    #[test]
    fn brackets_find_their_partners() {
        let text = b"f(a[1], (b)) + c";
        let tokens = tokens(text);
        assert_eq!(behind_closing(&tokens, 1), Some(tokens.len() - 2));
        assert_eq!(opening(&tokens, tokens.len() - 3), Some(1));
        assert_eq!(behind_closing(&tokens[..3], 1), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_split_without_gaps_in_order(text: Vec<u8>) {
            let mut end = 0;
            for token in tokens(&text) {
                proptest::prop_assert!(token.range.start >= end && token.range.end > token.range.start);
                proptest::prop_assert!(token.range.end as usize <= text.len());
                end = token.range.end;
            }
        }
    }
}
