//! Facts of earlier runs.
//!
//! A key stands for everything but the texts of files: this program, libclang, the command, the
//! environment that compilers look at. Under the key there are variants, one per set of texts: each
//! says which files must have which texts, and which must not exist, and if all is so its facts hold.
//!
//! Several programs may use one cache at the same time: files are only ever put in place whole, and a
//! file that cannot be read is as good as none. It can be removed at any time.

use std::io::Write;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use rewrite::facts::Facts;
use serde::{Deserialize, Serialize};

use crate::inputs::InputFile;
use crate::options::Arguments;
use crate::texts::{Hash, Texts};

/// Stands for all that facts depend on but the texts.
pub(crate) type Key = Hash;

/// A cache; one without a directory remembers nothing.
pub(crate) struct Cache {
    directory: Option<Utf8PathBuf>,
    /// This program, libclang and the environment.
    surroundings: String,
}

/// The facts for certain texts.
#[derive(Serialize, Deserialize)]
struct Variant {
    inputs: Vec<InputFile>,
    absent: Vec<Utf8PathBuf>,
    /// Name of the file with the facts.
    facts: Hash,
}

/// Variants that are kept per key, the newest first: going back and forth between two branches finds
/// both.
const VARIANTS: usize = 4;

/// Entries that nobody has used for so long are removed.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How often somebody looks for those.
const TIDIED: Duration = Duration::from_secs(24 * 60 * 60);

/// Variables by which compilers find headers.
const VARIABLES: [&str; 3] = ["CPATH", "C_INCLUDE_PATH", "SOURCE_DATE_EPOCH"];

impl Cache {
    /// The cache that the command line asks for.
    pub(crate) fn open(arguments: &Arguments, libclang: &str) -> Cache {
        let directory = match &arguments.cache_directory {
            _ if arguments.no_cache => None,
            Some(directory) => std::path::absolute(directory)
                .ok()
                .and_then(|directory| Utf8PathBuf::try_from(directory).ok()),
            None => default_directory(),
        };
        let mut surroundings = format!("{}\0{libclang}", this_program());
        for name in VARIABLES {
            let value = std::env::var(name).unwrap_or_default();
            surroundings.push_str(&format!("\0{name}={value}"));
        }
        Cache { directory, surroundings }
    }

    /// The key for these parts.
    pub(crate) fn key(&self, parts: &[&str]) -> Key {
        let mut text = self.surroundings.clone();
        for part in parts {
            text.push('\0');
            text.push_str(part);
        }
        Hash::of(text.as_bytes())
    }

    /// Facts for the files as they are.
    pub(crate) fn get(&self, key: &Key, texts: &Texts) -> Option<(Facts, Vec<InputFile>)> {
        let directory = self.directory.as_deref()?;
        let path = path(directory, key, "variants");
        let variant = read::<Vec<Variant>>(&path)?.into_iter().find(|variant| {
            variant.inputs.iter().all(|input| texts.hash(&input.path) == Some(input.hash))
                && !variant.absent.iter().any(|path| texts.exists(path))
        })?;
        let facts_path = self::path(directory, &variant.facts, "facts");
        let facts = read(&facts_path)?;
        for path in [path, facts_path] {
            mark_used(&path);
        }
        Some((facts, variant.inputs))
    }

    /// Remembers facts. Failing to is no error.
    pub(crate) fn put(
        &self,
        key: &Key,
        facts: &Facts,
        inputs: &[InputFile],
        absent: impl FnOnce() -> Vec<Utf8PathBuf>,
    ) {
        let Some(directory) = self.directory.as_deref() else { return };
        let Ok(bytes) = postcard::to_stdvec(facts) else { return };
        let name = Hash::of(&bytes);
        let path = path(directory, key, "variants");
        let mut variants: Vec<Variant> = read(&path).unwrap_or_default();
        variants.retain(|variant| variant.inputs != inputs);
        let variant = Variant { inputs: inputs.to_vec(), absent: absent(), facts: name };
        variants.insert(0, variant);
        variants.truncate(VARIANTS);
        let Ok(text) = postcard::to_stdvec(&variants) else { return };
        // The facts first, so that no variant names what is not there.
        if write(&self::path(directory, &name, "facts"), &bytes).is_ok() {
            let _ = write(&path, &text);
        }
    }

    /// Now and then, removes what nobody uses.
    pub(crate) fn tidy(&self) {
        let Some(directory) = self.directory.as_deref() else { return };
        let stamp = directory.join("tidied");
        if age(&stamp).is_some_and(|age| age < TIDIED) || write(&stamp, b"").is_err() {
            return;
        }
        for shelf in directory.read_dir_utf8().into_iter().flatten().flatten() {
            for file in shelf.path().read_dir_utf8().into_iter().flatten().flatten() {
                if age(file.path()).is_some_and(|age| age > KEPT) {
                    let _ = std::fs::remove_file(file.path());
                }
            }
        }
    }
}

/// Where caches are by convention (XDG Base Directory Specification).
fn default_directory() -> Option<Utf8PathBuf> {
    let variable = |name| std::env::var(name).ok().filter(|value| value.starts_with('/'));
    let base = variable("XDG_CACHE_HOME").map(Utf8PathBuf::from);
    let base = base.or_else(|| Some(Utf8PathBuf::from(variable("HOME")?).join(".cache")))?;
    Some(base.join("ia2-rewriter"))
}

/// Tells this build of the program from any other.
fn this_program() -> String {
    let metadata = std::env::current_exe().and_then(std::fs::metadata).ok();
    let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
    let size = metadata.as_ref().map(std::fs::Metadata::len);
    format!("{} {size:?} {modified:?}", env!("CARGO_PKG_VERSION"))
}

/// A file of the cache, on one of 256 shelves.
fn path(directory: &Utf8Path, name: &Hash, ending: &str) -> Utf8PathBuf {
    let digits = name.digits();
    directory.join(&digits[..2]).join(format!("{}.{ending}", &digits[2..]))
}

fn read<T: for<'de> Deserialize<'de>>(path: &Utf8Path) -> Option<T> {
    postcard::from_bytes(&std::fs::read(path).ok()?).ok()
}

/// Puts a whole file in place.
fn write(path: &Utf8Path, bytes: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Utf8Path::new("/"));
    std::fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// How long ago the file was written or marked as used.
fn age(path: &Utf8Path) -> Option<Duration> {
    SystemTime::now().duration_since(std::fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// Sets the time of use, if it is not recent: a write per file and run would be in vain.
fn mark_used(path: &Utf8Path) {
    if age(path).is_some_and(|age| age > TIDIED) {
        let file = std::fs::File::options().append(true).open(path);
        let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    }
}
