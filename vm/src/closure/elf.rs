//! What the dynamic linker reads in an ELF file before it looks for libraries.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use object::elf::{self, FileHeader64};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{LittleEndian, ReadRef};

use crate::error::Error;

/// A result whose error says what is wrong with the file.
type Parsed<T> = Result<T, Box<dyn std::error::Error>>;

type Header = FileHeader64<LittleEndian>;

/// The dynamic section of an object, as far as it is about other objects (gABI, chapter 5).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Object {
    /// PT_INTERP: the dynamic linker, in programs.
    pub(super) interpreter: Option<OsString>,
    /// DT_SONAME.
    pub(super) soname: Option<OsString>,
    /// DT_NEEDED, in order.
    pub(super) needed: Vec<OsString>,
    /// DT_RPATH, colon-separated.
    pub(super) rpath: Option<OsString>,
    /// DT_RUNPATH, colon-separated.
    pub(super) runpath: Option<OsString>,
    /// DF_1_NODEFLIB: the default directories are not searched.
    pub(super) defaults: Defaults,
}

/// Whether an object's libraries are searched in the default directories.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Defaults {
    /// They are.
    #[default]
    Searched,
    /// They are not (`-z nodefaultlib`).
    Skipped,
}

/// What a file is to the dynamic linker.
pub(super) enum Kind {
    /// An object for this architecture.
    Object(Object),
    /// An ELF file for another architecture or word size.
    Foreign,
    /// No ELF file.
    Other,
}

/// Whether a file says it is an ELF file.
pub(super) fn is_elf(path: &Path) -> Result<bool, Error> {
    let mut magic = Vec::new();
    File::open(path)
        .and_then(|file| file.take(elf::ELFMAG.len() as u64).read_to_end(&mut magic))
        .map_err(Error::file(path))?;
    Ok(magic == elf::ELFMAG)
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Kind, Error> {
    let data = fs::read(path).map_err(Error::file(path))?;
    let bad = |reason: String| Error::BadElf { path: path.to_owned(), reason };
    if !data.starts_with(&elf::ELFMAG) {
        return Ok(Kind::Other);
    }
    if data.len() < 20 {
        return Err(bad("a truncated ELF file".to_owned()));
    }
    let is_64_bit_little_endian = data[4..6] == [elf::ELFCLASS64.0, elf::ELFDATA2LSB.0];
    let machine = u16::from_le_bytes([data[18], data[19]]);
    if !is_64_bit_little_endian || machine != elf::EM_X86_64.0 {
        return Ok(Kind::Foreign);
    }
    parse(&data).map(Kind::Object).map_err(|error| bad(format!("a damaged ELF file: {error}")))
}

fn parse(data: &[u8]) -> Parsed<Object> {
    let header = Header::parse(data)?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, data)?;
    let mut object = Object::default();
    for segment in segments {
        if let Some(interpreter) = segment.interpreter(endian, data)? {
            object.interpreter = Some(OsStr::from_bytes(interpreter).to_owned());
        }
        let Some(entries) = segment.dynamic(endian, data)? else { continue };
        let entries: Vec<_> = entries
            .iter()
            .map(|entry| (entry.tag(endian), entry.val(endian)))
            .take_while(|&(tag, _)| tag != elf::DT_NULL)
            .collect();
        let Some(&(_, strings)) = entries.iter().find(|(tag, _)| *tag == elf::DT_STRTAB) else {
            continue;
        };
        // The dynamic section gives addresses; the segments say where in the file they are.
        let strings = segments
            .iter()
            .filter(|segment| segment.p_type(endian) == elf::PT_LOAD)
            .find_map(|segment| file_offset(segment, endian, strings))
            .ok_or("its string table is in no segment")?;
        for (tag, value) in entries {
            add_entry(&mut object, tag, value, data, strings)?;
        }
    }
    Ok(object)
}

/// Where in the file the byte at this address is, if it is in this segment.
fn file_offset(
    segment: &impl ProgramHeader<Endian = LittleEndian>,
    endian: LittleEndian,
    address: u64,
) -> Option<u64> {
    let into = address.checked_sub(segment.p_vaddr(endian).into())?;
    (into < segment.p_filesz(endian).into())
        .then(|| into.checked_add(segment.p_offset(endian).into()))?
}

fn add_entry(
    object: &mut Object,
    tag: elf::DynamicTag,
    value: u64,
    data: &[u8],
    strings: u64,
) -> Parsed<()> {
    let string = || -> Parsed<OsString> {
        let start = strings.checked_add(value).ok_or("a string offset overflows")?;
        let bytes = data
            .read_bytes_at_until(start..data.len() as u64, 0)
            .map_err(|()| "a string is out of bounds")?;
        Ok(OsStr::from_bytes(bytes).to_owned())
    };
    match tag {
        elf::DT_NEEDED => object.needed.push(string()?),
        elf::DT_SONAME => object.soname = Some(string()?),
        elf::DT_RPATH => object.rpath = Some(string()?),
        elf::DT_RUNPATH => object.runpath = Some(string()?),
        elf::DT_FLAGS_1 if value & elf::DF_1_NODEFLIB.0 != 0 => {
            object.defaults = Defaults::Skipped;
        }
        _ => {}
    }
    Ok(())
}
