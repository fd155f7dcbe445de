//! Entering a compartment from wherever the program is: the gate for rare crossings.
//!
//! Calls between compartments go through generated gates, one per caller, target and function. The
//! runtime's own crossings (constructors, `main`, threads, destructors) are few and come from any
//! compartment, so one gate, [`ia2_enter`], serves them all: it finds the caller by RDPKRU and the
//! target in the sealed table of [`Hook`]s. It gives the same guarantees, see `threats` in the
//! documentation: everything an attacker could have prepared is checked *behind* each WRPKRU.

use core::arch::naked_asm;
use core::mem::offset_of;

use layout::thread_block::{
    COOKIE, RUNNING, SLOTS_WANTED, STACK_HIGH, STACK_LOW, STACK_POINTER, THREAD_ID, TRAP_WORDS,
};
use layout::trap::Trap;
use layout::vault::{ONCE, STACKS_IN_USE};
use layout::{PAGE_SIZE, vault};
use pkru::{Pkey, Pkru};

use crate::sealed::{SEALED, Sealed};
use crate::switch::{FLOAT_DEFAULTS, clear_vectors, switch_to};

/// What runs in the compartment: up to three arguments of the caller and the hook's own.
pub(crate) type Body = unsafe extern "C" fn(usize, usize, usize, usize) -> usize;

/// A way into a compartment.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Hook {
    /// What to call there.
    pub(crate) body: Option<Body>,
    /// Fourth argument of the body.
    pub(crate) data: usize,
    /// The compartment.
    pub(crate) pkey: u32,
    /// Conditions: [`Hook::ONCE`], [`Hook::IF_STACK`].
    pub(crate) flags: u32,
    /// Fills up to a power of two, so that an index becomes an offset by a shift.
    pub(crate) reserved: usize,
}

impl Hook {
    /// The hook may be used only once in the life of the process.
    pub(crate) const ONCE: u32 = 1;
    /// Nothing is called if the compartment has no stack in this thread.
    pub(crate) const IF_STACK: u32 = 2;
    /// The body returns the stack pointer that its compartment goes on with.
    pub(crate) const SETS_STACK: u32 = 4;
}

const _: () = assert!(size_of::<Hook>() == 1 << HOOK_SHIFT);
const HOOK_SHIFT: usize = 5;
const PAGE_SHIFT: usize = PAGE_SIZE.trailing_zeros() as usize;
const VAULT_SHIFT: usize = vault::STRIDE.trailing_zeros() as usize;
/// Distance of `incoming` from `outgoing` secrets.
const INCOMING: usize = vault::incoming(Pkey::UNTRUSTED);
/// Marks a frame of this gate; the hook's index stands in the low half.
const FRAME: u64 = 0x1a2e_7e21_0000_0000;
/// Bytes of this gate's frame below the saved registers.
pub(crate) const FRAME_SIZE: usize = 32;
/// Bytes from the stack pointer at the call of a body to the one that its compartment had before.
pub(crate) const CALLEE_SIZE: usize = 24;
/// DWARF's number of the register that holds the caller's number while the body runs.
pub(crate) const CALLER: usize = 14;

/// Whether a word is the first one of a frame of this gate.
pub(crate) fn is_frame(word: u64) -> bool {
    word & !0xffff_ffff == FRAME
}

/// Number of hooks there can be, and of [`thunks`].
pub(crate) const MAX_HOOKS: usize = 1024;

/// What arch_prctl(2) is asked for the base address of `fs`.
const ARCH_GET_FS: u32 = 0x1003;
/// EFLAGS as they are when a program starts: interrupts on (and bit 1, which is always set). Neither
/// DF nor AC, nor what single-stepping needs.
const INITIAL_FLAGS: u32 = 0x202;

/// Calls a hook: `r10d` is its index, `rdi`, `rsi`, `rdx` are arguments, the result is in `rax`.
///
/// ```text
/// caller's stack             target's stack
/// return address             …
/// rbp rbx r12 r13 r14 r15    STACK_POINTER ─► (idle: trap words; else a gate's frame)
/// (unused)                   rbp of the caller: link for unwinders
/// nonce                      (unused)
/// MXCSR, x87 control word    nonce
/// FRAME | hook  ◄─ rsp       return address into this function
/// ```
///
/// Across the switches: `r13` hook, `r14` caller, `r15` target, `rbx` the pair's secret, `r12` third
/// argument or result, `r10` nonce. After each WRPKRU they are *claims* and are checked: the hook's
/// index against the table, the target against the hook, the secret against the copy that only the
/// entered compartment can read, the thread block by the compartment's cookie, the frame against
/// hook and nonce. Whoever jumps in lacks the secret.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn ia2_enter() {
    naked_asm!(
        "endbr64",
        "push rbp", "mov rbp, rsp",
        "push rbx", "push r12", "push r13", "push r14", "push r15",
        "sub rsp, {frame_size}",
        "stmxcsr [rsp + 8]", "fnstcw [rsp + 12]",
        "mov r12, rdx",
        "mov r13d, r10d",
        "rdtsc", "shl rdx, 32", "lea r10, [rax + rdx]", "mov [rsp + 16], r10",
        "mov rax, {frame}", "or rax, r13", "mov [rsp], rax",
        // The caller: bit 2k of the complement of PKRU is the lowest one set above key 0.
        "xor ecx, ecx", "rdpkru",
        "mov ecx, {untrusted}", "cmp eax, {linux_default}", "cmove eax, ecx",
        "not eax", "and eax, -4", "bsf r14d, eax", "cmovz r14d, edx", "shr r14d, 1",
        // The target.
        "cmp r13d, [rip + {sealed} + {hook_count}]", "jae 94f",
        "mov r9, [rip + {sealed} + {hooks}]",
        "mov rcx, r13", "shl rcx, {hook_shift}",
        "mov r15d, [r9 + rcx + {pkey}]",
        // The pair's secret, readable only with the caller's rights.
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "mov rcx, r14", "shl rcx, {vault_shift}", "add rcx, r8",
        "mov rbx, [rcx + r15 * 8]",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "mov rcx, r14", "shl rcx, {page_shift}",
        "mov fs:[r11 + rcx + {stack_pointer}], rsp",
        switch_to!("r15d"),
        // Everything below runs with the target's rights; check all claims.
        "mov r13d, r13d", "mov r14d, r14d",
        "cmp r13d, [rip + {sealed} + {hook_count}]", "jae 94f",
        "cmp r14d, 15", "ja 94f",
        "mov r9, [rip + {sealed} + {hooks}]",
        "mov rcx, r13", "shl rcx, {hook_shift}", "add r9, rcx",
        "cmp r15d, [r9 + {pkey}]", "jne 94f",
        "mov r15d, r15d",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "mov rcx, r15", "shl rcx, {vault_shift}", "add rcx, r8",
        "cmp rbx, [rcx + r14 * 8 + {incoming}]", "jne 92f",
        "test dword ptr [r9 + {flags}], {once}", "jz 2f",
        "lock bts dword ptr [rcx + {once_bits}], r13d", "jc 97f",
        "2:",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "mov rax, r15", "shl rax, {page_shift}", "add r11, rax",
        // Never a zero in rsp: a signal could arrive.
        "mov rax, fs:[r11 + {stack_pointer}]",
        "test rax, rax", "jz 5f",
        "mov rdx, [rcx + {vault_cookie}]", "cmp rdx, fs:[r11 + {cookie}]", "jne 92f",
        "cmp rax, {running}", "je 96f",
        "mov rsp, rax",
        "3:",
        "mov qword ptr fs:[r11 + {stack_pointer}], {running}",
        "push rbp", "push {flags_register}", "popfq", "sub rsp, 16", "mov [rsp], r10",
        "ldmxcsr [rip + {float}]", "fldcw [rip + {float} + 4]",
        clear_vectors!(),
        "mov rdx, r12", "mov rcx, [r9 + {data}]",
        // A fifth argument: the stack pointer that this call began with. A sixth: the caller.
        "lea r8, [rsp + {callee_size}]",
        "mov rax, [r9 + {body}]", "mov r9d, r14d",
        "xor ebx, ebx", "xor ebp, ebp", "xor r10d, r10d",
        "xor r11d, r11d", "xor r12d, r12d",
        "call rax",
        "mov r10, [rsp]", "add rsp, {callee_size}",
        "mov r12, rax",
        "mov rcx, r13", "shl rcx, {hook_shift}", "add rcx, [rip + {sealed} + {hooks}]",
        "test dword ptr [rcx + {flags}], {sets_stack}", "cmovnz rsp, rax",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "mov rcx, r15", "shl rcx, {page_shift}",
        "mov fs:[r11 + rcx + {stack_pointer}], rsp",
        // The way back. The secret shows that the target's rights were really held.
        "4:",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "mov rcx, r15", "shl rcx, {vault_shift}", "add rcx, r8",
        "mov rbx, [rcx + r14 * 8 + {incoming}]",
        switch_to!("r14d"),
        "mov r13d, r13d", "mov r14d, r14d",
        "cmp r13d, [rip + {sealed} + {hook_count}]", "jae 94f",
        "mov r9, [rip + {sealed} + {hooks}]",
        "mov rcx, r13", "shl rcx, {hook_shift}",
        "mov r15d, [r9 + rcx + {pkey}]",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "mov rcx, r14", "shl rcx, {vault_shift}", "add rcx, r8",
        "cmp rbx, [rcx + r15 * 8]", "jne 92f",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "mov rdx, [rcx + {vault_cookie}]",
        "mov rcx, r14", "shl rcx, {page_shift}", "add r11, rcx",
        "cmp rdx, fs:[r11 + {cookie}]", "jne 92f",
        "mov rsp, fs:[r11 + {stack_pointer}]",
        "mov rax, {frame}", "or rax, r13", "cmp [rsp], rax", "jne 93f",
        "cmp [rsp + 16], r10", "jne 93f",
        "mov qword ptr fs:[r11 + {stack_pointer}], {running}",
        "push {flags_register}", "popfq",
        "ldmxcsr [rsp + 8]", "fldcw [rsp + 12]",
        clear_vectors!(),
        "mov rax, r12",
        "xor ecx, ecx", "xor edx, edx", "xor esi, esi", "xor edi, edi",
        "xor r8d, r8d", "xor r9d, r9d", "xor r10d, r10d", "xor r11d, r11d",
        "add rsp, {frame_size}",
        "pop r15", "pop r14", "pop r13", "pop r12", "pop rbx", "pop rbp",
        "ret",

        // The compartment has no stack in this thread yet: take free slots of its arena. `rcx` is
        // its part of the vault, `r9` the hook, `r11` its page of the thread block. Should `fs` not
        // point to a thread block, that page is somebody else's: it gets the compartment's key and
        // is emptied before anything is written there that others must not see.
        ".globl ia2_enter_fresh", ".hidden ia2_enter_fresh", "ia2_enter_fresh:",
        "5:",
        "mov eax, 0",
        "test dword ptr [r9 + {flags}], {if_stack}", "jnz 60f",
        "lea r8, [rcx + {stacks_in_use}]",
        // So many slots in a row (edx): r11d of them, from eax on, are taken already.
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]", "mov edx, fs:[r11 + {slots_wanted}]",
        "mov eax, 1", "test edx, edx", "cmovz edx, eax",
        "xor eax, eax",
        "51:", "xor r11d, r11d",
        "52:",
        "lea ebx, [rax + r11]", "cmp rbx, [rip + {sealed} + {stack_slots}]", "jae 95f",
        "lock bts dword ptr [r8], ebx", "jc 55f",
        "inc r11d", "cmp r11d, edx", "jb 52b",
        "jmp 57f",
        "55:", "dec r11d", "js 56f",
        "lea r9d, [rax + r11]", "lock btr dword ptr [r8], r9d", "jmp 55b",
        "56:", "lea eax, [rbx + 1]", "jmp 51b",
        "57:",
        "movq xmm0, r10",
        "mov rbx, rsi", "mov r8, rdi", "mov r9, rcx",
        "imul rax, [rip + {sealed} + {stack_slot}]",
        "mov rdi, r15",
        "mov rcx, [rip + {sealed} + {arena_shift}]", "shl rdi, cl",
        "add rdi, rax", "add rdi, [rip + {sealed} + {stacks}]",
        "add rdi, {page}",                                 // the slot begins with its guard page
        "mov rsi, [rip + {sealed} + {stack_slot}]", "imul rsi, rdx", "sub rsi, {page}",
        "mov edx, 3",                                      // PROT_READ | PROT_WRITE
        "mov r10d, r15d",
        "mov eax, {pkey_mprotect}", "syscall",
        "test eax, eax", "jnz 95f",
        "lea rax, [rdi + rsi - {trap_words} * 8]",
        "lea rdx, [rip + {idle}]",
        "mov ecx, {trap_words}",
        "53:",
        "mov [rax + rcx * 8 - 8], rdx", "dec ecx", "jnz 53b",
        // Until it is entered at its top (xmm1), a signal must find the caller's stack in rsp.
        "movq xmm1, rax", "movq xmm2, rdi", "movq xmm3, rsi",
        "test r15d, r15d", "jz 54f",
        "lea rsi, [rax - 8]", "mov edi, {get_fs}", "mov eax, {arch_prctl}", "syscall",
        "test eax, eax", "jnz 95f",
        "movq rax, xmm1", "mov rdi, [rax - 8]", "mov qword ptr [rax - 8], 0",
        "add rdi, [rip + ia2_thread_block@GOTTPOFF]",
        "mov rcx, r15", "shl rcx, {page_shift}", "add rdi, rcx",
        "mov esi, {page}", "mov edx, 3", "mov r10d, r15d",
        "mov eax, {pkey_mprotect}", "syscall",
        "test eax, eax", "jnz 95f",
        "mov ecx, {page} / 8", "cld", "rep stosq",
        "54:",
        "mov eax, {gettid}", "syscall",
        "movq rdx, xmm1", "movq rdi, xmm2", "movq rsi, xmm3",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "mov rcx, r15", "shl rcx, {page_shift}", "add r11, rcx",
        "mov fs:[r11 + {thread_id}], eax",
        "mov fs:[r11 + {stack_low}], rdi",
        "add rdi, rsi", "mov fs:[r11 + {stack_high}], rdi",
        "mov rax, [r9 + {vault_cookie}]", "mov fs:[r11 + {cookie}], rax",
        // The last word: a handler that needs the compartment meanwhile makes a stack as well.
        "mov fs:[r11 + {stack_pointer}], rdx",
        "mov rsp, rdx",
        "movq r10, xmm0",
        "mov rdi, r8", "mov rsi, rbx",
        "mov rcx, r13", "shl rcx, {hook_shift}",
        "mov r9, [rip + {sealed} + {hooks}]", "add r9, rcx",
        "jmp 3b",
        "60:", "mov r12d, eax", "jmp 4b",

        "91: ud1 eax, [eax + {trap_pkru}]",
        "92: ud1 eax, [eax + {trap_secret}]",
        "93: ud1 eax, [eax + {trap_frame}]",
        "94: ud1 eax, [eax + {trap_no_gate}]",
        "95: ud1 eax, [eax + {trap_stack}]",
        "96: ud1 eax, [eax + {trap_busy}]",
        "97: ud1 eax, [eax + {trap_once}]",
        ".globl ia2_enter_end", ".hidden ia2_enter_end", "ia2_enter_end:",
        frame = const FRAME,
        frame_size = const FRAME_SIZE,
        callee_size = const CALLEE_SIZE,
        untrusted = const Pkru::of(Pkey::UNTRUSTED).bits(),
        linux_default = const Pkru::LINUX_DEFAULT.bits(),
        sealed = sym SEALED,
        hooks = const offset_of!(Sealed, hooks),
        hook_count = const offset_of!(Sealed, hook_count),
        has_avx = const offset_of!(Sealed, has_avx),
        stacks = const offset_of!(Sealed, stacks),
        arena_shift = const offset_of!(Sealed, stack_arena_shift),
        stack_slot = const offset_of!(Sealed, stack_slot),
        stack_slots = const offset_of!(Sealed, stack_slots),
        hook_shift = const HOOK_SHIFT,
        page_shift = const PAGE_SHIFT,
        vault_shift = const VAULT_SHIFT,
        page = const PAGE_SIZE,
        body = const offset_of!(Hook, body),
        data = const offset_of!(Hook, data),
        pkey = const offset_of!(Hook, pkey),
        flags = const offset_of!(Hook, flags),
        once = const Hook::ONCE,
        if_stack = const Hook::IF_STACK,
        sets_stack = const Hook::SETS_STACK,
        incoming = const INCOMING,
        once_bits = const ONCE,
        stacks_in_use = const STACKS_IN_USE,
        stack_pointer = const STACK_POINTER,
        stack_high = const STACK_HIGH,
        stack_low = const STACK_LOW,
        cookie = const COOKIE,
        vault_cookie = const vault::COOKIE,
        trap_words = const TRAP_WORDS,
        flags_register = const INITIAL_FLAGS,
        pkey_mprotect = const linux_raw_sys::general::__NR_pkey_mprotect,
        gettid = const linux_raw_sys::general::__NR_gettid,
        thread_id = const THREAD_ID,
        slots_wanted = const SLOTS_WANTED,
        arch_prctl = const linux_raw_sys::general::__NR_arch_prctl,
        get_fs = const ARCH_GET_FS,
        float = sym FLOAT_DEFAULTS,
        idle = sym idle_return,
        trap_pkru = const Trap::Pkru as u8,
        trap_secret = const Trap::Secret as u8,
        trap_frame = const Trap::Frame as u8,
        trap_no_gate = const Trap::NoGate as u8,
        trap_stack = const Trap::Stack as u8,
        trap_once = const Trap::Once as u8,
        trap_busy = const Trap::Busy as u8,
        running = const RUNNING,
    )
}

/// Whether the address lies in [`ia2_enter`].
pub(crate) fn contains(address: usize) -> bool {
    unsafe extern "C" {
        #[link_name = "ia2_enter_end"]
        static END: u8;
    }
    (ia2_enter as *const () as usize..(&raw const END) as usize).contains(&address)
}

/// What the words above every initial stack pointer return to.
#[unsafe(naked)]
unsafe extern "C" fn idle_return() {
    naked_asm!("ud1 eax, [eax + {code}]", code = const Trap::IdleReturn as u8)
}

/// What gates call for a function that no loaded object has registered.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn unregistered() {
    naked_asm!("ud1 eax, [eax + {code}]", code = const Trap::Unregistered as u8)
}

/// Offset of the thread block from the thread pointer.
#[unsafe(naked)]
pub(crate) extern "C" fn thread_block_offset() -> isize {
    naked_asm!("mov rax, [rip + ia2_thread_block@GOTTPOFF]", "ret")
}
