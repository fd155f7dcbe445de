//! Comparisons of function pointers with each other.

use clang::{Cursor, Kind};

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
                let are_functions = self.has_identity(left) && self.has_identity(right);
                let want = if are_functions { Want::Identity } else { Want::Address };
                return self.all(&[left, right], want);
            }
            (true, false) => (left, right),
            (false, true) => (right, left),
            (true, true) => return self.all(&[left, right], Want::Plain),
        };
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
