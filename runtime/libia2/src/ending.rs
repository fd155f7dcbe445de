//! The end of a thread from within: `pthread_exit`, `thrd_exit` and cancellation.
//!
//! The C library goes back from cleanup handler to cleanup handler and at last to its own first frame
//! of the thread. Their list (`pthread_cleanup_push`) is on the stacks of the compartments that
//! pushed them, so each must be run by its owner; and the C library's own frames are on key 0, where
//! every compartment can write, so that last step is made with the rights of compartment 0.
//!
//! ```text
//! pthread_exit in c: the innermost handler is c's ─► the C library's function; the handler runs and
//!                    goes on with __pthread_unwind_next, which is replaced as well
//!                    it is another's ─────────────► enter that compartment, and go on there
//!                    there is none ───────────────► enter compartment 0, and go on there
//! ```
//!
//! Cancellation is a signal of the C library's own. Its handler runs in the interrupted compartment,
//! below a cleanup handler of ours, from which the same way is gone.

use core::arch::naked_asm;
use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;

use libc::{REG_RIP, REG_RSP, ucontext_t};
use linux_raw_sys::general::{SA_ONSTACK, SA_RESTORER, SA_SIGINFO};
use pkru::Pkey;

use crate::fault::Fault;
use crate::handler::{self, KernelAction, SYNCHRONOUS};
use crate::hooks::END_THREAD;
use crate::interpose::{self, Name, original};
use crate::message::Message;
use crate::object::{self, Object};
use crate::owner::{object_at, stack_of};
use crate::sealed::sealed;
use crate::{permissive, signal_entry, thunk};

/// `__pthread_unwind_buf_t` of glibc: a jump buffer, then four words, the first of which is the next
/// outer buffer while this one is registered.
#[repr(C)]
struct Buffer {
    registers: [usize; 9],
    outer: usize,
    rest: [usize; 3],
}

unsafe extern "C" {
    fn __pthread_register_cancel(buffer: *mut Buffer);
    fn __pthread_unregister_cancel(buffer: *mut Buffer);
}

/// The compartment that the innermost cleanup handler belongs to; 0 if it is the C library's own.
fn innermost() -> Pkey {
    let mut buffer = MaybeUninit::<Buffer>::zeroed();
    // SAFETY: registers and takes back a buffer that lives meanwhile; no cancellation comes between,
    // as these are no cancellation points.
    let outer = unsafe {
        __pthread_register_cancel(buffer.as_mut_ptr());
        __pthread_unregister_cancel(buffer.as_mut_ptr());
        (*buffer.as_ptr()).outer
    };
    stack_of(outer).unwrap_or(Pkey::UNTRUSTED)
}

/// What the hook is told: a value is given, or the thread ends with the value that it has.
const WITH_VALUE: usize = 1;
const AS_IT_IS: usize = 0;

/// Ends the thread from the compartment that must do the next step.
fn go_on(how: usize, value: usize) -> ! {
    let owner = innermost();
    if sys::running_compartment() != Some(owner) {
        // SAFETY: the body takes these numbers; it does not return.
        unsafe { thunk::enter(END_THREAD + owner.index(), [how, value, 0]) };
        sys::syscall::exit_group(1)
    }
    // SAFETY: the originals' types. Without a value, the C library is told to go on from a buffer
    // that is registered on top of the others, which is how its own handlers go on.
    unsafe {
        if how == WITH_VALUE {
            let exit: extern "C" fn(usize) -> ! =
                core::mem::transmute(original(Name::pthread_exit));
            exit(value)
        }
        let mut buffer = MaybeUninit::<Buffer>::zeroed();
        __pthread_register_cancel(buffer.as_mut_ptr());
        let next: extern "C" fn(*mut Buffer) -> ! =
            core::mem::transmute(original(Name::__pthread_unwind_next));
        next(buffer.as_mut_ptr())
    }
}

/// Body of the hook: the running compartment goes on.
pub(crate) unsafe extern "C" fn end(how: usize, value: usize, _: usize, _: usize) -> usize {
    go_on(how, value)
}

/// pthread_exit(3).
pub(crate) unsafe extern "C" fn pthread_exit(value: usize) -> ! {
    go_on(WITH_VALUE, value)
}

/// thrd_exit(3).
pub(crate) unsafe extern "C" fn thrd_exit(result: c_int) -> ! {
    go_on(WITH_VALUE, result as u32 as usize)
}

/// What a cleanup handler ends with: `__pthread_unwind_next`.
pub(crate) unsafe extern "C" fn unwind_next(buffer: *mut c_void) -> ! {
    // SAFETY: the buffer of the handler that has run, the innermost one.
    unsafe { __pthread_unregister_cancel(buffer.cast()) };
    go_on(AS_IT_IS, 0)
}

/// Finds out where the C library keeps the address of the innermost cleanup handler's buffer.
pub(crate) fn find_cleanup_offset() -> usize {
    /// Less than the size of glibc's `struct pthread`.
    const LARGEST: usize = 2048;
    let mut buffer = MaybeUninit::<Buffer>::zeroed();
    let address = buffer.as_mut_ptr();
    // SAFETY: the buffer lives while it is registered; the control block is larger than what is read.
    let found = unsafe {
        __pthread_register_cancel(address);
        let found = (0..LARGEST).step_by(size_of::<usize>()).find(|offset| {
            ((object::thread_pointer() + offset) as *const usize).read_volatile()
                == address as usize
        });
        __pthread_unregister_cancel(address);
        found
    };
    match found {
        Some(offset) => offset,
        None => Message::error("the C library's list of cleanup handlers is not known").stop(),
    }
}

/// The C library cancels a thread at a cancellation point by itself, without asking us, and faults at
/// the cleanup handler of another compartment: then the way above is gone from there.
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
    extern "C" fn resume() -> ! {
        go_on(AS_IT_IS, 0)
    }
    let registers = &mut context.uc_mcontext.gregs;
    registers[REG_RIP as usize] = resume as *const () as i64;
    // As behind a call, on a 16-byte boundary (psABI, section 3.2.2).
    registers[REG_RSP as usize] = ((registers[REG_RSP as usize] - 128) & !15) - 8;
    true
}

/// References to functions of the C library that are replaced, so that their addresses are known.
#[used]
static REFERENCES: [unsafe extern "C" fn(); 2] = {
    unsafe extern "C" {
        #[link_name = "pthread_exit"]
        fn exit();
        #[link_name = "__pthread_unwind_next"]
        fn next();
    }
    [exit, next]
};

/// The signal by which glibc cancels threads (its `SIGCANCEL`).
pub(crate) const SIGNAL: i32 = 32;

/// Handles that signal in the compartment it has interrupted.
pub(crate) unsafe extern "C" fn handle(signal: c_int, info: usize, context: usize) {
    let ended = guarded(sealed().cancel_handler, signal as usize, info, context);
    if ended != 0 {
        go_on(AS_IT_IS, 0);
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
