//! Stack pages that are open for speed, for a moment.
//!
//! A page of data that has been touched often enough stays open to everybody: what else lies on it is
//! not named then. A stack's page is another function's a moment later, so it is closed again, by a
//! thread of the runtime's own. The C library does not know that thread: a program whose last thread
//! ends is to end.

use core::arch::naked_asm;
use core::sync::atomic::{AtomicUsize, Ordering};

use layout::PAGE_SIZE;
use linux_raw_sys::general::{
    __NR_clone, __NR_nanosleep, CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD,
    CLONE_VM, SIG_SETMASK,
};
use pkru::Pkey;
use sys::syscall::{self, Protection};

use super::state;
use crate::handler::change_mask;
use crate::message::Message;
use crate::owner::stack_of;

/// How long a page is open, in nanoseconds.
const OPEN_TIME: usize = 20_000_000;
/// Most pages that are open at the same time.
const MOST_PAGES: usize = 64;
/// Bytes of the thread's stack.
const STACK_SIZE: usize = 16 * PAGE_SIZE;

/// Addresses of the open pages; zero where there is none.
#[repr(C)]
pub(super) struct Opened([AtomicUsize; MOST_PAGES]);

/// Gives a page that holds data a key.
fn set_key(page: usize, pkey: Pkey) {
    let rights = Protection::READ_WRITE;
    // SAFETY: writable data, or it would not have had a key; nothing is protected in this mode.
    let _ = unsafe { syscall::protect_with_key(page, PAGE_SIZE, rights, pkey) };
}

/// Takes the key off the page of an address: for a moment if it is a stack's.
pub(super) fn open(address: usize) {
    let page = address & !(PAGE_SIZE - 1);
    set_key(page, Pkey::UNTRUSTED);
    let Some(owner) = stack_of(address) else { return };
    let is_noted =
        state().opened.0.iter().any(|place| {
            place.compare_exchange(0, page, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        });
    if !is_noted {
        set_key(page, owner);
    }
}

/// Starts the thread that closes them.
pub(super) fn start() {
    let stack = match new_stack() {
        Ok(stack) => stack,
        Err(errno) => Message::error("no memory for permissive mode: ").errno(errno).stop(),
    };
    let flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    // The program's signals are its own threads' affair.
    let before = change_mask(SIG_SETMASK, u64::MAX);
    // SAFETY: a stack that is this thread's alone; it runs nothing but `close`, without thread-local
    // variables, for as long as there is the process.
    let started = unsafe { clone_to_close(flags as usize, stack + STACK_SIZE) };
    change_mask(SIG_SETMASK, before);
    if started < 0 {
        let errno = syscall::Errno(-started as i32);
        Message::error("permissive mode cannot start a thread: ").errno(errno).stop()
    }
}

fn new_stack() -> Result<usize, syscall::Errno> {
    // SAFETY: a new mapping.
    unsafe { syscall::map_anonymous(0, STACK_SIZE, Protection::READ_WRITE, 0) }
}

/// What the thread does.
extern "C" fn close() -> ! {
    loop {
        let time = [0usize, OPEN_TIME];
        // SAFETY: the kernel reads the time.
        let _ = unsafe {
            syscall::syscall(__NR_nanosleep, [(&raw const time) as usize, 0, 0, 0, 0, 0])
        };
        for place in &state().opened.0 {
            let page = place.swap(0, Ordering::AcqRel);
            if let Some(owner) = (page != 0).then(|| stack_of(page)).flatten() {
                set_key(page, owner);
            }
        }
    }
}

/// clone(2) with these flags and the top of a stack; returns as the system call does, in the calling
/// thread alone. The new one has the same thread pointer.
#[unsafe(naked)]
unsafe extern "C" fn clone_to_close(flags: usize, stack: usize) -> isize {
    naked_asm!(
        "mov eax, {clone}",
        "xor edx, edx",
        "xor r10d, r10d",
        "xor r8d, r8d",
        "syscall",
        "test rax, rax",
        "jnz 2f",
        "xor ebp, ebp",
        "call {close}",
        "ud2",
        "2:",
        "ret",
        clone = const __NR_clone,
        close = sym close,
    )
}
