//! The end of a thread from within: `pthread_exit`, `thrd_exit` and cancellation ([`crate::cancel`]).
//!
//! The C library unwinds the stack, from cleanup handler to cleanup handler, and goes at last to its own
//! first frame of the thread. It cannot unwind across gates. Handlers (`pthread_cleanup_push`) are in a list
//! which leads through the stacks of the compartments that pushed them; with `-fexceptions` they, and
//! variables with `__attribute__((cleanup))`, are found by unwinding. So each compartment unwinds its own
//! frames, segment by segment ([`crate::segment`]), and the C library's last step is made with the rights of
//! compartment 0, because its frames are on key 0, where every compartment can write.
//!
//! ```text
//! pthread_exit in c: the innermost handler is in this segment ─► the C library's function; the handler
//!                    runs and goes on with __pthread_unwind_next, which is replaced as well
//!                    it is not ─► the C library unwinds the segment, up to a handler of ours at its
//!                    border; from there enter the caller's compartment, and go on where it has called
//!                    the border is not found ─► enter the compartment of the innermost handler
//! ```

use core::arch::naked_asm;
use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;

use layout::thread_block;
use pkru::Pkey;

use crate::cfi::RSP;
use crate::hooks::END_THREAD;
use crate::interpose::{Name, original};
use crate::jump::disguise;
use crate::message::Message;
use crate::object;
use crate::owner::stack_of;
use crate::segment::{self, Border};
use crate::{cancel, thunk};

/// `__pthread_unwind_buf_t` of glibc: a jump buffer, then four words, the first of which is the next
/// outer buffer while this one is registered.
#[repr(C)]
pub(crate) struct Buffer {
    registers: [usize; 9],
    outer: usize,
    rest: [usize; 3],
}

unsafe extern "C" {
    fn __pthread_register_cancel(buffer: *mut Buffer);
    fn __pthread_unregister_cancel(buffer: *mut Buffer);
}

/// The buffer of the innermost cleanup handler, and the compartment that it belongs to: 0 if it is the C
/// library's own.
fn innermost() -> (usize, Pkey) {
    let mut buffer = MaybeUninit::<Buffer>::zeroed();
    // SAFETY: registers and takes back a buffer that lives meanwhile; no cancellation comes between,
    // as these are no cancellation points.
    let outer = unsafe {
        __pthread_register_cancel(buffer.as_mut_ptr());
        __pthread_unregister_cancel(buffer.as_mut_ptr());
        (*buffer.as_ptr()).outer
    };
    (outer, stack_of(outer).unwrap_or(Pkey::UNTRUSTED))
}

/// What the hook is told: a value is given, or the thread ends with the value that it has.
const WITH_VALUE: usize = 1;
pub(crate) const AS_IT_IS: usize = 0;

/// Ends the thread from the frames that are on the running compartment's stack: unwinds them, up to the
/// innermost cleanup handler or to the call that entered the compartment, and goes on there.
pub(crate) extern "C" fn go_on(how: usize, value: usize) -> ! {
    let here = segment::here();
    let (buffer, owner) = innermost();
    if let Some(border) = segment::border(here) {
        let is_handler_here = sys::running_compartment() == Some(owner)
            && (here.0[RSP]..border.top).contains(&buffer);
        if !is_handler_here {
            unwind(&border, how, value)
        }
    }
    to_innermost(how, value)
}

/// Unwinds up to the border. The C library does it, which believes that a cleanup handler is there.
fn unwind(border: &Border, how: usize, value: usize) -> ! {
    let caller = border.caller.map_or(usize::MAX, Pkey::index);
    let ended = ended as *const () as usize;
    // SAFETY: memory for this purpose, the running compartment's own; the registers are those with which
    // `ended` goes on, on a stack that is empty up to there. In glibc's order: rbx, rbp, r12 to r15, rsp,
    // rip; rbp, rsp and rip are disguised.
    unsafe {
        let buffer = own_buffer();
        (*buffer).registers = [
            how,
            disguise(0),
            value,
            caller,
            border.outer,
            0,
            disguise(border.top),
            disguise(ended),
            0,
        ];
        __pthread_register_cancel(buffer);
    }
    by_library(how, value)
}

/// The running compartment's buffer for [`unwind`].
fn own_buffer() -> *mut Buffer {
    let pkey = sys::running_compartment().unwrap_or(Pkey::UNTRUSTED);
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    (block + thread_block::page(pkey) + thread_block::ENDING) as *mut Buffer
}

/// Where the C library goes when all is unwound up to the border, with the registers of [`unwind`].
#[unsafe(naked)]
unsafe extern "C" fn ended() {
    naked_asm!(
        "mov rdi, rbx",
        "mov rsi, r12",
        "mov rdx, r13",
        "mov rcx, r14",
        "call {go_out}",
        "ud2",
        go_out = sym go_out,
    )
}

/// Goes on in the compartment that called the running one.
extern "C" fn go_out(how: usize, value: usize, caller: usize, outer: usize) -> ! {
    // SAFETY: the buffer of `unwind`, the innermost one.
    unsafe { __pthread_unregister_cancel(own_buffer()) };
    match u8::try_from(caller).ok().and_then(Pkey::new) {
        Some(caller) if sys::running_compartment() != Some(caller) => {
            enter(caller, how, value, outer)
        }
        _ => to_innermost(how, value),
    }
}

/// Goes on ending the thread in another compartment. `outer` is that of the border at which the running one
/// has ended its segment, or 0.
fn enter(pkey: Pkey, how: usize, value: usize, outer: usize) -> ! {
    // SAFETY: the body takes two numbers; it does not return.
    unsafe { segment::leave(thunk::thunk(END_THREAD + pkey.index()), how, value, outer) }
}

/// Goes on at the innermost cleanup handler, wherever it is.
pub(crate) fn to_innermost(how: usize, value: usize) -> ! {
    let (_, owner) = innermost();
    if sys::running_compartment() != Some(owner) {
        enter(owner, how, value, 0)
    }
    cancel::watch_no_more();
    by_library(how, value)
}

/// Lets the C library unwind up to the innermost cleanup handler, which is the running compartment's.
fn by_library(how: usize, value: usize) -> ! {
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

/// Body of the hook: the running compartment goes on, where it has left for another one if it has.
pub(crate) unsafe extern "C" fn end(
    how: usize,
    value: usize,
    _: usize,
    _: usize,
    stack: usize,
) -> usize {
    match segment::left_through(stack) {
        // SAFETY: the registers of a call that is pending on this stack, which nobody returns to.
        Some(registers) => unsafe { segment::call_instead(registers, how, value, go_on) },
        None => to_innermost(how, value),
    }
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
