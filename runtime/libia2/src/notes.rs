//! Reading the notes by which objects say where they belong (`layout::dso_note`).

use core::ffi::CStr;

use layout::callgates::Registered;
use layout::dso_note;
use libc::PT_NOTE;

use crate::message::Message;
use crate::object::{Object, Range};

/// A note of ours.
pub(crate) struct Note {
    /// One of the types of `layout::dso_note`.
    pub(crate) kind: u32,
    /// Address of the descriptor.
    address: usize,
    length: usize,
}

/// All notes of ours in the object.
pub(crate) fn notes(object: &Object) -> impl Iterator<Item = Note> {
    object.headers().iter().filter(|header| header.p_type == PT_NOTE).flat_map(|header| Notes {
        rest: object.range(header),
        align: header.p_align.max(4) as usize,
    })
}

/// The functions that an object registers.
pub(crate) fn registered(object: &Object) -> impl Iterator<Item = &'static Registered> {
    let members = notes(object).filter(|note| note.kind == dso_note::MEMBER);
    members.flat_map(|note| note.table::<Registered>(2, 3)).filter(|entry| entry.id != 0)
}

/// Walks a PT_NOTE segment: name size, descriptor size, type, then name and descriptor, each padded
/// to the segment's alignment of 4 or 8 (gABI, section 5.3).
struct Notes {
    rest: Range,
    align: usize,
}

impl Iterator for Notes {
    type Item = Note;

    fn next(&mut self) -> Option<Note> {
        loop {
            const HEADER: usize = 12;
            if self.rest.length() < HEADER {
                return None;
            }
            let start = self.rest.start;
            let [name_size, size, kind] = [0, 4, 8].map(|offset| read(start + offset));
            let name = start + HEADER;
            let address = start + (HEADER + name_size as usize).next_multiple_of(self.align);
            let end = address.checked_add(size as usize).filter(|&end| end <= self.rest.end)?;
            self.rest.start = start + (end - start).next_multiple_of(self.align);
            // SAFETY: the name lies inside the mapped segment, as its descriptor does.
            let is_ours = name_size == 4 && unsafe { *(name as *const [u8; 4]) } == *dso_note::NAME;
            if is_ours {
                return Some(Note { kind, address, length: size as usize });
            }
        }
    }
}

/// Reads a word of a note.
fn read(address: usize) -> u32 {
    // SAFETY: only called with addresses inside mapped note segments; notes need not be aligned.
    unsafe { (address as *const u32).read_unaligned() }
}

impl Note {
    /// A word of the descriptor.
    pub(crate) fn word(&self, index: usize) -> u32 {
        if (index + 1) * 4 > self.length {
            Message::error("a note named IA2 is shorter than its format").stop()
        }
        read(self.address + index * 4)
    }

    /// What a relative reference in the descriptor refers to; `None` for 0.
    pub(crate) fn target(&self, index: usize) -> Option<usize> {
        match self.word(index).cast_signed() {
            0 => None,
            offset => Some((self.address + index * 4).wrapping_add_signed(offset as isize)),
        }
    }

    /// The C string that a relative reference refers to.
    pub(crate) fn string(&self, index: usize) -> Option<&'static CStr> {
        // SAFETY: the static linker resolved the reference to a string literal of the same object.
        self.target(index).map(|address| unsafe { CStr::from_ptr(address as *const _) })
    }

    /// The table between two relative references.
    pub(crate) fn table<T: 'static>(&self, start: usize, end: usize) -> &'static [T] {
        let (Some(start), Some(end)) = (self.target(start), self.target(end)) else { return &[] };
        // SAFETY: the references delimit a section of the same object that holds only `T`s, by the
        // section's name; it is mapped and aligned by its entries.
        unsafe { core::slice::from_raw_parts(start as *const T, (end - start) / size_of::<T>()) }
    }
}
