//! Signal handlers: a call nobody made.
//!
//! The kernel starts a handler with the rights of compartment 0, on the stack of whatever it
//! interrupted or on the alternate stack, which is on key 0. The address it calls says which
//! compartment `p` the handler belongs to ([`entry_of`]); the handler itself is in that compartment's
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
//! `a` is found by the address of its stack: in the middle of a gate PKRU and stack may disagree. The
//! handler of another compartment gets siginfo_t, but no registers: they are those of `a`.

use core::arch::naked_asm;
use core::mem::offset_of;

use layout::PAGE_SIZE;
use layout::thread_block::{COOKIE, RUNNING, STACK_HIGH, STACK_POINTER};
use layout::trap::Trap;
use layout::vault::{
    COOKIE as COOKIE_OF_COMPARTMENT, HANDLER_SIZE, HANDLERS, SIGNALS, STRIDE, incoming,
};
use linux_raw_sys::general::{__NR_rt_sigprocmask, __NR_rt_sigreturn, SA_NODEFER, SIG_SETMASK};
use pkru::Pkey;

use crate::handler::SYNCHRONOUS;
use crate::sealed::{SEALED, Sealed};
use crate::switch::{FLOAT_DEFAULTS, clear_vectors, switch_to};

/// Marks a record of an interrupted compartment; the signal stands in the low half.
const FRAME: u64 = 0x1a2e_7e22_0000_0000;
/// Size of siginfo_t (sigaction(2)), which reaches another compartment in xmm0 to xmm7.
const SIGINFO: usize = 128;
const _: () = assert!(size_of::<libc::siginfo_t>() == SIGINFO);
/// More bytes than a frame has: that of AMX needs 11 KiB.
const LARGEST_FRAME: usize = 64 << 10;
/// More than the size of a frame's part below the floating-point state.
const BEFORE_FPREGS: usize = 1024;
/// Offset of the size of the extended state in a frame's floating-point state (`struct _fpx_sw_bytes`
/// in arch/x86/include/uapi/asm/sigcontext.h).
const EXTENDED_SIZE: usize = 468;
/// What a handler gets for the registers of another compartment: zeroes.
#[repr(C, align(64))]
struct NoContext([u8; PAGE_SIZE]);
static NO_CONTEXT: NoContext = NoContext([0; PAGE_SIZE]);
/// Everything that is blocked while a record is made and taken down.
static BLOCKED: u64 = !SYNCHRONOUS;

/// Offsets in the kernel's `struct ucontext`: `uc_stack.ss_sp`, `uc_stack.ss_size`, saved `rsp`,
/// address of the floating-point state, signal mask.
const UC_STACK: usize = offset_of!(libc::ucontext_t, uc_stack) + offset_of!(libc::stack_t, ss_sp);
const UC_STACK_SIZE: usize =
    offset_of!(libc::ucontext_t, uc_stack) + offset_of!(libc::stack_t, ss_size);
const UC_MCONTEXT: usize = offset_of!(libc::ucontext_t, uc_mcontext);
const UC_RSP: usize = UC_MCONTEXT + 8 * libc::REG_RSP as usize;
const UC_FPREGS: usize = UC_MCONTEXT + offset_of!(libc::mcontext_t, fpregs);
const UC_MASK: usize = offset_of!(libc::ucontext_t, uc_sigmask);

/// Whether this kernel writes signal frames with the rights of the interrupted code: before Linux
/// 6.12 it does, and then cannot write to a stack whose key those rights do not open.
pub(crate) fn frames_need_key_0() -> bool {
    // SAFETY: an all-zero utsname is a valid value, and the call fills it.
    let name = unsafe {
        let mut name: libc::utsname = core::mem::zeroed();
        libc::uname(&raw mut name);
        name
    };
    let mut numbers = name.release.split(|&byte| !(byte as u8).is_ascii_digit()).map(|digits| {
        digits.iter().fold(0u32, |number, &digit| number * 10 + u32::from(digit as u8 - b'0'))
    });
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version < (6, 12)
}

/// Bytes from one compartment's entry to the next.
const ENTRY_SIZE: usize = 16;

/// What the kernel calls: one small function per compartment.
#[unsafe(naked)]
unsafe extern "C" fn entries() {
    naked_asm!(
        ".set .Lia2_pkey, 0",
        ".rept {count}",
        ".p2align 4",
        "endbr64",
        "mov r10d, offset .Lia2_pkey",
        "jmp {deliver}",
        ".set .Lia2_pkey, .Lia2_pkey + 1",
        ".endr",
        count = const Pkey::COUNT + 1,
        deliver = sym deliver,
    )
}

/// Address of the function by which the kernel calls a compartment's handlers.
pub(crate) fn entry_of(pkey: Pkey) -> usize {
    (entries as *const () as usize).next_multiple_of(ENTRY_SIZE) + pkey.index() * ENTRY_SIZE
}

/// Address of the function by which the kernel calls the handler for cancellation, in whatever
/// compartment is interrupted.
pub(crate) fn entry_of_cancellation() -> usize {
    entry_of(Pkey::UNTRUSTED) + Pkey::COUNT * ENTRY_SIZE
}

/// Bit that marks its signal number.
const CANCELLATION: u32 = 0x100;

/// The compartment whose entry this address is.
pub(crate) fn pkey_of(entry: usize) -> Option<Pkey> {
    Pkey::all().find(|&pkey| entry_of(pkey) == entry)
}

/// Where the kernel's call of a handler goes on: `edi` signal, `rsi` siginfo_t, `rdx` ucontext,
/// `r10d` the handler's compartment. Nothing on the stack can be read yet.
///
/// Kept across the switches, as claims: `r13` signal, `r14` interrupted compartment, `r15` the
/// handler's, `r9` the pair's secret. `rbp` siginfo_t and `r12` ucontext are read with the rights of
/// the interrupted compartment only. `rbx` is its signal mask.
#[unsafe(naked)]
unsafe extern "C" fn deliver() {
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
        "mov eax, 0", "cmp r14, 15", "cmova r14, rax",
        "4:",
        "cmp r15d, {any}", "jne 42f",
        "mov r15d, r14d", "or r13d, {cancellation}",
        "42:",
        switch_to!("r14d"),
        // With the interrupted compartment's rights: lower its stack pointer, leave a record.
        "mov r14d, r14d", "mov r15d, r15d",
        "cmp r15d, 15", "ja 94f",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r14, {page}", "add r11, rcx",
        "mov rdx, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r14, {stride}", "mov rdx, [rdx + rcx + {vault_cookie}]",
        "cmp rdx, fs:[r11 + {cookie}]", "jne 92f",
        // A compartment that runs has none saved, which is above everything.
        "mov rax, fs:[r11 + {stack_pointer}]",
        "mov rdx, rax",
        "cmp r8, rax", "cmovb rdx, r8",
        "xor ecx, ecx",
        "test r9, r9", "jz 41f",
        // The frame (r9) is on the alternate stack: its copy (rdx) has the same alignment.
        "mov rcx, [r12 + {uc_fpregs}]",
        "mov r10d, [rcx + {extended_size}]", "add rcx, r10", "sub rcx, r9",
        "cmp rcx, {largest_frame}", "ja 95f",
        "41:",
        "mov rsi, rcx",
        "sub rdx, rcx", "and rdx, -64", "sub rdx, 64",
        "mov r10, r9", "and r10d, 63", "add rdx, r10",
        "test r14d, r14d", "jz 5f",
        // It must stay in the same slot of the arena, above the guard page.
        "mov r10, fs:[r11 + {stack_high}]", "sub r10, rdx",
        "add r10, {page} * 2", "cmp r10, [rip + {sealed} + {stack_slot}]", "ja 95f",
        "test rax, rax", "jz 95f",
        "5:",
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
        "lea rsi, [rbx - 16]",
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
        sealed = sym SEALED,
        stacks = const offset_of!(Sealed, stacks),
        arena_shift = const offset_of!(Sealed, stack_arena_shift),
        stack_slot = const offset_of!(Sealed, stack_slot),
        has_avx = const offset_of!(Sealed, has_avx),
        frames_need_key_0 = const offset_of!(Sealed, frames_need_key_0),
        any = const Pkey::COUNT,
        cancellation = const CANCELLATION,
        cancel = sym crate::ending::handle,
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
        uc_fpregs = const UC_FPREGS,
        uc_mask = const UC_MASK,
        extended_size = const EXTENDED_SIZE,
        largest_frame = const LARGEST_FRAME,
        page = const PAGE_SIZE,
        stride = const STRIDE,
        stack_pointer = const STACK_POINTER,
        stack_high = const STACK_HIGH,
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
    )
}
