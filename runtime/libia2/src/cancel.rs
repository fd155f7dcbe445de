//! Cancellation: a thread ends because another one wants it to, at a cancellation point or, if it has asked
//! for that, anywhere.
//!
//! The C library does it by itself, in two ways, and begins to unwind where it is. If the thread waits in a
//! cancellation point, by a signal of the C library's own, whose handler runs in the interrupted compartment
//! below a cleanup handler of ours. If the wish is older, in the cancellation point: then it faults, because
//! what it takes for its own outermost handler is a page that nobody may touch. Either way the interrupted
//! code then calls for the end of the thread itself ([`crate::ending`]).

use core::arch::naked_asm;
use core::ffi::{c_int, c_void};

use layout::{PAGE_SIZE, thread_block};
use libc::{REG_RAX, REG_RIP, ucontext_t};
use linux_raw_sys::general::{SA_ONSTACK, SA_RESTORER, SA_SIGINFO};
use sys::syscall::{self, Protection};

use crate::ending::{AS_IT_IS, Buffer, go_on, to_innermost};
use crate::fault::Fault;
use crate::handler::{self, KernelAction, SYNCHRONOUS};
use crate::interpose;
use crate::message::Message;
use crate::object::{self, Object};
use crate::owner::object_at;
use crate::sealed::sealed;
use crate::{permissive, segment, signal_entry};

/// Where the C library keeps the address of the innermost cleanup handler's buffer, and where its own
/// outermost one is written down meanwhile.
fn places() -> (*mut usize, *mut usize) {
    let thread = object::thread_pointer();
    let block = thread.wrapping_add_signed(crate::enter::thread_block_offset());
    let innermost = (thread + sealed().cleanup_offset) as *mut usize;
    (innermost, (block + thread_block::OUTERMOST) as *mut usize)
}

/// Begins to notice that the C library ends the thread by itself, at a cancellation point: it unwinds to
/// its outermost cleanup handler then, past what it cannot see. In the place of that handler comes one that
/// it cannot read ([`redirect`]).
pub(crate) fn watch() {
    let (innermost, outermost) = places();
    // SAFETY: words of the running thread, which has no cleanup handler of the program's yet.
    unsafe {
        outermost.write(innermost.read());
        innermost.write(sealed().untouchable);
    }
}

/// Puts the C library's handler back, if another one is in its place.
pub(crate) fn watch_no_more() {
    let (innermost, outermost) = places();
    // SAFETY: words of the running thread.
    unsafe {
        if innermost.read() == sealed().untouchable {
            innermost.write(outermost.read());
        }
    }
}

/// A page that nobody may touch.
pub(crate) fn untouchable_page() -> usize {
    // SAFETY: a new mapping.
    match unsafe { syscall::map_anonymous(0, PAGE_SIZE, Protection::NONE, 0) } {
        Ok(address) => address,
        Err(errno) => Message::error("no memory for the ends of threads: ").errno(errno).stop(),
    }
}

/// The C library cancels a thread at a cancellation point by itself, without asking us, and faults at
/// a cleanup handler that it cannot read: then the way of ours is gone from there.
pub(crate) fn redirect(fault: &Fault, context: &mut ucontext_t) -> bool {
    let is_library = object_at(fault.instruction)
        .is_some_and(|object| object.has_code_at(libc::__errno_location as *const () as usize));
    let place = object::thread_pointer() + sealed().cleanup_offset;
    // SAFETY: a word of the thread control block.
    let buffer = unsafe { (place as *const usize).read() };
    let is_buffer = (buffer..buffer + size_of::<Buffer>()).contains(&fault.address);
    if fault.is_write || !is_library || !is_buffer {
        return false;
    }
    stand_at(context)
}

/// Lets interrupted code, which belongs to the running compartment, call for the end of the thread where
/// it is. False in the middle of a gate, where it has no frame of its own.
fn stand_at(context: &mut ucontext_t) -> bool {
    let registers = &mut context.uc_mcontext.gregs;
    let pc = registers[REG_RIP as usize] as usize;
    let is_code = object_at(pc).is_some_and(|object| object.has_code_at(pc));
    if !is_code || segment::is_transition(pc) {
        return false;
    }
    // Those who unwind look in front of a return address.
    registers[REG_RAX as usize] = pc as i64 + 1;
    registers[REG_RIP as usize] = called_for as *const () as i64;
    true
}

/// What [`stand_at`] makes interrupted code call: `rax` is the return address, the stack has any alignment.
#[unsafe(naked)]
unsafe extern "C" fn called_for() {
    naked_asm!(
        ".cfi_startproc",
        "push rax",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "and rsp, -16",
        "cld",
        "mov edi, {as_it_is}",
        "xor esi, esi",
        "call {go_on}",
        "ud2",
        ".cfi_endproc",
        as_it_is = const AS_IT_IS,
        go_on = sym go_on,
    )
}

/// The signal by which glibc cancels threads (its `SIGCANCEL`).
pub(crate) const SIGNAL: i32 = 32;

/// Handles that signal in the compartment it has interrupted.
pub(crate) unsafe extern "C" fn handle(signal: c_int, info: usize, context: usize) {
    let ended = guarded(sealed().cancel_handler, signal as usize, info, context);
    // SAFETY: the interrupted registers of this compartment.
    if ended != 0 && !stand_at(unsafe { &mut *(context as *mut ucontext_t) }) {
        to_innermost(AS_IT_IS, 0);
    }
}

/// Calls a function with a cleanup handler registered. Returns 0 when it returns, 1 when the thread is
/// to end; the handler is not registered any more then.
///
/// ```text
/// rbp ─► saved rbp
///        rbx, r12, r13, r14   function and arguments
/// rsp ─► buffer, 104 bytes and 8 more
/// ```
#[unsafe(naked)]
extern "C" fn guarded(function: usize, first: usize, second: usize, third: usize) -> usize {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "sub rsp, 112",
        "mov rbx, rdi",
        "mov r12, rsi",
        "mov r13, rdx",
        "mov r14, rcx",
        "mov rdi, rsp",
        "xor esi, esi",
        "call [rip + __sigsetjmp@GOTPCREL]",
        "test eax, eax",
        "jnz 2f",
        "mov rdi, rsp",
        "call [rip + __pthread_register_cancel@GOTPCREL]",
        "mov rdi, r12",
        "mov rsi, r13",
        "mov rdx, r14",
        "call rbx",
        "mov rdi, rsp",
        "call [rip + __pthread_unregister_cancel@GOTPCREL]",
        "xor eax, eax",
        "jmp 3f",
        "2:",
        "mov rdi, rsp",
        "call [rip + __pthread_unregister_cancel@GOTPCREL]",
        "mov eax, 1",
        "3:",
        "add rsp, 112",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}

const _: () = assert!(size_of::<Buffer>() == 104);

/// The C library's own handler for the signal. It installs it when the first thread is cancelled, so
/// one is made and cancelled, at start. 0 if the program cancels none.
pub(crate) fn find_handler(objects: &[Object]) -> usize {
    let Some(cancel) = interpose::address_of(objects, b"pthread_cancel") else { return 0 };
    extern "C" fn wait(_: *mut c_void) -> *mut c_void {
        // SAFETY: waits for the cancellation.
        unsafe { libc::pause() };
        core::ptr::null_mut()
    }
    unsafe extern "C" {
        fn __real_pthread_create(
            thread: *mut libc::pthread_t,
            attributes: *const libc::pthread_attr_t,
            start: extern "C" fn(*mut c_void) -> *mut c_void,
            argument: *mut c_void,
        ) -> c_int;
    }
    let mut thread = 0;
    let none = core::ptr::null_mut();
    // SAFETY: an ordinary thread of the C library that ends before anything has a key.
    let status = unsafe {
        match __real_pthread_create(&raw mut thread, core::ptr::null(), wait, none) {
            0 => {
                let cancel: extern "C" fn(libc::pthread_t) -> c_int = core::mem::transmute(cancel);
                cancel(thread);
                libc::pthread_join(thread, core::ptr::null_mut())
            }
            error => error,
        }
    };
    match handler::exchange_action(SIGNAL, None) {
        Ok(action) if status == 0 && action.handler > libc::SIG_IGN => action.handler,
        _ => Message::error("the C library's way to cancel threads is not known").stop(),
    }
}

/// Puts our own handler in the place of the C library's.
pub(crate) fn install() {
    if sealed().cancel_handler == 0 {
        return;
    }
    let action = KernelAction {
        handler: signal_entry::entry_of_cancellation(),
        flags: u64::from(SA_SIGINFO | SA_RESTORER | SA_ONSTACK),
        restorer: permissive::trampoline::restorer(),
        mask: !SYNCHRONOUS,
    };
    if let Err(errno) = handler::exchange_action(SIGNAL, Some(&action)) {
        Message::error("cannot handle the signal for cancellation: ").errno(errno).stop()
    }
}
