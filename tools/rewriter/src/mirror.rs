//! Copies of sources and headers for the preprocessor: they may hold marks, and texts that are not on disk.

use std::collections::BTreeMap;
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::{Diagnostic, SourcePath};
use rewrite::edits::text_start;
use rewrite::facts::Facts;
use rewrite::inline::Overlay;

use crate::expand::{Uses, current};

/// Copies of a unit's files below the root.
pub(crate) struct Mirror {
    directory: tempfile::TempDir,
}

impl Mirror {
    pub(crate) fn new(
        root: &Utf8Path,
        facts: &Facts,
        main: &str,
        overlay: &Overlay,
        text: &dyn Fn(&SourcePath) -> Option<Vec<u8>>,
    ) -> std::io::Result<Mirror> {
        let mirror = Mirror { directory: tempfile::tempdir()? };
        for file in &facts.files {
            let path = mirror.path(root, file);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            let known = text(file).or_else(|| overlay.text(file).map(<[u8]>::to_vec));
            let text = match known {
                Some(text) => text,
                None => std::fs::read(file.as_path())?,
            };
            // A line marker, so that `__FILE__` is what it is without copies.
            let name = if *file == facts.source { main } else { file.as_path().as_str() };
            let name = name.replace('\\', "\\\\").replace('"', "\\\"");
            let mut marked = format!("# 1 \"{name}\"\n").into_bytes();
            // Behind it a byte order mark would be text.
            marked.extend_from_slice(&text[text_start(&text)..]);
            std::fs::write(&path, marked)?;
        }
        Ok(mirror)
    }

    /// Where the copy of a file is.
    pub(crate) fn path(&self, root: &Utf8Path, file: &SourcePath) -> Utf8PathBuf {
        self.below(file.as_path().strip_prefix(root).unwrap_or(file.as_path()))
    }

    /// The copy of a file or directory below the root.
    pub(crate) fn copy(&self, root: &Utf8Path, path: &Utf8Path) -> Option<Utf8PathBuf> {
        let copy = self.below(path.strip_prefix(root).ok()?);
        copy.exists().then_some(copy)
    }

    fn below(&self, relative: &Utf8Path) -> Utf8PathBuf {
        let directory = self.directory.path().to_string_lossy().into_owned();
        Utf8PathBuf::from(directory).join("root").join(relative)
    }
}

/// Puts words around uses, given the text, their ranges and the number of the first one.
pub(crate) type Mark = fn(&[u8], &[Range<u32>], usize) -> Vec<u8>;

/// The texts of files with words around the uses, which are numbered.
pub(crate) fn marked(
    uses: &Uses<'_>,
    overlay: &Overlay,
    mark: Mark,
) -> Result<BTreeMap<SourcePath, Vec<u8>>, Vec<Diagnostic>> {
    let mut marked = BTreeMap::new();
    let mut count = 0;
    for (file, list) in uses {
        let ranges: Vec<Range<u32>> = list.iter().map(|(range, _)| range.clone()).collect();
        marked.insert(file.clone(), mark(&current(overlay, file)?, &ranges, count));
        count += ranges.len();
    }
    Ok(marked)
}
