//! Who called: reading stacks of all compartments, for reports.

use layout::thread_block::{RUNNING, STACK_POINTER, page};
use pkru::Pkey;

use crate::ids::callgates;
use crate::memory;
use crate::object;
use crate::owner::object_at;

/// Words that are looked at above a saved stack pointer: more than a gate's frame has.
const FRAME_WORDS: usize = 24;

/// The first word above a stack pointer that is an address in a compartment's own code: probably the
/// return address of its call into a library, which the library's frames are below.
pub(crate) fn code_above(stack: usize, pkey: Pkey) -> Option<usize> {
    const MOST_WORDS: usize = 256;
    let mut words = [0; MOST_WORDS];
    memory::words(stack, &mut words).iter().copied().find(|&word| {
        object_at(word).is_some_and(|object| object.pkey == pkey && object.has_code_at(word))
    })
}

/// Where a compartment was left for another one in the running thread: the return address of its call
/// of a gate. `None` if it has not been left, or cannot be read.
///
/// A gate saves the stack pointer in front of its own frame, which ends with the return address of
/// the call. The frame's size is the gates' own affair: the first word that is an address in the
/// compartment's code is the one.
pub(crate) fn left_at(pkey: Pkey) -> Option<usize> {
    if pkey.is_untrusted() {
        return None;
    }
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    let stack = memory::word(block + page(pkey) + STACK_POINTER)
        .filter(|&stack| stack != 0 && stack != RUNNING as isize as usize)?;
    let gates = callgates();
    let mut words = [0; FRAME_WORDS];
    memory::words(stack, &mut words).iter().copied().find(|&word| {
        !(gates.text as usize..gates.text_end as usize).contains(&word)
            && object_at(word).is_some_and(|object| object.has_code_at(word) && object.pkey == pkey)
    })
}
