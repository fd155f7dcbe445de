//! Symbols: which function or variable is at an address.

use object::elf::{self, Sym64};
use object::read::elf::{GnuHashTable, HashTable, SectionHeader as _, Sym as _};
use object::{LittleEndian, pod};

use crate::dynamic::string;
use crate::file::{Contents, ElfFile};
use crate::{Address, ElfError};

type RawSymbol = Sym64<LittleEndian>;
type Header = elf::FileHeader64<LittleEndian>;

/// What a symbol names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SymbolKind {
    /// A function.
    Function,
    /// A function that returns the address of the one to call (`STT_GNU_IFUNC`); the loader calls it
    /// while relocating.
    Ifunc,
    /// A variable.
    Object,
    /// Anything else with an address, such as a label from assembly.
    Label,
}

/// A symbol that the file defines at an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Symbol {
    /// Where it is.
    pub address: Address,
    /// How many bytes it names; 0 if its author did not say.
    pub size: u64,
    /// Its name, without symbol version.
    pub name: String,
    /// What it names.
    pub kind: SymbolKind,
}

impl Symbol {
    fn contains(&self, address: Address) -> bool {
        address.distance_from(self.address).is_some_and(|distance| distance < self.size)
    }
}

/// The symbols of a file, by address.
#[derive(Clone, Debug, Default)]
pub struct SymbolMap {
    /// Sorted by address; no duplicates.
    symbols: Vec<Symbol>,
    /// For each symbol, how far any symbol up to it reaches.
    reach: Vec<u64>,
}

impl SymbolMap {
    fn new(mut symbols: Vec<Symbol>) -> SymbolMap {
        symbols.sort();
        symbols.dedup();
        let reach = symbols
            .iter()
            .scan(0, |furthest, symbol| {
                *furthest = (*furthest).max(symbol.address.0.saturating_add(symbol.size));
                Some(*furthest)
            })
            .collect();
        SymbolMap { symbols, reach }
    }

    /// All symbols, in the order of their addresses.
    pub fn iter(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter()
    }

    /// The smallest symbol that contains the address; among equals the first by name.
    ///
    /// A symbol without a size contains nothing: guessing how far it reaches would let code pass for
    /// a part of the function before it.
    pub fn enclosing(&self, address: Address) -> Option<&Symbol> {
        let after = self.symbols.partition_point(|symbol| symbol.address <= address);
        (0..after)
            .rev()
            .take_while(|&index| self.reach[index] > address.0)
            .map(|index| &self.symbols[index])
            .filter(|symbol| symbol.contains(address))
            .min_by(|a, b| a.size.cmp(&b.size).then_with(|| a.name.cmp(&b.name)))
    }
}

impl ElfFile<'_> {
    /// The symbols the file defines, from its dynamic and its full symbol table, if it has them.
    ///
    /// Thread-local symbols are left out: their values are offsets, not addresses.
    ///
    /// # Errors
    /// If a symbol table is damaged.
    pub fn symbols(&self) -> Result<SymbolMap, ElfError> {
        let mut symbols = Vec::new();
        for table in [self.dynamic_symbols()?, section_symbols(&self.contents)?] {
            for raw in table.symbols {
                if let Some(symbol) = defined(raw, table.strings)? {
                    symbols.push(symbol);
                }
            }
        }
        Ok(SymbolMap::new(symbols))
    }

    /// The name of an entry of the dynamic symbol table, as relocations refer to it.
    pub(crate) fn dynamic_symbol_name(&self, index: u32) -> Result<String, ElfError> {
        let dynamic = self.dynamic();
        let entry_size = size_of::<RawSymbol>() as u64;
        let raw = dynamic
            .value(elf::DT_SYMTAB)
            .and_then(|start| Address(start).checked_add(u64::from(index) * entry_size))
            .and_then(|address| self.contents.bytes_at(address, entry_size))
            .and_then(|bytes| pod::from_bytes::<RawSymbol>(bytes).ok())
            .ok_or_else(|| {
                ElfError::Malformed(format!(
                    "a relocation names symbol {index}, which is not there"
                ))
            })?;
        string(dynamic.strings(&self.contents)?, raw.0.st_name(LittleEndian).into())
    }

    /// The table the dynamic linker uses, found as it finds it; section headers may be missing.
    fn dynamic_symbols(&self) -> Result<Table<'_>, ElfError> {
        let dynamic = self.dynamic();
        let Some(start) = dynamic.value(elf::DT_SYMTAB) else { return Ok(Table::default()) };
        let count = self.dynamic_symbol_count()?;
        let bytes = self
            .contents
            .bytes_at(Address(start), u64::from(count) * size_of::<RawSymbol>() as u64)
            .ok_or_else(|| ElfError::malformed("the dynamic symbol table is not in the file"))?;
        Table::new(bytes, count as usize, dynamic.strings(&self.contents)?)
    }

    /// How many dynamic symbols there are: nothing says so directly, but the hash tables know.
    fn dynamic_symbol_count(&self) -> Result<u32, ElfError> {
        let table = |tag| {
            let address = self.dynamic().value(tag)?;
            self.contents.bytes_from(Address(address))
        };
        if let Some(bytes) = table(elf::DT_HASH) {
            return HashTable::<Header>::parse(LittleEndian, bytes)
                .map(|hash| hash.symbol_table_length())
                .map_err(|_| ElfError::malformed("the symbol hash table is cut off"));
        }
        if let Some(bytes) = table(elf::DT_GNU_HASH) {
            // Without a hashed symbol the file defines none.
            return GnuHashTable::<Header>::parse(LittleEndian, bytes)
                .map(|hash| hash.symbol_table_length(LittleEndian).unwrap_or(0))
                .map_err(|_| ElfError::malformed("the symbol hash table is cut off"));
        }
        Ok(0)
    }
}

/// A symbol table and its names.
#[derive(Default)]
struct Table<'data> {
    symbols: &'data [RawSymbol],
    strings: &'data [u8],
}

impl<'data> Table<'data> {
    fn new(bytes: &'data [u8], count: usize, strings: &'data [u8]) -> Result<Self, ElfError> {
        pod::slice_from_bytes(bytes, count)
            .map(|(symbols, _)| Table { symbols, strings })
            .map_err(|()| ElfError::malformed("a symbol table is cut off"))
    }
}

/// The full symbol table, which `strip` removes.
fn section_symbols<'data>(contents: &Contents<'data>) -> Result<Table<'data>, ElfError> {
    let section_bytes = |section: &crate::file::SectionHeader| {
        contents
            .file_bytes(section.sh_offset(LittleEndian), section.sh_size(LittleEndian))
            .ok_or_else(|| ElfError::malformed("a section lies outside the file"))
    };
    let sections = contents.sections;
    let Some(table) = sections.iter().find(|s| s.sh_type(LittleEndian) == elf::SHT_SYMTAB) else {
        return Ok(Table::default());
    };
    let strings = sections
        .get(table.sh_link(LittleEndian) as usize)
        .filter(|strings| strings.sh_type(LittleEndian) == elf::SHT_STRTAB)
        .ok_or_else(|| ElfError::malformed("the symbol table has no string table"))?;
    let bytes = section_bytes(table)?;
    Table::new(bytes, bytes.len() / size_of::<RawSymbol>(), section_bytes(strings)?)
}

/// The symbol, if the file defines it at an address and it has a name.
fn defined(raw: &RawSymbol, strings: &[u8]) -> Result<Option<Symbol>, ElfError> {
    let kind = match raw.st_type() {
        elf::STT_FUNC => SymbolKind::Function,
        elf::STT_GNU_IFUNC => SymbolKind::Ifunc,
        elf::STT_OBJECT => SymbolKind::Object,
        elf::STT_NOTYPE => SymbolKind::Label,
        _ => return Ok(None),
    };
    let section = raw.st_shndx(LittleEndian);
    if section == elf::SHN_UNDEF || section == elf::SHN_ABS || raw.st_name(LittleEndian) == 0 {
        return Ok(None);
    }
    Ok(Some(Symbol {
        address: Address(raw.st_value(LittleEndian)),
        size: raw.st_size(LittleEndian),
        name: string(strings, raw.st_name(LittleEndian).into())?,
        kind,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str, address: u64, size: u64) -> Symbol {
        let kind = SymbolKind::Function;
        Symbol { address: Address(address), size, name: name.to_owned(), kind }
    }

    fn enclosing(map: &SymbolMap, address: u64) -> Option<&str> {
        map.enclosing(Address(address)).map(|symbol| symbol.name.as_str())
    }

    #[test]
    fn the_smallest_symbol_around_an_address_is_found() {
        let map = SymbolMap::new(vec![
            symbol("outer", 0x100, 0x100),
            symbol("inner", 0x140, 0x10),
            symbol("alias_b", 0x300, 8),
            symbol("alias_a", 0x300, 8),
            symbol("sizeless", 0x400, 0),
        ]);
        assert_eq!(enclosing(&map, 0xff), None);
        assert_eq!(enclosing(&map, 0x100), Some("outer"));
        assert_eq!(enclosing(&map, 0x14f), Some("inner"));
        assert_eq!(enclosing(&map, 0x150), Some("outer"));
        assert_eq!(enclosing(&map, 0x200), None);
        assert_eq!(enclosing(&map, 0x307), Some("alias_a"));
        assert_eq!(enclosing(&map, 0x400), None);
    }

    #[test]
    fn a_symbol_that_reaches_the_end_of_the_address_space_is_no_overflow() {
        let map = SymbolMap::new(vec![symbol("last", u64::MAX - 1, u64::MAX)]);
        assert_eq!(enclosing(&map, u64::MAX - 1), Some("last"));
    }
}
