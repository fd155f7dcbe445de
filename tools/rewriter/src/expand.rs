//! Writing out uses of macros, with the program's own compiler as preprocessor.
//!
//! The preprocessor runs over copies of the source and of the headers below the root, in a directory
//! of its own, because those can hold marks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::process::Command;

use camino::Utf8Path;
use compdb::paths::Disk;
use diagnostics::{Diagnostic, SourcePath, Span, codes};
use rewrite::facts::{Facts, Repeat};
use rewrite::inline::{
    DEFINITIONS, Overlay, advancing, counted, expansions, guarded, is_same_text,
    macros_with_parameters, mark, mark_counting, naming_null, replacement, without_own_names,
};
use rewrite::paste::pasted;
use rewrite::plan::Inline;
use rewrite::separate::Separation;

use crate::mirror::{Mirror, marked};
use crate::options::Arguments;
use crate::outputs::Places;
use crate::read::{Input, read_again};
use crate::sources::Sources;

/// The uses to be written out, by file, with why.
pub(crate) type Uses<'a> = BTreeMap<SourcePath, Vec<(Range<u32>, &'a Diagnostic)>>;

/// How uses are written out.
#[derive(Clone, Copy)]
struct Way {
    /// Whether macros whose value depends on the place stay.
    keeps_places: bool,
    /// Whether uses may hold the function or variable that a macro is named after.
    has_guards: bool,
    /// Whether `__COUNTER__` is among the macros that do not stay.
    counts: bool,
    /// Whether null pointers are written as `NULL`.
    names_null: bool,
}

/// What uses were seen to expand to.
#[derive(Default)]
struct Seen {
    counter: bool,
    null: bool,
}

/// Macros whose value depends on the place: they stay in what is written out.
const PLACES: [&str; 3] = ["__FILE__", "__LINE__", "__COUNTER__"];

/// Writes uses of macros out.
pub(crate) struct Expander<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) arguments: &'a Arguments,
    pub(crate) places: &'a Places,
}

impl Expander<'_> {
    /// Writes the uses out: the input's overlay gets new texts, and the sources that use them are
    /// analysed again.
    pub(crate) fn write_out(
        &self,
        inlines: &[Inline],
        input: &mut Input,
    ) -> Result<(), Vec<Diagnostic>> {
        let uses = outermost(inlines);
        let files: BTreeSet<SourcePath> = uses.keys().cloned().collect();
        let mut last = Vec::new();
        // What depends on the place is best left as it is written, but may have become part of a
        // name. Only few macros use the function or variable that they are named after.
        let ways = [(true, false), (false, false), (true, true), (false, true)];
        let mut seen = Seen::default();
        // No header may have defined NULL, or another text.
        let named = ways.map(|way| (way, true)).into_iter().chain(ways.map(|way| (way, false)));
        for ((keeps_places, has_guards), names_null) in named {
            if !names_null && !seen.null {
                break;
            }
            let mut separations = Vec::new();
            let counts = seen.counter && !keeps_places;
            let way = Way { keeps_places, has_guards, counts, names_null };
            match self.expanded(&uses, input, way, &mut seen, &mut separations) {
                Ok(_) if !separations.is_empty() => return self.separate(&separations, input),
                Ok(overlay) => {
                    input.overlay = overlay;
                    return read_again(input, &files, self.sources, self.arguments, self.places);
                }
                Err(errors) => last = errors,
            }
        }
        Err(last)
    }

    /// Puts the text of files in the place of directives that include them.
    pub(crate) fn write_included(
        &self,
        repeats: &[Repeat],
        input: &mut Input,
    ) -> Result<(), Vec<Diagnostic>> {
        let mut directives: BTreeMap<&SourcePath, Vec<&Repeat>> = BTreeMap::new();
        for repeat in repeats {
            directives.entry(&repeat.directive.file).or_default().push(repeat);
        }
        let mut overlay = input.overlay.clone();
        for (&file, list) in &directives {
            let text = current(&input.overlay, file)?;
            let name = file.as_path().file_name().unwrap_or_default();
            let mut patches = Vec::new();
            for repeat in list {
                let range = repeat.directive.start..repeat.directive.end;
                let included = current(&input.overlay, &repeat.included)?;
                let Some(pasted) = pasted(&text, &range, &included, name) else {
                    return Err(vec![not_pasted(repeat, "the directive does not spell its name")]);
                };
                patches.push((range, pasted));
            }
            overlay.patch(file, &text, &patches);
        }
        let files: BTreeSet<SourcePath> = directives.keys().copied().cloned().collect();
        for unit in input.units_with(|file| files.contains(file)) {
            if !self.is_same(input, &overlay, unit, true)? {
                let why = "its text means something else where it is included";
                return Err(repeats.iter().map(|repeat| not_pasted(repeat, why)).collect());
            }
        }
        input.overlay = overlay;
        read_again(input, &files, self.sources, self.arguments, self.places)
    }

    /// Whether the preprocessor makes the same of a unit with another overlay.
    fn is_same(
        &self,
        input: &Input,
        overlay: &Overlay,
        unit: usize,
        keeps_places: bool,
    ) -> Result<bool, Vec<Diagnostic>> {
        let before = self.preprocess_with(input, &input.overlay, unit, keeps_places)?;
        let after = self.preprocess_with(input, overlay, unit, keeps_places)?;
        Ok(is_same_text(&before, &after))
    }

    /// The preprocessed text of a unit with another overlay.
    pub(crate) fn preprocess_with(
        &self,
        input: &Input,
        overlay: &Overlay,
        unit: usize,
        keeps_places: bool,
    ) -> Result<String, Vec<Diagnostic>> {
        let text = |file: &SourcePath| overlay.text(file).map(<[u8]>::to_vec);
        self.preprocess(input, unit, &text, keeps_places)
    }

    /// The overlay with the uses written out, if that changes nothing for the compiler. Uses that
    /// sources expand differently must be repeated for them first.
    fn expanded(
        &self,
        uses: &Uses<'_>,
        input: &Input,
        way: Way,
        seen: &mut Seen,
        separations: &mut Vec<Separation>,
    ) -> Result<Overlay, Vec<Diagnostic>> {
        let has_guards = way.has_guards;
        let mut numbers = BTreeMap::new();
        let mut count = 0;
        for (file, list) in uses {
            numbers.insert(file.clone(), count);
            count += list.len();
        }
        let expanded = marked(uses, &input.overlay, mark)?;
        let counting =
            if way.counts { Some(marked(uses, &input.overlay, mark_counting)?) } else { None };
        let affected: Vec<usize> = input.units_with(|file| uses.contains_key(file)).collect();
        let mut found: Vec<BTreeMap<String, Vec<&Facts>>> = vec![BTreeMap::new(); count];
        for &unit in &affected {
            let more = self.expansions(&expanded, count, input, unit, way)?;
            seen.counter |= more.iter().flatten().any(|text| text.contains("__COUNTER__"));
            seen.null |= more.iter().flatten().any(|text| naming_null(text) != *text);
            let times = match &counting {
                Some(counting) => self.expansions(counting, count, input, unit, way)?,
                None => vec![BTreeSet::new(); count],
            };
            for ((known, more), times) in found.iter_mut().zip(more).zip(times) {
                let times = times.iter().map(|text| counted(text)).collect::<BTreeSet<_>>();
                let times = times.first().copied().flatten().filter(|_| times.len() == 1);
                for expansion in more {
                    let expansion =
                        if way.names_null { naming_null(&expansion) } else { expansion };
                    let expansion = advancing(&expansion, times.unwrap_or_default());
                    known.entry(expansion).or_default().push(&input.facts[unit]);
                }
            }
        }
        let mut names = BTreeSet::new();
        if has_guards {
            let files: BTreeSet<_> =
                affected.iter().flat_map(|&unit| &input.facts[unit].files).collect();
            for file in files {
                names.append(&mut macros_with_parameters(&current(&input.overlay, file)?));
            }
        }
        let mut overlay = input.overlay.clone();
        let mut errors = Vec::new();
        for (file, list) in uses {
            let text = current(&input.overlay, file)?;
            let mut patches = Vec::new();
            for (index, (range, reason)) in list.iter().enumerate() {
                let by_text = &found[numbers[file] + index];
                let expansions: Vec<&String> = by_text.keys().collect();
                match expansions[..] {
                    [only] => {
                        let used = &text[range.start as usize..range.end as usize];
                        let only = guarded(only, &names);
                        if is_same_text(&String::from_utf8_lossy(used), &only) {
                            errors.push(refused(reason, "the macro expands to its own name"));
                        }
                        patches.push((range.clone(), replacement(used, &only)));
                    }
                    [] => errors.push(refused(reason, "the preprocessor does not reach this use")),
                    [first, second, ..] => {
                        let why = format!("the macro expands to `{first}` here and to `{second}`");
                        let place = Span::new(file.clone(), range.clone());
                        let needs = by_text
                            .iter()
                            .flat_map(|(text, units)| units.iter().map(|&unit| (unit, &**text)));
                        let reason = refused(reason, &why);
                        match Separation::new(&place, needs, &input.facts, reason.clone()) {
                            Some(separation) => separations.push(separation),
                            None => errors.push(reason),
                        }
                    }
                }
            }
            let written: usize = patches.iter().map(|(_, expansion)| expansion.len()).sum();
            if written > LONGEST.max(8 * text.len()) {
                let (uses, length) = (list.len(), written >> 10);
                let why =
                    format!("written out, {uses} uses of macros here are {length} KiB of text");
                errors.extend(list.first().map(|(_, reason)| refused(reason, &why)));
            }
            overlay.patch(file, &text, &patches);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if !separations.is_empty() {
            return Ok(overlay);
        }
        for &unit in &affected {
            if !self.is_same(input, &overlay, unit, false)? {
                let why = "writing the macro out would change what the compiler sees";
                let own = &input.facts[unit].files;
                let reasons = uses.iter().filter(|(file, _)| own.contains(file));
                return Err(reasons
                    .flat_map(|(_, list)| list.iter().map(|(_, reason)| refused(reason, why)))
                    .collect());
            }
        }
        Ok(overlay)
    }

    /// What this many uses expand to in a unit, by their number.
    fn expansions(
        &self,
        marked: &BTreeMap<SourcePath, Vec<u8>>,
        count: usize,
        input: &Input,
        unit: usize,
        way: Way,
    ) -> Result<Vec<BTreeSet<String>>, Vec<Diagnostic>> {
        let marked = |file: &SourcePath| marked.get(file).cloned();
        let guarded = |file: &SourcePath| {
            let text = marked(file).or_else(|| current(&input.overlay, file).ok());
            text.map(|text| without_own_names(&text))
        };
        let text: &dyn Fn(&SourcePath) -> Option<Vec<u8>> =
            if way.has_guards { &guarded } else { &marked };
        let output = self.preprocess(input, unit, text, way.keeps_places)?;
        Ok(expansions(&output, count))
    }

    /// The preprocessed text of a unit, some of whose files have other texts.
    fn preprocess(
        &self,
        input: &Input,
        unit: usize,
        text: &dyn Fn(&SourcePath) -> Option<Vec<u8>>,
        keeps_places: bool,
    ) -> Result<String, Vec<Diagnostic>> {
        let entry = &self.sources.entries[input.entries[unit]];
        let facts = &input.facts[unit];
        let failed = |message: String| {
            vec![Diagnostic::error(codes::PREPROCESSOR_FAILED, message).note(format!(
                "the source is {}; its compiler is asked what macros expand to",
                facts.source
            ))]
        };
        let command =
            entry.command_on_text(&Disk).map_err(|error| vec![Diagnostic::from(&error)])?;
        let name = entry.source().to_string();
        let mirror = Mirror::new(&self.places.root, facts, &name, &input.overlay, text)
            .map_err(|error| failed(format!("cannot prepare the preprocessor's input: {error}")))?;
        let copy = |path: &Utf8Path| mirror.copy(&self.places.root, path);
        let words = command.for_preprocessing(&Disk, &[self.places.generated(".h")], &copy);
        let (program, arguments) = words.split_first().expect("a command has a program");
        let mut process = Command::new(program);
        process.current_dir(entry.directory()).args(arguments);
        // What a file includes relative to itself, but from outside the root. Last, because anything
        // else is to be found among the copies.
        let beside: BTreeSet<&Utf8Path> =
            facts.files.iter().filter_map(|file| file.as_path().parent()).collect();
        for directory in beside {
            process.arg("-idirafter").arg(directory);
        }
        process.args(["-E", "-P", "-w", "-DIA2_ENABLE=1", "-DIA2_REWRITER=1"]);
        process.args(DEFINITIONS);
        if keeps_places {
            process.args(PLACES.map(|name| format!("-U{name}")));
        }
        process.arg(mirror.path(&self.places.root, &facts.source));
        let output =
            process.output().map_err(|error| failed(format!("cannot run {program}: {error}")))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(failed(format!("{program} cannot preprocess the source: {}", text.trim())));
        }
        let text = String::from_utf8(output.stdout);
        Ok(text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }
}

/// The uses by file, in order, without those that stand in others.
fn outermost(inlines: &[Inline]) -> Uses<'_> {
    let mut uses: Uses<'_> = BTreeMap::new();
    for inline in inlines {
        let range = inline.used.start..inline.used.end;
        uses.entry(inline.used.file.clone()).or_default().push((range, &inline.reason));
    }
    for list in uses.values_mut() {
        list.sort_by_key(|(range, _)| (range.start, u32::MAX - range.end));
        let mut end = 0;
        list.retain(|(range, _)| {
            let is_outside = range.start >= end;
            end = end.max(range.end);
            is_outside
        });
    }
    uses
}

/// A file that would need a text of its own for each inclusion.
fn not_pasted(repeat: &Repeat, why: &str) -> Diagnostic {
    Diagnostic::error(
        codes::CONFLICTING_EDITS,
        format!(
            "{} is included several times, and needs different text each time",
            repeat.included
        ),
    )
    .at(repeat.directive.clone())
    .note(why)
    .help("declare the function-pointer types where the file is included")
}

/// How many bytes expansions in a file may have in all, if they are not less than eight times the file:
/// nobody wants to read more, and analysing it takes more memory than machines have.
const LONGEST: usize = 1 << 20;

pub(crate) fn refused(reason: &Diagnostic, why: &str) -> Diagnostic {
    reason.clone().note(why)
}

/// The text of a file as it is now.
pub(crate) fn current(overlay: &Overlay, file: &SourcePath) -> Result<Vec<u8>, Vec<Diagnostic>> {
    if let Some(text) = overlay.text(file) {
        return Ok(text.to_vec());
    }
    std::fs::read(file.as_path())
        .map_err(|error| vec![Diagnostic::error(codes::SOURCE_UNREADABLE, error.to_string())])
}
