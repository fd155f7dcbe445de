//! Call gates: from a plan of crossings to the assembly of `libcallgates.so`.
//!
//! A [`Program`] lists the functions that cross compartments and who calls them how. [`assembly`]
//! turns it into text: one *direct gate* per caller and function, one *entry stub* per function that
//! is called through pointers, and the tables the runtime fills. Instructions are typed values
//! ([`insn::Insn`]) until the last step.
//!
//! # What every gate guarantees
//! - One WRPKRU in, one out, never two private keys open. Each is followed by a comparison.
//! - Everything that must hold is checked *behind* the WRPKRU: an attacker can jump past the rest.
//! - The way in and the way back both need the pair's secret, which only caller and target can read;
//!   the way back also needs this gate's frame at the top of the caller's stack.
//! - Nothing read from memory that the callee can write is used with the caller's rights.
//! - Registers that do not carry an argument (result) are cleared on the way in (out).

mod direct;
pub mod insn;
mod library;
mod stub;

pub use library::assembly;

use std::fmt;

use abi::{ResultPlace, Signature};
use pkru::Pkey;

/// Index of a function in [`Program::functions`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FunctionIndex(pub usize);

/// A function that is called across compartments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// What its object registers at start; with [`Function::pkey`] unique in the program.
    pub id: u64,
    /// Name in C, for symbols and messages.
    pub name: String,
    /// Compartment that defines it.
    pub pkey: Pkey,
    /// Tells functions of the same name and compartment apart: empty for external functions, the
    /// source file for static ones. Letters, digits and underscores.
    pub scope: String,
    /// How it is called.
    pub signature: Signature,
}

/// A direct gate: this compartment calls that function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Crossing {
    /// Who calls.
    pub caller: Pkey,
    /// What is called; of another compartment.
    pub function: FunctionIndex,
}

/// An address that any compartment may call: what an opaque function pointer points to, or the
/// `__wrap_` symbol of a function for callers that were not compiled with the generated header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stub {
    /// Its symbol.
    pub symbol: String,
    /// Hash of the pointer type; [`NO_TYPE`] if no opaque pointer may point here.
    pub type_hash: u64,
    /// What the call of each compartment that may call it leads to.
    pub slots: Vec<(Pkey, FunctionIndex)>,
}

/// The hash of no type. `type_hash` in `rewrite` never gives it.
pub const NO_TYPE: u64 = 0;

/// Everything that crosses compartments in a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// The number `INIT_RUNTIME` names.
    pub highest_pkey: Pkey,
    /// All functions, in ascending order of [`Function::id`] and [`Function::pkey`].
    pub functions: Vec<Function>,
    /// Direct gates. Those that stubs need besides are added by [`assembly`].
    pub crossings: Vec<Crossing>,
    /// Entry stubs.
    pub stubs: Vec<Stub>,
}

/// Why no gate can be made for a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsupported {
    /// More bytes of arguments on the stack than the spare registers hold.
    StackArguments(u32),
    /// The result is a structure of more bytes than the spare registers hold.
    LargeResult(u64),
    /// Arguments on the stack need a greater alignment than the stack has.
    Alignment(u32),
    /// A vector wider than 16 bytes.
    WideVector,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsupported::StackArguments(bytes) => {
                write!(
                    f,
                    "{bytes} bytes of its arguments are on the stack, the limit is {SPARE_BYTES}"
                )
            }
            Unsupported::LargeResult(bytes) => {
                write!(f, "its result has {bytes} bytes, the limit is {SPARE_BYTES}")
            }
            Unsupported::Alignment(bytes) => {
                write!(
                    f,
                    "an argument or its result must be aligned to {bytes} bytes, the limit is 16"
                )
            }
            Unsupported::WideVector => {
                f.write_str("it takes or returns a vector of more than 16 bytes")
            }
        }
    }
}

/// Bytes that travel in the spare vector registers, xmm8 to xmm15.
pub const SPARE_BYTES: u32 = 8 * 16;

/// Whether a gate can be made for calls of this kind.
///
/// # Errors
/// What stands in the way.
pub fn check(signature: &Signature) -> Result<(), Unsupported> {
    if signature.stack_bytes > SPARE_BYTES {
        return Err(Unsupported::StackArguments(signature.stack_bytes));
    }
    if signature.stack_align > 16 {
        return Err(Unsupported::Alignment(signature.stack_align));
    }
    if let ResultPlace::Memory { size, align, .. } = &signature.result {
        if *size > u64::from(SPARE_BYTES) {
            return Err(Unsupported::LargeResult(*size));
        }
        if *align > 16 {
            return Err(Unsupported::Alignment(u32::try_from(*align).unwrap_or(u32::MAX)));
        }
    }
    let mut live = signature.argument_registers();
    live.extend(signature.result_registers());
    let wide =
        |live: &abi::Live| matches!(live.register, abi::Register::Vector(_)) && live.bytes > 16;
    if live.iter().any(wide) {
        return Err(Unsupported::WideVector);
    }
    Ok(())
}

/// Symbol of the direct gate by which `caller` calls the function.
pub fn gate_symbol(caller: Pkey, function: &Function) -> String {
    format!("ia2_{caller}_to_{}", scoped_name(function))
}

/// Symbol of the function's entry stub for pointers of its own type.
pub fn stub_symbol(function: &Function) -> String {
    format!("ia2_fn_{}", scoped_name(function))
}

fn scoped_name(Function { pkey, scope, name, .. }: &Function) -> String {
    if scope.is_empty() { format!("{pkey}_{name}") } else { format!("{pkey}_{scope}_{name}") }
}
