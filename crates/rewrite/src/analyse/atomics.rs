//! Atomic function pointers: `_Atomic` objects, and the compilers' builtins.
//!
//! The builtins of the `_n` family, and those called `__sync_…`, know integers and pointers but no
//! structures, so they work on the pointer inside: `__atomic_load_n(&IA2_AS_PTR(x), order)`.

use clang::{Cursor, FunctionType, Kind, Type, TypeKind, UnaryOperator};

use super::Analysis;
use super::changes::Wrap;
use super::shapes::strip;
use super::values::Want;
use crate::facts::{PointerIndex, When};

impl<'u> Analysis<'u> {
    /// The function-pointer type of which the expression's type is the atomic version.
    pub(crate) fn atomic_pointer_of(&mut self, cursor: Cursor<'u>) -> Option<PointerIndex> {
        // Asked of every expression; the tree remembers this much of its type.
        if cursor.function_type() != FunctionType::Atomic {
            return None;
        }
        self.pointer(cursor.ty().canonical().atomic_value())
    }

    /// An atomic object as such, or what is stored into one.
    pub(super) fn atomic_object(&mut self, cursor: Cursor<'u>, want: Want) {
        // clang takes no braces for an atomic structure.
        let want = if want == Want::Initial { Want::Value } else { want };
        match cursor.children().as_slice() {
            [value] if cursor.kind() == Kind::Unexposed => self.value(*value, want),
            _ => self.expression(cursor),
        }
    }

    /// The value of an atomic object.
    pub(super) fn atomic_load(&mut self, object: Cursor<'u>, pointer: PointerIndex, want: Want) {
        self.value(object, Want::Nothing);
        if want == Want::Nothing {
            return;
        }
        let name = self.name_of(pointer).to_owned();
        let when = When::Opaque(pointer);
        let load = Wrap::new(format!("IA2_ATOMIC_VALUE({name}, "), ")");
        self.wrap(object, load, when.clone());
        self.depth -= 1;
        match want {
            Want::Address => self.wrap(object, Wrap::call("IA2_ADDR"), when),
            Want::Identity => self.wrap(object, Wrap::call("IA2_IDENTITY"), when),
            Want::Plain | Want::Kept => {
                self.wrap(object, Wrap::new("IA2_PLAIN(", format!(", {name})")), when);
            }
            Want::Value | Want::Initial | Want::Nothing => {}
        }
        self.depth += 1;
    }

    /// Whether the expression is the use of a builtin for atomic access.
    pub(crate) fn is_atomic_builtin(&self, cursor: Cursor<'u>) -> bool {
        let is_atomic = |name: &[u8]| {
            let prefixes = ["__atomic_", "__c11_atomic_", "__sync_"];
            prefixes.into_iter().any(|prefix| name.starts_with(prefix.as_bytes()))
        };
        match cursor.kind() {
            Kind::Unexposed => self.look_at_first_word(cursor, is_atomic).unwrap_or_default(),
            // Calls of anything else are most of all calls, and looking at their text takes time.
            Kind::Call => cursor.referenced().is_some_and(|function| {
                let mut known = self.atomic_builtins.borrow_mut();
                *known.entry(function).or_insert_with(|| is_atomic(function.name().as_bytes()))
            }),
            _ => false,
        }
    }

    /// A builtin for atomic access, with the type of its value if that is a function pointer.
    pub(crate) fn atomic_call(&mut self, cursor: Cursor<'u>, value: Option<(PointerIndex, Want)>) {
        let name = self.first_word(cursor).unwrap_or_default();
        let knows_structures = !name.ends_with("_n") && !name.starts_with("__sync_");
        let arguments = match cursor.kind() {
            Kind::Call => cursor.arguments(),
            _ => cursor.children().into_vec(),
        };
        for argument in arguments {
            if self.pointer_of(argument).is_some() {
                let want = if knows_structures { Want::Value } else { Want::Address };
                self.value(argument, want);
            } else if let Some(pointer) = self.pointer_behind(argument.ty())
                && !knows_structures
            {
                self.pointer_inside(argument, pointer);
            } else {
                self.value(argument, Want::Nothing);
            }
        }
        let Some((pointer, want)) = value else { return };
        if knows_structures {
            self.convert_value(cursor, pointer, want);
            return;
        }
        let type_name = self.name_of(pointer);
        let wrap = match want {
            Want::Value | Want::Initial => Wrap::new(format!("IA2_OPAQUE({type_name}, "), ")"),
            Want::Plain | Want::Kept => Wrap::new(format!("(IA2_TYPE_{type_name})("), ")"),
            Want::Address | Want::Identity | Want::Nothing => return,
        };
        self.wrap(cursor, wrap, When::Opaque(pointer));
    }

    /// A pointer to an opaque pointer, where a pointer to a plain one is needed.
    fn pointer_inside(&mut self, argument: Cursor<'u>, pointer: PointerIndex) {
        let core = strip(argument);
        if core.kind() == Kind::Unary && core.unary_operator() == UnaryOperator::AddressOf {
            let operand = core.children()[0];
            self.value(operand, Want::Nothing);
            self.wrap(operand, Wrap::call("IA2_AS_PTR"), When::Opaque(pointer));
        } else {
            self.value(argument, Want::Nothing);
            let wrap = Wrap::new("&IA2_AS_PTR(*(", "))");
            self.wrap(argument, wrap, When::Opaque(pointer));
        }
    }

    /// The function-pointer type that a pointer type leads to.
    pub(crate) fn pointer_behind(&mut self, ty: Type<'u>) -> Option<PointerIndex> {
        let ty = ty.canonical();
        if ty.kind() != TypeKind::Pointer {
            return None;
        }
        self.pointer(ty.pointee())
    }
}
