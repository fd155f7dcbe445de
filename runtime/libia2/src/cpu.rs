//! What the CPU has, as far as gates must know.

use core::arch::x86_64::{__cpuid, __cpuid_count};

use crate::message::Message;
use layout::callgates::{CPU_AVX, CPU_AVX512, CPU_SSE};

/// Kinds of vector registers, with the numbers by which gates know them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Vectors {
    /// 16 registers of 16 bytes.
    Sse = CPU_SSE,
    /// 16 registers of 32 bytes.
    Avx = CPU_AVX,
    /// 32 registers of 64 bytes, and mask registers.
    Avx512 = CPU_AVX512,
}

/// The vector registers that CPU and kernel have (SDM volume 1, sections 14.3 and 15.2).
pub(crate) fn vectors() -> Vectors {
    const OSXSAVE: u32 = 1 << 27;
    const AVX: u32 = 1 << 28;
    const AVX512F: u32 = 1 << 16;
    const AVX_STATE: u32 = 0b110;
    const AVX512_STATE: u32 = 0b1110_0110;
    let features = __cpuid(1).ecx;
    if features & (OSXSAVE | AVX) != OSXSAVE | AVX {
        return Vectors::Sse;
    }
    let enabled: u32;
    // SAFETY: XGETBV exists where OSXSAVE is set and only reads a register.
    unsafe {
        core::arch::asm!("xgetbv", in("ecx") 0, out("eax") enabled, out("edx") _,
            options(nomem, nostack, preserves_flags));
    }
    if enabled & AVX_STATE != AVX_STATE {
        return Vectors::Sse;
    }
    let has_avx512 = __cpuid_count(7, 0).ebx & AVX512F != 0;
    if has_avx512 && enabled & AVX512_STATE == AVX512_STATE {
        Vectors::Avx512
    } else {
        Vectors::Avx
    }
}

/// Stops if the thread has a shadow stack (CET): jumps across gates, and the ways in which threads and
/// handlers end, take return addresses off the stack that the CPU would then miss.
pub(crate) fn refuse_shadow_stacks() {
    let pointer: usize;
    // SAFETY: RDSSPQ reads a register; without a shadow stack it does nothing (SDM volume 1,
    // section 17.2.3).
    unsafe {
        core::arch::asm!("xor eax, eax", "rdsspq rax", out("rax") pointer,
            options(nomem, nostack));
    }
    if pointer != 0 {
        Message::error("this process has shadow stacks (CET), which compartments cannot use yet; ")
            .text("start it with GLIBC_TUNABLES=glibc.cpu.x86_shstk=off")
            .stop()
    }
}
