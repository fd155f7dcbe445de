//! Loading libclang.

use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;

use clang_sys::SharedLibrary;
use thiserror::Error;

use crate::calls::Calls;

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
    calls: Calls,
}

impl Library {
    /// Finds and loads the newest libclang of the system, or the one in `LIBCLANG_PATH`.
    ///
    /// # Errors
    /// If there is none or it is too old.
    pub fn load() -> Result<Library, LoadError> {
        let loaded = crate::search::with_newest(clang_sys::load_manually);
        let shared = Arc::new(loaded.map_err(LoadError::NotFound)?);
        let too_old = || LoadError::TooOld { path: shared.path().to_owned() };
        let calls = Calls::of(&shared).ok_or_else(too_old)?;
        shared.functions.clang_getCursorBinaryOperatorKind.ok_or_else(too_old)?;
        Ok(Library { shared, calls })
    }

    /// The version as libclang describes itself.
    pub fn version(&self) -> String {
        let _loaded = self.enter();
        // SAFETY: the library is loaded in this thread.
        crate::string::take(unsafe { clang_sys::clang_getClangVersion() })
    }

    /// Gives the system back what units that are gone have used. An allocator keeps that for the
    /// thread that asks next, and each unit is parsed by a thread of its own.
    pub fn release_memory(&self) {
        #[cfg(target_env = "gnu")]
        {
            unsafe extern "C" {
                fn malloc_trim(pad: usize) -> std::ffi::c_int;
            }
            // SAFETY: may be called at any time from any thread (malloc_trim(3)).
            unsafe { malloc_trim(0) };
        }
    }

    /// Functions that are called often.
    pub(crate) fn calls(&self) -> &Calls {
        &self.calls
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
