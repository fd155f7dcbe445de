//! Random callers and callees that call each other through gates.
//!
//! A seed gives a [`program::Program`]: types, functions of three compartments, and which compartment
//! can call which of them how. Each compartment is compiled by gcc or clang with flags of its own, so
//! caller and callee are different compilers' work as often as not. The functions know what they
//! must be passed, because values follow from a seed that travels beside the call; they check it, call
//! others in turn, and return what the caller expects.
//!
//! The same program runs with real protection keys, or natively with gates that only remember what
//! they would have written to PKRU ([`toolchain::Protection`]). Every failure names its seed, and
//! `abi-fuzz --seed N` repeats it.

pub mod config;
pub mod emit;
pub mod function;
pub mod golden;
pub mod program;
pub mod random;
pub mod record;
pub mod toolchain;
pub mod types;
pub mod values;
