//! What tells static functions from their namesakes, in symbols.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use diagnostics::SourcePath;

use crate::facts::{Facts, Function, Linkage};

/// A word for each file that declares static functions.
#[derive(Default)]
pub(crate) struct Scopes(BTreeMap<SourcePath, String>);

impl Scopes {
    /// The words: paths below the root, as identifiers. A number follows where two paths would be the
    /// same, or where the word and the name of a static function could be the name of another one.
    pub(super) fn new(units: &[Facts], root: &Utf8Path) -> Scopes {
        let functions = || units.iter().flat_map(|unit| &unit.functions);
        let is_static = |entry: &&Function| entry.linkage == Linkage::Static;
        let files: BTreeSet<&SourcePath> =
            functions().filter(is_static).map(|entry| &entry.declared.file).collect();
        let names: BTreeSet<&str> = functions().map(|entry| entry.name.as_str()).collect();
        let is_prefix = |word: &str| {
            let prefix = format!("{word}_");
            let next = names.range(prefix.as_str()..).next();
            next.is_some_and(|name| name.starts_with(&prefix))
        };
        let mut scopes = BTreeMap::new();
        let mut used = BTreeSet::new();
        for file in files {
            let plain = identifier(root, file);
            let numbered = (2..).map(|number| format!("{plain}_{number}"));
            let word = std::iter::once(plain.clone())
                .chain(numbered)
                .find(|word| !used.contains(word) && !is_prefix(word))
                .expect("there are numbers enough");
            used.insert(word.clone());
            scopes.insert(file.clone(), word);
        }
        Scopes(scopes)
    }

    /// The word of a static function's file; nothing for other functions.
    pub(crate) fn of(&self, entry: &Function) -> &str {
        match entry.linkage {
            Linkage::External => "",
            Linkage::Static => &self.0[&entry.declared.file],
        }
    }
}

fn identifier(root: &Utf8Path, file: &SourcePath) -> String {
    let path = file.as_path();
    let relative = path.strip_prefix(root).unwrap_or(path);
    relative.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
