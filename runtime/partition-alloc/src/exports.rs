//! The library's functions as C sees them. Each asks who is running, and hands over.
//!
//! `__wrap_NAME` is what `ld --wrap=NAME` makes of a call of `NAME`. The names with `_chk` and `__`
//! are what glibc's headers turn plain calls into under `_FORTIFY_SOURCE` or optimisation.

use core::{
    arch::naked_asm,
    ffi::{c_char, c_int, c_void},
};

use partition_heap::{Keyed, Open};

use crate::{
    libc::VaList,
    lines, malloc, paths,
    printf::{self, Checks},
    strings,
    thread_slot::{Running, Sharing},
};

#[unsafe(no_mangle)]
pub(crate) extern "C" fn __wrap_malloc(size: usize) -> *mut u8 {
    match Running::in_private() {
        Some(caller) => malloc::malloc::<Keyed, _>(&caller, size),
        None => malloc_elsewhere(size),
    }
}

/// `malloc` for code in compartment 0, and for nobody.
#[inline(never)]
extern "C" fn malloc_elsewhere(size: usize) -> *mut u8 {
    malloc::malloc::<Open, _>(&Running::now(), size)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn __wrap_calloc(count: usize, size: usize) -> *mut u8 {
    match Running::in_private() {
        Some(caller) => malloc::calloc::<Keyed, _>(&caller, count, size),
        None => calloc_elsewhere(count, size),
    }
}

/// `calloc` for code in compartment 0, and for nobody.
#[inline(never)]
extern "C" fn calloc_elsewhere(count: usize, size: usize) -> *mut u8 {
    malloc::calloc::<Open, _>(&Running::now(), count, size)
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn __wrap_free(block: *mut u8) {
    match Running::in_private() {
        Some(caller) => malloc::free::<Keyed, _>(&caller, block),
        None => free_elsewhere(block),
    }
}

/// `free` for code in compartment 0, and for nobody.
#[inline(never)]
extern "C" fn free_elsewhere(block: *mut u8) {
    malloc::free::<Open, _>(&Running::now(), block);
}

#[unsafe(no_mangle)]
extern "C" fn __wrap_realloc(block: *mut u8, size: usize) -> *mut u8 {
    malloc::realloc(&Running::now(), block, size)
}

#[unsafe(no_mangle)]
extern "C" fn __wrap_reallocarray(block: *mut u8, count: usize, size: usize) -> *mut u8 {
    malloc::reallocarray(&Running::now(), block, count, size)
}

#[unsafe(no_mangle)]
extern "C" fn __wrap_memalign(align: usize, size: usize) -> *mut u8 {
    malloc::memalign(&Running::now(), align, size)
}

#[unsafe(no_mangle)]
extern "C" fn __wrap_aligned_alloc(align: usize, size: usize) -> *mut u8 {
    malloc::aligned_alloc(&Running::now(), align, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_posix_memalign(
    result: *mut *mut u8,
    align: usize,
    size: usize,
) -> c_int {
    // SAFETY: as the C function's.
    unsafe { malloc::posix_memalign(&Running::now(), result, align, size) }
}

#[unsafe(no_mangle)]
extern "C" fn __wrap_valloc(size: usize) -> *mut u8 {
    malloc::valloc(&Running::now(), size)
}

#[unsafe(no_mangle)]
extern "C" fn __wrap_pvalloc(size: usize) -> *mut u8 {
    malloc::pvalloc(&Running::now(), size)
}

#[unsafe(no_mangle)]
extern "C" fn __wrap_malloc_usable_size(block: *mut u8) -> usize {
    malloc::malloc_usable_size(&Running::now(), block)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_strdup(text: *const c_char) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { strings::strdup(&Running::now(), text) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap___strdup(text: *const c_char) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { __wrap_strdup(text) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_strndup(text: *const c_char, most: usize) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { strings::strndup(&Running::now(), text, most) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap___strndup(text: *const c_char, most: usize) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { __wrap_strndup(text, most) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_wcsdup(text: *const i32) -> *mut i32 {
    // SAFETY: as the C function's.
    unsafe { strings::wcsdup(&Running::now(), text) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_realpath(path: *const c_char, resolved: *mut c_char) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { paths::realpath(&Running::now(), path, resolved) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap___realpath_chk(
    path: *const c_char,
    resolved: *mut c_char,
    room: usize,
) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { paths::realpath_chk(&Running::now(), path, resolved, room) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_getcwd(buffer: *mut c_char, size: usize) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { paths::getcwd(&Running::now(), buffer, size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap___getcwd_chk(
    buffer: *mut c_char,
    size: usize,
    room: usize,
) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { paths::getcwd_chk(&Running::now(), buffer, size, room) }
}

#[unsafe(no_mangle)]
extern "C" fn __wrap_get_current_dir_name() -> *mut c_char {
    paths::get_current_dir_name(&Running::now())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_getdelim(
    line: *mut *mut c_char,
    size: *mut usize,
    delimiter: c_int,
    stream: *mut c_void,
) -> isize {
    // SAFETY: as the C function's.
    unsafe { lines::getdelim(&Running::now(), line, size, delimiter, stream) }
}

/// What glibc's `<bits/stdio.h>` makes of `getline` when it optimises.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap___getdelim(
    line: *mut *mut c_char,
    size: *mut usize,
    delimiter: c_int,
    stream: *mut c_void,
) -> isize {
    // SAFETY: as the C function's.
    unsafe { __wrap_getdelim(line, size, delimiter, stream) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_getline(
    line: *mut *mut c_char,
    size: *mut usize,
    stream: *mut c_void,
) -> isize {
    // SAFETY: as the C function's.
    unsafe { __wrap_getdelim(line, size, c_int::from(b'\n'), stream) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_vasprintf(
    result: *mut *mut c_char,
    format: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: as the C function's.
    unsafe { printf::vasprintf(&Running::now(), result, Checks::None, format, arguments) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap___vasprintf_chk(
    result: *mut *mut c_char,
    flag: c_int,
    format: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    let checks = Checks::Fortified(flag);
    // SAFETY: as the C function's.
    unsafe { printf::vasprintf(&Running::now(), result, checks, format, arguments) }
}

/// Body of a variadic function `f(a…, ...)` that calls `$target(a…, va_list)`: `$fixed` general
/// registers hold named arguments, `$list` is the register of the argument after them.
///
/// ```text
///  rsp + 224 ─► stack arguments      overflow_arg_area
///  rsp + 216 ─► return address
///  rsp +  80 ─► xmm0 … xmm7          saved if al says that any holds an argument
///  rsp +  32 ─► rdi … r9             reg_save_area (psABI, figure 3.33)
///  rsp       ─► va_list              24 bytes
/// ```
macro_rules! with_va_list {
    ($fixed:literal, $list:literal, $target:path) => {
        naked_asm!(
            ".cfi_startproc",
            "sub rsp, 216",
            ".cfi_adjust_cfa_offset 216",
            "mov [rsp + 32 + 16], rdx",
            "mov [rsp + 32 + 24], rcx",
            "mov [rsp + 32 + 32], r8",
            "mov [rsp + 32 + 40], r9",
            "test al, al",
            "je 2f",
            "movaps [rsp + 32 + 48], xmm0",
            "movaps [rsp + 32 + 64], xmm1",
            "movaps [rsp + 32 + 80], xmm2",
            "movaps [rsp + 32 + 96], xmm3",
            "movaps [rsp + 32 + 112], xmm4",
            "movaps [rsp + 32 + 128], xmm5",
            "movaps [rsp + 32 + 144], xmm6",
            "movaps [rsp + 32 + 160], xmm7",
            "2:",
            concat!("mov dword ptr [rsp], 8 * ", $fixed),
            "mov dword ptr [rsp + 4], 48",
            "lea rax, [rsp + 224]",
            "mov [rsp + 8], rax",
            "lea rax, [rsp + 32]",
            "mov [rsp + 16], rax",
            concat!("mov ", $list, ", rsp"),
            "call {target}",
            "add rsp, 216",
            ".cfi_adjust_cfa_offset -216",
            "ret",
            ".cfi_endproc",
            target = sym $target,
        )
    };
}

/// `int asprintf(char **result, const char *format, ...)`. Declared without arguments since Rust has
/// no stable variadic definitions; the body takes them from the registers.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn __wrap_asprintf() -> c_int {
    with_va_list!("2", "rdx", __wrap_vasprintf)
}

/// `int __asprintf_chk(char **result, int flag, const char *format, ...)`.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn __wrap___asprintf_chk() -> c_int {
    with_va_list!("3", "rcx", __wrap___vasprintf_chk)
}

#[unsafe(no_mangle)]
extern "C" fn shared_malloc(size: usize) -> *mut u8 {
    malloc::malloc::<Open, _>(&Sharing, size)
}

#[unsafe(no_mangle)]
extern "C" fn shared_calloc(count: usize, size: usize) -> *mut u8 {
    malloc::calloc::<Open, _>(&Sharing, count, size)
}

#[unsafe(no_mangle)]
extern "C" fn shared_free(block: *mut u8) {
    malloc::free::<Open, _>(&Sharing, block);
}

#[unsafe(no_mangle)]
extern "C" fn shared_realloc(block: *mut u8, size: usize) -> *mut u8 {
    malloc::realloc(&Sharing, block, size)
}

#[unsafe(no_mangle)]
extern "C" fn shared_memalign(align: usize, size: usize) -> *mut u8 {
    malloc::memalign(&Sharing, align, size)
}

#[unsafe(no_mangle)]
extern "C" fn shared_aligned_alloc(align: usize, size: usize) -> *mut u8 {
    malloc::aligned_alloc(&Sharing, align, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn shared_posix_memalign(
    result: *mut *mut u8,
    align: usize,
    size: usize,
) -> c_int {
    // SAFETY: as the C function's.
    unsafe { malloc::posix_memalign(&Sharing, result, align, size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn shared_strdup(text: *const c_char) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { strings::strdup(&Sharing, text) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn shared_strndup(text: *const c_char, most: usize) -> *mut c_char {
    // SAFETY: as the C function's.
    unsafe { strings::strndup(&Sharing, text, most) }
}
