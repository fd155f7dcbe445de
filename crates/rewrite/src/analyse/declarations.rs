//! Declarations: the spelling of function-pointer types in declarators.
//!
//! If the type of `p` in `static int (*const p)(int) = f;` becomes opaque, the type specifiers become
//! `struct IA2_fnptr_…`, and what the declarator says about the type goes:
//! `static struct IA2_fnptr__ZTSPFiiE const p = …;`. A declaration with several declarators is split
//! if any of them changes.

use std::ops::Range;

use clang::{Cursor, Kind, Type, TypeKind, made_up_name};
use ctype::made_up_tag;
use diagnostics::{Diagnostic, codes};

use super::Analysis;
use super::cuts::{Cut, Site, span, with_blanks};
use super::shapes::is_dereferenced_pointer;
use super::specifiers::Specifiers;
use super::values::Want;
use crate::declarator::LayerKind;
use crate::facts::{Edit, Order, PointerIndex, When};
use crate::token::behind_closing;

impl<'u> Analysis<'u> {
    /// Walks declarations that stand one after the other.
    pub(crate) fn declarations(&mut self, list: &[Cursor<'u>]) {
        let mut group: Vec<Cursor<'u>> = Vec::new();
        let mut start_of_group = None;
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
            let start = cursor.start().file();
            if start_of_group != start {
                self.declarators(&std::mem::take(&mut group));
                start_of_group = start;
            }
            group.push(cursor);
            self.declared(cursor);
        }
        self.declarators(&group);
    }

    /// Walks the declarators of one declaration inside a function. libclang lets each begin behind
    /// the one before.
    pub(crate) fn declaration_statement(&mut self, statement: Cursor<'u>) {
        let list = statement.children();
        let is_declarator = |cursor: &Cursor<'u>| {
            matches!(cursor.kind(), Kind::Variable | Kind::Typedef | Kind::Function)
                && self.is_ours(*cursor)
        };
        let (group, others): (Vec<_>, Vec<_>) = list.into_iter().partition(is_declarator);
        self.declarations(&others);
        group.iter().for_each(|&cursor| self.declared(cursor));
        // Behind what is defined in the same declaration, none is the first one.
        let first = if others.is_empty() { group.first().copied() } else { Some(statement) };
        self.declarators_from(&group, first);
    }

    /// What a declaration contains besides its declarator.
    fn declared(&mut self, cursor: Cursor<'u>) {
        self.nested_parameters(cursor);
        let value = match cursor.kind() {
            Kind::Variable => cursor.initialiser(),
            _ => None,
        };
        match cursor.kind() {
            Kind::Variable => {
                self.variable(cursor);
                // Without `extern` it is at least a tentative definition.
                if cursor.is_thread_local() && !cursor.is_extern() {
                    self.thread_local = self.thread_local.take().or(self.span_of(cursor));
                }
            }
            Kind::Function => {
                self.function(cursor);
                return;
            }
            _ => {}
        }
        for child in cursor.children() {
            if Some(child) == value {
                let flavour = self.flavour_of_declaration(cursor);
                // Braces would be an atomic structure's value for gcc alone, and an array to `auto`.
                let takes_no_braces =
                    self.atomic_pointer_of(cursor).is_some() || cursor.ty().is_inferred();
                let want = if takes_no_braces { Want::Value } else { Want::initial(flavour) };
                self.note_shared_memory(cursor.ty(), child);
                self.value(child, want);
            } else if child.kind().is_expression() && !is_dereferenced_pointer(Some(&child)) {
                // The number of elements or bits, or the operand of `typeof`.
                self.value(child, Want::Value);
            }
        }
    }

    /// Parameters in the declarator, at any depth.
    pub(crate) fn nested_parameters(&mut self, cursor: Cursor<'u>) {
        let mut group: Vec<Cursor<'u>> = Vec::new();
        let mut parameters = cursor.children();
        parameters.retain(|child| child.kind() == Kind::Parameter);
        let may_spell_pointer = parameters.iter().any(|&child| may_spell_pointer(child));
        for child in parameters {
            self.nested_parameters(child);
            if !may_spell_pointer || !self.is_ours(child) {
                continue;
            }
            // In an old-style definition several may be declared together.
            if group.first().is_some_and(|first| first.start() != child.start()) {
                self.declarators(&std::mem::take(&mut group));
            }
            group.push(child);
        }
        self.declarators(&group);
    }

    /// Finds the edits of the declarators of one declaration.
    fn declarators(&mut self, group: &[Cursor<'u>]) {
        self.declarators_from(group, group.first().copied());
    }

    /// The same, of a declaration that begins where `first` does.
    fn declarators_from(&mut self, group: &[Cursor<'u>], first: Option<Cursor<'u>>) {
        // Most declarations have nothing to do with function pointers.
        if !group.iter().any(|&cursor| may_spell_pointer(cursor)) {
            return;
        }
        let Some(start) = first else { return };
        let mut sites = Vec::new();
        for &cursor in group {
            if self.is_ignored(cursor) {
                return;
            }
            match self.site(cursor, start) {
                Some(site) => {
                    let cuts = self.cuts(cursor, &site);
                    sites.push((cursor, site, cuts));
                }
                None => self.declared_by_macro(cursor),
            }
        }
        if let Some((cursor, site, _)) = sites.first() {
            self.type_in_specifiers(site, base_type(*cursor, site));
        }
        if sites.iter().all(|(_, _, cuts)| cuts.is_empty()) || sites.len() != group.len() {
            return;
        }
        let any = When::Any(
            sites.iter().flat_map(|(_, _, cuts)| cuts).map(|cut| cut.when.clone()).collect(),
        );
        let (first, others) = sites.split_first().expect("not empty");
        let (cursor, site, cuts) = first;
        let base = base_type(*cursor, site).canonical().declaration();
        let made_up = base.map(|base| made_up_tag(&made_up_name(base))).unwrap_or_default();
        let specifiers = self.specifiers(site, &made_up);
        if specifiers.is_mixed {
            // A macro among them stands for type and storage class in one.
            self.declared_by_macro(*cursor);
            return;
        }
        if specifiers.has_members {
            self.separate_members(site, &specifiers, cuts);
        } else {
            for cut in cuts {
                self.cut_specifiers(site, &specifiers, cut);
            }
        }
        if !others.is_empty() && self.is_in_for(*cursor) {
            self.hoist_from_for(*cursor, site, &any);
        }
        for (_, site, cuts) in &sites {
            for cut in cuts {
                for range in &cut.deleted {
                    let range = with_blanks(site.file.text(), range.clone());
                    self.site_edit(site, range, "", cut.when.clone());
                }
            }
        }
        let text = match specifiers.has_members {
            true => specifiers.without_members.as_str(),
            false => specifiers.text.as_str(),
        };
        if let Some(base) = base.filter(|_| specifiers.has_members && !specifiers.has_tag)
            && !others.is_empty()
        {
            self.give_tag(base, any.clone());
        }
        for (_, site, cuts) in others {
            self.split_before(site, &specifiers.kept, text, cuts, &any);
        }
    }

    /// `struct s { … } (*f)(void);` becomes `struct s { … }; struct IA2_fnptr_… f;`.
    fn separate_members(&mut self, site: &Site<'_>, specifiers: &Specifiers, cuts: &[Cut]) {
        let place = specifiers.end..specifiers.end;
        for cut in cuts {
            let name = self.name_of(cut.pointer);
            let text = format!("; {}struct IA2_fnptr_{name}", specifiers.kept);
            self.site_edit(site, place.clone(), text, cut.when.clone());
        }
        // The storage class belongs to what is declared, not to the members.
        for run in &specifiers.kept_runs {
            let when = When::Any(cuts.iter().map(|cut| cut.when.clone()).collect());
            self.site_edit(site, run.clone(), "", when);
        }
    }

    /// `for (int i = 0, (*f)(int) = g; …) …` becomes `{ int i = 0; …; for (; …) … }`.
    fn hoist_from_for(&mut self, cursor: Cursor<'u>, site: &Site<'_>, any: &When) {
        let (text, tokens) = (site.file.text(), site.file.tokens());
        let head = site.start - 2;
        let Some(statement_end) = self.end_of_for else {
            self.declared_by_macro(cursor);
            return;
        };
        debug_assert!(tokens[head].is_word(text, "for"));
        let mut semicolon = site.start;
        while semicolon < tokens.len() && !tokens[semicolon].is(b';') {
            let opens = [b'(', b'[', b'{'].into_iter().any(|open| tokens[semicolon].is(open));
            semicolon = match opens {
                true => behind_closing(tokens, semicolon).unwrap_or(tokens.len()),
                false => semicolon + 1,
            };
        }
        if semicolon == tokens.len() || statement_end.file != site.id {
            self.declared_by_macro(cursor);
            return;
        }
        let head = tokens[head].range.start..tokens[head + 1].range.end;
        self.site_edit(site, head, "{ ", any.clone());
        let semicolon = tokens[semicolon].range.clone();
        self.site_edit(site, semicolon, "; for (;", any.clone());
        let end = statement_end.offset;
        let span = span(site, end..end);
        let (text, when) = (" }".to_owned(), any.clone());
        self.edits.push(Edit { span, text, order: Order::Between, when });
    }

    /// Puts the opaque type in the place of the type specifiers.
    fn cut_specifiers(&mut self, site: &Site<'_>, specifiers: &Specifiers, cut: &Cut) {
        let mut text = format!("struct IA2_fnptr_{}", self.name_of(cut.pointer));
        let mut runs = specifiers.types.iter();
        match runs.next() {
            Some(run) => {
                let next = site.file.text().get(run.end as usize);
                let needs_space = next.is_some_and(|next| !next.is_ascii_whitespace());
                if needs_space && !matches!(next, Some(b')' | b',' | b';')) {
                    text.push(' ');
                }
                self.site_edit(site, run.clone(), text, cut.when.clone());
            }
            None => {
                // Implicit int.
                let offset = specifiers.end;
                self.site_edit(site, offset..offset, text + " ", cut.when.clone());
            }
        }
        for run in runs {
            self.site_edit(site, run.clone(), "", cut.when.clone());
        }
    }

    /// An edit of a declaration.
    pub(crate) fn site_edit(
        &mut self,
        site: &Site<'_>,
        range: Range<u32>,
        text: impl Into<String>,
        when: When,
    ) {
        let edit = Edit { span: span(site, range), text: text.into(), order: Order::Replace, when };
        let place = site.place.clone();
        self.edit_at(&place, vec![edit]);
    }

    /// Ends the declaration before this declarator and begins a new one.
    fn split_before(&mut self, site: &Site<'_>, kept: &str, text: &str, cuts: &[Cut], any: &When) {
        let tokens = site.file.tokens();
        let first = site.declarator.range.start;
        let Some(comma) = first.checked_sub(1).filter(|&index| tokens[index].is(b',')) else {
            return;
        };
        let place = tokens[comma].range.clone();
        let next = site.file.text().get(place.end as usize);
        let space = if next.is_some_and(u8::is_ascii_whitespace) { "" } else { " " };
        for cut in cuts {
            let name = self.name_of(cut.pointer);
            let text = format!("; {kept}struct IA2_fnptr_{name}{space}");
            self.site_edit(site, place.clone(), text, cut.when.clone());
        }
        let none =
            When::Not(Box::new(When::Any(cuts.iter().map(|cut| cut.when.clone()).collect())));
        let when = When::All(vec![any.clone(), none]);
        self.site_edit(site, place, format!("; {text}{space}"), when);
    }

    /// A declaration that a macro brings, in whole or in part: the macro must be written out if the
    /// declaration has to change.
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
                TypeKind::Function if cursor.kind() == Kind::Parameter => {
                    if let Some(pointer) = self.pointer_to(ty.canonical()) {
                        self.blocked_declaration(cursor, pointer);
                    }
                    return;
                }
                TypeKind::Pointer => {
                    if let Some(pointer) = self.pointer(ty) {
                        self.blocked_declaration(cursor, pointer);
                        // What it points to returns may be spelled out as well.
                        ty.pointee().desugared().result()
                    } else {
                        ty.pointee()
                    }
                }
                _ => return,
            };
        }
    }

    fn blocked_declaration(&mut self, cursor: Cursor<'u>, pointer: PointerIndex) {
        let diagnostic = Diagnostic::error(
            codes::DECLARED_BY_MACRO,
            "a macro declares this function pointer, whose type becomes opaque",
        );
        self.blocked_by(cursor, When::Opaque(pointer), diagnostic);
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

/// The type that the specifiers of a declaration name.
fn base_type<'u>(cursor: Cursor<'u>, site: &Site<'_>) -> Type<'u> {
    let mut ty = match cursor.kind() {
        Kind::Typedef => cursor.underlying_type(),
        _ => cursor.ty(),
    };
    for layer in &site.declarator.layers {
        let bare = ty.desugared();
        ty = match (&layer.kind, bare.kind()) {
            (LayerKind::Array, TypeKind::Array) => bare.element(),
            (LayerKind::Function, TypeKind::Function) => bare.result(),
            (LayerKind::Pointer { .. } | LayerKind::Array, TypeKind::Pointer) => bare.pointee(),
            _ => return ty,
        };
    }
    ty
}
