//! Text of macros that stands for function pointers and for other things within one use.
//!
//! Uses that do not need an edit of a macro's text are told by their places. A use that expands the
//! text several times, by way of other macros, hides that from the outside: the `p` in the definition
//! of a macro that lists other macros' arguments may be a function pointer for one of them and a number
//! for the next.

use std::collections::HashSet;

use clang::{Cursor, FileId, Point};
use diagnostics::Span;

use super::Analysis;
use super::pointers::is_pointer;
use crate::facts::{MacroPlace, MacroPlaceKind};

impl<'u> Analysis<'u> {
    /// Notes where text that is edited in a macro's definition is no function pointer, in uses that
    /// expand the definition by way of other macros.
    pub(super) fn other_meanings(&mut self, root: &[Cursor<'u>]) {
        let included = self.unit.included();
        let ids = |span: &Span| -> Vec<FileId> {
            let is_it = |id: &FileId| self.files.get(*id).path == span.file;
            included.iter().copied().filter(is_it).collect()
        };
        let mut starts: HashSet<Point> = HashSet::new();
        let mut uses: Vec<clang::Span> = Vec::new();
        let mut seen: HashSet<(&Span, &Span)> = HashSet::new();
        for MacroPlace { place, used, kind, edits } in &self.macro_places {
            let MacroPlaceKind::Body { definition, .. } = kind else { continue };
            if edits.is_empty() || !seen.insert((place, used)) {
                continue;
            }
            for file in ids(used) {
                let name = self.macros.at(Point { file, offset: used.start });
                let named = name.and_then(|name| name.definition);
                let is_direct = named.is_some_and(|named| {
                    named.offset == definition.start
                        && self.files.get(named.file).path == definition.file
                });
                if is_direct {
                    continue;
                }
                uses.push(clang::Span { file, range: used.start..used.end });
                let files = ids(place).into_iter();
                starts.extend(files.map(|file| Point { file, offset: place.start }));
            }
        }
        if uses.is_empty() {
            return;
        }
        let mut found = Vec::new();
        for &declaration in root {
            let Some(span) = declaration.expansion_span() else { continue };
            let is_concerned = uses.iter().any(|used| {
                used.file == span.file
                    && used.range.start < span.range.end
                    && span.range.start < used.range.end
            });
            if is_concerned && declaration.kind() != clang::Kind::MacroExpansion {
                self.find_other_meanings(declaration, None, &starts, &mut found);
            }
        }
        self.macro_places.append(&mut found);
    }

    /// `inside` is the place of the function pointer that the expression is a part of: the function's
    /// name in it has the same.
    fn find_other_meanings(
        &self,
        cursor: Cursor<'u>,
        inside: Option<&Span>,
        starts: &HashSet<Point>,
        found: &mut Vec<MacroPlace>,
    ) {
        let is_wanted = || cursor.start().spelling().is_some_and(|start| starts.contains(&start));
        let mut place = None;
        if cursor.kind().is_expression() && is_wanted() {
            place = self.extent(cursor).ok().and_then(|extent| self.macro_place(&extent));
        }
        let inside = match &place {
            Some(place) if is_pointer(cursor) => Some(&place.place),
            Some(place) if inside != Some(&place.place) && !found.contains(place) => {
                found.push(place.clone());
                inside
            }
            _ => inside,
        };
        for child in cursor.children() {
            self.find_other_meanings(child, inside, starts, found);
        }
    }
}
