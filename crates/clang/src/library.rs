//! Loading libclang.

use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;

use clang_sys::SharedLibrary;
use thiserror::Error;

/// The oldest libclang that tells which operator an expression has.
pub const OLDEST_VERSION: u32 = 17;

/// Why libclang cannot be used.
#[derive(Debug, Error)]
pub enum LoadError {
    /// None was found, or it could not be opened.
    #[error(
        "libclang not found: {0}\nhelp: install it (Debian: apt-get install libclang1-19), or set \
         LIBCLANG_PATH to the directory it is in"
    )]
    NotFound(String),
    /// It lacks functions that are needed.
    #[error(
        "{path} is too old, libclang {OLDEST_VERSION} or later is needed\nhelp: install a newer one \
         (Debian: apt-get install libclang1-19), or set LIBCLANG_PATH to its directory"
    )]
    TooOld {
        /// Where it was found.
        path: PathBuf,
    },
}

/// libclang, loaded.
#[derive(Clone)]
pub struct Library {
    shared: Arc<SharedLibrary>,
}

impl Library {
    /// Finds and loads the newest libclang of the system, or the one in `LIBCLANG_PATH`.
    ///
    /// # Errors
    /// If there is none or it is too old.
    pub fn load() -> Result<Library, LoadError> {
        let loaded = crate::search::with_newest(clang_sys::load_manually);
        let shared = Arc::new(loaded.map_err(LoadError::NotFound)?);
        let library = Library { shared };
        let _loaded = library.enter();
        if !clang_sys::clang_getCursorBinaryOperatorKind::is_loaded() {
            return Err(LoadError::TooOld { path: library.shared.path().to_owned() });
        }
        Ok(library)
    }

    /// The version as libclang describes itself.
    pub fn version(&self) -> String {
        let _loaded = self.enter();
        // SAFETY: the library is loaded in this thread.
        crate::string::take(unsafe { clang_sys::clang_getClangVersion() })
    }

    /// Makes the library the calling thread's; clang-sys keeps the handle per thread.
    pub(crate) fn enter(&self) -> Loaded {
        clang_sys::set_library(Some(Arc::clone(&self.shared)));
        Loaded { not_send: PhantomData }
    }
}

/// Proof that libclang is loaded in the thread that holds it.
pub(crate) struct Loaded {
    not_send: PhantomData<*const ()>,
}

impl Loaded {
    /// Ties a value's auto traits to those of the proof.
    pub(crate) fn marker(&self) -> PhantomData<*const ()> {
        self.not_send
    }
}
