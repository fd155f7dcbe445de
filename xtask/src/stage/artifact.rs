//! Building packages with cargo and finding what came of them.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Message, TargetKind};

use crate::command::shown;

/// What a package was built into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Program,
    StaticLibrary,
    SharedLibrary,
}

impl Kind {
    fn target_kind(self) -> TargetKind {
        match self {
            Kind::Program => TargetKind::Bin,
            Kind::StaticLibrary => TargetKind::StaticLib,
            Kind::SharedLibrary => TargetKind::CDyLib,
        }
    }

    fn is_file(self, path: &Path) -> bool {
        let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned());
        match self {
            Kind::Program => extension.is_none(),
            Kind::StaticLibrary => extension.as_deref() == Some("a"),
            Kind::SharedLibrary => extension.as_deref() == Some("so"),
        }
    }

    /// As Cargo.toml names it.
    fn name(self) -> &'static str {
        match self {
            Kind::Program => "bin",
            Kind::StaticLibrary => "staticlib",
            Kind::SharedLibrary => "cdylib",
        }
    }
}

/// What cargo built.
pub(super) struct Artifacts {
    files: Vec<(String, Kind, PathBuf)>,
}

/// Builds packages for release. Cargo shows its own progress.
pub(super) fn build(mut command: Command, packages: &[&str]) -> Result<Artifacts> {
    command.args(["build", "--release", "--message-format=json-render-diagnostics"]);
    for package in packages {
        command.args(["--package", package]);
    }
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run `{}`", shown(&command)))?;
    let messages = child.stdout.take().context("cargo's output is piped")?;
    let mut files = Vec::new();
    for message in Message::parse_stream(BufReader::new(messages)) {
        let Message::CompilerArtifact(artifact) = message.context("cargo's messages")? else {
            continue;
        };
        let target = &artifact.target;
        for kind in [Kind::Program, Kind::StaticLibrary, Kind::SharedLibrary] {
            if target.kind.contains(&kind.target_kind()) {
                let package = package_name(&artifact.package_id.repr, &target.name);
                let paths = artifact.filenames.iter().map(|path| path.clone().into_std_path_buf());
                let own = paths.filter(|path| kind.is_file(path));
                files.extend(own.map(|path| (package.clone(), kind, path)));
            }
        }
    }
    let status = child.wait().context("waiting for cargo")?;
    if !status.success() {
        bail!("`{}` failed, see above", shown(&command));
    }
    Ok(Artifacts { files })
}

impl Artifacts {
    /// The one file of this kind that a package was built into.
    pub(super) fn find(&self, package: &str, kind: Kind) -> Result<&Path> {
        let found: Vec<_> = self
            .files
            .iter()
            .filter(|(name, its_kind, _)| name == package && *its_kind == kind)
            .map(|(_, _, path)| path.as_path())
            .collect();
        match found.as_slice() {
            [path] => Ok(path),
            [] => bail!("package {package} has no target of kind {}", kind.name()),
            _ => bail!("package {package} has several targets of kind {}", kind.name()),
        }
    }
}

/// The package's name in a package id (`cargo help pkgid`): `path+file:///dir/name#version` or
/// `…#name@version`.
fn package_name(id: &str, target: &str) -> String {
    let Some((url, fragment)) = id.split_once('#') else { return target.to_owned() };
    match fragment.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => url.rsplit('/').next().unwrap_or(target).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_ids_hold_the_name() {
        let name = |id| package_name(id, "target");
        assert_eq!(name("path+file:///a/runtime/libia2#0.1.0"), "libia2");
        assert_eq!(name("path+file:///a/tools/rewriter#ia2-rewriter@0.1.0"), "ia2-rewriter");
    }
}
