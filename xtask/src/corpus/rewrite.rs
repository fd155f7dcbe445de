//! Running the rewriter, at once and in steps.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;

use super::forms::Form;
use crate::command::quiet;
use crate::program::flags;
use crate::program::tree::Program;
use crate::program::unit::Unit;
use crate::workspace::root;

/// What the generated files are called.
const PREFIX: &str = "gates";

/// Words that edits consist of, and what they are counted as.
const WORDS: [(&str, &str); 7] = [
    ("struct IA2_fnptr_", "types"),
    ("IA2_CALL(", "calls"),
    ("IA2_FN(", "function names"),
    ("IA2_FN_ADDR(", "addresses of functions"),
    ("IA2_ADDR(", "tests and comparisons"),
    ("IA2_OPAQUE(", "null pointers and conversions"),
    ("IA2_CAST", "casts"),
];

/// A program that was rewritten.
pub(super) struct Rewritten {
    /// Compile database, generated files and rewritten files.
    pub(super) folder: Utf8PathBuf,
    root: Utf8PathBuf,
    /// The units of each shared object, before they were rewritten.
    pub(super) parts: Vec<Vec<Unit>>,
}

impl Rewritten {
    /// Rewrites a program in this form.
    pub(super) fn new(program: &Program<'_>, form: &Form) -> Result<Rewritten> {
        let parts = form.units(program)?;
        let folder = program.folder.join(form.folder());
        fs_err::create_dir_all(&folder)?;
        let mut rewritten = Rewritten { folder, root: program.root(), parts };
        rewritten.write_database()?;
        let sources = rewritten.sources();
        quiet(rewritten.rewriter("out").args(sources))?;
        Ok(rewritten)
    }

    fn sources(&self) -> Vec<Utf8PathBuf> {
        let mut sources: Vec<_> =
            self.parts.iter().flatten().map(|unit| unit.source.clone()).collect();
        sources.sort();
        sources.dedup();
        sources
    }

    /// The compile database. Objects are named by the unit's number, which finds the command again.
    fn write_database(&mut self) -> Result<()> {
        let units = self.parts.iter().flatten().enumerate();
        let database: Vec<_> = units
            .map(|(number, unit)| {
                let mut arguments = unit.arguments.clone();
                let added = flags::headers().into_iter().chain(["-DPKEY=1".to_owned()]);
                arguments.splice(1..1, added);
                arguments.extend(["-o".to_owned(), format!("{}/{number}.o", self.folder)]);
                json!({ "directory": unit.directory, "file": unit.source, "arguments": arguments })
            })
            .collect();
        let path = self.folder.join("compile_commands.json");
        fs_err::write(path, serde_json::to_vec_pretty(&database)?)?;
        Ok(())
    }

    /// The rewriter's command without sources; it runs in the folder.
    fn rewriter(&self, output: &str) -> Command {
        let mut command = Command::new(root().join("build/tools/rewriter/ia2-rewriter"));
        command
            .current_dir(&self.folder)
            .args(["--opaque=all", "--no-cache", "-p", "."])
            .arg(format!("--root-directory={}", self.root))
            .arg(format!("--output-directory={output}"))
            .arg(format!("--output-prefix={output}/{PREFIX}"));
        command
    }

    /// Reads each source by a process of its own, links their facts, and compares what comes out.
    pub(super) fn check_linked_facts(&self) -> Result<()> {
        let folder = self.folder.join("facts");
        fs_err::create_dir_all(&folder)?;
        let mut files = Vec::new();
        for (number, source) in self.sources().iter().enumerate() {
            let file = folder.join(format!("{number}.facts"));
            quiet(self.rewriter("linked").arg(format!("--emit-facts={file}")).arg(source))?;
            files.push(file);
        }
        quiet(self.rewriter("linked").arg("--link-facts").args(&files))?;
        let [mut one, mut other] = ["out", "linked"].map(|output| self.folder.join(output));
        let (one, other) = (contents(&mut one)?, contents(&mut other)?);
        let names = one.keys().chain(other.keys());
        let differing: Vec<_> = names.filter(|name| one.get(*name) != other.get(*name)).collect();
        ensure!(
            differing.is_empty(),
            "facts from processes of their own give other files: {differing:?}"
        );
        Ok(())
    }

    /// How many edits were made, by what they are. None at all is an error.
    pub(super) fn counts(&self) -> Result<String> {
        let mut counts = [0; WORDS.len()];
        let mut files = 0;
        let mut output = self.folder.join("out");
        for (name, text) in contents(&mut output)? {
            let original = fs_err::read(self.root.join(&name)).unwrap_or_default();
            if name.starts_with(PREFIX) || text == original {
                continue;
            }
            files += 1;
            let (text, original) =
                (String::from_utf8_lossy(&text), String::from_utf8_lossy(&original));
            for (count, (word, _)) in counts.iter_mut().zip(WORDS) {
                *count += text.matches(word).count() - original.matches(word).count();
            }
        }
        let sum: usize = counts.iter().sum();
        ensure!(sum > 0 && files > 0, "nothing was rewritten");
        let mut line = format!("{sum} edits in {files} files");
        for (count, (_, what)) in counts.iter().zip(WORDS).filter(|(count, _)| **count > 0) {
            write!(line, ", {count} {what}")?;
        }
        Ok(line)
    }

    /// The commands of the rewritten units, in the order of the parts' units.
    pub(super) fn commands(&self) -> Result<Vec<(Utf8PathBuf, Vec<String>)>> {
        let text = fs_err::read(self.folder.join("out/compile_commands.json"))?;
        let entries: Vec<serde_json::Value> = serde_json::from_slice(&text)?;
        let mut commands = BTreeMap::new();
        for entry in &entries {
            let directory = entry["directory"].as_str().context("no directory")?;
            let words = entry["arguments"].as_array().context("no arguments")?;
            let words = words.iter().map(|word| word.as_str().map(str::to_owned));
            let mut words: Vec<String> = words.collect::<Option<_>>().context("no words")?;
            let object = words.pop().context("no object")?;
            words.pop();
            let number = Utf8Path::new(&object).file_stem().and_then(|stem| stem.parse().ok());
            let number: usize = number.with_context(|| format!("an object {object}"))?;
            commands.insert(number, (Utf8PathBuf::from(directory), words));
        }
        Ok(commands.into_values().collect())
    }
}

/// The files below a folder that depend on nothing but what is rewritten.
fn contents(folder: &mut Utf8PathBuf) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    collect(folder.as_std_path(), "", &mut files)?;
    Ok(files)
}

fn collect(folder: &Path, below: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == ".ia2-rewriter" || name == "compile_commands.json" {
            continue;
        }
        let path = format!("{below}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, fs_err::read(entry.path())?);
        }
    }
    Ok(())
}
