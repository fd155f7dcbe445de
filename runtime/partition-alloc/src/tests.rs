//! The functions as a compartment's thread would call them, on any CPU: the heaps of three
//! compartments, all with key 0, and callers that say which one is running.

mod deaths;

use std::{
    cell::Cell,
    ffi::{CStr, CString, c_char},
    sync::OnceLock,
};

use partition_heap::{Class, GuardMethod, Kernel, Open, Slot, class::CLASSES};
use pkru::{Pkey, Pkru};

use crate::{
    caller::Caller,
    heaps::{Heap, Heaps, Mode},
    libc, lines, malloc, paths,
    printf::{self, Checks},
    strings,
};

thread_local! {
    /// By key: the token, then a word per class.
    static SLOTS: [[Cell<u64>; CLASSES]; 16] =
        const { [const { [const { Cell::new(0) }; CLASSES] }; 16] };
}

struct TestSlot(Pkey);

impl TestSlot {
    fn get(&self, word: usize) -> u64 {
        SLOTS.with(|slots| slots[self.0.index()][word].get())
    }

    fn set(&self, word: usize, value: u64) {
        SLOTS.with(|slots| slots[self.0.index()][word].set(value));
    }
}

impl Slot for TestSlot {
    fn token(&self) -> u64 {
        self.get(0)
    }

    fn set_token(&self, token: u64) {
        self.set(0, token);
    }

    fn current(&self, class: Class) -> u64 {
        self.get(class.byte().into())
    }

    fn set_current(&self, class: Class, place: u64) {
        self.set(class.byte().into(), place);
    }
}

/// A thread in compartment `running` that uses the heap of `heap`.
#[derive(Clone, Copy)]
struct TestCaller {
    running: Pkey,
    heap: Pkey,
}

fn key(number: u8) -> Pkey {
    Pkey::new(number).unwrap()
}

fn heaps() -> &'static Heaps {
    static HEAPS: OnceLock<Heaps> = OnceLock::new();
    HEAPS.get_or_init(|| {
        // SAFETY: the heaps are in a mapping of their own.
        let memory = |_, _| unsafe { Kernel::new(Pkey::UNTRUSTED, GuardMethod::Protection) };
        let slot = |heap: Pkey| heap.number().into();
        Heaps::reserve(key(3), &[64 << 20; 16], Mode::Strict, slot, memory).unwrap()
    })
}

fn in_compartment(number: u8) -> TestCaller {
    TestCaller { running: key(number), heap: key(number) }
}

fn sharing_in(number: u8) -> TestCaller {
    TestCaller { running: key(number), heap: Pkey::UNTRUSTED }
}

impl Caller for TestCaller {
    type ThreadSlot = TestSlot;
    type Careful = Self;

    fn careful(&self) -> Self {
        *self
    }

    fn heap(&self) -> &Heap {
        if self.heap.is_untrusted() { heaps().shared() } else { heaps().heap(self.heap) }
    }

    fn heaps(&self) -> &Heaps {
        heaps()
    }

    fn slot(&self, heap: &Heap) -> TestSlot {
        TestSlot(heap.key)
    }

    fn refuse_nobody(&self) {}

    fn compartment(&self) -> Pkey {
        self.running
    }

    fn prefix(&self) -> &'static str {
        if self.heap == self.running { "" } else { "shared_" }
    }
}

fn errno() -> i32 {
    // SAFETY: libc's `errno` of this thread.
    unsafe { *libc::__errno_location() }
}

fn owner<T>(block: *const T) -> Option<u8> {
    heaps().owner(block.cast()).map(Pkey::number)
}

fn text(block: *const c_char) -> String {
    // SAFETY: the tests pass C strings.
    unsafe { CStr::from_ptr(block) }.to_str().unwrap().to_owned()
}

unsafe extern "C" {
    #[link_name = "malloc"]
    fn libc_malloc(size: usize) -> *mut u8;
    fn fmemopen(start: *mut u8, size: usize, mode: *const c_char) -> *mut core::ffi::c_void;
    fn fclose(stream: *mut core::ffi::c_void) -> i32;
}

#[test]
fn each_compartment_gets_blocks_of_its_own_heap() {
    for number in 0..=3 {
        let caller = in_compartment(number);
        for size in [0, 1, 100, 5000, 50_000, 1_000_000] {
            let block = malloc::malloc::<Open, _>(&caller, size);
            assert_eq!(owner(block), Some(number));
            assert!(malloc::malloc_usable_size(&caller, block) >= size);
            malloc::free::<Open, _>(&caller, block);
        }
    }
    assert_eq!(owner("elsewhere".as_ptr()), None);
    malloc::free::<Open, _>(&in_compartment(1), core::ptr::null_mut());
    assert_eq!(malloc::malloc_usable_size(&in_compartment(1), core::ptr::null_mut()), 0);
}

#[test]
fn pkru_values_find_their_heap_and_others_find_none() {
    for number in 0..=3 {
        assert_eq!(heaps().of(Pkru::of(key(number))).key.number(), number);
    }
    assert_eq!(heaps().heap(key(2)).slot_offset(), 2, "each heap has its slot");
    assert!(heaps().of(Pkru::LINUX_DEFAULT).key.is_untrusted());
    for bits in [0, u32::MAX, 0xffff_ff00, 0x5555_5550] {
        assert!(heaps().is_nobodys(heaps().of(Pkru::from_bits(bits))), "{bits:#x}");
    }
    assert!(heaps().of(Pkru::of(key(9))).arena.is_absent());
    for number in 1..=3 {
        let heap = heaps().private(Pkru::of(key(number))).expect("it has one");
        assert_eq!(heap.key.number(), number);
    }
    let others = [0, 4, 9, 15].map(|number| Pkru::of(key(number)));
    let nobodys = [0, 0xffff_ff00, 0x5555_5550].map(Pkru::from_bits);
    for pkru in others.into_iter().chain(nobodys).chain([Pkru::LINUX_DEFAULT]) {
        assert!(heaps().private(pkru).is_none(), "{pkru:?}");
    }
}

#[test]
fn realloc_is_what_posix_and_glibc_say() {
    let caller = in_compartment(1);
    let block = malloc::realloc(&caller, core::ptr::null_mut(), 10);
    // SAFETY: blocks of at least these sizes, here and below.
    unsafe { block.copy_from(b"0123456789".as_ptr(), 10) };
    let block = malloc::realloc(&caller, block, 200_000);
    assert_eq!(owner(block), Some(1));
    // SAFETY: as above.
    assert_eq!(unsafe { core::slice::from_raw_parts(block, 10) }, b"0123456789");
    libc::set_errno(0);
    assert!(malloc::realloc(&caller, block, usize::MAX).is_null());
    assert_eq!(errno(), libc::ENOMEM);
    assert!(malloc::reallocarray(&caller, block, 1 << 40, 1 << 40).is_null());
    // SAFETY: a failed realloc leaves the block alone.
    assert_eq!(unsafe { core::slice::from_raw_parts(block, 10) }, b"0123456789");
    assert!(malloc::realloc(&caller, block, 0).is_null());
}

#[test]
fn calloc_zeroes_and_sees_overflow() {
    let caller = in_compartment(1);
    for size in [24, 3000, 100_000] {
        let dirty = malloc::malloc::<Open, _>(&caller, size);
        // SAFETY: a block of this size, here and below.
        unsafe { dirty.write_bytes(0xff, size) };
        malloc::free::<Open, _>(&caller, dirty);
        let block = malloc::calloc::<Open, _>(&caller, size / 8, 8);
        // SAFETY: as above.
        assert!(unsafe { core::slice::from_raw_parts(block, size) }.iter().all(|b| *b == 0));
        malloc::free::<Open, _>(&caller, block);
    }
    libc::set_errno(0);
    assert!(malloc::calloc::<Open, _>(&caller, usize::MAX / 2, 3).is_null());
    assert_eq!(errno(), libc::ENOMEM);
}

#[test]
fn alignment_functions_check_their_arguments() {
    let caller = in_compartment(2);
    let aligned = |block: *mut u8, align: usize| {
        assert!(!block.is_null() && block.addr().is_multiple_of(align), "{block:p} to {align}");
        malloc::free::<Open, _>(&caller, block);
    };
    aligned(malloc::memalign(&caller, 64, 100), 64);
    aligned(malloc::memalign(&caller, 48, 100), 64);
    aligned(malloc::aligned_alloc(&caller, 1 << 20, 100), 1 << 20);
    aligned(malloc::valloc(&caller, 1), 4096);
    let whole = malloc::pvalloc(&caller, 4097);
    assert!(malloc::malloc_usable_size(&caller, whole) >= 8192);
    aligned(whole, 4096);
    libc::set_errno(0);
    assert!(malloc::memalign(&caller, usize::MAX, 1).is_null());
    assert_eq!(errno(), libc::EINVAL);
    libc::set_errno(0);
    assert!(malloc::aligned_alloc(&caller, 24, 1).is_null());
    assert_eq!(errno(), libc::EINVAL);
    let mut result = core::ptr::null_mut();
    libc::set_errno(77);
    // SAFETY: `result` is writable, here and below.
    let mut call =
        |align, size| unsafe { malloc::posix_memalign(&caller, &raw mut result, align, size) };
    assert_eq!(call(4, 1), libc::EINVAL);
    assert_eq!(call(24, 1), libc::EINVAL);
    assert_eq!(call(16, usize::MAX), libc::ENOMEM);
    assert_eq!(call(256, 1), 0);
    assert_eq!(errno(), 77, "posix_memalign leaves errno alone");
    aligned(result, 256);
}

#[test]
fn the_limit_is_enomem() {
    let caller = in_compartment(3);
    libc::set_errno(0);
    assert!(malloc::malloc::<Open, _>(&caller, 65 << 20).is_null());
    assert_eq!(errno(), libc::ENOMEM);
    malloc::free::<Open, _>(&caller, malloc::malloc::<Open, _>(&caller, 60 << 20));
}

#[test]
fn strings_are_copied_to_the_callers_heap() {
    let caller = in_compartment(2);
    // SAFETY: C strings, here and below.
    unsafe {
        let copy = strings::strdup(&caller, c"some text".as_ptr());
        assert_eq!((text(copy).as_str(), owner(copy)), ("some text", Some(2)));
        malloc::free::<Open, _>(&caller, copy.cast());
        let part = strings::strndup(&caller, c"some text".as_ptr(), 4);
        assert_eq!(text(part), "some");
        malloc::free::<Open, _>(&caller, part.cast());
        let wide = strings::wcsdup(&caller, [104, 105, 0].as_ptr());
        assert_eq!(core::slice::from_raw_parts(wide, 3), [104, 105, 0]);
        malloc::free::<Open, _>(&caller, wide.cast());
        let shared = strings::strdup(&sharing_in(2), c"all".as_ptr());
        assert_eq!(owner(shared), Some(0));
        // Blocks of the shared heap may be freed with plain free, anywhere.
        malloc::free::<Open, _>(&in_compartment(3), shared.cast());
    }
}

#[test]
fn paths_are_allocated_only_on_request() {
    let (caller, mut buffer) = (in_compartment(1), [0 as c_char; 4096]);
    let here = std::env::current_dir().unwrap();
    let here = here.to_str().unwrap();
    // SAFETY: C strings and buffers of the sizes given.
    unsafe {
        for path in [
            paths::realpath(&caller, c".".as_ptr(), core::ptr::null_mut()),
            paths::getcwd(&caller, core::ptr::null_mut(), 0),
            paths::getcwd(&caller, core::ptr::null_mut(), 5000),
            paths::get_current_dir_name(&caller),
        ] {
            assert_eq!(owner(path), Some(1));
            assert_eq!(std::fs::canonicalize(text(path)).unwrap().to_str().unwrap(), here);
            malloc::free::<Open, _>(&caller, path.cast());
        }
        assert_eq!(
            paths::realpath(&caller, c".".as_ptr(), buffer.as_mut_ptr()),
            buffer.as_mut_ptr()
        );
        assert_eq!(paths::getcwd(&caller, buffer.as_mut_ptr(), 4096), buffer.as_mut_ptr());
        assert_eq!(
            paths::realpath_chk(&caller, c"/".as_ptr(), buffer.as_mut_ptr(), 4096),
            buffer.as_mut_ptr()
        );
        assert_eq!(text(buffer.as_ptr()), "/");
        assert_eq!(
            paths::getcwd_chk(&caller, buffer.as_mut_ptr(), 4096, 4096),
            buffer.as_mut_ptr()
        );
        // Too small is ERANGE, and missing is ENOENT, without a leak.
        assert!(paths::getcwd(&caller, core::ptr::null_mut(), 1).is_null());
        assert!(paths::realpath(&caller, c"/no/such".as_ptr(), core::ptr::null_mut()).is_null());
        assert_eq!(errno(), 2);
    }
}

#[test]
fn lines_are_read_into_private_blocks() {
    let caller = in_compartment(1);
    let long = "x".repeat(70_000);
    let mut file = CString::new(format!("first\n\n{long}\nlast")).unwrap().into_bytes();
    let (mut line, mut size) = (core::ptr::null_mut::<c_char>(), 0);
    // SAFETY: a stream over `file`; `line` and `size` are valid.
    unsafe {
        let stream = fmemopen(file.as_mut_ptr(), file.len(), c"r".as_ptr());
        let mut next = || {
            let length = lines::getdelim(&caller, &raw mut line, &raw mut size, 10, stream);
            assert_eq!(owner(line), Some(1));
            assert!(size > usize::try_from(length.max(0)).unwrap());
            (length, text(line))
        };
        assert_eq!(next(), (6, "first\n".to_owned()));
        assert_eq!(next(), (1, "\n".to_owned()));
        assert_eq!(next(), (70_001, format!("{long}\n")));
        assert_eq!(next(), (4, "last".to_owned()));
        assert_eq!(next().0, -1);
        malloc::free::<Open, _>(&caller, line.cast());
        assert_eq!(fclose(stream), 0);
        let (null, mut size) = (core::ptr::null_mut(), 0);
        assert_eq!(lines::getdelim(&caller, null, &raw mut size, 10, stream), -1);
        assert_eq!(errno(), libc::EINVAL);
    }
}

/// A `va_list` whose arguments all are on the stack.
fn arguments(words: &mut [u64]) -> libc::VaList {
    let overflow_arg_area = words.as_mut_ptr().cast();
    libc::VaList {
        gp_offset: 48,
        fp_offset: 176,
        overflow_arg_area,
        reg_save_area: core::ptr::null_mut(),
    }
}

#[test]
fn texts_of_any_length_are_printed_into_private_blocks() {
    let caller = in_compartment(1);
    for length in [0usize, 1, 510, 511, 512, 513, 100_000] {
        for checks in [Checks::None, Checks::Fortified(1)] {
            let word = CString::new("y".repeat(length)).unwrap();
            let mut words = [42, word.as_ptr() as u64];
            let list = arguments(&mut words);
            let mut result = core::ptr::null_mut();
            let format = c"%ld %s".as_ptr();
            // SAFETY: the format fits the arguments.
            let printed = unsafe {
                printf::vasprintf(&caller, &raw mut result, checks, format, &raw const list)
            };
            assert_eq!(printed as usize, length + 3);
            assert_eq!(text(result), format!("42 {}", word.to_str().unwrap()));
            assert_eq!(owner(result), Some(1));
            malloc::free::<Open, _>(&caller, result.cast());
        }
    }
}

#[test]
fn libcs_blocks_go_back_to_libc() {
    let caller = in_compartment(1);
    // SAFETY: libc's own blocks.
    unsafe {
        malloc::free::<Open, _>(&caller, libc_malloc(100));
        malloc::free::<Open, _>(&sharing_in(1), libc_malloc(100));
        let block = malloc::realloc(&caller, libc_malloc(100), 200);
        assert_eq!(owner(block), None);
        assert!(malloc::malloc_usable_size(&caller, block) >= 200);
        malloc::free::<Open, _>(&caller, block);
    }
}
