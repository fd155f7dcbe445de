//! Objects that are loaded while the program runs (`dlopen`).
//!
//! An object of a compartment that comes late is taken in by that compartment itself: what it keeps
//! about the object (functions, thread-local storage, constructors) is in its own private memory, so
//! loading changes nothing that other compartments rely on.
//!
//! ```text
//! dlopen in c                      asks every compartment that c may load into to expect it
//!   enter 0: the C library's         maps, relocates; calls the object's first constructor
//!   function ──────────────────►     loaded: whose is it? (rights of 0)
//!                                      enter k: load: expected? checks, keys, functions;
//!                                      its constructors
//!   take back what was asked
//! ```
//!
//! The first constructor comes from the generated header (`IA2_MEMBER`). Who may load into `k`: `k`
//! itself, the compartment of the executable, and everybody if `k` had no object when the program
//! started: then it has nothing but such objects to protect.

mod calls;
mod functions;
mod load;
mod thread_local;

use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use layout::dso_note;
use layout::vault::{LATE_LIST, pages};
use pkru::Pkey;
use sys::syscall::{self, Protection};

use crate::hooks::LOAD;
use crate::ids;
use crate::message::Message;
use crate::notes::notes;
use crate::object::{Loaded, Object, Range};
use crate::permissive::{self, KeptFile};
use crate::sealed::sealed;
use crate::thunk;

pub(crate) use calls::{call, dlclose, dlmopen, dlopen, dlsym};
pub(crate) use functions::{Function, assign};
pub(crate) use load::{expect, load, sweep};
pub(crate) use thread_local::end_thread;

/// Objects that can be loaded late, at a time.
pub(crate) const MOST: usize = 128;
/// Bytes that are kept of an object's name.
const NAME: usize = 256;

/// What reports know about a late object: on key 0, and as trustworthy as that.
#[repr(C)]
struct Public {
    /// [`FREE`], [`TAKEN`], [`LOADED`] or [`GONE`].
    state: AtomicU32,
    object: MaybeUninit<Object>,
    extent: Range,
    name: [u8; NAME],
    file: KeptFile,
}

/// Nothing.
const FREE: u32 = 0;
/// Being filled by one thread.
const TAKEN: u32 = 1;
/// An object that is loaded.
const LOADED: u32 = 2;
/// One that was, and that the summary of permissive mode may have to name.
const GONE: u32 = 3;

impl Public {
    fn is(&self, state: u32) -> bool {
        self.state.load(Ordering::Acquire) == state
    }

    /// The object; there must be one.
    fn object(&self) -> &Object {
        // SAFETY: the callers have looked at the state.
        unsafe { self.object.assume_init_ref() }
    }
}

/// The list of late objects for reports; null before there is one.
fn list() -> &'static AtomicPtr<[Public; MOST]> {
    let word = ids::vault() + pages(Pkey::UNTRUSTED) + LATE_LIST;
    // SAFETY: a word of the vault that is only used as this.
    unsafe { &*(word as *const AtomicPtr<[Public; MOST]>) }
}

fn entries() -> impl Iterator<Item = &'static Public> {
    // SAFETY: null, or made by `publish`, and never unmapped.
    unsafe { list().load(Ordering::Acquire).as_ref() }.into_iter().flatten()
}

/// All late objects.
pub(crate) fn objects() -> impl Iterator<Item = &'static Object> {
    entries().filter(|entry| entry.is(LOADED)).map(Public::object)
}

/// The object that was at an address, in permissive mode. Nothing but its name and its place are left.
pub(crate) fn gone_at(address: usize) -> Option<&'static Object> {
    entries().find(|entry| entry.is(GONE) && entry.extent.contains(address)).map(Public::object)
}

/// Where permissive mode keeps the file of a late object.
pub(crate) fn kept_file(object: &Object) -> Option<&'static KeptFile> {
    let is_it = |entry: &&Public| {
        (entry.is(LOADED) || entry.is(GONE)) && core::ptr::eq(entry.object(), object)
    };
    entries().find(is_it).map(|entry| &entry.file)
}

/// Adds an object to the list.
fn publish(object: &Object) {
    let mut entries = list().load(Ordering::Acquire);
    if entries.is_null() {
        let size = size_of::<[Public; MOST]>();
        // SAFETY: a new mapping, zeroed, which is an empty list.
        let Ok(fresh) = (unsafe { syscall::map_anonymous(0, size, Protection::READ_WRITE, 0) })
        else {
            return;
        };
        let fresh = fresh as *mut [Public; MOST];
        let none = core::ptr::null_mut();
        entries = match list().compare_exchange(none, fresh, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => fresh,
            Err(other) => other,
        };
    }
    let extent = object.extent();
    if permissive::is_on() {
        make_room(object, extent);
    }
    for from in [FREE, GONE] {
        for index in 0..MOST {
            // SAFETY: an entry of the list; it is this thread's alone while it is taken.
            unsafe {
                let entry = (&raw mut (*entries)[index]).cast::<Public>();
                let state = &(*entry).state;
                if state.compare_exchange(from, TAKEN, Ordering::AcqRel, Ordering::Relaxed).is_err()
                {
                    continue;
                }
                let name = object.name();
                let length = name.len().min(NAME - 1);
                let kept = &mut (*entry).name;
                kept[..length].copy_from_slice(&name[..length]);
                kept[length] = 0;
                let kept = CStr::from_ptr((&raw const (*entry).name).cast());
                (*entry).object.write(object.with_name(kept));
                (*entry).extent = extent;
                (*entry).file = KeptFile::default();
                (*entry).state.store(LOADED, Ordering::Release);
                return;
            }
        }
    }
}

/// Forgets objects that were where one is now. What is known about the same file, at the same place,
/// stays true.
fn make_room(object: &Object, extent: Range) {
    for entry in entries().filter(|entry| entry.is(GONE)) {
        let is_elsewhere = entry.extent.end <= extent.start || extent.end <= entry.extent.start;
        let is_same = entry.extent == extent && entry.object().name() == object.name();
        if !is_elsewhere {
            entry.state.store(FREE, Ordering::Release);
            if !is_same {
                permissive::forget(entry.extent);
            }
        }
    }
}

/// Takes an object off the list.
fn withdraw(base: usize) {
    let state = if permissive::is_on() { GONE } else { FREE };
    for entry in entries().filter(|entry| entry.is(LOADED) && entry.object().base == base) {
        entry.state.store(state, Ordering::Release);
    }
}

/// What an object's first constructor calls, with an address in it. Exported to all objects.
///
/// Objects of the start come here too, when their turn is: they have been dealt with.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ia2_object_loaded(address: usize, argc: usize, argv: usize) {
    let is_known = sealed().objects().iter().any(|object| object.contains(address));
    if is_known {
        return;
    }
    let Some(Loaded { object, .. }) = Loaded::at(address) else {
        Message::error("an object says that it was loaded, which the loader does not know").stop()
    };
    let Some(pkey) = compartment_of(&object) else { return };
    // SAFETY: the body checks what it is given.
    unsafe { thunk::enter(LOAD + pkey.index(), [address, argc, argv]) };
}

/// Whether the object says that it belongs to a compartment.
pub(crate) fn has_compartment(object: &Object) -> bool {
    compartment_of(object).is_some()
}

/// The compartment that a late object says it belongs to; `None` if it is nobody's.
fn compartment_of(object: &Object) -> Option<Pkey> {
    let mut found = None;
    for note in notes(object) {
        if note.kind != dso_note::MEMBER && note.kind != dso_note::COMPARTMENT {
            continue;
        }
        crate::program::check_version(object, &note);
        let number = u8::try_from(note.word(1)).ok();
        let pkey = number.and_then(Pkey::new).filter(|&pkey| pkey <= crate::thread::highest());
        let Some(pkey) = pkey else {
            Message::error("")
                .bytes(object.display_name())
                .text(" was loaded, but belongs to a compartment that the program does not have: ")
                .decimal(note.word(1).into())
                .stop()
        };
        if found.is_some_and(|other| other != pkey) {
            Message::error("")
                .bytes(object.display_name())
                .text(" holds code of two compartments")
                .stop()
        }
        found = Some(pkey);
    }
    found
}
