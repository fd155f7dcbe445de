//! Every dependency on outside code is there for a reason, and comes from the public registry.

use cargo_metadata::Metadata;

use crate::repository::TextFile;

/// Outside dependencies of a workspace's manifest without a comment directly above.
pub fn reasons(manifest: &TextFile) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut in_table = false;
    let mut above = "";
    for (number, line) in (1..).zip(manifest.contents.lines()) {
        if line.starts_with('[') {
            in_table = line == "[workspace.dependencies]";
        } else if in_table && is_outside(line) && !above.starts_with('#') {
            let name = line.split('=').next().unwrap_or_default().trim();
            let place = format!("{}:{number}", manifest.path);
            complaints.push(format!("{place}: no comment above says why {name} is used"));
        }
        above = line;
    }
    complaints
}

/// Whether a line of the table names a dependency that is not ours.
fn is_outside(line: &str) -> bool {
    let is_entry = line.starts_with(|c: char| c.is_ascii_alphanumeric()) && line.contains('=');
    is_entry && !line.contains("path =")
}

/// Dependencies of a crate that bypass the workspace's table, where reason and version are. A crate
/// that is a workspace of its own, as benchmarks are, has no table.
pub fn own_versions(manifest: &TextFile) -> Vec<String> {
    let mut complaints = Vec::new();
    if manifest.contents.lines().any(|line| line == "[workspace]") {
        return complaints;
    }
    let mut in_table = false;
    for (number, line) in (1..).zip(manifest.contents.lines()) {
        if line.starts_with('[') {
            in_table = line.ends_with("dependencies]");
        } else if in_table && is_outside(line) && !line.contains("workspace = true") {
            let name = line.split('=').next().unwrap_or_default().trim();
            let place = format!("{}:{number}", manifest.path);
            complaints.push(format!("{place}: take {name} from the workspace's dependencies"));
        }
    }
    complaints
}

/// Packages that come from elsewhere than the public registry or this repository.
pub fn sources(metadata: &Metadata) -> Vec<String> {
    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";
    let strange = metadata.packages.iter().filter_map(|package| {
        let source = package.source.as_ref()?.repr.as_str();
        (source != REGISTRY).then(|| format!("{} comes from {source}", package.name))
    });
    strange.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(contents: &str) -> TextFile {
        TextFile { path: "Cargo.toml".to_owned(), contents: contents.to_owned() }
    }

    #[test]
    fn dependencies_without_a_reason_are_found() {
        let text = "[package]\nname = \"x\"\n[workspace.dependencies]\nours = { path = \"ours\" }\n\n\
                    # Because.\ngood = \"1\"\nbad = { version = \"2\" }\n[profile.dev]\ndebug = 1\n";
        let expected = ["Cargo.toml:8: no comment above says why bad is used"];
        assert_eq!(reasons(&manifest(text)), expected);
    }

    #[test]
    fn dependencies_with_a_version_of_their_own_are_found() {
        let text = "[dependencies]\na.workspace = true\nb = { workspace = true, features = [] }\n\
                    [dev-dependencies]\nc = \"1\"\n[lints]\nworkspace = true\n";
        let expected = ["Cargo.toml:5: take c from the workspace's dependencies"];
        assert_eq!(own_versions(&manifest(text)), expected);
    }
}
