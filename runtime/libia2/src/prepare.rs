//! What a call gate asks for when its target has no stack in this thread yet.

use core::arch::naked_asm;
use core::mem::offset_of;

use crate::enter::ia2_enter;
use crate::sealed::{SEALED, Sealed};

/// Makes sure that compartment `r10d` has a stack in this thread, changing no register that carries
/// an argument. Gates call it on their first use in a thread.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn ia2_prepare_stack() {
    naked_asm!(
        "push rbp", "mov rbp, rsp",
        "push rax", "push rcx", "push rdx", "push rsi", "push rdi", "push r8", "push r9", "push r10",
        "sub rsp, 528",
        // A signal meanwhile would find the compartment without a stack, and rights that do not tell
        // whose stack it has interrupted.
        "mov edi, {set_mask}", "lea rsi, [rip + {blocked}]", "lea rdx, [rsp + 512]", "mov r10d, 8",
        "mov eax, {sigprocmask}", "syscall",
        "mov r10, [rbp - 64]",
        "cmp dword ptr [rip + {sealed} + {has_avx}], 1", "je 2f", "jb 3f",
        "vmovups [rsp + 0], zmm0", "vmovups [rsp + 64], zmm1",
        "vmovups [rsp + 128], zmm2", "vmovups [rsp + 192], zmm3",
        "vmovups [rsp + 256], zmm4", "vmovups [rsp + 320], zmm5",
        "vmovups [rsp + 384], zmm6", "vmovups [rsp + 448], zmm7",
        "call {enter}",
        "vmovups zmm0, [rsp + 0]", "vmovups zmm1, [rsp + 64]",
        "vmovups zmm2, [rsp + 128]", "vmovups zmm3, [rsp + 192]",
        "vmovups zmm4, [rsp + 256]", "vmovups zmm5, [rsp + 320]",
        "vmovups zmm6, [rsp + 384]", "vmovups zmm7, [rsp + 448]",
        "jmp 4f",
        "2:",
        "vmovups [rsp + 0], ymm0", "vmovups [rsp + 32], ymm1",
        "vmovups [rsp + 64], ymm2", "vmovups [rsp + 96], ymm3",
        "vmovups [rsp + 128], ymm4", "vmovups [rsp + 160], ymm5",
        "vmovups [rsp + 192], ymm6", "vmovups [rsp + 224], ymm7",
        "call {enter}",
        "vmovups ymm0, [rsp + 0]", "vmovups ymm1, [rsp + 32]",
        "vmovups ymm2, [rsp + 64]", "vmovups ymm3, [rsp + 96]",
        "vmovups ymm4, [rsp + 128]", "vmovups ymm5, [rsp + 160]",
        "vmovups ymm6, [rsp + 192]", "vmovups ymm7, [rsp + 224]",
        "jmp 4f",
        "3:",
        "movups [rsp + 0], xmm0", "movups [rsp + 16], xmm1",
        "movups [rsp + 32], xmm2", "movups [rsp + 48], xmm3",
        "movups [rsp + 64], xmm4", "movups [rsp + 80], xmm5",
        "movups [rsp + 96], xmm6", "movups [rsp + 112], xmm7",
        "call {enter}",
        "movups xmm0, [rsp + 0]", "movups xmm1, [rsp + 16]",
        "movups xmm2, [rsp + 32]", "movups xmm3, [rsp + 48]",
        "movups xmm4, [rsp + 64]", "movups xmm5, [rsp + 80]",
        "movups xmm6, [rsp + 96]", "movups xmm7, [rsp + 112]",
        "4:",
        "mov edi, {set_mask}", "lea rsi, [rsp + 512]", "xor edx, edx", "mov r10d, 8",
        "mov eax, {sigprocmask}", "syscall",
        "add rsp, 528",
        "pop r10", "pop r9", "pop r8", "pop rdi", "pop rsi", "pop rdx", "pop rcx", "pop rax",
        "pop rbp",
        "ret",
        enter = sym ia2_enter,
        blocked = sym crate::signal::BLOCKED,
        set_mask = const linux_raw_sys::general::SIG_SETMASK,
        sigprocmask = const linux_raw_sys::general::__NR_rt_sigprocmask,
        sealed = sym SEALED,
        has_avx = const offset_of!(Sealed, has_avx),
    )
}
