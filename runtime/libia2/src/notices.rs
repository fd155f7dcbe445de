//! What a compartment has asked to be called for by threads of the C library: notices, in its private
//! memory.
//!
//! A thread may still come for a notice whose timer was deleted a moment ago. So notices are never
//! freed, but used again, and that not before [`REST`] others have ended.

use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use layout::vault::{NOTICES, NOTICES_ENDED, pages};
use pkru::Pkey;

use crate::heap;
use crate::ids;
use crate::thread::own_secret;

/// How many others end before a notice that has ended is used again.
const REST: u64 = 64;

/// It has ended; zero is the state of a fresh one.
const ENDED: u32 = 0;
/// Somebody is about to fill it.
const TAKEN: u32 = 1;
/// It waits for threads.
const WAITING: u32 = 2;

/// What to call.
#[repr(C)]
pub(crate) struct Notice {
    /// The compartment's own secret: only it can have written this.
    mark: AtomicU64,
    function: AtomicUsize,
    value: AtomicUsize,
    /// The identity of its timer.
    timer: AtomicUsize,
    /// Whether it ends with the first call.
    once: AtomicU32,
    state: AtomicU32,
    /// How many had ended before it did.
    ended_at: AtomicU64,
    next: AtomicPtr<Notice>,
}

/// The list of a compartment, and how many have ended, ever.
fn list(pkey: Pkey) -> (&'static AtomicPtr<Notice>, &'static AtomicU64) {
    let page = ids::vault() + pages(pkey);
    // SAFETY: words of the running compartment's page that are only used as this.
    unsafe {
        (&*((page + NOTICES) as *const AtomicPtr<Notice>), &*((page + NOTICES_ENDED) as *const _))
    }
}

/// The notices of the running compartment.
fn all(pkey: Pkey) -> impl Iterator<Item = &'static Notice> {
    // SAFETY: null, or a notice, which is never freed.
    let reference = |notice: *mut Notice| unsafe { notice.as_ref() };
    let first = reference(list(pkey).0.load(Ordering::Acquire));
    core::iter::successors(first, move |notice| reference(notice.next.load(Ordering::Relaxed)))
}

impl Notice {
    /// A notice of the running compartment; `None` if there is no memory.
    pub(crate) fn make(
        pkey: Pkey,
        function: usize,
        value: usize,
        once: bool,
    ) -> Option<&'static Notice> {
        let now = list(pkey).1.load(Ordering::Relaxed);
        let is_rested = |notice: &&Notice| {
            notice.state.load(Ordering::Acquire) == ENDED
                && now.wrapping_sub(notice.ended_at.load(Ordering::Relaxed)) >= REST
                && notice.exchange(ENDED, TAKEN)
        };
        let notice = all(pkey).find(is_rested).or_else(|| Notice::fresh(pkey))?;
        notice.function.store(function, Ordering::Relaxed);
        notice.value.store(value, Ordering::Relaxed);
        notice.timer.store(0, Ordering::Relaxed);
        notice.once.store(once.into(), Ordering::Relaxed);
        notice.mark.store(own_secret(pkey), Ordering::Relaxed);
        notice.state.store(WAITING, Ordering::Release);
        Some(notice)
    }

    /// One more in the list, taken.
    fn fresh(pkey: Pkey) -> Option<&'static Notice> {
        // SAFETY: zeroed memory of the right size is a notice that has ended.
        let fresh =
            unsafe { heap::ia2_heap_calloc(1, size_of::<Notice>()).cast::<Notice>().as_ref() }?;
        fresh.state.store(TAKEN, Ordering::Relaxed);
        let first = list(pkey).0;
        let mut old = first.load(Ordering::Relaxed);
        loop {
            fresh.next.store(old, Ordering::Relaxed);
            let new = (&raw const *fresh).cast_mut();
            match first.compare_exchange(old, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return Some(fresh),
                Err(now) => old = now,
            }
        }
    }

    fn exchange(&self, old: u32, new: u32) -> bool {
        self.state.compare_exchange(old, new, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Says which timer calls for it.
    pub(crate) fn belongs_to(&self, timer: usize) {
        self.timer.store(timer, Ordering::Release);
    }

    /// Lets it end: it may be used again after a while.
    pub(crate) fn end(&self, pkey: Pkey) {
        let ended = list(pkey).1.fetch_add(1, Ordering::Relaxed);
        self.ended_at.store(ended, Ordering::Relaxed);
        self.exchange(WAITING, ENDED);
    }

    /// Takes its end back: its timer was not deleted.
    pub(crate) fn go_on(&self) {
        self.exchange(ENDED, WAITING);
    }

    /// What the notice at an address says is to be called; `None` if it is none of the compartment's.
    ///
    /// # Safety
    /// The compartment is the running one; any address will do that it may read.
    pub(crate) unsafe fn take(address: usize, pkey: Pkey) -> Option<(usize, usize)> {
        if !address.is_multiple_of(align_of::<Notice>()) {
            return None;
        }
        // SAFETY: an aligned address; all bytes are valid. A wrong one faults.
        let notice = unsafe { &*(address as *const Notice) };
        if notice.mark.load(Ordering::Acquire) != own_secret(pkey) {
            return None;
        }
        let asked = (notice.function.load(Ordering::Relaxed), notice.value.load(Ordering::Relaxed));
        if notice.once.load(Ordering::Relaxed) != 0 {
            notice.end(pkey);
        }
        Some(asked)
    }
}

/// Lets the notice of a timer end, if the running compartment has made the timer.
pub(crate) fn end_of_timer(pkey: Pkey, timer: usize) -> Option<&'static Notice> {
    let is_it = |notice: &&Notice| {
        notice.state.load(Ordering::Acquire) == WAITING
            && notice.once.load(Ordering::Relaxed) == 0
            && notice.timer.load(Ordering::Acquire) == timer
            && timer != 0
    };
    let notice = all(pkey).find(is_it)?;
    notice.end(pkey);
    Some(notice)
}
