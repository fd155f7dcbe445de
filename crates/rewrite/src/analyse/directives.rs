//! `#include` directives that lead across the border between what is rewritten and what is not.

use camino::{Utf8Path, Utf8PathBuf};
use clang::Inclusion;

use super::Analysis;
use crate::facts::{Edit, LeadingOut, Order, When};
use crate::paste::directive_around;

impl Analysis<'_> {
    /// Directives that include a header outside the root by a path relative to a file below it.
    pub(super) fn leading_out(&self) -> Vec<LeadingOut> {
        self.inclusions_that(|inclusion| {
            let included = self.files.get(inclusion.file);
            !inclusion.spelled.starts_with('/')
                && self.files.is_editable(inclusion.from)
                && !included.is_editable()
                && self.is_beside(inclusion)
        })
    }

    /// Directives that include the original of a file below the root, wherever what they stand in is
    /// read from: by an absolute path, or by one relative to a file outside the root.
    pub(super) fn leading_back(&self) -> Vec<LeadingOut> {
        self.inclusions_that(|inclusion| {
            let is_ours = self.files.is_editable(inclusion.from);
            let is_fixed =
                inclusion.spelled.starts_with('/') || !is_ours && self.is_beside(inclusion);
            let can_change = is_ours && self.spelled_path(inclusion).is_some();
            self.files.get(inclusion.file).is_editable() && is_fixed && !can_change
        })
    }

    /// Makes absolute paths relative that lead from one file below the root to another.
    pub(super) fn make_paths_relative(&mut self) {
        for inclusion in self.unit.inclusions() {
            let is_inside = self.files.is_editable(inclusion.from)
                && self.files.get(inclusion.file).is_editable();
            if !is_inside || !inclusion.spelled.starts_with('/') {
                continue;
            }
            let Some(range) = self.spelled_path(&inclusion) else { continue };
            let from = self.files.get(inclusion.from.file);
            let included = self.files.get(inclusion.file);
            let Some(directory) = from.path.as_path().parent() else { continue };
            let path = relative(directory, included.path.as_path());
            self.edits.push(Edit {
                span: self.files.span(inclusion.from.file, range),
                text: format!("\"{path}\""),
                order: Order::Replace,
                when: When::Always,
            });
        }
    }

    fn inclusions_that(&self, is_wanted: impl Fn(&Inclusion) -> bool) -> Vec<LeadingOut> {
        let inclusions = self.unit.inclusions().into_iter().filter(is_wanted);
        let mut found: Vec<LeadingOut> = inclusions
            .map(|inclusion| {
                let offset = inclusion.from.offset;
                LeadingOut {
                    span: self.files.span(inclusion.from.file, offset..offset),
                    included: self.files.get(inclusion.file).path.clone(),
                    spelled: inclusion.spelled,
                }
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// Whether the path leads to the header from the directory of the file it stands in.
    fn is_beside(&self, inclusion: &Inclusion) -> bool {
        let included = self.files.get(inclusion.file);
        self.files.beside(inclusion.from.file, &inclusion.spelled).as_deref()
            == Some(included.path.as_path())
    }

    /// Where a directive spells the path, with what it stands in; `None` if a macro does.
    fn spelled_path(&self, inclusion: &Inclusion) -> Option<std::ops::Range<u32>> {
        let text = self.files.get(inclusion.from.file).text();
        let directive = directive_around(text, inclusion.from.offset)?;
        let line = &text[directive.start as usize..directive.end as usize];
        let (open, close) = [("\"", "\""), ("<", ">")].into_iter().find_map(|(open, close)| {
            let quoted = format!("{open}{}{close}", inclusion.spelled).into_bytes();
            let at = line.windows(quoted.len()).position(|part| part == quoted)?;
            Some((at, at + quoted.len()))
        })?;
        Some(directive.start + open as u32..directive.start + close as u32)
    }
}

/// The path that leads from a directory to a file; both are absolute and canonical.
fn relative(directory: &Utf8Path, file: &Utf8Path) -> Utf8PathBuf {
    let mut above = Utf8PathBuf::new();
    for known in directory.ancestors() {
        if let Ok(rest) = file.strip_prefix(known) {
            return above.join(rest);
        }
        above.push("..");
    }
    file.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_from_directories_to_files() {
        let check = |directory: &str, file: &str, expected: &str| {
            assert_eq!(relative(directory.into(), file.into()), expected);
        };
        check("/r/a", "/r/a/x.h", "x.h");
        check("/r/a/b", "/r/x.h", "../../x.h");
        check("/r/a/b", "/r/ab/x.h", "../../ab/x.h");
    }
}
