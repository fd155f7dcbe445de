//! Spots that may not do what is expected once a call crosses. Which calls do, the plan knows.

use clang::{Cursor, Kind, Type, TypeKind, UnaryOperator};

use super::Analysis;
use super::lists::is_list;
use super::shapes::strip;
use crate::facts::{PointerIndex, Risk, RiskKind};

/// Functions of the C library that look at `errno`: the one that its macro calls, and others.
const READS_ERRNO: [&str; 4] = ["__errno_location", "perror", "err", "warn"];

impl<'u> Analysis<'u> {
    /// Takes note of a direct call: what is passed, and whether it asks for the `errno` of another.
    pub(crate) fn note_call_risks(
        &mut self,
        function: usize,
        call: Cursor<'u>,
        arguments: &[Cursor<'u>],
    ) {
        let reads_errno = self.functions[function].is_system
            && READS_ERRNO.contains(&self.functions[function].name.as_str());
        if reads_errno {
            if let Some(last) = self.last_call {
                self.risk(call, RiskKind::Errno { function: last });
            }
            return;
        }
        self.last_call = Some(function);
        if self.functions[function].is_system {
            return;
        }
        for &argument in arguments {
            // What a list of arguments leads to is a matter of its own.
            if let Some(variable) = private_variable(argument)
                && !self.is_shared(variable)
                && !is_list(argument.ty())
            {
                let name = variable.name();
                self.risk(argument, RiskKind::PrivatePointer { function, name });
            }
        }
    }

    /// A cast from one function-pointer type to another.
    pub(crate) fn note_cast_risk(
        &mut self,
        cast: Cursor<'u>,
        from: PointerIndex,
        to: PointerIndex,
    ) {
        if from != to {
            self.risk(cast, RiskKind::Cast { from, to });
        }
    }

    fn risk(&mut self, cursor: Cursor<'u>, kind: RiskKind) {
        if let Some(span) = self.span_of(cursor) {
            self.risks.push(Risk { kind, span });
        }
    }

    /// Whether a variable is declared with `IA2_SHARED_DATA`, which stands in front of its name or
    /// behind it and means nothing to the compiler that reads it here.
    fn is_shared(&self, variable: Cursor<'u>) -> bool {
        let Some(point) = variable.location().file() else { return false };
        let file = self.files.get(point.file);
        let (text, tokens) = (file.text(), file.tokens());
        let name = file.token_at(point.offset);
        let ends = |byte: u8| matches!(byte, b';' | b'{' | b'}' | b'=');
        let is_end = |index: &usize| {
            let token = &tokens[*index];
            (0..=u8::MAX).any(|byte| ends(byte) && token.is(byte))
        };
        let before = (0..name).rev().take_while(|index| !is_end(index));
        let behind = (name..tokens.len()).take_while(|index| !is_end(index));
        before.chain(behind).any(|index| tokens[index].is_word(text, "IA2_SHARED_DATA"))
    }
}

/// The variable whose address an argument is: `&v`, `&v.member`, `&v[i]`, or an array by its name.
/// Read-only variables are not private.
fn private_variable(argument: Cursor<'_>) -> Option<Cursor<'_>> {
    let core = strip(argument);
    let object = match core.kind() {
        Kind::Unary if core.unary_operator() == UnaryOperator::AddressOf => {
            strip(*core.children().first()?)
        }
        Kind::DeclRef | Kind::MemberRef if is_array(core.ty()) => core,
        _ => return None,
    };
    let variable = root(object)?;
    let ty = variable.ty();
    let is_read_only = ty.canonical().spelling().starts_with("const ")
        && variable.linkage() != clang::Linkage::None;
    (!is_read_only).then_some(variable)
}

/// The variable that an lvalue is a part of; `None` if it is reached through a pointer.
fn root(object: Cursor<'_>) -> Option<Cursor<'_>> {
    let object = strip(object);
    match object.kind() {
        Kind::DeclRef => {
            let declared = object.referenced()?;
            let is_variable = matches!(declared.kind(), Kind::Variable | Kind::Parameter);
            // A parameter that is written as an array is a pointer.
            let is_pointer = declared.kind() == Kind::Parameter && is_array(declared.ty());
            (is_variable && !is_pointer).then_some(declared)
        }
        Kind::MemberRef | Kind::Subscript => {
            let base = *object.children().first()?;
            let is_pointer = strip(base).ty().canonical().kind() == TypeKind::Pointer;
            if is_pointer { None } else { root(base) }
        }
        _ => None,
    }
}

fn is_array(ty: Type<'_>) -> bool {
    ty.canonical().kind() == TypeKind::Array
}
