//! Expressions whose value is a function pointer: what has to be written around them.
//!
//! Each such expression is walked with what its surroundings [`Want`]. Where the two differ once the
//! type is opaque, a conversion is inserted.

use clang::{BinaryOperator, Cursor, Kind, TypeKind, UnaryOperator};

use super::Analysis;
use super::changes::Wrap;
use super::extent::{Extent, Via};
use super::flavour::Flavour;
use super::pointers::is_pointer;
use super::shapes::{function_of, is_dereferenced_pointer, is_null, named_function, strip};
use crate::facts::{PointerIndex, Taken, When};

/// What the surroundings of an expression take.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Want {
    /// An opaque pointer, if the type is opaque.
    Value,
    /// The same, as an initialiser, which may stand in braces and may have to be a constant.
    Initial,
    /// A plain pointer in any case.
    Plain,
    /// The same, which may be kept by the system and called while another compartment runs.
    Kept,
    /// An address: a truth test, a conversion to something else.
    Address,
    /// What tells functions apart: a comparison of pointers that are both opaque or functions' names.
    Identity,
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
            Some(pointer) => {
                let entered = self.enter(cursor);
                self.pointer_value(cursor, pointer, want);
                self.leave(entered);
            }
            None if self.atomic_pointer_of(cursor).is_some() => self.atomic_object(cursor, want),
            None => self.expression(cursor),
        }
        self.depth -= 1;
    }

    fn pointer_value(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        self.note_used(pointer, cursor);
        let children = cursor.children();
        let is_name = want == Want::Initial && named_function(cursor).is_some();
        // Braces go around all of it, or nowhere.
        let is_apart = is_name && !self.is_written_as_one(cursor) && self.given(cursor).is_none();
        let want = if is_apart { Want::Value } else { want };
        let inner = if want == Want::Initial { Want::Value } else { want };
        match cursor.kind() {
            _ if self.is_plain_by_hand(cursor) => {
                self.expression(cursor);
                self.opaque_from_raw(cursor, pointer, want);
            }
            _ if is_name && want == Want::Initial => {
                let function = named_function(cursor).expect("it is one");
                self.function_value(cursor, function, pointer, want);
            }
            // In a macro's body parentheses around a parameter are where all uses can agree.
            Kind::Paren if self.is_around_parameter(cursor, &children) => {
                self.value_of_same_type(&children, Want::Value);
                self.convert_value(cursor, pointer, inner);
            }
            Kind::Paren => self.value_of_same_type(&children, inner),
            Kind::Unexposed => self.implicit(cursor, &children, pointer, want),
            Kind::Unary => match cursor.unary_operator() {
                UnaryOperator::AddressOf if named_function(cursor).is_some() => {
                    let function = named_function(cursor).expect("it is one");
                    self.function_value(cursor, function, pointer, want);
                }
                // `&*p`, whose value is that of p.
                UnaryOperator::AddressOf if is_dereferenced_pointer(children.first()) => {
                    self.expression(cursor);
                    self.opaque_from_raw(cursor, pointer, want);
                }
                UnaryOperator::Extension => self.value_of_same_type(&children, inner),
                _ => self.plain_value(cursor, pointer, want),
            },
            Kind::Conditional if children.len() == 3 => {
                self.conditional(cursor, &children, pointer, want);
            }
            Kind::Binary => match cursor.binary_operator() {
                BinaryOperator::Comma => {
                    let (last, others) = children.split_last().expect("two operands");
                    others.iter().for_each(|&child| self.value(child, Want::Nothing));
                    self.value(*last, inner);
                }
                BinaryOperator::Assign => self.assigned_value(cursor, &children, pointer, want),
                _ => self.plain_value(cursor, pointer, want),
            },
            Kind::CStyleCast => self.cast(cursor, pointer, want),
            Kind::CompoundLiteral => {
                self.type_name_behind(cursor, cursor.ty());
                children.iter().for_each(|&child| self.visit_initialiser(child));
                self.convert_value(cursor, pointer, want);
            }
            // `{ p }` where p alone would do.
            Kind::InitList => {
                let is_plain = matches!(want, Want::Plain | Want::Kept | Want::Identity);
                let want = if is_plain { want } else { Want::Address };
                self.value_of_same_type(&children, want);
            }
            Kind::StatementExpr => self.statement_value(&children, inner),
            Kind::GenericSelection => {
                let want = self.want_of_arms(cursor, pointer, want);
                self.generic(cursor, &children, want);
            }
            Kind::Call if self.is_atomic_builtin(cursor) => {
                self.atomic_call(cursor, Some((pointer, want)));
            }
            _ => self.plain_value(cursor, pointer, want),
        }
    }

    /// Whether the expression is a function's name with more around it, written in one place.
    fn is_written_as_one(&self, cursor: Cursor<'u>) -> bool {
        let Some(function) = named_function(cursor) else { return false };
        let is_alike = |a: &Extent, b: &Extent| a.file == b.file && a.via == b.via;
        match (self.extent(cursor), self.extent(function)) {
            (Ok(whole), Ok(name)) => is_alike(&whole, &name),
            _ => false,
        }
    }

    /// Whether the parentheses are written in a macro's body, and what is in them in an argument.
    fn is_around_parameter(&self, parentheses: Cursor<'u>, children: &[Cursor<'u>]) -> bool {
        let is_written = |cursor: &Cursor<'u>| cursor.start().spelling() == cursor.start().file();
        !is_written(&parentheses)
            && children.first().is_some_and(|child| {
                is_written(child) && self.flavour_of_value(*child) == Flavour::Opaque
            })
            && self.extent(parentheses).is_ok_and(|extent| extent.via != Via::Text)
    }

    pub(crate) fn value_of_same_type(&mut self, children: &[Cursor<'u>], want: Want) {
        for &child in children {
            if child.kind().is_expression() {
                self.value(child, want);
            }
        }
    }

    /// A variable, member, element, call or the like: walked inside, then converted.
    fn plain_value(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        self.depth += 1;
        self.expression(cursor);
        self.depth -= 1;
        self.convert_value(cursor, pointer, want);
    }

    /// An implicit conversion, which libclang shows as an unnamed expression around another, or an
    /// operator that libclang has no name for.
    fn implicit(
        &mut self,
        cursor: Cursor<'u>,
        children: &[Cursor<'u>],
        pointer: PointerIndex,
        want: Want,
    ) {
        if self.unnamed_operator(cursor, children, pointer, want) {
            return;
        }
        let [child] = children else {
            self.unsupported(cursor, pointer);
            return;
        };
        if is_pointer(*child) {
            let other = self.pointer_of(*child);
            if other == Some(pointer) {
                self.value(*child, want);
            } else {
                self.converted_pointer(cursor, *child, pointer, want);
            }
        } else if self.atomic_pointer_of(*child).is_some() {
            self.atomic_load(*child, pointer, want);
        } else if child.ty().canonical().kind() == TypeKind::Function {
            self.decayed(*child, pointer, want);
        } else if is_null(*child) {
            self.null(cursor, pointer, want);
        } else {
            // From an object pointer or an integer.
            self.note_raw(pointer, cursor);
            self.value(*child, Want::Nothing);
            self.opaque_from_raw(cursor, pointer, want);
        }
    }

    /// A pointer that is implicitly converted to a pointer to another function type.
    fn converted_pointer(
        &mut self,
        cursor: Cursor<'u>,
        child: Cursor<'u>,
        pointer: PointerIndex,
        want: Want,
    ) {
        let Some(other) = self.pointer_of(child) else {
            self.unsupported(cursor, pointer);
            return;
        };
        if let Some(designator) = function_of(child) {
            self.function_value(child, designator, pointer, want);
            return;
        }
        self.note_conversion(other, pointer);
        match want {
            Want::Value | Want::Initial => {
                let (new, old) = (When::Opaque(pointer), When::Opaque(other));
                // What becomes of the value depends on which of the types is opaque.
                self.value(child, Want::Value);
                let both = When::All(vec![new.clone(), old.clone()]);
                let not = |when: &When| When::Not(Box::new(when.clone()));
                let name = self.name_of(pointer);
                let opaque = format!("IA2_OPAQUE({name}, ");
                let is_opaque = self.flavour_of_value(child) == Flavour::Opaque;
                if is_opaque {
                    self.wrap(child, Wrap::new(format!("{opaque}IA2_ADDR("), "))"), both);
                    let only_old = When::All(vec![not(&new), old.clone()]);
                    self.wrap(child, Wrap::call("IA2_ADDR"), only_old);
                    let only_new = When::All(vec![new, not(&old)]);
                    self.wrap(child, Wrap::new(opaque, ")"), only_new);
                } else {
                    self.wrap(child, Wrap::new(opaque, ")"), new);
                }
            }
            Want::Nothing | Want::Identity => self.value(child, want),
            Want::Plain | Want::Kept | Want::Address => {
                self.value(child, Want::Address);
            }
        }
    }

    /// A null pointer constant that becomes a function pointer.
    fn null(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        let when = When::Opaque(pointer);
        match want {
            Want::Value => {
                let name = self.name_of(pointer);
                let before = format!("IA2_OPAQUE({name}, ");
                self.wrap(cursor, Wrap::new(before, ")"), when);
            }
            Want::Initial => {
                self.wrap(cursor, Wrap::braces(), when);
            }
            Want::Plain | Want::Kept | Want::Address | Want::Identity | Want::Nothing => {}
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
        let is_address = matches!(want, Want::Address | Want::Identity);
        let given_as = if is_address { own } else { pointer };
        if self.name_in_argument(whole, designator, given_as, want) {
            return;
        }
        let index = self.referred_to(function);
        if is_address {
            // Only an address, of no type.
            self.functions[index].taken.push(Taken { pointer: own, is_cast: false, span });
            self.note_used(own, whole);
            let name = function.name();
            let macro_name = if want == Want::Identity { "IA2_FN_IDENTITY" } else { "IA2_FN_ADDR" };
            self.substitute_name(whole, format!("{macro_name}({name})"), When::Opaque(own));
            return;
        }
        self.functions[index].taken.push(Taken { pointer, is_cast, span });
        if is_cast {
            self.note_cast(own, pointer);
        }
        let address = self.function_address(function, pointer, is_cast);
        let name = function.name();
        let wanted = match want {
            Want::Value if is_cast => format!("IA2_OPAQUE({}, {address})", self.name_of(pointer)),
            Want::Value => format!("IA2_FN({name})"),
            Want::Initial => format!("{{{address}}}"),
            Want::Kept => {
                self.note_kept(pointer, whole);
                format!("(IA2_TYPE_{}){address}", self.name_of(pointer))
            }
            Want::Address | Want::Identity | Want::Plain | Want::Nothing => return,
        };
        self.substitute_name(whole, wanted, When::Opaque(pointer));
    }

    /// The address of the stub by which a function is called through pointers of a type.
    pub(crate) fn function_address(
        &self,
        function: Cursor<'u>,
        pointer: PointerIndex,
        is_cast: bool,
    ) -> String {
        let name = function.name();
        match is_cast {
            true => format!("IA2_FN_ADDR_AS({name}, {})", self.name_of(pointer)),
            false => format!("IA2_FN_ADDR({name})"),
        }
    }

    /// Converts the value of an expression of ours or of the system's to what is wanted.
    pub(crate) fn convert_value(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        match self.flavour_of_value(cursor) {
            Flavour::Opaque => match want {
                Want::Address => self.wrap(cursor, Wrap::call("IA2_ADDR"), When::Opaque(pointer)),
                Want::Identity => {
                    self.wrap(cursor, Wrap::call("IA2_IDENTITY"), When::Opaque(pointer));
                }
                Want::Plain | Want::Kept => {
                    if want == Want::Kept {
                        self.note_kept(pointer, cursor);
                    }
                    let wrap = Wrap::new("IA2_PLAIN(", format!(", {})", self.name_of(pointer)));
                    self.wrap(cursor, wrap, When::Opaque(pointer));
                }
                Want::Value | Want::Initial | Want::Nothing => {}
            },
            Flavour::Plain => self.opaque_from_system(cursor, pointer, want),
        }
    }

    /// Makes an opaque pointer from a plain one of the system's, where one is wanted. It may be the
    /// address of a function that was handed to the system: what leads to that is its stub.
    fn opaque_from_system(&mut self, cursor: Cursor<'u>, pointer: PointerIndex, want: Want) {
        if matches!(want, Want::Value | Want::Initial) {
            self.note_returned(pointer, cursor);
            let name = self.name_of(pointer);
            let wrap = Wrap::new(format!("IA2_OPAQUE({name}, IA2_STUB({name}, "), "))");
            self.wrap(cursor, wrap, When::Opaque(pointer));
        }
    }

    /// Makes an opaque pointer from an address of unknown origin, where one is wanted.
    pub(crate) fn opaque_from_raw(
        &mut self,
        cursor: Cursor<'u>,
        pointer: PointerIndex,
        want: Want,
    ) {
        if matches!(want, Want::Value | Want::Initial) {
            let before = format!("IA2_OPAQUE({}, ", self.name_of(pointer));
            self.wrap(cursor, Wrap::new(before, ")"), When::Opaque(pointer));
        }
    }
}
