//! The end of the process: functions registered for it run in the compartment that registered them.
//!
//! The C library's list of them is on key 0, so it only gets the compartment's hook and the address of
//! a record in the compartment's own memory, which nobody else can make. `exit` itself runs with the
//! rights of compartment 0: the C library follows pointers there that every compartment can write.

use core::ffi::{c_int, c_void};

use pkru::Pkey;

use crate::heap;
use crate::hooks::{EXIT, QUICK_EXIT, RUN_AT_EXIT, RUN_ON_EXIT};
use crate::interpose::{Name, original};
use crate::message::Message;
use crate::thread::own_secret;
use crate::thunk;

/// A registered function, in the compartment's private memory.
#[repr(C)]
struct Record {
    /// The compartment's own secret, until the function has run.
    mark: u64,
    function: usize,
    argument: usize,
}

type Register = unsafe extern "C" fn(usize, *mut c_void, *mut c_void) -> c_int;
type RegisterOnExit = unsafe extern "C" fn(usize, *mut c_void) -> c_int;

fn running() -> Pkey {
    match sys::running_compartment() {
        Some(pkey) => pkey,
        None => Message::error("atexit is called with rights that belong to no compartment").stop(),
    }
}

/// Makes a record; null if there is no memory. Compartment 0 has nobody to protect it from.
fn record(pkey: Pkey, function: usize, argument: usize) -> *mut Record {
    // SAFETY: a fresh block of the right size.
    unsafe {
        let record = heap::ia2_heap_malloc(size_of::<Record>()).cast::<Record>();
        if !record.is_null() {
            record.write(Record { mark: own_secret(pkey), function, argument });
        }
        record
    }
}

/// Registers a function with one of the C library's lists that pass an argument.
fn register(list: Name, function: usize, argument: usize, object: *mut c_void) -> c_int {
    let pkey = running();
    // SAFETY: the original has this type.
    let original: Register = unsafe { core::mem::transmute(original(list)) };
    if pkey.is_untrusted() {
        // SAFETY: as the program asked.
        return unsafe { original(function, argument as *mut c_void, object) };
    }
    let record = record(pkey, function, argument);
    if record.is_null() {
        return -1;
    }
    // SAFETY: the hook takes a record of its compartment.
    unsafe { original(thunk::thunk(RUN_AT_EXIT + pkey.index()), record.cast(), object) }
}

/// `__cxa_atexit`, which atexit(3) is made of.
pub(crate) unsafe extern "C" fn cxa_atexit(
    function: usize,
    argument: usize,
    object: *mut c_void,
) -> c_int {
    register(Name::__cxa_atexit, function, argument, object)
}

/// `__cxa_thread_atexit_impl`, for destructors of a thread's objects.
pub(crate) unsafe extern "C" fn cxa_thread_atexit(
    function: usize,
    argument: usize,
    object: *mut c_void,
) -> c_int {
    register(Name::__cxa_thread_atexit_impl, function, argument, object)
}

/// `__cxa_at_quick_exit`, which at_quick_exit(3) is made of. The function takes no argument; the C
/// library passes the one it got all the same.
pub(crate) unsafe extern "C" fn cxa_at_quick_exit(function: usize, object: *mut c_void) -> c_int {
    let pkey = running();
    // SAFETY: the original has this type.
    let original: RegisterOnExit =
        unsafe { core::mem::transmute(original(Name::__cxa_at_quick_exit)) };
    if pkey.is_untrusted() {
        // SAFETY: as the program asked.
        return unsafe { original(function, object) };
    }
    let callback = crate::callback::make(pkey, function);
    if callback == 0 {
        return -1;
    }
    // SAFETY: as the program asked, through the compartment's hook.
    unsafe { original(callback, object) }
}

/// on_exit(3).
pub(crate) unsafe extern "C" fn on_exit(function: usize, argument: usize) -> c_int {
    let pkey = running();
    // SAFETY: the original has this type.
    let original: RegisterOnExit = unsafe { core::mem::transmute(original(Name::on_exit)) };
    if pkey.is_untrusted() {
        // SAFETY: as the program asked.
        return unsafe { original(function, argument as *mut c_void) };
    }
    let record = record(pkey, function, argument);
    if record.is_null() {
        return -1;
    }
    // SAFETY: the hook takes a status and a record of its compartment.
    unsafe { original(thunk::thunk(RUN_ON_EXIT + pkey.index()), record.cast()) }
}

/// Takes a record's contents out, so that it runs once.
///
/// # Safety
/// A wrong address faults with the rights of the compartment that is running.
unsafe fn take(record: usize) -> (usize, usize) {
    let record = record as *mut Record;
    // SAFETY: the caller's obligation; the mark shows that the running compartment has made it.
    unsafe {
        if (*record).mark != own_secret(running()) {
            Message::error("a function was to run at exit that its compartment did not register")
                .stop()
        }
        (*record).mark = 0;
        let taken = ((*record).function, (*record).argument);
        heap::ia2_heap_free(record.cast());
        taken
    }
}

/// Body of the hook that runs a function registered with `atexit`.
pub(crate) unsafe extern "C" fn run(record: usize, _: usize, _: usize, _: usize) -> usize {
    // SAFETY: checks the record; the function is the one that was registered.
    unsafe {
        let (function, argument) = take(record);
        let function: extern "C" fn(usize) = core::mem::transmute(function);
        function(argument);
    }
    0
}

/// Body of the hook that runs a function registered with `on_exit`.
pub(crate) unsafe extern "C" fn run_on_exit(
    status: usize,
    record: usize,
    _: usize,
    _: usize,
) -> usize {
    // SAFETY: as above.
    unsafe {
        let (function, argument) = take(record);
        let function: extern "C" fn(i32, usize) = core::mem::transmute(function);
        function(status as i32, argument);
    }
    0
}

/// exit(3), with the rights of compartment 0.
pub(crate) unsafe extern "C" fn exit(status: c_int) -> ! {
    // SAFETY: the hook does not return.
    unsafe { thunk::enter(EXIT, [status as usize, 0, 0]) };
    sys::syscall::exit_group(status)
}

/// quick_exit(3), with the rights of compartment 0.
pub(crate) unsafe extern "C" fn quick_exit(status: c_int) -> ! {
    // SAFETY: the hook does not return.
    unsafe { thunk::enter(QUICK_EXIT, [status as usize, 0, 0]) };
    sys::syscall::exit_group(status)
}

/// Body of the hook that ends the process.
pub(crate) unsafe extern "C" fn end(status: usize, _: usize, _: usize, _: usize) -> usize {
    // SAFETY: the original has this type.
    unsafe {
        let exit: extern "C" fn(c_int) -> ! = core::mem::transmute(original(Name::exit));
        exit(status as c_int)
    }
}

/// Body of the hook that ends the process quickly.
pub(crate) unsafe extern "C" fn end_quickly(status: usize, _: usize, _: usize, _: usize) -> usize {
    // SAFETY: the original has this type.
    unsafe {
        let exit: extern "C" fn(c_int) -> ! = core::mem::transmute(original(Name::quick_exit));
        exit(status as c_int)
    }
}
