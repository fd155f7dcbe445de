//! Whose memory an address is.

use core::ffi::c_void;

use layout::thread_block;
use pkru::Pkey;

use crate::message::Message;
use crate::object::{self, Object};
use crate::sealed::sealed;
use crate::symbol::{self, Kind, Symbol};
use crate::{late, thread};

unsafe extern "C" {
    fn ia2_heap_owner(address: *const c_void) -> i32;
}

/// What lies at an address.
pub(crate) enum Place {
    /// A variable of an object, or its data if no symbol says which.
    Variable(&'static Object, Option<Symbol>),
    /// A stack of a compartment.
    Stack(Pkey),
    /// The heap of a compartment; that of compartment 0 is shared.
    Heap(Pkey),
    /// A thread-local variable of the running thread.
    ThreadLocal(&'static Object, Option<Symbol>),
    /// The running thread's control page of a compartment.
    Control(Pkey),
    /// Anything else.
    Unknown,
}

/// The object whose code or data lies at the address.
pub(crate) fn object_at(address: usize) -> Option<&'static Object> {
    let objects = sealed().objects().iter().chain(late::objects());
    objects.into_iter().find(|object| object.contains(address))
}

/// The same for names only: also an object that is not loaded any more.
pub(crate) fn named_object_at(address: usize) -> Option<&'static Object> {
    object_at(address).or_else(|| late::gone_at(address))
}

/// The compartment in whose stack arena the address lies.
pub(crate) fn stack_of(address: usize) -> Option<Pkey> {
    let index = address.checked_sub(sealed().stacks)? >> sealed().stack_arena_shift;
    u8::try_from(index).ok().and_then(Pkey::new)
}

/// The compartment whose heap the address lies in.
pub(crate) fn heap_of(address: usize) -> Option<Pkey> {
    // SAFETY: only compares the address with the heaps' ranges.
    let key = unsafe { ia2_heap_owner(address as *const c_void) };
    u8::try_from(key).ok().and_then(Pkey::new)
}

/// The compartment whose page of the running thread's block the address lies on.
fn control_of(address: usize) -> Option<Pkey> {
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    let pkey = Pkey::new(u8::try_from(address.checked_sub(block)? / layout::PAGE_SIZE).ok()?)?;
    (pkey <= thread::highest() && address >= block + thread_block::page(pkey)).then_some(pkey)
}

/// The object with a thread-local variable of the running thread at the address, and its offset.
fn thread_local_of(address: usize) -> Option<(&'static Object, usize)> {
    let thread_pointer = object::thread_pointer();
    sealed().objects().iter().find_map(|object| {
        let block = object.thread_local_block(thread_pointer)?;
        let offset = address.checked_sub(block.start)?;
        (offset < block.size).then_some((object, offset))
    })
}

/// The key that memory at the address carries, as far as the runtime's own tables say; `None` for
/// memory they do not know, such as other threads' thread-local variables.
pub(crate) fn key_of(address: usize) -> Option<Pkey> {
    if let Some(object) = object_at(address) {
        let is_keyed = object.writable_pages().any(|pages| pages.contains(address))
            && !object.shared_data().contains(address);
        return Some(if is_keyed { object.pkey } else { Pkey::UNTRUSTED });
    }
    stack_of(address)
        .or_else(|| heap_of(address))
        .or_else(|| control_of(address))
        .or_else(|| thread_local_of(address).map(|(object, _)| object.pkey))
}

/// What lies at the address.
pub(crate) fn place_of(address: usize) -> Place {
    if let Some(object) = named_object_at(address) {
        let symbol = symbol::find(object, address - object.base, Kind::Variable);
        return Place::Variable(object, symbol);
    }
    if let Some(pkey) = stack_of(address) {
        return Place::Stack(pkey);
    }
    if let Some(pkey) = heap_of(address) {
        return Place::Heap(pkey);
    }
    if let Some(pkey) = control_of(address) {
        return Place::Control(pkey);
    }
    match thread_local_of(address) {
        Some((object, offset)) => {
            Place::ThreadLocal(object, symbol::find(object, offset, Kind::ThreadLocal))
        }
        None => Place::Unknown,
    }
}

impl Place {
    /// Number of different kinds of places.
    pub(crate) const KINDS: usize = 6;

    /// A number for the kind of place, at most [`Place::KINDS`].
    pub(crate) fn kind(&self) -> usize {
        match self {
            Place::Variable(..) => 1,
            Place::Stack(_) => 2,
            Place::Heap(_) => 3,
            Place::ThreadLocal(..) => 4,
            Place::Control(_) => 5,
            Place::Unknown => 6,
        }
    }

    /// Appends what it is, for example `variable secret+0x0 of the executable`.
    pub(crate) fn describe(&self, message: Message) -> Message {
        let of = |message: Message, what: &str, object: &Object, symbol: &Option<Symbol>| {
            let message = match symbol {
                Some(symbol) => message
                    .text(what)
                    .text("variable ")
                    .bytes(symbol.name)
                    .text("+")
                    .hex(symbol.offset as u64)
                    .text(" of "),
                None => message.text("the ").text(what).text("data of "),
            };
            message.bytes(object.display_name())
        };
        let by = |message: Message, what: &str, pkey: Pkey| {
            message.text(what).text(" of compartment ").decimal(pkey.number().into())
        };
        match self {
            Place::Variable(object, symbol) => of(message, "", object, symbol),
            Place::ThreadLocal(object, symbol) => of(message, "thread-local ", object, symbol),
            Place::Stack(pkey) => by(message, "a stack", *pkey),
            Place::Heap(pkey) => by(message, "the heap", *pkey),
            Place::Control(pkey) => by(message, "a thread's control page", *pkey),
            Place::Unknown => message.text("a mapping without a name"),
        }
    }
}

/// Appends whose local variable it is: of the function that begins at the address.
pub(crate) fn describe_local(message: Message, function: usize) -> Message {
    let message = message.text(", a local variable of ");
    let symbol = named_object_at(function)
        .and_then(|object| symbol::find(object, function - object.base, Kind::Function));
    match symbol {
        Some(symbol) => message.bytes(symbol.name),
        None => describe_code(message, function),
    }
}

/// Appends a code address, for example `foo+0x12 (./libfoo.so+0x1139)`.
pub(crate) fn describe_code(message: Message, address: usize) -> Message {
    let Some(object) = named_object_at(address) else {
        return message.text("unknown, at ").hex(address as u64);
    };
    let relative = address - object.base;
    let message = match symbol::find(object, relative, Kind::Function) {
        // A mangled name of ours tells nobody anything.
        Some(symbol) if symbol.name.starts_with(b"_ZN6libia2") => message.text("the runtime"),
        Some(symbol) => message.bytes(symbol.name).text("+").hex(symbol.offset as u64),
        None => message.text("unknown"),
    };
    message.text(" (").bytes(object.display_name()).text("+").hex(relative as u64).text(")")
}
