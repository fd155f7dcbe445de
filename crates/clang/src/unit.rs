//! Parsing a translation unit.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{CString, NulError};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clang_sys as sys;
use clang_sys::{CXFile, CXIndex, CXTranslationUnit};
use thiserror::Error;

use crate::calls::Calls;
use crate::string::take;
use crate::tree::Tree;
use crate::{Cursor, FileId, Kind, Library, Location, Point};

/// A parsed translation unit. Belongs to the thread that made it.
pub struct Unit {
    raw: CXTranslationUnit,
    index: CXIndex,
    files: RefCell<Files>,
    tree: Tree,
    library: Library,
    not_send: PhantomData<*const ()>,
}

#[derive(Default)]
struct Files {
    ids: HashMap<CXFile, FileId>,
    paths: Vec<PathBuf>,
    handles: Vec<CXFile>,
    /// What was asked for last, which is most often asked for again.
    last: Option<(CXFile, FileId)>,
}

/// Why a source could not be parsed at all.
#[derive(Debug, Error)]
pub enum ParseError {
    /// An argument contains a zero byte.
    #[error("an argument or file name contains a zero byte")]
    Argument(#[from] NulError),
    /// libclang gave up without a diagnostic.
    #[error("libclang cannot read {path} (error {code})")]
    Failed {
        /// The source.
        path: PathBuf,
        /// A `CXErrorCode`.
        code: i32,
    },
}

/// How bad a message of the compiler is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Severity {
    Ignored,
    Note,
    Warning,
    Error,
    Fatal,
}

/// An `#include`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inclusion {
    /// The name in the directive.
    pub spelled: String,
    /// The directive.
    pub from: Point,
    /// What it included.
    pub file: FileId,
}

/// A message of the compiler.
#[derive(Clone, Debug)]
pub struct Message {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is, if anywhere.
    pub point: Option<Point>,
    /// What it says.
    pub text: String,
}

impl Unit {
    /// Parses a source with a compiler's arguments, which must not name the source.
    ///
    /// Errors *in* the source do not make this fail; see [`Unit::messages`].
    ///
    /// # Errors
    /// If libclang cannot even begin.
    pub fn parse(
        library: &Library,
        source: &Path,
        arguments: &[String],
    ) -> Result<Unit, ParseError> {
        Unit::parse_with_texts(library, source, arguments, &[])
    }

    /// Parses a source as [`Unit::parse`] does, with texts in the place of some files' contents.
    ///
    /// # Errors
    /// If libclang cannot even begin.
    pub fn parse_with_texts(
        library: &Library,
        source: &Path,
        arguments: &[String],
        texts: &[(&Path, &[u8])],
    ) -> Result<Unit, ParseError> {
        let loaded = library.enter();
        let names: Vec<CString> = texts
            .iter()
            .map(|(path, _)| CString::new(path.as_os_str().as_encoded_bytes()))
            .collect::<Result<_, _>>()?;
        let mut unsaved: Vec<sys::CXUnsavedFile> = names
            .iter()
            .zip(texts)
            .map(|(name, (_, text))| sys::CXUnsavedFile {
                Filename: name.as_ptr(),
                Contents: text.as_ptr().cast(),
                Length: text.len() as std::ffi::c_ulong,
            })
            .collect();
        let arguments: Vec<CString> = arguments
            .iter()
            .map(|argument| CString::new(argument.as_str()))
            .collect::<Result<_, _>>()?;
        let pointers: Vec<_> = arguments.iter().map(|argument| argument.as_ptr()).collect();
        let path = CString::new(source.as_os_str().as_encoded_bytes())?;
        let options = sys::CXTranslationUnit_DetailedPreprocessingRecord;
        let mut raw = std::ptr::null_mut();
        // SAFETY: libclang is loaded; all pointers live through the call.
        let (index, code) = unsafe {
            let index = sys::clang_createIndex(0, 0);
            let code = sys::clang_parseTranslationUnit2(
                index,
                path.as_ptr(),
                pointers.as_ptr(),
                i32::try_from(pointers.len()).expect("fewer than 2^31 arguments"),
                unsaved.as_mut_ptr(),
                u32::try_from(unsaved.len()).expect("fewer than 2^32 texts"),
                options,
                &raw mut raw,
            );
            (index, code)
        };
        if code != sys::CXError_Success || raw.is_null() {
            // SAFETY: no unit was made from the index.
            unsafe { sys::clang_disposeIndex(index) };
            return Err(ParseError::Failed { path: source.to_owned(), code });
        }
        Ok(Unit {
            raw,
            index,
            files: RefCell::default(),
            tree: Tree::default(),
            library: library.clone(),
            not_send: loaded.marker(),
        })
    }

    /// The root of the syntax tree; its children are declarations and preprocessor entities.
    pub fn root(&self) -> Cursor<'_> {
        // SAFETY: the unit is valid.
        let raw = unsafe { sys::clang_getTranslationUnitCursor(self.raw) };
        Cursor::new(raw, self).expect("every unit has a root")
    }

    /// Functions of libclang, which stays loaded as long as the unit.
    #[inline]
    pub(crate) fn calls(&self) -> &Calls {
        self.library.calls()
    }

    pub(crate) fn raw(&self) -> CXTranslationUnit {
        self.raw
    }

    #[inline]
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What the compiler has to say.
    pub fn messages(&self) -> Vec<Message> {
        // SAFETY: the unit is valid; each diagnostic is disposed of once.
        unsafe {
            (0..sys::clang_getNumDiagnostics(self.raw))
                .map(|index| {
                    let diagnostic = sys::clang_getDiagnostic(self.raw, index);
                    let severity = match sys::clang_getDiagnosticSeverity(diagnostic) {
                        sys::CXDiagnostic_Ignored => Severity::Ignored,
                        sys::CXDiagnostic_Note => Severity::Note,
                        sys::CXDiagnostic_Warning => Severity::Warning,
                        sys::CXDiagnostic_Error => Severity::Error,
                        _ => Severity::Fatal,
                    };
                    let location = sys::clang_getDiagnosticLocation(diagnostic);
                    let point = Location::new(location, self).file();
                    let text = take(sys::clang_getDiagnosticSpelling(diagnostic));
                    sys::clang_disposeDiagnostic(diagnostic);
                    Message { severity, point, text }
                })
                .collect()
        }
    }

    /// Path of a file, as the compiler opened it.
    pub fn path(&self, file: FileId) -> PathBuf {
        self.files.borrow().paths[file.0 as usize].clone()
    }

    /// All files that places have been asked for so far.
    pub fn files(&self) -> Vec<PathBuf> {
        self.files.borrow().paths.clone()
    }

    /// The main source and every file included, directly or not, each once.
    pub fn included(&self) -> Vec<FileId> {
        let mut once = HashSet::new();
        self.entered().into_iter().filter(|&file| once.insert(file)).collect()
    }

    /// The main source and every file included, directly or not, as often as it was read.
    fn entered(&self) -> Vec<FileId> {
        struct Found<'a>(&'a Unit, Vec<FileId>);
        extern "C" fn visit(
            file: CXFile,
            _stack: *mut sys::CXSourceLocation,
            _depth: u32,
            found: sys::CXClientData,
        ) {
            // SAFETY: the data is the `Found` below.
            let Found(unit, files) = unsafe { &mut *found.cast::<Found<'_>>() };
            files.extend(unit.file_id(file));
        }
        let mut found = Found(self, Vec::new());
        // SAFETY: the unit is valid and the callback matches its data.
        unsafe { sys::clang_getInclusions(self.raw, visit, (&raw mut found).cast()) };
        found.1
    }

    /// Files that were entered more than once, with how often: not those with a guard that the
    /// compiler knows.
    pub fn repeated(&self) -> BTreeMap<FileId, usize> {
        let mut repeated = BTreeMap::new();
        for file in self.entered() {
            *repeated.entry(file).or_default() += 1;
        }
        repeated.retain(|_, &mut times| times > 1);
        repeated
    }

    /// The parts of files that the preprocessor left out, one entry for each time.
    pub fn skipped_each_time(&self) -> Vec<(FileId, Range<u32>)> {
        // SAFETY: the unit is valid.
        let list = unsafe { sys::clang_getAllSkippedRanges(self.raw) };
        self.ranges(list)
    }

    /// The parts of a file that the preprocessor left out.
    pub fn skipped(&self, file: FileId) -> Vec<Range<u32>> {
        let handle = self.files.borrow().handles[file.0 as usize];
        // SAFETY: a file of this unit.
        let list = unsafe { sys::clang_getSkippedRanges(self.raw, handle) };
        self.ranges(list).into_iter().map(|(_, range)| range).collect()
    }

    /// The ranges in a list of this unit, which is disposed of.
    fn ranges(&self, list: *mut sys::CXSourceRangeList) -> Vec<(FileId, Range<u32>)> {
        if list.is_null() {
            return Vec::new();
        }
        // SAFETY: the list is valid until it is disposed of, once; its pointer can be null if it is
        // empty.
        unsafe {
            let count = (*list).count as usize;
            let ranges: &[sys::CXSourceRange] = match count {
                0 => &[],
                _ => std::slice::from_raw_parts((*list).ranges, count),
            };
            let point = |location| Location::new(location, self).file();
            let found = ranges.iter().filter_map(|&range| {
                let start = point(sys::clang_getRangeStart(range))?;
                let end = point(sys::clang_getRangeEnd(range))?;
                (start < end).then_some((start.file, start.offset..end.offset))
            });
            let found = found.collect();
            sys::clang_disposeSourceRangeList(list);
            found
        }
    }

    /// Every `#include` that was carried out.
    pub fn inclusions(&self) -> Vec<Inclusion> {
        let root = self.root().children();
        let directives = root.into_iter().filter(|cursor| cursor.kind() == Kind::Inclusion);
        directives
            .filter_map(|cursor| {
                Some(Inclusion {
                    spelled: cursor.name(),
                    from: cursor.location().file()?,
                    // SAFETY: an inclusion of this unit.
                    file: self.file_id(unsafe { sys::clang_getIncludedFile(cursor.raw) })?,
                })
            })
            .collect()
    }

    /// The files that the command includes, in front of the source: `-include`.
    pub fn included_by_command(&self) -> Vec<FileId> {
        let root = self.root().children();
        let directives = root.into_iter().filter(|cursor| cursor.kind() == Kind::Inclusion);
        directives
            .filter(|cursor| cursor.location().file().is_none())
            // SAFETY: an inclusion of this unit.
            .filter_map(|cursor| self.file_id(unsafe { sys::clang_getIncludedFile(cursor.raw) }))
            .collect()
    }

    /// Contents of a file as the compiler read it.
    pub fn contents(&self, file: FileId) -> &[u8] {
        let handle = self.files.borrow().handles[file.0 as usize];
        let mut size = 0;
        // SAFETY: a file of this unit; the contents live as long as the unit.
        unsafe {
            let text = sys::clang_getFileContents(self.raw, handle, &raw mut size);
            if text.is_null() {
                return &[];
            }
            std::slice::from_raw_parts(text.cast::<u8>(), size)
        }
    }

    /// The number of a file; `None` for no file at all (built-in and command-line text).
    pub(crate) fn file_id(&self, file: CXFile) -> Option<FileId> {
        if file.is_null() {
            return None;
        }
        let mut files = self.files.borrow_mut();
        if let Some((_, id)) = files.last.filter(|(last, _)| *last == file) {
            return Some(id);
        }
        if let Some(&id) = files.ids.get(&file) {
            files.last = Some((file, id));
            return Some(id);
        }
        // SAFETY: a file of this unit.
        let name = take(unsafe { sys::clang_getFileName(file) });
        if name.is_empty() || name.starts_with('<') {
            return None;
        }
        let id = FileId(u32::try_from(files.paths.len()).expect("fewer than 2^32 files"));
        files.ids.insert(file, id);
        files.paths.push(PathBuf::from(name));
        files.handles.push(file);
        Some(id)
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        // SAFETY: nothing borrows from the unit any more; the index goes after it.
        unsafe {
            sys::clang_disposeTranslationUnit(self.raw);
            sys::clang_disposeIndex(self.index);
        }
    }
}
