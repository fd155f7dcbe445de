//! The files of a translation unit: which may be edited, their text and tokens.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use clang::{FileId, Unit};
use diagnostics::{SourcePath, Span};

use crate::line_markers::{LineMarkers, is_invented};
use crate::token::{Token, Trigraphs, tokens};

/// Makes a path canonical, as far as the file exists.
pub type Canonical<'a> = &'a dyn Fn(&Path) -> Utf8PathBuf;

/// What the text of a source is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// What people write.
    Source,
    /// What the preprocessor makes of that: line markers say where each line comes from.
    Preprocessed,
}

/// The files of one unit.
pub(crate) struct Files<'u> {
    unit: &'u Unit,
    root: &'u Utf8Path,
    canonical: Canonical<'u>,
    form: Form,
    trigraphs: Trigraphs,
    /// By number.
    known: RefCell<Vec<Option<Rc<File<'u>>>>>,
}

/// A file of the unit.
pub(crate) struct File<'u> {
    /// Canonical path.
    pub(crate) path: SourcePath,
    editable: Editable,
    text: &'u [u8],
    trigraphs: Trigraphs,
    tokens: OnceCell<Vec<Token>>,
}

/// Which parts of a file may be edited.
enum Editable {
    /// All of it: it lies below the root.
    All,
    /// Nothing.
    Nothing,
    /// Of preprocessed text, what comes from files below the root: offsets where parts begin, and
    /// whether they may be.
    Parts(Vec<(u32, bool)>),
}

impl<'u> Files<'u> {
    pub(crate) fn new(
        unit: &'u Unit,
        root: &'u Utf8Path,
        canonical: Canonical<'u>,
        form: Form,
        trigraphs: Trigraphs,
    ) -> Files<'u> {
        Files { unit, root, canonical, form, trigraphs, known: RefCell::default() }
    }

    /// What is known about a file.
    pub(crate) fn get(&self, id: FileId) -> Rc<File<'u>> {
        let index = id.0 as usize;
        if let Some(Some(file)) = self.known.borrow().get(index) {
            return Rc::clone(file);
        }
        let path = (self.canonical)(&self.unit.path(id));
        let text = self.unit.contents(id);
        let editable = match self.form {
            _ if !path.starts_with(self.root) => Editable::Nothing,
            Form::Source => Editable::All,
            Form::Preprocessed => self.editable_parts(text),
        };
        let file = Rc::new(File {
            editable,
            path: SourcePath::new(path),
            text,
            trigraphs: self.trigraphs,
            tokens: OnceCell::new(),
        });
        let mut known = self.known.borrow_mut();
        let length = known.len().max(index + 1);
        known.resize(length, None);
        known[index] = Some(Rc::clone(&file));
        file
    }

    /// The parts of preprocessed text that come from files below the root. Without line markers, all
    /// of it does.
    fn editable_parts(&self, text: &[u8]) -> Editable {
        let markers = LineMarkers::of(text);
        if markers.is_empty() {
            return Editable::All;
        }
        let parts = markers.parts().map(|(start, name)| {
            let is_below = || self.canonical_of(&markers, name).starts_with(self.root);
            (start, !is_invented(name) && is_below())
        });
        Editable::Parts(parts.collect())
    }

    /// The canonical path of a file that a line marker names.
    fn canonical_of(&self, markers: &LineMarkers, name: &str) -> Utf8PathBuf {
        let directory = Path::new(markers.directory().unwrap_or_default());
        (self.canonical)(&directory.join(name))
    }

    /// The file that a preprocessed source is made of.
    pub(crate) fn preprocessed(&self, id: FileId) -> Option<Utf8PathBuf> {
        let markers = LineMarkers::of(self.get(id).text());
        Some(self.canonical_of(&markers, markers.main_file()?))
    }

    /// Whether the text at this point may be edited.
    pub(crate) fn is_editable(&self, point: clang::Point) -> bool {
        self.get(point.file).is_editable_at(point.offset)
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

impl<'u> File<'u> {
    /// Whether some of it may be edited.
    pub(crate) fn is_editable(&self) -> bool {
        !matches!(self.editable, Editable::Nothing)
    }

    /// Whether what is written at an offset may be edited.
    pub(crate) fn is_editable_at(&self, offset: u32) -> bool {
        match &self.editable {
            Editable::All => true,
            Editable::Nothing => false,
            Editable::Parts(parts) => {
                let index = parts.partition_point(|(start, _)| *start <= offset);
                index.checked_sub(1).is_some_and(|index| parts[index].1)
            }
        }
    }

    /// The text as the compiler read it.
    pub(crate) fn text(&self) -> &'u [u8] {
        self.text
    }

    /// All tokens of the text.
    pub(crate) fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tokens(self.text, self.trigraphs))
    }

    /// Index of the token that begins at this offset, or of the first one behind it.
    pub(crate) fn token_at(&self, offset: u32) -> usize {
        self.tokens().partition_point(|token| token.range.start < offset)
    }
}
