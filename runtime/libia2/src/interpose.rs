//! Functions of the C library that the runtime replaces: those that call back, whose callbacks must
//! run in the compartment they came from, and those that would undo what the runtime has arranged.
//!
//! `--wrap` reaches only what was linked with it. So every reference to such a function, in every
//! object but the C library's own and ours, is redirected at start, where the loader has put the
//! address of the original: in the global offset table and in tables of pointers. Blocks of memory
//! come from the compartment's heap for the same reason, also in libraries that were built without
//! the guide's flags.

use sys::syscall::{self, Protection};

use crate::absent::Absent;
use crate::message::Message;
use crate::object::{Object, Range};
use crate::relocations::Tables;
use crate::sealed::{Store, sealed};
use crate::{
    action, atexit, callback, coroutine, ending, identity, jump, late, mask, notify, stdio, thread,
};

macro_rules! replacements {
    ($($kind:ident $name:ident => $function:path,)*) => {
        /// A replaced function.
        #[allow(non_camel_case_types, dead_code, reason = "names of functions, for their order")]
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[repr(usize)]
        pub(crate) enum Name { $($name,)* Count }

        /// Names, replacements and where they hold, in the order of [`Name`].
        static REPLACEMENTS: [Replacement; Name::Count as usize] = [
            $(Replacement {
                name: stringify!($name).as_bytes(),
                function: $function as *const (),
                only_keyed: replacements!(@$kind),
            },)*
        ];
    };
    (@every) => { false };
    (@keyed) => { true };
}

struct Replacement {
    name: &'static [u8],
    function: *const (),
    /// Only in objects of keyed compartments.
    only_keyed: bool,
}

// SAFETY: addresses of functions, never written.
unsafe impl Sync for Replacement {}

/// The heap's functions (`libpartition-alloc.so`), which look at RDPKRU themselves. Only their
/// addresses are used here.
#[allow(clashing_extern_declarations, reason = "their types do not matter for an address")]
mod heap {
    use pkru::Pkey;

    unsafe extern "C" {
        fn ia2_heap_function(function: *const (), compartment: i32) -> *const ();
    }

    /// What code of a compartment calls instead of this function: one of the heap's that need not
    /// look who is running, if there is one.
    pub(super) fn within(compartment: Pkey, function: usize) -> usize {
        // SAFETY: takes any address, and only compares it.
        let own = unsafe { ia2_heap_function(function as *const (), compartment.number().into()) };
        if own.is_null() { function } else { own as usize }
    }

    macro_rules! declare {
        ($($name:ident)*) => { unsafe extern "C" { $(pub(super) fn $name();)* } };
    }
    declare! {
        __wrap_malloc __wrap_calloc __wrap_realloc __wrap_reallocarray __wrap_free __wrap_memalign
        __wrap_aligned_alloc __wrap_posix_memalign __wrap_valloc __wrap_pvalloc
        __wrap_malloc_usable_size __wrap_strdup __wrap___strdup __wrap_strndup __wrap___strndup
        __wrap_wcsdup __wrap_realpath __wrap___realpath_chk __wrap_getcwd __wrap___getcwd_chk
        __wrap_get_current_dir_name __wrap_asprintf __wrap_vasprintf __wrap___asprintf_chk
        __wrap___vasprintf_chk __wrap_getline __wrap_getdelim __wrap___getdelim
    }
}

replacements! {
    every sigaction => action::change_action,
    every signal => action::signal,
    every bsd_signal => action::signal,
    every ssignal => action::signal,
    every sysv_signal => action::sysv_signal,
    every __sysv_signal => action::sysv_signal,
    every sigprocmask => mask::sigprocmask,
    every pthread_sigmask => mask::pthread_sigmask,
    every sigaltstack => mask::sigaltstack,
    every pthread_create => thread::ia2_pthread_create,
    every thrd_create => thread::thrd_create,
    every pthread_exit => ending::pthread_exit,
    every thrd_exit => ending::thrd_exit,
    every __pthread_unwind_next => ending::unwind_next,
    every dlopen => late::dlopen,
    every dlmopen => late::dlmopen,
    every dlclose => late::dlclose,
    every dlsym => late::dlsym,
    every makecontext => coroutine::makecontext,
    every timer_create => notify::timer_create,
    every timer_delete => notify::timer_delete,
    every mq_notify => notify::mq_notify,
    every aio_read => notify::refuse,
    every aio_read64 => notify::refuse,
    every aio_write => notify::refuse,
    every aio_write64 => notify::refuse,
    every aio_fsync => notify::refuse,
    every aio_fsync64 => notify::refuse,
    every lio_listio => notify::refuse,
    every lio_listio64 => notify::refuse,
    every getaddrinfo_a => notify::refuse,
    every pthread_getattr_np => thread::pthread_getattr_np,
    every setjmp => jump::setjmp,
    every _setjmp => jump::setjmp_without_mask,
    every __sigsetjmp => jump::sigsetjmp,
    every longjmp => jump::longjmp,
    every _longjmp => jump::longjmp,
    every siglongjmp => jump::longjmp,
    every __longjmp_chk => jump::longjmp,
    every pthread_key_create => callback::pthread_key_create,
    every tss_create => callback::pthread_key_create,
    every pthread_key_delete => callback::pthread_key_delete,
    every tss_delete => callback::tss_delete,
    every __register_atfork => callback::register_atfork,
    every __cxa_atexit => atexit::cxa_atexit,
    every __cxa_at_quick_exit => atexit::cxa_at_quick_exit,
    every __cxa_thread_atexit_impl => atexit::cxa_thread_atexit,
    every on_exit => atexit::on_exit,
    every exit => atexit::exit,
    every quick_exit => atexit::quick_exit,
    every setuid => identity::setuid,
    every setgid => identity::setgid,
    every seteuid => identity::seteuid,
    every setegid => identity::setegid,
    every setreuid => identity::setreuid,
    every setregid => identity::setregid,
    every setresuid => identity::setresuid,
    every setresgid => identity::setresgid,
    every setgroups => identity::setgroups,
    keyed setvbuf => stdio::setvbuf,
    keyed setbuf => stdio::setbuf,
    keyed setbuffer => stdio::setbuffer,
    keyed fmemopen => stdio::fmemopen,
    keyed fopencookie => stdio::fopencookie,
    keyed putenv => stdio::putenv,
    keyed malloc => heap::__wrap_malloc,
    keyed calloc => heap::__wrap_calloc,
    keyed realloc => heap::__wrap_realloc,
    keyed reallocarray => heap::__wrap_reallocarray,
    keyed free => heap::__wrap_free,
    keyed memalign => heap::__wrap_memalign,
    keyed aligned_alloc => heap::__wrap_aligned_alloc,
    keyed posix_memalign => heap::__wrap_posix_memalign,
    keyed valloc => heap::__wrap_valloc,
    keyed pvalloc => heap::__wrap_pvalloc,
    keyed malloc_usable_size => heap::__wrap_malloc_usable_size,
    keyed strdup => heap::__wrap_strdup,
    keyed __strdup => heap::__wrap___strdup,
    keyed strndup => heap::__wrap_strndup,
    keyed __strndup => heap::__wrap___strndup,
    keyed wcsdup => heap::__wrap_wcsdup,
    keyed realpath => heap::__wrap_realpath,
    keyed __realpath_chk => heap::__wrap___realpath_chk,
    keyed getcwd => heap::__wrap_getcwd,
    keyed __getcwd_chk => heap::__wrap___getcwd_chk,
    keyed get_current_dir_name => heap::__wrap_get_current_dir_name,
    keyed asprintf => heap::__wrap_asprintf,
    keyed vasprintf => heap::__wrap_vasprintf,
    keyed __asprintf_chk => heap::__wrap___asprintf_chk,
    keyed __vasprintf_chk => heap::__wrap___vasprintf_chk,
    keyed getline => heap::__wrap_getline,
    keyed getdelim => heap::__wrap_getdelim,
    keyed __getdelim => heap::__wrap___getdelim,
}

/// Addresses of the originals.
pub(crate) type Originals = [usize; Name::Count as usize];

/// Address of the C library's function. It was found where a reference to it was redirected, so it is
/// known whenever the replacement runs.
pub(crate) fn original(name: Name) -> usize {
    match sealed().originals().get(name as usize) {
        Some(&address) if address != 0 => address,
        _ => Message::error("the original of a replaced function is not known: ")
            .bytes(REPLACEMENTS[name as usize].name)
            .stop(),
    }
}

/// The address of a function of the C library, if an object of the program refers to it.
pub(crate) fn address_of(objects: &[Object], name: &[u8]) -> Option<usize> {
    objects.iter().filter(|object| !object.is_loader()).find_map(|object| {
        let tables = Tables::of(object)?;
        tables.relocations().find_map(|relocation| {
            // SAFETY: the loader has used the same tables, and filled the word.
            unsafe {
                let (found, slot) = tables.reference(object, relocation)?;
                (found == name).then(|| slot.read_unaligned())
            }
        })
    })
}

/// Redirects all references of all objects.
///
/// # Safety
/// No code of the program has run, and its writable data has no keys yet.
pub(crate) unsafe fn redirect(objects: &[Object], store: &mut Store) -> &'static Originals {
    let originals: &mut Originals = &mut store.allocate::<Originals>(1)[0];
    let library = objects
        .iter()
        .find(|object| object.has_code_at(libc::__errno_location as *const () as usize));
    let Some(library) = library else {
        Message::error("the C library is not a shared object; link the program dynamically").stop()
    };
    let absent = Absent::among(objects);
    let ours = [b"libcallgates.so".as_slice(), b"libpartition-alloc.so"];
    for object in objects {
        let is_program = object.base != library.base
            && !ours.iter().any(|name| object.is_named(name))
            && !object.is_loader();
        if is_program {
            // SAFETY: the caller's obligation.
            unsafe { redirect_object(object, library, originals, absent, false) };
        }
    }
    // For objects that are loaded later.
    if let Some(tables) = Tables::of(library) {
        for (index, original) in originals.iter_mut().enumerate().filter(|(_, known)| **known == 0)
        {
            *original = tables.find(library, REPLACEMENTS[index].name).unwrap_or(0);
        }
    }
    originals
}

/// Redirects the references of an object that is loaded while the program runs, also those to
/// thread-local storage.
///
/// # Safety
/// The object has been relocated, no code of it has run, and its RELRO segment may be written.
pub(crate) unsafe fn redirect_late(object: &Object, tls_get_addr: Option<usize>) {
    const R_X86_64_TLSDESC: u32 = 36;
    let errno = libc::__errno_location as *const () as usize;
    let Some(library) = sealed().objects().iter().find(|object| object.has_code_at(errno)) else {
        return;
    };
    let absent = Absent::among(core::slice::from_ref(object));
    // SAFETY: the caller's obligation; the originals are known already.
    unsafe { redirect_object(object, library, &mut { *sealed().originals() }, absent, true) };
    let (Some(tls_get_addr), Some(tables)) = (tls_get_addr, Tables::of(object)) else { return };
    for relocation in tables.relocations() {
        if relocation.kind() == R_X86_64_TLSDESC {
            Message::error("")
                .bytes(object.display_name())
                .text(" is loaded by dlopen and refers to thread-local variables by descriptors; ")
                .text("compile it with -mtls-dialect=gnu")
                .stop()
        }
        // SAFETY: as above; a word of the object that the loader has relocated.
        unsafe {
            if let Some((b"__tls_get_addr", slot)) = tables.reference(object, relocation) {
                slot.write_unaligned(tls_get_addr);
            }
        }
    }
}

/// # Safety
/// As for [`redirect`].
unsafe fn redirect_object(
    object: &Object,
    library: &Object,
    originals: &mut Originals,
    absent: Option<Absent<'_>>,
    is_writable: bool,
) {
    let Some(tables) = Tables::of(object) else { return };
    let relro = object.relro();
    let mut is_open = false;
    for relocation in tables.relocations() {
        // SAFETY: the loader has used the same tables.
        let Some((name, slot)) = (unsafe { tables.reference(object, relocation) }) else {
            continue;
        };
        // SAFETY: a word of the object that the loader has relocated.
        let target = unsafe { slot.read_unaligned() };
        let known = REPLACEMENTS.iter().position(|replacement| {
            replacement.name == name
                && !(replacement.only_keyed && object.pkey.is_untrusted())
                // The program may have a function of that name, or lazy binding may still point home.
                && (library.has_code_at(target) || tables.is_lazy(object, target))
        });
        let mut function = target;
        if let Some(index) = known {
            if library.has_code_at(target) {
                originals[index] = target;
            }
            function = REPLACEMENTS[index].function as usize;
        }
        // SAFETY: one of these tables.
        if unsafe { tables.is_call(relocation) } {
            function = heap::within(object.pkey, function);
        }
        if absent.is_some_and(|absent| absent.has_stub(name)) {
            function = 0;
        }
        if function == target {
            continue;
        }
        if relro.contains(slot as usize) && !is_open && !is_writable {
            set_rights(relro, Protection::READ_WRITE);
            is_open = true;
        }
        // SAFETY: as above, and writable by now.
        unsafe { slot.write_unaligned(function) };
    }
    if is_open {
        set_rights(relro, Protection::READ);
    }
}

fn set_rights(pages: Range, rights: Protection) {
    // SAFETY: pages that the loader made read-only and that nobody else writes.
    if let Err(errno) = unsafe { syscall::protect(pages.start, pages.length(), rights) } {
        Message::error("cannot redirect references to the C library: ").errno(errno).stop()
    }
}
