//! Changing text: many edits of one file become its new contents.

use std::ops::Range;

use crate::facts::Order;

/// What some editors put in front of UTF-8. It must stay there: anywhere else it is text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Where the text of a file begins: behind its byte order mark, if it has one.
pub fn text_start(text: &[u8]) -> usize {
    if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

/// The edits of one file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileEdits {
    edits: Vec<FileEdit>,
}

/// A change of one file's text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FileEdit {
    /// First byte that is replaced.
    pub start: u32,
    /// Order among edits that begin here.
    pub order: Order,
    /// Behind the last byte that is replaced; `start` for an insertion.
    pub end: u32,
    /// The new text.
    pub text: String,
}

/// Two edits that cannot both be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// Bytes of the one, and its text.
    pub first: (Range<u32>, String),
    /// Bytes of the other, and its text.
    pub second: (Range<u32>, String),
}

impl FileEdits {
    /// Adds an edit. Adding the same one twice is adding it once.
    pub fn add(&mut self, edit: FileEdit) {
        self.edits.push(edit);
    }

    /// Number of different edits.
    pub fn len(&self) -> usize {
        self.sorted().len()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Whether one of them touches the range or its ends.
    pub(crate) fn any_in(&self, range: Range<u32>) -> bool {
        self.edits.iter().any(|edit| edit.start <= range.end && range.start <= edit.end)
    }

    fn sorted(&self) -> Vec<&FileEdit> {
        let mut sorted: Vec<&FileEdit> = self.edits.iter().collect();
        sorted.sort();
        sorted.dedup();
        sorted
    }

    /// The new text.
    ///
    /// Edits inside a longer deletion go with what is deleted.
    ///
    /// # Errors
    /// If two replacements overlap, or two different ones replace the same bytes.
    pub fn apply(&self, text: &[u8]) -> Result<Vec<u8>, Conflict> {
        let edits = self.sorted();
        let deletions: Vec<&FileEdit> = edits
            .iter()
            .copied()
            .filter(|edit| edit.end > edit.start && edit.text.is_empty())
            .collect();
        let longest = deletions.iter().map(|deletion| deletion.end - deletion.start).max();
        let is_gone = |edit: &FileEdit| {
            let behind = deletions.partition_point(|deletion| deletion.start <= edit.start);
            let mut near = deletions[..behind].iter().rev().take_while(|deletion| {
                deletion.start.saturating_add(longest.unwrap_or_default()) >= edit.end
            });
            near.any(|deletion| {
                let is_inside = edit.end <= deletion.end;
                let is_smaller = edit.end - edit.start < deletion.end - deletion.start;
                // An insertion at the edge of a deletion stays.
                let is_insertion = edit.start == edit.end;
                let is_at_edge = edit.start == deletion.start || edit.start == deletion.end;
                is_inside && is_smaller && !(is_insertion && is_at_edge)
            })
        };
        let mut out = Vec::with_capacity(text.len() + 64 * edits.len());
        let mut position = 0u32;
        if edits.first().is_some_and(|edit| edit.end == 0) {
            position = text_start(text) as u32;
            out.extend_from_slice(&text[..position as usize]);
        }
        let mut last_replacement: Option<&FileEdit> = None;
        for edit in edits {
            if is_gone(edit) {
                continue;
            }
            if edit.end == 0 {
                out.extend_from_slice(edit.text.as_bytes());
                continue;
            }
            if edit.start < position {
                let last = last_replacement.expect("something was replaced up to here");
                // An insertion inside a replaced range has lost its place.
                return Err(Conflict {
                    first: (last.start..last.end, last.text.clone()),
                    second: (edit.start..edit.end, edit.text.clone()),
                });
            }
            out.extend_from_slice(&text[position as usize..edit.start as usize]);
            out.extend_from_slice(edit.text.as_bytes());
            position = edit.end;
            if edit.end > edit.start {
                last_replacement = Some(edit);
            }
        }
        out.extend_from_slice(&text[position as usize..]);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, edits: &[(u32, u32, &str, Order)], expected: Result<&str, (u32, u32)>) {
        let mut file = FileEdits::default();
        for &(start, end, text, order) in edits {
            file.add(FileEdit { start, order, end, text: text.to_owned() });
        }
        let found = file.apply(text.as_bytes());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(String::from_utf8(found).unwrap(), expected),
            (Err(conflict), Err(starts)) => {
                assert_eq!((conflict.first.0.start, conflict.second.0.start), starts);
            }
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    use Order::{Close, Open, Replace};

    #[test]
    fn a_byte_order_mark_stays_in_front() {
        let edits = [(0, 0, "#line 1\n", Close(i32::MIN)), (7, 7, "A(", Open(1))];
        check("\u{feff}int p;", &edits, Ok("\u{feff}#line 1\nint A(p;"));
    }

    #[test]
    fn nested_insertions_close_in_the_right_order() {
        // f(p)(q): the call is depth 1, its callee depth 2.
        check(
            "p(q)",
            &[
                (0, 0, "A(", Open(1)),
                (0, 0, "B(", Open(2)),
                (1, 1, ",b)", Close(-2)),
                (4, 4, ",a)", Close(-1)),
            ],
            Ok("A(B(p,b)(q),a)"),
        );
    }

    #[test]
    fn what_is_deleted_takes_its_edits_along() {
        check(
            "int (*f)(int (*)(void));",
            &[
                (0, 3, "struct X", Replace),
                (4, 6, "", Replace),
                (7, 23, "", Replace),
                (9, 12, "struct Y", Replace),
                (13, 22, "", Replace),
            ],
            Ok("struct X f;"),
        );
    }

    #[test]
    fn the_same_edit_may_be_made_twice_but_not_another_one() {
        check("abc", &[(1, 2, "x", Replace), (1, 2, "x", Replace)], Ok("axc"));
        check("abc", &[(1, 2, "x", Replace), (1, 2, "y", Replace)], Err((1, 1)));
        check("abcd", &[(0, 3, "x", Replace), (2, 4, "y", Replace)], Err((0, 2)));
    }

    proptest::proptest! {
        #[test]
        fn without_overlap_every_text_appears_and_the_rest_stays(
            text in "[a-z]{0,40}",
            cuts in proptest::collection::vec((0u32..40, 0u32..4), 0..6),
        ) {
            let mut file = FileEdits::default();
            let mut position = 0;
            let mut expected = String::new();
            for (gap, length) in cuts {
                let start = position + gap;
                let end = start + length;
                if end as usize > text.len() || (position > 0 && gap == 0) {
                    break;
                }
                expected.push_str(&text[position as usize..start as usize]);
                expected.push_str("<>");
                file.add(FileEdit { start, order: Replace, end, text: "<>".to_owned() });
                position = end;
            }
            expected.push_str(&text[position as usize..]);
            let found = file.apply(text.as_bytes()).expect("no overlap");
            proptest::prop_assert_eq!(String::from_utf8(found).unwrap(), expected);
        }
    }
}
