//! Signal handlers: a call nobody made.
//!
//! The kernel starts a handler with the rights of compartment 0, on the stack of whatever it
//! interrupted or on the alternate stack, which is on key 0. The address it calls says which
//! compartment `p` the handler belongs to ([`crate::signal_entry`]); the handler itself is in that compartment's
//! vault ([`crate::action`]).
//!
//! Delivery is a gate from the interrupted compartment `a` to the handler's compartment `p`. The
//! stack pointer saved for `a` is stale, because `a` is running (or a gate is, in the middle), so it
//! is first lowered below what `a` uses:
//!
//! ```text
//! a's stack                                     p's stack
//! … frames of a, or of a gate …                 … pending frames of p …
//! interrupted rsp                               STACK_POINTER of p ─► link word
//! red zone, the kernel's frame or its copy                           siginfo_t
//! record: FRAME | signal, a's saved stack                            return address
//!   pointer, frame, where the frame was         handler's frame …
//! ◄─ STACK_POINTER of a, lowered
//! ```
//!
//! A frame on the alternate stack is copied to the stack of `a`: the kernel writes its next frame over
//! this one as soon as the stack pointer has left the alternate stack. Before Linux 6.12 it goes back
//! there in the end, because the kernel reads it partly with the rights of `a` and partly with those
//! it restores, and in the middle of a gate they differ. If `a` and `p` are the same, the handler
//! simply runs below the record. Afterwards the record is checked like a gate's frame, the stack
//! pointers are restored and the kernel is asked to resume.
//!
//! All signals are blocked from the kernel's call until the record is complete, and again from the
//! handler's return on: in between, the mask is the one that the program asked for.
//!
//! `a` is found by the address of its stack: in the middle of a gate PKRU and stack may disagree. A
//! stack that is not the runtime's (a coroutine's) is of the compartment whose rights PKRU shows; if a
//! gate was in the middle, its saved stack pointer is as good. The handler of another compartment
//! gets siginfo_t, but no registers: they are those of `a`.
//!
//! A handler that is to run on an alternate stack (`SA_ONSTACK`) does so if its compartment has named
//! one (sigaltstack(2)). If it handles a signal of its own compartment, then frame and record are
//! there as well: the ordinary stack may be full.

use core::arch::naked_asm;
use core::mem::offset_of;

use layout::PAGE_SIZE;
use layout::thread_block::{
    ALTERNATE_LOW, ALTERNATE_SIZE, COOKIE, RUNNING, STACK_HIGH, STACK_LOW, STACK_POINTER, THREAD_ID,
};
use layout::trap::Trap;
use layout::vault::{
    COOKIE as COOKIE_OF_COMPARTMENT, HANDLER_SIZE, HANDLERS, SIGNALS, STRIDE, incoming,
};
use linux_raw_sys::general::{
    __NR_getpid, __NR_gettid, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_tgkill, SA_NODEFER,
    SA_ONSTACK, SIG_SETMASK,
};
use pkru::{Pkey, Pkru};

use crate::frame::{
    BEFORE_FPREGS, EXTENDED_SIZE, LARGEST_FRAME, NO_CONTEXT, SIGINFO, UC_FPREGS, UC_MASK, UC_RIP,
    UC_RSP, UC_STACK, UC_STACK_SIZE,
};
use crate::handler::SYNCHRONOUS;
use crate::sealed::{SEALED, Sealed};
use crate::signal_entry::CANCELLATION;
use crate::switch::{FLOAT_DEFAULTS, clear_vectors, switch_to};

/// Marks a record of an interrupted compartment; the signal stands in the low half.
const FRAME: u64 = 0x1a2e_7e22_0000_0000;
/// Everything that is blocked while a record is made and taken down.
pub(crate) static BLOCKED: u64 = !SYNCHRONOUS;

/// Whether the address lies where handlers are called.
pub(crate) fn is_delivery(address: usize) -> bool {
    unsafe extern "C" {
        #[link_name = "ia2_deliver_end"]
        static END: u8;
    }
    (deliver as *const () as usize..(&raw const END) as usize).contains(&address)
}

/// Whether a word is the first one of a record of an interrupted compartment.
pub(crate) fn is_record(word: usize) -> bool {
    word as u64 & !0xffff_ffff == FRAME
}

/// Where the kernel's call of a handler goes on: `edi` signal, `rsi` siginfo_t, `rdx` ucontext,
/// `r10d` the handler's compartment. Nothing on the stack can be read yet.
///
/// Kept across the switches, as claims: `r13` signal, `r14` interrupted compartment, `r15` the
/// handler's, `r9` the pair's secret. `rbp` siginfo_t and `r12` ucontext are read with the rights of
/// the interrupted compartment only. `rbx` is its signal mask.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn deliver() {
    naked_asm!(
        "mov r13d, edi", "mov rbp, rsi", "mov r12, rdx", "mov r15d, r10d",
        // Whoever calls this gives the handler data, not pointers: the kernel puts the ucontext right
        // above the return address, and siginfo_t behind it.
        "lea rax, [rsp + 8]", "cmp rax, r12", "jne 94f",
        "mov rax, rbp", "sub rax, rsp", "cmp rax, {before_fpregs}", "jae 94f",
        // The interrupted compartment (r14) and the lowest address it uses of its stack (r8): below
        // the frame if that is on the same stack, else below the red zone (psABI, 3.2.2).
        "mov r8, rsp", "xor r9d, r9d",
        "mov r14, rsp", "sub r14, [rip + {sealed} + {stacks}]",
        "mov rcx, [rip + {sealed} + {arena_shift}]", "shr r14, cl",
        "cmp r14, 15", "jbe 4f",
        "mov rax, rsp", "sub rax, [r12 + {uc_stack}]",
        "cmp rax, [r12 + {uc_stack_size}]",
        "mov r14d, 0", "jae 4f",
        "lea r9, [r12 - 8]",
        "mov r8, [r12 + {uc_rsp}]",
        "mov r14, r8", "sub r14, [rip + {sealed} + {stacks}]", "shr r14, cl",
        "sub r8, 128",
        "cmp r14, 15", "jbe 4f",
        // A stack of its own making, by its rights; but not where `ia2_enter` makes a
        // compartment's first stack, which is called on the C library's.
        "xor r14d, r14d",
        "mov rax, [r12 + {uc_rip}]", "lea rcx, [rip + ia2_enter_fresh]",
        "cmp rax, rcx", "jb 40f",
        "lea rcx, [rip + ia2_enter_end]", "cmp rax, rcx", "jb 4f",
        "40:",
        "mov rax, [r12 + {uc_fpregs}]", "mov ecx, [rip + {sealed} + {frame_pkru_offset}]",
        "mov eax, [rax + rcx]",
        "cmp eax, {linux_default}", "je 4f",
        "not eax", "and eax, -4", "bsf eax, eax", "cmovnz r14d, eax", "shr r14d, 1",
        "4:",
        "cmp r15d, {any}", "jne 42f",
        "mov r15d, r14d", "or r13d, {cancellation}",
        "42:",
        switch_to!("r14d"),
        // With the interrupted compartment's rights: lower its stack pointer, leave a record.
        "mov r14d, r14d", "mov r15d, r15d",
        "cmp r15d, 15", "ja 94f",
        "movzx eax, r13b", "dec eax", "cmp eax, {signals}", "jae 94f",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r14, {page}", "add r11, rcx",
        "mov rdx, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r14, {stride}", "mov rdx, [rdx + rcx + {vault_cookie}]",
        "cmp rdx, fs:[r11 + {cookie}]", "jne 92f",
        "mov rdx, r8", "xor r10d, r10d",
        "test r14d, r14d", "jz 47f",
        // This thread's block, not one of another thread that lives: a child of fork has its parent's.
        "mov r10d, fs:[r11 + {thread_id}]",
        "mov eax, {gettid}", "syscall",
        "cmp eax, r10d", "je 43f",
        "mov eax, {getpid}", "syscall",
        "mov edi, eax", "mov esi, r10d", "xor edx, edx", "mov eax, {tgkill}", "syscall",
        "cmp rax, {no_such_thread}", "jne 96f",
        "43:",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r14, {page}", "add r11, rcx",
        "mov rdx, r8",
        "mov rax, fs:[r11 + {stack_pointer}]",
        "test rax, rax", "jz 95f",
        // The stack may grow down to r10. One that runs is believed where its stack is, also if that
        // is of its own making; of one that does not, a gate has saved the stack pointer, and uses
        // at most a little below.
        "mov r10, fs:[r11 + {stack_low}]",
        "cmp rax, {running}", "je 44f",
        "mov rcx, rax", "sub rcx, r8", "cmp rcx, {near}", "jbe 44f",
        "test r9, r9", "jz 94f",
        "mov rdx, rax",
        "44:",
        "cmp rdx, r10", "jb 46f", "cmp rdx, fs:[r11 + {stack_high}]", "jbe 45f",
        "46:", "xor r10d, r10d", "jmp 47f",
        "45:", "add r10, {page}",
        "47:",
        // On the stack that the program has chosen for its handlers, if this one is to run there.
        "test r9, r9", "jz 48f", "cmp r14d, r15d", "jne 48f",
        "test r13d, {cancellation}", "jnz 48f",
        "mov rcx, [rip + ia2_vault@GOTPCREL]", "imul rax, r14, {stride}", "add rcx, rax",
        "movzx eax, r13b", "imul eax, eax, {handler_size}",
        "test dword ptr [rcx + rax + {handlers} - {handler_size} + 16], {on_stack}", "jz 48f",
        "mov rcx, fs:[r11 + {alternate_size}]", "test rcx, rcx", "jz 48f",
        "mov rdi, fs:[r11 + {alternate_low}]",
        "mov rax, rdx", "sub rax, rdi", "cmp rax, rcx", "jb 48f",
        "lea rdx, [rdi + rcx]", "mov r10, rdi",
        "48:",
        "mov rax, fs:[r11 + {stack_pointer}]",
        "xor ecx, ecx",
        "test r9, r9", "jz 41f",
        // The frame (r9) is on the alternate stack: its copy (rdx) has the same alignment.
        "mov rcx, [r12 + {uc_fpregs}]",
        "mov edi, [rcx + {extended_size}]", "add rcx, rdi", "sub rcx, r9",
        "cmp rcx, {largest_frame}", "ja 95f",
        "41:",
        "mov rsi, rcx",
        "sub rdx, rcx", "and rdx, -64", "sub rdx, 64",
        "mov rdi, r9", "and edi, 63", "add rdx, rdi",
        "cmp rdx, r10", "jb 95f",
        "test r9, r9", "jz 51f",
        "mov r10, rsi",
        "mov rdi, rdx", "mov rsi, r9", "cld", "rep movsb",
        "mov rsi, r10",
        "mov rcx, rdx", "sub rcx, r9",
        "add r12, rcx", "add rbp, rcx", "add [r12 + {uc_fpregs}], rcx",
        "51:",
        "and rdx, -16", "sub rdx, 40",
        "mov rsp, rdx",
        "mov rdx, {frame}", "or rdx, r13", "mov [rsp], rdx",
        "mov [rsp + 8], rax",
        "mov [rsp + 16], r12",
        "xor eax, eax",
        "cmp byte ptr [rip + {sealed} + {frames_need_key_0}], 0", "cmove r9, rax",
        "mov [rsp + 24], r9",
        "mov [rsp + 32], rsi",
        "mov fs:[r11 + {stack_pointer}], rsp",
        "mov rbx, [r12 + {uc_mask}]",
        // The handler's compartment may not have a stack in this thread yet.
        "cmp r14d, r15d", "je 6f",
        "lea r10d, [r15 + {prepare_stack}]", "sub rsp, 8", "call {enter}", "add rsp, 8",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r14, {page}", "add r11, rcx",
        "mov fs:[r11 + {stack_pointer}], rsp",
        "movups xmm0, [rbp]", "movups xmm1, [rbp + 16]",
        "movups xmm2, [rbp + 32]", "movups xmm3, [rbp + 48]",
        "movups xmm4, [rbp + 64]", "movups xmm5, [rbp + 80]",
        "movups xmm6, [rbp + 96]", "movups xmm7, [rbp + 112]",
        "6:",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r14, {stride}", "add rcx, r8",
        "mov r9, [rcx + r15 * 8]",
        switch_to!("r15d"),
        // With the handler's rights.
        "mov r13d, r13d", "mov r14d, r14d", "mov r15d, r15d",
        "cmp r14d, 15", "ja 94f",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r15, {stride}", "add r8, rcx",
        "cmp r9, [r8 + r14 * 8 + {incoming}]", "jne 92f",
        "mov rdx, [r8 + {vault_cookie}]",
        "movzx eax, r13b", "dec eax", "cmp eax, {signals}", "jae 94f",
        "imul eax, eax, {handler_size}", "lea r8, [r8 + rax + {handlers}]",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r15, {page}", "add r11, rcx",
        "cmp rdx, fs:[r11 + {cookie}]", "jne 92f",
        "mov rsp, fs:[r11 + {stack_pointer}]",
        "cmp r14d, r15d", "je 61f",
        "test dword ptr [r8 + 16], {on_stack}", "jz 61f",
        "mov rcx, fs:[r11 + {alternate_size}]", "test rcx, rcx", "jz 61f",
        "mov rdi, fs:[r11 + {alternate_low}]",
        "mov rax, rsp", "sub rax, rdi", "cmp rax, rcx", "jb 61f",
        "lea rsp, [rdi + rcx]", "and rsp, -64", "sub rsp, 8",
        "61:",
        "mov r10, rsp",
        "push r14",
        // The mask: what was blocked, what the handler asked for, the signal itself.
        "test r13d, {cancellation}", "jnz 62f",
        "or rbx, [r8 + 8]",
        "test dword ptr [r8 + 16], {no_defer}", "jnz 62f",
        "lea ecx, [r13 - 1]", "bts rbx, rcx",
        "62:",
        "mov rax, {maskable}", "and rbx, rax",
        "push rbx",
        "cmp r14d, r15d", "je 8f",
        "sub rsp, {siginfo}", "mov rbp, rsp", "lea r12, [rip + {no_context}]",
        "movups [rsp], xmm0", "movups [rsp + 16], xmm1",
        "movups [rsp + 32], xmm2", "movups [rsp + 48], xmm3",
        "movups [rsp + 64], xmm4", "movups [rsp + 80], xmm5",
        "movups [rsp + 96], xmm6", "movups [rsp + 112], xmm7",
        "8:",
        "mov rbx, fs:[r11 + {stack_pointer}]",
        "mov qword ptr fs:[r11 + {stack_pointer}], {running}",
        "sub rsp, 8",                                       // 16-byte alignment
        "lea rsi, [r10 - 16]",
        "mov edi, {set_mask}", "xor edx, edx", "mov r10d, 8", "mov eax, {sigprocmask}", "syscall",
        "lea r10, [rip + {cancel}]", "test r13d, {cancellation}", "jnz 63f",
        "mov r10, [r8]", "test r10, r10", "jz 94f",
        "63:",
        "movzx edi, r13b", "mov rsi, rbp", "mov rdx, r12",
        "cld", "ldmxcsr [rip + {float}]", "fldcw [rip + {float} + 4]",
        clear_vectors!(),
        "xor eax, eax", "xor ecx, ecx", "xor ebp, ebp", "xor r8d, r8d", "xor r9d, r9d",
        "xor r11d, r11d", "xor r12d, r12d",
        "call r10",
        "mov edi, {set_mask}", "lea rsi, [rip + {blocked}]", "xor edx, edx", "mov r10d, 8",
        "mov eax, {sigprocmask}", "syscall",
        "mov rsp, rbx",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r15, {page}",
        "mov fs:[r11 + rcx + {stack_pointer}], rsp",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r15, {stride}", "add rcx, r8",
        "mov r9, [rcx + r14 * 8 + {incoming}]",
        switch_to!("r14d"),
        // With the interrupted compartment's rights again: is this its handler that ends?
        "mov r13d, r13d", "mov r14d, r14d", "mov r15d, r15d",
        "cmp r15d, 15", "ja 94f",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r14, {stride}", "add rcx, r8",
        "cmp r9, [rcx + r15 * 8]", "jne 92f",
        "mov rdx, [rcx + {vault_cookie}]",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r14, {page}", "add r11, rcx",
        "cmp rdx, fs:[r11 + {cookie}]", "jne 92f",
        "mov rsp, fs:[r11 + {stack_pointer}]",
        "mov rax, {frame}", "or rax, r13", "cmp [rsp], rax", "jne 93f",
        "mov rax, [rsp + 8]",
        "mov rdx, [rsp + 16]",
        "mov r9, [rsp + 24]",
        "mov fs:[r11 + {stack_pointer}], rax",
        "test r9, r9", "jz 9f",
        // The frame goes back to the alternate stack.
        "mov rcx, [rsp + 32]",
        "lea rsi, [rdx - 8]",
        "mov rax, r9", "sub rax, rsi",
        "lea rdx, [r9 + 8]",
        "mov rdi, r9", "mov rsp, r9", "cld", "rep movsb",
        "add [rdx + {uc_fpregs}], rax",
        "9:",
        "mov rsp, rdx",
        "mov eax, {rt_sigreturn}", "syscall",
        "91: ud1 eax, [eax + {trap_pkru}]",
        "92: ud1 eax, [eax + {trap_secret}]",
        "93: ud1 eax, [eax + {trap_frame}]",
        "94: ud1 eax, [eax + {trap_no_gate}]",
        "95: ud1 eax, [eax + {trap_stack}]",
        "96: ud1 eax, [eax + {trap_busy}]",
        ".globl ia2_deliver_end", ".hidden ia2_deliver_end", "ia2_deliver_end:",
        sealed = sym SEALED,
        stacks = const offset_of!(Sealed, stacks),
        arena_shift = const offset_of!(Sealed, stack_arena_shift),
        frame_pkru_offset = const offset_of!(Sealed, frame_pkru_offset),
        linux_default = const Pkru::LINUX_DEFAULT.bits(),
        has_avx = const offset_of!(Sealed, has_avx),
        frames_need_key_0 = const offset_of!(Sealed, frames_need_key_0),
        any = const Pkey::COUNT,
        cancellation = const CANCELLATION,
        cancel = sym crate::cancel::handle,
        before_fpregs = const BEFORE_FPREGS,
        signals = const SIGNALS,
        handler_size = const HANDLER_SIZE,
        handlers = const HANDLERS,
        no_defer = const SA_NODEFER,
        maskable = const !SYNCHRONOUS,
        blocked = sym BLOCKED,
        set_mask = const SIG_SETMASK,
        sigprocmask = const __NR_rt_sigprocmask,
        uc_stack = const UC_STACK,
        uc_stack_size = const UC_STACK_SIZE,
        uc_rsp = const UC_RSP,
        uc_rip = const UC_RIP,
        uc_fpregs = const UC_FPREGS,
        uc_mask = const UC_MASK,
        extended_size = const EXTENDED_SIZE,
        largest_frame = const LARGEST_FRAME,
        page = const PAGE_SIZE,
        stride = const STRIDE,
        stack_pointer = const STACK_POINTER,
        stack_high = const STACK_HIGH,
        stack_low = const STACK_LOW,
        alternate_low = const ALTERNATE_LOW,
        alternate_size = const ALTERNATE_SIZE,
        on_stack = const SA_ONSTACK,
        near = const LARGEST_FRAME + 2 * PAGE_SIZE,
        thread_id = const THREAD_ID,
        gettid = const __NR_gettid,
        getpid = const __NR_getpid,
        tgkill = const __NR_tgkill,
        no_such_thread = const -libc::ESRCH,
        running = const RUNNING,
        cookie = const COOKIE,
        vault_cookie = const COOKIE_OF_COMPARTMENT,
        incoming = const incoming(Pkey::UNTRUSTED),
        frame = const FRAME,
        prepare_stack = const crate::hooks::PREPARE_STACK,
        enter = sym crate::enter::ia2_enter,
        siginfo = const SIGINFO,
        no_context = sym NO_CONTEXT,
        float = sym FLOAT_DEFAULTS,
        rt_sigreturn = const __NR_rt_sigreturn,
        trap_pkru = const Trap::Pkru as u8,
        trap_secret = const Trap::Secret as u8,
        trap_frame = const Trap::Frame as u8,
        trap_no_gate = const Trap::NoGate as u8,
        trap_stack = const Trap::Stack as u8,
        trap_busy = const Trap::Busy as u8,
    )
}
