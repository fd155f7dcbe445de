//! The lines of a file that a diagnostic shows, as UTF-8.

use std::ops::Range;

use crate::SourceText;

/// Consecutive lines of a file in which every byte that is not UTF-8 has been replaced.
#[derive(Debug)]
pub(crate) struct Excerpt {
    /// The lines.
    pub(crate) text: String,
    /// The number of the first one, counted from 1.
    pub(crate) first_line: u32,
    /// Offset of the excerpt in the file.
    start: u32,
    /// The original bytes, to translate offsets; `None` if `text` has the same offsets.
    original: Option<Vec<u8>>,
}

impl Excerpt {
    /// The lines that hold all of `ranges`, or `None` if one of them lies outside of the file.
    pub(crate) fn around(
        source: &SourceText<'_>,
        ranges: impl IntoIterator<Item = Range<u32>>,
    ) -> Option<Excerpt> {
        let mut whole: Option<Range<u32>> = None;
        let mut points_at_end = false;
        for range in ranges {
            if range.start > range.end || range.end > source.end() {
                return None;
            }
            points_at_end |= range.start == source.end();
            let so_far = whole.unwrap_or_else(|| range.clone());
            whole = Some(so_far.start.min(range.start)..so_far.end.max(range.end));
        }
        let whole = whole?;
        let first_line = source.line_of(whole.start);
        let start = source.line_start(first_line);
        let end = source.line_start(source.line_of(whole.end) + 1);
        let bytes = &source.bytes()[start as usize..end as usize];
        let (mut text, original) = match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), None),
            Err(_) => (String::from_utf8_lossy(bytes).into_owned(), Some(bytes.to_vec())),
        };
        if points_at_end && (text.is_empty() || text.ends_with('\n')) {
            // That place is on an empty last line, which the snippet would not have.
            text.push(' ');
        }
        Some(Excerpt { text, first_line, start, original })
    }

    /// Where this range of the file is in the excerpt, widened to whole characters.
    pub(crate) fn locate(&self, range: Range<u32>) -> Range<usize> {
        let start = (range.start - self.start) as usize;
        let end = (range.end - self.start) as usize;
        let Some(original) = &self.original else {
            return self.text.floor_char_boundary(start)..self.text.ceil_char_boundary(end);
        };
        lossy_offsets(original, start).start..lossy_offsets(original, end).end
    }
}

/// The offset in `String::from_utf8_lossy(bytes)` for an offset in `bytes`: the same place twice at
/// the boundary of a character, else the start and the end of the character it is in.
fn lossy_offsets(bytes: &[u8], offset: usize) -> Range<usize> {
    let (mut from, mut to) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        if offset <= from + valid.len() {
            let within = offset - from;
            return to + valid.floor_char_boundary(within)..to + valid.ceil_char_boundary(within);
        }
        (from, to) = (from + valid.len(), to + valid.len());
        let replaced = if chunk.invalid().is_empty() { 0 } else { '\u{fffd}'.len_utf8() };
        if offset < from + chunk.invalid().len() {
            return to..to + replaced;
        }
        (from, to) = (from + chunk.invalid().len(), to + replaced);
    }
    to..to
}

#[cfg(test)]
mod tests {
    use std::iter::once;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_that_are_not_utf_8_keep_their_places() {
        // Latin-1: "/* für */ x = 1;"
        let source = SourceText::new(&b"int x;\n/* f\xfcr */ x = 1;\n"[..]);
        let excerpt = Excerpt::around(&source, once(17..18)).expect("inside");
        assert_eq!(excerpt.first_line, 2);
        assert_eq!(excerpt.text, "/* f\u{fffd}r */ x = 1;\n");
        let place = excerpt.locate(17..18);
        assert_eq!(&excerpt.text[place], "x");
        assert_eq!(&excerpt.text[excerpt.locate(11..12)], "\u{fffd}");
    }

    #[test]
    fn outside_of_the_file() {
        let source = SourceText::new(&b"ab\n"[..]);
        assert!(Excerpt::around(&source, once(0..4)).is_none());
        assert!(Excerpt::around(&source, std::iter::empty()).is_none());
        let at_end = Excerpt::around(&source, once(3..3)).expect("the end is inside");
        assert_eq!((at_end.first_line, at_end.text.as_str()), (2, " "));
    }

    proptest! {
        #[test]
        fn every_range_is_a_range_of_the_excerpt(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            from in 0..60_u32,
            length in 0..60_u32,
        ) {
            let source = SourceText::new(bytes);
            let start = from.min(source.end());
            let end = (start + length).min(source.end());
            let excerpt = Excerpt::around(&source, once(start..end)).expect("inside");
            let place = excerpt.locate(start..end);
            prop_assert!(excerpt.text.get(place.clone()).is_some(), "{place:?}");
            prop_assert!(start == end || !place.is_empty());
        }
    }
}
