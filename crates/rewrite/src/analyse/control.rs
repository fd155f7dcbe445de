//! Statements with a controlling expression (C17 6.8.4, 6.8.5): which of their children is it?

use clang::{Cursor, Kind, Point};

use super::Analysis;
use super::values::Want;
use crate::token::behind_closing;

impl<'u> Analysis<'u> {
    /// Walks `if`, `while`, `do`, `for` and `switch`.
    pub(super) fn controlled(&mut self, statement: Cursor<'u>, children: &[Cursor<'u>]) {
        let condition = match statement.kind() {
            Kind::Do => children.len().checked_sub(1),
            Kind::For => self.condition_of_for(statement, children),
            // A declaration may stand in front of the condition.
            _ => children.iter().position(|child| child.kind().is_expression()),
        };
        let outer = self.end_of_for;
        for (index, &child) in children.iter().enumerate() {
            let is_declaration = statement.kind() == Kind::For && index == 0;
            self.end_of_for = if is_declaration { self.end_of(statement) } else { outer };
            if Some(index) == condition && child.kind().is_expression() {
                self.value(child, Want::Address);
            } else {
                self.visit(child);
            }
        }
    }

    /// Behind a statement that is written in a file, with the semicolon that may end it.
    fn end_of(&self, statement: Cursor<'u>) -> Option<Point> {
        let end = statement.end();
        let written = end.spelling().filter(|&written| end.expansion() == Some(written))?;
        let file = self.files.get(written.file);
        let text = file.text();
        if text.get((written.offset as usize).checked_sub(1)?) == Some(&b'}') {
            return Some(written);
        }
        let next = file.tokens().get(file.token_at(written.offset))?;
        next.is(b';').then_some(Point { file: written.file, offset: next.range.end })
    }

    /// The condition among a `for` statement's children, of which any but the body may be missing.
    fn condition_of_for(&self, statement: Cursor<'u>, children: &[Cursor<'u>]) -> Option<usize> {
        let heads = &children[..children.len().checked_sub(1)?];
        if heads.len() == 3 {
            return Some(1);
        }
        let is_declaration = |cursor: &&Cursor<'u>| cursor.kind() == Kind::DeclStatement;
        let start = statement.start().file()?;
        let file = self.files.get(start.file);
        let (text, tokens) = (file.text(), file.tokens());
        let name = file.token_at(start.offset);
        let is_written = tokens.get(name).is_some_and(|token| token.is_word(text, "for"))
            && tokens.get(name + 1).is_some_and(|token| token.is(b'('));
        if !is_written {
            // A macro makes the statement: only what is missing at its ends can be told apart.
            return match heads {
                [first, _] if is_declaration(&first) => Some(1),
                [only] if is_declaration(&only) => None,
                heads => heads.iter().position(|head| !is_assignment(*head)),
            };
        }
        let end = behind_closing(tokens, name + 1)?;
        let mut semicolons = Vec::new();
        let mut index = name + 2;
        while index + 1 < end {
            if tokens[index].is(b';') {
                semicolons.push(tokens[index].range.start);
            }
            let opens = [b'(', b'[', b'{'].into_iter().any(|open| tokens[index].is(open));
            index = if opens { behind_closing(tokens, index)? } else { index + 1 };
        }
        let [first, second] = semicolons[..] else { return None };
        heads.iter().position(|head| {
            head.start().file().is_some_and(|point| {
                point.file == start.file && first < point.offset && point.offset < second
            })
        })
    }
}

fn is_assignment(cursor: Cursor<'_>) -> bool {
    cursor.kind() == Kind::CompoundAssign
        || (cursor.kind() == Kind::Binary
            && cursor.binary_operator() == clang::BinaryOperator::Assign)
}
