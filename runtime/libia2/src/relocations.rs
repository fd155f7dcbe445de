//! What an object refers to and defines: the tables of its dynamic section.

use crate::object::Object;

/// The table by which the loader finds symbols, in the form that linkers make today.
const DT_GNU_HASH: usize = 0x6fff_fef5;
/// An entry of the procedure linkage table (psABI, table 4.9).
const R_X86_64_JUMP_SLOT: u32 = 7;

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

impl Sym {
    /// Whether it is defined here, as a function that a resolver chooses.
    fn is_own_ifunc(&self) -> bool {
        const STT_GNU_IFUNC: u8 = 10;
        self.info & 15 == STT_GNU_IFUNC && self.section != 0
    }
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
        let address = |tag| object.dynamic_address(tag);
        let table = |start: usize, size: usize| match (address(start), object.dynamic_value(size)) {
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

    /// Whether only calls by this object use the address. In an executable at a fixed place the entry
    /// in its procedure linkage table may be the function's address for everybody; the symbol has a
    /// value then (psABI, function addresses).
    ///
    /// # Safety
    /// The relocation is one of these tables.
    pub(crate) unsafe fn is_call(&self, relocation: &Rela) -> bool {
        // SAFETY: the index is the object's own.
        let has_value = unsafe { (*self.symbols.add((relocation.info >> 32) as usize)).value != 0 };
        relocation.kind() == R_X86_64_JUMP_SLOT && !has_value
    }

    /// Whether the relocation's symbol is a function of this object that a resolver chooses.
    ///
    /// # Safety
    /// The relocation is one of these tables.
    pub(crate) unsafe fn is_own_ifunc(&self, relocation: &Rela) -> bool {
        // SAFETY: the index is the object's own.
        unsafe { (*self.symbols.add((relocation.info >> 32) as usize)).is_own_ifunc() }
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

    /// The name of a function of this object that a resolver chooses, and that others can ask for.
    pub(crate) fn exported_ifunc(&self, object: &Object) -> Option<&'static [u8]> {
        (0..self.symbol_count(object)).find_map(|index| {
            // SAFETY: an index of the table, as the object's hash tables say.
            let symbol = unsafe { &*self.symbols.add(index) };
            symbol.is_own_ifunc().then(|| self.string(symbol.name as usize))?
        })
    }

    /// How many dynamic symbols can be looked up, with those before them.
    fn symbol_count(&self, object: &Object) -> usize {
        const DT_HASH: usize = 4;
        if let Some(table) = object.dynamic_address(DT_HASH) {
            // SAFETY: the table's format: numbers of buckets and of chains, which is that of symbols.
            return unsafe { (table as *const u32).add(1).read() as usize };
        }
        let Some(table) = object.dynamic_address(DT_GNU_HASH) else { return 0 };
        let table = table as *const u32;
        // SAFETY: the table's format, as below.
        unsafe {
            let [buckets, first, words, _] = [0, 1, 2, 3].map(|index| table.add(index).read());
            let bucket = table.add(4 + 2 * words as usize);
            let chains = bucket.add(buckets as usize);
            let heads = (0..buckets as usize).map(|index| bucket.add(index).read());
            let Some(mut last) = heads.max().filter(|&head| head >= first) else { return 0 };
            while chains.add((last - first) as usize).read() & 1 == 0 {
                last += 1;
            }
            last as usize + 1
        }
    }

    /// The address of a symbol that the object defines, in its default version.
    pub(crate) fn find(&self, object: &Object, name: &[u8]) -> Option<usize> {
        const DT_VERSYM: usize = 0x6fff_fff0;
        const HIDDEN: u16 = 0x8000;
        let table = object.dynamic_address(DT_GNU_HASH)? as *const u32;
        let versions = object.dynamic_address(DT_VERSYM).map(|address| address as *const u16);
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
                    && !symbol.is_own_ifunc()
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
