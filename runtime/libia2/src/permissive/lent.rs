//! Pages that are lent for speed.
//!
//! A page that one site has touched often enough is lent to the compartment that touches it: it
//! carries that compartment's key until its owner touches it again, which faults in turn, or makes a
//! system call. So it is the borrower's for about as long as the call lasts that was handed what lies
//! there, and what is handed over by the next call is seen again.
//!
//! Memory with key 0 never faults, so of the pages lent to compartment 0 there is only one at a time.

use core::sync::atomic::{AtomicUsize, Ordering};

use layout::PAGE_SIZE;
use pkru::Pkey;
use sys::syscall::{self, Protection};

use super::state;
use crate::owner::key_of;

/// Most pages that are lent at the same time; more, and the one lent longest ago is taken back.
const MOST_PAGES: usize = 64;

/// The pages that are lent.
#[repr(C)]
pub(super) struct Lent {
    /// A page's address with the keys of its owner (bits 4 to 7) and its borrower (bits 0 to 3); zero
    /// where there is none.
    pages: [AtomicUsize; MOST_PAGES],
    /// Where the next one is noted.
    next: AtomicUsize,
}

/// A page that is lent.
#[derive(Clone, Copy)]
struct Loan {
    page: usize,
    owner: Pkey,
    borrower: Pkey,
}

impl Loan {
    fn to_word(self) -> usize {
        self.page | usize::from(self.owner.number()) << 4 | usize::from(self.borrower.number())
    }

    fn of_word(word: usize) -> Option<Loan> {
        let key = |shift: u32| Pkey::new((word >> shift & 0xf) as u8);
        let page = word & !(PAGE_SIZE - 1);
        (page != 0).then_some(Loan { page, owner: key(4)?, borrower: key(0)? })
    }
}

/// Gives a page that holds data a key. False if that is impossible.
fn set_key(page: usize, pkey: Pkey) -> bool {
    let rights = Protection::READ_WRITE;
    // SAFETY: writable data, or it would not have had a key; nothing is protected in this mode.
    unsafe { syscall::protect_with_key(page, PAGE_SIZE, rights, pkey) }.is_ok()
}

/// Lends the page of an address that belongs to `owner`, if the runtime's tables say so too: who
/// touches it then gives it back.
pub(super) fn lend(address: usize, owner: Pkey, borrower: Pkey) {
    if key_of(address) != Some(owner) {
        return;
    }
    let loan = Loan { page: address & !(PAGE_SIZE - 1), owner, borrower };
    take_back_if(|other| {
        other.page == loan.page || borrower.is_untrusted() && other.borrower.is_untrusted()
    });
    let lent = &state().lent;
    let index = lent.next.fetch_add(1, Ordering::Relaxed) % MOST_PAGES;
    let before = lent.pages[index].swap(loan.to_word(), Ordering::AcqRel);
    if let Some(before) = Loan::of_word(before) {
        set_key(before.page, before.owner);
    }
    set_key(loan.page, borrower);
}

/// The running compartment has touched memory that carries another one's key: takes the page back if
/// the memory is its own. False if it is not.
pub(super) fn take_back(address: usize, running: Option<Pkey>) -> bool {
    let page = address & !(PAGE_SIZE - 1);
    let is_own = running.is_some_and(|running| key_of(address) == Some(running));
    if !is_own {
        return false;
    }
    take_back_if(|loan| loan.page == page);
    // Another thread may have lent it meanwhile, or taken it back: it is the owner's in any case.
    running.is_some_and(|running| set_key(page, running))
}

/// Takes back all that a compartment has lent: the kernel is about to use its memory, and would not
/// raise a signal.
pub(super) fn take_back_all(owner: Pkey) {
    take_back_if(|loan| loan.owner == owner);
}

/// Whether the address is on a page that this compartment has lent.
pub(super) fn is_lent(address: usize, owner: Pkey) -> bool {
    let page = address & !(PAGE_SIZE - 1);
    let words = state().lent.pages.iter().map(|place| place.load(Ordering::Acquire));
    words.filter_map(Loan::of_word).any(|loan| loan.page == page && loan.owner == owner)
}

fn take_back_if(is_wanted: impl Fn(Loan) -> bool) {
    for place in &state().lent.pages {
        let word = place.load(Ordering::Acquire);
        let Some(loan) = Loan::of_word(word).filter(|&loan| is_wanted(loan)) else { continue };
        if place.compare_exchange(word, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            set_key(loan.page, loan.owner);
        }
    }
}
