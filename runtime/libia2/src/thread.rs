//! Threads: created by any compartment, started in the creator's.
//!
//! The C library's own code at the start and the end of a thread runs on memory with key 0, where
//! every compartment could change its return addresses; so it runs with the rights of compartment 0.
//!
//! ```text
//! creator, compartment c          new thread
//! ia2_pthread_create
//!   enter 0: create ───────────►  begin (rights of 0): key the thread's storage
//!                                   enter c: run ─► start routine
//!                                 TSD destructor, last round: release storage and stacks
//! ```

use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU64, Ordering};

use layout::thread_block;
use layout::vault::OWN;
use libc::{pthread_attr_t, pthread_t};
use linux_raw_sys::general::{SIG_BLOCK, SIG_SETMASK};
use pkru::Pkey;

use crate::hooks::{CREATE_THREAD, END_HEAP, RUN_THREAD};
use crate::interpose::{Name, original};
use crate::message::Message;
use crate::object::{self, Object};
use crate::sealed::sealed;
use crate::{cancel, handler, heap, ids, keys, late, owner, permissive, release, robust, thunk};

/// A reference to the C library's function, so that its address is known: this one is redirected like
/// any other ([`crate::interpose`]).
#[used]
static REFERENCE: CreateThread = __real_pthread_create;

type CreateThread = unsafe extern "C" fn(
    *mut pthread_t,
    *const pthread_attr_t,
    extern "C" fn(*mut c_void) -> *mut c_void,
    *mut c_void,
) -> c_int;

type StartRoutine = unsafe extern "C" fn(*mut c_void) -> *mut c_void;

unsafe extern "C" {
    fn __real_pthread_create(
        thread: *mut pthread_t,
        attributes: *const pthread_attr_t,
        start: extern "C" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> c_int;
    fn pthread_attr_getdetachstate(attributes: *const pthread_attr_t, state: *mut c_int) -> c_int;
    fn shared_malloc(size: usize) -> *mut c_void;
    fn shared_free(block: *mut c_void);
    fn ia2_heap_thread_end();
}

/// What to run, in the private memory of the creating compartment.
#[repr(C)]
struct Task {
    /// The compartment's own secret: only it can have written this.
    mark: u64,
    start: StartRoutine,
    argument: *mut c_void,
}

/// What creator and C library tell each other, in shared memory.
#[repr(C)]
struct Request {
    attributes: MaybeUninit<pthread_attr_t>,
    has_attributes: bool,
    thread: pthread_t,
    task: *mut Task,
    /// Number of the creator's compartment; as untrusted as all of this.
    pkey: u8,
}

/// The secret that only this compartment can read, if it is the running one.
pub(crate) fn own_secret(pkey: Pkey) -> u64 {
    let address = ids::vault() + layout::vault::pages(pkey) + OWN;
    // SAFETY: a word of the vault that is never written after start.
    unsafe { (address as *const u64).read() }
}

/// `pthread_create` for the executable, through `-Wl,--wrap=pthread_create`. Every other object has
/// this function from `ia2.h`; libgcc would supply another one, meant for split stacks.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_pthread_create() {
    core::arch::naked_asm!("endbr64", "jmp {create}", create = sym ia2_pthread_create)
}

/// `pthread_create` for every compartment.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn ia2_pthread_create(
    thread: *mut pthread_t,
    attributes: *const pthread_attr_t,
    start: StartRoutine,
    argument: *mut c_void,
) -> c_int {
    let Some(pkey) = sys::running_compartment() else {
        Message::error("a thread is created with rights that belong to no compartment").stop()
    };
    // SAFETY: sizes of the types written below.
    let (task, request) = unsafe {
        (
            heap::ia2_heap_malloc(size_of::<Task>()).cast::<Task>(),
            shared_malloc(size_of::<Request>()).cast::<Request>(),
        )
    };
    let status = if task.is_null() || request.is_null() {
        libc::EAGAIN
    } else {
        // SAFETY: fresh blocks of the right size; `attributes` is null or valid by the contract of
        // pthread_create(3).
        unsafe {
            task.write(Task { mark: own_secret(pkey), start, argument });
            request.write(Request {
                attributes: match attributes.as_ref() {
                    Some(attributes) => MaybeUninit::new(*attributes),
                    None => MaybeUninit::uninit(),
                },
                has_attributes: !attributes.is_null(),
                thread: 0,
                task,
                pkey: pkey.number(),
            });
            thunk::enter(CREATE_THREAD, [request as usize, 0, 0]) as c_int
        }
    };
    if status == 0 {
        // The new thread frees the task, this one the request.
        // SAFETY: `thread` is valid by the contract of pthread_create(3).
        unsafe { *thread = (*request).thread };
    } else {
        // SAFETY: allocated above or null.
        unsafe { heap::ia2_heap_free(task.cast()) };
    }
    // SAFETY: allocated above or null; the new thread has its own copy of what it needs.
    unsafe { shared_free(request.cast()) };
    status
}

/// What a new thread gets, in shared memory; it frees it.
struct Birth {
    task: *mut Task,
    /// Number of the creator's compartment; as untrusted as all of this.
    pkey: u8,
    /// Slots that each of its stacks takes.
    slots: u32,
    /// Its signal mask. It starts with all signals blocked: a handler needs its storage.
    mask: u64,
}

/// `thrd_create`: as `pthread_create`, but the start routine returns an int, which is all that
/// thrd_join(3) looks at.
pub(crate) unsafe extern "C" fn thrd_create(
    thread: *mut pthread_t,
    start: StartRoutine,
    argument: *mut c_void,
) -> c_int {
    // C17, section 7.26.1.
    const SUCCESS: c_int = 0;
    const ERROR: c_int = 2;
    const NO_MEMORY: c_int = 3;
    // SAFETY: the program's arguments.
    match unsafe { ia2_pthread_create(thread, core::ptr::null(), start, argument) } {
        0 => SUCCESS,
        libc::ENOMEM | libc::EAGAIN => NO_MEMORY,
        _ => ERROR,
    }
}

/// `pthread_getattr_np`: the running thread's stack is that of its compartment.
pub(crate) unsafe extern "C" fn pthread_getattr_np(
    thread: pthread_t,
    attributes: *mut pthread_attr_t,
) -> c_int {
    // SAFETY: the original's type; the program's arguments.
    unsafe {
        let get: extern "C" fn(pthread_t, *mut pthread_attr_t) -> c_int =
            core::mem::transmute(original(Name::pthread_getattr_np));
        let status = get(thread, attributes);
        let here = (&raw const status) as usize;
        if status == 0
            && thread == libc::pthread_self()
            && let Some(pkey) = owner::stack_of(here)
        {
            let block =
                object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
            let page = block + thread_block::page(pkey);
            let word = |offset| ((page + offset) as *const usize).read();
            let (low, high) = (word(thread_block::STACK_LOW), word(thread_block::STACK_HIGH));
            return libc::pthread_attr_setstack(attributes, low as *mut c_void, high - low);
        }
        status
    }
}

/// What the C library itself needs of a thread's stack: its first frames, our part in them, and the
/// thread-local storage of all objects, some of it padded to whole pages.
fn library_stack() -> usize {
    const FRAMES: usize = 128 << 10;
    let lowest = sealed().objects().iter().map(Object::thread_local_reach).max();
    lowest.unwrap_or(0).next_multiple_of(layout::PAGE_SIZE) + FRAMES
}

/// Adapts attributes: the stack they describe is that of the compartment, which has one already. One
/// that the program supplies is not used, because it would hold the control block and everybody's
/// thread-local storage; one that is small lacks room for them. Says how many slots of an arena stacks
/// of that size take.
///
/// # Safety
/// A valid structure.
pub(crate) unsafe fn adapt(attributes: *mut pthread_attr_t, slots: &mut u32) -> c_int {
    // SAFETY: the caller's obligation; the calls read and write the structure.
    unsafe {
        let (mut stack, mut size) = (core::ptr::null_mut(), 0);
        let mut status = libc::pthread_attr_getstack(attributes, &raw mut stack, &raw mut size);
        // Without a stack of the program's own, the C library reports the one below address 0.
        if status == 0 && stack as usize != 0usize.wrapping_sub(size) {
            let mut plain = MaybeUninit::<pthread_attr_t>::zeroed();
            status = libc::pthread_attr_init(plain.as_mut_ptr());
            let mut state = 0;
            pthread_attr_getdetachstate(attributes, &raw mut state);
            libc::pthread_attr_setdetachstate(plain.as_mut_ptr(), state);
            attributes.copy_from_nonoverlapping(plain.as_ptr(), 1);
        }
        let (mut plain, mut usual) = (MaybeUninit::<pthread_attr_t>::zeroed(), 0);
        libc::pthread_attr_init(plain.as_mut_ptr());
        libc::pthread_attr_getstacksize(plain.as_ptr(), &raw mut usual);
        // Without a size of the program's choice IA2_STACK_SIZE decides.
        let wanted = if size == usual { 0 } else { size };
        *slots = (wanted + layout::PAGE_SIZE).div_ceil(sealed().stack_slot) as u32;
        if *slots as usize > sealed().stack_slots {
            return libc::EAGAIN;
        }
        if status == 0 {
            status = libc::pthread_attr_setstacksize(attributes, size + library_stack());
        }
        status
    }
}

/// Creates the thread with the rights of compartment 0, which the new thread inherits.
pub(crate) unsafe extern "C" fn create(request: usize, _: usize, _: usize, _: usize) -> usize {
    let request = request as *mut Request;
    // SAFETY: the request lives until the creator continues. Everything in it may have been changed
    // by any compartment: that can only lead to a thread of compartment 0 that fails to enter.
    let status = unsafe {
        let birth = shared_malloc(size_of::<Birth>()).cast::<Birth>();
        if birth.is_null() {
            return libc::EAGAIN as usize;
        }
        let mask = handler::change_mask(SIG_BLOCK, !handler::SYNCHRONOUS);
        birth.write(Birth { task: (*request).task, pkey: (*request).pkey, slots: 1, mask });
        let attributes = if (*request).has_attributes {
            let status = adapt((*request).attributes.as_mut_ptr(), &mut (*birth).slots);
            if status != 0 {
                shared_free(birth.cast());
                handler::change_mask(SIG_SETMASK, mask);
                return status as usize;
            }
            (*request).attributes.as_ptr()
        } else {
            core::ptr::null()
        };
        let thread = &raw mut (*request).thread;
        let create: CreateThread = core::mem::transmute(original(Name::pthread_create));
        let status = create(thread, attributes, begin, birth.cast());
        handler::change_mask(SIG_SETMASK, mask);
        if status != 0 {
            shared_free(birth.cast());
        }
        status
    };
    status as usize
}

/// Makes a thread of the C library one of the program: keys on its storage, a stack for signals. All
/// signals are blocked meanwhile.
pub(crate) fn begin_thread(slots: u32) {
    keys::protect_thread(sealed().objects(), highest());
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    // SAFETY: a word of compartment 0's page, which is empty in a new thread.
    unsafe { ((block + thread_block::SLOTS_WANTED) as *mut u32).write(slots) };
    handler::prepare_thread();
    if permissive::is_on() {
        permissive::prepare_thread();
    }
    release::at_thread_end();
    cancel::watch();
}

/// First function of a new thread, with the rights of compartment 0.
extern "C" fn begin(birth: *mut c_void) -> *mut c_void {
    let birth = birth.cast::<Birth>();
    // SAFETY: written by `create` for this thread.
    let Birth { task, pkey, slots, mask } = unsafe { birth.read() };
    // SAFETY: not used again.
    unsafe { shared_free(birth.cast()) };
    let Some(pkey) = Pkey::new(pkey) else {
        Message::error("a new thread's compartment does not exist").stop()
    };
    begin_thread(slots);
    // SAFETY: the body checks that the task is one of the compartment's own.
    let result =
        unsafe { thunk::enter(RUN_THREAD + pkey.index(), [task as usize, mask as usize, 0]) };
    cancel::watch_no_more();
    result as *mut c_void
}

/// Runs a start routine in the compartment that created the thread.
pub(crate) unsafe extern "C" fn run(task: usize, mask: usize, _: usize, _: usize) -> usize {
    handler::change_mask(SIG_SETMASK, mask as u64 & !handler::SYNCHRONOUS);
    let task = task as *mut Task;
    let pkey = sys::running_compartment().unwrap_or(Pkey::UNTRUSTED);
    // SAFETY: a wrong address faults with the rights of the compartment that is running, like any
    // wrong address it uses; a right one is checked for the mark only this compartment can make.
    unsafe {
        let mark = AtomicU64::from_ptr(&raw mut (*task).mark);
        let own = own_secret(pkey);
        // Once: two threads may come with the same task.
        if mark.compare_exchange(own, 0, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            Message::error("a thread was to run something that its compartment did not ask for")
                .stop()
        }
        let (start, argument) = ((*task).start, (*task).argument);
        heap::ia2_heap_free(task.cast());
        start(argument) as usize
    }
}

/// Gives the thread's cache of the compartment's heap back, and what else the compartment holds for it.
pub(crate) unsafe extern "C" fn end_heap(_: usize, _: usize, _: usize, _: usize) -> usize {
    if let Some(pkey) = sys::running_compartment() {
        robust::mark(pkey);
        late::end_thread(pkey);
    }
    // SAFETY: the thread does not allocate in this compartment any more.
    unsafe { ia2_heap_thread_end() };
    0
}

/// Lets every compartment give up what it keeps for this thread.
pub(crate) fn end_heaps() {
    for pkey in Pkey::all().filter(|&pkey| pkey <= highest()) {
        // SAFETY: the body takes no arguments.
        unsafe { thunk::enter(END_HEAP + pkey.index(), [0; 3]) };
    }
}

/// The highest compartment of the program.
pub(crate) fn highest() -> Pkey {
    u8::try_from(sealed().highest_pkey).ok().and_then(Pkey::new).unwrap_or(Pkey::MAX)
}
