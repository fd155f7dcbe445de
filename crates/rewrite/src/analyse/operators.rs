//! Operators whose result is a function pointer: conditional expressions, assignments, statement
//! expressions, and those that libclang has no name for; and what decays to one.

use clang::{Cursor, FunctionType, Kind, UnaryOperator};

use super::Analysis;
use super::changes::Wrap;
use super::extent::{Level, Obstacle};
use super::flavour::Flavour;
use super::pointers::is_pointer;
use super::shapes::{is_null, strip};
use super::values::Want;
use crate::facts::{Edit, Order, PointerIndex, When};

impl<'u> Analysis<'u> {
    /// `c ? p : q`
    pub(super) fn conditional(
        &mut self,
        cursor: Cursor<'u>,
        children: &[Cursor<'u>],
        pointer: PointerIndex,
        want: Want,
    ) {
        self.value(children[0], Want::Address);
        let arms = self.want_of_arms(cursor, pointer, want);
        self.value(children[1], arms);
        self.value(children[2], arms);
    }

    /// What the operands are wanted as of which an expression has the value of one.
    pub(super) fn want_of_arms(
        &mut self,
        cursor: Cursor<'u>,
        pointer: PointerIndex,
        want: Want,
    ) -> Want {
        if want != Want::Initial {
            return want;
        }
        // A conditional expression of compound literals is no constant for gcc, and none may stand in
        // braces by itself.
        self.wrap(cursor, Wrap::braces(), When::Opaque(pointer));
        Want::Address
    }

    /// `p = q` used as a value, or as a statement.
    pub(super) fn assigned_value(
        &mut self,
        cursor: Cursor<'u>,
        children: &[Cursor<'u>],
        pointer: PointerIndex,
        want: Want,
    ) {
        let [left, right] = children else { return };
        self.depth += 1;
        self.expression(*left);
        if self.is_plain_by_hand(*left) {
            self.value(*right, Want::Address);
            self.depth -= 1;
            return;
        }
        match self.flavour_of_value(*left) {
            Flavour::Opaque if is_null(*right) && want == Want::Nothing => {
                if self.atomic_pointer_of(*left).is_some() {
                    self.value(*right, Want::Value);
                } else {
                    self.wrap(*left, Wrap::call("IA2_AS_PTR"), When::Opaque(pointer));
                }
            }
            flavour => self.value(*right, Want::of(flavour)),
        }
        self.depth -= 1;
        self.convert_value(cursor, pointer, want);
    }

    /// `({ …; p; })`: its value is that of the last statement.
    pub(super) fn statement_value(&mut self, children: &[Cursor<'u>], want: Want) {
        for &child in children {
            let statements = child.children();
            let Some((&last, others)) = statements.split_last() else { continue };
            others.iter().for_each(|&statement| self.visit(statement));
            let mut last = last;
            while last.kind() == Kind::Label {
                match last.children().pop() {
                    Some(inner) => last = inner,
                    None => break,
                }
            }
            match last.kind().is_expression() {
                true => self.value(last, want),
                false => self.visit(last),
            }
        }
    }

    /// An expression of function type, where the address of the function is meant.
    pub(super) fn decayed(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        let core = strip(cursor);
        match core.kind() {
            Kind::DeclRef => self.function_value(cursor, core, pointer, want),
            // `*p` is the function that p points to, and decays to p again.
            Kind::Unary if core.unary_operator() == UnaryOperator::Dereference => {
                self.drop_star(core, pointer);
                self.value_of_same_type(&core.children(), want);
            }
            Kind::GenericSelection => {
                let want = self.want_of_arms(core, pointer, want);
                self.generic(core, &core.children(), want);
            }
            Kind::StatementExpr => self.statement_value(&core.children(), want),
            Kind::Unexposed => {
                if !self.unnamed_operator(core, &core.children(), pointer, want) {
                    self.unsupported(cursor, pointer);
                }
            }
            _ => self.unsupported(cursor, pointer),
        }
    }

    /// An operand that becomes the value of the whole expression if it is chosen, and decays there.
    pub(super) fn chosen_value(&mut self, cursor: Cursor<'u>, want: Want) {
        if is_pointer(cursor) || cursor.function_type() != FunctionType::Function {
            self.value(cursor, want);
        } else if let Some(pointer) = self.pointer_to(cursor.ty().canonical()) {
            self.note_used(pointer, cursor);
            self.decayed(cursor, pointer, want);
        }
    }

    /// Operators that libclang shows as an expression without a name. Returns whether it was one.
    pub(super) fn unnamed_operator(
        &mut self,
        cursor: Cursor<'u>,
        children: &[Cursor<'u>],
        pointer: PointerIndex,
        want: Want,
    ) -> bool {
        // `p ?: q`, whose p is a child three times.
        if let [first, second, third, last] = children
            && first.start() == second.start()
            && first.start() == third.start()
        {
            if want == Want::Nothing {
                self.value(*first, Want::Address);
                self.value(*last, Want::Nothing);
                return true;
            }
            self.value(*first, Want::Address);
            self.value(*last, Want::Address);
            let name = self.name_of(pointer);
            let wrap = match want {
                Want::Value => Wrap::new(format!("IA2_OPAQUE({name}, "), ")"),
                Want::Initial => Wrap::braces(),
                Want::Plain | Want::Kept => Wrap::new(format!("(IA2_TYPE_{name})("), ")"),
                Want::Address | Want::Identity | Want::Nothing => return true,
            };
            self.wrap(cursor, wrap, When::Opaque(pointer));
            return true;
        }
        match self.first_word(cursor).as_deref() {
            Some("__builtin_va_arg") => {
                self.argument_type_name(cursor);
                let last = children.iter().copied().filter(|child| child.kind().is_expression());
                last.for_each(|child| self.value(child, Want::Nothing));
                self.convert_value(cursor, pointer, want);
                true
            }
            Some("__builtin_choose_expr") if children.len() == 3 => {
                self.value(children[0], Want::Nothing);
                let want = self.want_of_arms(cursor, pointer, want);
                children[1..].iter().for_each(|&child| self.chosen_value(child, want));
                true
            }
            _ if self.is_atomic_builtin(cursor) => {
                self.atomic_call(cursor, Some((pointer, want)));
                true
            }
            _ => false,
        }
    }

    /// The token an expression begins with, wherever it is written.
    pub(crate) fn first_word(&self, cursor: Cursor<'u>) -> Option<String> {
        self.look_at_first_word(cursor, |word| String::from_utf8(word.to_vec()).ok())?
    }

    /// What a function says about the token an expression begins with.
    pub(crate) fn look_at_first_word<T>(
        &self,
        cursor: Cursor<'u>,
        look: impl FnOnce(&[u8]) -> T,
    ) -> Option<T> {
        let start = cursor.start().spelling()?;
        let file = self.files.get(start.file);
        let token = file.tokens().get(file.token_at(start.offset))?;
        Some(look(token.text(file.text())))
    }

    /// Deletes the star of `*p` where the function is meant that p points to.
    pub(crate) fn drop_star(&mut self, dereference: Cursor<'u>, pointer: PointerIndex) {
        match self.extent(dereference) {
            Ok(extent) if extent.level != Level::Expansion => {
                let star = extent.range.start..extent.range.start + 1;
                let span = self.files.span(extent.file, star);
                let (text, when) = (String::new(), When::Opaque(pointer));
                self.edit_at(&extent, vec![Edit { span, text, order: Order::Replace, when }]);
            }
            Ok(_) => self.blocked(dereference, Obstacle::MixedMacro, When::Opaque(pointer)),
            Err(obstacle) => self.blocked(dereference, obstacle, When::Opaque(pointer)),
        }
    }
}
