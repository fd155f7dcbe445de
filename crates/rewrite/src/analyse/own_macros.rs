//! The macros of `ia2.h` where the source uses them by hand.
//!
//! While the rewriter reads a source they expand to what they wrap, so the syntax tree does not show
//! them; the preprocessor's record does.

use clang::{Cursor, Kind};

use super::Analysis;
use super::macros::Use;
use super::shapes::strip;
use crate::facts::{Edit, Numbered, Order, PointerIndex, Taken, When};
use crate::token::TokenKind;

impl<'u> Analysis<'u> {
    /// Whether a declaration stands in `IA2_IGNORE`.
    pub(crate) fn is_ignored(&self, cursor: Cursor<'u>) -> bool {
        if !self.has_annotations {
            return false;
        }
        let Some(point) = cursor.location().file() else { return false };
        self.macros.around(point).any(|known| known.name == "IA2_IGNORE")
    }

    /// Finds the regions of functions that are called without a gate.
    pub(crate) fn find_no_wrap_regions(&mut self) {
        let mut marks: Vec<(clang::FileId, u32, bool)> = self
            .macros
            .named(&|name| name == "IA2_BEGIN_NO_WRAP" || name == "IA2_END_NO_WRAP")
            .map(|known| {
                let begins = known.name == "IA2_BEGIN_NO_WRAP";
                (known.span.file, known.span.range.start, begins)
            })
            .collect();
        marks.sort_unstable();
        let mut open: Option<(clang::FileId, u32)> = None;
        for (file, offset, begins) in marks {
            match open.take() {
                None if begins => open = Some((file, offset)),
                Some((first, start)) if !begins && first == file => {
                    self.no_wrap.push(clang::Span { file, range: start..offset });
                }
                other => open = other.filter(|_| begins),
            }
        }
    }

    /// Uses that leave no expression behind, and those that need more than their arguments.
    pub(crate) fn own_macro_uses(&mut self, root: &[Cursor<'u>]) {
        let defined: Vec<Use> =
            self.macros.named(&|name| name == "IA2_DEFINE_WRAPPER").cloned().collect();
        for known in defined {
            let Some(name) = self.first_argument(&known) else { continue };
            let function = root
                .iter()
                .copied()
                .find(|cursor| cursor.kind() == Kind::Function && cursor.name() == name);
            if let Some(function) = function
                && let Some(pointer) = self.pointer_to(function.ty().canonical())
            {
                let span = self.files.span(known.span.file, known.span.range.clone());
                self.pointers[pointer.0 as usize].forced.get_or_insert(span.clone());
                let index = self.referred_to(function);
                self.functions[index].taken.push(Taken { pointer, is_cast: false, span });
            }
        }
    }

    /// Finds `INIT_RUNTIME(n)` and the compartment that the init include is read for: both declare
    /// enumerators for the rewriter.
    pub(crate) fn own_declarations(&self, root: &[Cursor<'u>]) -> (Vec<Numbered>, Vec<Numbered>) {
        let defined_at = root.iter().rfind(|cursor| {
            cursor.kind() == Kind::MacroDefinition
                && cursor.name() == "IA2_COMPARTMENT"
                && self.is_ours(**cursor)
        });
        let included_at = root.iter().rfind(|cursor| {
            cursor.kind() == Kind::Inclusion && cursor.name().ends_with("ia2_compartment_init.inc")
        });
        let enumerators = root
            .iter()
            .filter(|cursor| cursor.kind() == Kind::Enum)
            .flat_map(|cursor| cursor.children())
            .filter(|cursor| cursor.kind() == Kind::EnumConstant);
        let (mut runtimes, mut compartments) = (Vec::new(), Vec::new());
        for enumerator in enumerators {
            let name = enumerator.name();
            let (span, list) = if name.starts_with("ia2_init_runtime_") {
                let point = enumerator.location().expansion();
                let used = point.and_then(|point| self.macros.around(point).last());
                (used.map(|used| used.span.clone()), &mut runtimes)
            } else if name == "ia2_compartment" {
                let place = defined_at.or(included_at);
                (place.and_then(|place| place.expansion_span()), &mut compartments)
            } else {
                continue;
            };
            let Some(span) = span else { continue };
            list.push(Numbered {
                number: enumerator.enumerator_value(),
                span: self.files.span(span.file, span.range),
            });
        }
        (runtimes, compartments)
    }

    /// An `IA2_CALL` written by hand does not say which list of arguments the call passes.
    pub(crate) fn complete_annotation(
        &mut self,
        called: Cursor<'u>,
        pointer: PointerIndex,
        shape: &str,
    ) {
        let Some(point) = called.start().file() else { return };
        let used = self.macros.around(point).find(|known| known.name == "IA2_CALL");
        let Some(range) = used.map(|used| used.span.range.clone()) else { return };
        let name_end = range.start + "IA2_CALL".len() as u32;
        for (offset, text) in
            [(name_end, "_WITH".to_owned()), (range.end - 1, format!(", {shape}"))]
        {
            self.edits.push(Edit {
                span: self.files.span(point.file, offset..offset),
                text,
                order: Order::Between,
                when: When::Opaque(pointer),
            });
        }
    }

    /// The text of a macro use's first argument, if it is a single word.
    fn first_argument(&self, known: &Use) -> Option<String> {
        let file = self.files.get(known.span.file);
        let tokens = file.tokens();
        let name = file.token_at(known.span.range.start);
        let argument = tokens.get(name + 2).filter(|token| token.kind == TokenKind::Word)?;
        String::from_utf8(argument.text(file.text()).to_vec()).ok()
    }

    /// `IA2_CAST(f, T)` written by hand: the rewritten source also names the type T stands for.
    /// Returns whether the cast is one.
    pub(crate) fn own_cast(&mut self, cast: Cursor<'u>, pointer: PointerIndex) -> bool {
        let Some(point) = cast.start().file() else { return false };
        let known = self.macros.around(point).find(|known| known.name == "IA2_CAST").cloned();
        let Some(known) = known.filter(|known| known.span.range.start == point.offset) else {
            return false;
        };
        let span = self.files.span(known.span.file, known.span.range.clone());
        self.pointers[pointer.0 as usize].forced.get_or_insert(span.clone());
        let function = cast.children().last().and_then(|&operand| {
            strip(operand).referenced().filter(|referenced| referenced.kind() == Kind::Function)
        });
        let Some(function) = function else {
            self.unsupported(cast, pointer);
            return true;
        };
        let index = self.referred_to(function);
        self.functions[index].taken.push(Taken { pointer, is_cast: true, span });
        let insert = |analysis: &mut Analysis<'u>, at: u32, text: String| {
            let span = analysis.files.span(known.span.file, at..at);
            let when = When::Opaque(pointer);
            analysis.edits.push(Edit { span, text, order: Order::Between, when });
        };
        let name_end = known.span.range.start + "IA2_CAST".len() as u32;
        insert(self, name_end, "_AS".to_owned());
        let text = format!(", {}", self.name_of(pointer));
        insert(self, known.span.range.end - 1, text);
        true
    }
}
