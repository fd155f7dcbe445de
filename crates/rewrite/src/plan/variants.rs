//! Text of a header that sources need differently, because their macros give its types other meanings:
//! zlib's `in_func` takes a `const` pointer for a source that defines `ZLIB_CONST`.
//!
//! At such a place stands a macro with all the texts, `IA2_VARIANT_1(struct A, struct B)`. The generated
//! header lets it be the first one; a source that needs another one says so in its first lines.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ctype::{Type, TypeId};
use diagnostics::{Diagnostic, SourcePath, Span, codes};

use crate::choices::{Choices, Heads};
use crate::facts::{Facts, Function, Linkage, Order, Point, PointerIndex, When};

/// Where units need different text.
#[derive(Default)]
pub(super) struct Variants {
    /// The text that is written at each place.
    places: BTreeMap<(SourcePath, u32, u32, Order), String>,
    /// The text that each unit takes. Places for which these are the same share a macro.
    choices: Vec<Choices>,
}

impl Variants {
    /// Adds a place, given the text for each unit that compiles it. Returns whether that can be done:
    /// each source must be able to say which text it takes, and each text be an argument of a macro.
    pub(super) fn add(
        &mut self,
        place: &Span,
        order: Order,
        texts: &[(&Facts, &str)],
        units: &[Facts],
    ) -> bool {
        if !texts.iter().all(|(_, text)| is_argument(text)) {
            return false;
        }
        let Some(text) = self.choose(&place.file, texts, units) else { return false };
        self.places.insert((place.file.clone(), place.start, place.end, order), text);
        true
    }

    /// Text that is for each unit what it needs, if each source can say which text it takes. All are
    /// arguments of a macro.
    pub(super) fn choose(
        &mut self,
        file: &SourcePath,
        texts: &[(&Facts, &str)],
        units: &[Facts],
    ) -> Option<String> {
        let (choices, texts) = Choices::new(file, texts.iter().copied(), units)?;
        if let [only] = texts[..] {
            return Some(only.to_owned());
        }
        let known = self.choices.iter().position(|other| *other == choices);
        let index = known.unwrap_or_else(|| {
            self.choices.push(choices);
            self.choices.len() - 1
        });
        Some(format!("{}({})", name(index), texts.join(", ")))
    }

    /// The text for a place, if units need different ones.
    pub(super) fn text(&self, place: &Span, order: Order) -> Option<&str> {
        let place = (place.file.clone(), place.start, place.end, order);
        self.places.get(&place).map(String::as_str)
    }

    /// What the generated header says.
    pub(super) fn definitions(&self) -> Vec<String> {
        let choices = self.choices.iter().enumerate();
        choices.map(|(index, choices)| definition(index, choices.count(), 0)).collect()
    }

    /// What sources say in their first lines.
    pub(super) fn heads(&self) -> Heads {
        let mut heads = Heads::default();
        for (index, choices) in self.choices.iter().enumerate() {
            heads.add(choices, |number| {
                let (name, definition) = (name(index), definition(index, choices.count(), number));
                format!("#undef {name}\n{definition}\n")
            });
        }
        heads
    }
}

/// Text that units need at points: the same one, or each its own.
#[derive(Default)]
pub(super) struct Insertions<'a>(BTreeMap<Insertion<'a>, Vec<(&'a Facts, String)>>);

/// A point, the function that it is about, and what stands in front of and behind the part in which
/// units may differ.
type Insertion<'a> = (&'a Point, &'a str, String, String);

impl<'a> Insertions<'a> {
    /// Adds what a unit needs.
    pub(super) fn add(
        &mut self,
        unit: &'a Facts,
        (point, function): (&'a Point, &'a Function),
        (before, own, behind): (&str, String, &str),
    ) {
        let key = (point, &*function.name, before.to_owned(), behind.to_owned());
        self.0.entry(key).or_default().push((unit, own));
    }

    /// Gives each text to `insert`; an error where a source cannot say which one it takes.
    pub(super) fn texts(
        &self,
        units: &[Facts],
        variants: &mut Variants,
        diagnostics: &mut Vec<Diagnostic>,
        insert: &mut dyn FnMut(&Point, &str),
    ) {
        for ((point, _, before, behind), needs) in &self.0 {
            let needs: Vec<(&Facts, &str)> =
                needs.iter().map(|(unit, own)| (*unit, own.as_str())).collect();
            if let Some(own) = variants.choose(&point.file, &needs, units) {
                insert(point, &format!("{before}{own}{behind}"));
                continue;
            }
            let mut diagnostic = Diagnostic::error(
                codes::CONFLICTING_EDITS,
                "ways of compiling this need different text",
            )
            .at_labelled(Span::point(point.file.clone(), point.offset), "needed here");
            for (unit, own) in needs {
                diagnostic = diagnostic.note(format!("{}: `{}`", unit.source, own.trim()));
            }
            diagnostics.push(diagnostic.help(
                "give the function another name in one of them, or separate the two with `#if`",
            ));
        }
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

/// Where units have different function-pointer types for the same thing, and the types. They must
/// become opaque together.
pub(super) fn types_for_one_thing(units: &[Facts]) -> Vec<(&Span, BTreeSet<&str>)> {
    let mut found = types_of_one_place(units);
    found.extend(types_of_one_parameter(units));
    found
}

/// Parameters and results of functions that are declared with one type and defined with another.
fn types_of_one_parameter(units: &[Facts]) -> Vec<(&Span, BTreeSet<&str>)> {
    let mut known: BTreeMap<(&str, usize), (&Span, BTreeSet<&str>)> = BTreeMap::new();
    for unit in units {
        let names: HashMap<TypeId, &str> =
            unit.pointers.iter().map(|pointer| (pointer.ty, &*pointer.name)).collect();
        for entry in unit.functions.iter().filter(|entry| entry.linkage == Linkage::External) {
            let Type::Function(function) = unit.types.get(entry.ty) else { continue };
            let types = [function.result].into_iter().chain(function.parameters.iter().copied());
            for (index, ty) in types.enumerate() {
                let Some(&name) = names.get(&ty) else { continue };
                let place = known.entry((&entry.symbol, index));
                place.or_insert_with(|| (&entry.declared, BTreeSet::new())).1.insert(name);
            }
        }
    }
    known.into_values().filter(|(_, names)| names.len() > 1).collect()
}

/// Text for which units have different types: there is no choosing between an opaque one and what is
/// written there.
fn types_of_one_place(units: &[Facts]) -> Vec<(&Span, BTreeSet<&str>)> {
    let mut places: HashMap<&Span, BTreeSet<&str>> = HashMap::new();
    let mut several: BTreeSet<&Span> = BTreeSet::new();
    let mut sources: HashMap<&SourcePath, usize> = HashMap::new();
    units.iter().for_each(|unit| *sources.entry(&unit.source).or_default() += 1);
    for unit in units {
        // What a single unit compiles has one type.
        let own = |span: &Span| span.file == unit.source && sources[&unit.source] == 1;
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
