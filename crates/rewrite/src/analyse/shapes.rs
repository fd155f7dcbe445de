//! What an expression is, parentheses and implicit conversions aside.

use clang::{Cursor, Kind, TypeKind, UnaryOperator};

use super::pointers::is_pointer;

/// The expression inside parentheses and implicit conversions.
pub(crate) fn strip(cursor: Cursor<'_>) -> Cursor<'_> {
    let mut cursor = cursor;
    loop {
        let is_around = match cursor.kind() {
            Kind::Paren | Kind::Unexposed => true,
            Kind::Unary => cursor.unary_operator() == UnaryOperator::Extension,
            _ => false,
        };
        if !is_around {
            return cursor;
        }
        match cursor.children().as_slice() {
            [only] => cursor = *only,
            _ => return cursor,
        }
    }
}

/// The function's name that the expression is, in parentheses or with `&` perhaps.
pub(crate) fn function_of(cursor: Cursor<'_>) -> Option<Cursor<'_>> {
    let mut core = strip(cursor);
    if core.kind() == Kind::Unary && core.unary_operator() == UnaryOperator::AddressOf {
        core = strip(*core.children().first()?);
    }
    is_function(Some(&core)).then_some(core)
}

/// The function's name that the expression comes down to, if no more than parentheses, `&` and `*`
/// stand around it: `(*f)` and `(&f)` are the function f as much as `f` is (C17 6.5.3.2).
pub(crate) fn named_function(cursor: Cursor<'_>) -> Option<Cursor<'_>> {
    let mut core = strip(cursor);
    while core.kind() == Kind::Unary
        && matches!(core.unary_operator(), UnaryOperator::AddressOf | UnaryOperator::Dereference)
    {
        core = strip(*core.children().first()?);
    }
    is_function(Some(&core)).then_some(core)
}

/// Whether the expression is a function's name, in parentheses perhaps.
pub(crate) fn is_function(cursor: Option<&Cursor<'_>>) -> bool {
    let Some(&cursor) = cursor else { return false };
    let cursor = strip(cursor);
    cursor.kind() == Kind::DeclRef
        && cursor.referenced().is_some_and(|referenced| referenced.kind() == Kind::Function)
}

/// Whether the expression is `*p` with a function pointer p, in parentheses perhaps.
pub(crate) fn is_dereferenced_pointer(cursor: Option<&Cursor<'_>>) -> bool {
    let Some(&cursor) = cursor else { return false };
    let cursor = strip(cursor);
    cursor.kind() == Kind::Unary
        && cursor.unary_operator() == UnaryOperator::Dereference
        && cursor.children().first().is_some_and(|operand| is_pointer(*operand))
}

/// Whether the expression is a null pointer constant: 0, or 0 cast to `void *` (C17 6.3.2.3).
pub(crate) fn is_null(cursor: Cursor<'_>) -> bool {
    let cursor = strip(cursor);
    match cursor.kind() {
        Kind::IntegerLiteral => cursor.integer() == Some(0),
        Kind::CStyleCast => {
            cursor.ty().canonical().kind() == TypeKind::Pointer
                && !cursor.ty().is_function_pointer()
                && cursor.children().last().is_some_and(|&operand| is_null(operand))
        }
        Kind::CharacterLiteral => cursor.integer() == Some(0),
        _ => false,
    }
}
