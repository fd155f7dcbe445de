//! Notification by a thread (`SIGEV_THREAD`, sigevent(7)): the C library makes threads of its own for it,
//! with the rights of whoever asked first. They start with the rights of compartment 0 instead,
//! become threads of the program, and enter the compartment that asked.
//!
//! ```text
//! timer_create in c                  thread of the C library
//!   record in c's private memory
//!   enter 0: the C library's ──────► notified (rights of 0): key the thread's storage
//!   function, with the record          enter c: is the record one of ours? call its function
//! ```

use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;

use libc::{pthread_attr_t, sigevent};
use linux_raw_sys::general::{SIG_BLOCK, SIG_SETMASK};
use pkru::Pkey;

use crate::hooks::{CALL_LIBRARY_TO_NOTIFY, NOTIFY};
use crate::interpose::{Name, original};
use crate::message::Message;
use crate::thread::{self, own_secret};
use crate::{handler, owner, release, thunk};

unsafe extern "C" {
    fn __wrap_malloc(size: usize) -> *mut c_void;
    fn __wrap_free(block: *mut c_void);
    fn shared_malloc(size: usize) -> *mut c_void;
    fn shared_free(block: *mut c_void);
}

/// What to call, in the private memory of the compartment that asked. It stays there with its timer.
#[repr(C)]
struct Record {
    /// The compartment's own secret: only it can have written this.
    mark: u64,
    function: usize,
    value: usize,
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
extern "C" fn notified(record: usize) {
    let mask = handler::change_mask(SIG_BLOCK, !handler::SYNCHRONOUS);
    // A handler may have run before, and made stacks.
    thread::end_heaps();
    release::release_stacks();
    thread::begin_thread(1);
    handler::change_mask(SIG_SETMASK, mask & !handler::SYNCHRONOUS);
    let Some(pkey) = owner::heap_of(record) else {
        Message::error("a thread was to notify nobody").stop()
    };
    // SAFETY: the body checks that the record is one of the compartment's own.
    unsafe { thunk::enter(NOTIFY + pkey.index(), [record, 0, 0]) };
}

/// Body of the hook: calls what the running compartment has asked for.
pub(crate) unsafe extern "C" fn run(record: usize, _: usize, _: usize, _: usize) -> usize {
    let record = record as *const Record;
    let pkey = sys::running_compartment().unwrap_or(Pkey::UNTRUSTED);
    // SAFETY: a wrong address faults with the rights of the compartment that is running; a right one
    // has the mark that only this compartment can make.
    unsafe {
        if (*record).mark != own_secret(pkey) {
            Message::error("a thread was to notify a compartment that has not asked for it").stop()
        }
        let function: extern "C" fn(usize) = core::mem::transmute((*record).function);
        function((*record).value);
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
        let record = __wrap_malloc(size_of::<Record>()).cast::<Record>();
        let request = shared_malloc(size_of::<Request>()).cast::<Request>();
        if record.is_null() || request.is_null() {
            __wrap_free(record.cast());
            shared_free(request.cast());
            *libc::__errno_location() = libc::EAGAIN;
            return (-1, 0);
        }
        let asked = event.cast::<ThreadEvent>();
        let (function, value) = ((*asked).function, (*asked).value);
        record.write(Record { mark: own_secret(pkey), function, value });
        (&raw mut (*request).event).write(event.read());
        (*request).number = number;
        (*request).timer = 0;
        (*request).is_timer = is_timer;
        let passed = (&raw mut (*request).event).cast::<ThreadEvent>();
        (*passed).value = record as usize;
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
        if status != 0 {
            __wrap_free(record.cast());
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
