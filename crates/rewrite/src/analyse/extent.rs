//! Where an expression is written: in a file, or in the body of a macro.
//!
//! Three cases. The first token is written in a file (in an argument of a macro, perhaps): then the
//! expression is there. Or the expression is all that a macro expands to: then it stands where the
//! macro is used. Or it is a part of a macro's body: then it stands in the macro's definition.

use std::ops::Range;

use clang::{Cursor, FileId, Kind, Point, Span};

use super::Analysis;
use crate::token::{Token, TokenKind, behind_closing, opening};

/// The place of a whole expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Extent {
    /// The file.
    pub(crate) file: FileId,
    /// Its bytes.
    pub(crate) range: Range<u32>,
    /// How the bytes are the expression.
    pub(crate) level: Level,
    /// What the place belongs to.
    pub(crate) via: Via,
}

/// How an extent is the expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Level {
    /// It is written there.
    Written,
    /// A macro is used there that expands to it and nothing else.
    Expansion,
}

/// What a place belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Via {
    /// Text that is neither a macro's definition nor an argument: it means one thing.
    Text,
    /// An argument of a macro's use.
    Argument,
    /// The definition of a macro that is used here.
    Body(Point),
}

/// Why an expression has no place of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Obstacle {
    /// Its tokens come partly from a macro's body, partly from elsewhere.
    MixedMacro,
    /// A token was made by `##` or by the compiler.
    Pasted,
    /// It is written in a file outside the root.
    System,
}

/// Index of the first token of the postfix expression (C17 6.5.2) whose last member name is given.
fn postfix_start(tokens: &[Token], name: usize) -> usize {
    let mut first = name;
    loop {
        let operator = match first.checked_sub(1).map(|index| &tokens[index]) {
            Some(token) if token.is(b'.') => 1,
            Some(token) if token.is(b'>') && first >= 2 && tokens[first - 2].is(b'-') => 2,
            _ => return first,
        };
        let Some(mut base) = first.checked_sub(operator + 1) else { return first };
        while tokens[base].is(b']') || tokens[base].is(b')') {
            let Some(open) = opening(tokens, base) else { return first };
            let is_operand = open.checked_sub(1).is_some_and(|index| {
                let token = &tokens[index];
                token.kind == TokenKind::Word || token.is(b')') || token.is(b']')
            });
            if !is_operand {
                base = open;
                break;
            }
            base = open - 1;
        }
        first = base;
    }
}

impl<'u> Analysis<'u> {
    /// The place of an expression.
    pub(crate) fn extent(&self, cursor: Cursor<'u>) -> Result<Extent, Obstacle> {
        let extent = self.any_extent(cursor)?;
        if !self.files.get(extent.file).is_editable_at(extent.range.start) {
            return Err(Obstacle::System);
        }
        Ok(extent)
    }

    /// The place where the tokens of an expression are, be it all that a macro expands to.
    pub(crate) fn body_or_text(&self, cursor: Cursor<'u>) -> Result<Extent, Obstacle> {
        let extent = self.extent(cursor)?;
        if extent.level != Level::Expansion {
            return Ok(extent);
        }
        let start = cursor.start();
        let (written, used) = start.spelling().zip(start.file()).ok_or(Obstacle::Pasted)?;
        let end = self.body_end(cursor)?;
        if end.file != written.file || !self.files.get(written.file).is_editable() {
            return Err(Obstacle::MixedMacro);
        }
        let (file, range) = (written.file, written.offset..end.offset);
        Ok(Extent { file, range, level: Level::Written, via: Via::Body(used) })
    }

    fn any_extent(&self, cursor: Cursor<'u>) -> Result<Extent, Obstacle> {
        let start = cursor.start();
        let written = start.spelling().ok_or(Obstacle::Pasted)?;
        let used = start.file().ok_or(Obstacle::Pasted)?;
        if written == used {
            let extent =
                self.member_of_argument(cursor).filter(|_| start.expansion() != Some(used));
            return extent.map_or_else(|| self.written_extent(cursor, used), Ok);
        }
        if let Some(extent) = self.begun_by_macro(cursor, written, used) {
            return Ok(extent);
        }
        let end = self.body_end(cursor)?;
        if end.file != written.file || end.offset <= written.offset {
            return Err(Obstacle::MixedMacro);
        }
        let is_in_argument = start.expansion() != Some(used);
        self.body_extent(used, is_in_argument, written, end.offset)
    }

    /// The place of an expression that begins with the use of a macro and goes on behind it:
    /// `ORIGINAL(p)->open`, `ALIAS ?: ALIAS`.
    fn begun_by_macro(&self, cursor: Cursor<'u>, written: Point, used: Point) -> Option<Extent> {
        let known = self.macros.at(used)?;
        let is_text = cursor.start().expansion() == Some(used);
        let end = if is_text { cursor.end().file()? } else { self.written_end(cursor).ok()? };
        if end.file != used.file || end.offset <= known.span.range.end {
            return None;
        }
        let via = if is_text { Via::Text } else { Via::Argument };
        // The macro must stand for the beginning of the expression and nothing in front of it.
        let mut definition = self.macros.definition_around(known.definition?)?;
        for _ in 0..8 {
            let body = self.body_range(&definition.span)?;
            if definition.span.file == written.file && body.start == written.offset {
                let range = used.offset..end.offset;
                return Some(Extent { file: used.file, range, level: Level::Written, via });
            }
            let file = self.files.get(definition.span.file);
            let first = file.tokens().get(file.token_at(body.start))?;
            let name = std::str::from_utf8(first.text(file.text())).ok()?;
            definition = self.macros.definition_named(name)?;
        }
        None
    }

    /// The place of an expression that is written in the body of a macro which is used here.
    fn body_extent(
        &self,
        used: Point,
        is_in_argument: bool,
        start: Point,
        end: u32,
    ) -> Result<Extent, Obstacle> {
        let range = start.offset..end;
        let body = Span { file: start.file, range: range.clone() };
        if let Some(span) = self.whole_expansion(used, &body) {
            let via = if is_in_argument { Via::Argument } else { Via::Text };
            return Ok(Extent { file: span.file, range: span.range, level: Level::Expansion, via });
        }
        let definition = self.macros.definition_around(start).ok_or(Obstacle::MixedMacro)?;
        if definition.span.range.end < end {
            return Err(Obstacle::MixedMacro);
        }
        Ok(Extent { file: start.file, range, level: Level::Written, via: Via::Body(used) })
    }

    /// The place of `parameter->member` in the body of a macro, where the parameter's argument is
    /// what is written first.
    fn member_of_argument(&self, cursor: Cursor<'u>) -> Option<Extent> {
        let mut core = cursor;
        while core.kind() == Kind::Unexposed {
            let [child] = core.children()[..] else { return None };
            if child.start() != core.start() || child.end() != core.end() {
                return None;
            }
            core = child;
        }
        if core.kind() != Kind::MemberRef {
            return None;
        }
        let name = core.location();
        let (written, used) = (name.spelling()?, name.file()?);
        if written == used {
            return None;
        }
        let file = self.files.get(written.file);
        let last = file.token_at(written.offset);
        let first = postfix_start(file.tokens(), last);
        let definition = self.macros.definition_around(written)?;
        let start = file.tokens()[first].range.start;
        if start <= definition.span.range.start {
            return None;
        }
        let start = Point { file: written.file, offset: start };
        let is_in_argument = name.expansion() != Some(used);
        let end = file.tokens()[last].range.end;
        let extent = self.body_extent(used, is_in_argument, start, end).ok()?;
        Some(extent)
    }

    /// The place of an expression whose first token is written in a file.
    fn written_extent(&self, cursor: Cursor<'u>, start: Point) -> Result<Extent, Obstacle> {
        let mut start = start;
        let end = self.written_end(cursor)?;
        if end.file != start.file || end.offset <= start.offset {
            return Err(Obstacle::MixedMacro);
        }
        let mut range = start.offset..end.offset;
        let last = Point { file: end.file, offset: end.offset - 1 };
        // An argument of a macro whose use ends before the expression does: the use belongs to it.
        if let Some(used) = self.macros.separating(start, last) {
            start.offset = used.span.range.start;
            range.start = start.offset;
        }
        if let Some(used) = self.macros.separating(last, start) {
            range.end = used.span.range.end;
        }
        let outermost = cursor.start().expansion();
        let via = match outermost == Some(start) {
            true => Via::Text,
            false => Via::Argument,
        };
        Ok(Extent { file: start.file, range, level: Level::Written, via })
    }

    /// Behind the last token, in the file where the first token is written.
    ///
    /// If the last token comes from a macro's body, libclang only knows the end of the outermost
    /// macro in use, so the syntax has to tell.
    fn written_end(&self, cursor: Cursor<'u>) -> Result<Point, Obstacle> {
        let start = cursor.start();
        let used = start.file().ok_or(Obstacle::Pasted)?;
        let end = cursor.end();
        let (end_used, end_expanded) = (end.file(), end.expansion());
        let is_in_argument = start.expansion() != Some(used);
        if !is_in_argument || end_used != end_expanded {
            let end_used = end_used.ok_or(Obstacle::Pasted)?;
            // Of a macro that is used at the end of an argument, libclang only knows the beginning.
            let is_use = is_in_argument && end.spelling() != Some(end_used);
            let last = self.macros.at(end_used).filter(|_| is_use);
            let offset = last.map_or(end_used.offset, |used| used.span.range.end);
            return Ok(Point { file: end_used.file, offset });
        }
        match cursor.kind() {
            Kind::Binary
            | Kind::CompoundAssign
            | Kind::Conditional
            | Kind::Unary
            | Kind::CStyleCast
            | Kind::Unexposed => {
                let last = cursor.children().pop().ok_or(Obstacle::MixedMacro)?;
                self.written_end(last)
            }
            _ => {
                let used = self.macros.around(used).next().filter(|known| {
                    known.span.range.start == used.offset && start.spelling() != Some(used)
                });
                let span = &used.ok_or(Obstacle::MixedMacro)?.span;
                Ok(Point { file: span.file, offset: span.range.end })
            }
        }
    }

    /// The use of a macro at this place, if the macro expands to what is written in `body` and
    /// nothing else. A macro that is only another name of a macro counts as that.
    fn whole_expansion(&self, used: Point, body: &Span) -> Option<Span> {
        let known = self
            .macros
            .around(used)
            .next()
            .filter(|known| known.span.range.start == used.offset)?;
        let start = Point { file: body.file, offset: body.range.start };
        let definition = self.macros.definition_around(start)?;
        if self.body_range(&definition.span)? != body.range {
            return None;
        }
        let mut name = known.name.clone();
        for _ in 0..8 {
            if name == definition.name {
                return Some(known.span.clone());
            }
            let alias = self.macros.definition_named(&name)?;
            let file = self.files.get(alias.span.file);
            let range = self.body_range(&alias.span)?;
            let text = file.text().get(range.start as usize..range.end as usize)?;
            name = String::from_utf8(text.to_vec()).ok()?;
        }
        None
    }

    /// The body in a macro definition, which begins with the macro's name and parameters.
    pub(super) fn body_range(&self, definition: &Span) -> Option<Range<u32>> {
        let file = self.files.get(definition.file);
        let tokens = file.tokens();
        let name = file.token_at(definition.range.start);
        let name_end = tokens.get(name)?.range.end;
        let mut first = name + 1;
        // Parameters follow the name without a space (C17 6.10.3).
        let has_parameters =
            tokens.get(first).is_some_and(|token| token.is(b'(') && token.range.start == name_end);
        if has_parameters {
            first = behind_closing(tokens, first)?;
        }
        let start = tokens.get(first)?.range.start;
        (start < definition.range.end).then_some(start..definition.range.end)
    }

    /// Behind the last token of an expression that begins in a macro's body, found from the syntax.
    fn body_end(&self, cursor: Cursor<'u>) -> Result<Point, Obstacle> {
        let children = cursor.children();
        let last = || children.last().copied().ok_or(Obstacle::MixedMacro);
        let first = || children.first().copied().ok_or(Obstacle::MixedMacro);
        match cursor.kind() {
            Kind::DeclRef | Kind::MemberRef => self.token_end(cursor.location().spelling()),
            Kind::IntegerLiteral
            | Kind::FloatingLiteral
            | Kind::StringLiteral
            | Kind::CharacterLiteral => self.token_end(cursor.start().spelling()),
            Kind::Paren | Kind::StatementExpr | Kind::InitList => {
                self.closing_end(cursor.start().spelling())
            }
            // `_Generic(…)`, and builtins that libclang has no name for.
            Kind::GenericSelection | Kind::Unexposed if self.is_word_with_arguments(cursor) => {
                self.closing_end(Some(self.token_end(cursor.start().spelling())?))
            }
            Kind::Call | Kind::Subscript => self.closing_end(Some(self.body_end(first()?)?)),
            Kind::Unary
            | Kind::Binary
            | Kind::CompoundAssign
            | Kind::Conditional
            | Kind::CStyleCast
            | Kind::CompoundLiteral
            | Kind::Unexposed => self.body_end(last()?),
            _ => Err(Obstacle::MixedMacro),
        }
    }

    /// Whether an expression is a keyword or builtin with its operands in parentheses.
    fn is_word_with_arguments(&self, cursor: Cursor<'u>) -> bool {
        cursor.kind() == Kind::GenericSelection
            || self.first_word(cursor).is_some_and(|word| {
                ["__builtin_", "__atomic_", "__c11_atomic_", "__sync_"]
                    .into_iter()
                    .any(|prefix| word.starts_with(prefix))
            }) && !matches!(cursor.children()[..], [only] if only.start() == cursor.start())
            || self.first_word(cursor).as_deref() == Some("__builtin_va_arg")
    }

    fn token_end(&self, start: Option<Point>) -> Result<Point, Obstacle> {
        let start = start.ok_or(Obstacle::Pasted)?;
        let file = self.files.get(start.file);
        let token = file.tokens().get(file.token_at(start.offset)).ok_or(Obstacle::MixedMacro)?;
        if token.kind == TokenKind::Punctuation(b'\\') {
            return Err(Obstacle::MixedMacro);
        }
        Ok(Point { file: start.file, offset: token.range.end })
    }

    /// Behind the bracket that closes the one at this place.
    fn closing_end(&self, start: Option<Point>) -> Result<Point, Obstacle> {
        let start = start.ok_or(Obstacle::Pasted)?;
        let file = self.files.get(start.file);
        let tokens = file.tokens();
        let open = file.token_at(start.offset);
        let opens = tokens
            .get(open)
            .is_some_and(|token| [b'(', b'[', b'{'].into_iter().any(|bracket| token.is(bracket)));
        let behind = if opens { behind_closing(tokens, open) } else { None };
        let behind = behind.ok_or(Obstacle::MixedMacro)?;
        Ok(Point { file: start.file, offset: tokens[behind - 1].range.end })
    }
}
