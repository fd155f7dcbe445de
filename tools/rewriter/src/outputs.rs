//! Writing: all files or none, and none that would not change.

use std::collections::BTreeMap;
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use compdb::paths::{Disk, canonical};
use diagnostics::{Diagnostic, SourcePath, Span, codes};
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
    let prepared = files
        .iter()
        .filter(|(path, text)| std::fs::read(path).ok().as_ref() != Some(text))
        .map(|(path, text)| prepare(path, text).map(|file| (path, file)))
        .collect::<Result<Vec<_>, _>>()?;
    for (path, file) in prepared {
        file.persist(path).map_err(|error| vec![unwritable(path, &error.error)])?;
    }
    // Linker arguments of an earlier run that no longer apply.
    for number in 0..=15u8 {
        let is_current = linker.keys().any(|pkey| pkey.number() == number);
        let path = suffixed(&prefix, &format!("_{number}.ld"));
        if !is_current && path.exists() {
            std::fs::remove_file(&path).map_err(|error| vec![unwritable(&path, &error)])?;
        }
    }
    Ok(())
}

fn suffixed(prefix: &Utf8Path, suffix: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("{prefix}{suffix}"))
}

/// A complete file beside the one it will replace.
fn prepare(path: &Utf8Path, text: &[u8]) -> Result<NamedTempFile, Vec<Diagnostic>> {
    let directory =
        path.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let write = || {
        fs_err::create_dir_all(directory)?;
        let mut builder = tempfile::Builder::new();
        // As a program that simply creates the file would leave it.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.prefix(".ia2-rewriter").tempfile_in(directory)?;
        file.write_all(text)?;
        file.flush()?;
        Ok(file)
    };
    write().map_err(|error: std::io::Error| vec![unwritable(path, &error)])
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
