//! Running the rewriter over a program.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::Result;
use camino::Utf8PathBuf;
use serde_json::json;

use super::flags;
use super::tree::Program;
use crate::command::quiet;
use crate::workspace::root;

/// What the generated files are called, below the folder of the build.
const PREFIX: &str = "gates";

/// What the rewriter generated.
pub(super) struct Generated {
    prefix: Utf8PathBuf,
}

impl Generated {
    /// The source of `libcallgates.so`.
    pub(super) fn gates(&self) -> String {
        format!("{}.c", self.prefix)
    }

    /// The header for every compile command.
    pub(super) fn header(&self) -> String {
        format!("{}.h", self.prefix)
    }

    /// The arguments for the linker, if this compartment has some.
    pub(super) fn link(&self, pkey: u8) -> Option<String> {
        let path = format!("{}_{pkey}.ld", self.prefix);
        Utf8PathBuf::from(&path).exists().then(|| format!("-Wl,@{path}"))
    }
}

/// Rewrites all units of a program.
///
/// # Errors
/// What the rewriter says.
pub(super) fn rewrite(program: &Program<'_>) -> Result<Generated> {
    let mut commands = BTreeSet::new();
    for (dso, units) in &program.parts {
        commands.extend(units.iter().map(|unit| (unit, dso.pkey)));
    }
    let database: Vec<_> = commands
        .iter()
        .map(|(unit, pkey)| {
            let mut arguments = unit.arguments.clone();
            let added = flags::headers().into_iter().chain([format!("-DPKEY={pkey}")]);
            arguments.splice(1..1, added);
            json!({ "directory": unit.directory, "file": unit.source, "arguments": arguments })
        })
        .collect();
    fs_err::create_dir_all(&program.folder)?;
    let path = program.folder.join("compile_commands.json");
    fs_err::write(path, serde_json::to_vec_pretty(&database)?)?;

    let prefix = program.folder.join(PREFIX);
    let mut command = Command::new(root().join("build/tools/rewriter/ia2-rewriter"));
    command
        .arg(format!("--root-directory={}", program.root()))
        .arg(format!("--output-directory={}", program.rewritten()))
        .arg(format!("--output-prefix={prefix}"))
        .arg("-p")
        .arg(&program.folder);
    let sources: BTreeSet<_> = commands.iter().map(|(unit, _)| &unit.source).collect();
    quiet(command.args(sources))?;
    Ok(Generated { prefix })
}
