//! Type names in parentheses: casts and compound literals.

use clang::{Cursor, Type};

use super::Analysis;
use super::declarations::{Site, span};
use crate::declarator::abstract_declarator;

impl<'u> Analysis<'u> {
    /// Rewrites the type name in the parentheses that begin this expression.
    pub(crate) fn type_name_behind(&mut self, cursor: Cursor<'u>, ty: Type<'u>) {
        let start = cursor.start();
        let Some(first) = start.file().filter(|&first| start.spelling() == Some(first)) else {
            return;
        };
        let file = self.files.get(first.file);
        if !file.is_editable {
            return;
        }
        let open = file.token_at(first.offset);
        if !file.tokens().get(open).is_some_and(|token| token.is(b'(')) {
            return;
        }
        let declarator = abstract_declarator(file.text(), file.tokens(), open + 1);
        if declarator.layers.is_empty() {
            return;
        }
        let site = Site { id: first.file, file, start: open + 1, declarator };
        for cut in self.cuts_of(ty, &site, None) {
            let name = self.name_of(cut.pointer);
            let text = format!("struct IA2_fnptr_{name}");
            let tokens = site.file.tokens();
            let specifiers =
                tokens[site.start].range.start..tokens[site.declarator.range.start - 1].range.end;
            self.replace(span(&site, specifiers), text, cut.when.clone());
            for range in cut.deleted {
                self.replace(span(&site, range), "", cut.when.clone());
            }
        }
    }
}
