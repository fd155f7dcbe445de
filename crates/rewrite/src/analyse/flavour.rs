//! Whether a place that holds a function pointer changes with its type.
//!
//! If a type becomes opaque, every declaration of ours that spells it out is rewritten; declarations
//! in system headers, and ours that use a typedef from there, keep plain pointers.

use clang::{Cursor, Kind, Type, TypeKind, UnaryOperator};

use super::Analysis;

/// What a place of function-pointer type holds once the type is opaque.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Flavour {
    /// The opaque structure.
    Opaque,
    /// A plain pointer, as before.
    Plain,
}

impl<'u> Analysis<'u> {
    /// The flavour of a variable, parameter or field, or of a function's result.
    pub(crate) fn flavour_of_declaration(&self, declaration: Cursor<'u>) -> Flavour {
        if !self.is_ours(declaration) || self.is_ignored(declaration) {
            return Flavour::Plain;
        }
        let ty = declaration.ty();
        match declaration.kind() {
            Kind::Function => self.flavour_of_type(ty.desugared().result()),
            _ => self.flavour_of_type(ty),
        }
    }

    /// The flavour of a function's parameter.
    pub(super) fn flavour_of_parameter(
        &self,
        function: Cursor<'u>,
        parameter: Cursor<'u>,
    ) -> Flavour {
        // `int f();` after a prototype has its parameters, but spells none (C17 6.2.7).
        match parameter.location().file() {
            None if self.is_ours(function) => self.flavour_of_type(parameter.ty()),
            _ => self.flavour_of_declaration(parameter),
        }
    }

    /// The flavour of a type as it is spelled: plain if the function-pointer layer comes from a
    /// typedef of a system header.
    pub(crate) fn flavour_of_type(&self, ty: Type<'u>) -> Flavour {
        let mut ty = ty;
        loop {
            match ty.kind() {
                TypeKind::Elaborated => ty = ty.named(),
                TypeKind::Typedef => {
                    let Some(declaration) = ty.declaration() else { return Flavour::Opaque };
                    if !self.is_ours(declaration) || self.is_ignored(declaration) {
                        return Flavour::Plain;
                    }
                    ty = declaration.underlying_type();
                }
                TypeKind::Array => ty = ty.element(),
                TypeKind::Pointer => {
                    // `fn_t *p` with a system's `fn_t` is ours: the star is.
                    if ty.is_function_pointer() {
                        return Flavour::Opaque;
                    }
                    ty = ty.pointee();
                }
                _ => return Flavour::Opaque,
            }
        }
    }

    /// The flavour of an expression of function-pointer type.
    pub(crate) fn flavour_of_value(&self, value: Cursor<'u>) -> Flavour {
        if self.is_plain_by_hand(value) {
            return Flavour::Plain;
        }
        let children = value.children();
        let first = |analysis: &Analysis<'u>| {
            children.first().map_or(Flavour::Opaque, |&child| analysis.flavour_of_value(child))
        };
        match value.kind() {
            Kind::DeclRef | Kind::MemberRef => match value.referenced() {
                Some(declaration) => self.flavour_of_declaration(declaration),
                None => Flavour::Opaque,
            },
            Kind::Paren | Kind::Unexposed | Kind::Subscript => first(self),
            Kind::Unary => match value.unary_operator() {
                UnaryOperator::Dereference
                | UnaryOperator::AddressOf
                | UnaryOperator::Extension => first(self),
                _ => Flavour::Opaque,
            },
            Kind::Call => match children.first() {
                Some(&callee) => self.flavour_of_result(callee),
                None => Flavour::Opaque,
            },
            // An assignment has the value of what it assigns to.
            Kind::Binary => first(self),
            Kind::CStyleCast | Kind::CompoundLiteral => self.flavour_of_type(value.ty()),
            _ => Flavour::Opaque,
        }
    }

    /// The flavour of what a call of this expression returns.
    fn flavour_of_result(&self, callee: Cursor<'u>) -> Flavour {
        match callee.kind() {
            Kind::Paren | Kind::Unexposed => match callee.children().first() {
                Some(&child) => self.flavour_of_result(child),
                None => Flavour::Opaque,
            },
            Kind::DeclRef => match callee.referenced() {
                Some(function) if function.kind() == Kind::Function => {
                    self.flavour_of_declaration(function)
                }
                _ => Flavour::Opaque,
            },
            _ => Flavour::Opaque,
        }
    }
}
