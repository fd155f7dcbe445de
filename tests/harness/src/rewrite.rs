//! Rewriting a case, and comparing the result.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use serde_json::json;
use similar::TextDiff;

use crate::case::Case;
use crate::paths::{rewriter, root};

/// A case after the rewriter has seen it.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// Where the case was copied to: the original sources are in `src`, the rewritten ones in `out`,
    /// generated files are `gates.*`.
    pub directory: PathBuf,
    /// What the rewriter printed, paths of this machine taken out.
    pub messages: String,
    /// Whether it was content.
    pub accepted: bool,
}

/// Name of the generated files.
pub const PREFIX: &str = "gates";

/// Copies the case and runs the rewriter over it.
///
/// # Errors
/// If the rewriter cannot be run, or fails with a bug.
pub fn rewrite(case: &Case, directory: &Path) -> Result<Rewritten> {
    if directory.exists() {
        fs_err::remove_dir_all(directory)?;
    }
    copy(&case.directory.join("src"), &directory.join("src"))?;
    let commands = compile_commands(case, directory);
    fs_err::write(directory.join("compile_commands.json"), serde_json::to_vec_pretty(&commands)?)?;
    let mut command = Command::new(rewriter());
    command
        .current_dir(directory)
        .arg("--root-directory=src")
        .arg("--output-directory=out")
        .arg(format!("--output-prefix={PREFIX}"))
        .args(&case.description.rewriter);
    for dso in case.description.dso.iter().filter(|dso| !dso.prebuilt) {
        command.args(dso.sources.iter().map(|source| format!("src/{source}")));
    }
    let output = command
        .output()
        .with_context(|| format!("cannot run {}; `./x stage` builds it", rewriter().display()))?;
    let messages = without_paths(&output, directory);
    let accepted = match output.status.code() {
        Some(0) => true,
        Some(1) => false,
        status => bail!("the rewriter ended with {status:?}:\n{messages}"),
    };
    Ok(Rewritten { directory: directory.to_owned(), messages, accepted })
}

fn without_paths(output: &Output, directory: &Path) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let directory = directory.to_string_lossy();
    text.replace(&format!("{directory}/"), "").replace(&*directory, ".")
}

/// The compile database, as a build of the guide's kind would record it.
fn compile_commands(case: &Case, directory: &Path) -> serde_json::Value {
    let mut entries = Vec::new();
    for dso in case.description.dso.iter().filter(|dso| !dso.prebuilt) {
        for source in &dso.sources {
            let mut arguments = vec!["gcc".to_owned(), "-c".to_owned(), "-fPIC".to_owned()];
            arguments.extend(include_flags());
            if dso.pkey != 0 {
                arguments.push(format!("-DPKEY={}", dso.pkey));
            }
            arguments.extend(case.description.flags.iter().chain(&dso.flags).cloned());
            arguments.push(format!("src/{source}"));
            entries.push(json!({
                "directory": directory,
                "file": format!("src/{source}"),
                "arguments": arguments,
            }));
        }
    }
    serde_json::Value::Array(entries)
}

/// `-I` flags for our headers.
pub fn include_flags() -> Vec<String> {
    ["runtime/libia2/include", "runtime/partition-alloc/include"]
        .iter()
        .map(|path| format!("-I{}", root().join(path).display()))
        .collect()
}

/// Compares the rewritten tree and the generated header and linker arguments with `expected/`, or
/// writes them there if `UPDATE_EXPECT` is set.
///
/// # Errors
/// The differences.
pub fn compare(case: &Case, rewritten: &Rewritten) -> Result<()> {
    let expected_directory = case.directory.join("expected");
    let mut found = BTreeMap::new();
    if rewritten.accepted {
        collect(&rewritten.directory.join("out"), Path::new(""), &mut found)?;
        for entry in fs_err::read_dir(&rewritten.directory)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // The assembly is compared in the crate that makes it.
            if name.starts_with(PREFIX) && !name.ends_with(".c") {
                found.insert(name, fs_err::read_to_string(&path)?);
            }
        }
    }
    if !rewritten.messages.is_empty() {
        found.insert("stderr".to_owned(), rewritten.messages.clone());
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        if expected_directory.exists() {
            fs_err::remove_dir_all(&expected_directory)?;
        }
        for (name, text) in &found {
            let path = expected_directory.join(name);
            fs_err::create_dir_all(path.parent().context("a file has a directory")?)?;
            fs_err::write(path, text)?;
        }
        return Ok(());
    }
    let mut expected = BTreeMap::new();
    collect(&expected_directory, Path::new(""), &mut expected)?;
    let mut differences = String::new();
    for name in found.keys().chain(expected.keys()).collect::<std::collections::BTreeSet<_>>() {
        let empty = String::new();
        let (old, new) = (expected.get(name).unwrap_or(&empty), found.get(name).unwrap_or(&empty));
        if old != new {
            let diff = TextDiff::from_lines(old, new);
            let header = (format!("expected/{name}"), format!("now/{name}"));
            let mut unified = diff.unified_diff();
            differences.push_str(&unified.header(&header.0, &header.1).to_string());
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    bail!("{differences}\nUPDATE_EXPECT=1 makes this the expected result")
}

fn collect(root: &Path, below: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    let directory = root.join(below);
    if !directory.exists() {
        return Ok(());
    }
    for entry in fs_err::read_dir(&directory)? {
        let entry = entry?;
        let name = below.join(entry.file_name());
        // What is for later runs and for builds names paths of this machine.
        if entry.file_name() == ".ia2-rewriter" || entry.file_name() == "compile_commands.json" {
            continue;
        }
        if entry.path().is_dir() {
            collect(root, &name, files)?;
        } else {
            let text = String::from_utf8_lossy(&fs_err::read(entry.path())?).into_owned();
            files.insert(name.to_string_lossy().into_owned(), text);
        }
    }
    Ok(())
}

/// Copies a directory.
///
/// # Errors
/// Those of the file system.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs_err::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
