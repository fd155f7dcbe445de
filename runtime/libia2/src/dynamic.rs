//! Where an object's constructors and destructors are.

use linux_raw_sys::elf::Elf_Dyn;

use crate::object::{Object, Range};

/// Entries of a dynamic section that name constructors and destructors.
pub(crate) struct Dynamic {
    /// `DT_INIT`, or null.
    pub(crate) init: *mut Elf_Dyn,
    /// `DT_FINI`, or null.
    pub(crate) fini: *mut Elf_Dyn,
    /// `DT_INIT_ARRAY`
    pub(crate) init_array: Range,
    /// `DT_FINI_ARRAY`
    pub(crate) fini_array: Range,
}

impl Dynamic {
    /// Those of an object.
    pub(crate) fn of(object: &Object) -> Dynamic {
        // Tags of the gABI's figure 5-10.
        const DT_INIT: usize = 12;
        const DT_FINI: usize = 13;
        const DT_INIT_ARRAY: usize = 25;
        const DT_FINI_ARRAY: usize = 26;
        const DT_INIT_ARRAYSZ: usize = 27;
        const DT_FINI_ARRAYSZ: usize = 28;
        let mut found = Dynamic {
            init: core::ptr::null_mut(),
            fini: core::ptr::null_mut(),
            init_array: Range { start: 0, end: 0 },
            fini_array: Range { start: 0, end: 0 },
        };
        let (mut init_size, mut fini_size) = (0, 0);
        let mut entry = object.dynamic();
        if entry.is_null() {
            return found;
        }
        loop {
            // SAFETY: a dynamic section ends with DT_NULL.
            let (tag, value) = unsafe { ((*entry).d_tag, (*entry).d_un.d_val as usize) };
            match tag {
                0 => break,
                DT_INIT => found.init = entry,
                DT_FINI => found.fini = entry,
                DT_INIT_ARRAY => found.init_array.start = object.base + value,
                DT_FINI_ARRAY => found.fini_array.start = object.base + value,
                DT_INIT_ARRAYSZ => init_size = value,
                DT_FINI_ARRAYSZ => fini_size = value,
                _ => {}
            }
            // SAFETY: not yet at DT_NULL.
            entry = unsafe { entry.add(1) };
        }
        found.init_array.end = found.init_array.start + init_size;
        found.fini_array.end = found.fini_array.start + fini_size;
        found
    }
}
