//! Why a call cannot be described.

use std::fmt;

use ctype::Float;

use crate::{Compiler, Target};

/// The call cannot be described, so no gate may be made for it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{subject}: {reason}")]
pub struct Unsupported {
    /// Which part of the call.
    pub subject: Subject,
    /// What about it.
    pub reason: Reason,
}

/// A part of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Subject {
    /// The function type as a whole.
    Function,
    /// The result.
    Result,
    /// The argument with this index, from 0.
    Argument(usize),
}

impl fmt::Display for Subject {
    /// Counts arguments from 1, as compilers do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Function => f.write_str("the function type"),
            Subject::Result => f.write_str("the result"),
            Subject::Argument(index) => write!(f, "argument {}", index + 1),
        }
    }
}

/// What cannot be described.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Reason {
    /// `ms_abi`, `vectorcall`, …
    #[error("its calling convention is not the one of the System V x86-64 ABI")]
    Convention,
    /// The version is older than any whose rules are known.
    #[error(
        "how {0} makes calls is not known; gcc {gcc} or clang {clang} and later are",
        gcc = Compiler::OLDEST_GCC,
        clang = Compiler::OLDEST_CLANG
    )]
    UnknownCompiler(Compiler),
    /// Arguments beyond the parameters of a prototype without `...`.
    #[error("the call has {given} arguments, the prototype {declared} parameters and no `...`")]
    TooManyArguments {
        /// Parameters of the prototype.
        declared: usize,
        /// Arguments of the call.
        given: usize,
    },
    /// An argument that the default argument promotions would change, where they apply.
    #[error("an argument without a parameter must have a type as the default promotions leave it")]
    NotPromoted,
    /// `void`, a function or an array has no value to pass.
    #[error("a value of this type cannot be passed")]
    NotAValue,
    /// A struct, union or enumeration that is only declared.
    #[error("the type is incomplete")]
    Incomplete,
    /// An array whose length is not constant.
    #[error("the type contains an array of variable length")]
    VariableLength,
    /// An object so large that its stack offset has no name.
    #[error("the value is larger than 2 GiB")]
    TooLarge,
    /// A floating type the compiler does not have.
    #[error("{1} has no `{name}`", name = .0.keyword())]
    NoSuchFloat(Float, Compiler),
    /// `_BitInt` where the compiler does not have it.
    #[error("{0} has no `_BitInt`")]
    NoBitInt(Compiler),
    /// A vector whose elements or number of elements no rule is known for.
    #[error("vectors of this element type and length are not known to be passed in a fixed way")]
    Vector,
    /// `_Complex` of a type that is neither a floating nor an integer type.
    #[error("`_Complex` of this element type is not known")]
    Complex,
    /// `_Atomic` of a type that no rule is known for.
    #[error("`_Atomic` of this type is not known to be passed in a fixed way")]
    Atomic,
    /// gcc does not pad atomic types, so the layout in the type table is not gcc's.
    #[error(
        "gcc and clang give `_Atomic` of a type of {size} bytes different sizes, and the known \
         layout is clang's"
    )]
    AtomicLayout {
        /// Size of the type without `_Atomic`.
        size: u64,
    },
    /// The layout contradicts itself, such as a member outside its struct.
    #[error("the recorded layout of the type is not possible")]
    Layout,
    /// The compiler's own rule loses bytes of the value.
    #[error("{0} does not pass all bytes of this type")]
    Lossy(Target),
}
