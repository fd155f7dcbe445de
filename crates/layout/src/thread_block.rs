//! The thread block: one page per compartment and thread, each page with its compartment's key.
//!
//! The block is the thread-local storage of `libcallgates.so`, symbol `ia2_thread_block`, reached by
//! the initial-exec model: page `k` of the running thread is at
//! `%fs:(ia2_thread_block@GOTTPOFF + k * PAGE_SIZE)`. It is zero when a thread starts; a zero
//! [`STACK_POINTER`] means the compartment has not run in this thread and has no stack here yet.
//!
//! ```text
//! page k  +0      ┌──────────────────────────────┐
//!                 │ bootstrap stack, used while  │  grows down from FIELDS
//!                 │ the real stack is made       │
//!  FIELDS ─────►  ├──────────────────────────────┤
//!                 │ stack pointer, stack bounds, │
//!                 │ the heap's thread cache      │
//!  PAGE_SIZE ──►  └──────────────────────────────┘
//! ```

use crate::PAGE_SIZE;

/// The thread-local symbol of the block, defined by `libcallgates.so`.
pub const SYMBOL: &str = "ia2_thread_block";

/// Offset of the first field in a page. Everything below is the bootstrap stack.
pub const FIELDS: usize = PAGE_SIZE - 128;

/// The stack pointer of the compartment while it is not running; also `ia2_stackptr_<k>`. 8 bytes.
pub const STACK_POINTER: usize = FIELDS;
/// Lowest usable address of the compartment's stack in this thread. 8 bytes.
pub const STACK_LOW: usize = FIELDS + 8;
/// One past the highest usable address of that stack. 8 bytes.
pub const STACK_HIGH: usize = FIELDS + 16;
/// The heap's thread cache; belongs to `libpartition-alloc.so` alone, which finds it zero. 8 bytes.
pub const HEAP_LOCAL: usize = FIELDS + 24;

/// Offset of a page in the block.
pub const fn page(compartment: pkru::Pkey) -> usize {
    compartment.index() * PAGE_SIZE
}
