//! Files of the program and hashes of their texts, each read once.

use std::collections::HashMap;
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// SHA-256 of a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub(crate) struct Hash([u8; 32]);

impl Hash {
    /// The hash of a text.
    pub(crate) fn of(text: &[u8]) -> Hash {
        Hash(Sha256::digest(text).into())
    }

    /// In hexadecimal digits.
    pub(crate) fn digits(self) -> String {
        use std::fmt::Write;
        let mut digits = String::with_capacity(64);
        for byte in self.0 {
            write!(digits, "{byte:02x}").expect("a string takes everything");
        }
        digits
    }
}

/// What is known of files.
#[derive(Default)]
pub(crate) struct Texts {
    hashes: Mutex<HashMap<Utf8PathBuf, Option<Hash>>>,
}

impl Texts {
    /// The text of a file.
    pub(crate) fn read(&self, path: &Utf8Path) -> std::io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    /// The hash of a file's text; `None` if it cannot be read.
    pub(crate) fn hash(&self, path: &Utf8Path) -> Option<Hash> {
        let known = self.hashes.lock().expect("nobody panics with it").get(path).copied();
        known.unwrap_or_else(|| {
            let hash = std::fs::read(path).ok().map(|text| Hash::of(&text));
            self.hashes.lock().expect("see above").insert(path.to_owned(), hash);
            hash
        })
    }

    /// Whether there is a file of this name.
    pub(crate) fn exists(&self, path: &Utf8Path) -> bool {
        path.exists()
    }
}
