//! Declarations: the spelling of function-pointer types in declarators.
//!
//! If the type of `p` in `static int (*const p)(int) = f;` becomes opaque, the type specifiers become
//! `struct IA2_fnptr_…`, and what the declarator says about the type goes:
//! `static struct IA2_fnptr__ZTSPFiiE const p = …;`. A declaration with several declarators is split
//! if any of them changes.

use std::ops::Range;
use std::rc::Rc;

use clang::{Cursor, FileId, Kind, Type, TypeKind};
use diagnostics::{Diagnostic, Span, codes};

use super::Analysis;
use super::files::File;
use super::flavour::Flavour;
use super::specifiers::Specifiers;
use super::values::Want;
use crate::declarator::{Declarator, LayerKind, abstract_declarator, around_name};
use crate::facts::{PointerIndex, When};

/// A declarator as it is written.
pub(crate) struct Site {
    pub(crate) id: FileId,
    pub(crate) file: Rc<File>,
    /// First token of the declaration.
    pub(crate) start: usize,
    pub(crate) declarator: Declarator,
}

/// What a declarator becomes if one of its function-pointer types becomes opaque.
pub(crate) struct Cut {
    pub(crate) pointer: PointerIndex,
    pub(crate) when: When,
    /// Bytes to delete.
    pub(crate) deleted: Vec<Range<u32>>,
}

impl<'u> Analysis<'u> {
    /// Walks declarations that stand one after the other.
    pub(crate) fn declarations(&mut self, list: &[Cursor<'u>]) {
        let mut group: Vec<Cursor<'u>> = Vec::new();
        for &cursor in list {
            let kind = cursor.kind();
            if matches!(kind, Kind::MacroDefinition | Kind::MacroExpansion | Kind::Inclusion)
                || !self.is_ours(cursor)
            {
                continue;
            }
            if !matches!(kind, Kind::Variable | Kind::Field | Kind::Typedef | Kind::Function) {
                match kind {
                    Kind::Struct | Kind::Union => self.declarations(&cursor.children()),
                    _ => self.visit(cursor),
                }
                continue;
            }
            if group.first().is_some_and(|first| first.start().file() != cursor.start().file()) {
                self.declarators(&std::mem::take(&mut group));
            }
            group.push(cursor);
            self.declared(cursor);
        }
        self.declarators(&group);
    }

    /// What a declaration contains besides its declarator.
    fn declared(&mut self, cursor: Cursor<'u>) {
        self.nested_parameters(cursor);
        match cursor.kind() {
            Kind::Variable => {
                // Without `extern` it is at least a tentative definition.
                if cursor.is_thread_local() && !cursor.is_extern() && self.thread_local.is_none() {
                    self.thread_local = self.span_of(cursor);
                }
                if let Some(value) = cursor.initialiser() {
                    let flavour = self.flavour_of_declaration(cursor);
                    self.value(value, Want::initial(flavour));
                }
            }
            Kind::Function => self.function(cursor),
            _ => {}
        }
    }

    /// Parameters in the declarator, at any depth.
    fn nested_parameters(&mut self, cursor: Cursor<'u>) {
        for child in cursor.children() {
            if child.kind() == Kind::Parameter {
                if self.is_ours(child) {
                    self.declarators(&[child]);
                }
                self.nested_parameters(child);
            }
        }
    }

    /// Finds the edits of the declarators of one declaration.
    fn declarators(&mut self, group: &[Cursor<'u>]) {
        // Most declarations have nothing to do with function pointers.
        if !group.iter().any(|&cursor| may_spell_pointer(cursor)) {
            return;
        }
        let mut sites = Vec::new();
        for &cursor in group {
            if self.is_ignored(cursor) {
                return;
            }
            match self.site(cursor) {
                Some(site) => {
                    let cuts = self.cuts(cursor, &site);
                    sites.push((cursor, site, cuts));
                }
                None => self.declared_by_macro(cursor),
            }
        }
        if sites.iter().all(|(_, _, cuts)| cuts.is_empty()) || sites.len() != group.len() {
            return;
        }
        let any = When::Any(
            sites.iter().flat_map(|(_, _, cuts)| cuts).map(|cut| cut.when.clone()).collect(),
        );
        let (first, others) = sites.split_first().expect("not empty");
        let (cursor, site, cuts) = first;
        let specifiers = self.specifiers(site);
        if specifiers.has_members || (!others.is_empty() && self.is_in_for(*cursor)) {
            let span = self.span_of(*cursor);
            let diagnostic = Diagnostic::error(
                codes::DECLARATION_TO_SPLIT,
                "this declaration must be split before its function-pointer type can become opaque",
            );
            let diagnostic = match span {
                Some(span) => diagnostic.at(span),
                None => diagnostic,
            };
            self.problem(any, diagnostic.help("declare the type and each variable on its own"));
            return;
        }
        for cut in cuts {
            self.cut_specifiers(site, &specifiers, cut);
        }
        for (_, site, cuts) in &sites {
            for cut in cuts {
                for range in &cut.deleted {
                    self.replace(span(site, range.clone()), "", cut.when.clone());
                }
            }
        }
        for (_, site, cuts) in others {
            self.split_before(site, &specifiers, cuts, &any);
        }
    }

    /// Puts the opaque type in the place of the type specifiers.
    fn cut_specifiers(&mut self, site: &Site, specifiers: &Specifiers, cut: &Cut) {
        let mut text = format!("struct IA2_fnptr_{}", self.name_of(cut.pointer));
        let mut runs = specifiers.types.iter();
        match runs.next() {
            Some(run) => {
                let next = site.file.text().get(run.end as usize);
                let needs_space = next.is_some_and(|next| !next.is_ascii_whitespace());
                if needs_space && !matches!(next, Some(b')' | b',' | b';')) {
                    text.push(' ');
                }
                self.replace(span(site, run.clone()), text, cut.when.clone());
            }
            None => {
                // Implicit int.
                let offset = specifiers.end;
                self.replace(span(site, offset..offset), text + " ", cut.when.clone());
            }
        }
        for run in runs {
            self.replace(span(site, run.clone()), "", cut.when.clone());
        }
    }

    /// Ends the declaration before this declarator and begins a new one.
    fn split_before(&mut self, site: &Site, specifiers: &Specifiers, cuts: &[Cut], any: &When) {
        let tokens = site.file.tokens();
        let first = site.declarator.range.start;
        let Some(comma) = first.checked_sub(1).filter(|&index| tokens[index].is(b',')) else {
            return;
        };
        let place = tokens[comma].range.clone();
        for cut in cuts {
            let name = self.name_of(cut.pointer);
            let text = format!("; {}struct IA2_fnptr_{name}", specifiers.kept);
            self.replace(span(site, place.clone()), text, cut.when.clone());
        }
        let none =
            When::Not(Box::new(When::Any(cuts.iter().map(|cut| cut.when.clone()).collect())));
        let text = format!("; {}", specifiers.text);
        self.replace(span(site, place), text, When::All(vec![any.clone(), none]));
    }

    /// Where a declarator is written; `None` if a macro brings it.
    fn site(&self, cursor: Cursor<'u>) -> Option<Site> {
        let start = cursor.start();
        let first = start.file()?;
        let is_written = start.spelling()? == first;
        let file = self.files.get(first.file);
        let start = file.token_at(first.offset);
        let declarator = if cursor.name().is_empty() {
            if !is_written {
                return None;
            }
            abstract_declarator(file.text(), file.tokens(), start)
        } else {
            let name = cursor.location();
            let place = name.file()?;
            if name.spelling()? != place || place.file != first.file {
                return None;
            }
            // It may begin with a macro like `bool`, but must not be what a macro expands to.
            if !is_written && self.macros.around(first).any(|used| used.span.contains(place)) {
                return None;
            }
            around_name(file.text(), file.tokens(), start, file.token_at(place.offset))
        };
        Some(Site { id: first.file, file, start, declarator })
    }

    /// For every function-pointer layer that is spelled out: what becomes of the declarator if it is
    /// the one next to the name that becomes opaque.
    fn cuts(&mut self, cursor: Cursor<'u>, site: &Site) -> Vec<Cut> {
        let ty = match cursor.kind() {
            Kind::Typedef => cursor.underlying_type(),
            _ => cursor.ty(),
        };
        let is_parameter = cursor.kind() == Kind::Parameter;
        self.cuts_of(ty, site, is_parameter.then_some(Parameter))
    }

    pub(crate) fn cuts_of(
        &mut self,
        ty: Type<'u>,
        site: &Site,
        parameter: Option<Parameter>,
    ) -> Vec<Cut> {
        let mut layers = Vec::new();
        let mut ty = ty;
        for (index, layer) in site.declarator.layers.iter().enumerate() {
            let bare = ty.desugared();
            match &layer.kind {
                LayerKind::Array if bare.kind() == TypeKind::Pointer => ty = bare.pointee(),
                LayerKind::Array => ty = bare.element(),
                LayerKind::Function => {
                    if parameter.is_some() && index == 0 {
                        layers.extend(self.pointer_to(bare).map(|pointer| (pointer, Some(index))));
                    }
                    ty = bare.result();
                }
                LayerKind::Pointer { .. } => {
                    layers.extend(self.pointer(bare).map(|pointer| (pointer, Some(index))));
                    ty = bare.pointee();
                }
            }
        }
        // A parameter of a typedef's function type.
        if parameter.is_some()
            && site.declarator.layers.is_empty()
            && ty.canonical().kind() == TypeKind::Function
            && self.flavour_of_type(ty) == Flavour::Opaque
        {
            layers.extend(self.pointer_to(ty.canonical()).map(|pointer| (pointer, None)));
        }
        let mut cuts: Vec<Cut> = Vec::new();
        for (pointer, layer) in layers {
            let mut when = vec![When::Opaque(pointer)];
            when.extend(cuts.iter().map(|cut| When::Not(Box::new(When::Opaque(cut.pointer)))));
            let deleted = layer.map_or_else(Vec::new, |layer| deleted_by_cut(site, layer));
            cuts.push(Cut { pointer, when: When::All(when), deleted });
        }
        cuts
    }

    /// Function pointers that a macro declares cannot be rewritten at the place of use.
    fn declared_by_macro(&mut self, cursor: Cursor<'u>) {
        let ty = match cursor.kind() {
            Kind::Typedef => cursor.underlying_type(),
            Kind::Function => cursor.ty().desugared().result(),
            _ => cursor.ty(),
        };
        let mut ty = ty;
        loop {
            ty = match ty.kind() {
                TypeKind::Elaborated => ty.named(),
                TypeKind::Array => ty.element(),
                TypeKind::Pointer => {
                    if let Some(pointer) = self.pointer(ty) {
                        let diagnostic = Diagnostic::error(
                            codes::DECLARED_BY_MACRO,
                            "a macro declares this function pointer, whose type becomes opaque",
                        );
                        let diagnostic = match self.span_of(cursor) {
                            Some(span) => diagnostic.at(span),
                            None => diagnostic,
                        };
                        self.problem(When::Opaque(pointer), diagnostic);
                        return;
                    }
                    ty.pointee()
                }
                _ => return,
            };
        }
    }

    fn is_in_for(&self, cursor: Cursor<'u>) -> bool {
        let Some(start) = cursor.start().file() else { return false };
        let file = self.files.get(start.file);
        let tokens = file.tokens();
        let first = file.token_at(start.offset);
        first >= 2 && tokens[first - 1].is(b'(') && tokens[first - 2].is_word(file.text(), "for")
    }
}

/// Whether the declarator may spell a function pointer out, its parameters aside.
fn may_spell_pointer(cursor: Cursor<'_>) -> bool {
    match cursor.kind() {
        Kind::Function => cursor.ty().desugared().result().leads_to_function(),
        Kind::Typedef => cursor.underlying_type().leads_to_function(),
        _ => cursor.ty().leads_to_function(),
    }
}

/// Marks the type of a parameter, where a function type means a pointer.
#[derive(Clone, Copy)]
pub(crate) struct Parameter;

pub(crate) fn span(site: &Site, range: Range<u32>) -> Span {
    Span::new(site.file.path.clone(), range)
}

/// What a declarator loses if everything outside a layer's inner part goes, but the qualifiers.
fn deleted_by_cut(site: &Site, layer: usize) -> Vec<Range<u32>> {
    let tokens = site.file.tokens();
    let Declarator { range, layers } = &site.declarator;
    let inner = &layers[layer].inner;
    let start_of = |index: usize| tokens[index].range.start;
    let end_of = |index: usize| tokens[index - 1].range.end;
    let kept = match &layers[layer].kind {
        LayerKind::Pointer { qualifiers, .. } if !qualifiers.is_empty() => qualifiers.start,
        _ => inner.start,
    };
    let (start, end) = (start_of(range.start), end_of(range.end));
    // Without an inner part the two deletions are one.
    let (kept_start, kept_end) =
        if kept == inner.end { (end, end) } else { (start_of(kept), end_of(inner.end)) };
    [start..kept_start, kept_end..end].into_iter().filter(|range| !range.is_empty()).collect()
}
