//! What one translation unit has to say: everything the whole-program half needs, and nothing of the
//! compiler.
//!
//! Facts serialise, so they can be cached, made on another machine, or kept in an object file.

mod macros;

use ctype::{TypeId, Types};
use diagnostics::{Diagnostic, SourcePath, Span};
use serde::{Deserialize, Serialize};

pub use macros::{Blocked, MacroPlace, MacroPlaceKind, MacroUses};

/// The facts of one source, compiled with one command.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// The source.
    pub source: SourcePath,
    /// Number of the compartment it is compiled for.
    pub pkey: u8,
    /// How its compiler passes arguments.
    pub abi: Abi,
    /// Every file that may be rewritten: the source and the headers below the root it includes.
    pub files: Vec<SourcePath>,
    /// Parts of those files that the preprocessor left out.
    pub skipped: Vec<Span>,
    /// Directives that include a file which is included several times and expands differently.
    pub repeats: Vec<Repeat>,
    /// The parts of such files that the preprocessor did not leave out all times but one.
    pub read_again: Vec<Span>,
    /// Those of the files that are read in front of the source, because its command includes them: what the
    /// source says in its first lines comes too late for them.
    pub read_before: Vec<SourcePath>,
    /// Directives that include a header outside the root by a path relative to a file below it.
    pub leading_out: Vec<LeadingOut>,
    /// Directives that include a file below the root by a path that leads to it and not to what it
    /// becomes.
    pub leading_back: Vec<LeadingOut>,
    /// The macros that its command defines and undefines, as flags.
    pub definitions: Vec<String>,
    /// Where text can be appended to the source.
    pub end: Point,
    /// The types that the other facts refer to.
    pub types: Types,
    /// Function-pointer types that occur.
    pub pointers: Vec<Pointer>,
    /// Function-pointer types whose values are converted to others, by a cast or without.
    pub conversions: Vec<(PointerIndex, PointerIndex)>,
    /// Types of functions whose names are used as pointers of other types.
    pub casts: Vec<(PointerIndex, PointerIndex)>,
    /// Variables that other units can see.
    pub variables: Vec<Variable>,
    /// Functions that are declared, as far as they can matter to another compartment.
    pub functions: Vec<Function>,
    /// Edits, most of them for the case that certain types become opaque.
    pub edits: Vec<Edit>,
    /// Edits in macro definitions and in arguments of macros.
    pub macro_places: Vec<MacroPlace>,
    /// Uses of macros in whose definitions edits may be needed.
    pub macro_uses: Vec<MacroUses>,
    /// Uses of macros that must be written out in some cases.
    pub blocked: Vec<Blocked>,
    /// Things that stand in the way if certain types become opaque.
    pub problems: Vec<Problem>,
    /// Spots that are worth a warning if certain calls cross.
    pub risks: Vec<Risk>,
    /// Every `INIT_RUNTIME(n)`.
    pub runtimes: Vec<Numbered>,
    /// Every `IA2_COMPARTMENT` for which the init include was read.
    pub compartments: Vec<Numbered>,
    /// Where a thread-local variable is defined.
    pub thread_local: Option<Span>,
}

impl Facts {
    /// What is known of a function-pointer type.
    pub fn pointer_of_type(&self, ty: TypeId) -> Option<&Pointer> {
        self.pointers.iter().find(|pointer| pointer.ty == ty)
    }
}

/// A compiler, as far as calls are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Abi {
    /// Whether it is clang rather than gcc.
    pub is_clang: bool,
    /// Its major version.
    pub version: u16,
    /// Widest vector registers the flags allow, in bytes: 16, 32 or 64.
    pub vector_bytes: u8,
}

/// A place between two bytes of a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Point {
    /// The file.
    pub file: SourcePath,
    /// Offset in bytes.
    pub offset: u32,
}

/// Index into [`Facts::pointers`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct PointerIndex(pub u32);

/// A function-pointer type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pointer {
    /// Its name across translation units: [`Types::itanium`].
    pub name: String,
    /// The type.
    pub ty: TypeId,
    /// An expression of this type, if there is one.
    pub used: Option<Span>,
    /// A macro of ours applied to it by hand, if there is one.
    pub forced: Option<Span>,
    /// Shared data that holds one, or leads to one, if there is any.
    pub shared: Option<Span>,
    /// Where one is handed to a function of the system that may keep it.
    pub kept: Option<Span>,
    /// Where the system hands one back, if it does: it may be one that was handed to it.
    pub returned: Option<Span>,
    /// Where one is made of an address that may be that of any function.
    pub raw: Option<Span>,
    /// A call through one with a `va_list` of which it is not known what it leads to.
    pub unknown_list: Option<Span>,
    /// Calls through it, if the type does not fix the list of arguments; one per shape.
    pub calls: Vec<ShapedCall>,
}

/// Index into [`Facts::functions`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct FunctionIndex(pub u32);

/// A call of a variadic function, or of one without a prototype.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShapedCall {
    /// Name of the list of arguments that have no parameter ([`crate::shape`]).
    pub shape: String,
    /// Their types after the default promotions.
    pub arguments: Vec<TypeId>,
    /// The call.
    pub span: Span,
}

/// A variable that other units can see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variable {
    /// Name for the linker.
    pub symbol: String,
    /// Its name in its definition, if that is here.
    pub defined: Option<Span>,
    /// In front of its definition; `None` if that comes from a macro.
    pub before: Option<Point>,
    /// An expression that names it, if there is one.
    pub used: Option<Span>,
    /// Whether it is never written.
    pub is_const: bool,
    /// Whether it is shared data.
    pub is_shared: bool,
    /// Whether each thread has its own.
    pub is_thread_local: bool,
    /// Whether the dynamic linker may let this object use another's definition: it is not hidden.
    pub is_interposable: bool,
}

/// Whether a function is visible to other translation units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are C's")]
pub enum Linkage {
    External,
    Static,
}

/// A function as this unit sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    /// Name in C.
    pub name: String,
    /// Name for the linker: that in C, or of an `asm` label.
    pub symbol: String,
    /// Whether other shared objects cannot see it.
    pub is_hidden: bool,
    /// Linkage.
    pub linkage: Linkage,
    /// Its type as declared here.
    pub ty: TypeId,
    /// Its first declaration in this unit.
    pub declared: Span,
    /// Where text can be put in front of that declaration; `None` if it comes from a macro.
    pub before: Option<Point>,
    /// Its definition, if it is here.
    pub defined: Option<Definition>,
    /// A direct call, if there is one.
    pub called: Option<Span>,
    /// Whether the unit refers to it by more than `static inline` functions that it does not use: in
    /// these, a header can name functions that the object will never need.
    pub is_referred_to: bool,
    /// Direct calls, if the type does not fix the list of arguments; one per shape.
    pub calls: Vec<ShapedCall>,
    /// Whether a call copies the arguments of a `va_list`, if it crosses.
    pub copies_list: bool,
    /// A call with a `va_list` of which it is not known what it leads to, if there is one.
    pub unknown_list: Option<Span>,
    /// Where it is used as a value.
    pub taken: Vec<Taken>,
    /// Declared outside the root: not ours to rewrite.
    pub is_system: bool,
    /// Declared between `IA2_BEGIN_NO_WRAP` and `IA2_END_NO_WRAP`.
    pub no_wrap: bool,
}

/// The definition of a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Definition {
    /// Its name there.
    pub span: Span,
    /// Behind its body; `None` if that comes from a macro.
    pub after: Option<Point>,
    /// Whether the dynamic linker may let this object use another's definition: it is neither
    /// hidden nor inline, of which an object need not have one at all.
    pub is_interposable: bool,
    /// Whether it has a body, rather than standing for another function (`alias`, `ifunc`).
    pub has_body: bool,
}

/// A function name used as a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The pointer type it is used as.
    pub pointer: PointerIndex,
    /// Whether that is not the type of the function itself.
    pub is_cast: bool,
    /// Where.
    pub span: Span,
}

/// A change of the text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// By what.
    pub text: String,
    /// Which of several insertions at one place comes first.
    pub order: Order,
    /// In which case.
    pub when: When,
}

/// Order of edits at one place: what closes an inner expression comes first, then what closes outer
/// ones, then what opens outer ones, then inner ones, then what replaces the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Order {
    /// Closes an expression; the number falls with its depth in the syntax tree.
    Close(i32),
    /// Stands between two expressions.
    Between,
    /// Opens an expression; the number rises with its depth.
    Open(i32),
    /// Replaces what begins here.
    Replace,
}

/// A condition that is decided for the whole program.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum When {
    /// In any case.
    Always,
    /// If the type becomes opaque.
    Opaque(PointerIndex),
    /// If the function is in another compartment, for some of the sources that compile the place.
    Crosses(FunctionIndex),
    /// If the condition does not hold.
    Not(Box<When>),
    /// If all hold.
    All(Vec<When>),
    /// If any holds.
    Any(Vec<When>),
}

impl When {
    /// Whether the condition holds, given which types are opaque and which functions are elsewhere.
    pub fn holds(
        &self,
        opaque: &dyn Fn(PointerIndex) -> bool,
        crosses: &dyn Fn(FunctionIndex) -> bool,
    ) -> bool {
        match self {
            When::Always => true,
            When::Opaque(pointer) => opaque(*pointer),
            When::Crosses(function) => crosses(*function),
            When::Not(when) => !when.holds(opaque, crosses),
            When::All(all) => all.iter().all(|when| when.holds(opaque, crosses)),
            When::Any(any) => any.iter().any(|when| when.holds(opaque, crosses)),
        }
    }
}

/// A diagnostic that matters only if its condition holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// When it matters.
    pub when: When,
    /// What to say.
    pub diagnostic: Diagnostic,
}

/// An `#include` that leads out of what is rewritten, or into it from outside, by a path that does not
/// lead to the same from where the output is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct LeadingOut {
    /// The directive.
    pub span: Span,
    /// The path in it.
    pub spelled: String,
    /// What it includes.
    pub included: SourcePath,
}

/// An `#include` of a file that a source includes several times, with other macros each time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Repeat {
    /// The directive, without the end of its last line; empty if it cannot be replaced by text.
    pub directive: Span,
    /// What it includes.
    pub included: SourcePath,
}

/// A spot that may not do what is expected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Risk {
    /// What is risky.
    pub kind: RiskKind,
    /// Where.
    pub span: Span,
}

/// What may not do what is expected; functions are indices into [`Facts::functions`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RiskKind {
    /// The address of a variable that is not shared is passed to a function.
    PrivatePointer {
        /// The function that is called.
        function: usize,
        /// The variable.
        name: String,
    },
    /// `errno` is looked at after a call.
    Errno {
        /// The function that was called last before.
        function: usize,
    },
    /// A cast between function-pointer types.
    Cast {
        /// From this type.
        from: PointerIndex,
        /// To this one.
        to: PointerIndex,
    },
}

/// A number that the source declares.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Numbered {
    /// The number.
    pub number: i64,
    /// Where.
    pub span: Span,
}
