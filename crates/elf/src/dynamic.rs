//! The dynamic section: what the dynamic linker is told.

use object::elf::{self, DynamicTag};
use object::{LittleEndian, pod};

use crate::file::Contents;
use crate::segment::{Segment, SegmentKind};
use crate::{Address, ElfError};

/// The dynamic section, decoded. All empty for a statically linked executable.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dynamic {
    /// Names of the shared objects this one needs (`DT_NEEDED`), in order.
    pub needed: Vec<String>,
    /// The name others need this object by (`DT_SONAME`).
    pub soname: Option<String>,
    /// Where needed objects are looked for (`DT_RUNPATH`), colon-separated, `$ORIGIN` unexpanded.
    pub runpath: Option<String>,
    /// The same by the older `DT_RPATH`, which is ignored if there is a [`Dynamic::runpath`].
    pub rpath: Option<String>,
    entries: Vec<(DynamicTag, u64)>,
}

impl Dynamic {
    pub(crate) fn parse(contents: &Contents<'_>) -> Result<Dynamic, ElfError> {
        let Some(segment) = contents.segments.iter().find(|s| s.kind == SegmentKind::Dynamic)
        else {
            return Ok(Dynamic::default());
        };
        let mut dynamic = Dynamic { entries: entries(contents, segment), ..Dynamic::default() };
        let strings = dynamic.strings(contents)?;
        for &(tag, value) in &dynamic.entries {
            match tag {
                elf::DT_NEEDED => dynamic.needed.push(string(strings, value)?),
                elf::DT_SONAME => dynamic.soname = Some(string(strings, value)?),
                elf::DT_RUNPATH => dynamic.runpath = Some(string(strings, value)?),
                elf::DT_RPATH => dynamic.rpath = Some(string(strings, value)?),
                _ => {}
            }
        }
        Ok(dynamic)
    }

    /// Whether the object has text relocations: the loader makes code writable to apply them
    /// (`DT_TEXTREL` or `DF_TEXTREL`).
    pub fn has_text_relocations(&self) -> bool {
        self.value(elf::DT_TEXTREL).is_some() || self.flag(elf::DF_TEXTREL.0)
    }

    /// Whether the object's code reaches its thread-local storage at fixed distances from the thread
    /// pointer (`DF_STATIC_TLS`). Then `dlopen(3)` must find room for it in the static TLS area.
    pub fn has_static_tls(&self) -> bool {
        self.flag(elf::DF_STATIC_TLS.0)
    }

    /// Whether all symbols are bound before the program starts (`-z now`).
    pub fn binds_now(&self) -> bool {
        self.value(elf::DT_BIND_NOW).is_some()
            || self.flag(elf::DF_BIND_NOW.0)
            || self.flag_1(elf::DF_1_NOW.0)
    }

    /// Whether the linker marked the object as a position-independent executable (`DF_1_PIE`).
    pub fn is_marked_pie(&self) -> bool {
        self.flag_1(elf::DF_1_PIE.0)
    }

    /// Whether there is a `DT_DEBUG` entry, which linkers give to executables only.
    pub fn has_debug_entry(&self) -> bool {
        self.value(elf::DT_DEBUG).is_some()
    }

    /// The value of the last entry with this tag, as the dynamic linker takes it.
    pub(crate) fn value(&self, tag: DynamicTag) -> Option<u64> {
        self.entries.iter().rev().find(|entry| entry.0 == tag).map(|entry| entry.1)
    }

    /// The dynamic string table.
    pub(crate) fn strings<'data>(
        &self,
        contents: &Contents<'data>,
    ) -> Result<&'data [u8], ElfError> {
        match (self.value(elf::DT_STRTAB), self.value(elf::DT_STRSZ)) {
            (Some(address), Some(size)) => contents
                .bytes_at(Address(address), size)
                .ok_or_else(|| ElfError::malformed("the dynamic string table is not in the file")),
            _ => Ok(&[]),
        }
    }

    fn flag(&self, bit: u64) -> bool {
        self.value(elf::DT_FLAGS).is_some_and(|flags| flags & bit != 0)
    }

    fn flag_1(&self, bit: u64) -> bool {
        self.value(elf::DT_FLAGS_1).is_some_and(|flags| flags & bit != 0)
    }
}

fn entries(contents: &Contents<'_>, segment: &Segment) -> Vec<(DynamicTag, u64)> {
    let bytes = contents.segment_bytes(segment);
    let count = bytes.len() / size_of::<elf::Dyn64<LittleEndian>>();
    let (entries, _) =
        pod::slice_from_bytes::<elf::Dyn64<LittleEndian>>(bytes, count).unwrap_or_default();
    entries
        .iter()
        .map(|entry| (entry.d_tag.get(LittleEndian), entry.d_val.get(LittleEndian)))
        .take_while(|(tag, _)| *tag != elf::DT_NULL)
        .collect()
}

/// The zero-terminated string at an offset in a string table.
pub(crate) fn string(table: &[u8], offset: u64) -> Result<String, ElfError> {
    usize::try_from(offset)
        .ok()
        .and_then(|offset| table.get(offset..))
        .and_then(|rest| rest.iter().position(|&byte| byte == 0).map(|end| &rest[..end]))
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .ok_or_else(|| {
            ElfError::Malformed(format!("a name at {offset:#x} lies outside the string table"))
        })
}
