//! The heap of the running compartment (`libpartition-alloc.so`), for the runtime's own records.
//!
//! The names are not those of the program's calls. The runtime is part of the executable, whose calls
//! of `__wrap_malloc` and the like lead to the heap of the executable's compartment
//! ([`crate::interpose`]), while the runtime runs in all of them.

use core::ffi::c_void;

unsafe extern "C" {
    /// malloc(3).
    pub(crate) fn ia2_heap_malloc(size: usize) -> *mut c_void;
    /// calloc(3).
    pub(crate) fn ia2_heap_calloc(count: usize, size: usize) -> *mut c_void;
    /// free(3).
    pub(crate) fn ia2_heap_free(block: *mut c_void);
}
