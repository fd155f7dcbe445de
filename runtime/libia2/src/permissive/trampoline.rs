//! Code that runs in the program's place: the only system calls that are not intercepted, and copies
//! of string instructions.

use core::arch::naked_asm;
use core::mem::offset_of;

use layout::trap::Trap;
use linux_raw_sys::general::__NR_rt_sigreturn;

use crate::sealed::{SEALED, Sealed};

/// Number of places in the program that can have a trampoline of their own.
pub(super) const SITES: usize = 256;
/// Bytes of one.
const SITE_SIZE: usize = 32;
const STRING_SIZE: usize = 16;

/// Address of the first trampoline: [`code`], aligned.
fn base() -> usize {
    (code as *const () as usize).next_multiple_of(SITE_SIZE)
}

/// The range of addresses with all of them, and its length.
pub(super) fn range() -> (usize, usize) {
    (base(), (SITES + 2) * SITE_SIZE)
}

/// Address of the trampoline of a place: makes the system call, then goes on at the address in the
/// place's slot of [`super::calls::Sites`]. It uses what the kernel overwrites anyway: rcx and flags.
pub(super) fn of_site(site: usize) -> usize {
    assert!(site < SITES);
    base() + site * SITE_SIZE
}

/// Address of the trampoline that traps when the call is done.
pub(super) fn trapping() -> usize {
    base() + SITES * SITE_SIZE
}

/// Where signal handlers of the runtime return to (sigreturn(2)).
pub(crate) fn restorer() -> usize {
    base() + (SITES + 1) * SITE_SIZE
}

/// All trampolines, each [`SITE_SIZE`] bytes. Behind a call that failed with EFAULT, `rcx` is the
/// address of the place's slot. The last is written as unwinders know it.
#[unsafe(naked)]
unsafe extern "C" fn code() {
    naked_asm!(
        ".p2align 5",
        ".set .Lia2_site, 0",
        ".rept {sites}",
        ".p2align 5",
        "syscall",
        "mov rcx, [rip + {sealed} + {state}]",
        "lea rcx, [rcx + .Lia2_site * 8 + {slots}]",
        "cmp rax, -14",                                     // EFAULT
        "je 8f",
        "jmp [rcx]",
        ".set .Lia2_site, .Lia2_site + 1",
        ".endr",
        ".p2align 5",
        "syscall",
        "ud1 eax, [eax + {done}]",
        "8: ud1 eax, [eax + {fault}]",
        ".p2align 5",
        "mov rax, {sigreturn}",
        "syscall",
        "ud2",
        ".p2align 5",
        sites = const SITES,
        sealed = sym SEALED,
        state = const offset_of!(Sealed, permissive_state),
        slots = const offset_of!(super::State, calls),
        done = const Trap::PermissiveDone as u8,
        fault = const Trap::PermissiveFault as u8,
        sigreturn = const __NR_rt_sigreturn,
    )
}

/// The copy of a repeated string instruction that begins with these bytes, and its length.
pub(super) fn string_copy(bytes: &[u8; 3]) -> Option<(usize, usize)> {
    // In the order of `strings`.
    const KNOWN: [&[u8]; 6] = [
        &[0xf3, 0xa4],
        &[0xf3, 0xa5],
        &[0xf3, 0x48, 0xa5],
        &[0xf3, 0xaa],
        &[0xf3, 0xab],
        &[0xf3, 0x48, 0xab],
    ];
    let index = KNOWN.iter().position(|known| bytes.starts_with(known))?;
    Some((strings as *const () as usize + index * STRING_SIZE, KNOWN[index].len()))
}

#[unsafe(naked)]
unsafe extern "C" fn strings() {
    naked_asm!(
        ".irp instruction, movsb, movsd, movsq, stosb, stosd, stosq",
        ".p2align 4",
        "rep \\instruction",
        "ud1 eax, [eax + {done}]",
        ".endr",
        done = const Trap::PermissiveDone as u8,
    )
}
