//! `malloc`, `calloc` and `free` once for each compartment, for code that only runs in that one.
//!
//! Which heap is meant is known without RDPKRU, which would wait for all instructions before it. The
//! runtime leads the calls of a compartment's shared objects here. Other code that gets here has not
//! the rights to the heap and faults; what takes longer looks at PKRU as ever.

use core::{
    ffi::{c_int, c_void},
    ptr::null,
};

use partition_heap::Keyed;
use pkru::Pkey;

use crate::{
    exports::{__wrap_calloc, __wrap_free, __wrap_malloc},
    malloc, process,
    thread_slot::In,
};

extern "C" fn malloc_in<const KEY: usize>(size: usize) -> *mut u8 {
    malloc::malloc::<Keyed, _>(&In::<KEY>, size)
}

extern "C" fn calloc_in<const KEY: usize>(count: usize, size: usize) -> *mut u8 {
    malloc::calloc::<Keyed, _>(&In::<KEY>, count, size)
}

extern "C" fn free_in<const KEY: usize>(block: *mut u8) {
    malloc::free::<Keyed, _>(&In::<KEY>, block);
}

/// The functions of one compartment.
struct Functions {
    malloc: extern "C" fn(usize) -> *mut u8,
    calloc: extern "C" fn(usize, usize) -> *mut u8,
    free: extern "C" fn(*mut u8),
}

impl Functions {
    const fn of<const KEY: usize>() -> Functions {
        Functions { malloc: malloc_in::<KEY>, calloc: calloc_in::<KEY>, free: free_in::<KEY> }
    }
}

macro_rules! of_keys {
    ($($key:literal)*) => { [$(Functions::of::<$key>()),*] };
}

/// By key, from 1.
static FUNCTIONS: [Functions; Pkey::COUNT - 1] = of_keys!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);

/// The function that does for code of a compartment what `function`, the address of `__wrap_malloc`,
/// `__wrap_calloc` or `__wrap_free`, does for anybody. Null if there is none: for other functions, for
/// compartment 0, for compartments without heap, and in permissive mode, where code may run with
/// other rights than its compartment's. Called by the runtime once there are heaps.
#[unsafe(no_mangle)]
extern "C" fn ia2_heap_function(function: *const c_void, compartment: c_int) -> *const c_void {
    let heaps = process::heaps();
    let key = u8::try_from(compartment).ok().and_then(Pkey::new);
    let Some(key) = key.filter(|&key| heaps.has_private(key)) else {
        return null();
    };
    let of_key = &FUNCTIONS[key.index() - 1];
    match function {
        _ if heaps.is_permissive() => null(),
        _ if function == __wrap_malloc as *const c_void => of_key.malloc as *const c_void,
        _ if function == __wrap_calloc as *const c_void => of_key.calloc as *const c_void,
        _ if function == __wrap_free as *const c_void => of_key.free as *const c_void,
        _ => null(),
    }
}
