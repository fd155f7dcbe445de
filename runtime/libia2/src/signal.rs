//! Signal handlers: a call nobody made.
//!
//! The kernel starts a handler with the rights of compartment 0, on the stack of whatever it
//! interrupted or on the alternate stack. The address it calls is an *entry* in the handler's object
//! (`IA2_DEFINE_SIGHANDLER`), which jumps to [`ia2_signal_entry`] with its own address in `r10`.
//!
//! Delivery is a gate from the interrupted compartment `a` to the handler's compartment `p`. The
//! stack pointer saved for `a` is stale, because `a` is running (or a gate is, in the middle), so it
//! is first lowered below what `a` uses:
//!
//! ```text
//! a's stack                                     p's stack
//! … frames of a, or of a gate …                 … pending frames of p …
//! interrupted rsp                               STACK_POINTER of p ─► link word
//! red zone, the kernel's frame if it is here                         return address
//! record: FRAME | handler, p's and a's          handler's frame …
//!   saved stack pointer, frame address
//! ◄─ STACK_POINTER of a, lowered
//! ```
//!
//! If `a` and `p` are the same, the handler simply runs below the record. Afterwards the record is
//! checked like a gate's frame, the stack pointers are restored and the kernel is asked to resume.
//!
//! `a` is found by the address of its stack: in the middle of a gate PKRU and stack may disagree.

use core::arch::naked_asm;
use core::mem::offset_of;

use layout::PAGE_SIZE;
use layout::thread_block::{STACK_HIGH, STACK_POINTER};
use layout::trap::Trap;
use layout::vault::{STRIDE, incoming};
use pkru::Pkey;

use crate::enter::{FLOAT_DEFAULTS, clear_vectors, switch_to};
use crate::sealed::{SEALED, Sealed, sealed};

/// A signal handler of the program.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Handler {
    /// Address the kernel calls.
    pub(crate) entry: usize,
    /// Address of the function.
    pub(crate) address: usize,
    /// Compartment it runs in.
    pub(crate) pkey: u64,
}

const HANDLER_SIZE: usize = size_of::<Handler>();
/// Marks a record of an interrupted compartment; the handler's index stands in the low half.
const FRAME: u64 = 0x1a2e_7e22_0000_0000;
/// Room for siginfo_t (sigaction(2)) in the handler's compartment, if it cannot read the kernel's.
const SIGINFO: usize = 128;
/// What a handler gets for the registers of another compartment: zeroes.
#[repr(C, align(64))]
struct NoContext([u8; PAGE_SIZE]);
static NO_CONTEXT: NoContext = NoContext([0; PAGE_SIZE]);

/// Offsets in the kernel's `struct ucontext`: `uc_stack.ss_sp`, `uc_stack.ss_size`, saved `rsp`.
const UC_STACK: usize = offset_of!(libc::ucontext_t, uc_stack) + offset_of!(libc::stack_t, ss_sp);
const UC_STACK_SIZE: usize =
    offset_of!(libc::ucontext_t, uc_stack) + offset_of!(libc::stack_t, ss_size);
const UC_RSP: usize = offset_of!(libc::ucontext_t, uc_mcontext) + 8 * libc::REG_RSP as usize;

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

/// Where the kernel's call of a handler goes on: `edi` signal, `rsi` siginfo_t, `rdx` ucontext,
/// `r10` address of the handler's entry. Nothing on the stack can be read yet.
///
/// Kept across the switches, as claims: `r13` handler, `r14` interrupted compartment, `r15` the
/// handler's, `r9` the pair's secret. `ebx` signal, `rbp` siginfo_t and `r12` ucontext only serve the
/// handler, which uses them with its own rights.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn ia2_signal_entry() {
    naked_asm!(
        "mov ebx, edi", "mov rbp, rsi", "mov r12, rdx",
        // The handler.
        "xor r13d, r13d",
        "2:",
        "cmp r13, [rip + {sealed} + {handler_count}]", "jae 94f",
        "imul rax, r13, {handler_size}", "add rax, [rip + {sealed} + {handlers}]",
        "cmp [rax + {entry}], r10", "je 3f",
        "inc r13d", "jmp 2b",
        "3:",
        "mov r15d, [rax + {pkey}]",
        // The interrupted compartment (r14) and the lowest address it uses of its stack (r8): below
        // the frame if that is on the same stack, else below the red zone (psABI, 3.2.2).
        "mov r8, rsp",
        "mov r14, rsp", "sub r14, [rip + {sealed} + {stacks}]",
        "mov rcx, [rip + {sealed} + {arena_shift}]", "shr r14, cl",
        "cmp r14, 15", "jbe 4f",
        "mov rax, rsp", "sub rax, [r12 + {uc_stack}]",
        "cmp rax, [r12 + {uc_stack_size}]",
        "mov r14d, 0", "jae 4f",
        "mov r8, [r12 + {uc_rsp}]",
        "mov r14, r8", "sub r14, [rip + {sealed} + {stacks}]", "shr r14, cl",
        "sub r8, 128",
        "mov eax, 0", "cmp r14, 15", "cmova r14, rax",
        "4:",
        switch_to!("r14d"),
        // With the interrupted compartment's rights: lower its stack pointer, leave a record.
        "mov r14d, r14d", "mov r15d, r15d",
        "cmp r15d, 15", "ja 94f",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r14, {page}", "add r11, rcx",
        "mov rax, fs:[r11 + {stack_pointer}]",
        "mov rdx, rax",
        "cmp r8, rax", "cmovb rdx, r8",
        "and rdx, -16", "sub rdx, 40",
        "test r14d, r14d", "jz 5f",
        // It must stay in the same slot of the arena, above the guard page.
        "mov rcx, fs:[r11 + {stack_high}]", "sub rcx, rdx",
        "add rcx, {page} * 2", "cmp rcx, [rip + {sealed} + {stack_slot}]", "ja 95f",
        "test rax, rax", "jz 95f",
        "5:",
        "mov rsp, rdx",
        "mov rdx, {frame}", "or rdx, r13", "mov [rsp], rdx",
        "mov [rsp + 8], rax",
        "mov [rsp + 16], r12",
        "mov fs:[r11 + {stack_pointer}], rsp",
        // The handler's compartment may not have a stack in this thread yet.
        "cmp r14d, r15d", "je 6f",
        "lea r10d, [r15 + {prepare_stack}]", "sub rsp, 8", "call {enter}", "add rsp, 8",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r14, {page}", "add r11, rcx",
        "mov fs:[r11 + {stack_pointer}], rsp",
        "6:",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r14, {stride}", "add rcx, r8",
        "mov r9, [rcx + r15 * 8]",
        switch_to!("r15d"),
        // With the handler's rights.
        "mov r13d, r13d", "mov r14d, r14d",
        "cmp r13, [rip + {sealed} + {handler_count}]", "jae 94f",
        "cmp r14d, 15", "ja 94f",
        "imul r10, r13, {handler_size}", "add r10, [rip + {sealed} + {handlers}]",
        "cmp r15d, [r10 + {pkey}]", "jne 94f",
        "mov r15d, r15d",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r15, {stride}", "add rcx, r8",
        "cmp r9, [rcx + r14 * 8 + {incoming}]", "jne 92f",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r15, {page}", "add r11, rcx",
        "mov rsp, fs:[r11 + {stack_pointer}]",
        "push r14",
        "mov rsi, rbp", "mov rdx, r12",
        // Can the handler read the kernel's frame?
        "mov rax, r12", "sub rax, [rip + {sealed} + {stacks}]",
        "mov rcx, [rip + {sealed} + {arena_shift}]", "shr rax, cl",
        "cmp rax, 15", "ja 8f",
        "cmp rax, r15", "je 8f",
        "sub rsp, {siginfo}", "mov rdi, rsp", "mov ecx, {siginfo} / 8", "xor eax, eax",
        "cld", "rep stosq",
        "mov [rsp], ebx", "mov rsi, rsp", "lea rdx, [rip + {no_context}]",
        "8:",
        "mov edi, ebx",
        "mov rbx, fs:[r11 + {stack_pointer}]",
        "cld", "ldmxcsr [rip + {float}]", "fldcw [rip + {float} + 4]",
        clear_vectors!(),
        "xor eax, eax", "xor ecx, ecx", "xor ebp, ebp", "xor r8d, r8d", "xor r9d, r9d",
        "xor r11d, r11d", "xor r12d, r12d",
        "call [r10 + {address}]",
        "mov rsp, rbx",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r15, {page}",
        "mov fs:[r11 + rcx + {stack_pointer}], rsp",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r15, {stride}", "add rcx, r8",
        "mov r9, [rcx + r14 * 8 + {incoming}]",
        switch_to!("r14d"),
        // With the interrupted compartment's rights again: is this its handler that ends?
        "mov r13d, r13d", "mov r14d, r14d",
        "cmp r13, [rip + {sealed} + {handler_count}]", "jae 94f",
        "imul r10, r13, {handler_size}", "add r10, [rip + {sealed} + {handlers}]",
        "mov r15d, [r10 + {pkey}]",
        "mov r8, [rip + ia2_vault@GOTPCREL]",
        "imul rcx, r14, {stride}", "add rcx, r8",
        "cmp r9, [rcx + r15 * 8]", "jne 92f",
        "mov r11, [rip + ia2_thread_block@GOTTPOFF]",
        "imul rcx, r14, {page}", "add r11, rcx",
        "mov rsp, fs:[r11 + {stack_pointer}]",
        "mov rax, {frame}", "or rax, r13", "cmp [rsp], rax", "jne 93f",
        "mov rax, [rsp + 8]",
        "mov rdx, [rsp + 16]",
        "mov fs:[r11 + {stack_pointer}], rax",
        "mov rsp, rdx",
        "mov eax, {rt_sigreturn}", "syscall",
        "91: ud1 eax, [eax + {trap_pkru}]",
        "92: ud1 eax, [eax + {trap_secret}]",
        "93: ud1 eax, [eax + {trap_frame}]",
        "94: ud1 eax, [eax + {trap_no_gate}]",
        "95: ud1 eax, [eax + {trap_stack}]",
        sealed = sym SEALED,
        handlers = const offset_of!(Sealed, handlers),
        handler_count = const offset_of!(Sealed, handler_count),
        stacks = const offset_of!(Sealed, stacks),
        arena_shift = const offset_of!(Sealed, stack_arena_shift),
        stack_slot = const offset_of!(Sealed, stack_slot),
        has_avx = const offset_of!(Sealed, has_avx),
        handler_size = const HANDLER_SIZE,
        entry = const offset_of!(Handler, entry),
        address = const offset_of!(Handler, address),
        pkey = const offset_of!(Handler, pkey),
        uc_stack = const UC_STACK,
        uc_stack_size = const UC_STACK_SIZE,
        uc_rsp = const UC_RSP,
        page = const PAGE_SIZE,
        stride = const STRIDE,
        stack_pointer = const STACK_POINTER,
        stack_high = const STACK_HIGH,
        incoming = const incoming(Pkey::UNTRUSTED),
        frame = const FRAME,
        prepare_stack = const crate::hooks::PREPARE_STACK,
        enter = sym crate::enter::ia2_enter,
        siginfo = const SIGINFO,
        no_context = sym NO_CONTEXT,
        float = sym FLOAT_DEFAULTS,
        rt_sigreturn = const linux_raw_sys::general::__NR_rt_sigreturn,
        trap_pkru = const Trap::Pkru as u8,
        trap_secret = const Trap::Secret as u8,
        trap_frame = const Trap::Frame as u8,
        trap_no_gate = const Trap::NoGate as u8,
        trap_stack = const Trap::Stack as u8,
    )
}

unsafe extern "C" {
    /// glibc's other name of sigaction, which `--wrap` leaves alone.
    fn __sigaction(signal: i32, action: *const libc::sigaction, old: *mut libc::sigaction) -> i32;
}

/// `sigaction`, through a generated `--wrap`: puts the kernel's frame where it can be written and
/// where the handler can read it.
///
/// Before Linux 6.12 that is the alternate stack on key 0 in any case. From 6.12 on it is only
/// needed for handlers that want siginfo_t; others leave the interrupted compartment's registers on
/// that compartment's own stack.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_sigaction(
    signal: i32,
    action: *const libc::sigaction,
    old: *mut libc::sigaction,
) -> i32 {
    // SAFETY: null or valid by the contract of sigaction(2).
    let Some(action) = (unsafe { action.as_ref() }) else {
        // SAFETY: passes the arguments on.
        return unsafe { __sigaction(signal, core::ptr::null(), old) };
    };
    let mut action = *action;
    let ours = sealed().handlers().iter().any(|handler| handler.entry == action.sa_sigaction);
    if ours && (sealed().frames_need_key_0 || action.sa_flags & libc::SA_SIGINFO != 0) {
        action.sa_flags |= libc::SA_ONSTACK;
    }
    // SAFETY: a copy that lives through the call.
    unsafe { __sigaction(signal, &raw const action, old) }
}

/// `signal`, through a generated `--wrap`, with the meaning glibc gives it (BSD: the handler stays,
/// system calls are restarted).
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_signal(signal: i32, handler: usize) -> usize {
    // SAFETY: all-zero is a valid sigaction.
    let (mut action, mut old) =
        unsafe { core::mem::zeroed::<(libc::sigaction, libc::sigaction)>() };
    action.sa_sigaction = handler;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: both structures live through the call.
    match unsafe { __wrap_sigaction(signal, &raw const action, &raw mut old) } {
        0 => old.sa_sigaction,
        _ => libc::SIG_ERR,
    }
}
