//! Sets of bytes of an object.

use std::fmt;
use std::ops::Range;

/// A set of byte offsets, kept as sorted ranges that neither overlap nor touch.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ByteRanges(Vec<Range<u64>>);

impl ByteRanges {
    /// No byte at all.
    pub const EMPTY: ByteRanges = ByteRanges(Vec::new());

    /// Adds the bytes of `range`.
    pub fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        // Members usually come in ascending order, so the search mostly ends at the last range.
        let end = self.0.iter().rposition(|old| old.start <= range.end).map_or(0, |i| i + 1);
        let start =
            self.0[..end].iter().rposition(|old| old.end < range.start).map_or(0, |i| i + 1);
        let merged = match self.0.get(start..end) {
            Some([first, .., last]) => first.start.min(range.start)..last.end.max(range.end),
            Some([only]) => only.start.min(range.start)..only.end.max(range.end),
            _ => range,
        };
        self.0.splice(start..end, [merged]);
    }

    /// Adds all bytes of `other`, each moved up by `offset`.
    pub fn insert_all(&mut self, other: &ByteRanges, offset: u64) {
        for range in &other.0 {
            self.insert(range.start + offset..range.end + offset);
        }
    }

    /// The bytes within `window`, as offsets from its start.
    #[must_use]
    pub fn within(&self, window: Range<u64>) -> ByteRanges {
        let clip = |range: &Range<u64>| {
            let clipped = range.start.max(window.start)..range.end.min(window.end);
            (!clipped.is_empty()).then(|| clipped.start - window.start..clipped.end - window.start)
        };
        ByteRanges(self.0.iter().filter_map(clip).collect())
    }

    /// The bytes below `size` that are not in the set.
    #[must_use]
    pub fn complement(&self, size: u64) -> ByteRanges {
        let mut gaps = ByteRanges::EMPTY;
        let mut end = 0;
        for range in &self.within(0..size).0 {
            gaps.insert(end..range.start);
            end = range.end;
        }
        gaps.insert(end..size);
        gaps
    }

    /// Whether byte `offset` is in the set.
    pub fn contains(&self, offset: u64) -> bool {
        self.0.iter().any(|range| range.contains(&offset))
    }

    /// Whether there is no byte in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.0.iter().cloned()
    }

    /// Bit `i` says whether byte `i` is in the set, for the first 64 bytes, which is as much as the
    /// widest register holds.
    pub fn mask(&self) -> u64 {
        (0..64).filter(|&byte| self.contains(byte)).fold(0, |mask, byte| mask | 1 << byte)
    }
}

impl From<Range<u64>> for ByteRanges {
    fn from(range: Range<u64>) -> ByteRanges {
        let mut ranges = ByteRanges::EMPTY;
        ranges.insert(range);
        ranges
    }
}

impl fmt::Display for ByteRanges {
    /// `0..4 8..10`, or `none`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (index, range) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{}..{}", range.start, range.end)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[Range<u64>]) -> ByteRanges {
        let mut set = ByteRanges::EMPTY;
        for range in ranges {
            set.insert(range.clone());
        }
        set
    }

    #[test]
    fn ranges_merge_in_any_order() {
        assert_eq!(set(&[4..8, 0..2, 2..4]).to_string(), "0..8");
        assert_eq!(set(&[8..9, 0..2, 4..5]).to_string(), "0..2 4..5 8..9");
        assert_eq!(set(&[0..1, 2..3, 4..5, 1..4]).to_string(), "0..5");
        assert_eq!(set(&[2..6, 3..4]).to_string(), "2..6");
        assert_eq!(set(&[3..3, 5..5]), ByteRanges::EMPTY);
    }

    #[test]
    fn insertion_equals_bitwise_or() {
        // Every pair of short ranges put into a fixed set, against a plain bit mask.
        for start in 0..12 {
            for end in start..12 {
                let mut ranges = set(&[1..3, 5..6, 8..10]);
                let bits: u64 = (start..end).fold(ranges.mask(), |mask, byte| mask | 1 << byte);
                ranges.insert(start..end);
                assert_eq!(ranges.mask(), bits, "{start}..{end}");
                let apart = ranges.0.windows(2).all(|pair| pair[0].end < pair[1].start);
                assert!(apart, "{ranges}");
            }
        }
    }

    #[test]
    fn windows_and_gaps() {
        let ranges = set(&[0..4, 6..10]);
        assert_eq!(ranges.within(2..8).to_string(), "0..2 4..6");
        assert_eq!(ranges.complement(12).to_string(), "4..6 10..12");
        assert_eq!(ranges.complement(8).to_string(), "4..6");
        assert_eq!(ByteRanges::EMPTY.complement(3).to_string(), "0..3");
    }
}
