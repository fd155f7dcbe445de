//! Addresses of the sections that other parts of the program define.

use layout::callgates::{Callgates, Function, Gate};

unsafe extern "C" {
    /// Descriptor of `libcallgates.so`.
    #[link_name = "ia2_callgates"]
    static CALLGATES: Callgates;
    /// The vault: `layout::vault`.
    #[link_name = "ia2_vault"]
    static VAULT: u8;
}

/// The descriptor of `libcallgates.so`.
pub(crate) fn callgates() -> &'static Callgates {
    // SAFETY: a constant of a library that stays loaded, relocated before the runtime starts.
    unsafe { &CALLGATES }
}

/// The functions that gates and stubs call, in the order of the gates' table.
pub(crate) fn functions() -> &'static [Function] {
    let gates = callgates();
    // SAFETY: the descriptor names an array of that length in its own library.
    unsafe { core::slice::from_raw_parts(gates.functions, gates.function_count) }
}

/// The direct gates, in ascending order.
pub(crate) fn gates() -> &'static [Gate] {
    let described = callgates();
    // SAFETY: as above.
    unsafe { core::slice::from_raw_parts(described.gates, described.gate_count) }
}

/// Address of the vault.
pub(crate) fn vault() -> usize {
    (&raw const VAULT) as usize
}
