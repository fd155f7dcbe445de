//! The thread block: one page per compartment and thread, each page with its compartment's key.
//!
//! The block is the thread-local storage of `libcallgates.so`, symbol [`SYMBOL`], reached by the
//! initial-exec model: page `k` of the running thread is at
//! `%fs:(ia2_thread_block@GOTTPOFF + k * PAGE_SIZE)`. A page is zero when a thread starts; a zero
//! [`STACK_POINTER`] means that the compartment has no stack in this thread yet.

use crate::PAGE_SIZE;

/// The thread-local symbol of the block, defined by `libcallgates.so`.
pub const SYMBOL: &str = "ia2_thread_block";

/// The stack pointer of the compartment while another one runs, 8 bytes. Also has the symbol
/// `ia2_stackptr_<k>`. It is 8 modulo 16: a gate pushes one word before it calls. Zero before the
/// compartment has a stack in this thread, [`RUNNING`] while it runs.
pub const STACK_POINTER: usize = 0;
/// The stack pointer of a compartment that runs, sign-extended to 8 bytes: an address of the kernel,
/// so that whoever would use the stack a second time faults. That can only be another thread whose
/// `%fs` was moved to this thread's block.
pub const RUNNING: i32 = -0x7fff_fff8;
/// One past the highest usable address of the compartment's stack in this thread, 8 bytes.
pub const STACK_HIGH: usize = 8;
/// Lowest usable address of the compartment's stack in this thread, 8 bytes.
pub const STACK_LOW: usize = 16;
/// The compartment's cookie ([`crate::vault::COOKIE`]), 8 bytes, once it has a stack in this thread.
/// Only the compartment itself can have written it, so a gate that finds it knows that `%fs` points
/// to a thread block: `wrfsbase` moves `%fs` anywhere.
///
/// The address is deliberately misaligned, inside one cache line: where the CPU checks alignment, a
/// gate that runs with EFLAGS.AC set stops at its first access here, before it has used any secret,
/// and the runtime clears the flag.
pub const COOKIE: usize = 33;

/// How many more calls this compartment may make to `target` in this thread, 8 bytes; the gate
/// counts down and takes what remains as the nonce of the call, so no two pending calls have the
/// same. Zero until this compartment has seen that `target` has a stack in this thread.
pub const fn calls_left(target: pkru::Pkey) -> usize {
    PERMISSIVE + PERMISSIVE_SIZE + 8 * target.index()
}

/// Only on page 0, whose key is 0: whether system calls of this thread are intercepted, 1 byte
/// (prctl(2), `PR_SET_SYSCALL_USER_DISPATCH`). Used in permissive mode alone.
pub const SELECTOR: usize = 64;
/// Only on page 0: what permissive mode keeps for the running thread, [`PERMISSIVE_SIZE`] bytes.
pub const PERMISSIVE: usize = 128;
/// See [`PERMISSIVE`].
pub const PERMISSIVE_SIZE: usize = 2048;

/// What a thread keeps of the compartment's heap, [`HEAP_SIZE`] bytes from the start of a cache line;
/// belongs to `libpartition-alloc.so` alone, which finds it zero.
pub const HEAP: usize = calls_left(pkru::Pkey::MAX) + 8;
/// See [`HEAP`].
pub const HEAP_SIZE: usize = 1024;

/// Lowest address of the stack that the program has chosen for the compartment's signal handlers
/// (sigaltstack(2)), 8 bytes.
pub const ALTERNATE_LOW: usize = HEAP + HEAP_SIZE;
/// Size of that stack in bytes, 8 bytes; zero if there is none.
pub const ALTERNATE_SIZE: usize = ALTERNATE_LOW + 8;
/// The kernel's number of the thread, 4 bytes, once the compartment has a stack in it. Tells the
/// thread block of another thread, to which `%fs` was moved.
pub const THREAD_ID: usize = ALTERNATE_SIZE + 8;

/// Only on page 0: how many slots of an arena each stack of this thread takes, 4 bytes; zero is one.
/// As untrusted as compartment 0: it decides about sizes alone.
pub const SLOTS_WANTED: usize = THREAD_ID + 4;
/// Address of the thread's storage for objects that were loaded late, in the compartment's private
/// memory, 8 bytes.
pub const LATE_STORAGE: usize = SLOTS_WANTED + 4;
/// How many calls of dlopen(3) are at work in this thread that may load an object of the compartment,
/// 4 bytes.
pub const LATE_EXPECTED: usize = LATE_STORAGE + 8;
/// While the thread ends and the compartment unwinds its stack: the C library's record of where that is
/// to end, [`ENDING_SIZE`] bytes.
pub const ENDING: usize = LATE_EXPECTED + 8;
/// See [`ENDING`].
pub const ENDING_SIZE: usize = 104;
/// Only on page 0: what the C library has written down as the thread's outermost cleanup handler, while
/// something else stands there, 8 bytes. As untrusted as the C library's own memory.
pub const OUTERMOST: usize = ENDING + ENDING_SIZE;

const _: () = assert!(HEAP.is_multiple_of(64) && ENDING.is_multiple_of(8));
const _: () = assert!(OUTERMOST + 8 <= PAGE_SIZE);

/// Offset of a compartment's page in the block.
pub const fn page(compartment: pkru::Pkey) -> usize {
    compartment.index() * PAGE_SIZE
}

/// Words at the top of every stack, from the initial stack pointer up, all of them the address of a
/// trap, so that a forged return into an idle compartment finds no frame there. An odd number, for
/// the alignment of [`STACK_POINTER`].
pub const TRAP_WORDS: usize = 17;
