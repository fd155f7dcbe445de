//! Expressions in which function pointers are operands: calls, comparisons, assignments, casts.

use clang::{BinaryOperator, Cursor, Kind, Type, TypeKind, UnaryOperator};

use super::Analysis;
use super::changes::Wrap;
use super::flavour::Flavour;
use super::pointers::is_pointer;
use super::values::{Want, is_function, is_null, strip};
use crate::facts::{PointerIndex, Taken, When};

impl<'u> Analysis<'u> {
    /// Walks into an expression whose own value needs no conversion.
    pub(crate) fn expression(&mut self, cursor: Cursor<'u>) {
        let children = cursor.children();
        match cursor.kind() {
            Kind::Call => self.call(cursor, &children),
            Kind::Binary => self.binary(cursor, &children),
            Kind::Unary if cursor.unary_operator() == UnaryOperator::Not => {
                self.all(&children, Want::Address);
            }
            Kind::Unary if cursor.unary_operator() == UnaryOperator::AddressOf => {
                self.all(&children, Want::Value);
            }
            // The condition of a conditional expression that is itself no function pointer.
            Kind::Conditional => self.all(&children, Want::Address),
            Kind::CStyleCast => {
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
                self.all(&children, Want::Initial);
            }
            // `sizeof e` evaluates nothing, but e must still be an expression afterwards.
            _ => self.all(&children, Want::Value),
        }
    }

    fn all(&mut self, children: &[Cursor<'u>], want: Want) {
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
            BinaryOperator::Assign => self.assignment(*left, *right),
            BinaryOperator::Comma => {
                self.value(*left, Want::Nothing);
                self.value(*right, Want::Nothing);
            }
            BinaryOperator::Equality | BinaryOperator::Relational | BinaryOperator::Logical => {
                self.all(children, Want::Address);
            }
            BinaryOperator::Other => self.all(children, Want::Address),
        }
    }

    fn assignment(&mut self, left: Cursor<'u>, right: Cursor<'u>) {
        let Some(pointer) = self.pointer_of(left) else {
            self.value(left, Want::Nothing);
            self.value(right, Want::Value);
            return;
        };
        self.note_used(pointer, left);
        self.depth += 1;
        self.expression(left);
        self.depth -= 1;
        match self.flavour_of_value(left) {
            Flavour::Opaque if is_null(right) => {
                self.depth += 1;
                self.wrap(left, Wrap::call("IA2_AS_PTR"), When::Opaque(pointer));
                self.depth -= 1;
            }
            _ if self.is_plain_by_hand(left) => self.value(right, Want::Address),
            flavour => self.value(right, Want::of(flavour)),
        }
    }

    fn call(&mut self, cursor: Cursor<'u>, children: &[Cursor<'u>]) {
        let Some((&callee, _)) = children.split_first() else { return };
        let arguments = cursor.arguments();
        let wants = match direct_callee(callee) {
            Some(function) => {
                self.note_call(function, cursor, &arguments);
                self.wants_of_function(function)
            }
            None => {
                let callee_type = self.called_through_pointer(callee);
                callee_type.map_or_else(Wants::default, |ty| self.wants_of_type(ty))
            }
        };
        for (index, argument) in arguments.into_iter().enumerate() {
            let want = wants.parameters.get(index).copied().unwrap_or(wants.others);
            self.value(argument, want);
        }
    }

    /// Rewrites the callee of a call through a pointer. Returns the type of the pointer.
    fn called_through_pointer(&mut self, callee: Cursor<'u>) -> Option<Type<'u>> {
        let mut value = callee;
        let mut stars = Vec::new();
        // `(*p)(…)`, `(**p)(…)` and `p(…)` are the same call.
        let value = loop {
            let children = value.children();
            match (value.kind(), children.as_slice()) {
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
        let ty = value.ty();
        let flavour = self.flavour_of_value(value);
        self.value(value, Want::of(flavour));
        if flavour == Flavour::Opaque {
            let after = format!(", {})", self.name_of(pointer));
            self.wrap(value, Wrap { before: "IA2_CALL(".to_owned(), after }, When::Opaque(pointer));
        }
        Some(ty)
    }

    fn wants_of_function(&self, function: Cursor<'u>) -> Wants {
        let parameters = function
            .arguments()
            .into_iter()
            .map(|parameter| Want::of(self.flavour_of_declaration(parameter)))
            .collect();
        // A function of the system that takes any arguments knows nothing of opaque pointers.
        let others = if self.is_ours(function) { Want::Value } else { Want::Address };
        Wants { parameters, others }
    }

    fn wants_of_type(&self, pointer: Type<'u>) -> Wants {
        let pointer = pointer.desugared();
        let function = match pointer.kind() {
            TypeKind::Pointer => pointer.pointee().desugared(),
            _ => pointer,
        };
        let parameters = function
            .parameters()
            .into_iter()
            .map(|parameter| Want::of(self.flavour_of_type(parameter)))
            .collect();
        Wants { parameters, others: Want::Value }
    }

    /// The elements of a braced list.
    fn initialisers(&mut self, list: Cursor<'u>, children: &[Cursor<'u>]) {
        let is_system =
            list.ty().canonical().declaration().is_some_and(|record| !self.is_ours(record));
        let outer = if is_system { Flavour::Plain } else { Flavour::Opaque };
        for &child in children {
            // A designated element is an unnamed expression: members, then the value.
            let parts = child.children();
            let member = parts.iter().rev().find(|part| part.kind() == Kind::MemberReference);
            if child.kind() == Kind::Unexposed
                && let (Some(member), Some(&value)) = (member, parts.last())
            {
                let flavour = member.referenced().map_or(outer, |f| self.flavour_of_declaration(f));
                for &part in &parts[..parts.len() - 1] {
                    self.visit(part);
                }
                self.value(value, Want::initial(flavour));
            } else {
                self.value(child, Want::initial(outer));
            }
        }
    }

    /// `(T)e` with a function-pointer type T.
    pub(crate) fn cast(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        if self.own_cast(cursor, pointer) {
            return;
        }
        self.type_name_behind(cursor, cursor.ty());
        let Some(&operand) = cursor.children().last() else { return };
        let is_plain = self.flavour_of_type(cursor.ty()) == Flavour::Plain;
        let opaque = When::Opaque(pointer);
        let core = strip(operand);
        let is_address = core.kind() == Kind::Unary
            && core.unary_operator() == UnaryOperator::AddressOf
            && is_function(core.children().first());
        let braces = |before: &str, after: &str| Wrap {
            before: format!("{{{before}"),
            after: format!("{after}}}"),
        };
        self.depth += 1;
        if is_function(Some(&core)) || is_address {
            let designator = if is_address { strip(core.children()[0]) } else { core };
            self.cast_function(operand, designator, pointer, is_plain);
        } else if is_null(operand) {
            if !is_plain {
                self.wrap(operand, braces("", ""), opaque.clone());
            }
        } else if let Some(other) = self.pointer_of(operand) {
            self.value(operand, Want::Value);
            let was_opaque = self.flavour_of_value(core) == Flavour::Opaque;
            let other = if was_opaque { When::Opaque(other) } else { When::Any(Vec::new()) };
            let not = |when: &When| When::Not(Box::new(when.clone()));
            if is_plain {
                self.wrap(operand, Wrap::call("IA2_ADDR"), other);
            } else {
                let both = When::All(vec![opaque.clone(), other.clone()]);
                self.wrap(operand, braces("IA2_ADDR(", ")"), both);
                let only_new = When::All(vec![opaque.clone(), not(&other)]);
                self.wrap(operand, braces("(void *)(", ")"), only_new);
                let only_old = When::All(vec![not(&opaque), other]);
                self.wrap(operand, Wrap::call("IA2_ADDR"), only_old);
            }
        } else {
            self.value(operand, Want::Nothing);
            if !is_plain {
                self.wrap(operand, braces("(void *)(", ")"), opaque.clone());
            }
        }
        self.depth -= 1;
        self.convert_value(cursor, pointer, want);
    }

    /// `(T)f` with a function's name: a stub for T that leads to f.
    fn cast_function(
        &mut self,
        operand: Cursor<'u>,
        designator: Cursor<'u>,
        pointer: PointerIndex,
        is_plain: bool,
    ) {
        let Some(function) = designator.referenced() else { return };
        let Some(span) = self.span_of(operand) else { return };
        let own = self.pointer_to(function.ty().canonical()).unwrap_or(pointer);
        let is_cast = own != pointer;
        let index = self.function_index(function);
        self.functions[index].taken.push(Taken { pointer, is_cast, span });
        self.note_used(pointer, operand);
        if is_plain {
            return;
        }
        let name = function.name();
        let text = if is_cast {
            format!("{{IA2_FN_ADDR_AS({name}, {})}}", self.name_of(pointer))
        } else {
            format!("{{IA2_FN_ADDR({name})}}")
        };
        self.substitute(operand, text, When::Opaque(pointer));
    }
}

/// What a call's arguments are wanted as.
struct Wants {
    parameters: Vec<Want>,
    /// Arguments without a parameter.
    others: Want,
}

impl Default for Wants {
    fn default() -> Self {
        Wants { parameters: Vec::new(), others: Want::Value }
    }
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
