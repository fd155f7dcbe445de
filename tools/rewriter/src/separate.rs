//! Repeating lines of headers for sources that need different text there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use diagnostics::{Diagnostic, SourcePath};
use rewrite::edits::text_start;
use rewrite::inline::{Overlay, is_same_text};
use rewrite::separate::{Separation, head, lines_around, mark, repeated};

use crate::expand::{Expander, current, refused};
use crate::read::{Input, read_again};

/// A repetition: the word that marks it, and the sources that compile it; `None` for all others.
type Repetition<'a> = (String, Option<&'a BTreeSet<SourcePath>>);

impl Expander<'_> {
    /// Repeats lines, lets sources say which they take, and analyses those sources again.
    pub(crate) fn separate(
        &self,
        separations: &[Separation],
        input: &mut Input,
    ) -> Result<(), Vec<Diagnostic>> {
        let mut overlay = input.overlay.clone();
        let mut marked = input.overlay.clone();
        let mut repetitions: Vec<Vec<Repetition<'_>>> = Vec::new();
        let mut heads: BTreeMap<&SourcePath, String> = BTreeMap::new();
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
                let (_, others) = separation.groups.split_last().expect("two at least");
                let names: Vec<String> = others.iter().map(|_| overlay.new_choice()).collect();
                for (name, sources) in names.iter().zip(others) {
                    for source in sources {
                        heads.entry(source).or_default().push_str(&format!("#define {name}\n"));
                    }
                }
                let first: usize = repetitions.iter().map(Vec::len).sum();
                let groups = others.iter().map(Some).chain([None]);
                repetitions.push((first..).map(mark).zip(groups).collect());
                patches.push((lines.clone(), repeated(&text, &lines, &names, None)));
                marked_patches.push((lines.clone(), repeated(&text, &lines, &names, Some(first))));
            }
            overlay.patch(file, &text, &patches);
            marked.patch(file, &text, &marked_patches);
            changed.insert(file.clone());
        }
        for (source, lines) in heads {
            let text = current(&overlay, source)?;
            let start = text_start(&text) as u32;
            let patch: [(Range<u32>, String); 1] = [(start..start, head(&lines))];
            overlay.patch(source, &text, &patch);
            marked.patch(source, &text, &patch);
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
        repetitions: &[Vec<Repetition<'_>>],
    ) -> Result<bool, Vec<Diagnostic>> {
        let before = self.preprocess_with(input, &input.overlay, unit, false)?;
        let mut after = self.preprocess_with(input, marked, unit, false)?;
        let source = &input.facts[unit].source;
        for group in repetitions {
            let is_own = |sources: &Option<&BTreeSet<SourcePath>>| {
                sources.is_some_and(|sources| sources.contains(source))
            };
            let own = group.iter().position(|(_, sources)| is_own(sources));
            let own = own.unwrap_or(group.len() - 1);
            for (number, (mark, _)) in group.iter().enumerate() {
                let found = after.contains(mark.as_str());
                if found && number != own {
                    return Ok(false);
                }
                after = after.replace(mark.as_str(), "");
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
