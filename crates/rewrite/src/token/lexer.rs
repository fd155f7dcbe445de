//! From characters to tokens.

use super::characters::Characters;
use super::{Token, TokenKind};
use crate::line_markers::marker_length;

pub(super) struct Lexer<'a> {
    characters: Characters<'a>,
    /// Whether nothing but blanks stands in front on the line.
    is_line_start: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(characters: Characters<'a>) -> Lexer<'a> {
        Lexer { characters, is_line_start: true }
    }

    fn skip_blank(&mut self) {
        loop {
            match self.characters.peek() {
                Some(b'\n' | b'\r') => {
                    self.characters.next();
                    self.is_line_start = true;
                }
                Some(b' ' | b'\t' | 0x0b | 0x0c) => {
                    self.characters.next();
                }
                Some(b'/') => match self.characters.peek_two().1 {
                    Some(b'/') => {
                        self.characters.skip_all(|byte| !matches!(byte, b'\n' | b'\r'));
                    }
                    Some(b'*') => self.skip_comment(),
                    _ => return,
                },
                Some(b'#') if self.is_line_start && self.skip_line_marker() => {}
                _ => return,
            }
        }
    }

    /// Behind the end of the comment.
    fn skip_comment(&mut self) {
        self.characters.next();
        self.characters.next();
        loop {
            self.characters.skip_all(|byte| byte != b'*');
            if self.characters.next().is_none() || self.characters.skip_if(|byte| byte == b'/') {
                return;
            }
        }
    }

    fn skip_line_marker(&mut self) -> bool {
        let rest = &self.characters.text()[self.characters.position..];
        let length = marker_length(rest);
        self.characters.position += length.unwrap_or(0);
        length.is_some()
    }

    /// The rest of a word, universal character names and all.
    fn skip_word(&mut self) {
        loop {
            self.characters.skip_all(is_word_byte);
            match self.characters.peek_two() {
                (Some(b'\\'), Some(b'u' | b'U')) => {
                    self.characters.next();
                }
                _ => return,
            }
        }
    }

    fn skip_number(&mut self) {
        loop {
            match self.characters.peek_two() {
                (Some(b'e' | b'E' | b'p' | b'P'), Some(b'+' | b'-')) => {
                    self.characters.next();
                    self.characters.next();
                }
                (Some(b'\\'), Some(b'u' | b'U')) => {
                    self.characters.next();
                }
                // A separator of digits, as C23 has it.
                (Some(b'\''), Some(next)) if next.is_ascii_alphanumeric() || next == b'_' => {
                    self.characters.next();
                }
                (Some(byte), _) if byte == b'.' || is_word_byte(byte) && byte != b'$' => {
                    self.characters.next();
                }
                _ => return,
            }
        }
    }

    /// The literal whose quote comes next.
    fn skip_literal(&mut self) {
        let Some(quote) = self.characters.next() else { return };
        loop {
            self.characters.skip_all(|byte| byte != quote && byte != b'\\');
            match self.characters.next() {
                Some(b'\\') => self.characters.next(),
                _ => return,
            };
        }
    }

    /// The raw string whose quote comes next; does nothing if it is none (C++17 5.13.5; gcc and clang
    /// have them in C). Nothing is replaced or joined in it.
    fn skip_raw_string(&mut self) -> bool {
        let rest = &self.characters.text()[self.characters.position..];
        let Some(open) = rest.iter().position(|&byte| byte == b'(') else { return false };
        let delimiter = &rest[1..open.max(1)];
        let is_part =
            |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b')' | b'\\');
        if rest[0] != b'"' || delimiter.len() > 16 || !delimiter.iter().all(is_part) {
            return false;
        }
        let close = [b")", delimiter, b"\""].concat();
        let body = &rest[open + 1..];
        let end = body.windows(close.len()).position(|window| window == close);
        let length = end.map_or(rest.len(), |end| open + 1 + end + close.len());
        self.characters.position += length;
        true
    }

    /// The literal behind a word that may be its prefix.
    fn skip_prefixed(&mut self, start: usize) -> bool {
        let written = &self.characters.text()[start..self.characters.position];
        if self.characters.peek() == Some(b'"')
            && matches!(written, b"R" | b"LR" | b"uR" | b"UR" | b"u8R")
        {
            return self.skip_raw_string();
        }
        let is_prefix = matches!(written, b"L" | b"u" | b"U" | b"u8");
        let has_literal = is_prefix && matches!(self.characters.peek(), Some(b'"' | b'\''));
        if has_literal {
            self.skip_literal();
        }
        has_literal
    }
}

/// What a byte is where a token may begin, if that is all there is to know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The space between tokens.
    Blank,
    LineEnd,
    Digit,
    /// Part of a word, and the first byte of one.
    Letter,
    /// Punctuation that is a token of its own, whatever follows.
    Single,
    /// Everything that depends on what follows, or on where it stands.
    Other,
}

/// Looked up, because it is asked about every byte of every source.
const CLASSES: [Class; 256] = {
    let mut table = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        let known = byte as u8;
        table[byte] = match known {
            b' ' | b'\t' | 0x0b | 0x0c => Class::Blank,
            b'\n' | b'\r' => Class::LineEnd,
            b'0'..=b'9' => Class::Digit,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | 0x80.. => Class::Letter,
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b';' | b',' => Class::Single,
            b'*' | b'&' | b'=' | b'+' | b'-' | b'!' | b'>' | b'|' | b'~' | b'^' => Class::Single,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

fn class(byte: u8) -> Class {
    CLASSES[usize::from(byte)]
}

fn is_word_byte(byte: u8) -> bool {
    matches!(class(byte), Class::Letter | Class::Digit)
}

/// The punctuation that two characters are another spelling of (C17 6.4.6).
fn digraph(first: u8, second: Option<u8>) -> Option<u8> {
    match (first, second?) {
        (b'<', b':') => Some(b'['),
        (b':', b'>') => Some(b']'),
        (b'<', b'%') => Some(b'{'),
        (b'%', b'>') => Some(b'}'),
        (b'%', b':') => Some(b'#'),
        _ => None,
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.simple().or_else(|| self.any())
    }
}

impl Lexer<'_> {
    /// The next token, if it is as most are: a word or a single character, behind nothing but blanks.
    /// Else nothing is lost but the blanks.
    fn simple(&mut self) -> Option<Token> {
        let text = self.characters.text();
        let mut start = self.characters.position;
        let first = loop {
            let class = class(*text.get(start)?);
            match class {
                Class::Blank => {}
                Class::LineEnd => self.is_line_start = true,
                class => break class,
            }
            start += 1;
        };
        self.characters.position = start;
        let (end, kind) = match first {
            Class::Single => (start + 1, TokenKind::Punctuation(text[start])),
            Class::Letter => {
                let rest = &text[start..];
                let length = rest.iter().position(|&byte| !is_word_byte(byte))?;
                // Continued on the next line or with a universal character name, or a prefix.
                if matches!(rest[length], b'\\' | b'?' | b'"' | b'\'') {
                    return None;
                }
                (start + length, TokenKind::Word)
            }
            _ => return None,
        };
        self.characters.position = end;
        self.is_line_start = false;
        Some(Token { range: start as u32..end as u32, kind })
    }

    /// The next token.
    fn any(&mut self) -> Option<Token> {
        self.skip_blank();
        self.characters.skip_continuations();
        let start = self.characters.position;
        let (first, second) = self.characters.peek_two();
        let first = first?;
        self.is_line_start = false;
        let kind = match first {
            b'"' | b'\'' => {
                self.skip_literal();
                TokenKind::Literal
            }
            b'0'..=b'9' => {
                self.skip_number();
                TokenKind::Number
            }
            b'.' if second.is_some_and(|byte| byte.is_ascii_digit()) => {
                self.skip_number();
                TokenKind::Number
            }
            b'\\' if matches!(second, Some(b'u' | b'U')) => {
                self.skip_word();
                TokenKind::Word
            }
            byte if is_word_byte(byte) => {
                self.skip_word();
                if self.skip_prefixed(start) { TokenKind::Literal } else { TokenKind::Word }
            }
            byte => {
                self.characters.next();
                let other = digraph(byte, second);
                if other.is_some() {
                    self.characters.next();
                }
                TokenKind::Punctuation(other.unwrap_or(byte))
            }
        };
        Some(Token { range: start as u32..self.characters.position as u32, kind })
    }
}
