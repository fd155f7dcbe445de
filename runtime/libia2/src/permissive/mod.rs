//! Permissive mode: a violation becomes a log entry, and the program goes on.
//!
//! For programs under conversion: their tests run through, and the summary at the end names what
//! must be shared. It is switched on by a note that `permissive_mode.h` puts into an object, so a
//! program that was not built for it cannot be talked into it.
//!
//! ```text
//! instruction ─ SIGSEGV ─► logged; one more key opened, trap flag set ─► the instruction alone
//!             ◄ SIGTRAP ── the key closed again                        ◄─┘
//! system call ─ SIGSYS ──► sent to a trampoline, which makes the same call as the program itself
//!             ◄ SIGILL ─── came back with EFAULT: logged, made again with all keys open
//! ```
//!
//! Both windows open other compartments' memory to a single instruction, so this mode protects
//! nothing. Its state lies on key 0 for the same reason.
//!
//! System calls must be intercepted (Syscall User Dispatch, Linux 5.11), because the kernel answers
//! EFAULT where an instruction would fault. What the kernel does not pass on to children is switched
//! on again in new threads ([`prepare_thread`]) and in the child of a fork.

mod arguments;
mod calls;
mod entered;
mod index;
mod lent;
mod log;
mod masks;
mod site;
mod step;
mod summary;
pub(crate) mod trampoline;
mod writer;

use core::ffi::c_char;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::{Acquire, Release};

pub(crate) use entered::hook;
use layout::thread_block::{PERMISSIVE, PERMISSIVE_SIZE, SELECTOR};
use libc::{siginfo_t, ucontext_t};
use linux_raw_sys::general::__NR_prctl;
use linux_raw_sys::prctl::PR_SET_SYSCALL_USER_DISPATCH;
use pkru::Pkey;
use sys::syscall::{self, Protection};

use crate::late;
use crate::message::Message;
use crate::object::{self, Object, Range};
use crate::report::trap_at;
use crate::sealed::sealed;
use layout::trap::Trap;

/// `si_code` of SIGTRAP after a single step, and of SIGSYS for an intercepted system call
/// (sigaction(2)).
const TRAP_TRACE: i32 = 2;
const SYS_USER_DISPATCH: i32 = 2;
/// Values of the selector.
const BLOCK: u8 = 1;

/// Everything that permissive mode writes for the process.
#[repr(C)]
pub(crate) struct State {
    log: log::Log,
    calls: calls::Sites,
    files: [KeptFile; MOST_FILES],
    /// Where the summary is written as JSON: a C string, or null.
    json: *const c_char,
    /// Pages that are lent.
    lent: lent::Lent,
    /// The functions that were called last.
    last: [entered::Last; Pkey::COUNT],
    /// After how many accesses of a site its page is lent to its compartment; 0: never.
    lend_after: u64,
}

/// What it keeps for a thread, at [`PERMISSIVE`] in the thread block.
#[repr(C)]
struct Thread {
    step: step::Step,
    calls: calls::Pending,
}

const _: () = assert!(size_of::<Thread>() <= PERMISSIVE_SIZE);

/// The file of an object, mapped once: where, and how many bytes. Zero until then.
#[derive(Default)]
#[repr(C)]
pub(crate) struct KeptFile([AtomicUsize; 2]);

/// Files of the objects of the start that are kept.
const MOST_FILES: usize = 256;

/// Whether permissive mode is on.
pub(crate) fn is_on() -> bool {
    sealed().permissive != 0
}

/// Memory for the state. `json` is where to write the summary.
/// `lend_after` is how often a site is counted before its page is lent to it; 0: always.
pub(crate) fn create(json: *const c_char, lend_after: u64) -> *mut State {
    // SAFETY: a new mapping.
    match unsafe { syscall::map_anonymous(0, size_of::<State>(), Protection::READ_WRITE, 0) } {
        Ok(address) => {
            let state = address as *mut State;
            // SAFETY: fresh memory; all of it is valid when zero.
            unsafe {
                (*state).json = json;
                (*state).lend_after = lend_after;
            }
            state
        }
        Err(errno) => Message::error("no memory for permissive mode: ").errno(errno).stop(),
    }
}

/// The state of the process.
fn state() -> &'static State {
    // SAFETY: created at start if permissive mode is on; what changes in it is atomic.
    unsafe { &*sealed().permissive_state }
}

/// The running thread's state.
fn thread() -> &'static mut Thread {
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    // SAFETY: memory of the thread's own on page 0, used in its handlers alone, which block signals.
    unsafe { &mut *((block + PERMISSIVE) as *mut Thread) }
}

/// Switches it on for the process; last act of the start.
pub(crate) fn start() {
    crate::handler::install(&[libc::SIGTRAP, libc::SIGSYS]);
    prepare_thread();
    Message::warning("permissive mode: violations are logged, nothing is protected").print();
}

/// Intercepts the running thread's system calls.
pub(crate) fn prepare_thread() {
    const PR_SYS_DISPATCH_ON: usize = 1;
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    let (from, length) = trampoline::range();
    // SAFETY: the selector of the running thread.
    unsafe { *((block + SELECTOR) as *mut u8) = BLOCK };
    dispatch(PR_SYS_DISPATCH_ON, [from, length, block + SELECTOR]);
}

/// Ends it for a thread that is about to end: it loses the stack for signals.
pub(crate) fn release_thread() {
    const PR_SYS_DISPATCH_OFF: usize = 0;
    dispatch(PR_SYS_DISPATCH_OFF, [0; 3]);
}

fn dispatch(mode: usize, [from, length, selector]: [usize; 3]) {
    let operation = PR_SET_SYSCALL_USER_DISPATCH as usize;
    // SAFETY: system calls outside the range raise SIGSYS from now on, which has its handler.
    let done =
        unsafe { syscall::syscall(__NR_prctl, [operation, mode, from, length, selector, 0]) };
    if let Err(errno) = done {
        Message::error("permissive mode needs Linux 5.11 or later (Syscall User Dispatch): ")
            .errno(errno)
            .stop()
    }
}

/// In the child of a fork: what the parent logged is the parent's.
fn fork_child() {
    prepare_thread();
    state().log.clear();
}

/// Handles a signal. False if it is none of permissive mode's.
pub(crate) fn handle(signal: i32, info: &siginfo_t, context: &mut ucontext_t) -> bool {
    match (signal, info.si_code) {
        (libc::SIGSEGV, crate::fault::SEGV_PKUERR) => step::begin(info, context),
        (libc::SIGSEGV, _) => {
            step::abandon(context);
            false
        }
        (libc::SIGTRAP, TRAP_TRACE) => step::end(context),
        (libc::SIGSYS, SYS_USER_DISPATCH) => calls::intercept(context),
        (libc::SIGILL, _) => {
            match trap_at(context.uc_mcontext.gregs[libc::REG_RIP as usize] as usize) {
                Some(Trap::PermissiveDone) => step::end(context) || calls::done(context),
                Some(Trap::PermissiveFault) => calls::faulted(context),
                Some(Trap::PermissiveEntered) => entered::close(context),
                _ => false,
            }
        }
        _ => false,
    }
}

/// The process ends, or is about to become another program: the summary, if anything was logged.
pub(crate) fn ends() {
    if is_on() {
        summary::print(state());
    }
}

/// An object's file: in permissive mode `map` is asked only once.
pub(crate) fn kept_file(
    object: &Object,
    map: fn(&Object) -> Option<&'static [u8]>,
) -> Option<&'static [u8]> {
    if !is_on() {
        return map(object);
    }
    let mut known = sealed().objects().iter().zip(&state().files);
    let known = known.find(|(other, _)| core::ptr::eq(*other, object)).map(|(_, kept)| kept);
    let Some(KeptFile([start, length])) = known.or_else(|| late::kept_file(object)) else {
        return map(object);
    };
    let kept = start.load(Acquire);
    if kept != 0 {
        // SAFETY: stored below, from a mapping that stays.
        return Some(unsafe {
            core::slice::from_raw_parts(kept as *const u8, length.load(Acquire))
        });
    }
    let file = map(object)?;
    length.store(file.len(), Release);
    start.store(file.as_ptr() as usize, Release);
    Some(file)
}

/// Another object is in the range now: what was logged about it can be named no more.
pub(crate) fn forget(range: Range) {
    state().log.forget(range);
}
