//! The frame that the kernel writes for a signal: sizes and offsets.

use core::mem::offset_of;

use layout::PAGE_SIZE;

/// Size of siginfo_t (sigaction(2)), which reaches another compartment in xmm0 to xmm7.
pub(crate) const SIGINFO: usize = 128;
const _: () = assert!(size_of::<libc::siginfo_t>() == SIGINFO);
/// More bytes than a frame has: that of AMX needs 11 KiB.
pub(crate) const LARGEST_FRAME: usize = 64 << 10;
/// More than the size of a frame's part below the floating-point state.
pub(crate) const BEFORE_FPREGS: usize = 1024;
/// Offset of the size of the extended state in a frame's floating-point state (`struct _fpx_sw_bytes`
/// in arch/x86/include/uapi/asm/sigcontext.h).
pub(crate) const EXTENDED_SIZE: usize = 468;
/// Offset in the kernel's `struct ucontext` of `uc_stack.ss_sp`.
pub(crate) const UC_STACK: usize =
    offset_of!(libc::ucontext_t, uc_stack) + offset_of!(libc::stack_t, ss_sp);
/// Offset of `uc_stack.ss_size`.
pub(crate) const UC_STACK_SIZE: usize =
    offset_of!(libc::ucontext_t, uc_stack) + offset_of!(libc::stack_t, ss_size);
const UC_MCONTEXT: usize = offset_of!(libc::ucontext_t, uc_mcontext);
/// Offset of the saved `rsp`.
pub(crate) const UC_RSP: usize = UC_MCONTEXT + 8 * libc::REG_RSP as usize;
/// Offset of the saved `rip`.
pub(crate) const UC_RIP: usize = UC_MCONTEXT + 8 * libc::REG_RIP as usize;
/// Offset of the address of the floating-point state.
pub(crate) const UC_FPREGS: usize = UC_MCONTEXT + offset_of!(libc::mcontext_t, fpregs);
/// Offset of the signal mask.
pub(crate) const UC_MASK: usize = offset_of!(libc::ucontext_t, uc_sigmask);

/// What a handler gets for the registers of another compartment: zeroes.
#[repr(C, align(64))]
pub(crate) struct NoContext([u8; PAGE_SIZE]);
/// See [`NoContext`].
pub(crate) static NO_CONTEXT: NoContext = NoContext([0; PAGE_SIZE]);

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
