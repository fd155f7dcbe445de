//! Expressions in which function pointers are operands: calls, comparisons, assignments, casts.

use std::rc::Rc;

use clang::{BinaryOperator, Cursor, Kind, Type, TypeKind, UnaryOperator};

use super::Analysis;
use super::changes::Wrap;
use super::flavour::Flavour;
use super::pointers::is_pointer;
use super::shapes::{is_dereferenced_pointer, strip};
use super::values::Want;
use crate::facts::{PointerIndex, When};

impl<'u> Analysis<'u> {
    /// Walks into an expression whose own value needs no conversion.
    pub(crate) fn expression(&mut self, cursor: Cursor<'u>) {
        let children = cursor.children();
        if matches!(cursor.kind(), Kind::MemberRef | Kind::Call | Kind::Subscript | Kind::InitList)
            || cursor.kind() == Kind::CompoundLiteral
        {
            self.note_contained(cursor);
        }
        match cursor.kind() {
            Kind::Call if self.is_atomic_builtin(cursor) => self.atomic_call(cursor, None),
            Kind::Call => self.call(cursor, &children),
            Kind::Unexposed if children.len() > 1 && self.is_atomic_builtin(cursor) => {
                self.atomic_call(cursor, None);
            }
            Kind::Unexposed if self.is_comparison_of_types(cursor) => self.compared_types(cursor),
            Kind::Unexposed if children.len() > 1 => self.unnamed(cursor, &children),
            Kind::GenericSelection => self.generic(cursor, &children, Want::Value),
            Kind::DeclRef => self.note_variable(cursor),
            Kind::Binary => self.binary(cursor, &children),
            Kind::Unary if cursor.unary_operator() == UnaryOperator::Not => {
                self.all(&children, Want::Address);
            }
            Kind::Unary if cursor.unary_operator() == UnaryOperator::AddressOf => {
                self.all(&children, Want::Value);
            }
            // The function itself, of which only the type matters: `sizeof *p`, `typeof(*p)`.
            Kind::Unary if is_dereferenced_pointer(Some(&cursor)) => {
                self.all(&children, Want::Plain);
            }
            // The condition of a conditional expression that is itself no function pointer.
            Kind::Conditional => self.all(&children, Want::Address),
            Kind::CStyleCast => {
                if let Some(&operand) = children.last() {
                    self.note_shared_memory(cursor.ty(), operand);
                    self.note_raw_access(cursor.ty(), operand);
                    self.note_overlaid_records(cursor.ty(), operand);
                }
                self.type_name_behind(cursor, cursor.ty());
                self.all(&children, Want::Address);
            }
            Kind::InitList => self.initialisers(cursor, &children),
            // An implicit conversion to something that is no function pointer.
            Kind::Unexposed if children.len() == 1 && is_pointer(children[0]) => {
                let want =
                    if cursor.ty().equals(children[0].ty()) { Want::Value } else { Want::Address };
                self.all(&children, want);
            }
            Kind::StatementExpr | Kind::Compound => {
                for child in children {
                    self.visit(child);
                }
            }
            Kind::CompoundLiteral => {
                self.type_name_behind(cursor, cursor.ty());
                children.iter().for_each(|&child| self.visit_initialiser(child));
            }
            // `sizeof e` evaluates nothing, but e must still be an expression afterwards.
            _ => self.all(&children, Want::Value),
        }
    }

    pub(super) fn all(&mut self, children: &[Cursor<'u>], want: Want) {
        for &child in children {
            if child.kind().is_expression() {
                self.value(child, want);
            } else {
                self.visit(child);
            }
        }
    }

    fn binary(&mut self, cursor: Cursor<'u>, children: &[Cursor<'u>]) {
        let [left, right] = children else { return self.all(children, Want::Value) };
        match cursor.binary_operator() {
            BinaryOperator::Assign => {
                self.note_shared_memory(left.ty(), *right);
                self.value(*left, Want::Nothing);
                self.value(*right, Want::Value);
            }
            BinaryOperator::Comma => {
                self.value(*left, Want::Nothing);
                self.value(*right, Want::Nothing);
            }
            BinaryOperator::Equality | BinaryOperator::Relational => {
                self.compared(*left, *right);
            }
            BinaryOperator::Logical => self.all(children, Want::Address),
            BinaryOperator::Other => self.all(children, Want::Address),
        }
    }

    /// An expression that libclang has no name for, and that is no function pointer.
    fn unnamed(&mut self, cursor: Cursor<'u>, children: &[Cursor<'u>]) {
        match self.first_word(cursor).as_deref() {
            Some("__builtin_va_arg") => self.argument_type_name(cursor),
            // `c ?: x` evaluates and tests c once.
            _ if children.len() == 4 => {
                self.value(children[0], Want::Address);
                self.value(children[3], Want::Nothing);
                return;
            }
            _ => {}
        }
        self.all(children, Want::Value);
    }

    fn call(&mut self, cursor: Cursor<'u>, children: &[Cursor<'u>]) {
        let Some((&callee, _)) = children.split_first() else { return };
        let arguments = cursor.arguments();
        if let Some(functions) = self.generic_functions(callee) {
            // A choice between functions, as in <tgmath.h>: each is called directly.
            for &function in &functions {
                self.note_call(function, cursor, function, &arguments);
            }
            self.value(strip(callee).children()[0], Want::Value);
            arguments.into_iter().for_each(|argument| self.value(argument, Want::Value));
            return;
        }
        let wants = match direct_callee(callee) {
            Some(function) => {
                // A name that is given to a macro may be a value there as well.
                let entered = self.enter(callee);
                self.note_call(function, cursor, callee, &arguments);
                self.leave(entered);
                self.note_copied_pointers(function, &arguments);
                self.list_to_function(function, cursor, &arguments);
                self.wants_of_function(function)
            }
            None => {
                let called = self.called_through_pointer(callee, cursor, &arguments);
                let wants = called.map(|(ty, flavour)| self.wants_of_type(ty, flavour));
                Rc::new(wants.unwrap_or_default())
            }
        };
        for (index, argument) in arguments.into_iter().enumerate() {
            let want = wants.parameters.get(index).copied().unwrap_or(wants.others);
            self.value(transparent_member(argument).unwrap_or(argument), want);
        }
    }

    /// Rewrites the callee of a call through a pointer. Returns the type of the pointer, and whether
    /// it is one of the system's.
    fn called_through_pointer(
        &mut self,
        callee: Cursor<'u>,
        call: Cursor<'u>,
        arguments: &[Cursor<'u>],
    ) -> Option<(Type<'u>, Flavour)> {
        let mut value = callee;
        let mut stars = Vec::new();
        // `(*p)(…)`, `(**p)(…)` and `p(…)` are the same call.
        let value = loop {
            let children = value.children();
            match (value.kind(), children.as_slice()) {
                (Kind::Unexposed, [only]) if self.atomic_pointer_of(*only).is_some() => {
                    break value;
                }
                (Kind::Paren | Kind::Unexposed, [only])
                    if !is_pointer(value) || only.ty().equals(value.ty()) || !is_pointer(*only) =>
                {
                    if value.kind() == Kind::Paren
                        && is_pointer(*only)
                        && strip(*only).kind() != Kind::Unary
                    {
                        break value;
                    }
                    value = *only;
                }
                (Kind::Unary, [only])
                    if value.unary_operator() == UnaryOperator::Dereference
                        && !is_pointer(value) =>
                {
                    stars.push(value);
                    value = *only;
                }
                _ => break value,
            }
        };
        let pointer = self.pointer_of(value)?;
        for star in stars {
            self.drop_star(star, pointer);
        }
        let entered = self.enter(value);
        let ty = value.ty();
        let flavour = self.flavour_of_value(value);
        self.value(value, Want::of(flavour));
        if flavour == Flavour::Opaque {
            let function = match ty.canonical().kind() {
                TypeKind::Pointer => ty.canonical().pointee(),
                _ => ty,
            };
            self.list_to_pointer(pointer, function, call, arguments);
            let shape = self.shape_of_call(pointer, ty, call, arguments);
            if let Some(shape) = &shape {
                self.complete_annotation(value, pointer, shape);
            }
            let name = self.name_of(pointer);
            let wrap = match shape {
                Some(shape) => Wrap::new("IA2_CALL_WITH(", format!(", {name}, {shape})")),
                None => Wrap::new("IA2_CALL(", format!(", {name})")),
            };
            self.wrap(value, wrap, When::Opaque(pointer));
        }
        self.leave(entered);
        Some((ty, flavour))
    }

    /// The shape of a call through a pointer, if its type does not fix the list of arguments.
    fn shape_of_call(
        &mut self,
        pointer: PointerIndex,
        ty: Type<'u>,
        call: Cursor<'u>,
        arguments: &[Cursor<'u>],
    ) -> Option<String> {
        let ty = ty.desugared();
        let function = if ty.kind() == TypeKind::Pointer { ty.pointee() } else { ty };
        let span = self.span_of(call)?;
        let shaped = self.shaped_call(function, arguments, span)?;
        let shape = shaped.shape.clone();
        let calls = &mut self.pointers[pointer.0 as usize].calls;
        if !calls.iter().any(|known| known.shape == shape) {
            calls.push(shaped);
        }
        Some(shape)
    }

    fn wants_of_function(&mut self, function: Cursor<'u>) -> Rc<Wants> {
        if let Some(known) = self.wants.get(&function) {
            return Rc::clone(known);
        }
        let may_keep = !self.is_ours(function) && !calls_at_once(&function.name());
        let parameters = function
            .arguments()
            .into_iter()
            .map(|parameter| match Want::of(self.flavour_of_parameter(function, parameter)) {
                Want::Plain if may_keep => Want::Kept,
                want => want,
            })
            .collect();
        // A function of the system that takes any arguments knows nothing of opaque pointers.
        let others = if self.is_ours(function) { Want::Value } else { Want::Address };
        let wants = Rc::new(Wants { parameters, others });
        self.wants.insert(function, Rc::clone(&wants));
        wants
    }

    fn wants_of_type(&self, pointer: Type<'u>, flavour: Flavour) -> Wants {
        let pointer = pointer.desugared();
        let function = match pointer.kind() {
            TypeKind::Pointer => pointer.pointee().desugared(),
            _ => pointer,
        };
        let parameters = function
            .parameters()
            .into_iter()
            .map(|parameter| match flavour {
                Flavour::Opaque => Want::of(self.flavour_of_type(parameter)),
                // What the system declares, its parameters included, knows no opaque types.
                Flavour::Plain => Want::Plain,
            })
            .collect();
        Wants { parameters, others: Want::Value }
    }
}

/// Whether a function of the C library calls what it is given before it returns, in the thread and so
/// in the compartment that calls it; or the runtime sees to it that it is called in the right one.
fn calls_at_once(name: &str) -> bool {
    matches!(
        name,
        "qsort"
            | "qsort_r"
            | "bsearch"
            | "lfind"
            | "lsearch"
            | "tsearch"
            | "tfind"
            | "tdelete"
            | "twalk"
            | "twalk_r"
            | "tdestroy"
            | "ftw"
            | "ftw64"
            | "nftw"
            | "nftw64"
            | "scandir"
            | "scandir64"
            | "scandirat"
            | "glob"
            | "glob64"
            | "dl_iterate_phdr"
            | "pthread_once"
            | "call_once"
            | "pthread_create"
            | "thrd_create"
            | "signal"
            | "sysv_signal"
            | "bsd_signal"
            | "sigaction"
            | "makecontext"
            | "atexit"
            | "on_exit"
            | "at_quick_exit"
            | "pthread_key_create"
            | "tss_create"
            | "pthread_atfork"
    )
}

/// What a call's arguments are wanted as.
pub(super) struct Wants {
    parameters: Vec<Want>,
    /// Arguments without a parameter.
    others: Want,
}

impl Default for Wants {
    fn default() -> Self {
        Wants { parameters: Vec::new(), others: Want::Value }
    }
}

/// The argument that is written where a transparent union is passed: libclang shows a compound literal.
fn transparent_member(argument: Cursor<'_>) -> Option<Cursor<'_>> {
    if argument.kind() != Kind::CompoundLiteral {
        return None;
    }
    let list = argument.children().into_iter().find(|child| child.kind() == Kind::InitList)?;
    let member = list.children().into_iter().next()?;
    // What is written as one begins in front of its member.
    (list.start() == member.start()).then_some(member)
}

/// The function a call names, if it names one: `f(…)`, `(f)(…)`, `(*f)(…)`, `(&f)(…)`.
fn direct_callee(callee: Cursor<'_>) -> Option<Cursor<'_>> {
    let mut callee = strip(callee);
    while callee.kind() == Kind::Unary
        && matches!(callee.unary_operator(), UnaryOperator::Dereference | UnaryOperator::AddressOf)
    {
        callee = strip(*callee.children().first()?);
    }
    if callee.kind() != Kind::DeclRef {
        return None;
    }
    callee.referenced().filter(|referenced| referenced.kind() == Kind::Function)
}
