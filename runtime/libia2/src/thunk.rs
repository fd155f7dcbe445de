//! Addresses that stand for entering a hook.

use core::arch::naked_asm;

use crate::enter::{MAX_HOOKS, ia2_enter};

/// One small function per hook that enters it, for places where only an address can be put.
#[unsafe(naked)]
unsafe extern "C" fn thunks() {
    naked_asm!(
        ".set .Lia2_hook, 0",
        ".rept {count}",
        ".p2align 4",
        "endbr64",
        "mov r10d, offset .Lia2_hook",
        "jmp {enter}",
        ".set .Lia2_hook, .Lia2_hook + 1",
        ".endr",
        count = const MAX_HOOKS,
        enter = sym ia2_enter,
    )
}

/// Address of the function that enters this hook.
pub(crate) fn thunk(hook: usize) -> usize {
    const SIZE: usize = 16;
    assert!(hook < MAX_HOOKS);
    thunks as *const () as usize + hook * SIZE
}

/// Enters a hook.
///
/// # Safety
/// The arguments are what the hook's body expects.
pub(crate) unsafe fn enter(hook: usize, arguments: [usize; 3]) -> usize {
    // SAFETY: the thunk passes its arguments through to the body.
    let thunk: extern "C" fn(usize, usize, usize) -> usize =
        unsafe { core::mem::transmute(thunk(hook)) };
    let [a, b, c] = arguments;
    thunk(a, b, c)
}
