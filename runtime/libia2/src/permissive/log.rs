//! What happened: one entry per site, with a count.
//!
//! A site is an instruction, what it did, whose rights it had, and whose which variable it touched.
//! Entries are made and counted with atomic operations: threads and handlers log at the same time.

use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use pkru::{Pkey, Pkru};

use super::{lent, state};
use crate::cfi::{RIP, RSP, Registers};
use crate::message::{Level, Message};
use crate::object::Range;
use crate::owner::{Place, describe_code, describe_local, named_object_at, object_at, place_of};
use crate::{backtrace, unwind};

/// Most sites. What comes later is only counted.
const SITES: usize = 4096;

/// Places in the table of those found last.
const RECENT: usize = 4096;

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Access {
    /// An instruction read.
    Read = 1,
    /// An instruction wrote.
    Write = 2,
    /// A system call read.
    CallRead = 3,
    /// A system call wrote.
    CallWrite = 4,
    /// A system call used.
    Call = 5,
}

impl Access {
    /// The verb.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Access::Read | Access::CallRead => "read",
            Access::Write | Access::CallWrite => "write",
            Access::Call => "use",
        }
    }

    /// Whether a system call did it.
    pub(super) fn is_call(self) -> bool {
        matches!(self, Access::CallRead | Access::CallWrite | Access::Call)
    }
}

/// A site.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Site {
    /// What was done.
    pub(super) access: Access,
    /// Whose rights the code had; 255 if nobody's.
    pub(super) compartment: u8,
    /// Whose memory it was.
    pub(super) owner: u8,
    /// The system call, if one did it.
    pub(super) number: u32,
    /// Address of the instruction, for a system call that behind it.
    pub(super) instruction: usize,
    /// The first address it touched.
    pub(super) address: usize,
    /// What it touched: the start of the variable, or of the function whose local one it is; of what has
    /// no name, the kind of place.
    target: usize,
    /// Where the code of the owner was left: the return address of the call that crossed, or 0.
    pub(super) caller: usize,
    /// The compartment's own code that called a library which did it: a return address, or 0.
    pub(super) user: usize,
    /// The function whose local variable it is, if it is one: where it begins.
    pub(super) local_of: usize,
}

impl Site {
    fn is_same(&self, other: &Site) -> bool {
        let key = |site: &Site| {
            (site.access, site.compartment, site.owner, site.number, site.instruction, site.target)
        };
        key(self) == key(other) && (self.is_named() || self.caller == other.caller)
    }

    /// Whether it touched what has a name of its own. Blocks and local variables have none: they are
    /// told apart by who handed them over.
    fn is_named(&self) -> bool {
        self.target > Place::KINDS && self.local_of == 0
    }

    /// Whether both are about the same thing to share, in the same way handed over.
    pub(super) fn is_about_same(&self, other: &Site) -> bool {
        let key = |site: &Site| (site.compartment, site.owner, site.target);
        key(self) == key(other) && (self.is_named() || self.caller == other.caller)
    }
}

#[repr(C)]
struct Entry {
    /// [`EMPTY`], [`BUSY`] (also for good: dropped) or [`READY`].
    state: AtomicU32,
    count: AtomicU64,
    site: core::cell::UnsafeCell<Site>,
}

impl Entry {
    /// Whether it is a site that is wanted.
    fn holds(&self, is_wanted: impl Fn(&Site) -> bool) -> bool {
        // SAFETY: a ready entry's site does not change.
        self.state.load(Ordering::Acquire) == READY && is_wanted(unsafe { &*self.site.get() })
    }
}

const EMPTY: u32 = 0;
const BUSY: u32 = 1;
const READY: u32 = 2;

/// All sites, in the order they were found.
#[repr(C)]
pub(super) struct Log {
    used: AtomicUsize,
    /// Violations that found no room.
    dropped: AtomicU64,
    entries: [Entry; SITES],
    /// Where an entry was found last, by instruction and address: its index + 1, or 0.
    recent: [AtomicU32; RECENT],
}

impl Log {
    /// The sites with their counts.
    pub(super) fn sites(&self) -> impl Iterator<Item = (&Site, u64)> {
        self.entries[..self.used.load(Ordering::Acquire).min(SITES)].iter().filter_map(|entry| {
            let count = entry.count.load(Ordering::Relaxed);
            let is_ready = entry.state.load(Ordering::Acquire) == READY && count > 0;
            // SAFETY: a ready entry's site does not change.
            is_ready.then(|| (unsafe { &*entry.site.get() }, count))
        })
    }

    /// Violations that found no room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Forgets all counts: this is another process now.
    pub(super) fn clear(&self) {
        for entry in &self.entries[..self.used.load(Ordering::Acquire).min(SITES)] {
            entry.count.store(0, Ordering::Relaxed);
        }
        self.dropped.store(0, Ordering::Relaxed);
    }

    /// Drops the sites that an address in the range belongs to.
    pub(super) fn forget(&self, range: Range) {
        let addresses = |site: &Site| {
            [site.instruction, site.address, site.target, site.caller, site.user, site.local_of]
        };
        while let Some(entry) =
            self.find(|site| addresses(site).iter().any(|&address| range.contains(address)))
        {
            entry.state.store(BUSY, Ordering::Release);
            self.dropped.fetch_add(entry.count.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// As [`Log::find`], for an access by this instruction to this address: first where it was found
    /// last time.
    fn find_recent(&self, site: &Site, is_wanted: impl Fn(&Site) -> bool) -> Option<&Entry> {
        let hash = site.instruction ^ site.address.rotate_left(24) ^ site.caller.rotate_left(40);
        let recent = &self.recent[hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52];
        let index = recent.load(Ordering::Relaxed) as usize;
        let last = index.checked_sub(1).and_then(|index| self.entries.get(index));
        if let Some(entry) = last.filter(|entry| entry.holds(&is_wanted)) {
            return Some(entry);
        }
        let entry = self.find(is_wanted)?;
        let offset = core::ptr::from_ref(entry) as usize - self.entries.as_ptr() as usize;
        recent.store((offset / size_of::<Entry>() + 1) as u32, Ordering::Relaxed);
        Some(entry)
    }

    fn find(&self, is_wanted: impl Fn(&Site) -> bool) -> Option<&Entry> {
        let used = self.used.load(Ordering::Acquire).min(SITES);
        self.entries[..used].iter().find(|entry| entry.holds(&is_wanted))
    }

    /// Adds a site. False if there is no room.
    fn add(&self, site: Site) -> bool {
        let index = self.used.fetch_add(1, Ordering::AcqRel);
        let Some(entry) = self.entries.get(index) else {
            self.used.store(SITES, Ordering::Release);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return false;
        };
        entry.state.store(BUSY, Ordering::Relaxed);
        // SAFETY: the index is this thread's alone, and nobody reads an entry before it is ready.
        unsafe { *entry.site.get() = site };
        entry.count.store(1, Ordering::Relaxed);
        entry.state.store(READY, Ordering::Release);
        true
    }
}

const _: () = assert!(EMPTY == 0, "fresh memory is empty");

/// Logs an access by the instruction that these registers stand at.
pub(super) fn record(
    access: Access,
    running: Pkru,
    owner: Pkey,
    address: usize,
    registers: &Registers,
) {
    record_call(access, running, owner, address, 0, registers);
}

/// Logs an access by a system call. Address 0: one that is not known.
pub(super) fn record_call(
    access: Access,
    running: Pkru,
    owner: Pkey,
    address: usize,
    number: u32,
    registers: &Registers,
) {
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
    // The same address again needs no symbol.
    let again = |other: &Site| {
        other.address == address && other.is_same(&Site { target: other.target, ..site })
    };
    let mut entry = log.find_recent(&site, again);
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
        entry = log.find(|other| other.is_same(&site));
    }
    let is_news = match entry {
        Some(entry) => {
            let count = 1 + entry.count.fetch_add(1, Ordering::Relaxed);
            let lend_after = state().lend_after;
            if let Some(running) = running.compartment()
                && lend_after != 0
                && count >= lend_after
                && !access.is_call()
            {
                lent::lend(address, owner, running);
            }
            false
        }
        None => {
            let is_news = !log.sites().any(|(other, _)| other.is_about_same(&site));
            if object_at(instruction).is_some_and(|object| object.pkey.is_untrusted()) {
                let pkey = running.compartment().unwrap_or(Pkey::UNTRUSTED);
                site.user = unwind::code_above(registers.0[RSP], pkey).unwrap_or(0);
            }
            log.add(site) && is_news
        }
    };
    if is_news || Level::Debug.is_shown() {
        print(&site);
    }
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
