//! Function-pointer types: their numbers, and which expressions have one.

use clang::{Cursor, FunctionType, Kind, Type, UnaryOperator};
use ctype::TypeId;

use super::Analysis;
use super::shapes::strip;
use crate::facts::{Pointer, PointerIndex};

impl<'u> Analysis<'u> {
    /// The number of the type of an expression whose value is a function pointer.
    pub(crate) fn pointer_of(&mut self, expression: Cursor<'u>) -> Option<PointerIndex> {
        match expression.function_type() {
            FunctionType::Pointer => self.pointer(expression.ty()),
            FunctionType::Function if is_adjusted_parameter(expression) => {
                self.pointer_to(expression.ty().canonical())
            }
            _ => None,
        }
    }

    /// The number of a function-pointer type; `None` if the type is something else, or has parts
    /// that are unknown here.
    pub(crate) fn pointer(&mut self, ty: Type<'u>) -> Option<PointerIndex> {
        if !ty.is_function_pointer() {
            return None;
        }
        let id = self.convert(ty)?;
        Some(self.pointer_with_id(id))
    }

    /// The number of the pointer type to a function type.
    pub(crate) fn pointer_to(&mut self, function: Type<'u>) -> Option<PointerIndex> {
        let function = self.convert(function)?;
        let id = self.converter.pointer_to(function);
        Some(self.pointer_with_id(id))
    }

    pub(crate) fn pointer_with_id(&mut self, ty: TypeId) -> PointerIndex {
        if let Some(&index) = self.pointer_ids.get(&ty) {
            return index;
        }
        let index =
            PointerIndex(u32::try_from(self.pointers.len()).expect("fewer than 2^32 types"));
        let name = self.converter.types().itanium(ty);
        let (used, forced, shared, kept, returned, raw) = (None, None, None, None, None, None);
        let (calls, unknown_list) = (Vec::new(), None);
        let known =
            Pointer { name, ty, used, forced, shared, kept, returned, raw, calls, unknown_list };
        self.pointers.push(known);
        self.pointer_ids.insert(ty, index);
        index
    }

    pub(crate) fn name_of(&self, pointer: PointerIndex) -> &str {
        &self.pointers[pointer.0 as usize].name
    }

    pub(crate) fn convert(&mut self, ty: Type<'u>) -> Option<TypeId> {
        self.converter.convert(ty).ok()
    }
}

/// Whether an expression is a function pointer.
pub(crate) fn is_pointer(expression: Cursor<'_>) -> bool {
    match expression.function_type() {
        FunctionType::Pointer => true,
        FunctionType::Function => is_adjusted_parameter(expression),
        FunctionType::Container | FunctionType::Atomic | FunctionType::Neither => false,
    }
}

/// Whether the value of an expression of function type comes from a parameter that is declared with
/// a function type, which means a pointer (C17 6.7.6.3 p8). libclang shows the type as it is written.
fn is_adjusted_parameter(expression: Cursor<'_>) -> bool {
    if !expression.kind().is_expression() {
        return false;
    }
    let core = strip(expression);
    match core.kind() {
        Kind::DeclRef => {
            core.referenced().is_some_and(|referenced| referenced.kind() == Kind::Parameter)
        }
        Kind::Unary => core.unary_operator() != UnaryOperator::Dereference,
        Kind::Binary | Kind::Conditional => true,
        // Nothing is ever converted to a function.
        _ => core.function_type() != FunctionType::Function,
    }
}
