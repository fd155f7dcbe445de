//! Cursors: nodes of the syntax tree.

use std::hash::{Hash, Hasher};

use clang_sys as sys;
use clang_sys::CXCursor;

use crate::string::take;
use crate::tree::{Children, FunctionType, NodeId, is_same};
use crate::{BinaryOperator, Kind, Location, Span, Type, UnaryOperator, Unit};

/// A node of the syntax tree.
#[derive(Clone, Copy)]
pub struct Cursor<'u> {
    pub(crate) raw: CXCursor,
    pub(crate) unit: &'u Unit,
    /// Where it is in the unit's tree, if it was found there.
    node: Option<NodeId>,
}

/// What a name means in other translation units (C17 6.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Linkage {
    /// Nothing: a local variable, a parameter.
    None,
    /// Something else there: `static` at file scope.
    Internal,
    /// The same there.
    External,
}

impl<'u> Cursor<'u> {
    pub(crate) fn new(raw: CXCursor, unit: &'u Unit) -> Option<Cursor<'u>> {
        // As clang_Cursor_isNull has it.
        let is_null =
            raw.kind == sys::CXCursor_InvalidFile && raw.data.iter().all(|part| part.is_null());
        (!is_null).then_some(Cursor { raw, unit, node: None })
    }

    /// A node of the unit's tree.
    #[inline]
    pub(crate) fn of_node(raw: CXCursor, unit: &'u Unit, node: NodeId) -> Cursor<'u> {
        Cursor { raw, unit, node: Some(node) }
    }

    /// What the cursor stands for.
    #[inline]
    pub fn kind(self) -> Kind {
        Kind::new(self.raw.kind)
    }

    /// The name, or what libclang shows in its place.
    pub fn name(self) -> String {
        // SAFETY: a cursor of a living unit, here and in all calls below.
        take(unsafe { sys::clang_getCursorSpelling(self.raw) })
    }

    /// Type of the declared thing or of the expression.
    #[inline]
    pub fn ty(self) -> Type<'u> {
        // SAFETY: see `name`.
        Type { raw: unsafe { (self.unit.calls().clang_getCursorType)(self.raw) }, unit: self.unit }
    }

    /// What the type has to do with functions, typedefs resolved.
    #[inline]
    pub fn function_type(self) -> FunctionType {
        if matches!(
            self.raw.kind,
            sys::CXCursor_IntegerLiteral
                | sys::CXCursor_FloatingLiteral
                | sys::CXCursor_CharacterLiteral
        ) {
            return FunctionType::Neither;
        }
        if let Some(known) = self.node.and_then(|node| self.unit.tree().function_type(node)) {
            return known;
        }
        let found = self.ty().function_type();
        if let Some(node) = self.node {
            self.unit.tree().note_function_type(node, found);
        }
        found
    }

    /// What stands right of `typedef`.
    pub fn underlying_type(self) -> Type<'u> {
        // SAFETY: see `name`.
        let raw = unsafe { sys::clang_getTypedefDeclUnderlyingType(self.raw) };
        Type { raw, unit: self.unit }
    }

    /// All direct children.
    #[inline]
    pub fn children(self) -> Children<'u> {
        match self.node {
            Some(node) => self.unit.tree().children(self.unit, node),
            None => self.unit.tree().roots(self.unit, self.raw),
        }
    }

    /// The same cursor as a child of this one, if it is one: then what is below it is known.
    fn as_child(self, raw: CXCursor) -> Option<Cursor<'u>> {
        let known = self
            .node
            .and_then(|_| self.children().into_iter().find(|child| is_same(&child.raw, &raw)));
        known.or_else(|| Cursor::new(raw, self.unit))
    }

    /// The declaration that a name or member expression refers to.
    #[inline]
    pub fn referenced(self) -> Option<Cursor<'u>> {
        // SAFETY: see `name`.
        Cursor::new(unsafe { (self.unit.calls().clang_getCursorReferenced)(self.raw) }, self.unit)
    }

    /// The first declaration of the same thing.
    #[inline]
    pub fn canonical(self) -> Cursor<'u> {
        // SAFETY: see `name`.
        let raw = unsafe { (self.unit.calls().clang_getCanonicalCursor)(self.raw) };
        Cursor { raw, unit: self.unit, node: None }
    }

    /// Whether this declaration is also the definition.
    pub fn is_definition(self) -> bool {
        // SAFETY: see `name`.
        unsafe { sys::clang_isCursorDefinition(self.raw) != 0 }
    }

    /// The definition of what this declares or refers to, if the unit has it.
    pub fn definition(self) -> Option<Cursor<'u>> {
        // SAFETY: see `name`.
        Cursor::new(unsafe { sys::clang_getCursorDefinition(self.raw) }, self.unit)
    }

    /// Where the declaration is nested.
    pub fn semantic_parent(self) -> Option<Cursor<'u>> {
        // SAFETY: see `name`.
        Cursor::new(unsafe { sys::clang_getCursorSemanticParent(self.raw) }, self.unit)
    }

    /// Linkage of the declared name.
    pub fn linkage(self) -> Linkage {
        // SAFETY: see `name`.
        match unsafe { sys::clang_getCursorLinkage(self.raw) } {
            sys::CXLinkage_External | sys::CXLinkage_UniqueExternal => Linkage::External,
            sys::CXLinkage_Internal => Linkage::Internal,
            _ => Linkage::None,
        }
    }

    /// The name the linker knows the function or variable by: that of C, or of its `asm` label.
    pub fn symbol(self) -> String {
        // SAFETY: see `name`.
        if unsafe { sys::clang_Cursor_hasAttrs(self.raw) } == 0 {
            // An `asm` label or `overloadable` would be one. libclang takes long to mangle.
            return self.name();
        }
        // SAFETY: see `name`.
        take(unsafe { sys::clang_Cursor_getMangling(self.raw) })
    }

    /// Whether the declaration has this attribute, of which libclang only knows the text.
    pub fn has_attribute(self, name: &str) -> bool {
        self.behind_attribute(name).is_some()
    }

    /// The first string behind the name of this attribute in the declaration, as it is written.
    pub fn attribute_string(self, name: &str) -> Option<String> {
        let rest = self.behind_attribute(name)?;
        let rest = rest.split(|byte| matches!(byte, b';' | b'{')).next()?;
        let text = rest.split(|&byte| byte == b'"').nth(1)?;
        String::from_utf8(text.to_vec()).ok()
    }

    /// The text behind an attribute's name.
    fn behind_attribute(self, name: &str) -> Option<&'u [u8]> {
        let children = self.children().into_iter();
        children.filter(|child| child.kind() == Kind::Attribute).find_map(|attribute| {
            let point = attribute.start().spelling()?;
            let text = attribute.unit.contents(point.file);
            let rest = text.get(point.offset as usize..).unwrap_or_default();
            let word = rest.strip_prefix(b"__").unwrap_or(rest);
            let rest = word.strip_prefix(name.as_bytes())?;
            rest.first().is_some_and(|byte| !byte.is_ascii_alphanumeric()).then_some(rest)
        })
    }

    /// Whether other shared objects cannot see the name (`visibility("hidden")`, or a flag).
    pub fn is_hidden(self) -> bool {
        // SAFETY: see `name`.
        unsafe { sys::clang_getCursorVisibility(self.raw) == sys::CXVisibility_Hidden }
    }

    /// Whether the function is declared `inline`.
    pub fn is_inline(self) -> bool {
        // SAFETY: see `name`.
        unsafe { sys::clang_Cursor_isFunctionInlined(self.raw) != 0 }
    }

    /// Whether the storage class is `extern`.
    pub fn is_extern(self) -> bool {
        // SAFETY: see `name`.
        unsafe { sys::clang_Cursor_getStorageClass(self.raw) == sys::CX_SC_Extern }
    }

    /// Whether the variable is thread-local.
    pub fn is_thread_local(self) -> bool {
        // SAFETY: see `name`.
        unsafe { sys::clang_getCursorTLSKind(self.raw) != sys::CXTLS_None }
    }

    /// The parameters of a function, or the arguments of a call.
    pub fn arguments(self) -> Vec<Cursor<'u>> {
        // SAFETY: see `name`; the index is below the number.
        unsafe {
            let count = (self.unit.calls().clang_Cursor_getNumArguments)(self.raw);
            (0..count.max(0).cast_unsigned())
                .filter_map(|index| {
                    self.as_child((self.unit.calls().clang_Cursor_getArgument)(self.raw, index))
                })
                .collect()
        }
    }

    /// The operator of a [`Kind::Binary`] expression.
    pub fn binary_operator(self) -> BinaryOperator {
        // SAFETY: see `name`; `Library::load` has checked that the function exists.
        BinaryOperator::new(unsafe { sys::clang_getCursorBinaryOperatorKind(self.raw) })
    }

    /// The operator of a [`Kind::Unary`] expression.
    pub fn unary_operator(self) -> UnaryOperator {
        // SAFETY: see `binary_operator`.
        UnaryOperator::new(unsafe { sys::clang_getCursorUnaryOperatorKind(self.raw) })
    }

    /// Whether the struct or union has no name and is not a typedef's.
    pub fn is_anonymous_record(self) -> bool {
        // SAFETY: see `name`.
        unsafe { sys::clang_Cursor_isAnonymous(self.raw) != 0 }
    }

    /// Offset of a field in its record in bits; `None` if the record is incomplete or the like.
    pub fn field_offset(self) -> Option<u64> {
        // SAFETY: see `name`.
        u64::try_from(unsafe { sys::clang_Cursor_getOffsetOfField(self.raw) }).ok()
    }

    /// Width of a bit-field; `None` for other fields.
    pub fn bit_width(self) -> Option<u32> {
        // SAFETY: see `name`.
        unsafe {
            if sys::clang_Cursor_isBitField(self.raw) == 0 {
                return None;
            }
            u32::try_from(sys::clang_getFieldDeclBitWidth(self.raw)).ok()
        }
    }

    /// The integer type of an enumeration.
    pub fn enum_type(self) -> Type<'u> {
        // SAFETY: see `name`.
        Type { raw: unsafe { sys::clang_getEnumDeclIntegerType(self.raw) }, unit: self.unit }
    }

    /// The value of an enumerator.
    pub fn enumerator_value(self) -> i64 {
        // SAFETY: see `name`.
        unsafe { sys::clang_getEnumConstantDeclValue(self.raw) }
    }

    /// The value of an integer constant expression.
    pub fn integer(self) -> Option<i64> {
        // SAFETY: see `name`; the result is disposed of once.
        unsafe {
            let result = sys::clang_Cursor_Evaluate(self.raw);
            if result.is_null() {
                return None;
            }
            let is_integer = sys::clang_EvalResult_getKind(result) == sys::CXEval_Int;
            let value = is_integer.then(|| sys::clang_EvalResult_getAsLongLong(result));
            sys::clang_EvalResult_dispose(result);
            value
        }
    }

    /// The initialiser of a variable.
    pub fn initialiser(self) -> Option<Cursor<'u>> {
        // SAFETY: see `name`.
        self.as_child(unsafe { sys::clang_Cursor_getVarDeclInitializer(self.raw) })
    }

    /// Whether a macro definition has parameters.
    pub fn is_function_like_macro(self) -> bool {
        // SAFETY: see `name`.
        unsafe { sys::clang_Cursor_isMacroFunctionLike(self.raw) != 0 }
    }

    /// Place of the name (of the operator, for expressions).
    #[inline]
    pub fn location(self) -> Location<'u> {
        // SAFETY: see `name`.
        let raw = unsafe { (self.unit.calls().clang_getCursorLocation)(self.raw) };
        Location::new(raw, self.unit)
    }

    /// Place of the first token.
    #[inline]
    pub fn start(self) -> Location<'u> {
        self.edges().0
    }

    /// Place behind the last token, as far as it is in a file: for tokens from macro bodies see
    /// [`Location`].
    pub fn end(self) -> Location<'u> {
        self.edges().1
    }

    /// Both; libclang works the extent out anew each time.
    #[inline]
    fn edges(self) -> (Location<'u>, Location<'u>) {
        let calls = self.unit.calls();
        // SAFETY: see `name`.
        let extent = unsafe { (calls.clang_getCursorExtent)(self.raw) };
        // SAFETY: an extent of a living unit.
        let start = unsafe { (calls.clang_getRangeStart)(extent) };
        // SAFETY: as above.
        let end = unsafe { (calls.clang_getRangeEnd)(extent) };
        (Location::new(start, self.unit), Location::new(end, self.unit))
    }

    /// The extent in one file, macros taken at their place of use.
    pub fn expansion_span(self) -> Option<Span> {
        let (start, end) = self.edges();
        let (start, end) = (start.expansion()?, end.expansion()?);
        (start.file == end.file && start.offset <= end.offset)
            .then_some(Span { file: start.file, range: start.offset..end.offset })
    }
}

impl PartialEq for Cursor<'_> {
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: any two cursors may be compared.
        unsafe { (self.unit.calls().clang_equalCursors)(self.raw, other.raw) != 0 }
    }
}

impl Eq for Cursor<'_> {}

impl Hash for Cursor<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // SAFETY: any cursor may be hashed; equal cursors have equal hashes.
        unsafe { (self.unit.calls().clang_hashCursor)(self.raw) }.hash(state);
    }
}
