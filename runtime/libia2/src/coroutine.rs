//! Coroutines: stacks that the program has made itself (makecontext(3)).
//!
//! A signal may interrupt code on such a stack. Its compartment is then told by PKRU, which stands in the
//! kernel's frame ([`crate::signal`]); and that must be on the alternate stack, because a frame on the
//! interrupted stack cannot be read before it is known whose it is. From Linux 6.12 on frames are on
//! the interrupted stack otherwise, so the first coroutine changes where they go.

use core::arch::naked_asm;
use core::mem::offset_of;

use layout::vault::{OTHER_STACKS, SIGNALS, pages};
use libc::SA_ONSTACK;
use pkru::Pkey;

use crate::interpose::Name;
use crate::sealed::{SEALED, Sealed};
use crate::{handler, ids, signal_entry};

fn flag() -> *mut u8 {
    (ids::vault() + pages(Pkey::UNTRUSTED) + OTHER_STACKS) as *mut u8
}

/// Whether the program has stacks of its own making.
pub(crate) fn in_use() -> bool {
    // SAFETY: a byte of the vault.
    unsafe { flag().read_volatile() != 0 }
}

/// Sends all signal frames to the alternate stack from now on.
extern "C" fn prepare() {
    if in_use() {
        return;
    }
    // SAFETY: a byte of the vault.
    unsafe { flag().write_volatile(1) };
    for signal in 1..=SIGNALS as i32 {
        if let Ok(mut action) = handler::exchange_action(signal, None)
            && signal_entry::pkey_of(action.handler).is_some()
            && action.flags & SA_ONSTACK as u64 == 0
        {
            action.flags |= SA_ONSTACK as u64;
            let _ = handler::exchange_action(signal, Some(&action));
        }
    }
}

/// makecontext(3): prepares for signals, then goes on in the original with all its arguments.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn makecontext() {
    naked_asm!(
        "endbr64",
        "push rdi", "push rsi", "push rdx", "push rcx", "push r8", "push r9", "push rax",
        "call {prepare}",
        "pop rax", "pop r9", "pop r8", "pop rcx", "pop rdx", "pop rsi", "pop rdi",
        "mov r11, [rip + {sealed} + {originals}]",
        "jmp [r11 + 8 * {name}]",
        prepare = sym prepare,
        sealed = sym SEALED,
        originals = const offset_of!(Sealed, originals),
        name = const Name::makecontext as usize,
    )
}
