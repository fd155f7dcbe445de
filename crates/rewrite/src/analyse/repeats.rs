//! Files that are included several times, such as templates.

use std::ops::Range;

use super::Analysis;
use crate::facts::Repeat;
use crate::paste::directive_around;

impl Analysis<'_> {
    /// Where files below the root that expand differently each time they are included are included.
    pub(super) fn repeats(&self) -> Vec<Repeat> {
        let mut repeated = self.unit.repeated();
        repeated.retain(|&id| self.files.get(id).is_editable() && self.macros.varies(id));
        if repeated.is_empty() {
            return Vec::new();
        }
        let inclusions = self.unit.inclusions();
        let mut repeats: Vec<Repeat> = inclusions
            .iter()
            .filter(|inclusion| repeated.contains(&inclusion.file))
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
        repeats
    }
}
