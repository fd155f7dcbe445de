//! The child of a fork: it has one thread, and gives up what the parent's other threads had.

use layout::vault::{FORK_HINT, STACK_SLOTS, STACKS_IN_USE, pages};
use layout::{PAGE_SIZE, thread_block};
use pkru::Pkey;
use sys::syscall;

use crate::hooks::FORK_CHILD;
use crate::message::Message;
use crate::sealed::sealed;
use crate::{ids, keys, object, thread, thunk};

unsafe extern "C" {
    fn ia2_heap_fork_child();
}

/// Arranges that the child of a fork is cleaned up before the program's own functions for it run.
pub(crate) fn prepare() {
    // SAFETY: the function has the type that is asked for.
    if unsafe { libc::pthread_atfork(Some(before), None, Some(child)) } != 0 {
        Message::error("no memory to arrange for forks").stop()
    }
}

unsafe extern "C" {
    /// Whether there has never been a second thread (glibc's `<sys/single_threaded.h>`).
    static __libc_single_threaded: u8;
}

/// Whether other threads may be lost: a byte on compartment 0's page, only a hint.
fn hint() -> *mut u8 {
    (ids::vault() + pages(Pkey::UNTRUSTED) + FORK_HINT) as *mut u8
}

extern "C" fn before() {
    // SAFETY: a byte of the vault.
    unsafe { hint().write((__libc_single_threaded == 0).into()) }
}

extern "C" fn child() {
    // SAFETY: a byte of the vault.
    if unsafe { hint().read() } != 0 {
        keys::release_lost_threads();
    }
    for pkey in Pkey::all().filter(|&pkey| pkey <= thread::highest()) {
        // SAFETY: the body takes no arguments.
        unsafe { thunk::enter(FORK_CHILD + pkey.index(), [0; 3]) };
    }
}

/// Body of the hook: what the running compartment has of threads that are not there any more.
pub(crate) unsafe extern "C" fn child_part(_: usize, _: usize, _: usize, _: usize) -> usize {
    let Some(pkey) = sys::running_compartment() else { return 0 };
    // SAFETY: the child has one thread, and this is it.
    unsafe { ia2_heap_fork_child() };
    if pkey.is_untrusted() {
        return 0;
    }
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    let page = block + thread_block::page(pkey);
    let arena = sealed().stacks + (pkey.index() << sealed().stack_arena_shift);
    // SAFETY: words of the running compartment's page.
    let (low, high) = unsafe {
        ((page + thread_block::THREAD_ID) as *mut i32).write(syscall::gettid());
        let word = |offset| ((page + offset) as *const usize).read();
        (word(thread_block::STACK_LOW), word(thread_block::STACK_HIGH))
    };
    let own = (low - arena) / sealed().stack_slot..(high - arena) / sealed().stack_slot;
    let words = (ids::vault() + pages(pkey) + STACKS_IN_USE) as *mut u64;
    for word in 0..STACK_SLOTS / 64 {
        // SAFETY: a word of the running compartment's page, which no other thread uses.
        let used = unsafe { &mut *words.add(word) };
        let is_lost = |bit: &usize| *used & (1 << bit) != 0 && !own.contains(&(64 * word + bit));
        let lost = (0..64).filter(is_lost).fold(0, |lost, bit| lost | 1 << bit);
        for bit in (0..64).filter(|bit| lost & (1 << bit) != 0) {
            let slot = arena + (64 * word + bit) * sealed().stack_slot;
            let advice = linux_raw_sys::general::MADV_DONTNEED;
            // SAFETY: the stack of a thread that the child does not have.
            let _ = unsafe {
                syscall::advise(slot + PAGE_SIZE, sealed().stack_slot - PAGE_SIZE, advice)
            };
        }
        *used &= !lost;
    }
    0
}
