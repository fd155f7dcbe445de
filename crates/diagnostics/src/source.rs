//! Text of source files: where it comes from, its lines and columns.

use std::borrow::Cow;

use crate::SourcePath;

/// Where a [`crate::Renderer`] gets the text of files.
///
/// A closure from a path to its bytes is one, too.
pub trait Sources {
    /// The bytes of this file, as they were when the spans were made; `None` if they are not to be
    /// had.
    fn bytes(&self, file: &SourcePath) -> Option<Cow<'_, [u8]>>;

    /// The path as the user should see it, for example relative to the current directory.
    fn shown_path(&self, file: &SourcePath) -> String {
        file.to_string()
    }
}

impl<F: Fn(&SourcePath) -> Option<Vec<u8>>> Sources for F {
    fn bytes(&self, file: &SourcePath) -> Option<Cow<'_, [u8]>> {
        self(file).map(Cow::Owned)
    }
}

/// A place as people and editors count it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1. A tab is one character, and so is a byte (or a cut
    /// off sequence of bytes) that is not UTF-8.
    pub column: u32,
}

/// The bytes of a file and where its lines begin.
#[derive(Debug)]
pub struct SourceText<'a> {
    bytes: Cow<'a, [u8]>,
    line_starts: Vec<u32>,
}

impl<'a> SourceText<'a> {
    /// Finds the lines of this text, which end with a line feed (LF or CR LF).
    ///
    /// # Panics
    /// From 4 GiB on, which no span can address.
    pub fn new(bytes: impl Into<Cow<'a, [u8]>>) -> SourceText<'a> {
        let bytes = bytes.into();
        u32::try_from(bytes.len()).expect("source files are smaller than 4 GiB");
        let after_line_feeds =
            bytes.iter().zip(1_u32..).filter(|&(&byte, _)| byte == b'\n').map(|(_, next)| next);
        let line_starts = std::iter::once(0).chain(after_line_feeds).collect();
        SourceText { bytes, line_starts }
    }

    /// The whole text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The offset after the last byte.
    pub fn end(&self) -> u32 {
        u32::try_from(self.bytes.len()).expect("checked when made")
    }

    /// The number of the line (from 1) that has this offset. The end of a text whose last line is
    /// complete is on the empty line after it.
    pub fn line_of(&self, offset: u32) -> u32 {
        let lines = self.line_starts.partition_point(|&start| start <= offset);
        u32::try_from(lines).expect("no more lines than bytes")
    }

    /// Offset of the first byte of a line (from 1); past the last line, the end of the text.
    pub fn line_start(&self, line: u32) -> u32 {
        let index = line.saturating_sub(1) as usize;
        self.line_starts.get(index).copied().unwrap_or_else(|| self.end())
    }

    /// A line (from 1) without its end-of-line characters; empty past the last one.
    pub fn line(&self, line: u32) -> &[u8] {
        let range =
            self.line_start(line) as usize..self.line_start(line.saturating_add(1)) as usize;
        let text = &self.bytes[range];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    /// The line and column of this offset; past the end, those of the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.end());
        let line = self.line_of(offset);
        let within = (offset - self.line_start(line)) as usize;
        let before = characters_before(self.line(line), within);
        Position { line, column: u32::try_from(before).expect("fewer than bytes") + 1 }
    }
}

/// How many characters lie wholly before this offset, where every run of bytes that
/// `String::from_utf8_lossy` replaces counts as one.
fn characters_before(text: &[u8], offset: usize) -> usize {
    let (mut position, mut count) = (0, 0);
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            position += character.len_utf8();
            if position > offset {
                return count;
            }
            count += 1;
        }
        if !chunk.invalid().is_empty() {
            position += chunk.invalid().len();
            if position > offset {
                return count;
            }
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(text: &[u8], offset: u32) -> (u32, u32) {
        let Position { line, column } = SourceText::new(text).position(offset);
        (line, column)
    }

    #[test]
    fn lines_end_with_lf_or_crlf() {
        let text = SourceText::new(&b"ab\r\n\ncd"[..]);
        assert_eq!([text.line(1), text.line(2), text.line(3)], [&b"ab"[..], b"", b"cd"]);
        assert_eq!(text.line(4), b"");
        assert_eq!(place(b"ab\r\n\ncd", 3), (1, 3), "the line feed is past the last column");
        assert_eq!(place(b"ab\r\n\ncd", 4), (2, 1));
        assert_eq!(place(b"ab\r\n\ncd", 6), (3, 2));
    }

    #[test]
    fn the_end_of_a_file() {
        assert_eq!(place(b"", 0), (1, 1));
        assert_eq!(place(b"ab", 2), (1, 3));
        assert_eq!(place(b"ab\n", 3), (2, 1));
        assert_eq!(place(b"ab\n", 99), (2, 1));
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(place(b"\t\tx", 2), (1, 3));
        assert_eq!(place("äöx".as_bytes(), 4), (1, 3));
        assert_eq!(place("äöx".as_bytes(), 3), (1, 2), "inside a character is at it");
        assert_eq!(place(b"\xe4\xf6x", 2), (1, 3), "Latin-1");
    }

    proptest! {
        #[test]
        fn columns_agree_with_the_lossy_text(
            text in prop::collection::vec(prop_oneof![0x20_u8..0x7f, 0x80_u8..], 0..40),
            cut in 0..40_usize,
        ) {
            // Where the cut does not go through a character, the characters before it are those of
            // the lossy text before it.
            let cut = cut.min(text.len());
            let (head, tail) = text.split_at(cut);
            let joined = format!("{}{}", String::from_utf8_lossy(head), String::from_utf8_lossy(tail));
            prop_assume!(joined == String::from_utf8_lossy(&text));
            prop_assert_eq!(
                characters_before(&text, cut),
                String::from_utf8_lossy(head).chars().count()
            );
        }
    }
}
