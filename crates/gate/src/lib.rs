//! Call gates: from a plan of crossings to the assembly of `libcallgates.so`.
//!
//! A [`Program`] lists the functions that cross compartments and who calls them how. [`assembly`]
//! turns it into text: one *direct gate* per caller, function and kind of call, one *entry stub* per
//! function that is called through pointers, and the tables the runtime fills. Instructions are typed
//! values ([`insn::Insn`]) until the last step.
//!
//! # What every gate guarantees
//! - One WRPKRU in, one out, and two more for each further 128 bytes (256 with AVX) that do not fit
//!   spare registers; never two private keys open. Each is followed by a comparison.
//! - Everything that must hold is checked *behind* the WRPKRU: an attacker can jump past the rest.
//! - The way in and the way back both need the pair's secret, which only caller and target can read,
//!   and a thread block with the entered compartment's cookie; the way back also needs the frame of
//!   this very call at the top of the caller's stack.
//! - Nothing read from memory that the callee can write is used with the caller's rights.
//! - Registers that do not carry an argument (result) are cleared on the way in (out), and padding in
//!   those that do; flags and control words have the values that the ABI promises.
//!
//! `docs/gates.md` says the same at length, with pictures.

pub mod debug_info;
mod direct;
pub mod insn;
mod library;
mod masks;
mod program;
mod scrub;
mod stub;
mod switch;
mod symbol;

pub use insn::Scrub;
pub use library::{assembly, assembly_with};
pub use program::{
    Call, CallIndex, Crossing, Function, FunctionIndex, NO_TYPE, Program, Stub, Target,
    gate_symbol, stub_symbol,
};
pub use switch::Switch;

use abi::Signature;

/// Why no gate can be made for a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unsupported {
    /// More bytes than any stack should hold.
    #[error("{0} bytes cross with each call, the limit is {LARGEST}")]
    TooLarge(u64),
}

/// The most bytes of arguments on the stack, or of a result, that a gate carries.
pub const LARGEST: i32 = 1 << 28;

/// Whether a gate can be made for calls of this kind.
///
/// # Errors
/// What stands in the way.
pub fn check(signature: &Signature) -> Result<(), Unsupported> {
    direct::check(signature)
}

/// The assembler symbol whose value says how much gates clear ([`Scrub::number`]). [`assembly`] needs
/// it defined in front.
pub const SCRUB_LEVEL: &str = ".Lia2_scrub_level";

/// Its definition.
pub fn scrub_level(scrub: Scrub) -> String {
    format!(".set {SCRUB_LEVEL}, {}", scrub.number())
}
