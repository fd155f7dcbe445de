//! Facts in files of their own: each source may be read by a process of its own, on a machine of its
//! own, and all are linked afterwards.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::{Diagnostic, codes};
use serde::{Deserialize, Serialize};

use crate::outputs::Places;
use crate::read::UnitFacts;

/// The contents of such a file.
#[derive(Serialize, Deserialize)]
struct FactsFile {
    /// [`FORMAT`]
    format: String,
    /// Files below it may be rewritten.
    root: Utf8PathBuf,
    units: Vec<UnitFacts>,
}

/// What the files begin with. Facts are only understood by the version that wrote them.
const FORMAT: &str = concat!("facts of ia2-rewriter ", env!("CARGO_PKG_VERSION"));

/// Writes facts.
pub(crate) fn write(
    path: &Utf8Path,
    units: Vec<UnitFacts>,
    places: &Places,
) -> Result<(), Diagnostic> {
    let file = FactsFile { format: FORMAT.to_owned(), root: places.root.clone(), units };
    let mut text = serde_json::to_vec(&file).expect("facts are data");
    text.push(b'\n');
    if std::fs::read(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let directory = match path.parent() {
        Some(parent) if !parent.as_str().is_empty() => parent,
        _ => Utf8Path::new("."),
    };
    let write = || {
        std::fs::create_dir_all(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(&text)?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    write().map_err(|error: std::io::Error| {
        Diagnostic::error(codes::OUTPUT_UNWRITABLE, format!("cannot write {path}: {error}"))
    })
}

/// Reads the facts in all of these files.
pub(crate) fn read(
    paths: &[Utf8PathBuf],
    places: &Places,
) -> Result<Vec<UnitFacts>, Vec<Diagnostic>> {
    let mut units = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        match read_one(path, places) {
            Ok(more) => units.extend(more),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    // As if all had been read by one process.
    units.sort_by(|a, b| a.commands.cmp(&b.commands));
    units.dedup_by(|a, b| a.commands == b.commands);
    units.iter_mut().enumerate().for_each(|(place, unit)| unit.entry = place);
    Ok(units)
}

fn read_one(path: &Utf8Path, places: &Places) -> Result<Vec<UnitFacts>, Diagnostic> {
    let unusable = |reason: String| {
        Diagnostic::error(codes::FACTS_UNUSABLE, format!("{path} cannot be linked: {reason}"))
            .help("write it again with --emit-facts")
    };
    let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let file: FactsFile =
        serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?;
    if file.format != FORMAT {
        return Err(unusable(format!("it holds {}, not {FORMAT}", file.format)));
    }
    if file.root != places.root {
        let reason = format!("its root directory is {}, not {}", file.root, places.root);
        return Err(unusable(reason));
    }
    Ok(file.units)
}
