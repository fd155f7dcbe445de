//! Type names, read without the compiler's help: libclang does not say what the associations of a
//! `_Generic` name.

use clang::{Cursor, Kind};
use ctype::{Convention, Float, Function, Int, Length, QualType, Qualifiers, Type, TypeId};

use super::Analysis;
use super::flavour::Flavour;
use crate::declarator::{Declarator, Layer, LayerKind, parameter_declarator, specifiers_end};
use crate::keywords::is_qualifier;
use crate::token::{Token, behind_closing};

impl Analysis<'_> {
    /// The type that a type name, or a parameter's declaration, spells; `None` if there is something in
    /// it that is not understood.
    pub(super) fn spelled_type(&mut self, text: &[u8], tokens: &[Token]) -> Option<QualType> {
        let declarator = parameter_declarator(text, tokens, 0);
        if declarator.range.end != tokens.len() {
            return None;
        }
        self.spelled_types(text, tokens, 0, &declarator)?.into_iter().next()
    }

    /// The types of a declarator's layers, and of the specifiers behind them; the declaration begins at
    /// token `start`.
    pub(super) fn spelled_types(
        &mut self,
        text: &[u8],
        tokens: &[Token],
        start: usize,
        declarator: &Declarator,
    ) -> Option<Vec<QualType>> {
        let end = specifiers_end(text, tokens, start);
        let mut ty = self.spelled_base(text, &tokens[start..end])?;
        let mut types = vec![ty];
        for layer in declarator.layers.iter().rev() {
            ty = self.spelled_layer(text, tokens, layer, ty)?;
            types.push(ty);
        }
        types.reverse();
        Some(types)
    }

    fn spelled_layer(
        &mut self,
        text: &[u8],
        tokens: &[Token],
        layer: &Layer,
        ty: QualType,
    ) -> Option<QualType> {
        let types = |analysis: &mut Self, made| analysis.converter.types_mut().intern(made);
        Some(match &layer.kind {
            LayerKind::Pointer { qualifiers, .. } => {
                let mut words = tokens[qualifiers.clone()].iter().map(|token| token.text(text));
                let quals = words.try_fold(Qualifiers::NONE, |quals, word| {
                    Some(quals.union(qualifier(word)?))
                })?;
                QualType { ty: types(self, Type::Pointer(ty)), quals }
            }
            // Only a parameter's matters, which means a pointer.
            LayerKind::Array => QualType::from(types(self, Type::Array(ty, Length::Incomplete))),
            LayerKind::Function => {
                let open = layer.inner.end;
                let close = behind_closing(tokens, open)? - 1;
                let function = self.spelled_function(text, &tokens[open + 1..close], ty.ty)?;
                QualType::from(types(self, Type::Function(function)))
            }
        })
    }

    fn spelled_function(
        &mut self,
        text: &[u8],
        tokens: &[Token],
        result: TypeId,
    ) -> Option<Function> {
        let mut function = Function {
            result,
            parameters: Vec::new(),
            variadic: false,
            // C23 6.7.7.4 paragraph 13.
            prototyped: !tokens.is_empty() || self.has_c23,
            convention: Convention::SysV,
        };
        if let [only] = tokens
            && only.text(text) == b"void"
        {
            return Some(function);
        }
        for parameter in split_at_commas(tokens)? {
            if parameter.iter().all(|token| token.is(b'.')) {
                function.variadic = true;
                continue;
            }
            let ty = self.spelled_type(text, parameter)?.ty;
            // C17 6.7.6.3 paragraphs 7 and 8.
            let types = self.converter.types_mut();
            let adjusted = match types.get(ty).clone() {
                Type::Array(element, _) => types.pointer(element),
                Type::Function(_) => types.pointer(ty),
                _ => ty,
            };
            function.parameters.push(adjusted);
        }
        Some(function)
    }

    /// The type that specifiers name.
    fn spelled_base(&mut self, text: &[u8], tokens: &[Token]) -> Option<QualType> {
        let mut quals = Qualifiers::NONE;
        let mut words: Vec<&str> = Vec::new();
        for token in tokens {
            let word = token.text(text);
            match qualifier(word) {
                Some(more) => quals = quals.union(more),
                None if is_qualifier(word) => return None,
                None => words.push(std::str::from_utf8(word).ok()?),
            }
        }
        let declaration = match words[..] {
            ["struct" | "union" | "enum", tag] => self
                .declared_as(|kind| matches!(kind, Kind::Struct | Kind::Union | Kind::Enum), tag),
            [name] => self.declared_as(|kind| kind == Kind::Typedef, name),
            _ => None,
        };
        if let Some(declaration) = declaration {
            let ty = self.converter.qualified(declaration.ty()).ok()?;
            return Some(QualType { ty: ty.ty, quals: ty.quals.union(quals) });
        }
        let ty = arithmetic(&mut words)?;
        Some(QualType { ty: self.converter.types_mut().intern(ty), quals })
    }
}

impl<'u> Analysis<'u> {
    /// The last declaration of this name at file scope.
    fn declared_as(&self, is_kind: fn(Kind) -> bool, name: &str) -> Option<Cursor<'u>> {
        let mut declarations = self.unit.root().children().into_iter().rev();
        declarations.find(|known| is_kind(known.kind()) && known.name() == name)
    }

    /// Whether tokens name a typedef that changes with its type.
    pub(super) fn is_own_typedef(&self, text: &[u8], tokens: &[Token]) -> bool {
        let mut words = tokens.iter().filter(|token| qualifier(token.text(text)).is_none());
        let (Some(word), None) = (words.next(), words.next()) else { return false };
        let Ok(name) = std::str::from_utf8(word.text(text)) else { return false };
        self.declared_as(|kind| kind == Kind::Typedef, name)
            .is_some_and(|declaration| self.flavour_of_type(declaration.ty()) == Flavour::Opaque)
    }
}

fn qualifier(word: &[u8]) -> Option<Qualifiers> {
    let mut quals = Qualifiers::NONE;
    match word {
        b"const" | b"__const" | b"__const__" => quals.is_const = true,
        b"volatile" | b"__volatile" | b"__volatile__" => quals.is_volatile = true,
        b"restrict" | b"__restrict" | b"__restrict__" => quals.is_restrict = true,
        _ => return None,
    }
    Some(quals)
}

/// The basic type that these words name in any order (C17 6.7.2 paragraph 2).
fn arithmetic(words: &mut [&str]) -> Option<Type> {
    words.sort_unstable();
    Some(Type::Int(match *words {
        ["void"] => return Some(Type::Void),
        ["float"] => return Some(Type::Float(Float::Float)),
        ["double"] => return Some(Type::Float(Float::Double)),
        ["double", "long"] => return Some(Type::Float(Float::LongDouble)),
        ["_Bool"] | ["bool"] => Int::Bool,
        ["char"] => Int::Char,
        ["char", "signed"] => Int::SChar,
        ["char", "unsigned"] => Int::UChar,
        ["short"] | ["int", "short"] | ["short", "signed"] | ["int", "short", "signed"] => {
            Int::Short
        }
        ["short", "unsigned"] | ["int", "short", "unsigned"] => Int::UShort,
        ["int"] | ["signed"] | ["int", "signed"] => Int::Int,
        ["unsigned"] | ["int", "unsigned"] => Int::UInt,
        ["long"] | ["int", "long"] | ["long", "signed"] | ["int", "long", "signed"] => Int::Long,
        ["long", "unsigned"] | ["int", "long", "unsigned"] => Int::ULong,
        ["long", "long"]
        | ["int", "long", "long"]
        | ["long", "long", "signed"]
        | ["int", "long", "long", "signed"] => Int::LongLong,
        ["long", "long", "unsigned"] | ["int", "long", "long", "unsigned"] => Int::ULongLong,
        _ => return None,
    }))
}

/// The parts between commas that stand in no brackets.
pub(super) fn split_at_commas(tokens: &[Token]) -> Option<Vec<&[Token]>> {
    let mut parts = Vec::new();
    let (mut start, mut index) = (0, 0);
    while index < tokens.len() {
        let opens = [b'(', b'[', b'{'].into_iter().any(|open| tokens[index].is(open));
        if tokens[index].is(b',') {
            parts.push(&tokens[start..index]);
            start = index + 1;
        }
        index = if opens { behind_closing(tokens, index)? } else { index + 1 };
    }
    if start < tokens.len() {
        parts.push(&tokens[start..]);
    }
    Some(parts)
}
