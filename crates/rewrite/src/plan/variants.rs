//! Text of a header that sources need differently, because their macros give its types other meanings:
//! zlib's `in_func` takes a `const` pointer for a source that defines `ZLIB_CONST`.
//!
//! At such a place stands a macro with all the texts, `IA2_VARIANT_1(struct A, struct B)`. The generated
//! header lets it be the first one; a source that needs another one says so in its first lines.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use diagnostics::{SourcePath, Span};

use crate::facts::{Facts, Order, PointerIndex, When};

/// Where sources need different text.
#[derive(Default)]
pub(super) struct Variants {
    /// The text that is written at each place.
    places: BTreeMap<(SourcePath, u32, u32, Order), String>,
    /// The number of the text that each source takes, where that is not the first one; and how many
    /// texts there are. Places for which these are the same share a macro.
    choices: Vec<(BTreeMap<SourcePath, usize>, usize)>,
}

impl Variants {
    /// Adds a place, given the text for each unit that compiles it. Returns whether that can be done:
    /// all units of a source must take the same text, which must be an argument of a macro, and no
    /// source be a part of another one.
    pub(super) fn add(
        &mut self,
        place: &Span,
        order: Order,
        texts: &[(&Facts, &str)],
        units: &[Facts],
    ) -> bool {
        let mut by_source: BTreeMap<&SourcePath, &str> = BTreeMap::new();
        for &(unit, text) in texts {
            if *by_source.entry(&unit.source).or_insert(text) != text {
                return false;
            }
        }
        let is_included = |unit: &Facts| {
            by_source.keys().any(|&source| *source != unit.source && unit.files.contains(source))
        };
        if by_source.contains_key(&place.file) || units.iter().any(is_included) {
            return false;
        }
        // What most sources take comes first, so that few have to say anything.
        let count = |text: &str| by_source.values().filter(|known| **known == text).count();
        let mut distinct: Vec<&str> = Vec::new();
        for text in by_source.values() {
            if !distinct.contains(text) {
                distinct.push(text);
            }
        }
        distinct.sort_by_key(|text| Reverse(count(text)));
        if !distinct.iter().all(|text| is_argument(text)) {
            return false;
        }
        let number = |text: &str| distinct.iter().position(|known| *known == text);
        let numbered = by_source.iter().filter_map(|(&source, text)| Some((source, number(text)?)));
        let others = numbered.filter(|(_, number)| *number > 0);
        let choice =
            (others.map(|(source, number)| (source.clone(), number)).collect(), distinct.len());
        let known = self.choices.iter().position(|other| *other == choice);
        let index = known.unwrap_or_else(|| {
            self.choices.push(choice);
            self.choices.len() - 1
        });
        let text = format!("{}({})", name(index), distinct.join(", "));
        self.places.insert((place.file.clone(), place.start, place.end, order), text);
        true
    }

    /// The text for a place, if sources need different ones.
    pub(super) fn text(&self, place: &Span, order: Order) -> Option<&str> {
        let place = (place.file.clone(), place.start, place.end, order);
        self.places.get(&place).map(String::as_str)
    }

    /// What the generated header says.
    pub(super) fn definitions(&self) -> Vec<String> {
        let choices = self.choices.iter().enumerate();
        choices.map(|(index, (_, count))| definition(index, *count, 0)).collect()
    }

    /// What sources say in their first lines.
    pub(super) fn heads(&self) -> BTreeMap<&SourcePath, String> {
        let sources: BTreeSet<&SourcePath> =
            self.choices.iter().flat_map(|(numbers, _)| numbers.keys()).collect();
        let head = |source: &SourcePath| {
            let mut lines = String::new();
            for (index, (numbers, count)) in self.choices.iter().enumerate() {
                if let Some(&number) = numbers.get(source) {
                    let (name, definition) = (name(index), definition(index, *count, number));
                    lines.push_str(&format!("#undef {name}\n{definition}\n"));
                }
            }
            lines + "#line 1\n"
        };
        sources.into_iter().map(|source| (source, head(source))).collect()
    }
}

fn name(index: usize) -> String {
    format!("IA2_VARIANT_{}", index + 1)
}

/// The macro that is one of its arguments.
fn definition(index: usize, count: usize, number: usize) -> String {
    let parameters: Vec<String> = (1..=count).map(|number| format!("text{number}")).collect();
    format!("#define {}({}) {}", name(index), parameters.join(", "), parameters[number])
}

/// Whether a macro takes the text as one argument, and gives it back as it is.
fn is_argument(text: &str) -> bool {
    let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'*' | b' ');
    !text.trim().is_empty() && text.bytes().all(is_harmless)
}

/// Places where sources have different function-pointer types, and the types: they must become opaque
/// together, because there is no choosing between an opaque one and what is written there.
pub(super) fn types_of_one_place(units: &[Facts]) -> Vec<(&Span, BTreeSet<&str>)> {
    let mut places: HashMap<&Span, BTreeSet<&str>> = HashMap::new();
    let mut several: BTreeSet<&Span> = BTreeSet::new();
    for unit in units {
        let own = |span: &Span| span.file == unit.source;
        for edit in
            unit.edits.iter().filter(|edit| edit.order == Order::Replace && !own(&edit.span))
        {
            let Some(pointer) = only_type(&edit.when) else { continue };
            let names = places.entry(&edit.span).or_default();
            names.insert(&unit.pointers[pointer.0 as usize].name);
            if names.len() > 1 {
                several.insert(&edit.span);
            }
        }
    }
    several.into_iter().filter_map(|span| Some((span, places.remove(span)?))).collect()
}

/// The type that decides alone, if there is one.
fn only_type(when: &When) -> Option<PointerIndex> {
    match when {
        When::Opaque(pointer) => Some(*pointer),
        When::Any(all) | When::All(all) => match &all[..] {
            [only] => only_type(only),
            _ => None,
        },
        _ => None,
    }
}
