//! Robust mutexes in private memory that a thread holds when it ends.
//!
//! The C library links the robust mutexes that a thread holds; when the thread ends, the kernel follows
//! that list and marks them, with the rights that the thread has then: those of compartment 0. So before,
//! every compartment marks its own and takes them off the list.
//!
//! The head of the list is on key 0 and may be forged, like everything it leads to there. A compartment
//! changes nothing of its own but what is a robust mutex that this very thread holds; following a forged
//! list it faults at worst.

use core::mem::offset_of;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use linux_raw_sys::general::{
    __NR_futex, __NR_get_robust_list, FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, FUTEX_WAKE,
};
use pkru::Pkey;
use sys::syscall;

use crate::owner::key_of;

/// `struct __pthread_mutex_s` of glibc on x86-64. The list leads to [`Mutex::next`].
#[derive(Clone, Copy)]
#[repr(C)]
struct Mutex {
    lock: u32,
    count: u32,
    owner: u32,
    users: u32,
    kind: u32,
    spins: u32,
    previous: usize,
    next: usize,
}

/// `PTHREAD_MUTEX_ROBUST_NORMAL_NP` of glibc: a bit of [`Mutex::kind`].
const ROBUST: u32 = 16;
/// Bit of an address in the list: the mutex inherits priorities.
const INHERITS: usize = 1;
/// As many as the kernel follows (`ROBUST_LIST_LIMIT`).
const MOST: usize = 2048;

/// Marks the mutexes of the running compartment that the running thread holds. The thread locks none
/// any more.
pub(crate) fn mark(pkey: Pkey) {
    let (mut head, mut length) = (0usize, 0usize);
    let arguments = [0, (&raw mut head) as usize, (&raw mut length) as usize, 0, 0, 0];
    // SAFETY: the kernel writes both words.
    let known = unsafe { syscall::syscall(__NR_get_robust_list, arguments) };
    if known.is_err() || head == 0 || pkey.is_untrusted() {
        return;
    }
    let thread = syscall::gettid() as u32;
    // What leads to the next mutex: the head, or one that stays in the list.
    let mut link = head;
    for _ in 0..MOST {
        // SAFETY: a word of the list, or whatever a forged one leads to: see above.
        let link_word = unsafe { AtomicUsize::from_ptr(link as *mut usize) };
        let node = link_word.load(Ordering::Acquire);
        if node == head || node == 0 {
            return;
        }
        let next = node & !INHERITS;
        match key_of(next).unwrap_or(Pkey::UNTRUSTED) {
            owner if owner == pkey => {
                let Some(after) = mark_one(next, thread, pkey) else { return };
                link_word.store(after, Ordering::Release);
            }
            owner if owner.is_untrusted() => link = next,
            // The rest cannot be read.
            _ => return,
        }
    }
}

/// Marks a mutex in this compartment's memory if the thread holds it; gives what comes behind it.
fn mark_one(next: usize, thread: u32, pkey: Pkey) -> Option<usize> {
    let address = next.checked_sub(offset_of!(Mutex, next))?;
    let is_own = key_of(address) == Some(pkey) && address.is_multiple_of(align_of::<Mutex>());
    if !is_own {
        return None;
    }
    // SAFETY: as above; a structure of numbers.
    let mutex = unsafe { (address as *const Mutex).read_volatile() };
    let is_held = mutex.lock & FUTEX_TID_MASK == thread && mutex.owner == thread;
    if !is_held || mutex.kind & ROBUST == 0 {
        return None;
    }
    // SAFETY: the first word of a mutex of this compartment.
    let lock = unsafe { AtomicU32::from_ptr(address as *mut u32) };
    let died = |lock: u32| Some(lock & FUTEX_WAITERS | FUTEX_OWNER_DIED);
    let before = lock.fetch_update(Ordering::AcqRel, Ordering::Relaxed, died);
    if before.is_ok_and(|before| before & FUTEX_WAITERS != 0) {
        let arguments = [address, FUTEX_WAKE as usize, 1, 0, 0, 0];
        // SAFETY: wakes one that waits there.
        let _ = unsafe { syscall::syscall(__NR_futex, arguments) };
    }
    Some(mutex.next)
}
