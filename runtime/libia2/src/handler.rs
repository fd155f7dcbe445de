//! The runtime's own signal handlers: how the kernel reaches them, and the stacks they run on.
//!
//! They run with the rights of compartment 0 on an alternate stack on key 0, one per thread. The
//! kernel's frame shows the interrupted registers there, to everybody; before Linux 6.12 there is no
//! other place for it (see [`crate::signal`]).

use core::arch::naked_asm;
use core::ffi::c_void;
use core::mem::offset_of;

use layout::PAGE_SIZE;
use layout::thread_block::SELECTOR;
use libc::{siginfo_t, ucontext_t};
use linux_raw_sys::general::{
    __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_sigaltstack, __NR_tgkill, SA_NODEFER, SA_ONSTACK,
    SA_RESTORER, SA_SIGINFO,
};
use sys::syscall::{self, Errno, Protection};

use crate::alignment::ALIGNMENT_CHECK;
use crate::message::Message;
use crate::sealed::{SEALED, Sealed};
use crate::{permissive, report};

/// Size of the alternate stack of a thread. A frame takes about 3 KiB, 11 KiB with AMX.
const STACK_SIZE: usize = 64 << 10;

/// Signals that only an instruction of the thread itself raises here: blocking them would turn a
/// violation into a silent end.
pub(crate) const SYNCHRONOUS: u64 = bit(libc::SIGSEGV)
    | bit(libc::SIGILL)
    | bit(libc::SIGTRAP)
    | bit(libc::SIGSYS)
    | bit(libc::SIGBUS)
    | bit(libc::SIGFPE);

/// The bit of a signal in a mask.
pub(crate) const fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// What the kernel takes as `struct sigaction` on x86-64.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct KernelAction {
    /// Address of the handler.
    pub(crate) handler: usize,
    /// `SA_*`.
    pub(crate) flags: u64,
    /// Where a handler returns to.
    pub(crate) restorer: usize,
    /// Signals blocked meanwhile.
    pub(crate) mask: u64,
}

/// Sets the kernel's action for a signal and returns the previous one.
pub(crate) fn exchange_action(
    signal: i32,
    new: Option<&KernelAction>,
) -> Result<KernelAction, Errno> {
    let mut old = KernelAction::default();
    let new = new.map_or(core::ptr::null(), core::ptr::from_ref);
    let arguments =
        [signal as usize, new as usize, (&raw mut old) as usize, size_of::<u64>(), 0, 0];
    // SAFETY: the kernel reads one structure and writes the other.
    unsafe { syscall::syscall(__NR_rt_sigaction, arguments) }.map(|_| old)
}

/// Blocks these signals besides, or sets the whole mask. Returns the previous one.
pub(crate) fn change_mask(how: u32, mask: u64) -> u64 {
    let mut old = 0u64;
    let (new, before) = ((&raw const mask) as usize, (&raw mut old) as usize);
    let arguments = [how as usize, new, before, size_of::<u64>(), 0, 0];
    // SAFETY: the kernel reads one mask and writes the other.
    let _ = unsafe { syscall::syscall(__NR_rt_sigprocmask, arguments) };
    old
}

/// Makes the runtime the handler of these signals.
pub(crate) fn install(signals: &[i32]) {
    for &signal in signals {
        let action = KernelAction {
            handler: entry as *const () as usize,
            flags: u64::from(SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTORER),
            restorer: permissive::trampoline::restorer(),
            mask: !SYNCHRONOUS,
        };
        if let Err(errno) = exchange_action(signal, Some(&action)) {
            Message::error("cannot install the handler that reports violations: ")
                .errno(errno)
                .stop()
        }
    }
}

/// Gives a signal its default action. What raised it happens again, so the process ends as it would
/// have without us.
pub(crate) fn give_up(signal: i32) {
    let _ = exchange_action(signal, Some(&KernelAction::default()));
}

/// Sends the running thread a signal.
pub(crate) fn send_to_self(signal: i32) {
    let [process, thread] = [syscall::getpid(), syscall::gettid()].map(|id| id as usize);
    // SAFETY: touches no memory.
    let _ = unsafe { syscall::syscall(__NR_tgkill, [process, thread, signal as usize, 0, 0, 0]) };
}

/// Where the kernel calls: `edi` signal, `rsi` siginfo_t, `rdx` ucontext.
///
/// The kernel leaves EFLAGS.AC as it was, with which compiled code would fault.
///
/// In permissive mode system calls are intercepted but for those of this handler. If [`handle`]
/// returns an address, that is a handler of the program, and it is called in place of this one.
#[unsafe(naked)]
unsafe extern "C" fn entry() {
    naked_asm!(
        "endbr64",
        "pushfq", "and dword ptr [rsp], ~{alignment_check}", "popfq",
        "mov rax, [rip + ia2_thread_block@GOTTPOFF]",
        "mov byte ptr fs:[rax + {selector}], 0",
        "push rdi", "push rsi", "push rdx",
        "call {handle}",
        "pop rdx", "pop rsi", "pop rdi",
        "mov rcx, [rip + ia2_thread_block@GOTTPOFF]",
        "mov r8d, [rip + {sealed} + {permissive}]",
        "mov byte ptr fs:[rcx + {selector}], r8b",
        "test rax, rax", "jnz 2f",
        "ret",
        "2:", "jmp rax",
        handle = sym handle,
        alignment_check = const ALIGNMENT_CHECK,
        selector = const SELECTOR,
        sealed = sym SEALED,
        permissive = const offset_of!(Sealed, permissive),
    )
}

/// Returns the address of the program's own handler that is to be called, or 0.
extern "C" fn handle(signal: i32, info: *const siginfo_t, context: *mut ucontext_t) -> usize {
    // SAFETY: the kernel passes valid structures on this stack, and they are ours until we return.
    let (info, context) = unsafe { (&*info, &mut *context) };
    if permissive::is_on() && permissive::handle(signal, info, context) {
        return 0;
    }
    report::handle(signal, info, context)
}

/// Sets the running thread's alternate stack and returns the previous one. The C library's function
/// is the program's, see [`crate::mask`].
fn exchange_stack(new: &libc::stack_t) -> Result<libc::stack_t, Errno> {
    let mut old = libc::stack_t { ss_sp: core::ptr::null_mut(), ss_flags: 0, ss_size: 0 };
    let arguments = [core::ptr::from_ref(new) as usize, (&raw mut old) as usize, 0, 0, 0, 0];
    // SAFETY: the kernel reads one structure and writes the other.
    unsafe { syscall::syscall(__NR_sigaltstack, arguments) }.map(|_| old)
}

/// Gives the running thread an alternate signal stack on key 0, with a guard page below.
pub(crate) fn prepare_thread() {
    // SAFETY: a fresh mapping that only this thread's signal frames use.
    let mapped = unsafe {
        syscall::map_anonymous(0, STACK_SIZE + PAGE_SIZE, Protection::READ_WRITE, 0).map(|base| {
            let _ = syscall::protect(base, PAGE_SIZE, Protection::NONE);
            (base + PAGE_SIZE) as *mut c_void
        })
    };
    let set = mapped.and_then(|ss_sp| {
        exchange_stack(&libc::stack_t { ss_sp, ss_flags: 0, ss_size: STACK_SIZE })
    });
    if let Err(errno) = set {
        Message::error("no memory for a signal stack: ").errno(errno).stop()
    }
}

/// Takes the running thread's alternate stack away again.
pub(crate) fn release_thread() {
    let none =
        libc::stack_t { ss_sp: core::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
    if let Ok(old) = exchange_stack(&none)
        && old.ss_flags & libc::SS_DISABLE == 0
    {
        // SAFETY: made by `prepare_thread`, and not in use.
        let _ = unsafe { syscall::unmap(old.ss_sp as usize - PAGE_SIZE, STACK_SIZE + PAGE_SIZE) };
    }
}
