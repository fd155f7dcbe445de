//! `va_list` arguments: what they lead to must be copied if the call crosses.

use clang::{Cursor, Kind, Type, TypeKind};

use super::Analysis;
use super::changes::Wrap;
use super::extent::{Extent, Level, Obstacle};
use super::shapes::strip;
use crate::facts::{FunctionIndex, PointerIndex, When};

/// What is known of the `va_list` that a call passes.
enum Passed {
    /// It passes none.
    Nothing,
    /// Its arguments are copied.
    Copied,
    /// It is not known what it leads to.
    Unknown,
}

impl<'u> Analysis<'u> {
    /// Writes down what a direct call that passes a `va_list` becomes if it crosses.
    pub(super) fn list_to_function(
        &mut self,
        function: Cursor<'u>,
        call: Cursor<'u>,
        arguments: &[Cursor<'u>],
    ) {
        let takes_list = *self
            .takes_list
            .entry(function)
            .or_insert_with(|| function.ty().canonical().parameters().into_iter().any(is_list));
        if !takes_list {
            return;
        }
        let index = self.function_index(function);
        let when = When::Crosses(FunctionIndex(index as u32));
        match self.copy_list(function.ty(), call, arguments, when) {
            Passed::Nothing => {}
            Passed::Copied => self.functions[index].copies_list = true,
            Passed::Unknown => {
                let span = self.span_of(call);
                let unknown = &mut self.functions[index].unknown_list;
                *unknown = unknown.take().or(span);
            }
        }
    }

    /// The same for a call through a pointer, if the type of that is opaque.
    pub(super) fn list_to_pointer(
        &mut self,
        pointer: PointerIndex,
        function: Type<'u>,
        call: Cursor<'u>,
        arguments: &[Cursor<'u>],
    ) {
        let when = When::Opaque(pointer);
        if let Passed::Unknown = self.copy_list(function, call, arguments, when) {
            let span = self.span_of(call);
            let unknown = &mut self.pointers[pointer.0 as usize].unknown_list;
            *unknown = unknown.take().or(span);
        }
    }

    fn copy_list(
        &mut self,
        function: Type<'u>,
        call: Cursor<'u>,
        arguments: &[Cursor<'u>],
        when: When,
    ) -> Passed {
        let parameters = function.canonical().parameters();
        let Some(place) = parameters.iter().position(|&ty| is_list(ty)) else {
            return Passed::Nothing;
        };
        let format = parameters[..place].iter().rposition(|&ty| is_string(ty));
        let parts = format.and_then(|format| {
            let (&format, &list) = (arguments.get(format)?, arguments.get(place)?);
            let whole = self.extent(call).ok().filter(|whole| whole.level == Level::Written)?;
            Some((self.simple_text(format, &whole)?, self.simple_text(list, &whole)?, list))
        });
        let Some((format, list, argument)) = parts else {
            let is_simple = |place: usize| arguments.get(place).copied().is_some_and(is_simple);
            if !format.is_some_and(is_simple) || !is_simple(place) {
                return Passed::Unknown;
            }
            // Parts of it come from different places.
            self.blocked(call, Obstacle::MixedMacro, when);
            return Passed::Copied;
        };
        let before = format!("__extension__ ({{ IA2_LIST({format}, {list}); ");
        // Around what is written around the callee, which may begin at the same place.
        self.depth -= 1;
        self.wrap(call, Wrap::new(before, "; })"), when.clone());
        self.depth += 1;
        self.substitute(argument, "ia2_list".to_owned(), when);
        Passed::Copied
    }

    /// The text of an argument that can be evaluated twice, in the same place as the call.
    fn simple_text(&self, argument: Cursor<'u>, call: &Extent) -> Option<String> {
        if !is_simple(argument) {
            return None;
        }
        let extent = self.extent(argument).ok()?;
        let is_there = extent.file == call.file
            && extent.via == call.via
            && call.range.start <= extent.range.start
            && extent.range.end <= call.range.end;
        let file = self.files.get(extent.file);
        let range = extent.range.start as usize..extent.range.end as usize;
        let text = file.text().get(range).filter(|_| is_there)?;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }
}

/// Whether the expression has no effects, and nothing in it is rewritten.
fn is_simple(argument: Cursor<'_>) -> bool {
    let core = strip(argument);
    match core.kind() {
        Kind::DeclRef | Kind::StringLiteral => true,
        Kind::MemberRef | Kind::Unary => core.children().iter().all(|&child| is_simple(child)),
        _ => false,
    }
}

/// Whether it is the adjusted type of a `va_list` parameter.
pub(super) fn is_list(ty: Type<'_>) -> bool {
    let ty = ty.canonical();
    ty.kind() == TypeKind::Pointer
        && ty
            .pointee()
            .canonical()
            .declaration()
            .is_some_and(|record| record.name() == "__va_list_tag")
}

fn is_string(ty: Type<'_>) -> bool {
    ty.canonical().spelling() == "const char *"
}
