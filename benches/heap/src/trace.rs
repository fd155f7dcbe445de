//! Traces of real programs: packing what `heap-recorder` wrote, and replaying it.
//!
//! A packed trace is a sequence of variable-length numbers (seven bits a byte, low ones first, the
//! top bit set on all but the last byte). An event is `size * 4 + operation`, or for an event about
//! a block that exists `slot * 4 + operation`, followed by the size if it is a realloc. Operations:
//! 0 malloc, 1 free, 2 realloc, 3 calloc. A new block gets the lowest free slot.

use std::collections::{BTreeSet, HashMap};

use crate::{allocator::Allocator, threads::in_pieces};

/// One event of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// Allocate `size` bytes into a slot.
    Malloc { slot: usize, size: usize },
    /// The same, zeroed.
    Calloc { slot: usize, size: usize },
    /// Change the size of a slot's block.
    Realloc { slot: usize, size: usize },
    /// Free a slot's block.
    Free { slot: usize },
}

/// Slots, the lowest free one first.
#[derive(Default)]
struct Slots {
    free: BTreeSet<usize>,
    end: usize,
}

impl Slots {
    fn take(&mut self) -> usize {
        self.free.pop_first().unwrap_or_else(|| {
            self.end += 1;
            self.end - 1
        })
    }
}

fn push(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Packs the first `most` events that the recorder wrote. Events about blocks from before the
/// recording, or from functions it does not record, are left out.
pub fn pack(raw: &[u8], most: usize) -> Vec<u8> {
    let (mut packed, mut slots, mut live) = (Vec::new(), Slots::default(), HashMap::new());
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
    for event in raw.chunks_exact(32).take(most) {
        let [operation, before, size, after] =
            [0, 8, 16, 24].map(|at| word(&event[at..at + 8]) as usize);
        match (operation, live.get(&before).copied()) {
            (0 | 3, _) | (2, None) => {
                let operation = if operation == 3 { 3 } else { 0 };
                live.insert(after, slots.take());
                push(&mut packed, size * 4 + operation);
            }
            (1, Some(slot)) => {
                live.remove(&before);
                slots.free.insert(slot);
                push(&mut packed, slot * 4 + 1);
            }
            (2, Some(slot)) => {
                live.remove(&before);
                live.insert(after, slot);
                push(&mut packed, slot * 4 + 2);
                push(&mut packed, size);
            }
            _ => {}
        }
    }
    packed
}

/// Unpacks a trace, and adds the events that free what is left.
pub fn unpack(packed: &[u8]) -> Vec<Event> {
    let (mut events, mut slots, mut live) = (Vec::new(), Slots::default(), BTreeSet::new());
    let mut bytes = packed.iter();
    let mut number = || {
        let (mut number, mut shift) = (0usize, 0);
        for &byte in bytes.by_ref() {
            number |= usize::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    };
    while let Some(head) = number() {
        let value = head / 4;
        events.push(match head % 4 {
            1 => {
                live.remove(&value);
                slots.free.insert(value);
                Event::Free { slot: value }
            }
            2 => Event::Realloc { slot: value, size: number().expect("a truncated trace") },
            operation => {
                let slot = slots.take();
                live.insert(slot);
                if operation == 3 {
                    Event::Calloc { slot, size: value }
                } else {
                    Event::Malloc { slot, size: value }
                }
            }
        });
    }
    events.extend(live.into_iter().map(|slot| Event::Free { slot }));
    events
}

/// Replays a trace several times; nanoseconds of CPU time per event. Programs touch what they
/// allocate, so blocks of up to a page are written whole.
pub fn replay(allocator: &Allocator, packed: &[u8]) -> f64 {
    let events = unpack(packed);
    let mut blocks = vec![std::ptr::null_mut::<u8>(); events.len()];
    let time = in_pieces(|| {
        for event in &events {
            play(allocator, &mut blocks, *event);
        }
    });
    time / events.len() as f64
}

#[inline(always)]
fn play(allocator: &Allocator, blocks: &mut [*mut u8], event: Event) {
    match event {
        Event::Malloc { slot, size } => {
            blocks[slot] = allocator.get(size.max(8));
            // SAFETY: inside the block.
            unsafe { blocks[slot].write_bytes(1, size.min(4096)) };
        }
        // SAFETY: a C allocator; slots hold blocks from it, or null.
        Event::Calloc { slot, size } => unsafe { blocks[slot] = (allocator.calloc)(1, size) },
        // SAFETY: as above.
        Event::Realloc { slot, size } => unsafe {
            blocks[slot] = (allocator.realloc)(blocks[slot], size.max(1));
        },
        Event::Free { slot } => allocator.put(blocks[slot]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_trace_is_what_was_recorded() {
        let raw: Vec<u8> = [
            [0u64, 0, 100, 0x1000],
            [3, 0, 32, 0x2000],
            [1, 0x1000, 0, 0],
            [1, 0x9999, 0, 0],
            [0, 0, 5000, 0x3000],
            [2, 0x2000, 700, 0x4000],
            [1, 0x4000, 0, 0],
        ]
        .iter()
        .flat_map(|event| event.iter().flat_map(|word| word.to_le_bytes()))
        .collect();
        let expected = [
            Event::Malloc { slot: 0, size: 100 },
            Event::Calloc { slot: 1, size: 32 },
            Event::Free { slot: 0 },
            Event::Malloc { slot: 0, size: 5000 },
            Event::Realloc { slot: 1, size: 700 },
            Event::Free { slot: 1 },
            Event::Free { slot: 0 },
        ];
        assert_eq!(unpack(&pack(&raw, 100)), expected);
    }
}
