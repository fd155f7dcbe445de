//! Functions: declared, defined, called, used as values.

use clang::{Cursor, Kind, Type};

use super::Analysis;
use super::changes::Wrap;
use super::shapes::strip;
use crate::facts::{Definition, Function, FunctionIndex, Linkage, Point, ShapedCall, When};
use crate::shape;

impl<'u> Analysis<'u> {
    /// A declaration or definition of a function below the root.
    pub(crate) fn function(&mut self, cursor: Cursor<'u>) {
        let index = self.function_index(cursor);
        let has_body = cursor.is_definition();
        let stands_for_another = || {
            (cursor.has_attribute("alias") && !cursor.has_attribute("weakref"))
                || cursor.has_attribute("ifunc")
        };
        if !has_body && !stands_for_another() {
            return;
        }
        if let Some(span) = self.name_span(cursor) {
            let after = if has_body { self.point_behind(cursor) } else { None };
            let is_interposable = !cursor.is_hidden() && !cursor.is_inline();
            let definition = Definition { span, after, is_interposable, has_body };
            self.functions[index].defined = Some(definition);
        }
        let body = cursor.children().into_iter().find(|child| child.kind() == Kind::Compound);
        if let Some(body) = body {
            let outer = self.result.replace(cursor.ty().desugared().result());
            let is_optional =
                cursor.is_inline() && self.functions[index].linkage == Linkage::Static;
            self.optional = is_optional.then_some(index);
            self.last_call = None;
            self.visit(body);
            self.optional = None;
            self.result = outer;
        }
    }

    /// The entry of a function that is called, or whose address is taken, here.
    pub(crate) fn referred_to(&mut self, function: Cursor<'u>) -> usize {
        let index = self.function_index(function);
        self.references.push((self.optional, index));
        index
    }

    /// Marks what the unit refers to.
    pub(super) fn mark_referred_to(&mut self) {
        self.references.sort_unstable();
        self.references.dedup();
        let mut reached: Vec<Option<usize>> = vec![None];
        while let Some(from) = reached.pop() {
            let first = self.references.partition_point(|&(known, _)| known < from);
            let references = self.references[first..].iter();
            for &(_, to) in references.take_while(|&&(known, _)| known == from) {
                if !std::mem::replace(&mut self.functions[to].is_referred_to, true) {
                    reached.push(Some(to));
                }
            }
        }
    }

    /// The entry of a function, made at its first mention.
    pub(crate) fn function_index(&mut self, function: Cursor<'u>) -> usize {
        // A name is mentioned more often than it is declared.
        if let Some(&index) = self.mentioned.get(&function) {
            return index;
        }
        let index = self.declared_index(function);
        self.mentioned.insert(function, index);
        index
    }

    fn declared_index(&mut self, function: Cursor<'u>) -> usize {
        let first = function.canonical();
        if let Some(&index) = self.function_ids.get(&first) {
            // A later declaration may say more: parameters, no-wrap.
            let no_wrap = self.is_no_wrap(function);
            self.functions[index].is_hidden |= function.is_hidden();
            self.functions[index].no_wrap |= no_wrap;
            let symbol = function.symbol();
            if symbol != function.name() && !symbol.is_empty() {
                self.functions[index].symbol = symbol;
            }
            if let Some(ty) = self.convert(function.ty()) {
                self.functions[index].ty = ty;
            }
            return index;
        }
        let declared = self.span_of(first).unwrap_or_else(|| {
            // Declared by the compiler itself, such as a built-in function.
            diagnostics::Span::point(diagnostics::SourcePath::new(""), 0)
        });
        let linkage = match first.linkage() {
            clang::Linkage::Internal => Linkage::Static,
            _ => Linkage::External,
        };
        let void = self.converter.void();
        // A static function of another name stands for the one of that name, wherever that is.
        let stands_for = if linkage == Linkage::Static && first.has_attribute("weakref") {
            first.attribute_string("weakref").or_else(|| first.attribute_string("alias"))
        } else {
            None
        };
        let entry = Function {
            name: function.name(),
            symbol: stands_for
                .or_else(|| Some(function.symbol()))
                .filter(|symbol| !symbol.is_empty())
                .unwrap_or_else(|| function.name()),
            is_hidden: first.is_hidden(),
            linkage,
            ty: self.convert(function.ty()).unwrap_or(void),
            declared,
            before: self.point_before(first),
            defined: None,
            called: None,
            is_referred_to: false,
            calls: Vec::new(),
            copies_list: false,
            unknown_list: None,
            taken: Vec::new(),
            is_system: !self.is_ours(first),
            no_wrap: self.is_no_wrap(first) || self.is_no_wrap(function),
        };
        let index = self.functions.len();
        self.functions.push(entry);
        self.function_ids.insert(first, index);
        index
    }

    /// A direct call of a function.
    pub(crate) fn note_call(
        &mut self,
        function: Cursor<'u>,
        call: Cursor<'u>,
        callee: Cursor<'u>,
        arguments: &[Cursor<'u>],
    ) {
        let index = self.referred_to(function);
        self.note_call_risks(index, call, arguments);
        let Some(span) = self.span_of(call) else { return };
        if self.functions[index].called.is_none() {
            self.functions[index].called = Some(span.clone());
        }
        let entry = &self.functions[index];
        if entry.linkage == Linkage::Static || entry.is_system {
            return;
        }
        let Some(shaped) = self.shaped_call(function.ty(), arguments, span) else { return };
        let shape = shaped.shape.clone();
        if !self.functions[index].calls.iter().any(|known| known.shape == shape) {
            self.functions[index].calls.push(shaped);
        }
        let crosses = When::Crosses(FunctionIndex(index as u32));
        let name = strip(callee);
        let entered = self.enter(name);
        self.wrap(name, Wrap::new("IA2_VARIADIC(", format!(", {shape})")), crosses);
        self.leave(entered);
    }

    /// A call that passes arguments without a parameter; `None` if the type fixes all of them.
    pub(crate) fn shaped_call(
        &mut self,
        function: Type<'u>,
        arguments: &[Cursor<'u>],
        span: diagnostics::Span,
    ) -> Option<ShapedCall> {
        let ty = self.convert(function)?;
        let declared = match self.converter.types().get(ty) {
            ctype::Type::Function(function) if function.variadic => function.parameters.len(),
            ctype::Type::Function(function) if !function.prototyped => 0,
            _ => return None,
        };
        let extra = arguments.get(declared..).unwrap_or_default();
        let converted: Option<Vec<_>> =
            extra.iter().map(|argument| self.convert(argument.ty())).collect();
        let types = self.converter.types_mut();
        let promoted: Vec<_> =
            converted?.into_iter().map(|argument| abi::promote(types, argument)).collect();
        let shape = shape::name(types, &promoted);
        Some(ShapedCall { shape, arguments: promoted, span })
    }

    pub(super) fn name_span(&self, cursor: Cursor<'u>) -> Option<diagnostics::Span> {
        let point = cursor.location().expansion()?;
        let length = u32::try_from(cursor.name().len()).unwrap_or(0);
        let end = (point.offset + length).min(self.files.get(point.file).text().len() as u32);
        Some(self.files.span(point.file, point.offset..end))
    }

    /// In front of a declaration, or of the macro that brings it.
    fn point_before(&self, cursor: Cursor<'u>) -> Option<Point> {
        let point = cursor.start().expansion()?;
        let file = self.files.get(point.file);
        self.files
            .is_editable(point)
            .then(|| Point { file: file.path.clone(), offset: point.offset })
    }

    /// Behind a definition, or behind the macro that ends it.
    fn point_behind(&self, cursor: Cursor<'u>) -> Option<Point> {
        let point = cursor.end().file()?;
        let file = self.files.get(point.file);
        let last = clang::Point { file: point.file, offset: point.offset.checked_sub(1)? };
        let outermost = self.macros.around(last).last();
        let offset = outermost.map_or(point.offset, |used| used.span.range.end);
        let is_end = outermost.is_some() || file.text().get(last.offset as usize) == Some(&b'}');
        (file.is_editable_at(last.offset) && is_end)
            .then(|| Point { file: file.path.clone(), offset })
    }

    /// Whether a declaration stands between the two macros that ask for no gate.
    fn is_no_wrap(&self, cursor: Cursor<'u>) -> bool {
        let Some(point) = cursor.location().expansion() else { return false };
        self.no_wrap.iter().any(|region| region.contains(point))
    }
}
