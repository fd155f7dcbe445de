//! Taking in a late object, and letting go of it, by its own compartment.

use layout::callgates::Registered;
use layout::thread_block::{LATE_EXPECTED, page};
use layout::vault::{LATE_RECORDS, pages};
use libc::PT_TLS;
use pkru::Pkey;
use sys::syscall::Protection;

use super::thread_local::{Image, Lock, Storage, forget, tls_get_addr};
use super::{MOST, compartment_of, functions, publish, withdraw};
use crate::dynamic::Dynamic;
use crate::hooks::no_routine;
use crate::interpose;
use crate::message::Message;
use crate::notes::registered;
use crate::object::{Loaded, Object, Range};
use crate::sealed::sealed;
use crate::{callback, checks, enter, heap, ids, keys, mxcsr, object};

/// A late object, in the private memory of its compartment.
#[repr(C)]
pub(super) struct Record {
    pub(super) is_used: bool,
    /// Where it is.
    range: Range,
    /// Its dynamic section, which tells it from another object that takes its place.
    dynamic: usize,
    /// Its thread-local variables.
    pub(super) image: Image,
    /// What stands for its destructors.
    destructors: *mut usize,
    destructor_count: usize,
}

/// All late objects of a compartment.
#[repr(C)]
pub(super) struct Records {
    pub(super) lock: Lock,
    pub(super) storages: *mut Storage,
    pub(super) entries: [Record; MOST],
}

fn place(pkey: Pkey) -> *mut *mut Records {
    (ids::vault() + pages(pkey) + LATE_RECORDS) as *mut *mut Records
}

/// The running compartment's late objects; `None` if there have never been any.
pub(super) fn records(pkey: Pkey) -> Option<*mut Records> {
    // SAFETY: a word of the running compartment's page.
    let records = unsafe { place(pkey).read() };
    (!records.is_null()).then_some(records)
}

fn running() -> Pkey {
    match sys::running_compartment() {
        Some(pkey) => pkey,
        None => {
            Message::error("an object is loaded with rights that belong to no compartment").stop()
        }
    }
}

/// Whether the running compartment expects objects in this thread: how many calls of dlopen(3) that
/// may bring some are at work.
fn expected(pkey: Pkey) -> *mut u32 {
    let block = object::thread_pointer().wrapping_add_signed(enter::thread_block_offset());
    (block + page(pkey) + LATE_EXPECTED) as *mut u32
}

/// Body of the hook by which a compartment (the sixth argument) that loads an object asks the running
/// one to expect it, or takes that back.
pub(crate) unsafe extern "C" fn expect(
    is_over: usize,
    _: usize,
    _: usize,
    _: usize,
    _: usize,
    caller: usize,
) -> usize {
    let pkey = running();
    let objects = sealed().objects();
    let is_of_executable = objects.first().is_some_and(|object| object.pkey.index() == caller);
    let has_none = objects.iter().all(|object| object.pkey != pkey);
    if caller == pkey.index() || is_of_executable || has_none {
        // SAFETY: a word of the running compartment's page.
        unsafe {
            let word = expected(pkey);
            word.write(if is_over != 0 { word.read().saturating_sub(1) } else { word.read() + 1 });
        }
    }
    0
}

/// Body of the hook that takes in the object at an address, and runs its constructors.
pub(crate) unsafe extern "C" fn load(address: usize, argc: usize, argv: usize, _: usize) -> usize {
    let pkey = running();
    let Some(Loaded { mut object, module }) = Loaded::at(address) else { return 0 };
    let is_known = sealed().objects().iter().any(|known| known.base == object.base);
    if is_known || compartment_of(&object) != Some(pkey) {
        Message::error("a compartment was to load what is not its own").stop()
    }
    // SAFETY: a word of the running compartment's page.
    if !pkey.is_untrusted() && unsafe { expected(pkey).read() } == 0 {
        Message::error("")
            .bytes(object.display_name())
            .text(" belongs to compartment ")
            .decimal(pkey.number().into())
            .text(", into which only that compartment and the executable's may load objects")
            .stop()
    }
    object.pkey = pkey;
    checks::check_late(&object);
    mxcsr::loaded(&object, pkey);
    let image = image(&object, module);
    let records = records_or_new(pkey);
    // SAFETY: the running compartment's own memory; the loader holds its lock.
    let entries = unsafe { &mut (*records).entries };
    let range = object.extent();
    if entries.iter().any(|entry| entry.is_used && entry.range.start == range.start) {
        // Its constructors have run: this is not the loader.
        return 0;
    }
    let Some(number) = entries.iter().position(|entry| !entry.is_used) else {
        Message::error("too many objects of a compartment are loaded at a time").stop()
    };
    let relro = object.relro();
    let name = object.display_name();
    // Nobody else can write there while this is done.
    keys::protect(relro, Protection::READ_WRITE, pkey, name);
    // SAFETY: the object has just been relocated, and no code of it has run.
    let (constructors, count) = unsafe {
        let tls = (image.size != 0).then_some(tls_get_addr as *const () as usize);
        interpose::redirect_late(&object, tls);
        take_constructors(&object, address)
    };
    let (destructors, destructor_count) = stand_for_destructors(&object, pkey);
    keys::protect(relro, Protection::READ, Pkey::UNTRUSTED, name);
    keys::protect_data(&object);
    entries[number] = Record {
        is_used: true,
        range,
        dynamic: object.dynamic() as usize,
        image,
        destructors,
        destructor_count,
    };
    register(&object, pkey);
    publish(&object);
    for index in 0..count {
        // SAFETY: an address the loader would have called with these arguments.
        unsafe {
            let routine: extern "C" fn(i32, usize, usize) =
                core::mem::transmute(constructors.add(index).read());
            routine(argc as i32, argv, argv + 8 * (argc + 1));
        }
    }
    // SAFETY: made by `take_constructors`.
    unsafe { heap::ia2_heap_free(constructors.cast()) };
    0
}

fn records_or_new(pkey: Pkey) -> *mut Records {
    if let Some(records) = records(pkey) {
        return records;
    }
    // SAFETY: zeroed memory is an empty table; a word of the running compartment's page.
    unsafe {
        let fresh = heap::ia2_heap_calloc(1, size_of::<Records>()).cast::<Records>();
        if fresh.is_null() {
            no_memory()
        }
        place(pkey).write(fresh);
        fresh
    }
}

fn no_memory() -> ! {
    Message::error("no memory to load an object of a compartment").stop()
}

/// Thread-local variables: only by calls, or other objects' would be on the same page.
fn image(object: &Object, module: usize) -> Image {
    const DT_FLAGS: usize = 30;
    const DF_STATIC_TLS: usize = 0x10;
    let none = Image { module: 0, start: 0, initialised: 0, size: 0, alignment: 0 };
    let Some(header) = object.headers().iter().find(|header| header.p_type == PT_TLS) else {
        return none;
    };
    if object.dynamic_value(DT_FLAGS).unwrap_or(0) & DF_STATIC_TLS != 0 {
        Message::error("")
            .bytes(object.display_name())
            .text(" is loaded by dlopen, but its thread-local variables need room that the loader ")
            .text(
                "gives at start (initial-exec model); compile it with -ftls-model=global-dynamic, ",
            )
            .text("or link the program with it")
            .stop()
    }
    Image {
        module,
        start: object.base + header.p_vaddr as usize,
        initialised: header.p_filesz as usize,
        size: header.p_memsz as usize,
        alignment: header.p_align as usize,
    }
}

/// Enters the object's functions, whose addresses must be its own or a library's that is nobody's.
fn register(object: &Object, pkey: Pkey) {
    let is_wrong = |entry: &&Registered| {
        entry.address != 0 && !object.has_code_at(entry.address) && {
            let mut others = sealed()
                .objects()
                .iter()
                .filter(|other| other.has_code_at(entry.address) && other.pkey.is_untrusted());
            others.next().is_none()
        }
    };
    if let Some(entry) = registered(object).find(is_wrong) {
        Message::error("")
            .bytes(object.display_name())
            .text(" registers a function at ")
            .hex(entry.address as u64)
            .text(", which is not its own code; link it with -Wl,-Bsymbolic")
            .stop()
    }
    functions::enter(pkey, registered(object));
}

/// Copies the object's constructors and leaves nothing in their places.
///
/// # Safety
/// They have not run, and may be written.
unsafe fn take_constructors(object: &Object, calling: usize) -> (*mut usize, usize) {
    let dynamic = Dynamic::of(object);
    let count = dynamic.init_array.length() / size_of::<usize>();
    // SAFETY: a block of that size; entries of the object. DT_INIT has run: it comes before the array,
    // and is what the C library's start files put there.
    unsafe {
        let copy = heap::ia2_heap_malloc(count * size_of::<usize>() + 1).cast::<usize>();
        if copy.is_null() {
            no_memory()
        }
        let array = dynamic.init_array.start as *mut usize;
        // Those behind the one that has led here, which is the first.
        let mut kept = 0;
        let mut is_behind = false;
        for index in 0..count {
            let routine = array.add(index).read();
            if is_behind {
                copy.add(kept).write(routine);
                kept += 1;
            }
            is_behind |= routine == calling;
            array.add(index).write(no_routine as *const () as usize);
        }
        (copy, kept)
    }
}

/// Puts callbacks of the compartment in the places of the object's destructors.
fn stand_for_destructors(object: &Object, pkey: Pkey) -> (*mut usize, usize) {
    let dynamic = Dynamic::of(object);
    let count = dynamic.fini_array.length() / size_of::<usize>();
    // SAFETY: as for constructors.
    unsafe {
        let stubs = heap::ia2_heap_malloc((count + 1) * size_of::<usize>()).cast::<usize>();
        if stubs.is_null() {
            no_memory()
        }
        let stand_in = |routine: usize| match callback::make(pkey, routine) {
            0 => Message::error("too many destructors of objects that were loaded").stop(),
            stub => stub,
        };
        let mut made = 0;
        for index in 0..count {
            let entry = (dynamic.fini_array.start as *mut usize).add(index);
            entry.write(stand_in(entry.read()));
            stubs.add(made).write(entry.read());
            made += 1;
        }
        if let Some(entry) = dynamic.fini.as_mut() {
            let routine = object.base.wrapping_add(entry.d_un.d_val as usize);
            let stub = stand_in(routine);
            entry.d_un.d_val = stub.wrapping_sub(object.base) as _;
            stubs.add(made).write(stub);
            made += 1;
        }
        (stubs, made)
    }
}

/// Body of the hook by which the running compartment lets go of objects that are not loaded any more.
pub(crate) unsafe extern "C" fn sweep(_: usize, _: usize, _: usize, _: usize) -> usize {
    let pkey = running();
    let Some(records) = records(pkey) else { return 0 };
    for number in 0..MOST {
        // SAFETY: the running compartment's own memory.
        let record = unsafe { &mut (*records).entries[number] };
        let is_there = |record: &Record| {
            Loaded::at(record.dynamic).is_some_and(|Loaded { object, .. }| {
                object.dynamic() as usize == record.dynamic
                    && object.extent().start == record.range.start
            })
        };
        if !record.is_used || is_there(record) {
            continue;
        }
        record.is_used = false;
        functions::leave(pkey, record.range);
        withdraw(record.range.start);
        // SAFETY: the running compartment's own memory, which nobody uses any more.
        unsafe {
            forget(records, number);
            for index in 0..record.destructor_count {
                callback::unmake(pkey, record.destructors.add(index).read());
            }
            heap::ia2_heap_free(record.destructors.cast());
        }
    }
    0
}
