//! Comparisons of function pointers with each other.

use clang::{Cursor, Kind, TypeKind};

use super::Analysis;
use super::changes::Wrap;
use super::flavour::Flavour;
use super::pointers::is_pointer;
use super::shapes::{function_of, is_null, strip};
use super::values::Want;
use crate::facts::When;

impl<'u> Analysis<'u> {
    /// The operands of a comparison.
    pub(super) fn compared(&mut self, left: Cursor<'u>, right: Cursor<'u>) {
        // What the system returns is what it was given: the function itself.
        let is_system = |side: Cursor<'u>| {
            is_pointer(side)
                && function_of(side).is_none()
                && !is_null(side)
                && self.flavour_of_value(strip(side)) == Flavour::Plain
        };
        let (system, other) = match (is_system(left), is_system(right)) {
            (false, false) => {
                for (address, other) in [(left, right), (right, left)] {
                    if is_object_pointer(address) && self.is_kept_function(other) {
                        return self.compared_with_address(address, other);
                    }
                }
                let are_functions = self.has_identity(left) && self.has_identity(right);
                let want = if are_functions { Want::Identity } else { Want::Address };
                return self.all(&[left, right], want);
            }
            (true, false) => (left, right),
            (false, true) => (right, left),
            (true, true) => return self.all(&[left, right], Want::Plain),
        };
        if function_of(other).is_some() && strip(system).kind() != Kind::CStyleCast {
            // It may have been given an opaque pointer.
            return self.compared_with_address(system, other);
        }
        // Opaque pointers hold the addresses of stubs. A constant as SIG_IGN has none.
        let is_opaque = is_pointer(other) && function_of(other).is_none() && !is_null(other);
        if !is_opaque || strip(system).kind() == Kind::CStyleCast {
            return self.all(&[left, right], Want::Plain);
        }
        self.value(system, Want::Plain);
        self.value(other, Want::Address);
        if let Some(pointer) = self.pointer_of(system) {
            self.note_returned(pointer, system);
            let wrap = Wrap::new(format!("IA2_STUB({}, ", self.name_of(pointer)), ")");
            self.wrap(system, wrap, When::Opaque(pointer));
        }
    }

    /// Compares what holds an address, which may be that of any stub of a function, with a function.
    fn compared_with_address(&mut self, address: Cursor<'u>, other: Cursor<'u>) {
        self.value(address, Want::Plain);
        let core = strip(other);
        let function = match core.kind() {
            Kind::CStyleCast => core.children().pop().unwrap_or(other),
            _ => other,
        };
        self.value(function, Want::Identity);
        // A name that is implicitly converted has the type behind that.
        let pointer = match function_of(function).and_then(Cursor::referenced) {
            Some(named) => self.pointer_to(named.ty().canonical()),
            None => self.pointer_of(function),
        };
        if let Some(pointer) = pointer {
            self.wrap(address, Wrap::call("IA2_ADDRESS_IDENTITY"), When::Opaque(pointer));
        }
    }

    /// Whether an expression is a function's name or an opaque pointer, converted to an object pointer.
    /// An address that is taken out with a macro of ours by hand is meant as it is.
    fn is_kept_function(&mut self, cursor: Cursor<'u>) -> bool {
        let core = strip(cursor);
        let is_own = |point| self.macros.around(point).any(|known| known.name.starts_with("IA2_"));
        if core.start().file().is_some_and(is_own) {
            return false;
        }
        let operand = match core.kind() {
            Kind::CStyleCast if is_object_type(core) => core.children().pop(),
            _ => function_of(cursor).filter(|_| is_object_type(cursor)),
        };
        operand.is_some_and(|operand| self.has_identity(operand))
    }

    /// Whether an expression is a function's name or an opaque pointer, or one of these cast to a
    /// pointer to another function type: what [`Want::Identity`] can be had of.
    fn has_identity(&mut self, cursor: Cursor<'u>) -> bool {
        if function_of(cursor).is_some() {
            return true;
        }
        let core = strip(cursor);
        if !is_pointer(core) || is_null(core) {
            return false;
        }
        match core.kind() {
            Kind::CStyleCast => core.children().last().is_some_and(|&operand| {
                self.pointer_of(operand).is_some() && self.has_identity(operand)
            }),
            Kind::DeclRef | Kind::MemberRef | Kind::Subscript | Kind::Unary => {
                self.flavour_of_value(core) == Flavour::Opaque
            }
            Kind::Call => {
                self.flavour_of_value(core) == Flavour::Opaque && !self.is_atomic_builtin(core)
            }
            _ => false,
        }
    }
}

/// Whether an expression has the type of a pointer to an object, or to nothing in particular.
fn is_object_type(cursor: Cursor<'_>) -> bool {
    let ty = cursor.ty().canonical();
    ty.kind() == TypeKind::Pointer && !ty.is_function_pointer()
}

/// Whether an expression is a pointer to an object that is kept somewhere, or returned.
fn is_object_pointer(cursor: Cursor<'_>) -> bool {
    let core = strip(cursor);
    is_object_type(core)
        && matches!(
            core.kind(),
            Kind::DeclRef | Kind::MemberRef | Kind::Subscript | Kind::Unary | Kind::Call
        )
}
