//! The shared objects of the process as the loader mapped them.

use core::ffi::{CStr, c_char, c_int, c_void};

use layout::tls_padding::{Storage, TlsBlock};
use layout::{PAGE_SIZE, dso_note};
use libc::{Elf64_Phdr, PF_W, PF_X, PT_DYNAMIC, PT_GNU_RELRO, PT_LOAD, PT_TLS, dl_phdr_info};
use linux_raw_sys::elf::Elf_Dyn;
use pkru::Pkey;

use crate::notes::notes;
use crate::sealed::Store;

/// A loaded object.
#[derive(Clone, Copy)]
pub(crate) struct Object {
    /// Difference between addresses in memory and in the file.
    pub(crate) base: usize,
    name: *const c_char,
    headers: *const Elf64_Phdr,
    header_count: usize,
    /// Where its thread-local storage lies relative to the thread pointer, in every thread.
    tls_offset: isize,
    tls_size: u64,
    tls_flags: u32,
    /// The compartment it belongs to.
    pub(crate) pkey: Pkey,
}

/// A range of addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// First address.
    pub(crate) start: usize,
    /// One past the last address.
    pub(crate) end: usize,
}

impl Range {
    /// Whether the address lies in the range.
    pub(crate) fn contains(self, address: usize) -> bool {
        (self.start..self.end).contains(&address)
    }

    /// The pages that this range touches.
    pub(crate) fn to_pages(self) -> Range {
        Range { start: self.start & !(PAGE_SIZE - 1), end: self.end.next_multiple_of(PAGE_SIZE) }
    }

    /// Size in bytes.
    pub(crate) fn length(self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// Address of the thread control block, which `%fs` points to and whose first word is that address
/// (psABI, section 3.4.6).
pub(crate) fn thread_pointer() -> usize {
    let pointer: usize;
    // SAFETY: the ABI puts the block's own address there; reading it has no effect.
    unsafe {
        core::arch::asm!("mov {}, fs:[0]", out(reg) pointer,
            options(nostack, readonly, preserves_flags));
    }
    pointer
}

/// A list of objects under construction.
struct List {
    objects: &'static mut [Object],
    count: usize,
}

/// Takes down all loaded objects, in load order, the executable first.
pub(crate) fn all_loaded(store: &mut Store) -> &'static mut [Object] {
    extern "C" fn count(_: *mut dl_phdr_info, _: usize, count: *mut c_void) -> c_int {
        // SAFETY: `data` below is a usize that lives through the call.
        unsafe { *count.cast::<usize>() += 1 };
        0
    }
    extern "C" fn add(info: *mut dl_phdr_info, _: usize, list: *mut c_void) -> c_int {
        // SAFETY: the loader passes a valid structure, and `list` is the List below.
        let (info, list) = unsafe { (&*info, &mut *list.cast::<List>()) };
        list.objects[list.count] = Object::new(info);
        list.count += 1;
        0
    }
    let mut total = 0usize;
    // SAFETY: the callback matches its data.
    unsafe { libc::dl_iterate_phdr(Some(count), (&raw mut total).cast()) };
    let mut list = List { objects: store.allocate(total), count: 0 };
    // SAFETY: the callback matches its data; no object is loaded in between, as only this thread is.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut list).cast()) };
    let List { objects, count } = list;
    &mut objects[..count]
}

/// An object that the loader knows now.
pub(crate) struct Loaded {
    /// The object.
    pub(crate) object: Object,
    /// The number of its thread-local storage.
    pub(crate) module: usize,
}

impl Loaded {
    /// Calls the function for every loaded object until it says so.
    pub(crate) fn find(mut is_it: impl FnMut(&Loaded) -> bool) -> Option<Loaded> {
        struct Search<'a> {
            is_it: &'a mut dyn FnMut(&Loaded) -> bool,
            found: Option<Loaded>,
        }
        extern "C" fn look(info: *mut dl_phdr_info, _: usize, search: *mut c_void) -> c_int {
            // SAFETY: the loader passes a valid structure, and `search` is the Search below.
            let (info, search) = unsafe { (&*info, &mut *search.cast::<Search<'_>>()) };
            let loaded = Loaded { object: Object::new(info), module: info.dlpi_tls_modid };
            if (search.is_it)(&loaded) {
                search.found = Some(loaded);
                return 1;
            }
            0
        }
        let mut search = Search { is_it: &mut is_it, found: None };
        // SAFETY: the callback matches its data.
        unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut search).cast()) };
        search.found
    }

    /// The loaded object at the address.
    pub(crate) fn at(address: usize) -> Option<Loaded> {
        Loaded::find(|loaded| loaded.object.contains(address))
    }
}

impl Object {
    /// The same object with a name that is kept elsewhere.
    pub(crate) fn with_name(&self, name: &'static CStr) -> Object {
        Object { name: name.as_ptr(), ..*self }
    }

    /// From its first to its last page.
    pub(crate) fn extent(&self) -> Range {
        let segments = || self.headers().iter().filter(|header| header.p_type == PT_LOAD);
        let pages = || segments().map(|header| self.range(header).to_pages());
        Range {
            start: pages().map(|range| range.start).min().unwrap_or(0),
            end: pages().map(|range| range.end).max().unwrap_or(0),
        }
    }

    fn new(info: &dl_phdr_info) -> Object {
        let mut object = Object {
            base: info.dlpi_addr as usize,
            name: info.dlpi_name,
            headers: info.dlpi_phdr,
            header_count: info.dlpi_phnum.into(),
            tls_offset: 0,
            tls_size: 0,
            tls_flags: 0,
            pkey: Pkey::UNTRUSTED,
        };
        let tls = object.headers().iter().find(|header| header.p_type == PT_TLS);
        if let Some(tls) = tls
            && !info.dlpi_tls_data.is_null()
        {
            object.tls_offset = (info.dlpi_tls_data as isize) - (thread_pointer() as isize);
            object.tls_size = tls.p_memsz;
            object.tls_flags = tls.p_flags;
        }
        object
    }

    /// Program headers.
    pub(crate) fn headers(&self) -> &'static [Elf64_Phdr] {
        // SAFETY: the loader keeps program headers mapped as long as the object is loaded; objects
        // of the start are never unloaded.
        unsafe { core::slice::from_raw_parts(self.headers, self.header_count) }
    }

    /// File name as the loader knows it, as a C string; empty for the executable.
    pub(crate) fn name_c(&self) -> &'static CStr {
        // SAFETY: a C string that the loader keeps.
        unsafe { CStr::from_ptr(self.name) }
    }

    /// File name as the loader knows it; empty for the executable.
    pub(crate) fn name(&self) -> &'static [u8] {
        self.name_c().to_bytes()
    }

    /// File name for messages.
    pub(crate) fn display_name(&self) -> &'static [u8] {
        match self.name() {
            b"" => b"the executable",
            name => name,
        }
    }

    /// Whether the file's last path component is this name, or the whole path is.
    pub(crate) fn is_named(&self, name: &[u8]) -> bool {
        let path = self.name();
        path == name || path.rsplit(|&byte| byte == b'/').next() == Some(name)
    }

    /// The address range of a segment.
    pub(crate) fn range(&self, header: &Elf64_Phdr) -> Range {
        let start = self.base + header.p_vaddr as usize;
        Range { start, end: start + header.p_memsz as usize }
    }

    /// Whether the address lies in one of the object's executable segments.
    pub(crate) fn has_code_at(&self, address: usize) -> bool {
        self.headers().iter().any(|header| {
            header.p_type == PT_LOAD
                && header.p_flags & PF_X != 0
                && self.range(header).contains(address)
        })
    }

    /// Whether the address lies in any of the object's segments.
    pub(crate) fn contains(&self, address: usize) -> bool {
        self.headers().iter().any(|header| {
            header.p_type == PT_LOAD && self.range(header).to_pages().contains(address)
        })
    }

    /// Writable pages that stay writable once the loader is done: without RELRO.
    pub(crate) fn writable_pages(&self) -> impl Iterator<Item = Range> {
        let relro = self.relro();
        self.headers()
            .iter()
            .filter(|header| header.p_type == PT_LOAD && header.p_flags & PF_W != 0)
            .flat_map(move |header| {
                let pages = self.range(header).to_pages();
                let before =
                    Range { start: pages.start, end: relro.start.clamp(pages.start, pages.end) };
                let after =
                    Range { start: relro.end.clamp(pages.start, pages.end), end: pages.end };
                // Without RELRO in this segment, `before` is empty or the whole.
                [before, after]
            })
            .filter(|range| range.length() > 0)
    }

    /// Pages of the object's variables that every compartment shares (`IA2_SHARED_DATA`).
    pub(crate) fn shared_data(&self) -> Range {
        notes(self)
            .filter(|note| note.kind == dso_note::MEMBER)
            .find_map(|note| {
                Some(Range { start: note.target(6)?, end: note.target(7)? }.to_pages())
            })
            .unwrap_or(Range { start: 0, end: 0 })
    }

    /// Pages that the loader has made read-only after relocation. The loader rounds both ends down.
    pub(crate) fn relro(&self) -> Range {
        match self.headers().iter().find(|header| header.p_type == PT_GNU_RELRO) {
            Some(header) => {
                let Range { start, end } = self.range(header);
                Range { start: start & !(PAGE_SIZE - 1), end: end & !(PAGE_SIZE - 1) }
            }
            None => Range { start: 0, end: 0 },
        }
    }

    /// How far below the thread pointer its thread-local storage begins; 0 if it has none.
    pub(crate) fn thread_local_reach(&self) -> usize {
        if self.tls_size == 0 { 0 } else { self.tls_offset.unsigned_abs() }
    }

    /// The object's block of thread-local storage in the thread with this thread pointer.
    pub(crate) fn thread_local_block(&self, thread_pointer: usize) -> Option<TlsBlock> {
        if self.tls_size == 0 {
            return None;
        }
        let start = thread_pointer.wrapping_add_signed(self.tls_offset);
        Some(TlsBlock::new(start, self.tls_size, self.tls_flags, Storage::Static))
    }

    /// Whether it is the dynamic loader.
    pub(crate) fn is_loader(&self) -> bool {
        self.is_named(b"ld-linux-x86-64.so.2")
    }

    /// An address from the dynamic section. Some versions of glibc have added the base to it there.
    pub(crate) fn dynamic_address(&self, tag: usize) -> Option<usize> {
        let value = self.dynamic_value(tag)?;
        Some(if value < self.base { self.base + value } else { value })
    }

    /// The value of the first entry of the dynamic section with this tag.
    pub(crate) fn dynamic_value(&self, tag: usize) -> Option<usize> {
        let mut entry = self.dynamic();
        if entry.is_null() {
            return None;
        }
        loop {
            // SAFETY: a dynamic section ends with DT_NULL.
            let (found, value) = unsafe { ((*entry).d_tag, (*entry).d_un.d_val as usize) };
            match found {
                0 => return None,
                found if found == tag => return Some(value),
                // SAFETY: not yet at DT_NULL.
                _ => entry = unsafe { entry.add(1) },
            }
        }
    }

    /// Whether all its references are resolved at start (`-z now`).
    pub(crate) fn binds_now(&self) -> bool {
        // Tags and flags of the gABI's figures 5-10 and 5-11, and of Solaris.
        const DT_BIND_NOW: usize = 24;
        const DT_FLAGS: usize = 30;
        const DT_FLAGS_1: usize = 0x6fff_fffb;
        const DF_BIND_NOW: usize = 8;
        const DF_1_NOW: usize = 1;
        let has = |tag, flag| self.dynamic_value(tag).is_some_and(|flags| flags & flag != 0);
        self.dynamic_value(DT_BIND_NOW).is_some()
            || has(DT_FLAGS, DF_BIND_NOW)
            || has(DT_FLAGS_1, DF_1_NOW)
    }

    /// The dynamic section's first entry; null if there is none.
    pub(crate) fn dynamic(&self) -> *mut Elf_Dyn {
        match self.headers().iter().find(|header| header.p_type == PT_DYNAMIC) {
            Some(header) => (self.base + header.p_vaddr as usize) as *mut Elf_Dyn,
            None => core::ptr::null_mut(),
        }
    }
}
