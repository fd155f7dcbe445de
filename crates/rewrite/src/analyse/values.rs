//! Expressions whose value is a function pointer: what has to be written around them.
//!
//! Each such expression is walked with what its surroundings [`Want`]. Where the two differ once the
//! type is opaque, a conversion is inserted.

use clang::{BinaryOperator, Cursor, Kind, TypeKind, UnaryOperator};
use diagnostics::{Diagnostic, codes};

use super::Analysis;
use super::changes::Wrap;
use super::extent::Level;
use super::flavour::Flavour;
use super::pointers::is_pointer;
use crate::facts::{Order, PointerIndex, Taken, When};

/// What the surroundings of an expression take.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Want {
    /// An opaque pointer, if the type is opaque.
    Value,
    /// The same, as an initialiser, which may stand in braces and may have to be a constant.
    Initial,
    /// A plain pointer in any case.
    Plain,
    /// An address: a comparison, a truth test, a conversion to something else.
    Address,
    /// Nothing: the value is dropped.
    Nothing,
}

impl Want {
    /// What a place of this flavour takes.
    pub(crate) fn of(flavour: Flavour) -> Want {
        match flavour {
            Flavour::Opaque => Want::Value,
            Flavour::Plain => Want::Plain,
        }
    }

    /// What a place of this flavour takes as initialiser.
    pub(crate) fn initial(flavour: Flavour) -> Want {
        match flavour {
            Flavour::Opaque => Want::Initial,
            Flavour::Plain => Want::Plain,
        }
    }
}

impl<'u> Analysis<'u> {
    /// Walks an expression; `want` only matters if it is a function pointer.
    pub(crate) fn value(&mut self, cursor: Cursor<'u>, want: Want) {
        self.depth += 1;
        match self.pointer_of(cursor) {
            Some(pointer) => self.pointer_value(cursor, pointer, want),
            None => self.expression(cursor),
        }
        self.depth -= 1;
    }

    fn pointer_value(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        self.note_used(pointer, cursor);
        let children = cursor.children();
        match cursor.kind() {
            _ if self.is_plain_by_hand(cursor) => {
                self.expression(cursor);
                self.opaque_from_plain(cursor, pointer, want);
            }
            Kind::Paren => self.value_of_same_type(&children, want),
            Kind::Unexposed => self.implicit(cursor, &children, pointer, want),
            Kind::Unary => match cursor.unary_operator() {
                UnaryOperator::AddressOf if is_function(children.first()) => {
                    self.function_value(cursor, children[0], pointer, want);
                }
                UnaryOperator::Extension => self.value_of_same_type(&children, want),
                _ => self.plain_value(cursor, pointer, want),
            },
            Kind::Conditional if children.len() == 3 => {
                self.value(children[0], Want::Address);
                let arms = if want == Want::Initial { Want::Value } else { want };
                self.value(children[1], arms);
                self.value(children[2], arms);
            }
            Kind::Binary if cursor.binary_operator() == BinaryOperator::Comma => {
                for (index, &child) in children.iter().enumerate() {
                    let is_last = index + 1 == children.len();
                    self.value(child, if is_last { want } else { Want::Nothing });
                }
            }
            Kind::CStyleCast => self.cast(cursor, pointer, want),
            Kind::CompoundLiteral => {
                self.type_name_behind(cursor, cursor.ty());
                for &child in &children {
                    self.visit(child);
                }
                self.convert_value(cursor, pointer, want);
            }
            Kind::StatementExpr => {
                for &child in &children {
                    self.visit(child);
                }
                if want != Want::Value && want != Want::Nothing {
                    self.convert_value(cursor, pointer, want);
                }
            }
            _ => self.plain_value(cursor, pointer, want),
        }
    }

    fn value_of_same_type(&mut self, children: &[Cursor<'u>], want: Want) {
        for &child in children {
            self.value(child, want);
        }
    }

    /// A variable, member, element, call or the like: walked inside, then converted.
    fn plain_value(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        self.expression(cursor);
        self.convert_value(cursor, pointer, want);
    }

    /// An implicit conversion, which libclang shows as an unnamed expression around another.
    fn implicit(
        &mut self,
        cursor: Cursor<'u>,
        children: &[Cursor<'u>],
        pointer: PointerIndex,
        want: Want,
    ) {
        let [child] = children else {
            // `p ?: q` and other extensions without a name.
            self.unsupported(cursor, pointer);
            return;
        };
        if is_pointer(*child) {
            let other = self.pointer_of(*child);
            if other == Some(pointer) {
                self.value(*child, want);
            } else {
                self.converted_pointer(*child, pointer, other, want);
            }
        } else if child.ty().canonical().kind() == TypeKind::Function {
            match strip(*child) {
                designator if designator.kind() == Kind::DeclRef => {
                    self.function_value(*child, designator, pointer, want);
                }
                // `*p` is the function that p points to, and decays to p again.
                designator
                    if designator.kind() == Kind::Unary
                        && designator.unary_operator() == UnaryOperator::Dereference =>
                {
                    self.drop_star(designator, pointer);
                    let operand = designator.children();
                    self.value_of_same_type(&operand, want);
                }
                _ => self.unsupported(cursor, pointer),
            }
        } else if is_null(*child) {
            self.null(cursor, pointer, want);
        } else {
            // From an object pointer or an integer.
            self.value(*child, Want::Nothing);
            self.opaque_from_plain(cursor, pointer, want);
        }
    }

    /// A pointer that is implicitly converted to a pointer to another function type.
    fn converted_pointer(
        &mut self,
        cursor: Cursor<'u>,
        pointer: PointerIndex,
        other: Option<PointerIndex>,
        want: Want,
    ) {
        self.value(cursor, want);
        if let Some(other) = other
            && want != Want::Address
            && want != Want::Nothing
        {
            let diagnostic = Diagnostic::error(
                codes::IMPLICIT_POINTER_CONVERSION,
                "a function pointer is converted to another function-pointer type without a cast",
            )
            .help("give the function the type it is called with, or write a cast");
            let when = When::Any(vec![When::Opaque(pointer), When::Opaque(other)]);
            self.problem_at(cursor, when, diagnostic);
        }
    }

    /// A null pointer constant that becomes a function pointer.
    fn null(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        let when = When::Opaque(pointer);
        match want {
            Want::Value => {
                let name = self.name_of(pointer);
                let before = format!("IA2_OPAQUE({name}, ");
                self.wrap(cursor, Wrap { before, after: ")".to_owned() }, when);
            }
            Want::Initial => {
                self.wrap(cursor, Wrap { before: "{".to_owned(), after: "}".to_owned() }, when);
            }
            Want::Plain | Want::Address | Want::Nothing => {}
        }
    }

    /// A function name used as a value: `designator` refers to the function, `whole` is what stands
    /// in its place, with parentheses and `&`.
    pub(crate) fn function_value(
        &mut self,
        whole: Cursor<'u>,
        designator: Cursor<'u>,
        pointer: PointerIndex,
        want: Want,
    ) {
        let designator = strip(designator);
        let Some(function) = designator.referenced().filter(|f| f.kind() == Kind::Function) else {
            self.unsupported(whole, pointer);
            return;
        };
        let Some(span) = self.span_of(whole) else { return };
        let own = self.pointer_to(function.ty().canonical()).unwrap_or(pointer);
        let is_cast = own != pointer;
        let name = function.name();
        let index = self.function_index(function);
        self.functions[index].taken.push(Taken { pointer, is_cast, span });
        let wanted = match want {
            Want::Value => format!("IA2_FN({name})"),
            Want::Initial => format!("{{IA2_FN_ADDR({name})}}"),
            Want::Address => format!("IA2_FN_ADDR({name})"),
            Want::Plain | Want::Nothing => return,
        };
        if is_cast && want != Want::Address {
            let diagnostic = Diagnostic::error(
                codes::IMPLICIT_POINTER_CONVERSION,
                format!("`{name}` is used as a pointer to another function type without a cast"),
            )
            .help("give the function the type it is called with, or write a cast");
            self.problem_at(whole, When::Opaque(pointer), diagnostic);
            return;
        }
        let when = if want == Want::Address { own } else { pointer };
        self.substitute(whole, wanted, When::Opaque(when));
    }

    /// Converts the value of an expression of ours or of the system's to what is wanted.
    pub(crate) fn convert_value(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        match self.flavour_of_value(cursor) {
            Flavour::Opaque => match want {
                Want::Address => self.wrap(cursor, Wrap::call("IA2_ADDR"), When::Opaque(pointer)),
                Want::Plain => {
                    let wrap = Wrap {
                        before: "IA2_PLAIN(".to_owned(),
                        after: format!(", {})", self.name_of(pointer)),
                    };
                    self.wrap(cursor, wrap, When::Opaque(pointer));
                }
                Want::Value | Want::Initial | Want::Nothing => {}
            },
            Flavour::Plain => self.opaque_from_plain(cursor, pointer, want),
        }
    }

    /// Makes an opaque pointer from an address, where one is wanted.
    fn opaque_from_plain(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        if matches!(want, Want::Value | Want::Initial) {
            let before = format!("IA2_OPAQUE({}, ", self.name_of(pointer));
            self.wrap(cursor, Wrap { before, after: ")".to_owned() }, When::Opaque(pointer));
        }
    }

    /// Deletes the star of `*p` where the function is meant that p points to.
    pub(crate) fn drop_star(&mut self, dereference: Cursor<'u>, pointer: PointerIndex) {
        match self.extent(dereference) {
            Ok(extent) if extent.level != Level::Expansion => {
                let star = extent.range.start..extent.range.start + 1;
                let span = self.files.span(extent.file, star);
                self.edit_at(&extent, span, "", Order::Replace, When::Opaque(pointer));
            }
            Ok(_) => self.unsupported(dereference, pointer),
            Err(obstacle) => self.blocked(dereference, obstacle, When::Opaque(pointer)),
        }
    }
}

/// The expression inside parentheses and implicit conversions.
pub(crate) fn strip(cursor: Cursor<'_>) -> Cursor<'_> {
    let mut cursor = cursor;
    loop {
        let children = cursor.children();
        match (cursor.kind(), children.as_slice()) {
            (Kind::Paren | Kind::Unexposed, [only]) => cursor = *only,
            (Kind::Unary, [only]) if cursor.unary_operator() == UnaryOperator::Extension => {
                cursor = *only;
            }
            _ => return cursor,
        }
    }
}

/// Whether the expression is a function's name, in parentheses perhaps.
pub(crate) fn is_function(cursor: Option<&Cursor<'_>>) -> bool {
    let Some(&cursor) = cursor else { return false };
    let cursor = strip(cursor);
    cursor.kind() == Kind::DeclRef
        && cursor.referenced().is_some_and(|referenced| referenced.kind() == Kind::Function)
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
