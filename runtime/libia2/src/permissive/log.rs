//! What happened: one entry per site, with a count.
//!
//! Entries are made and counted with atomic operations: threads and handlers log at the same time.

use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use pkru::{Pkey, Pkru};

use super::index::Index;
use super::site::{Access, Site};
use super::{lent, state};
use crate::cfi::{RIP, RSP, Registers};
use crate::message::{Level, Message};
use crate::object::Range;
use crate::owner::{Place, describe_code, describe_local, named_object_at, object_at, place_of};
use crate::{backtrace, unwind};

/// Most sites. What comes later is only counted.
const SITES: usize = Index::CAPACITY;

/// Places in the table of the latest accesses.
const RECENT: usize = 4096;
/// Bits of an entry's index + 1 there.
const RECENT_INDEX: u64 = (1 << 17) - 1;

const _: () = assert!(SITES < RECENT_INDEX as usize);

#[repr(C)]
struct Entry {
    /// [`EMPTY`], [`BUSY`] (also for good: dropped) or [`READY`].
    state: AtomicU32,
    count: AtomicU64,
    /// Index of the first entry that is about the same thing.
    first: AtomicUsize,
    site: core::cell::UnsafeCell<Site>,
}

impl Entry {
    /// Its site, unless it is not ready or dropped.
    fn site(&self) -> Option<&Site> {
        // SAFETY: a ready entry's site does not change.
        (self.state.load(Ordering::Acquire) == READY).then(|| unsafe { &*self.site.get() })
    }
}

/// Where an access with this fingerprint is remembered.
fn place_in_recent(fingerprint: u64) -> usize {
    (fingerprint >> 52) as usize
}

const _: () = assert!(RECENT == 1 << (u64::BITS - 52));

const EMPTY: u32 = 0;
const BUSY: u32 = 1;
const READY: u32 = 2;

/// A site that was counted.
pub(super) struct Counted<'a> {
    pub(super) site: &'a Site,
    /// How often.
    pub(super) count: u64,
    /// Number of its entry.
    pub(super) number: usize,
    /// Number of the first entry that is about the same thing, which may not be counted itself.
    pub(super) first: usize,
}

/// All sites, in the order they were found.
#[repr(C)]
pub(super) struct Log {
    used: AtomicUsize,
    /// Violations that found no room.
    dropped: AtomicU64,
    entries: [Entry; SITES],
    /// Which entries the latest accesses belong to: the high bits of an access's fingerprint, with the
    /// entry's index + 1 in the bits of [`RECENT_INDEX`]; 0 where there is none.
    recent: [AtomicU64; RECENT],
    /// All entries, by [`Site::hash`].
    by_site: Index,
    /// Those that are the first about a thing, by [`Site::hash_of_thing`].
    by_thing: Index,
}

impl Log {
    fn used(&self) -> &[Entry] {
        &self.entries[..self.used.load(Ordering::Acquire).min(SITES)]
    }

    /// The sites that were counted.
    pub(super) fn sites(&self) -> impl Iterator<Item = Counted<'_>> {
        (0..self.used().len()).filter_map(|number| self.counted(number))
    }

    /// What an entry has counted, unless that is nothing.
    pub(super) fn counted(&self, number: usize) -> Option<Counted<'_>> {
        let entry = &self.entries[number];
        let count = entry.count.load(Ordering::Relaxed);
        let site = entry.site().filter(|_| count > 0)?;
        Some(Counted { site, count, number, first: entry.first.load(Ordering::Relaxed) })
    }

    /// Violations that found no room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Forgets all counts: this is another process now.
    pub(super) fn clear(&self) {
        for entry in self.used() {
            entry.count.store(0, Ordering::Relaxed);
        }
        self.dropped.store(0, Ordering::Relaxed);
    }

    /// Drops the sites that an address in the range belongs to.
    pub(super) fn forget(&self, range: Range) {
        let addresses = |site: &Site| {
            [site.instruction, site.address, site.target, site.caller, site.user, site.local_of]
        };
        let is_there = |site: &Site| addresses(site).iter().any(|&at| range.contains(at));
        for entry in self.used().iter().filter(|entry| entry.site().is_some_and(is_there)) {
            entry.state.store(BUSY, Ordering::Release);
            self.dropped.fetch_add(entry.count.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// The entry of the same access as one that was remembered.
    fn find_recent(&self, fingerprint: u64) -> Option<&Entry> {
        let recent = self.recent[place_in_recent(fingerprint)].load(Ordering::Relaxed);
        let is_same = (recent ^ fingerprint) & !RECENT_INDEX == 0;
        let index = (recent & RECENT_INDEX).checked_sub(1).filter(|_| is_same)?;
        self.entries.get(index as usize).filter(|entry| entry.site().is_some())
    }

    /// Remembers whose access it was.
    fn remember(&self, fingerprint: u64, entry: &Entry) {
        let offset = core::ptr::from_ref(entry) as usize - self.entries.as_ptr() as usize;
        let index = (offset / size_of::<Entry>() + 1) as u64;
        let recent = fingerprint & !RECENT_INDEX | index;
        self.recent[place_in_recent(fingerprint)].store(recent, Ordering::Relaxed);
    }

    /// The entry of a site.
    fn find(&self, site: &Site) -> Option<&Entry> {
        let is_it =
            |index: usize| self.entries[index].site().is_some_and(|other| other.is_same(site));
        self.by_site.find(site.hash(), is_it).map(|index| &self.entries[index])
    }

    /// Index of the first entry about a site's thing.
    fn first_about(&self, site: &Site) -> Option<usize> {
        let is_it = |index: usize| {
            self.entries[index].site().is_some_and(|other| other.is_about_same(site))
        };
        self.by_thing.find(site.hash_of_thing(), is_it)
    }

    /// Adds a site. `None` if there is no room, else whether its thing is a new one.
    fn add(&self, site: Site) -> Option<bool> {
        let index = self.used.fetch_add(1, Ordering::AcqRel);
        let Some(entry) = self.entries.get(index) else {
            self.used.store(SITES, Ordering::Release);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        let first = self.first_about(&site);
        entry.state.store(BUSY, Ordering::Relaxed);
        // SAFETY: the index is this thread's alone, and nobody reads an entry before it is ready.
        unsafe { *entry.site.get() = site };
        entry.count.store(1, Ordering::Relaxed);
        entry.first.store(first.unwrap_or(index), Ordering::Relaxed);
        entry.state.store(READY, Ordering::Release);
        self.by_site.add(site.hash(), index);
        if first.is_none() {
            self.by_thing.add(site.hash_of_thing(), index);
        }
        Some(first.is_none())
    }
}

const _: () = assert!(EMPTY == 0, "fresh memory is empty");

/// Logs an access by the instruction that these registers stand at. True if the page has been lent to
/// its compartment: it may go on.
pub(super) fn record(
    access: Access,
    running: Pkru,
    owner: Pkey,
    address: usize,
    registers: &Registers,
) -> bool {
    let count = record_call(access, running, owner, address, 0, registers);
    let lend_after = state().lend_after;
    match running.compartment() {
        Some(running) if lend_after != 0 && count >= lend_after => {
            lent::lend(address, owner, running)
        }
        _ => false,
    }
}

/// Logs an access by a system call. Address 0: one that is not known. Returns how often its site has
/// been counted; without end if there is no room to count it.
pub(super) fn record_call(
    access: Access,
    running: Pkru,
    owner: Pkey,
    address: usize,
    number: u32,
    registers: &Registers,
) -> u64 {
    let instruction = registers.0[RIP];
    let log = &state().log;
    let mut site = Site {
        access,
        compartment: running.compartment().map_or(u8::MAX, Pkey::number),
        owner: owner.number(),
        number,
        instruction,
        address,
        target: 0,
        caller: unwind::left_at(owner).unwrap_or(0),
        user: 0,
        local_of: 0,
    };
    let fingerprint = site.fingerprint();
    let mut entry = log.find_recent(fingerprint);
    if entry.is_none() {
        let place = place_of(address);
        site.target = match place {
            Place::Variable(_, Some(symbol)) | Place::ThreadLocal(_, Some(symbol)) => {
                address - symbol.offset
            }
            Place::Stack(_) => {
                site.local_of = backtrace::function_with_local(registers, address).unwrap_or(0);
                if site.local_of == 0 { place.kind() } else { site.local_of }
            }
            _ => place.kind(),
        };
        entry = log.find(&site);
        if let Some(entry) = entry {
            log.remember(fingerprint, entry);
        }
    }
    if let Some(entry) = entry {
        let count = 1 + entry.count.fetch_add(1, Ordering::Relaxed);
        if Level::Debug.is_shown() {
            print(&site);
        }
        return count;
    }
    if object_at(instruction).is_some_and(|object| object.pkey.is_untrusted()) {
        let pkey = running.compartment().unwrap_or(Pkey::UNTRUSTED);
        site.user = unwind::code_above(registers.0[RSP], pkey).unwrap_or(0);
    }
    let added = log.add(site);
    if added == Some(true) || Level::Debug.is_shown() {
        print(&site);
    }
    added.map_or(u64::MAX, |_| 1)
}

/// The lines of a single entry.
fn print(site: &Site) {
    describe(Message::new("violation: "), site).print();
    code(Message::new("  in function "), site).print();
    if site.address != 0 {
        place(Message::new("  the address is in "), site).print();
    }
}

/// Appends what was touched.
pub(super) fn place(message: Message, site: &Site) -> Message {
    let message = place_of(site.address).describe(message);
    match site.local_of {
        0 => message,
        function => describe_local(message, function),
    }
}

/// Appends where it happened, and for a library's code who called that.
pub(super) fn code(message: Message, site: &Site) -> Message {
    let message = describe_code(message, site.instruction);
    match site.user {
        0 => message,
        user => describe_code(message.text(", called by "), user),
    }
}

/// Appends `compartment 2 (./libfoo.so) read 0x1234, which belongs to compartment 1`.
fn describe(message: Message, site: &Site) -> Message {
    let message = who(message, site);
    let message = match site.access {
        Access::Read => message.text(" read "),
        Access::Write => message.text(" wrote "),
        Access::CallRead => super::summary::call(message.text(" let "), site).text(" read "),
        Access::CallWrite => super::summary::call(message.text(" let "), site).text(" write "),
        Access::Call => super::summary::call(message.text(" let "), site).text(" use "),
    };
    if site.address == 0 {
        return message.text("memory of another compartment");
    }
    message
        .hex(site.address as u64)
        .text(", which belongs to compartment ")
        .decimal(site.owner.into())
}

/// Appends `compartment 2 (./libfoo.so)`.
pub(super) fn who(message: Message, site: &Site) -> Message {
    let message = match site.compartment {
        u8::MAX => message.text("code of no compartment"),
        number => message.text("compartment ").decimal(number.into()),
    };
    match named_object_at(site.instruction) {
        Some(object) => message.text(" (").bytes(object.display_name()).text(")"),
        None => message,
    }
}
