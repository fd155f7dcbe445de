//! The dynamic linker's cache, `/etc/ld.so.cache`, in the format glibc writes since 2.2
//! (`struct cache_file_new` in glibc's `dl-cache.h`).

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Where the cache is.
pub(super) const CACHE: &str = "/etc/ld.so.cache";

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;
/// `FLAG_ELF_LIBC6 | FLAG_X8664_LIB64`: libraries of this architecture.
const X86_64: u32 = 0x0303;

/// The cache: names of libraries and where they are, best first.
#[derive(Debug)]
pub(super) struct Cache {
    entries: Vec<(OsString, PathBuf)>,
}

impl Cache {
    /// Reads the system's cache; `None` where there is none, as on systems with another libc.
    pub(super) fn read() -> Result<Option<Cache>, Error> {
        if !Path::new(CACHE).exists() {
            return Ok(None);
        }
        let bytes = fs::read(CACHE).map_err(Error::file(CACHE))?;
        let entries = parse(&bytes).ok_or_else(|| Error::BadElf {
            path: CACHE.into(),
            reason: "not a cache of glibc 2.2 or newer; `ldconfig` writes it anew".to_owned(),
        })?;
        Ok(Some(Cache { entries }))
    }

    /// All the places of a library. There are several when it has variants for newer CPUs.
    pub(super) fn places<'a>(&'a self, name: &'a OsStr) -> impl Iterator<Item = &'a Path> {
        self.entries.iter().filter(move |(known, _)| known == name).map(|(_, path)| path.as_path())
    }
}

fn parse(bytes: &[u8]) -> Option<Vec<(OsString, PathBuf)>> {
    // An older cache may come first, for programs older than libc 6; the new one follows it.
    let start = bytes.windows(MAGIC.len()).position(|window| window == MAGIC)?;
    let cache = &bytes[start..];
    let word = |at: usize| Some(u32::from_le_bytes(cache.get(at..at + 4)?.try_into().ok()?));
    let string = |offset: u32| {
        let rest = cache.get(offset as usize..)?;
        Some(OsStr::from_bytes(rest.split(|&byte| byte == 0).next()?))
    };
    let count = word(MAGIC.len())? as usize;
    let mut entries = Vec::new();
    for index in 0..count {
        let entry = HEADER + index.checked_mul(ENTRY)?;
        if word(entry)? == X86_64 {
            entries.push((string(word(entry + 4)?)?.to_owned(), string(word(entry + 8)?)?.into()));
        }
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_cache_knows_libc() {
        let cache = Cache::read().unwrap().expect("a cache");
        let places: Vec<_> = cache.places(OsStr::new("libc.so.6")).collect();
        assert!(!places.is_empty() && places.iter().all(|place| place.exists()), "{places:?}");
        assert_eq!(cache.places(OsStr::new("libno-such-thing.so.1")).count(), 0);
    }

    #[test]
    fn damaged_caches_are_refused() {
        assert!(parse(b"").is_none());
        assert!(parse(MAGIC).is_none());
        let mut bytes = fs::read(CACHE).unwrap();
        bytes.truncate(HEADER + ENTRY + 3);
        assert!(parse(&bytes).is_none());
    }
}
