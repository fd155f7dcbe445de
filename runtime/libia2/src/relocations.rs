//! What an object refers to and defines: the tables of its dynamic section.

use crate::object::Object;

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
    pub(crate) unsafe fn reference(
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
    pub(crate) fn is_lazy(&self, object: &Object, target: usize) -> bool {
        !object.binds_now() && object.has_code_at(target)
    }

    /// A string of the object's dynamic string table.
    pub(crate) fn string(&self, offset: usize) -> Option<&'static [u8]> {
        // SAFETY: an offset from the object's own dynamic section; the table ends with a zero.
        Some(unsafe { core::ffi::CStr::from_ptr(self.strings.add(offset).cast()).to_bytes() })
    }

    /// The address of a symbol that the object defines, in its default version.
    pub(crate) fn find(&self, object: &Object, name: &[u8]) -> Option<usize> {
        const DT_GNU_HASH: usize = 0x6fff_fef5;
        const DT_VERSYM: usize = 0x6fff_fff0;
        const HIDDEN: u16 = 0x8000;
        const STT_GNU_IFUNC: u8 = 10;
        let address = |tag| {
            let value = object.dynamic_value(tag)?;
            Some(if value < object.base { object.base + value } else { value })
        };
        let table = address(DT_GNU_HASH)? as *const u32;
        let versions = address(DT_VERSYM).map(|address| address as *const u16);
        let hash = name
            .iter()
            .fold(5381u32, |hash, &byte| hash.wrapping_mul(33).wrapping_add(byte.into()));
        // SAFETY: the table's format: numbers of buckets, first symbol, words of the filter, shift;
        // filter, buckets, chains. All indices are the object's own.
        unsafe {
            let [buckets, first, words, _] = [0, 1, 2, 3].map(|index| table.add(index).read());
            let bucket = table.add(4 + 2 * words as usize);
            let chains = bucket.add(buckets as usize);
            let mut index = bucket.add((hash % buckets.max(1)) as usize).read();
            if index < first {
                return None;
            }
            loop {
                let chain = chains.add((index - first) as usize).read();
                let symbol = &*self.symbols.add(index as usize);
                let is_default = versions
                    .is_none_or(|versions| versions.add(index as usize).read() & HIDDEN == 0);
                if chain | 1 == hash | 1
                    && is_default
                    && symbol.section != 0
                    && symbol.info & 15 != STT_GNU_IFUNC
                    && self.string(symbol.name as usize)? == name
                {
                    return Some(object.base + symbol.value);
                }
                if chain & 1 != 0 {
                    return None;
                }
                index += 1;
            }
        }
    }
}

const _: () = assert!(size_of::<Sym>() == 24);
