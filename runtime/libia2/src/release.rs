//! The end of a thread: caches, stacks and keys go back.
//!
//! The C library keeps the memory of an ended thread (control block, thread-local storage, its own
//! stack) for the next one and writes into it, so it must get it back without keys. The last moment
//! at which code of ours runs is a destructor of thread-specific data, in the last of its rounds,
//! after everybody else's.

use core::arch::naked_asm;
use core::ffi::c_void;
use core::mem::offset_of;

use layout::PAGE_SIZE;
use layout::thread_block::{RUNNING, STACK_HIGH, STACK_LOW, STACK_POINTER, TRAP_WORDS};
use layout::trap::Trap;
use layout::vault::{STACKS_IN_USE, STRIDE, incoming, outgoing};
use pkru::Pkey;

use crate::message::Message;
use crate::sealed::{SEALED, Sealed, sealed};
use crate::switch::switch_to;
use crate::{handler, keys, permissive, thread};

/// Rounds of thread-specific data destructors (POSIX `PTHREAD_DESTRUCTOR_ITERATIONS`; glibc's value).
const ROUNDS: usize = 4;

/// Creates the key of thread-specific data. Called once, at start.
pub(crate) fn create_key() -> u32 {
    let mut key = 0;
    // SAFETY: the destructor has the signature the function asks for.
    let status = unsafe { libc::pthread_key_create(&raw mut key, Some(destructor)) };
    if status != 0 {
        Message::error("no key left for thread-specific data").stop()
    }
    key
}

/// Arranges that the running thread's end is noticed.
pub(crate) fn at_thread_end() {
    // SAFETY: the key exists since start.
    unsafe { libc::pthread_setspecific(sealed().end_key, core::ptr::without_provenance(1)) };
}

unsafe extern "C" fn destructor(round: *mut c_void) {
    let round = round.addr();
    // The C library may have come here from a cancellation point, with the rights that the thread had.
    if let Some(pkey) = sys::running_compartment().filter(|pkey| !pkey.is_untrusted()) {
        leave(pkey.number().into());
    }
    if round < ROUNDS {
        // SAFETY: as above; a value that is set again is destroyed again in the next round.
        unsafe {
            libc::pthread_setspecific(sealed().end_key, core::ptr::without_provenance(round + 1));
        }
        return;
    }
    // A handler would enter compartments that this thread has left for good.
    handler::change_mask(linux_raw_sys::general::SIG_BLOCK, !handler::SYNCHRONOUS);
    thread::end_heaps();
    release_stacks();
    keys::release_thread(sealed().objects(), thread::highest());
    if permissive::is_on() {
        permissive::release_thread();
    }
    handler::release_thread();
}

/// Goes on with the rights of compartment 0, where it is, and leaves the running compartment (`edi`)
/// idle: the frames on its stack are gone, and those of compartment 0 as well.
#[unsafe(naked)]
extern "C" fn leave(pkey: u64) {
    naked_asm!(
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "mov rax, {running}", "mov fs:[r11 + {stack_pointer}], rax",
        "mov ecx, edi", "imul rcx, rcx, {page}", "add r11, rcx",
        "mov rax, fs:[r11 + {stack_high}]", "sub rax, 8 * {trap_words}",
        "mov fs:[r11 + {stack_pointer}], rax",
        "xor r8d, r8d",
        switch_to!("r8d"),
        // Who jumped in behind the first of these instructions chose r8d, and returns to itself.
        "test r8d, r8d", "jnz 91f",
        "xor r11d, r11d", "xor eax, eax", "xor edi, edi",
        "ret",
        "91: ud1 eax, [eax + {trap_pkru}]",
        running = const RUNNING,
        page = const PAGE_SIZE,
        stack_pointer = const STACK_POINTER,
        stack_high = const STACK_HIGH,
        trap_words = const TRAP_WORDS,
        trap_pkru = const Trap::Pkru as u8,
    )
}

/// Gives back all stacks of this thread.
pub(crate) fn release_stacks() {
    for pkey in Pkey::all().skip(1).filter(|&pkey| pkey <= thread::highest()) {
        release_stack(pkey.number().into());
    }
}

/// Gives the stack that a compartment (`edi`) has in this thread back to its arena. Leaves with the
/// rights of compartment 0.
///
/// Claims are checked behind the switch as in [`crate::enter::ia2_enter`]. Anybody may ask for this,
/// for their own thread, also while calls are pending on the stack, as after pthread_exit(3): they
/// cannot be returned to any more, because their stack pointer and their frames are gone.
#[unsafe(naked)]
extern "C" fn release_stack(pkey: u64) {
    naked_asm!(
        "mov r8d, edi",
        "mov r10, [rip + ia2_vault@GOTPCREL]",
        "mov r9, [r10 + r8 * 8 + {outgoing}]",
        switch_to!("r8d"),
        "mov r8d, r8d",
        "mov r10, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r8, {stride}", "add r10, rcx",
        "cmp r9, [r10 + {incoming}]", "jne 92f",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r8, {page}", "add r11, rcx",
        "mov rax, fs:[r11 + {stack_pointer}]",
        "test rax, rax", "jz 2f",
        "mov qword ptr fs:[r11 + {stack_pointer}], 0",
        // Contents first, while the slots are still ours, and the guard pages between them.
        "mov rdi, fs:[r11 + {stack_low}]", "sub rdi, {page}",
        "mov rsi, fs:[r11 + {stack_high}]", "sub rsi, rdi",
        "mov edx, {dont_need}", "mov eax, {madvise}", "syscall",
        "cmp rsi, [rip + {sealed} + {stack_slot}]", "je 1f",
        "xor edx, edx", "mov eax, {mprotect}", "syscall",
        "1:",
        "mov rax, rsi", "xor edx, edx", "div qword ptr [rip + {sealed} + {stack_slot}]",
        "mov rsi, rax",
        "mov rax, rdi",
        "mov rdx, r8", "mov rcx, [rip + {sealed} + {arena_shift}]", "shl rdx, cl",
        "sub rax, rdx", "sub rax, [rip + {sealed} + {stacks}]",
        "xor edx, edx", "div qword ptr [rip + {sealed} + {stack_slot}]",
        "3:",
        "lock btr dword ptr [r10 + {stacks_in_use}], eax",
        "inc eax", "dec esi", "jnz 3b",
        "2:",
        "xor r8d, r8d",
        switch_to!("r8d"),
        // Who jumped in behind the first of these instructions chose r8d, and returns to itself.
        "test r8d, r8d", "jnz 91f",
        "xor r9d, r9d", "xor r10d, r10d", "xor r11d, r11d", "xor eax, eax",
        "xor esi, esi", "xor edi, edi",
        "ret",
        "91: ud1 eax, [eax + {trap_pkru}]",
        "92: ud1 eax, [eax + {trap_secret}]",
        outgoing = const outgoing(Pkey::UNTRUSTED),
        incoming = const incoming(Pkey::UNTRUSTED),
        stride = const STRIDE,
        page = const PAGE_SIZE,
        stack_pointer = const STACK_POINTER,
        stack_low = const STACK_LOW,
        stack_high = const STACK_HIGH,
        mprotect = const linux_raw_sys::general::__NR_mprotect,
        stacks_in_use = const STACKS_IN_USE,
        sealed = sym SEALED,
        stack_slot = const offset_of!(Sealed, stack_slot),
        stacks = const offset_of!(Sealed, stacks),
        arena_shift = const offset_of!(Sealed, stack_arena_shift),
        dont_need = const linux_raw_sys::general::MADV_DONTNEED,
        madvise = const linux_raw_sys::general::__NR_madvise,
        trap_pkru = const Trap::Pkru as u8,
        trap_secret = const Trap::Secret as u8,
    )
}
