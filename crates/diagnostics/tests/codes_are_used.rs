//! Every code is reported by some pass, so that no explanation outlives its diagnostic.

use std::fs;
use std::path::Path;

use diagnostics::codes;

/// The text of every Rust file below `folder`, without build output.
fn rust_text(folder: &Path, text: &mut String) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("directory entry").path();
        if path.is_dir() && !path.ends_with("target") {
            rust_text(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).expect("sources are UTF-8"));
        }
    }
}

#[test]
fn every_code_is_used_outside_of_its_table() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).expect("the crate is in crates/");
    let mut text = String::new();
    for folder in fs::read_dir(root.join("crates")).expect("crates/") {
        let folder = folder.expect("directory entry").path();
        if folder != here {
            rust_text(&folder, &mut text);
        }
    }
    if root.join("tools").is_dir() {
        rust_text(&root.join("tools"), &mut text);
    }
    let words: std::collections::BTreeSet<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let unused: Vec<&str> = codes::all()
        .map(diagnostics::Explanation::name)
        .filter(|name| !words.contains(name))
        .collect();
    assert!(unused.is_empty(), "no pass reports {unused:?}");
}

/// Rust files and documents in folders named `tests`, and the list of what is refused.
fn text_of_tests(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("directory entry").path().join("tests");
        if path.is_dir() {
            rust_text(&path, text);
        }
    }
}

#[test]
fn every_code_is_tested() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).expect("the crate is in crates/");
    let mut text = fs::read_to_string(root.join("docs/refusals.md")).expect("the document");
    for folder in ["crates", "tools"] {
        text_of_tests(&root.join(folder), &mut text);
    }
    let is_untested = |known: &&diagnostics::Explanation| {
        !text.contains(&known.code().to_string()) && !text.contains(known.name())
    };
    let untested: Vec<String> =
        codes::all().filter(is_untested).map(|known| known.code().to_string()).collect();
    assert!(untested.is_empty(), "no test brings about {untested:?}");
}
