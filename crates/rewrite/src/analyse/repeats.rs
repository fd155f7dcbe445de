//! Files that are included several times, such as templates.

use std::collections::BTreeSet;
use std::ops::Range;

use diagnostics::{SourcePath, Span};

use super::Analysis;
use crate::facts::Repeat;
use crate::paste::directive_around;

impl Analysis<'_> {
    /// Where files below the root that expand differently each time they are included are included,
    /// and what of them was read more than once.
    pub(super) fn repeats(&self) -> (Vec<Repeat>, Vec<Span>) {
        let mut repeated = self.unit.repeated();
        repeated.retain(|&id, _| self.files.get(id).is_editable() && self.macros.varies(id));
        if repeated.is_empty() {
            return Default::default();
        }
        let skipped = self.unit.skipped_each_time();
        let mut read_again = Vec::new();
        for (&id, &times) in &repeated {
            let size = self.files.get(id).text().len() as u32;
            let skipped = skipped.iter().filter(|(file, _)| *file == id).map(|(_, range)| range);
            let ranges = covered_at_most(skipped, times - 2, size);
            read_again.extend(ranges.into_iter().map(|range| self.files.span(id, range)));
        }
        let inclusions = self.unit.inclusions();
        let mut repeats: Vec<Repeat> = inclusions
            .iter()
            .filter(|inclusion| repeated.contains_key(&inclusion.file))
            .map(|inclusion| {
                let from = self.files.get(inclusion.from.file);
                let offset = inclusion.from.offset;
                let none: Range<u32> = offset..offset;
                let found = directive_around(from.text(), offset).filter(|_| from.is_editable());
                Repeat {
                    directive: self.files.span(inclusion.from.file, found.unwrap_or(none)),
                    included: self.files.get(inclusion.file).path.clone(),
                }
            })
            .collect();
        repeats.sort();
        repeats.dedup();
        (repeats, read_again)
    }

    /// Files below the root that are read in front of the source, because its command includes them.
    pub(super) fn read_before(&self) -> Vec<SourcePath> {
        let mut next = self.unit.included_by_command();
        if next.is_empty() {
            return Vec::new();
        }
        let inclusions = self.unit.inclusions();
        let mut found = BTreeSet::new();
        while let Some(id) = next.pop() {
            if found.insert(id) {
                let inner = inclusions.iter().filter(|inclusion| inclusion.from.file == id);
                next.extend(inner.map(|inclusion| inclusion.file));
            }
        }
        let files = found.into_iter().map(|id| self.files.get(id));
        let mut files: Vec<SourcePath> =
            files.filter(|file| file.is_editable()).map(|file| file.path.clone()).collect();
        files.sort();
        files
    }
}

/// The parts of a text of this size that at most so many of the ranges cover.
fn covered_at_most<'a>(
    ranges: impl Iterator<Item = &'a Range<u32>>,
    most: usize,
    size: u32,
) -> Vec<Range<u32>> {
    let mut steps: Vec<(u32, isize)> =
        ranges.flat_map(|range| [(range.start, 1), (range.end, -1)]).collect();
    steps.push((size, 0));
    steps.sort_unstable();
    let (mut found, mut depth, mut position) = (Vec::<Range<u32>>::new(), 0, 0);
    for (offset, step) in steps {
        if depth <= most as isize && position < offset {
            match found.last_mut().filter(|last| last.end == position) {
                Some(last) => last.end = offset,
                None => found.push(position..offset),
            }
        }
        depth += step;
        position = offset;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_all_times_but_one_is_read_once() {
        let skipped = [2..4, 6..10, 6..10, 12..14];
        assert_eq!(covered_at_most(skipped.iter(), 0, 20), [0..2, 4..6, 10..12, 14..20]);
        assert_eq!(covered_at_most(skipped.iter(), 1, 20), [0..6, 10..20]);
    }
}
