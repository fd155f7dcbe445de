//! Notification by a thread (`SIGEV_THREAD`, sigevent(7)): the C library makes threads of its own for it,
//! with the rights of whoever asked first. They start with the rights of compartment 0 instead,
//! become threads of the program, and enter the compartment that asked.
//!
//! ```text
//! timer_create in c                  thread of the C library
//!   notice in c's private memory
//!   enter 0: the C library's ──────► notified (rights of 0): key the thread's storage
//!   function, with the notice          enter c: is the notice one of ours? call its function
//! ```

use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;

use libc::{pthread_attr_t, sigevent};
use linux_raw_sys::general::{SIG_BLOCK, SIG_SETMASK};
use pkru::Pkey;

use crate::hooks::{CALL_LIBRARY_TO_NOTIFY, NOTIFY};
use crate::interpose::{Name, original};
use crate::message::Message;
use crate::notices::{Notice, end_of_timer};
use crate::{cancel, handler, owner, release, thread, thunk};

unsafe extern "C" {
    fn shared_malloc(size: usize) -> *mut c_void;
    fn shared_free(block: *mut c_void);
}

/// What is passed to the C library's function, in shared memory.
#[repr(C)]
struct Request {
    event: sigevent,
    attributes: MaybeUninit<pthread_attr_t>,
    /// The function's other arguments: a number, and where to put a timer's identity.
    number: usize,
    timer: usize,
    /// Whether it is `timer_create`, else `mq_notify`.
    is_timer: bool,
}

/// The event as glibc lays it out (`struct sigevent`): function and attributes stand in the union.
#[repr(C)]
struct ThreadEvent {
    value: usize,
    signal: c_int,
    notify: c_int,
    function: usize,
    attributes: *const pthread_attr_t,
}

/// First function of a thread by which the C library notifies.
extern "C" fn notified(notice: usize) {
    let mask = handler::change_mask(SIG_BLOCK, !handler::SYNCHRONOUS);
    // A handler may have run before, and made stacks.
    thread::end_heaps();
    release::release_stacks();
    thread::begin_thread(1);
    handler::change_mask(SIG_SETMASK, mask & !handler::SYNCHRONOUS);
    let Some(pkey) = owner::heap_of(notice) else {
        Message::error("a thread was to notify nobody").stop()
    };
    // SAFETY: the body checks that the notice is one of the compartment's own.
    unsafe { thunk::enter(NOTIFY + pkey.index(), [notice, 0, 0]) };
    cancel::watch_no_more();
}

/// Body of the hook: calls what the running compartment has asked for.
pub(crate) unsafe extern "C" fn run(notice: usize, _: usize, _: usize, _: usize) -> usize {
    let pkey = sys::running_compartment().unwrap_or(Pkey::UNTRUSTED);
    // SAFETY: a wrong address faults with the rights of the compartment that is running.
    let asked = unsafe { Notice::take(notice, pkey) };
    let Some((function, value)) = asked else {
        Message::error("a thread was to notify a compartment that has not asked for it").stop()
    };
    // SAFETY: what the running compartment has asked for, by the contract of sigevent(7).
    unsafe {
        let function: extern "C" fn(usize) = core::mem::transmute(function);
        function(value);
    }
    0
}

/// Body of the hook that calls the C library's function in compartment 0.
pub(crate) unsafe extern "C" fn call(request: usize, _: usize, _: usize, _: usize) -> usize {
    let request = request as *mut Request;
    // SAFETY: shared memory that lives until the caller goes on; what others change there concerns
    // compartment 0 alone. The originals' types.
    let status = unsafe {
        let event = &raw mut (*request).event;
        if (*request).is_timer {
            let create: extern "C" fn(usize, *mut sigevent, *mut usize) -> c_int =
                core::mem::transmute(original(Name::timer_create));
            create((*request).number, event, &raw mut (*request).timer)
        } else {
            let notify: extern "C" fn(c_int, *mut sigevent) -> c_int =
                core::mem::transmute(original(Name::mq_notify));
            notify((*request).number as c_int, event)
        }
    };
    status as isize as usize
}

/// Asks for notification by a thread. The second result is the timer's identity.
///
/// # Safety
/// A valid event with `SIGEV_THREAD`.
unsafe fn ask(event: *const sigevent, number: usize, is_timer: bool) -> (c_int, usize) {
    let Some(pkey) = sys::running_compartment() else {
        Message::error("a timer is created with rights that belong to no compartment").stop()
    };
    // SAFETY: fresh blocks of the right sizes; the event is valid by the caller's obligation, and its
    // attributes by the contract of sigevent(7).
    unsafe {
        let asked = event.cast::<ThreadEvent>();
        let request = shared_malloc(size_of::<Request>()).cast::<Request>();
        let notice = Notice::make(pkey, (*asked).function, (*asked).value, !is_timer);
        let Some(notice) = notice.filter(|_| !request.is_null()) else {
            // Null or ours; a notice is no loss, because it will be used again.
            shared_free(request.cast());
            *libc::__errno_location() = libc::EAGAIN;
            return (-1, 0);
        };
        (&raw mut (*request).event).write(event.read());
        (*request).number = number;
        (*request).timer = 0;
        (*request).is_timer = is_timer;
        let passed = (&raw mut (*request).event).cast::<ThreadEvent>();
        (*passed).value = (&raw const *notice) as usize;
        (*passed).function = notified as *const () as usize;
        if !(*asked).attributes.is_null() {
            let copy = (&raw mut (*request).attributes).cast::<pthread_attr_t>();
            copy.copy_from_nonoverlapping((*asked).attributes, 1);
            thread::adapt(copy, &mut 1);
            (*passed).attributes = copy;
        }
        let status = thunk::enter(CALL_LIBRARY_TO_NOTIFY, [request as usize, 0, 0]) as c_int;
        let timer = (*request).timer;
        // The C library has copied what it needs.
        shared_free(request.cast());
        if status == 0 {
            notice.belongs_to(timer);
        } else {
            notice.end(pkey);
        }
        (status, timer)
    }
}

/// # Safety
/// Null or a valid event.
unsafe fn is_by_thread(event: *const sigevent) -> bool {
    // SAFETY: the caller's obligation.
    unsafe { event.as_ref().is_some_and(|event| event.sigev_notify == libc::SIGEV_THREAD) }
}

/// timer_create(2).
pub(crate) unsafe extern "C" fn timer_create(
    clock: c_int,
    event: *mut sigevent,
    timer: *mut usize,
) -> c_int {
    // SAFETY: the program's arguments, by the contract of timer_create(2); the original's type.
    unsafe {
        if is_by_thread(event) {
            let (status, made) = ask(event, clock as usize, true);
            if status == 0 {
                *timer = made;
            }
            return status;
        }
        let create: extern "C" fn(c_int, *mut sigevent, *mut usize) -> c_int =
            core::mem::transmute(original(Name::timer_create));
        create(clock, event, timer)
    }
}

/// timer_delete(2).
pub(crate) unsafe extern "C" fn timer_delete(timer: usize) -> c_int {
    let ended = sys::running_compartment().and_then(|pkey| end_of_timer(pkey, timer));
    // SAFETY: the original's type; the program's argument.
    let status = unsafe {
        let delete: extern "C" fn(usize) -> c_int =
            core::mem::transmute(original(Name::timer_delete));
        delete(timer)
    };
    if let Some(notice) = ended.filter(|_| status != 0) {
        notice.go_on();
    }
    status
}

/// mq_notify(3).
pub(crate) unsafe extern "C" fn mq_notify(queue: c_int, event: *const sigevent) -> c_int {
    // SAFETY: as above.
    unsafe {
        if is_by_thread(event) {
            return ask(event, queue as usize, false).0;
        }
        let notify: extern "C" fn(c_int, *const sigevent) -> c_int =
            core::mem::transmute(original(Name::mq_notify));
        notify(queue, event)
    }
}

/// What the C library does in threads of its own that work on the caller's memory: they would have
/// the rights of whoever called first.
pub(crate) unsafe extern "C" fn refuse() -> ! {
    Message::error(
        "the program calls aio_read, aio_write, aio_fsync, lio_listio or getaddrinfo_a, ",
    )
    .text("which work in threads of the C library that belong to no compartment; use a thread ")
    .text("of the program and the blocking call instead")
    .stop()
}
