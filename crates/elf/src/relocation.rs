//! Dynamic relocations: what the loader writes, copies and runs before the program starts.

use object::LittleEndian;
use object::elf::{self, RelocationType};
use object::pod;
use object::read::elf::{Rela as _, SectionHeader as _};

use crate::file::ElfFile;
use crate::symbol::{Symbol, SymbolKind};
use crate::{Address, ElfError};

type RawRelocation = elf::Rela64<LittleEndian>;

/// How a relocation is applied, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RelocationKind {
    /// `R_X86_64_COPY`: the executable takes over a library's variable, so that it lives in the
    /// executable's memory from then on.
    Copy,
    /// `R_X86_64_IRELATIVE`: the loader calls the function at this address and stores what it
    /// returns.
    Irelative {
        /// The function that is called.
        resolver: Address,
    },
    /// Any other type, by number.
    Other(u32),
}

/// A relocation of the dynamic linker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relocation {
    /// Where its result is stored.
    pub address: Address,
    /// How it is applied.
    pub kind: RelocationKind,
    /// The symbol it names, if any.
    pub symbol: Option<String>,
}

impl ElfFile<'_> {
    /// All relocations with addends: those of data, then those of the procedure linkage table.
    ///
    /// Packed relative relocations (`DT_RELR`) are not among them; they only add the load address.
    ///
    /// # Errors
    /// If a table is damaged or has the form x86-64 does not use (`DT_REL`).
    pub fn relocations(&self) -> Result<Vec<Relocation>, ElfError> {
        if self.dynamic().value(elf::DT_REL).is_some() {
            return Err(ElfError::malformed("relocations without addends, which x86-64 never has"));
        }
        let mut relocations = Vec::new();
        for table in self.tables()? {
            let count = table.len() / size_of::<RawRelocation>();
            let (raw, _) = pod::slice_from_bytes::<RawRelocation>(table, count)
                .map_err(|()| ElfError::malformed("a relocation table is cut off"))?;
            for raw in raw {
                relocations.push(self.decode(raw)?);
            }
        }
        Ok(relocations)
    }

    /// Variables of libraries that the executable takes over (`R_X86_64_COPY`).
    ///
    /// # Errors
    /// As [`ElfFile::relocations`].
    pub fn copied_variables(&self) -> Result<Vec<Relocation>, ElfError> {
        let mut relocations = self.relocations()?;
        relocations.retain(|relocation| relocation.kind == RelocationKind::Copy);
        Ok(relocations)
    }

    /// Functions of this file that the loader calls while relocating, before the runtime can start:
    /// the resolvers of its indirect functions. Nameless ones are called by their address.
    ///
    /// # Errors
    /// If a relocation or symbol table is damaged.
    pub fn ifunc_resolvers(&self) -> Result<Vec<Symbol>, ElfError> {
        let symbols = self.symbols()?;
        let mut resolvers: Vec<Symbol> =
            symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Ifunc).cloned().collect();
        for relocation in self.relocations()? {
            let RelocationKind::Irelative { resolver } = relocation.kind else { continue };
            if resolvers.iter().any(|known| known.address == resolver) {
                continue;
            }
            let name = symbols
                .enclosing(resolver)
                .map_or_else(|| resolver.to_string(), |symbol| symbol.name.clone());
            let kind = SymbolKind::Ifunc;
            resolvers.push(Symbol { address: resolver, size: 0, name, kind });
        }
        Ok(resolvers)
    }

    /// The bytes of the relocation tables.
    fn tables(&self) -> Result<Vec<&[u8]>, ElfError> {
        let dynamic = self.dynamic();
        let pairs = [(elf::DT_RELA, elf::DT_RELASZ), (elf::DT_JMPREL, elf::DT_PLTRELSZ)];
        let mut tables = Vec::new();
        for (start, size) in pairs {
            if let (Some(start), Some(size)) = (dynamic.value(start), dynamic.value(size)) {
                tables.push(
                    self.contents.bytes_at(Address(start), size).ok_or_else(|| {
                        ElfError::malformed("a relocation table is not in the file")
                    })?,
                );
            }
        }
        if dynamic.value(elf::DT_SYMTAB).is_none() {
            tables.append(&mut self.static_tables()?);
        }
        Ok(tables)
    }

    /// A statically linked executable relocates itself, from tables only its sections show.
    fn static_tables(&self) -> Result<Vec<&[u8]>, ElfError> {
        let le = LittleEndian;
        self.contents
            .sections
            .iter()
            .filter(|section| {
                section.sh_type(le) == elf::SHT_RELA
                    && section.sh_flags(le).0 & elf::SHF_ALLOC.0 != 0
            })
            .map(|section| {
                self.contents
                    .file_bytes(section.sh_offset(le), section.sh_size(le))
                    .ok_or_else(|| ElfError::malformed("a section lies outside the file"))
            })
            .collect()
    }

    fn decode(&self, raw: &RawRelocation) -> Result<Relocation, ElfError> {
        let le = LittleEndian;
        let symbol = match raw.r_sym(le, false) {
            0 => None,
            index => Some(self.dynamic_symbol_name(index)?),
        };
        let kind = match raw.r_type(le, false) {
            elf::R_X86_64_COPY => RelocationKind::Copy,
            elf::R_X86_64_IRELATIVE => RelocationKind::Irelative {
                // An address, though the field is signed.
                resolver: Address(raw.r_addend(le).cast_unsigned()),
            },
            RelocationType(other) => RelocationKind::Other(other),
        };
        Ok(Relocation { address: Address(raw.r_offset(le)), kind, symbol })
    }
}
