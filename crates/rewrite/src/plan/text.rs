//! The edits of every file.

use std::collections::BTreeMap;

use diagnostics::{Diagnostic, SourcePath, Span};

use super::Options;
use super::copies;
use super::decisions::Decisions;
use super::linked::{Linked, TakenAs};
use super::macros::{self, Inline};
use super::variables;
use super::variants::{Insertions, Variants};
use crate::edits::{FileEdit, FileEdits};
use crate::facts::{Definition, Facts, Function, Linkage, Order, Point, When};

/// Collects the edits that the plan makes necessary.
pub(super) fn edits(
    units: &[Facts],
    decisions: &Decisions<'_>,
    variants: &mut Variants,
    linked: &Linked,
    options: &Options<'_>,
    inlines: &mut Vec<Inline>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<SourcePath, FileEdits> {
    let mut files: BTreeMap<SourcePath, FileEdits> = BTreeMap::new();
    for unit in units {
        for file in &unit.files {
            files.entry(file.clone()).or_default();
        }
        let holds = |when: &When, file| decisions.hold(unit, when, file);
        for edit in unit.edits.iter().filter(|edit| holds(&edit.when, &edit.span.file)) {
            let text = variants.text(&edit.span, edit.order).unwrap_or(&edit.text);
            add(&mut files, &edit.span, edit.order, text);
        }
        for problem in unit.problems.iter().filter(|problem| holds(&problem.when, &unit.source)) {
            diagnostics.push(problem.diagnostic.clone());
        }
    }
    macros::edits(units, decisions, inlines, diagnostics, &mut |edit| {
        add(&mut files, &edit.span, edit.order, &edit.text);
    });
    variables::check(units, options.sharing, diagnostics, &mut |edit| {
        add(&mut files, &edit.span, edit.order, &edit.text);
    });
    let mut own = Insertions::default();
    for unit in units {
        register(unit, linked, &mut own);
    }
    declare_statics(units, linked, &mut own, &mut files);
    own.texts(units, variants, diagnostics, &mut |point, text| {
        insert(&mut files, point, Order::Between, text);
    });
    copies::edits(units, &mut |point, text| insert(&mut files, point, Order::Between, text));
    for unit in units {
        append(unit, linked, &mut files);
    }
    files
}

/// Lets sources say which of several texts of a header they take.
pub(super) fn choose_variants(variants: &Variants, files: &mut BTreeMap<SourcePath, FileEdits>) {
    for (source, head) in variants.heads().texts() {
        // In front of everything else that is inserted at the beginning.
        add(files, &Span::point(source.clone(), 0), Order::Close(i32::MIN), &head);
    }
}

fn add(files: &mut BTreeMap<SourcePath, FileEdits>, span: &Span, order: Order, text: &str) {
    let (start, end, text) = (span.start, span.end, text.to_owned());
    files.entry(span.file.clone()).or_default().add(FileEdit { start, order, end, text });
}

fn insert(files: &mut BTreeMap<SourcePath, FileEdits>, point: &Point, order: Order, text: &str) {
    add(files, &Span::point(point.file.clone(), point.offset), order, text);
}

/// Lets objects register the functions that are reached from outside.
fn register<'a>(unit: &'a Facts, linked: &Linked, own: &mut Insertions<'a>) {
    for entry in &unit.functions {
        let Some(id) = linked.registered_id(unit, entry) else { continue };
        let (before, behind) = registration(entry);
        let id = format!("{id:#x}");
        let behind_line = format!("{behind}\n");
        let Some(definition) = &entry.defined else {
            // A function of the C library, or of an object that is not rewritten, used as a value.
            if !entry.taken.is_empty() && !is_defined_elsewhere(linked, unit, entry) {
                own.add(unit, (&unit.end, entry), (before.trim_start(), id, &behind_line));
            }
            continue;
        };
        match &definition.after {
            Some(point) => own.add(unit, (point, entry), (&before, id, &behind)),
            None => own.add(unit, (&unit.end, entry), (before.trim_start(), id, &behind_line)),
        }
    }
}

/// The macro that registers a function: what is in front of the id and behind it. Of one whose symbol
/// may be another object's at run time, the object's own is meant.
fn registration(entry: &Function) -> (String, String) {
    let Function { name, symbol, .. } = entry;
    let is_own = |defined: &Definition| defined.is_interposable && defined.has_body;
    match &entry.defined {
        Some(defined) if entry.linkage == Linkage::External && is_own(defined) => {
            if name == symbol {
                (format!(" IA2_REGISTER({name}, "), ")".to_owned())
            } else {
                (format!(" IA2_REGISTER_LABELLED({name}, "), format!(", \"{symbol}\")"))
            }
        }
        _ => (format!(" IA2_REGISTER_LOCAL({name}, "), ")".to_owned()),
    }
}

/// Whether another unit of the program defines the function, and registers it.
fn is_defined_elsewhere(linked: &Linked, unit: &Facts, entry: &Function) -> bool {
    linked.is_defined(unit.pkey, &entry.symbol)
}

/// Declares the stubs of static functions in front of the functions.
fn declare_statics<'a>(
    units: &'a [Facts],
    linked: &Linked,
    own: &mut Insertions<'a>,
    files: &mut BTreeMap<SourcePath, FileEdits>,
) {
    let mut heads: BTreeMap<&SourcePath, String> = BTreeMap::new();
    for (unit, function, type_name, taken) in &linked.statics {
        let unit = &units[*unit];
        let entry = &unit.functions[*function];
        let scope = linked.scopes.of(entry);
        let name = match taken {
            TakenAs::Itself => "IA2_STATIC_FN",
            TakenAs::Another => "IA2_STATIC_FN_AS",
            TakenAs::Stored => "IA2_STATIC_FN_STORED",
        };
        let text = format!("{name}({}, {type_name}, {scope})", entry.name);
        match (&entry.before, taken) {
            // There is one stub of the function's own type.
            (Some(point), TakenAs::Itself) => own.add(unit, (point, entry), ("", text, " ")),
            (Some(point), _) => insert(files, point, Order::Between, &format!("{text} ")),
            // A system header declares it: in front of that is the beginning of the source.
            (None, _) => heads.entry(&unit.source).or_default().push_str(&format!("{text} ")),
        }
    }
    for (source, text) in heads {
        let text = format!("{}\n#line 1\n", text.trim_end());
        add(files, &Span::point(source.clone(), 0), Order::Between, &text);
    }
}

/// What stands at the end of a source.
fn append(unit: &Facts, linked: &Linked, files: &mut BTreeMap<SourcePath, FileEdits>) {
    for entry in &unit.functions {
        let is_needed = entry.linkage == Linkage::External
            && entry.defined.is_none()
            && !entry.no_wrap
            && entry.is_referred_to
            && linked.needs.contains(&entry.name);
        if is_needed {
            let text = format!("IA2_NEED({})\n", entry.name);
            insert(files, &unit.end, Order::Between, &text);
        }
    }
    if unit.thread_local.is_some() && unit.pkey != 0 {
        insert(files, &unit.end, Order::Between, "IA2_TLS_PAD;\n");
    }
}
