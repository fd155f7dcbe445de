//! The user's cache: entries are directories that are complete or absent.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::Error;

/// The directory for what is fetched once per user (XDG Base Directory Specification).
///
/// # Errors
/// No variable says where it is.
pub fn directory() -> Result<PathBuf, Error> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".cache")))
        .map(|cache| cache.join("ia2"))
        .ok_or(Error::NoCache)
}

/// The entry of this name below [`directory`]; `make` fills it if it is not there yet.
///
/// `make` gets an empty scratch directory and the directory in it to fill, which then becomes the entry by one rename.
/// Of several processes that ask for the same entry one makes it, and the others wait. Each step is
/// told to `progress`.
///
/// # Errors
/// Those of `make`, and of the file system.
pub fn entry<E: From<Error>>(
    name: &str,
    progress: &dyn Fn(&str),
    make: impl FnOnce(&Path, &Path) -> Result<(), E>,
) -> Result<PathBuf, E> {
    let cache = directory()?;
    let place = cache.join(name);
    if place.exists() {
        return Ok(place);
    }
    fs::create_dir_all(&cache).map_err(Error::file(&cache))?;
    let _lock = lock(&cache.join(format!("{name}.lock")), progress)?;
    // Another process may have made it while this one waited.
    if place.exists() {
        return Ok(place);
    }
    let prefix = format!("fetching-{name}-");
    remove_leftovers(&cache, &prefix)?;
    let scratch =
        tempfile::Builder::new().prefix(&prefix).tempdir_in(&cache).map_err(Error::file(&cache))?;
    let made = scratch.path().join("entry");
    fs::create_dir(&made).map_err(Error::file(&made))?;
    make(scratch.path(), &made)?;
    fs::rename(&made, &place).map_err(Error::file(&place))?;
    Ok(place)
}

/// Waits until no other process makes the same entry. The lock ends with the returned file.
fn lock(path: &Path, progress: &dyn Fn(&str)) -> Result<File, Error> {
    let file = File::create(path).map_err(Error::file(path))?;
    if file.try_lock().is_err() {
        progress("waiting for another process that fetches the same");
        file.lock().map_err(Error::file(path))?;
    }
    Ok(file)
}

/// Removes what processes left that were killed. Called with the lock held.
fn remove_leftovers(cache: &Path, prefix: &str) -> Result<(), Error> {
    for entry in fs::read_dir(cache).map_err(Error::file(cache))? {
        let path = entry.map_err(Error::file(cache))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(prefix) {
            fs::remove_dir_all(&path).map_err(Error::file(&path))?;
        }
    }
    Ok(())
}
