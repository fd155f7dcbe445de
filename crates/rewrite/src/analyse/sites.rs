//! Where a declarator is written: in a file, or in the definition or an argument of a macro.

use clang::{Cursor, FileId, Point};

use super::Analysis;
use super::cuts::Site;
use super::extent::{Extent, Level, Via};
use super::files::File;
use crate::declarator::{Declarator, abstract_declarator, around_name};
use crate::token::enclosing;

impl<'u> Analysis<'u> {
    /// Where a declarator is written, in a declaration that begins where `first` does; `None` if not
    /// all of it is in one place.
    pub(super) fn site(&self, cursor: Cursor<'u>, first: Cursor<'u>) -> Option<Site<'u>> {
        let start = first.start();
        let (written, used) = (start.spelling()?, start.file()?);
        let name = (!cursor.name().is_empty()).then(|| cursor.location());
        let (point, via) = match name {
            // Written, if perhaps with a macro for attributes or a type in front.
            Some(name) if name.spelling()? == name.file()? => {
                let is_text = name.expansion() == name.file();
                if written == used && !self.is_same_argument(used, name.file()?) {
                    // A macro puts it together from its arguments.
                    return None;
                }
                if written != used && (!is_text || !self.begins_declaration(used)) {
                    return None;
                }
                (used, if is_text { Via::Text } else { Via::Argument })
            }
            // All of it in a macro's definition.
            Some(name) if written != used && name.file()? == used => (written, Via::Body(used)),
            Some(_) => return None,
            None if written == used => {
                let is_text = start.expansion() == Some(used);
                (used, if is_text { Via::Text } else { Via::Argument })
            }
            // A macro like `bool` in front of what is written.
            None if self.ends_behind_macro(cursor, used) => {
                if start.expansion() != Some(used) {
                    return None;
                }
                (used, Via::Text)
            }
            None => (written, Via::Body(used)),
        };
        let file = self.files.get(point.file);
        if !file.is_editable_at(point.offset) {
            return None;
        }
        let first = file.token_at(point.offset);
        let declarator = match name {
            Some(name) => {
                let place = match via {
                    Via::Body(_) => name.spelling()?,
                    Via::Text | Via::Argument => name.file()?,
                };
                if place.file != point.file || place.offset < point.offset {
                    return None;
                }
                let name = file.token_at(place.offset);
                around_name(file.text(), file.tokens(), first, name)
            }
            None => abstract_declarator(file.text(), file.tokens(), first),
        };
        let declarator = self.with_macros(point.file, &file, declarator);
        self.site_of(point, via, first, declarator)
    }

    fn site_of(
        &self,
        point: Point,
        via: Via,
        start: usize,
        declarator: Declarator,
    ) -> Option<Site<'u>> {
        let file = self.files.get(point.file);
        let tokens = file.tokens();
        let last = declarator.range.end.max(start + 1) - 1;
        let range = point.offset..tokens.get(last)?.range.end;
        if let Via::Body(_) = via {
            let definition = self.macros.definition_around(point)?;
            if definition.span.range.end < range.end {
                return None;
            }
        }
        let place = Extent { file: point.file, range, level: Level::Written, via };
        Some(Site { id: point.file, file, start, declarator, place })
    }

    /// Whether both places are in the same argument of the same macro's use, or in none.
    fn is_same_argument(&self, first: Point, second: Point) -> bool {
        let argument = |point: Point| {
            let uses = self.macros.around(point).map(|known| known.span.range.start);
            let innermost = uses.into_iter().find(|&start| start < point.offset)?;
            let file = self.files.get(point.file);
            let tokens = file.tokens();
            let (name, index) = (file.token_at(innermost), file.token_at(point.offset));
            let number = enclosing(tokens, index).find(|argument| argument.name == name)?.number;
            Some((innermost, number))
        };
        argument(first) == argument(second)
    }

    /// Whether a macro that is used here stands in front of a declaration of which the rest is
    /// written: `API int (*f)(void)`.
    fn begins_declaration(&self, point: Point) -> bool {
        self.macros.at(point).is_some()
    }

    /// Whether something that begins with the use of a macro goes on behind it, in the same file. The
    /// compiler says of the end of what is in the macro's definition that it is the end of the use.
    fn ends_behind_macro(&self, cursor: Cursor<'u>, used: Point) -> bool {
        let end = cursor.end();
        let is_text = end.spelling() == end.file();
        let inside = |end: Point| {
            self.macros.at(used).is_some_and(|known| end.offset <= known.span.range.end)
        };
        is_text && !end.file().is_some_and(inside)
    }

    /// Takes macros that bring parameters for part of the declarator: `(*alloc) OF((int size))`.
    fn with_macros(&self, id: FileId, file: &File<'_>, declarator: Declarator) -> Declarator {
        let tokens = file.tokens();
        let end = declarator.range.end;
        let is_use = tokens.get(end).is_some_and(|token| {
            let point = Point { file: id, offset: token.range.start };
            self.macros.at(point).is_some_and(|known| {
                // With arguments, which are themselves in parentheses.
                tokens.get(end + 1).is_some_and(|open| open.is(b'('))
                    && known.span.range.end > tokens[end].range.end
                    && tokens.get(end + 2).is_some_and(|open| open.is(b'('))
            })
        });
        if !is_use {
            return declarator;
        }
        let Some(behind) = crate::token::behind_closing(tokens, end + 1) else { return declarator };
        declarator.with_parameters(end, behind)
    }
}
