//! Diagnostics of many sources, put in order.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Diagnostic, Severity};

/// Diagnostics as they come, from any number of sources and threads.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing to report.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether there is nothing to report.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether at least one is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// What there is to show: each trouble once, ordered by file, offset and code, whatever the
    /// order in which they were added. What is about no file comes first.
    ///
    /// Two diagnostics report the same trouble if severity, code, message and primary place agree.
    /// They may differ in what surrounds it (an error in a header, seen from fifty sources with
    /// fifty different notes); then the one that compares least is kept.
    pub fn into_sorted(self) -> Vec<Diagnostic> {
        let mut list = self.0;
        list.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)).then_with(|| a.cmp(b)));
        list.dedup_by(|a, b| {
            (a.severity, a.code, &a.message, &a.primary)
                == (b.severity, b.code, &b.message, &b.primary)
        });
        list
    }
}

/// The order to show diagnostics in, and below that whatever makes two of them the same trouble, so
/// that the same ones are neighbours.
fn sort_key(diagnostic: &Diagnostic) -> impl Ord + use<'_> {
    (
        diagnostic.primary.as_ref().map(|label| (&label.span.file, label.span.start)),
        diagnostic.code,
        diagnostic.primary.as_ref(),
        diagnostic.severity,
        &diagnostic.message,
    )
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        self.0.extend(more);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(list: I) -> Diagnostics {
        Diagnostics(list.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    /// In the order they were added.
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// How many of each severity. Count what [`Diagnostics::into_sorted`] gave: it is what was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
}

impl Counts {
    /// Counts errors and warnings.
    pub fn of(list: &[Diagnostic]) -> Counts {
        let count = |severity| list.iter().filter(|d| d.severity == severity).count();
        Counts { errors: count(Severity::Error), warnings: count(Severity::Warning) }
    }
}

/// Like `2 errors, 1 warning`; without either, `no errors`.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning")]
            .into_iter()
            .filter(|&(count, _)| count > 0)
            .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }))
            .collect();
        if parts.is_empty() { f.write_str("no errors") } else { f.write_str(&parts.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{SourcePath, Span, codes};

    fn at(file: &str, offset: u32, message: &str) -> Diagnostic {
        Diagnostic::error(codes::FLAG_UNKNOWN, message)
            .at(Span::point(SourcePath::new(file), offset))
    }

    #[test]
    fn the_same_header_error_from_many_sources_is_shown_once() {
        let all: Diagnostics = (0..50)
            .rev()
            .map(|n| at("/h.h", 7, "odd").note(format!("included from /src{n:02}.c")))
            .collect();
        assert!(all.has_errors());
        let shown = all.into_sorted();
        assert_eq!(shown, [at("/h.h", 7, "odd").note("included from /src00.c")]);
    }

    #[test]
    fn different_places_messages_and_severities_stay_apart() {
        let warning = Diagnostic { severity: Severity::Warning, ..at("/a.c", 1, "odd") };
        let list = vec![at("/a.c", 1, "odd"), at("/a.c", 2, "odd"), at("/a.c", 1, "even"), warning];
        let shown = Diagnostics::from_iter(list).into_sorted();
        assert_eq!(shown.len(), 4);
        assert_eq!(Counts::of(&shown).to_string(), "3 errors, 1 warning");
        assert_eq!(Counts::of(&[]).to_string(), "no errors");
    }

    fn any_diagnostic() -> impl Strategy<Value = Diagnostic> {
        (0..3_u32, 0..3_u32, 0..2_u8, 0..2_u8, prop::option::of(0..2_u8)).prop_map(
            |(file, offset, message, note, severity)| {
                let mut diagnostic = at(&format!("/{file}.c"), offset, &format!("m{message}"))
                    .note(format!("n{note}"));
                match severity {
                    None => diagnostic.primary = None,
                    Some(0) => diagnostic.severity = Severity::Warning,
                    Some(_) => {}
                }
                diagnostic
            },
        )
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            list in prop::collection::vec(any_diagnostic(), 0..20),
            turn in 0..20_usize,
        ) {
            let mut turned = list.clone();
            turned.rotate_left(turn.min(list.len()));
            turned.reverse();
            let shown = Diagnostics::from_iter(list.clone()).into_sorted();
            prop_assert_eq!(&Diagnostics::from_iter(turned).into_sorted(), &shown);
            let place = |d: &Diagnostic| {
                (d.primary.as_ref().map(|l| (l.span.file.clone(), l.span.start)), d.code)
            };
            prop_assert!(shown.windows(2).all(|w| place(&w[0]) <= place(&w[1])));
            let kinds = |all: &[Diagnostic]| -> std::collections::BTreeSet<_> {
                all.iter().map(|d| (d.severity, d.message.clone(), d.primary.clone())).collect()
            };
            prop_assert_eq!(kinds(&list).len(), shown.len());
            prop_assert_eq!(kinds(&list), kinds(&shown));
        }
    }
}
