//! The machine under the runtime: raw system calls and RDPKRU.
//!
//! The runtime must not call libc (it starts before libc does, and libc's state is shared by all
//! compartments), so it asks the kernel directly. **WRPKRU is deliberately absent**: it may only be
//! part of a whole transition written in assembly, never a function that compiled code can be moved
//! across.
#![no_std]

pub mod syscall;

use pkru::{Pkey, Pkru};

/// The PKRU value of the running thread.
///
/// # Panics
/// Never; but raises SIGILL where the CPU or kernel has no protection keys (SDM volume 2, RDPKRU),
/// which the runtime checks before it starts.
#[inline(always)]
pub fn read_pkru() -> Pkru {
    let bits: u32;
    // SAFETY: RDPKRU only reads a register; ECX must be 0, EDX is cleared. It is not marked `pure`,
    // so it is neither merged with nor moved across a gate call.
    unsafe {
        core::arch::asm!("xor ecx, ecx", "rdpkru", out("ecx") _, out("eax") bits, out("edx") _,
            options(nomem, nostack));
    }
    Pkru::from_bits(bits)
}

/// The compartment that is running, or `None` if PKRU holds a value no gate ever loads.
#[inline(always)]
pub fn running_compartment() -> Option<Pkey> {
    read_pkru().compartment()
}
