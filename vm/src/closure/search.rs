//! Finding libraries the way the dynamic linker does (`ld.so(8)`, "The dynamic linker").

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::LinkerVariables;
use super::elf::{self, Defaults, Kind, Object};
use super::ldcache::Cache;
use crate::error::Error;

/// The directories searched last: what `ld.so --help` lists on Debian, then those of other systems.
const DEFAULT_DIRECTORIES: [&str; 6] = [
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib",
    "/usr/lib",
    "/lib64",
    "/usr/lib64",
];

/// Variants of a library for newer CPUs, below any searched directory. The emulated CPU differs from
/// this one, so all are taken along, and the dynamic linker there chooses.
const VARIANTS: [&str; 3] =
    ["glibc-hwcaps/x86-64-v4", "glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v2"];

/// Where libraries are searched, apart from what the objects themselves say.
pub(super) struct Search {
    cwd: PathBuf,
    library_path: Vec<PathBuf>,
    preload: Vec<OsString>,
    cache: Option<Cache>,
}

/// The objects of one process.
#[derive(Default)]
pub(super) struct Process {
    /// In the order of loading; the program is the first.
    loaded: Vec<Loaded>,
    /// The names by which they are known: another object that needs one of these gets it without a
    /// search.
    names: HashSet<OsString>,
}

impl Process {
    fn push(&mut self, path: PathBuf, object: Object, loader: Option<usize>) {
        self.names.extend(object.soname.clone());
        self.loaded.push(Loaded { path, object, loader });
    }
}

/// One object of a process.
struct Loaded {
    path: PathBuf,
    object: Object,
    /// The object that needed it first, whose DT_RPATH counts for it too.
    loader: Option<usize>,
}

impl Search {
    pub(super) fn new(cwd: &Path, variables: &LinkerVariables<'_>) -> Result<Search, Error> {
        let mut search = Search {
            cwd: cwd.to_owned(),
            library_path: Vec::new(),
            preload: Vec::new(),
            cache: Cache::read()?,
        };
        if let Some(path) = variables.library_path.filter(|path| !path.is_empty()) {
            // Both separators are allowed here, and here only.
            let colons: Vec<u8> = path
                .as_bytes()
                .iter()
                .map(|&byte| if byte == b';' { b':' } else { byte })
                .collect();
            search.library_path = search.directories(&OsString::from_vec(colons), cwd);
        }
        if let Some(preload) = variables.preload {
            let names = preload.as_bytes().split(|byte| matches!(byte, b' ' | b':'));
            search.preload = names
                .filter(|name| !name.is_empty())
                .map(|name| OsStr::from_bytes(name).to_owned())
                .collect();
        }
        Ok(search)
    }

    pub(super) fn has_cache(&self) -> bool {
        self.cache.is_some()
    }

    /// Loads a program in a process of its own, or a shared object into `process`, and gives all files
    /// that come with it; none for a file that is neither.
    ///
    /// The process of the first program is kept in `process`: what it has loaded is there for the
    /// objects it opens later, wherever it found it.
    pub(super) fn load(
        &self,
        path: &Path,
        process: &mut Option<Process>,
    ) -> Result<Vec<PathBuf>, Error> {
        let object = match elf::read(path)? {
            Kind::Object(object) => object,
            Kind::Other => return Ok(Vec::new()),
            Kind::Foreign => {
                let reason = "not an ELF file for x86-64".to_owned();
                return Err(Error::BadElf { path: path.to_owned(), reason });
            }
        };
        let mut files: Vec<_> = object.interpreter.iter().map(PathBuf::from).collect();
        if object.interpreter.is_some() {
            let mut own = Process::default();
            files.extend(self.load_into(&mut own, path, object, &self.preload)?);
            process.get_or_insert(own);
        } else {
            let process = process.get_or_insert_default();
            files.extend(self.load_into(process, path, object, &[])?);
        }
        Ok(files)
    }

    /// Adds an object and all it needs, breadth first, after the names in `before`.
    fn load_into(
        &self,
        process: &mut Process,
        path: &Path,
        object: Object,
        before: &[OsString],
    ) -> Result<Vec<PathBuf>, Error> {
        let first_new = process.loaded.len();
        process.push(path.to_owned(), object, (first_new > 0).then_some(0));
        let mut next = first_new;
        while let Some(current) = process.loaded.get(next) {
            let own = current.object.needed.clone();
            let before = if next == first_new { before } else { &[] };
            for name in before.iter().chain(&own) {
                if process.names.contains(name) {
                    continue;
                }
                let found = self.find(name, next, &process.loaded)?;
                process.names.insert(name.clone());
                for (path, object) in found {
                    process.push(path, object, Some(next));
                }
            }
            next += 1;
            if next == process.loaded.len() {
                self.load_opened_by_libc(process);
            }
        }
        Ok(process.loaded[first_new..].iter().map(|loaded| loaded.path.clone()).collect())
    }

    /// Adds what libc opens by itself: its thread cancellation, `pthread_exit` and `backtrace` need the
    /// unwinder, and end the process where there is none.
    fn load_opened_by_libc(&self, process: &mut Process) {
        let name = OsStr::new("libgcc_s.so.1");
        let is_libc = |loaded: &Loaded| loaded.path.file_name() == Some(OsStr::new("libc.so.6"));
        let Some(libc) = process.loaded.iter().position(is_libc) else { return };
        if !process.names.insert(name.to_owned()) {
            return;
        }
        // A machine without it has no use for it either.
        for (path, object) in self.find(name, libc, &process.loaded).unwrap_or_default() {
            process.push(path, object, Some(libc));
        }
    }

    /// The library of this name that the object at `by` gets, and its variants.
    fn find(
        &self,
        name: &OsStr,
        by: usize,
        loaded: &[Loaded],
    ) -> Result<Vec<(PathBuf, Object)>, Error> {
        if name.as_bytes().contains(&b'/') {
            let path = self.cwd.join(self.expand(name.as_bytes(), &loaded[by].path));
            if let Some(object) = candidate(&path)? {
                return Ok(vec![(path, object)]);
            }
            return Err(missing(name, &loaded[by].path, vec![path]));
        }
        let mut searched = self.before_cache(by, loaded);
        for directory in &searched {
            let found = in_directory(directory, name)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let skips_defaults = loaded[by].object.defaults == Defaults::Skipped;
        let is_default =
            |path: &Path| DEFAULT_DIRECTORIES.iter().any(|known| path.starts_with(known));
        let mut found = Vec::new();
        for place in self.cache.iter().flat_map(|cache| cache.places(name)) {
            if !(skips_defaults && is_default(place))
                && let Some(object) = candidate(place)?
            {
                found.push((place.to_owned(), object));
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
        searched.extend(self.cache.is_some().then(|| super::ldcache::CACHE.into()));
        if !skips_defaults {
            for directory in DEFAULT_DIRECTORIES {
                let found = in_directory(Path::new(directory), name)?;
                if !found.is_empty() {
                    return Ok(found);
                }
                searched.push(directory.into());
            }
        }
        Err(missing(name, &loaded[by].path, searched))
    }

    /// DT_RPATH of the object and those that loaded it, `LD_LIBRARY_PATH`, DT_RUNPATH.
    fn before_cache(&self, by: usize, loaded: &[Loaded]) -> Vec<PathBuf> {
        let mut directories = Vec::new();
        let requester = &loaded[by];
        if requester.object.runpath.is_none() {
            let mut ancestor = Some(by);
            while let Some(index) = ancestor {
                let Loaded { path, object, loader } = &loaded[index];
                if let (Some(rpath), None) = (&object.rpath, &object.runpath) {
                    directories.extend(self.directories(rpath, path));
                }
                ancestor = *loader;
            }
        }
        directories.extend(self.library_path.iter().cloned());
        if let Some(runpath) = &requester.object.runpath {
            directories.extend(self.directories(runpath, &requester.path));
        }
        directories
    }

    /// The directories of a colon-separated list; an empty one is the working directory.
    fn directories(&self, list: &OsStr, of: &Path) -> Vec<PathBuf> {
        list.as_bytes()
            .split(|&byte| byte == b':')
            .map(|entry| self.cwd.join(self.expand(entry, of)))
            .collect()
    }

    /// Replaces `$ORIGIN`, `$LIB` and `$PLATFORM`, with or without braces.
    fn expand(&self, text: &[u8], of: &Path) -> PathBuf {
        // The kernel and the dynamic linker know an object by its path without links.
        let real = of.canonicalize().unwrap_or_else(|_| of.to_owned());
        let origin = real.parent().unwrap_or(&self.cwd).as_os_str().as_bytes().to_vec();
        let tokens: [(&str, &[u8]); 3] =
            [("ORIGIN", &origin), ("LIB", b"lib/x86_64-linux-gnu"), ("PLATFORM", b"x86_64")];
        let mut expanded = Vec::new();
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            let token = tokens.iter().find_map(|(name, value)| {
                let bare = format!("${name}");
                let braced = format!("${{{name}}}");
                [braced, bare].iter().find_map(|spelling| {
                    rest.strip_prefix(spelling.as_bytes()).map(|after| (*value, after))
                })
            });
            if let Some((value, after)) = token {
                expanded.extend_from_slice(value);
                rest = after;
            } else {
                expanded.push(byte);
                rest = after;
            }
        }
        PathBuf::from(OsString::from_vec(expanded))
    }
}

/// The library in a directory and its variants.
fn in_directory(directory: &Path, name: &OsStr) -> Result<Vec<(PathBuf, Object)>, Error> {
    let mut found = Vec::new();
    let variants = VARIANTS.iter().map(|variant| directory.join(variant));
    for place in variants.chain([directory.to_owned()]) {
        let path = place.join(name);
        if let Some(object) = candidate(&path)? {
            found.push((path, object));
        }
    }
    Ok(found)
}

/// The object at a path, unless there is none or it is one the dynamic linker passes over.
fn candidate(path: &Path) -> Result<Option<Object>, Error> {
    if !path.is_file() {
        return Ok(None);
    }
    match elf::read(path)? {
        Kind::Object(object) => Ok(Some(object)),
        Kind::Foreign => Ok(None),
        Kind::Other => {
            let reason = "found as a shared library, but not an ELF file".to_owned();
            Err(Error::BadElf { path: path.to_owned(), reason })
        }
    }
}

fn missing(name: &OsStr, needed_by: &Path, searched: Vec<PathBuf>) -> Error {
    let name = name.to_string_lossy().into_owned();
    Error::MissingLibrary { name, needed_by: needed_by.to_owned(), searched }
}
