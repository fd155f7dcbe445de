//! Functions of the C library that the runtime replaces: those that call back, whose callbacks must
//! run in the compartment they came from, and those that would undo what the runtime has arranged.
//!
//! `--wrap` reaches only what was linked with it. So every reference to such a function, in every
//! object but the C library's own and ours, is redirected at start, where the loader has put the
//! address of the original: in the global offset table and in tables of pointers. Blocks of memory
//! come from the compartment's heap for the same reason, also in libraries that were built without
//! the guide's flags.

mod exported;

use linux_raw_sys::elf::Elf_Dyn;
use sys::syscall::{self, Protection};

use crate::message::Message;
use crate::object::{Object, Range};
use crate::sealed::{Store, sealed};
use crate::{
    action, atexit, callback, coroutine, ending, identity, jump, mask, notify, stdio, thread,
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
    every sigaction => action::__wrap_sigaction,
    every signal => action::__wrap_signal,
    every bsd_signal => action::__wrap_signal,
    every ssignal => action::__wrap_signal,
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
    every makecontext => coroutine::makecontext,
    every timer_create => notify::timer_create,
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

/// Address of the C library's function. It was found when a reference to it was redirected, so it is
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
    let ours = [b"libcallgates.so".as_slice(), b"libpartition-alloc.so"];
    for object in objects {
        let is_program = object.base != library.base
            && !ours.iter().any(|name| object.is_named(name))
            && !object.is_loader();
        if is_program {
            // SAFETY: the caller's obligation.
            unsafe { redirect_object(object, library, originals) };
        }
    }
    originals
}

/// # Safety
/// As for [`redirect`].
unsafe fn redirect_object(object: &Object, library: &Object, originals: &mut Originals) {
    let Some(tables) = Tables::of(object) else { return };
    let relro = object.relro();
    let mut is_open = false;
    for relocation in tables.relocations() {
        // SAFETY: the loader has used the same tables.
        let Some((name, slot)) = (unsafe { tables.reference(object, relocation) }) else {
            continue;
        };
        let Some(index) = REPLACEMENTS.iter().position(|replacement| replacement.name == name)
        else {
            continue;
        };
        let replacement = &REPLACEMENTS[index];
        // SAFETY: a word of the object that the loader has relocated.
        let target = unsafe { slot.read_unaligned() };
        if replacement.only_keyed && object.pkey.is_untrusted() {
            continue;
        }
        // The program may have a function of that name, or lazy binding may still point home.
        if library.has_code_at(target) {
            originals[index] = target;
        } else if !tables.is_lazy(object, target) {
            continue;
        } else if originals[index] == 0 {
            // SAFETY: the loader has mapped the library.
            let exported =
                Tables::of(library).and_then(|tables| unsafe { tables.exported(library, name) });
            originals[index] = exported.unwrap_or(0);
        }
        if relro.contains(slot as usize) && !is_open {
            set_rights(relro, Protection::READ_WRITE);
            is_open = true;
        }
        // SAFETY: as above, and writable by now.
        unsafe { slot.write_unaligned(replacement.function as usize) };
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

/// A relocation with addend (gABI, chapter 4).
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Rela {
    offset: usize,
    info: u64,
    addend: i64,
}

impl Rela {
    /// What is to be done.
    pub(crate) fn kind(&self) -> u32 {
        self.info as u32
    }
}

/// A symbol (gABI, chapter 4).
#[repr(C)]
struct Sym {
    name: u32,
    info: u8,
    other: u8,
    section: u16,
    value: usize,
    size: u64,
}

/// The tables of a dynamic section that say what an object refers to.
pub(crate) struct Tables {
    plain: &'static [Rela],
    calls: &'static [Rela],
    symbols: *const Sym,
    strings: *const u8,
    /// DT_GNU_HASH; null if there is none.
    hashes: *const u32,
    /// DT_VERSYM; null if no symbol has a version.
    versions: *const u16,
}

impl Tables {
    /// The tables of an object that the loader has relocated.
    pub(crate) fn of(object: &Object) -> Option<Tables> {
        // Tags of the gABI's figure 5-10.
        const DT_PLTRELSZ: usize = 2;
        const DT_STRTAB: usize = 5;
        const DT_SYMTAB: usize = 6;
        const DT_RELA: usize = 7;
        const DT_RELASZ: usize = 8;
        const DT_JMPREL: usize = 23;
        // GNU extensions.
        const DT_GNU_HASH: usize = 0x6fff_fef5;
        const DT_VERSYM: usize = 0x6fff_fff0;
        let value = |tag| object.dynamic_value(tag);
        // glibc adds the base to addresses in the section itself.
        let address = |tag| {
            value(tag).map(|value| if value < object.base { object.base + value } else { value })
        };
        let table = |start: usize, size: usize| match (address(start), value(size)) {
            // SAFETY: the section names a table of that many bytes in the object.
            (Some(start), Some(size)) => unsafe {
                core::slice::from_raw_parts(start as *const Rela, size / size_of::<Rela>())
            },
            _ => &[],
        };
        Some(Tables {
            plain: table(DT_RELA, DT_RELASZ),
            calls: table(DT_JMPREL, DT_PLTRELSZ),
            symbols: address(DT_SYMTAB)? as *const Sym,
            strings: address(DT_STRTAB)? as *const u8,
            hashes: address(DT_GNU_HASH).unwrap_or(0) as *const u32,
            versions: address(DT_VERSYM).unwrap_or(0) as *const u16,
        })
    }

    /// All relocations.
    pub(crate) fn relocations(&self) -> impl Iterator<Item = &'static Rela> + use<> {
        self.plain.iter().chain(self.calls)
    }

    /// The name of the relocation's symbol.
    ///
    /// # Safety
    /// The relocation is one of these tables.
    pub(crate) unsafe fn name(&self, relocation: &Rela) -> &'static [u8] {
        // SAFETY: the index and the name's offset are the object's own, which the loader has used.
        unsafe {
            let symbol = &*self.symbols.add((relocation.info >> 32) as usize);
            core::ffi::CStr::from_ptr(self.strings.add(symbol.name as usize).cast()).to_bytes()
        }
    }

    /// Whether the relocation's symbol is a function of this object that a resolver chooses.
    ///
    /// # Safety
    /// The relocation is one of these tables.
    pub(crate) unsafe fn is_own_ifunc(&self, relocation: &Rela) -> bool {
        const STT_GNU_IFUNC: u8 = 10;
        // SAFETY: the index is the object's own.
        let symbol = unsafe { &*self.symbols.add((relocation.info >> 32) as usize) };
        symbol.info & 15 == STT_GNU_IFUNC && symbol.section != 0
    }

    /// The symbol that the relocation puts the address of somewhere, and where.
    ///
    /// # Safety
    /// The relocation is one of these tables.
    unsafe fn reference(
        &self,
        object: &Object,
        relocation: &Rela,
    ) -> Option<(&'static [u8], *mut usize)> {
        // psABI, table 4.9.
        const R_X86_64_64: u32 = 1;
        const R_X86_64_GLOB_DAT: u32 = 6;
        const R_X86_64_JUMP_SLOT: u32 = 7;
        let is_address = match relocation.kind() {
            R_X86_64_64 => relocation.addend == 0,
            R_X86_64_GLOB_DAT | R_X86_64_JUMP_SLOT => true,
            _ => false,
        };
        if !is_address {
            return None;
        }
        // SAFETY: the caller's obligation.
        let name = unsafe { self.name(relocation) };
        Some((name, (object.base + relocation.offset) as *mut usize))
    }

    /// Whether the target of a call is still its own entry in the procedure linkage table.
    fn is_lazy(&self, object: &Object, target: usize) -> bool {
        !object.binds_now() && object.has_code_at(target)
    }
}

const _: () = assert!(size_of::<Elf_Dyn>() == 16 && size_of::<Sym>() == 24);
