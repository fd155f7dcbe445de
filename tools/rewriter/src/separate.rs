//! Repeating lines for units that need different text there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use diagnostics::{Diagnostic, SourcePath};
use rewrite::choices::{Choices, Heads};
use rewrite::edits::text_start;
use rewrite::inline::{Overlay, is_same_text};
use rewrite::separate::{Separation, lines_around, mark, repeated};

use crate::expand::{Expander, current, refused};
use crate::read::{Input, read_again};

/// The number of the mark that the first repetition of lines has, and which one each unit compiles.
type Repetitions<'a> = (usize, &'a Choices);

impl Expander<'_> {
    /// Repeats lines, lets sources say which they take, and analyses those sources again.
    pub(crate) fn separate(
        &self,
        separations: &[Separation],
        input: &mut Input,
    ) -> Result<(), Vec<Diagnostic>> {
        let mut overlay = input.overlay.clone();
        let mut marked = input.overlay.clone();
        let mut repetitions: Vec<Repetitions<'_>> = Vec::new();
        let mut marks = 0;
        let mut heads = Heads::default();
        let mut changed: BTreeSet<SourcePath> = BTreeSet::new();
        for (file, list) in by_file(separations) {
            let text = current(&input.overlay, file)?;
            let (mut patches, mut marked_patches) = (Vec::new(), Vec::new());
            let mut end = 0;
            for separation in list {
                let place = separation.place.start..separation.place.end;
                let Some(lines) = lines_around(&text, &place) else {
                    let why = "the lines around it cannot be repeated";
                    return Err(vec![refused(&separation.reason, why)]);
                };
                // What is on lines that are repeated already is looked at again afterwards.
                if lines.start < end {
                    continue;
                }
                end = lines.end;
                let choices = &separation.choices;
                let names: Vec<String> =
                    (1..choices.count()).map(|_| overlay.new_choice()).collect();
                heads.add(choices, |number| format!("#define {}\n", names[number - 1]));
                let first = marks;
                marks += choices.count();
                repetitions.push((first, choices));
                patches.push((lines.clone(), repeated(&text, &lines, &names, None)));
                marked_patches.push((lines.clone(), repeated(&text, &lines, &names, Some(first))));
            }
            overlay.patch(file, &text, &patches);
            marked.patch(file, &text, &marked_patches);
            changed.insert(file.clone());
        }
        for (source, head) in heads.texts() {
            for overlay in [&mut overlay, &mut marked] {
                let text = current(overlay, source)?;
                let start = text_start(&text) as u32;
                let patch: [(Range<u32>, String); 1] = [(start..start, head.clone())];
                overlay.patch(source, &text, &patch);
            }
            changed.insert(source.clone());
        }
        for unit in input.units_with(|file| changed.contains(file)) {
            if !self.takes_its_own(input, &marked, unit, &repetitions)? {
                let why = "the source cannot choose the text, or the lines mean something else";
                let own = &input.facts[unit].files;
                let affected = separations.iter().filter(|known| own.contains(&known.place.file));
                return Err(affected.map(|known| refused(&known.reason, why)).collect());
            }
        }
        input.overlay = overlay;
        read_again(input, &changed, self.sources, self.arguments, self.places)
    }

    /// Whether a unit compiles what it did before, and of repeated lines those that are its own.
    fn takes_its_own(
        &self,
        input: &Input,
        marked: &Overlay,
        unit: usize,
        repetitions: &[Repetitions<'_>],
    ) -> Result<bool, Vec<Diagnostic>> {
        let before = self.preprocess_with(input, &input.overlay, unit, false)?;
        let mut after = self.preprocess_with(input, marked, unit, false)?;
        for &(first, choices) in repetitions {
            // The last one is for all that define none of the macros.
            let taken = choices.number(&input.facts[unit]).checked_sub(1);
            let own = taken.unwrap_or(choices.count() - 1);
            for number in 0..choices.count() {
                let mark = mark(first + number);
                if after.contains(&mark) && number != own {
                    return Ok(false);
                }
                after = after.replace(&mark, "");
            }
        }
        Ok(is_same_text(&before, &after))
    }
}

/// The places by file, in their order.
fn by_file(separations: &[Separation]) -> BTreeMap<&SourcePath, Vec<&Separation>> {
    let mut files: BTreeMap<&SourcePath, Vec<&Separation>> = BTreeMap::new();
    for separation in separations {
        files.entry(&separation.place.file).or_default().push(separation);
    }
    for list in files.values_mut() {
        list.sort_by_key(|known| (known.place.start, known.place.end));
    }
    files
}
