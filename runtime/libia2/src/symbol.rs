//! Names for addresses, read from the objects' files. Safe in a signal handler: system calls only.

use core::ffi::CStr;

use elf::endian::LittleEndian;
use elf::{ElfBytes, abi};
use linux_raw_sys::general::{__NR_close, __NR_fstat, __NR_mmap, __NR_open};
use sys::syscall;

use crate::object::Object;
use crate::permissive;

/// What kind of symbol is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A function that contains the address.
    Function,
    /// A variable that contains the address.
    Variable,
    /// A thread-local variable; the address is an offset into the thread-local block.
    ThreadLocal,
}

/// A symbol and the distance of the address from its start.
#[derive(Clone, Copy)]
pub(crate) struct Symbol {
    /// Name as the compiler wrote it.
    pub(crate) name: &'static [u8],
    /// Bytes from the symbol to the address.
    pub(crate) offset: usize,
}

/// Finds the symbol of the object that contains the address, relative to the object's base.
///
/// Uses `.symtab`, which also has static names; in a stripped file `.dynsym`. `None` if neither
/// knows it or the file cannot be read.
pub(crate) fn find(object: &Object, address: usize, kind: Kind) -> Option<Symbol> {
    let file = permissive::kept_file(object, map_file)?;
    let file = ElfBytes::<LittleEndian>::minimal_parse(file).ok()?;
    let address = address as u64;
    let wanted = match kind {
        Kind::Function => abi::STT_FUNC,
        Kind::Variable => abi::STT_OBJECT,
        Kind::ThreadLocal => abi::STT_TLS,
    };
    let tables = [file.symbol_table(), file.dynamic_symbol_table()];
    tables.into_iter().filter_map(|table| table.ok()?).find_map(|(symbols, names)| {
        let found = symbols.iter().find(|symbol| {
            symbol.st_symtype() == wanted
                && !symbol.is_undefined()
                && address >= symbol.st_value
                && address - symbol.st_value < symbol.st_size.max(1)
        })?;
        let name = names.get_raw(found.st_name as usize).ok()?;
        Some(Symbol { name, offset: (address - found.st_value) as usize })
    })
}

/// A section of the object's file.
pub(crate) fn section(object: &Object, name: &str) -> Option<&'static [u8]> {
    let file = permissive::kept_file(object, map_file)?;
    let file = ElfBytes::<LittleEndian>::minimal_parse(file).ok()?;
    let header = file.section_header_by_name(name).ok()??;
    file.section_data(&header).ok().map(|(bytes, _)| bytes)
}

/// Maps the object's file, for good: the process is about to end, or keeps the mapping for the next
/// question.
fn map_file(object: &Object) -> Option<&'static [u8]> {
    let path: &CStr = match object.name() {
        b"" => c"/proc/self/exe",
        _ => object.name_c(),
    };
    const O_CLOEXEC: usize = linux_raw_sys::general::O_CLOEXEC as usize;
    const MAP_PRIVATE: usize = linux_raw_sys::general::MAP_PRIVATE as usize;
    const PROT_READ: usize = linux_raw_sys::general::PROT_READ as usize;
    // SAFETY: an all-zero stat is a valid value; the calls read the path, fill the structure and
    // make a new mapping, which nobody else knows.
    unsafe {
        let mut status: linux_raw_sys::general::stat = core::mem::zeroed();
        let fd =
            syscall::syscall(__NR_open, [path.as_ptr() as usize, O_CLOEXEC, 0, 0, 0, 0]).ok()?;
        let described = syscall::syscall(__NR_fstat, [fd, (&raw mut status) as usize, 0, 0, 0, 0]);
        let size = status.st_size as usize;
        let mapped = syscall::syscall(__NR_mmap, [0, size, PROT_READ, MAP_PRIVATE, fd, 0]);
        let _ = syscall::syscall(__NR_close, [fd, 0, 0, 0, 0, 0]);
        described.ok()?;
        Some(core::slice::from_raw_parts(mapped.ok()? as *const u8, size))
    }
}
