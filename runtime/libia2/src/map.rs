//! The memory map of the process: every mapping with its owner, on standard error.

use crate::maps::{self, Mapping};
use crate::message::Message;
use crate::object::{self, Range};
use crate::owner::{heap_of, object_at, stack_of};
use crate::sealed::sealed;

/// Prints the memory map. Safe in a signal handler. Declared in `ia2.h`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ia2_print_memory_map() {
    Message::new("memory map: addresses, rights, compartment, what").print();
    if !maps::each(print) {
        Message::new("  /proc/self/smaps cannot be read").print();
    }
}

fn print(mapping: &Mapping<'_>) {
    let Range { start, end } = mapping.range;
    let message = Message::new("  ")
        .hex(start as u64)
        .text("-")
        .hex(end as u64)
        .text(" ")
        .bytes(mapping.rights)
        .text(if mapping.key < 10 { "  " } else { " " })
        .decimal(mapping.key.into())
        .text("  ");
    what(message, mapping).print();
}

fn what(message: Message, mapping: &Mapping<'_>) -> Message {
    let start = mapping.range.start;
    if let Some(object) = object_at(start) {
        let message = message.bytes(object.display_name());
        let is_shared = object.shared_data().contains(start);
        return if is_shared { message.text(", shared data") } else { message };
    }
    let of = |message: Message, pkey: pkru::Pkey| {
        message.text(" of compartment ").decimal(pkey.number().into())
    };
    if let Some(pkey) = stack_of(start) {
        let is_guard = mapping.rights.starts_with(b"---");
        return of(message.text(if is_guard { "no stack, or a guard" } else { "stack" }), pkey);
    }
    if let Some(pkey) = heap_of(start) {
        return if pkey.is_untrusted() {
            message.text("shared heap")
        } else {
            of(message.text("heap"), pkey)
        };
    }
    if mapping.key != 0 {
        let thread_pointer = object::thread_pointer();
        let is_own = sealed().objects().iter().any(|object| {
            object
                .thread_local_block(thread_pointer)
                .is_some_and(|block| (block.start..block.start + block.size).contains(&start))
        });
        return message.text("thread-local storage of ").text(if is_own {
            "this thread"
        } else {
            "another thread"
        });
    }
    message.bytes(if mapping.name.is_empty() { b"private memory of nobody" } else { mapping.name })
}
