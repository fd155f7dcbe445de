//! Which crate may use which. Dependencies point downward only; ARCHITECTURE.md's code map says the
//! same in words.

use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, Package};

/// The crates of the lower layers, and which of ours each may use. Above them are programs, tests and
/// tasks ([`TOP`]), which may use all of them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("pkru", &[]),
    ("layout", &["pkru"]),
    ("ctype", &[]),
    ("diagnostics", &[]),
    ("compdb", &["diagnostics", "pkru"]),
    ("clang", &["ctype"]),
    ("abi", &["ctype"]),
    ("gate", &["abi", "layout", "pkru"]),
    ("rewrite", &["abi", "clang", "ctype", "diagnostics", "gate", "layout", "pkru"]),
    ("elf", &["layout", "pkru"]),
    ("sys", &["pkru"]),
    ("libia2", &["sys", "pkru", "layout"]),
    ("partition-heap", &["sys", "pkru"]),
    ("partition-alloc", &["partition-heap", "sys", "pkru", "layout"]),
    ("vm-shared", &[]),
    ("vm-guest", &["vm-shared"]),
    ("debian", &[]),
    ("vm", &["debian", "vm-shared"]),
];

/// Folders of the top layer: nothing below it may use what is in them.
const TOP: [&str; 5] = ["tools/", "tests/", "xtask/", "benches/", "fuzz/"];

/// Outside crates that only one of ours may use, because it hides them from the others.
const ONE_USER: [(&str, &str); 1] = [("clang-sys", "clang")];

/// One crate using another.
#[derive(Clone, Debug)]
struct Edge {
    user: String,
    /// The user's folder, from the root of the repository.
    folder: String,
    used: String,
    /// Whether what is used is ours.
    origin: Origin,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Origin {
    Ours,
    Outside,
}

/// Uses that point upward or sideways, and crates the table does not know.
pub fn layering(metadata: &Metadata, root: &Path) -> Vec<String> {
    let members = metadata.workspace_packages();
    let mut complaints: Vec<_> = members
        .iter()
        .filter(|package| !is_top(&folder(package, root)) && allowed(&package.name).is_none())
        .map(|package| format!("{}: not in the table of layers (tests/tidy)", package.name))
        .collect();
    let edges = members.iter().flat_map(|package| edges(package, root));
    complaints.extend(edges.filter_map(|edge| complaint(&edge)));
    complaints
}

fn edges(package: &Package, root: &Path) -> Vec<Edge> {
    package
        .dependencies
        .iter()
        // What tests use makes no layer.
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| Edge {
            user: package.name.to_string(),
            folder: folder(package, root),
            used: dependency.name.clone(),
            origin: if dependency.path.is_some() { Origin::Ours } else { Origin::Outside },
        })
        .collect()
}

fn complaint(edge: &Edge) -> Option<String> {
    let Edge { user, folder, used, origin } = edge;
    match origin {
        Origin::Ours if is_top(folder) => None,
        Origin::Ours => (!allowed(user)?.contains(&used.as_str()))
            .then(|| format!("{user} uses {used}, which is not below it")),
        Origin::Outside => ONE_USER
            .iter()
            .find(|(outside, only)| outside == used && only != user)
            .map(|(outside, only)| format!("{user} uses {outside}, which only {only} may")),
    }
}

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    MAY_USE.iter().find(|(known, _)| *known == name).map(|(_, may_use)| *may_use)
}

fn is_top(folder: &str) -> bool {
    TOP.iter().any(|top| folder.starts_with(top))
}

/// The folder of a package, from the root of the repository, with a slash at the end.
fn folder(package: &Package, root: &Path) -> String {
    let manifest = package.manifest_path.as_std_path();
    let folder = manifest.parent().unwrap_or(manifest);
    format!("{}/", folder.strip_prefix(root).unwrap_or(folder).display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(user: &str, folder: &str, used: &str, origin: Origin) -> Option<String> {
        let owned = str::to_owned;
        complaint(&Edge { user: owned(user), folder: owned(folder), used: owned(used), origin })
    }

    #[test]
    fn upward_uses_are_found() {
        let told_ours = |user, used| told(user, "crates/x/", used, Origin::Ours);
        assert_eq!(told_ours("gate", "abi"), None);
        assert_eq!(
            told_ours("abi", "gate").as_deref(),
            Some("abi uses gate, which is not below it")
        );
        assert!(told_ours("pkru", "layout").is_some());
        assert_eq!(told("harness", "tests/harness/", "vm", Origin::Ours), None);
    }

    #[test]
    fn libclang_has_one_user() {
        let told_outside = |user| told(user, "crates/x/", "clang-sys", Origin::Outside);
        assert_eq!(told_outside("clang"), None);
        assert!(told_outside("rewrite").is_some());
        assert_eq!(told("rewrite", "crates/x/", "serde", Origin::Outside), None);
    }

    #[test]
    fn the_table_has_no_cycle() {
        // Removing what uses nothing that is left, again and again, must leave nothing.
        let mut left: Vec<_> = MAY_USE.to_vec();
        while !left.is_empty() {
            let names: Vec<_> = left.iter().map(|(name, _)| *name).collect();
            let before = left.len();
            left.retain(|(_, may_use)| may_use.iter().any(|used| names.contains(used)));
            assert!(left.len() < before, "a cycle among {names:?}");
        }
    }
}
