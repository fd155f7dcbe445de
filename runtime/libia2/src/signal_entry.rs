//! The addresses that the kernel calls for signals: they say whose handler it is ([`crate::signal`]).

use core::arch::naked_asm;

use pkru::Pkey;

/// Bytes from one compartment's entry to the next.
const ENTRY_SIZE: usize = 16;

/// What the kernel calls: one small function per compartment.
#[unsafe(naked)]
unsafe extern "C" fn entries() {
    naked_asm!(
        ".set .Lia2_pkey, 0",
        ".rept {count}",
        ".p2align 4",
        "endbr64",
        "mov r10d, offset .Lia2_pkey",
        "jmp {deliver}",
        ".set .Lia2_pkey, .Lia2_pkey + 1",
        ".endr",
        count = const Pkey::COUNT + 1,
        deliver = sym crate::signal::deliver,
    )
}

/// Address of the function by which the kernel calls a compartment's handlers.
pub(crate) fn entry_of(pkey: Pkey) -> usize {
    (entries as *const () as usize).next_multiple_of(ENTRY_SIZE) + pkey.index() * ENTRY_SIZE
}

/// Address of the function by which the kernel calls the handler for cancellation, in whatever
/// compartment is interrupted.
pub(crate) fn entry_of_cancellation() -> usize {
    entry_of(Pkey::UNTRUSTED) + Pkey::COUNT * ENTRY_SIZE
}

/// Bit that marks its signal number.
pub(crate) const CANCELLATION: u32 = 0x100;

/// The compartment whose entry this address is.
pub(crate) fn pkey_of(entry: usize) -> Option<Pkey> {
    Pkey::all().find(|&pkey| entry_of(pkey) == entry)
}
