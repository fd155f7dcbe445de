//! Callbacks that the C library calls without saying who asked for them: destructors of
//! thread-specific data, functions for fork.
//!
//! The C library gets a small function that stands for a *slot*. Whose slot it is says a hint on
//! compartment 0's page; what to call says a table in that compartment's private memory, which is
//! looked into after entering it. A wrong hint leads to an empty slot, and stops.

use core::arch::naked_asm;
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicU8, Ordering};

use layout::vault::{CALLBACK_OWNERS, CALLBACK_SLOTS, CALLBACKS, pages};
use pkru::Pkey;

use crate::heap;
use crate::hooks::CALL_BACK;
use crate::ids;
use crate::interpose::{Name, original};
use crate::message::Message;

/// What a compartment keeps for a slot of its own.
#[derive(Clone, Copy)]
#[repr(C)]
struct Slot {
    function: usize,
    /// The key of thread-specific data plus 1, or 0.
    key: usize,
}

/// One small function per slot: passes two arguments on, and the slot's number.
#[unsafe(naked)]
unsafe extern "C" fn stubs() {
    naked_asm!(
        ".set .Lia2_slot, 0",
        ".rept {count}",
        ".p2align 4",
        "endbr64",
        "mov edx, offset .Lia2_slot",
        "jmp 8f",
        ".set .Lia2_slot, .Lia2_slot + 1",
        ".endr",
        "8:",
        "mov rax, [rip + ia2_vault@GOTPCREL]",
        "movzx r10d, byte ptr [rax + rdx + {owners}]",
        "add r10d, {call_back} - 1",
        "jmp {enter}",
        count = const CALLBACK_SLOTS,
        owners = const CALLBACK_OWNERS,
        call_back = const CALL_BACK,
        enter = sym crate::enter::ia2_enter,
    )
}

fn stub(slot: usize) -> usize {
    const SIZE: usize = 16;
    (stubs as *const () as usize).next_multiple_of(SIZE) + slot * SIZE
}

fn owner(slot: usize) -> &'static AtomicU8 {
    let address = ids::vault() + pages(Pkey::UNTRUSTED) + CALLBACK_OWNERS + slot;
    // SAFETY: a byte of the vault, only used atomically.
    unsafe { &*(address as *const AtomicU8) }
}

/// The running compartment's table, made when it is first needed.
fn table(pkey: Pkey) -> Option<*mut Slot> {
    let place = (ids::vault() + pages(pkey) + CALLBACKS) as *mut *mut Slot;
    // SAFETY: a word of the running compartment's page. Two threads that make the table at the same
    // time are kept apart by the exchange; the loser's block is lost.
    unsafe {
        let place = core::sync::atomic::AtomicPtr::from_ptr(place);
        let known = place.load(Ordering::Acquire);
        if !known.is_null() {
            return Some(known);
        }
        let fresh = heap::ia2_heap_calloc(CALLBACK_SLOTS, size_of::<Slot>()).cast::<Slot>();
        if fresh.is_null() {
            return None;
        }
        let empty = core::ptr::null_mut();
        Some(match place.compare_exchange(empty, fresh, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => fresh,
            Err(other) => other,
        })
    }
}

/// The address by which the C library calls a function of the running compartment; 0 if there is no
/// memory or no slot.
pub(crate) fn make(pkey: Pkey, function: usize) -> usize {
    let Some(table) = table(pkey) else { return 0 };
    let mark = pkey.number() + 1;
    let free = (0..CALLBACK_SLOTS).find(|&slot| {
        owner(slot).compare_exchange(0, mark, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    });
    match free {
        Some(slot) => {
            // SAFETY: a slot of the running compartment's table.
            unsafe { table.add(slot).write(Slot { function, key: 0 }) };
            stub(slot)
        }
        None => 0,
    }
}

fn slot_of(address: usize) -> usize {
    (address - stub(0)) / (stub(1) - stub(0))
}

/// Gives a slot back.
fn release(pkey: Pkey, slot: usize) {
    if let Some(table) = table(pkey) {
        // SAFETY: a slot of the running compartment's table.
        unsafe { table.add(slot).write(Slot { function: 0, key: 0 }) };
        let mark = pkey.number() + 1;
        let _ = owner(slot).compare_exchange(mark, 0, Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// Gives back what [`make`] has given.
pub(crate) fn unmake(pkey: Pkey, address: usize) {
    if is_stub(address) {
        release(pkey, slot_of(address));
    }
}

/// Body of the hook: calls what the running compartment has in the slot.
pub(crate) unsafe extern "C" fn run(first: usize, second: usize, slot: usize, _: usize) -> usize {
    let function = sys::running_compartment().and_then(table).map_or(0, |table| {
        // SAFETY: within the running compartment's table.
        if slot < CALLBACK_SLOTS { unsafe { (*table.add(slot)).function } } else { 0 }
    });
    if function == 0 {
        Message::error("a callback was to run that its compartment did not ask for").stop()
    }
    // SAFETY: what the compartment has registered, with the C library's arguments.
    unsafe {
        let function: extern "C" fn(usize, usize) -> usize = core::mem::transmute(function);
        function(first, second)
    }
}

/// The address to give to the C library in a function's place: the function itself if it is null or
/// belongs to compartment 0.
fn stand_in(function: usize) -> Option<(Pkey, usize)> {
    let pkey = sys::running_compartment().unwrap_or(Pkey::UNTRUSTED);
    if function == 0 || pkey.is_untrusted() {
        return Some((pkey, function));
    }
    match make(pkey, function) {
        0 => None,
        address => Some((pkey, address)),
    }
}

fn is_stub(address: usize) -> bool {
    (stub(0)..stub(CALLBACK_SLOTS)).contains(&address)
}

/// pthread_key_create(3).
pub(crate) unsafe extern "C" fn pthread_key_create(key: *mut u32, destructor: usize) -> c_int {
    let Some((pkey, address)) = stand_in(destructor) else { return libc::EAGAIN };
    // SAFETY: the original's type; the program's arguments but for the destructor.
    unsafe {
        let create: extern "C" fn(*mut u32, usize) -> c_int =
            core::mem::transmute(original_of(Name::pthread_key_create, Name::tss_create));
        let status = create(key, address);
        if is_stub(address) {
            if status != 0 {
                release(pkey, slot_of(address));
            } else if let Some(table) = table(pkey) {
                (*table.add(slot_of(address))).key = *key as usize + 1;
            }
        }
        status
    }
}

/// The C library has the same function under two names.
fn original_of(name: Name, alias: Name) -> usize {
    let known = crate::sealed::sealed().originals();
    if known[name as usize] != 0 { original(name) } else { original(alias) }
}

/// Gives back the slot of a key that is deleted.
fn release_key(key: u32) {
    let Some(pkey) = sys::running_compartment().filter(|pkey| !pkey.is_untrusted()) else { return };
    let Some(table) = table(pkey) else { return };
    for slot in 0..CALLBACK_SLOTS {
        // SAFETY: within the running compartment's table.
        if unsafe { (*table.add(slot)).key } == key as usize + 1 {
            release(pkey, slot);
        }
    }
}

/// pthread_key_delete(3).
pub(crate) unsafe extern "C" fn pthread_key_delete(key: u32) -> c_int {
    release_key(key);
    // SAFETY: the original's type.
    unsafe {
        let delete: extern "C" fn(u32) -> c_int =
            core::mem::transmute(original(Name::pthread_key_delete));
        delete(key)
    }
}

/// tss_delete(3).
pub(crate) unsafe extern "C" fn tss_delete(key: u32) {
    release_key(key);
    // SAFETY: the original's type.
    unsafe {
        let delete: extern "C" fn(u32) = core::mem::transmute(original(Name::tss_delete));
        delete(key);
    }
}

/// `__register_atfork`, which pthread_atfork(3) is made of.
pub(crate) unsafe extern "C" fn register_atfork(
    prepare: usize,
    parent: usize,
    child: usize,
    object: *mut c_void,
) -> c_int {
    let stand_ins = [prepare, parent, child].map(stand_in);
    let [Some((_, prepare)), Some((_, parent)), Some((_, child))] = stand_ins else {
        return libc::ENOMEM;
    };
    // SAFETY: the original's type; the program's arguments but for the functions.
    unsafe {
        let register: extern "C" fn(usize, usize, usize, *mut c_void) -> c_int =
            core::mem::transmute(original(Name::__register_atfork));
        register(prepare, parent, child, object)
    }
}
