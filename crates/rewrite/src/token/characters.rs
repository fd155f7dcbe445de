//! The characters of a text after the first two translation phases (C17 5.1.1.2): trigraphs replaced,
//! continued lines joined.

/// Whether `??/` is a backslash: so it is with `-std=c99` and its like, and with `-trigraphs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Trigraphs {
    /// Three characters are three characters.
    #[default]
    Kept,
    /// They are replaced.
    Replaced,
}

/// A place in a text.
#[derive(Clone, Debug)]
pub(super) struct Characters<'a> {
    text: &'a [u8],
    trigraphs: Trigraphs,
    /// Offset of the next byte.
    pub(super) position: usize,
}

impl<'a> Characters<'a> {
    pub(super) fn new(text: &'a [u8], trigraphs: Trigraphs) -> Characters<'a> {
        Characters { text, trigraphs, position: 0 }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The next character.
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.look(self.position).map(|(character, _)| character)
    }

    /// The next two characters.
    pub(super) fn peek_two(&self) -> (Option<u8>, Option<u8>) {
        match self.look(self.position) {
            Some((first, behind)) => (Some(first), self.look(behind).map(|(second, _)| second)),
            None => (None, None),
        }
    }

    /// Goes past the next character if it is like this.
    #[inline]
    pub(super) fn skip_if(&mut self, is_wanted: impl Fn(u8) -> bool) -> bool {
        match self.look(self.position) {
            Some((character, behind)) if is_wanted(character) => {
                self.position = behind;
                true
            }
            _ => false,
        }
    }

    /// Goes past as many characters as are like this.
    #[inline]
    pub(super) fn skip_all(&mut self, is_wanted: impl Fn(u8) -> bool) {
        loop {
            let rest = &self.text[self.position..];
            let is_other = |&byte: &u8| is_special(byte) || !is_wanted(byte);
            self.position += rest.iter().position(is_other).unwrap_or(rest.len());
            let is_end = self.text.get(self.position).is_none_or(|&byte| !is_special(byte));
            if is_end || !self.skip_if(&is_wanted) {
                return;
            }
        }
    }

    /// Goes past what continues a line, to the first byte of a character.
    pub(super) fn skip_continuations(&mut self) {
        while let Some(behind) = self.backslash(self.position).and_then(|at| self.newline(at)) {
            self.position = behind;
        }
    }

    /// The character at an offset, and the offset behind it.
    #[inline]
    fn look(&self, offset: usize) -> Option<(u8, usize)> {
        match *self.text.get(offset)? {
            byte if is_special(byte) => self.look_closely(offset),
            byte => Some((byte, offset + 1)),
        }
    }

    fn look_closely(&self, offset: usize) -> Option<(u8, usize)> {
        let mut at = offset;
        loop {
            let byte = *self.text.get(at)?;
            if !is_special(byte) {
                return Some((byte, at + 1));
            }
            if let Some(behind) = self.backslash(at) {
                match self.newline(behind) {
                    Some(continued) => at = continued,
                    None => return Some((b'\\', behind)),
                }
                continue;
            }
            let (character, length) = self.trigraph(at).map_or((byte, 1), |found| (found, 3));
            return Some((character, at + length));
        }
    }

    /// The offset behind the backslash at this one.
    fn backslash(&self, at: usize) -> Option<usize> {
        match self.text.get(at)? {
            b'\\' => Some(at + 1),
            b'?' if self.trigraph(at) == Some(b'\\') => Some(at + 3),
            _ => None,
        }
    }

    /// What three characters stand for (C17 5.2.1.1).
    fn trigraph(&self, at: usize) -> Option<u8> {
        if self.trigraphs == Trigraphs::Kept {
            return None;
        }
        let third = self.text.get(at..at + 3)?.strip_prefix(b"??")?[0];
        const TRIGRAPHS: [(u8, u8); 9] = [
            (b'=', b'#'),
            (b'/', b'\\'),
            (b'\'', b'^'),
            (b'(', b'['),
            (b')', b']'),
            (b'!', b'|'),
            (b'<', b'{'),
            (b'>', b'}'),
            (b'-', b'~'),
        ];
        TRIGRAPHS.iter().find(|(known, _)| *known == third).map(|&(_, character)| character)
    }

    /// The offset behind the end of a line. gcc and clang allow blanks in front of it.
    fn newline(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | 0x0b | 0x0c));
        let end = at + blanks.count();
        match (self.text.get(end)?, self.text.get(end + 1)) {
            (b'\r', Some(b'\n')) | (b'\n', Some(b'\r')) => Some(end + 2),
            (b'\n' | b'\r', _) => Some(end + 1),
            _ => None,
        }
    }
}

/// Whether the byte may be more than the character that it is.
#[inline]
fn is_special(byte: u8) -> bool {
    byte == b'\\' || byte == b'?'
}

impl Iterator for Characters<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (character, behind) = self.look(self.position)?;
        self.position = behind;
        Some(character)
    }
}
