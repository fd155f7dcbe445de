//! Writes down what a program allocates: `HEAP_TRACE=FILE LD_PRELOAD=libheap_recorder.so PROGRAM`.
//!
//! Each event is four 64-bit words: operation, address before, size, address after. For programs of
//! one thread; what others do meanwhile is recorded in some order.

use std::{
    cell::UnsafeCell,
    ffi::{c_char, c_int, c_void},
    sync::atomic::{AtomicBool, AtomicI32, Ordering},
};

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(block: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_free(block: *mut c_void);
    fn getenv(name: *const c_char) -> *const c_char;
    fn open(path: *const c_char, flags: c_int, mode: c_int) -> c_int;
    fn write(fd: c_int, bytes: *const c_void, length: usize) -> isize;
}

const EVENTS: usize = 4096;

struct Log {
    busy: AtomicBool,
    fd: AtomicI32,
    events: UnsafeCell<([[u64; 4]; EVENTS], usize)>,
}

// SAFETY: `events` is only touched by the thread that set `busy`.
unsafe impl Sync for Log {}

static LOG: Log = Log {
    busy: AtomicBool::new(false),
    fd: AtomicI32::new(-2),
    events: UnsafeCell::new(([[0; 4]; EVENTS], 0)),
};

fn flush() {
    // SAFETY: called by the thread that set `busy`, or at the end of the program.
    let (events, count) = unsafe { &mut *LOG.events.get() };
    // SAFETY: the first `count` events are initialised.
    unsafe { write(LOG.fd.load(Ordering::Relaxed), events.as_ptr().cast(), *count * 32) };
    *count = 0;
}

fn record(operation: u64, before: *mut c_void, size: usize, after: *mut c_void) {
    while LOG.busy.swap(true, Ordering::Acquire) {}
    if LOG.fd.load(Ordering::Relaxed) == -2 {
        // SAFETY: C strings; getenv and open do not allocate.
        let fd = unsafe {
            let path = getenv(c"HEAP_TRACE".as_ptr());
            if path.is_null() { -1 } else { open(path, 0o1101, 0o644) }
        };
        LOG.fd.store(fd, Ordering::Relaxed);
    }
    if LOG.fd.load(Ordering::Relaxed) >= 0 {
        // SAFETY: this thread set `busy`.
        let (events, count) = unsafe { &mut *LOG.events.get() };
        events[*count] = [operation, before as u64, size as u64, after as u64];
        *count += 1;
        if *count == EVENTS {
            flush();
        }
    }
    LOG.busy.store(false, Ordering::Release);
}

extern "C" fn at_exit() {
    flush();
}

#[used]
#[unsafe(link_section = ".fini_array")]
static AT_EXIT: extern "C" fn() = at_exit;

/// malloc(3).
#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut c_void {
    // SAFETY: glibc's own function.
    let block = unsafe { __libc_malloc(size) };
    record(0, std::ptr::null_mut(), size, block);
    block
}

/// calloc(3).
#[unsafe(no_mangle)]
extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    // SAFETY: as above.
    let block = unsafe { __libc_calloc(count, size) };
    record(3, std::ptr::null_mut(), count * size, block);
    block
}

/// realloc(3).
#[unsafe(no_mangle)]
extern "C" fn realloc(before: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: as above.
    let block = unsafe { __libc_realloc(before, size) };
    record(2, before, size, block);
    block
}

/// free(3).
#[unsafe(no_mangle)]
extern "C" fn free(block: *mut c_void) {
    if !block.is_null() {
        record(1, block, 0, std::ptr::null_mut());
    }
    // SAFETY: as above.
    unsafe { __libc_free(block) };
}
