//! The files of a translation unit: which may be edited, their text and tokens.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use clang::{FileId, Unit};
use diagnostics::{SourcePath, Span};

use crate::token::{Token, tokens};

/// Makes a path canonical, as far as the file exists.
pub type Canonical<'a> = &'a dyn Fn(&Path) -> Utf8PathBuf;

/// The files of one unit.
pub(crate) struct Files<'u> {
    unit: &'u Unit,
    root: &'u Utf8Path,
    canonical: Canonical<'u>,
    /// By number.
    known: RefCell<Vec<Option<Rc<File>>>>,
}

/// A file of the unit.
pub(crate) struct File {
    /// Canonical path.
    pub(crate) path: SourcePath,
    /// Whether it lies below the root.
    pub(crate) is_editable: bool,
    text: Vec<u8>,
    tokens: OnceCell<Vec<Token>>,
}

impl<'u> Files<'u> {
    pub(crate) fn new(unit: &'u Unit, root: &'u Utf8Path, canonical: Canonical<'u>) -> Files<'u> {
        Files { unit, root, canonical, known: RefCell::default() }
    }

    /// What is known about a file.
    pub(crate) fn get(&self, id: FileId) -> Rc<File> {
        let index = id.0 as usize;
        if let Some(Some(file)) = self.known.borrow().get(index) {
            return Rc::clone(file);
        }
        let path = (self.canonical)(&self.unit.path(id));
        let file = Rc::new(File {
            is_editable: path.starts_with(self.root),
            path: SourcePath::new(path),
            text: self.unit.contents(id).to_vec(),
            tokens: OnceCell::new(),
        });
        let mut known = self.known.borrow_mut();
        let length = known.len().max(index + 1);
        known.resize(length, None);
        known[index] = Some(Rc::clone(&file));
        file
    }

    /// The canonical form of a path that a file names relative to itself.
    pub(crate) fn beside(&self, file: FileId, relative: &str) -> Option<Utf8PathBuf> {
        let directory = self.unit.path(file).parent()?.to_owned();
        Some((self.canonical)(&directory.join(relative)))
    }

    /// A span of a file, as diagnostics and facts name it.
    pub(crate) fn span(&self, file: FileId, range: Range<u32>) -> Span {
        Span::new(self.get(file).path.clone(), range)
    }
}

impl File {
    /// The text as the compiler read it.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// All tokens of the text.
    pub(crate) fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tokens(&self.text))
    }

    /// Index of the token that begins at this offset, or of the first one behind it.
    pub(crate) fn token_at(&self, offset: u32) -> usize {
        self.tokens().partition_point(|token| token.range.start < offset)
    }
}
