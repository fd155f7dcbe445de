//! Variables that other translation units can see, and shared data.

use clang::{Cursor, Kind, Linkage};

use super::Analysis;
use crate::facts::{Point, Variable};

impl<'u> Analysis<'u> {
    /// A declaration or definition of a variable.
    pub(super) fn variable(&mut self, cursor: Cursor<'u>) {
        if cursor.linkage() == Linkage::None && !cursor.is_extern() {
            self.shared_data(cursor);
            return;
        }
        let is_shared = self.shared_data(cursor);
        let Some(index) = self.variable_index(cursor) else { return };
        self.variables[index].is_shared |= is_shared;
        // Without `extern` it is at least a tentative definition.
        if cursor.is_extern() && cursor.initialiser().is_none() {
            return;
        }
        let before = self.point_of_declaration(cursor);
        let span = self.name_span(cursor);
        let variable = &mut self.variables[index];
        if variable.defined.is_none() {
            variable.defined = span;
            variable.before = before;
        }
    }

    /// Notes that an expression names a variable.
    pub(super) fn note_variable(&mut self, cursor: Cursor<'u>) {
        self.note_contained(cursor);
        let Some(variable) = cursor.referenced().filter(|known| known.kind() == Kind::Variable)
        else {
            return;
        };
        if let Some(index) = self.variable_index(variable)
            && self.variables[index].used.is_none()
        {
            self.variables[index].used = self.span_of(cursor);
        }
    }

    fn variable_index(&mut self, cursor: Cursor<'u>) -> Option<usize> {
        let first = cursor.canonical();
        if let Some(&known) = self.variable_ids.get(&first) {
            return known;
        }
        let is_visible = first.linkage() == Linkage::External;
        let index = is_visible.then_some(self.variables.len());
        self.variable_ids.insert(first, index);
        if is_visible {
            self.variables.push(Variable {
                symbol: first.symbol(),
                defined: None,
                before: None,
                used: None,
                is_const: cursor.ty().is_const(),
                is_shared: false,
                is_thread_local: first.is_thread_local(),
                is_interposable: !cursor.is_hidden(),
            });
        }
        index
    }

    /// Whether a variable's declaration says that it is shared. Notes what it leads to.
    fn shared_data(&mut self, cursor: Cursor<'u>) -> bool {
        if !self.has_shared_data {
            return false;
        }
        let Some(name) = cursor.location().file() else { return false };
        let file = self.files.get(name.file);
        let tokens = file.tokens();
        let index = file.token_at(name.offset);
        let ends = |index: &usize| [b';', b'{', b'}'].into_iter().any(|end| tokens[*index].is(end));
        let is_mark = |index: usize| tokens[index].is_word(file.text(), "IA2_SHARED_DATA");
        let before = (0..index).rev().take_while(|index| !ends(index)).any(is_mark);
        let after = (index..tokens.len())
            .take_while(|index| !ends(index) && !tokens[*index].is(b'='))
            .any(is_mark);
        if !before && !after {
            return false;
        }
        if let Some(span) = self.name_span(cursor) {
            self.note_shared(cursor.ty(), &span);
        }
        true
    }

    /// In front of a declaration that is written in a file.
    fn point_of_declaration(&self, cursor: Cursor<'u>) -> Option<Point> {
        let start = cursor.start().file()?;
        let is_written = cursor.location().spelling() == cursor.location().expansion();
        let file = self.files.get(start.file);
        (is_written && file.is_editable_at(start.offset))
            .then(|| Point { file: file.path.clone(), offset: start.offset })
    }
}
