//! Writing: all files or none, and none that would not change.

use std::collections::BTreeMap;
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use compdb::paths::{Disk, canonical};
use diagnostics::{Diagnostic, SourcePath, Span, codes};
use pkru::Pkey;
use rewrite::generated;
use rewrite::plan::Plan;
use tempfile::NamedTempFile;

use crate::options::Arguments;
use crate::read::Input;

/// Writes rewritten and generated files.
pub(crate) fn write(
    plan: &Plan,
    input: &Input,
    arguments: &Arguments,
) -> Result<(), Vec<Diagnostic>> {
    let current = Utf8PathBuf::try_from(std::env::current_dir().unwrap_or_default())
        .unwrap_or_else(|_| Utf8PathBuf::from("."));
    let output = canonical(&Disk, &current, &arguments.output_directory);
    let prefix = canonical(&Disk, &current, &arguments.output_prefix);
    let mut files: BTreeMap<Utf8PathBuf, Vec<u8>> = BTreeMap::new();
    let mut errors = Vec::new();
    for (source, edits) in &plan.files {
        let path = source.as_path();
        let Ok(relative) = path.strip_prefix(&input.root) else { continue };
        let original = match std::fs::read(path) {
            Ok(original) => original,
            Err(error) => {
                let message = format!("cannot read {path}: {error}");
                errors.push(Diagnostic::error(codes::SOURCE_UNREADABLE, message));
                continue;
            }
        };
        match edits.apply(&original) {
            Ok(text) => {
                files.insert(output.join(relative), text);
            }
            Err(conflict) => errors.push(conflicting(source, &conflict)),
        }
    }
    files.insert(suffixed(&prefix, ".c"), generated::gates(plan).into_bytes());
    files.insert(suffixed(&prefix, ".h"), generated::header(plan).into_bytes());
    let linker = generated::linker_arguments(plan);
    for (pkey, text) in &linker {
        files.insert(suffixed(&prefix, &format!("_{pkey}.ld")), text.clone().into_bytes());
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    // Linker arguments of an earlier run that no longer apply.
    let outdated: Vec<Utf8PathBuf> = Pkey::all()
        .filter(|pkey| !linker.contains_key(pkey))
        .map(|pkey| suffixed(&prefix, &format!("_{pkey}.ld")))
        .filter(|path| path.is_file())
        .collect();
    replace(&files, &outdated)
}

fn suffixed(prefix: &Utf8Path, suffix: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("{prefix}{suffix}"))
}

/// Writes all files that are different, and removes others.
fn replace(
    files: &BTreeMap<Utf8PathBuf, Vec<u8>>,
    outdated: &[Utf8PathBuf],
) -> Result<(), Vec<Diagnostic>> {
    let mut directories = NewDirectories::default();
    let mut prepared = Vec::new();
    for (path, text) in files {
        if std::fs::read(path).is_ok_and(|old| old == *text) {
            continue;
        }
        let file = prepare(path, text, &mut directories)
            .map_err(|error| vec![unwritable(path, &error)])?;
        prepared.push((path, file));
    }
    // Everything is on disk under other names, in directories that can be written: what is left does
    // not fail for a reason that a user can give.
    for (path, file) in prepared {
        file.persist(path).map_err(|error| vec![unwritable(path, &error.error)])?;
    }
    directories.0.clear();
    for path in outdated {
        std::fs::remove_file(path).map_err(|error| vec![unwritable(path, &error)])?;
    }
    Ok(())
}

/// A complete file beside the one it will replace.
fn prepare(
    path: &Utf8Path,
    text: &[u8],
    directories: &mut NewDirectories,
) -> std::io::Result<NamedTempFile> {
    if path.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let directory =
        path.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    directories.create(directory)?;
    // As a program that simply creates the file would leave it.
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    let mut builder = tempfile::Builder::new();
    let mut file =
        builder.permissions(permissions).prefix(".ia2-rewriter").tempfile_in(directory)?;
    file.write_all(text)?;
    file.flush()?;
    Ok(file)
}

/// Directories that were created, each after the one it is in. Removed again if they stay empty.
#[derive(Default)]
struct NewDirectories(Vec<Utf8PathBuf>);

impl NewDirectories {
    fn create(&mut self, directory: &Utf8Path) -> std::io::Result<()> {
        let missing: Vec<&Utf8Path> =
            directory.ancestors().take_while(|directory| !directory.is_dir()).collect();
        for directory in missing.into_iter().rev() {
            fs_err::create_dir(directory)?;
            self.0.push(directory.to_owned());
        }
        Ok(())
    }
}

impl Drop for NewDirectories {
    fn drop(&mut self) {
        for directory in self.0.iter().rev() {
            // Not empty: then it is in use.
            let _ = std::fs::remove_dir(directory);
        }
    }
}

fn unwritable(path: &Utf8Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(codes::OUTPUT_UNWRITABLE, format!("cannot write {path}: {error}"))
        .help("name an output directory and prefix that can be written")
}

fn conflicting(source: &SourcePath, conflict: &rewrite::edits::Conflict) -> Diagnostic {
    let span = |range: &std::ops::Range<u32>| Span::new(source.clone(), range.clone());
    Diagnostic::error(codes::CONFLICTING_EDITS, "two changes of this file cannot both be made")
        .at_labelled(span(&conflict.first.0), format!("becomes `{}`", conflict.first.1))
        .also(span(&conflict.second.0), format!("becomes `{}`", conflict.second.1))
}
