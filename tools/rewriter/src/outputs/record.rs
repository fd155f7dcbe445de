//! What earlier runs wrote: kept below the output directory, so that a later run knows which of the
//! files there somebody changed by hand.
//!
//! ```text
//! O/.ia2-rewriter/record.json         every file written, with the hash of its text
//! O/.ia2-rewriter/texts/<hash>        the texts as they were generated
//! O/.ia2-rewriter/patches/<path>.patch   changes made by hand that are made again on each run
//! ```
//! Names of texts have no ending, so that no build that collects sources takes them for some.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::{Diagnostic, codes};
use diffy::Patch;
use serde::{Deserialize, Serialize};

use super::by_hand::{Decision, made_from};
use super::commit::Transaction;
use super::targets::Target;
use super::{Places, unwritable};
use crate::texts::Hash;

/// Directory below the output directory.
pub(crate) const DIRECTORY: &str = ".ia2-rewriter";

/// Written into each record; a record of another format is not understood.
const FORMAT: u32 = 1;

/// What is known of earlier runs, and what this one will leave.
pub(crate) struct State {
    output: Utf8PathBuf,
    /// Name of this run among those with the same output directory: its prefix.
    run: String,
    old: Record,
    new: Run,
    patches: BTreeMap<Utf8PathBuf, Vec<u8>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    format: u32,
    /// By prefix: programs may share an output directory.
    runs: BTreeMap<String, Run>,
}

type Run = BTreeMap<String, Written>;

/// A file that was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// Hashes that the file may have: one, or two if a run was cut off while it renamed.
    hashes: Vec<String>,
    /// Hash of the text without any patch.
    generated: String,
}

impl State {
    /// Reads what earlier runs left.
    pub(crate) fn load(places: &Places) -> Result<State, Diagnostic> {
        let directory = places.output.join(DIRECTORY);
        let path = directory.join("record.json");
        let old = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<Record>(&bytes)
                .ok()
                .filter(|record| record.format == FORMAT)
                .ok_or_else(|| unusable(&path))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Record::default(),
            Err(error) => return Err(unwritable(&path, &error)),
        };
        let mut patches = BTreeMap::new();
        read_patches(&directory.join("patches"), Utf8Path::new(""), &mut patches)
            .map_err(|error| unwritable(&directory.join("patches"), &error))?;
        let mut state = State {
            output: places.output.clone(),
            run: String::new(),
            old,
            new: Run::new(),
            patches,
        };
        state.run = state.key(&places.prefix);
        Ok(state)
    }

    /// A file's name in the record: relative to the output directory if it lies there, so that a tree
    /// may be moved.
    fn key(&self, path: &Utf8Path) -> String {
        path.strip_prefix(&self.output).unwrap_or(path).to_string()
    }

    fn known(&self, path: &Utf8Path) -> impl Iterator<Item = &Written> {
        let key = self.key(path);
        self.old.runs.values().filter_map(move |run| run.get(&key))
    }

    /// The prefix of a run that wrote all of these files.
    pub(crate) fn run_that_wrote(&self, files: &[&Utf8Path]) -> Option<Utf8PathBuf> {
        let mut runs = self.old.runs.iter();
        let wrote_all = |run: &Run| files.iter().all(|file| run.contains_key(&self.key(file)));
        let (name, _) = runs.find(|(_, run)| wrote_all(run))?;
        Some(self.output.join(name))
    }

    /// The files that the run with this prefix wrote.
    pub(crate) fn written_by(&self, prefix: &Utf8Path) -> Vec<Utf8PathBuf> {
        let run = self.old.runs.get(&self.key(prefix));
        run.into_iter().flat_map(BTreeMap::keys).map(|key| self.output.join(key)).collect()
    }

    /// Whether an earlier run wrote this file.
    pub(crate) fn has_written(&self, path: &Utf8Path) -> bool {
        self.known(path).next().is_some()
    }

    /// Whether the file has the text that an earlier run gave it.
    pub(crate) fn is_as_written(&self, path: &Utf8Path, text: &[u8]) -> bool {
        let hash = hash(text);
        self.known(path).any(|written| written.hashes.contains(&hash))
    }

    /// The text that was generated for a file the last time, before any patch.
    pub(crate) fn generated(&self, path: &Utf8Path) -> Option<Vec<u8>> {
        let own = self.old.runs.get(&self.run).and_then(|run| run.get(&self.key(path)));
        let written = own.or_else(|| self.known(path).next())?;
        self.text(&written.generated)
    }

    /// A text that was generated once.
    pub(crate) fn text(&self, hash: &str) -> Option<Vec<u8>> {
        let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash { std::fs::read(self.text_path(hash)).ok() } else { None }
    }

    /// The recorded changes of a file.
    pub(crate) fn patch(&self, path: &Utf8Path) -> Option<&[u8]> {
        self.patches.get(&self.patch_name(path)).map(Vec::as_slice)
    }

    /// Where the recorded changes of a file are kept.
    pub(crate) fn patch_path(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.output.join(DIRECTORY).join("patches").join(self.patch_name(path))
    }

    fn patch_name(&self, path: &Utf8Path) -> Utf8PathBuf {
        let key = self.key(path);
        // Generated files may lie elsewhere.
        let key = key.strip_prefix('/').map_or(key.clone(), |rest| format!("outside/{rest}"));
        Utf8PathBuf::from(key + ".patch")
    }

    fn text_path(&self, hash: &str) -> Utf8PathBuf {
        self.output.join(DIRECTORY).join("texts").join(hash)
    }

    /// Takes note of what is decided about a file.
    pub(crate) fn apply(
        &mut self,
        target: &Target,
        decision: Decision,
        transaction: &mut Transaction,
    ) {
        let generated = hash(&target.text);
        let text = self.text_path(&generated);
        if !text.exists() {
            transaction.write(text, Arc::clone(&target.text));
        }
        if let Some(patch) = decision.new_patch {
            transaction.write(self.patch_path(&target.path), Arc::new(patch.clone()));
            self.patches.insert(self.patch_name(&target.path), patch);
        }
        let is_patched = !Arc::ptr_eq(&decision.text, &target.text);
        let own = if is_patched { hash(&decision.text) } else { generated.clone() };
        let written = Written { hashes: vec![own], generated };
        if !decision.is_there {
            transaction.write(target.path.clone(), decision.text);
        }
        self.new.insert(self.key(&target.path), written);
    }

    /// Removes what earlier runs with the same prefix wrote and this one does not, unless it was
    /// changed by hand or belongs to another run as well. Returns warnings about files that stay.
    pub(crate) fn drop_stale(
        &mut self,
        targets: &[Target],
        transaction: &mut Transaction,
    ) -> Vec<Diagnostic> {
        let mut warnings = Vec::new();
        let current: BTreeSet<String> =
            targets.iter().map(|target| self.key(&target.path)).collect();
        let shared = |key: &String| {
            self.old.runs.iter().any(|(name, run)| *name != self.run && run.contains_key(key))
        };
        for key in self.old.runs.get(&self.run).into_iter().flat_map(BTreeMap::keys) {
            if current.contains(key) || shared(key) {
                continue;
            }
            let path = self.output.join(key);
            match std::fs::read(&path) {
                Ok(text) if self.is_as_written(&path, &text) => transaction.remove(path),
                Ok(_) => warnings.push(
                    Diagnostic::warning(
                        codes::STALE_OUTPUT,
                        format!("{path} is no longer written, but was changed by hand: it stays"),
                    )
                    .help("remove it if it is not needed"),
                ),
                Err(_) => {}
            }
        }
        warnings
    }

    /// The record while files are renamed: each may be as it was or as it will be.
    pub(super) fn record_meanwhile(&self) -> Vec<u8> {
        let mut record = self.record_after();
        let old = self.old.runs.get(&self.run).cloned().unwrap_or_default();
        let new = record.runs.entry(self.run.clone()).or_default();
        for (key, written) in old {
            match new.get_mut(&key) {
                Some(new) => new.hashes.extend(written.hashes),
                None => {
                    new.insert(key, written);
                }
            }
        }
        text_of(&record)
    }

    /// The record of a run that has come to its end.
    pub(super) fn record_finally(&self) -> Vec<u8> {
        text_of(&self.record_after())
    }

    fn record_after(&self) -> Record {
        let mut record = Record { format: FORMAT, ..self.old.clone() };
        record.runs.insert(self.run.clone(), self.new.clone());
        record
    }

    pub(super) fn record_path(&self) -> Utf8PathBuf {
        self.output.join(DIRECTORY).join("record.json")
    }

    /// Texts that no run needs any longer.
    pub(super) fn unneeded_texts(&self) -> Vec<Utf8PathBuf> {
        let record = self.record_after();
        let written = record.runs.values().flat_map(BTreeMap::values);
        let mut needed: BTreeSet<String> =
            written.map(|written| written.generated.clone()).collect();
        let patches = self.patches.values().filter_map(|patch| Patch::from_bytes(patch).ok());
        needed.extend(patches.filter_map(|patch| made_from(&patch).map(str::to_owned)));
        let directory = self.output.join(DIRECTORY).join("texts");
        let entries = directory.read_dir_utf8().into_iter().flatten().flatten();
        entries
            .filter(|entry| !needed.contains(entry.file_name()))
            .map(|entry| entry.path().to_owned())
            .collect()
    }
}

fn text_of(record: &Record) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(record).expect("strings only");
    text.push(b'\n');
    text
}

fn hash(text: &[u8]) -> String {
    Hash::of(text).digits()
}

fn read_patches(
    root: &Utf8Path,
    below: &Utf8Path,
    patches: &mut BTreeMap<Utf8PathBuf, Vec<u8>>,
) -> std::io::Result<()> {
    let entries = match root.join(below).read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read_patches(root, &name, patches)?;
        } else if name.extension() == Some("patch") {
            patches.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn unusable(path: &Utf8Path) -> Diagnostic {
    let message = format!("{path}, the record of what was written, cannot be understood");
    Diagnostic::error(codes::OUTPUT_UNWRITABLE, message)
        .note("it was left by another version of ia2-rewriter, or changed")
        .help("move the output directory away, or remove it if nothing in it was changed by hand")
}
