//! Kinds of cursors and operators.

use clang_sys as sys;

/// What a cursor stands for, as far as C is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are clang's, and C's")]
pub enum Kind {
    // Declarations.
    Struct,
    Union,
    Enum,
    Field,
    EnumConstant,
    Function,
    Variable,
    Parameter,
    Typedef,
    // Expressions.
    DeclRef,
    MemberRef,
    Call,
    IntegerLiteral,
    FloatingLiteral,
    StringLiteral,
    CharacterLiteral,
    Paren,
    Unary,
    Subscript,
    Binary,
    CompoundAssign,
    Conditional,
    CStyleCast,
    CompoundLiteral,
    InitList,
    StatementExpr,
    GenericSelection,
    /// Implicit casts, and expressions libclang has no name for.
    Unexposed,
    UnaryTypeTrait,
    // Statements.
    Compound,
    Case,
    Default,
    If,
    Switch,
    While,
    Do,
    For,
    Goto,
    IndirectGoto,
    Continue,
    Break,
    Return,
    Label,
    DeclStatement,
    Null,
    Asm,
    // References and the rest.
    TypeRef,
    MemberReference,
    LabelRef,
    MacroDefinition,
    MacroExpansion,
    Inclusion,
    Attribute,
    TranslationUnit,
    StaticAssert,
    /// Anything else, by libclang's number.
    Other(i32),
}

// libclang numbers its cursor kinds in hundreds: expressions from 100, statements from 200,
// attributes from 400 (clang-c/Index.h, CXCursorKind).
impl Kind {
    #[inline]
    pub(crate) fn new(kind: sys::CXCursorKind) -> Kind {
        match kind {
            sys::CXCursor_StructDecl => Kind::Struct,
            sys::CXCursor_UnionDecl => Kind::Union,
            sys::CXCursor_EnumDecl => Kind::Enum,
            sys::CXCursor_FieldDecl => Kind::Field,
            sys::CXCursor_EnumConstantDecl => Kind::EnumConstant,
            sys::CXCursor_FunctionDecl => Kind::Function,
            sys::CXCursor_VarDecl => Kind::Variable,
            sys::CXCursor_ParmDecl => Kind::Parameter,
            sys::CXCursor_TypedefDecl => Kind::Typedef,
            sys::CXCursor_StaticAssert => Kind::StaticAssert,
            sys::CXCursor_DeclRefExpr => Kind::DeclRef,
            sys::CXCursor_MemberRefExpr => Kind::MemberRef,
            sys::CXCursor_CallExpr => Kind::Call,
            sys::CXCursor_IntegerLiteral => Kind::IntegerLiteral,
            sys::CXCursor_FloatingLiteral => Kind::FloatingLiteral,
            sys::CXCursor_StringLiteral => Kind::StringLiteral,
            sys::CXCursor_CharacterLiteral => Kind::CharacterLiteral,
            sys::CXCursor_ParenExpr => Kind::Paren,
            sys::CXCursor_UnaryOperator => Kind::Unary,
            sys::CXCursor_ArraySubscriptExpr => Kind::Subscript,
            sys::CXCursor_BinaryOperator => Kind::Binary,
            sys::CXCursor_CompoundAssignOperator => Kind::CompoundAssign,
            sys::CXCursor_ConditionalOperator => Kind::Conditional,
            sys::CXCursor_CStyleCastExpr => Kind::CStyleCast,
            sys::CXCursor_CompoundLiteralExpr => Kind::CompoundLiteral,
            sys::CXCursor_InitListExpr => Kind::InitList,
            sys::CXCursor_StmtExpr => Kind::StatementExpr,
            sys::CXCursor_GenericSelectionExpr => Kind::GenericSelection,
            sys::CXCursor_UnexposedExpr => Kind::Unexposed,
            sys::CXCursor_UnaryExpr => Kind::UnaryTypeTrait,
            sys::CXCursor_CompoundStmt => Kind::Compound,
            sys::CXCursor_CaseStmt => Kind::Case,
            sys::CXCursor_DefaultStmt => Kind::Default,
            sys::CXCursor_IfStmt => Kind::If,
            sys::CXCursor_SwitchStmt => Kind::Switch,
            sys::CXCursor_WhileStmt => Kind::While,
            sys::CXCursor_DoStmt => Kind::Do,
            sys::CXCursor_ForStmt => Kind::For,
            sys::CXCursor_GotoStmt => Kind::Goto,
            sys::CXCursor_IndirectGotoStmt => Kind::IndirectGoto,
            sys::CXCursor_ContinueStmt => Kind::Continue,
            sys::CXCursor_BreakStmt => Kind::Break,
            sys::CXCursor_ReturnStmt => Kind::Return,
            sys::CXCursor_LabelStmt => Kind::Label,
            sys::CXCursor_DeclStmt => Kind::DeclStatement,
            sys::CXCursor_NullStmt => Kind::Null,
            sys::CXCursor_AsmStmt => Kind::Asm,
            sys::CXCursor_TypeRef => Kind::TypeRef,
            sys::CXCursor_MemberRef => Kind::MemberReference,
            sys::CXCursor_LabelRef => Kind::LabelRef,
            sys::CXCursor_MacroDefinition => Kind::MacroDefinition,
            sys::CXCursor_MacroExpansion => Kind::MacroExpansion,
            sys::CXCursor_InclusionDirective => Kind::Inclusion,
            sys::CXCursor_TranslationUnit => Kind::TranslationUnit,
            400..=499 => Kind::Attribute,
            other => Kind::Other(other),
        }
    }

    /// Whether this is an expression.
    #[inline]
    pub fn is_expression(self) -> bool {
        use Kind::{
            Binary, CStyleCast, Call, CharacterLiteral, CompoundAssign, CompoundLiteral,
            Conditional, DeclRef, FloatingLiteral, GenericSelection, InitList, IntegerLiteral,
            MemberRef, Paren, StatementExpr, StringLiteral, Subscript, Unary, UnaryTypeTrait,
            Unexposed,
        };
        match self {
            DeclRef | MemberRef | Call | IntegerLiteral | FloatingLiteral | StringLiteral
            | CharacterLiteral | Paren | Unary | Subscript | Binary | CompoundAssign
            | Conditional | CStyleCast | CompoundLiteral | InitList | StatementExpr
            | GenericSelection | Unexposed | UnaryTypeTrait => true,
            Kind::Other(number) => (100..200).contains(&number),
            _ => false,
        }
    }
}

/// Operators with two operands, as far as function pointers can be theirs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOperator {
    /// `=`
    Assign,
    /// `==`, `!=`
    Equality,
    /// `<`, `>`, `<=`, `>=`
    Relational,
    /// `&&`, `||`
    Logical,
    /// `,`
    Comma,
    /// All others.
    Other,
}

impl BinaryOperator {
    pub(crate) fn new(kind: sys::CXBinaryOperatorKind) -> BinaryOperator {
        match kind {
            sys::CXBinaryOperator_Assign => BinaryOperator::Assign,
            sys::CXBinaryOperator_EQ | sys::CXBinaryOperator_NE => BinaryOperator::Equality,
            sys::CXBinaryOperator_LT
            | sys::CXBinaryOperator_GT
            | sys::CXBinaryOperator_LE
            | sys::CXBinaryOperator_GE => BinaryOperator::Relational,
            sys::CXBinaryOperator_LAnd | sys::CXBinaryOperator_LOr => BinaryOperator::Logical,
            sys::CXBinaryOperator_Comma => BinaryOperator::Comma,
            _ => BinaryOperator::Other,
        }
    }
}

/// Operators with one operand, as far as function pointers can be theirs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOperator {
    /// `&e`
    AddressOf,
    /// `*e`
    Dereference,
    /// `!e`
    Not,
    /// `__extension__ e`
    Extension,
    /// All others.
    Other,
}

impl UnaryOperator {
    pub(crate) fn new(kind: sys::CXUnaryOperatorKind) -> UnaryOperator {
        match kind {
            sys::CXUnaryOperator_AddrOf => UnaryOperator::AddressOf,
            sys::CXUnaryOperator_Deref => UnaryOperator::Dereference,
            sys::CXUnaryOperator_LNot => UnaryOperator::Not,
            sys::CXUnaryOperator_Extension => UnaryOperator::Extension,
            _ => UnaryOperator::Other,
        }
    }
}
