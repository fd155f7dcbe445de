//! Pages that are lent for speed.
//!
//! A page that one site has touched often enough is lent to the compartment that touches it: it
//! carries that compartment's key until its owner touches it again, which faults in turn, or makes a
//! system call. So it is the borrower's for about as long as the call lasts that was handed what lies
//! there, and what is handed over by the next call is seen again.
//!
//! Memory with key 0 never faults, so of the pages lent to compartment 0 there is only one at a time.
//!
//! Where owner and borrower take turns, a call each, even that is two faults for each call. So a page that
//! has been taken back often is *opened*, to everybody, until a function of one of the two is called that
//! is not the one called last ([`super::entered`]): what other functions are handed is seen.

use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use layout::PAGE_SIZE;
use pkru::Pkey;
use sys::syscall::{self, Protection};

use super::{entered, state};
use crate::owner::key_of;

/// Most pages that are lent at the same time; more, and the one lent longest ago is taken back.
const MOST_PAGES: usize = 64;

/// How often a page is taken back before it is opened instead of lent, for each of the accesses after
/// which it is lent: the two have taken turns so often that what one call is handed has been seen.
const OPEN_AFTER: u64 = 20;

/// Pages whose turns are counted apart.
const COUNTED: usize = 1024;

/// The pages that are lent.
#[repr(C)]
pub(super) struct Lent {
    /// A page's address with the keys of its owner (bits 4 to 7) and its borrower (bits 0 to 3), and
    /// [`OPEN`]; zero where there is none.
    pages: [AtomicUsize; MOST_PAGES],
    /// How often pages have been taken back by their owners, each at its number modulo the length.
    taken_back: [AtomicU32; COUNTED],
    /// Where the next one is noted.
    next: AtomicUsize,
}

/// A page that is lent.
#[derive(Clone, Copy)]
struct Loan {
    page: usize,
    owner: Pkey,
    borrower: Pkey,
    /// Everybody may touch it.
    is_open: bool,
}

/// Bit of a page that is open.
const OPEN: usize = 1 << 8;

impl Loan {
    fn to_word(self) -> usize {
        let keys = usize::from(self.owner.number()) << 4 | usize::from(self.borrower.number());
        self.page | if self.is_open { OPEN } else { 0 } | keys
    }

    fn of_word(word: usize) -> Option<Loan> {
        let key = |shift: u32| Pkey::new((word >> shift & 0xf) as u8);
        let page = word & !(PAGE_SIZE - 1);
        let is_open = word & OPEN != 0;
        (page != 0).then_some(Loan { page, owner: key(4)?, borrower: key(0)?, is_open })
    }
}

/// Gives a page that holds data a key. False if that is impossible.
fn set_key(page: usize, pkey: Pkey) -> bool {
    let rights = Protection::READ_WRITE;
    // SAFETY: writable data, or it would not have had a key; nothing is protected in this mode.
    unsafe { syscall::protect_with_key(page, PAGE_SIZE, rights, pkey) }.is_ok()
}

/// Lends the page of an address that belongs to `owner`, if the runtime's tables say so too: who
/// touches it then gives it back. False if it is not lent.
pub(super) fn lend(address: usize, owner: Pkey, borrower: Pkey) -> bool {
    if key_of(address) != Some(owner) {
        return false;
    }
    let page = address & !(PAGE_SIZE - 1);
    let turns = u64::from(taken_back(page).load(Ordering::Relaxed));
    let is_open = turns >= OPEN_AFTER * state().lend_after;
    let loan = Loan { page, owner, borrower, is_open };
    take_back_if(|other| {
        other.page == loan.page || borrower.is_untrusted() && other.borrower.is_untrusted()
    });
    let lent = &state().lent;
    let index = lent.next.fetch_add(1, Ordering::Relaxed) % MOST_PAGES;
    let before = lent.pages[index].swap(loan.to_word(), Ordering::AcqRel);
    if let Some(before) = Loan::of_word(before) {
        set_key(before.page, before.owner);
    }
    if is_open {
        entered::expect(owner);
        entered::expect(borrower);
    }
    set_key(loan.page, if is_open { Pkey::UNTRUSTED } else { borrower })
}

/// How often a page has been taken back.
fn taken_back(page: usize) -> &'static AtomicU32 {
    &state().lent.taken_back[page / PAGE_SIZE % COUNTED]
}

/// Another function of this compartment is called than before: closes the pages that were opened for
/// its sake.
pub(super) fn close(pkey: Pkey) {
    take_back_if(|loan| loan.is_open && (loan.owner == pkey || loan.borrower == pkey));
}

/// The running compartment has touched memory that carries another one's key: takes the page back if
/// the memory is its own. False if it is not.
pub(super) fn take_back(address: usize, running: Option<Pkey>) -> bool {
    let page = address & !(PAGE_SIZE - 1);
    let is_own = running.is_some_and(|running| key_of(address) == Some(running));
    if !is_own {
        return false;
    }
    taken_back(page).fetch_add(1, Ordering::Relaxed);
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
