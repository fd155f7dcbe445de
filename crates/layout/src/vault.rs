//! The vault: two pages per compartment and process, both with the compartment's key, in
//! `libcallgates.so` (symbol [`SYMBOL`]).
//!
//! The first page holds *pair secrets*. Code that enters compartment `t` on behalf of `c` must show
//! the secret of the pair, which only those two can read: `c` in [`outgoing`], `t` in [`incoming`].
//! So code that reaches a gate's WRPKRU by jumping there, past the load of the secret, is found out
//! by the comparison behind it, whatever compartment it runs in. The page is read-only after start.
//!
//! The comparison takes in the *cookie* of the entered compartment, which stands in its page of the
//! thread block: secret, cookie and [`admission`] (on the way in) or [`readmission`] (on the way
//! back) add up to zero.
//!
//! The second page is written by the runtime while it runs as that compartment.

use pkru::Pkey;

use crate::PAGE_SIZE;

/// The symbol of the vault.
pub const SYMBOL: &str = "ia2_vault";

/// Bytes of the vault that belong to one compartment.
pub const STRIDE: usize = 2 * PAGE_SIZE;

/// Offset in `c`'s page of the secret of calls from `c` to `target`.
pub const fn outgoing(target: Pkey) -> usize {
    8 * target.index()
}

/// Offset in `t`'s page of the secret of calls from `caller` to `t`.
pub const fn incoming(caller: Pkey) -> usize {
    8 * (Pkey::COUNT + caller.index())
}

/// Where the CPU does not check alignment when EFLAGS.AC is set, as emulators do not, what secret,
/// cookie and these words add up to: not zero, so that gates take a way on which they clear the flag
/// themselves.
pub const UNCHECKED_ALIGNMENT: u64 = 1;

/// Offset in `t`'s page of what the secret of calls from `caller` and `t`'s cookie lack to zero.
pub const fn admission(caller: Pkey) -> usize {
    8 * (2 * Pkey::COUNT + caller.index())
}

/// Offset in `c`'s page of what the secret of calls to `target` and `c`'s cookie lack to zero.
pub const fn readmission(target: Pkey) -> usize {
    8 * (3 * Pkey::COUNT + target.index())
}

/// Offset of a secret that only the compartment itself knows; marks records it made.
pub const OWN: usize = 8 * 4 * Pkey::COUNT;

/// Offset of the compartment's cookie ([`crate::thread_block::COOKIE`]).
pub const COOKIE: usize = OWN + 8;

/// Offset of the second page.
pub const STATE: usize = PAGE_SIZE;

/// Offset of one bit per entry that may happen only once, [`ONCE_BITS`] of them.
pub const ONCE: usize = STATE;
/// Number of those bits.
pub const ONCE_BITS: usize = 1024;
/// Offset of one bit per slot of the compartment's stack arena, set while a thread uses the slot;
/// [`STACK_SLOTS`] of them.
pub const STACKS_IN_USE: usize = ONCE + ONCE_BITS / 8;
/// How many stacks a compartment can have at a time, one per thread.
pub const STACK_SLOTS: usize = 8192;

/// Offset of what the compartment has asked to be called for signals, [`SIGNALS`] times
/// [`HANDLER_SIZE`] bytes from signal 1 on: function, signal mask, flags.
pub const HANDLERS: usize = STACKS_IN_USE + STACK_SLOTS / 8;
/// Number of signals.
pub const SIGNALS: usize = 64;
/// Bytes of one entry.
pub const HANDLER_SIZE: usize = 24;

/// Only in compartment 0's pages, whose key is 0: for each signal that the runtime handles itself, one
/// byte, the compartment that is to be called if it is none of the runtime's affairs, plus 1. What
/// it holds is as untrusted as compartment 0: it selects among handlers that were asked for.
pub const FORWARD: usize = HANDLERS + SIGNALS * HANDLER_SIZE;

/// Offset of the address of the compartment's table of callbacks, in its private memory.
pub const CALLBACKS: usize = FORWARD + SIGNALS;
/// Only in compartment 0's pages: for each callback slot one byte, whose it is, plus 1. As untrusted as
/// compartment 0: the owner looks into its own table.
pub const CALLBACK_OWNERS: usize = CALLBACKS + 8;
/// Number of callback slots.
pub const CALLBACK_SLOTS: usize = 512;

/// Only in compartment 0's pages: one byte, not 0 if a process that is being forked has threads.
pub const FORK_HINT: usize = CALLBACK_OWNERS + CALLBACK_SLOTS;

/// Offset of the address of the compartment's table of jmp_bufs, in its private memory.
pub const JUMPS: usize = FORK_HINT + 8;

/// Only in compartment 0's pages: one byte, not 0 if stacks are in use that the runtime has not made
/// (coroutines), so that all signal frames go to the alternate stack.
pub const OTHER_STACKS: usize = JUMPS + 8;

/// Only in compartment 0's pages: address of the list of objects that were loaded late, for reports.
pub const LATE_LIST: usize = OTHER_STACKS + 8;
/// Offset of the address of the compartment's table of functions in objects that were loaded late, in
/// its private memory: one word per function that no object of the start defines.
pub const LATE_FUNCTIONS: usize = LATE_LIST + 8;
/// Offset of the address of what the compartment knows about such objects, in its private memory.
pub const LATE_RECORDS: usize = LATE_FUNCTIONS + 8;

/// Offset of the address of the first record of what the compartment has asked to be called for by
/// threads of the C library, in its private memory.
pub const NOTICES: usize = LATE_RECORDS + 8;
/// Offset of how many of those records have ended, ever.
pub const NOTICES_ENDED: usize = NOTICES + 8;

/// Offset of one byte, what gates do when the compartment calls: the kind of CPU
/// ([`crate::callgates::CPU_AVX`] and its like), and [`MXCSR_IS_DEFAULT`]. With the bit and the right
/// kind a gate takes its shortest way, which one comparison finds. A compartment that changes its own
/// byte only harms itself.
pub const REGISTERS: usize = NOTICES_ENDED + 8;
/// No code of the compartment reads or changes MXCSR: gates need not save it. Any byte with this bit is
/// above each without it.
pub const MXCSR_IS_DEFAULT: u8 = 0x80;

/// Offset of the address of the first of the functions of the C library that the compartment has looked
/// up by name, in its private memory.
pub const LOOKED_UP: usize = REGISTERS + 8;

/// First offset of the second page that is not used.
pub const FREE: usize = LOOKED_UP + 8;
const _: () = assert!(FREE <= STRIDE);

/// Offset of a compartment's pages in the vault.
pub const fn pages(compartment: Pkey) -> usize {
    compartment.index() * STRIDE
}
