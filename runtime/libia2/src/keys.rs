//! Giving memory its key.

use layout::{PAGE_SIZE, thread_block, tls_padding, vault};
use libc::{PF_R, PF_W, PF_X, PT_LOAD};
use pkru::Pkey;
use sys::syscall::{self, Errno, Protection};

use crate::maps::{self, Mapping};
use crate::message::Message;
use crate::object::{Object, Range};
use crate::{ids, owner};

/// Stops with a clear message unless CPU and kernel have protection keys.
pub(crate) fn require_pku() {
    /// CPUID leaf 7, ECX: the CPU has protection keys, and the system has switched them on.
    const PKU: u32 = 1 << 3;
    const OSPKE: u32 = 1 << 4;
    let features = core::arch::x86_64::__cpuid_count(7, 0).ecx;
    if features & PKU == 0 {
        Message::error("this CPU has no memory protection keys (PKU), which compartments need; ")
            .text("`grep ospke /proc/cpuinfo` shows whether a machine has them")
            .stop()
    }
    if features & OSPKE == 0 {
        Message::error(
            "the CPU has memory protection keys (PKU), but the kernel does not use them; ",
        )
        .text("compartments need Linux 4.9 or later without the boot option `nopku`")
        .stop()
    }
}

/// Takes all fifteen keys from the kernel, so that nobody can get one later.
pub(crate) fn allocate_all() {
    for key in Pkey::all().skip(1) {
        match syscall::allocate_key() {
            Ok(number) if number == u32::from(key.number()) => {}
            Ok(number) => Message::error("the kernel gave protection key ")
                .decimal(number.into())
                .text(" where ")
                .decimal(key.number().into())
                .text(" was free; something else in this process uses protection keys")
                .stop(),
            Err(errno) => Message::error("cannot allocate protection key ")
                .decimal(key.number().into())
                .text(": ")
                .errno(errno)
                .stop(),
        }
    }
}

/// Gives pages a key.
pub(crate) fn protect(pages: Range, rights: Protection, key: Pkey, what: &[u8]) {
    // SAFETY: called on memory of the compartment that owns the key, with the rights it needs.
    let done = unsafe { syscall::protect_with_key(pages.start, pages.length(), rights, key) };
    if let Err(errno) = done {
        Message::error("cannot give ")
            .bytes(what)
            .text(" the protection key of compartment ")
            .decimal(key.number().into())
            .text(": ")
            .errno(errno)
            .stop()
    }
}

/// Keys the object's writable data, but for the pages of its section of shared data.
pub(crate) fn protect_data(object: &Object) {
    let shared = object.shared_data();
    for pages in object.writable_pages() {
        let before = Range { start: pages.start, end: shared.start.clamp(pages.start, pages.end) };
        let after = Range { start: shared.end.clamp(pages.start, pages.end), end: pages.end };
        for part in [before, after].into_iter().filter(|part| part.length() > 0) {
            protect(part, rights(object, part), object.pkey, object.display_name());
        }
    }
}

/// The access rights the loader gave to these pages.
fn rights(object: &Object, pages: Range) -> Protection {
    let flags = object
        .headers()
        .iter()
        .filter(|header| header.p_type == PT_LOAD)
        .find(|header| object.range(header).to_pages().contains(pages.start))
        .map_or(0, |header| header.p_flags);
    let bit = |flag, right| if flags & flag != 0 { right } else { 0 };
    Protection(bit(PF_R, 1) | bit(PF_W, 2) | bit(PF_X, 4))
}

/// Keys the vault: secrets become read-only, the state page stays writable for its owner.
pub(crate) fn protect_vault(highest: Pkey) {
    for key in Pkey::all().filter(|&key| key <= highest) {
        let start = ids::vault() + vault::pages(key);
        let secrets = Range { start, end: start + vault::STATE };
        let state = Range { start: start + vault::STATE, end: start + vault::STRIDE };
        protect(secrets, Protection::READ, key, b"the secrets");
        protect(state, Protection::READ_WRITE, key, b"the state");
    }
}

/// Keys the running thread's storage: its thread block and every object's thread-local variables.
///
/// The memory comes from the C library, which has filled in initial values. The thread block must
/// be zero; it is emptied after it has its key, when no other compartment can write it any more.
pub(crate) fn protect_thread(objects: &[Object], highest: Pkey) {
    let thread_pointer = crate::object::thread_pointer();
    let compartments = || Pkey::all().skip(1).filter(|&key| key <= highest);
    let block = thread_pointer.wrapping_add_signed(crate::enter::thread_block_offset());
    for key in compartments() {
        let start = block + thread_block::page(key);
        let page = Range { start, end: start + PAGE_SIZE };
        protect(page, Protection::READ_WRITE, key, b"a thread's control page");
        discard(page);
    }
    for object in objects.iter().filter(|object| !object.pkey.is_untrusted()) {
        if let Some(pages) = thread_local_pages(objects, object, thread_pointer) {
            protect(pages, Protection::READ_WRITE, object.pkey, object.display_name());
        }
    }
}

/// Takes the keys off again when the thread ends, contents first: the C library keeps the memory
/// for the next thread and writes into it.
pub(crate) fn release_thread(objects: &[Object], highest: Pkey) {
    let thread_pointer = crate::object::thread_pointer();
    let block = thread_pointer.wrapping_add_signed(crate::enter::thread_block_offset());
    for key in Pkey::all().skip(1).filter(|&key| key <= highest) {
        let start = block + thread_block::page(key);
        let page = Range { start, end: start + PAGE_SIZE };
        discard(page);
        protect(page, Protection::READ_WRITE, Pkey::UNTRUSTED, b"a thread's control page");
    }
    for object in objects.iter().filter(|object| !object.pkey.is_untrusted()) {
        if let Some(pages) = thread_local_pages(objects, object, thread_pointer) {
            discard(pages);
            protect(pages, Protection::READ_WRITE, Pkey::UNTRUSTED, object.display_name());
        }
    }
}

/// Takes the keys off what threads have left behind that the child of a fork does not have: the C
/// library keeps their memory for new threads. It is what has a key and is nothing else.
pub(crate) fn release_lost_threads() {
    let is_lost = |mapping: &Mapping<'_>| {
        let start = mapping.range.start;
        mapping.key != 0
            && owner::stack_of(start).is_none()
            && owner::heap_of(start).is_none()
            && owner::key_of(start).is_none()
    };
    // The list changes while it is read if mappings are joined, so a few at a time.
    loop {
        let mut lost = [Range { start: 0, end: 0 }; 32];
        let mut count = 0;
        maps::each(|mapping| {
            if is_lost(mapping) && count < lost.len() {
                lost[count] = mapping.range;
                count += 1;
            }
        });
        for &pages in &lost[..count] {
            discard(pages);
            protect(pages, Protection::READ_WRITE, Pkey::UNTRUSTED, b"an ended thread's storage");
        }
        if count < lost.len() {
            return;
        }
    }
}

/// Makes anonymous memory zero without touching it, so without any right to it.
fn discard(pages: Range) {
    let advice = linux_raw_sys::general::MADV_DONTNEED;
    // SAFETY: called on thread-local storage that nobody uses yet or any more.
    let done = unsafe { syscall::advise(pages.start, pages.length(), advice) };
    if let Err(errno @ Errno(_)) = done {
        Message::error("cannot clear a thread's storage: ").errno(errno).stop()
    }
}

/// The pages of an object's thread-local variables. Nothing of another compartment may lie on them.
fn thread_local_pages(objects: &[Object], object: &Object, thread_pointer: usize) -> Option<Range> {
    let pages = object.thread_local_block(thread_pointer)?.pages();
    if pages.is_empty() {
        return None;
    }
    let in_the_way = objects.iter().filter(|other| other.pkey != object.pkey).find(|other| {
        let block = other.thread_local_block(thread_pointer);
        block.is_some_and(|block| block.has_data_in(&pages))
    });
    if in_the_way.is_none() && !tls_padding::control_block_in(&pages, thread_pointer) {
        return Some(Range { start: pages.start, end: pages.end });
    }
    Message::error("the thread-local variables of ")
        .bytes(object.display_name())
        .text(" (compartment ")
        .decimal(object.pkey.number().into())
        .text(") share a page with those of ")
        .bytes(in_the_way.map_or(b"the C library", Object::display_name))
        .text("; rewrite the sources that define them, or run pad-tls on both")
        .stop()
}
