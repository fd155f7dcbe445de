//! Whether permissive mode has named what the patches of a recipe share: a user who had only its
//! summary could have written them.

use anyhow::{Result, anyhow, bail, ensure};

use crate::program::recipe::{Named, Recipe};

/// A hunk of a patch.
#[derive(PartialEq, Eq, Debug)]
struct Hunk<'a> {
    /// Name of the file and the line where it begins there: `gun.c:158`.
    place: String,
    /// Why it is there.
    reason: &'a str,
}

/// The hunks of a unified diff.
fn hunks(patch: &str) -> Vec<Hunk<'_>> {
    let mut file = "";
    let mut found = Vec::new();
    for line in patch.lines() {
        // A new file has a name on the other side only.
        let path = line.strip_prefix("--- ").or_else(|| line.strip_prefix("+++ "));
        if let Some(path) = path.filter(|&path| path != "/dev/null") {
            file = path.rsplit('/').next().unwrap_or_default();
        }
        let Some((ranges, reason)) =
            line.strip_prefix("@@ -").and_then(|rest| rest.split_once(" @@"))
        else {
            continue;
        };
        let first = ranges.split([',', ' ']).next().unwrap_or_default();
        found.push(Hunk { place: format!("{file}:{first}"), reason: reason.trim() });
    }
    found
}

/// Compares the recipe's patches with the summaries of all its tests. Gives what is wrong with each
/// hunk, by its place.
pub(super) fn check(recipe: &Recipe, summaries: &str) -> Result<Vec<(String, Result<()>)>> {
    let mut results = Vec::new();
    let mut places = Vec::new();
    for name in &recipe.text.patches {
        let patch = fs_err::read_to_string(recipe.folder.join(name))?;
        for Hunk { place, reason } in hunks(&patch) {
            results.push((place.clone(), check_hunk(recipe, &place, reason, summaries)));
            places.push(place);
        }
    }
    for place in recipe.text.named.keys().filter(|place| !places.contains(place)) {
        results.push((place.clone(), Err(anyhow!("no hunk begins there"))));
    }
    Ok(results)
}

fn check_hunk(recipe: &Recipe, place: &str, reason: &str, summaries: &str) -> Result<()> {
    let texts = match recipe.text.named.get(place) {
        Some(Named::Says(texts)) => texts,
        Some(Named::NotRun { why }) => {
            ensure!(!why.is_empty(), "no reason why nothing runs it");
            return Ok(());
        }
        None => bail!("[named] does not say how it was found ({reason})"),
    };
    // A hunk that only brings what another one needs.
    let is_means = reason.starts_with("for ");
    ensure!(is_means || !texts.is_empty(), "[named] does not say how it was found ({reason})");
    for text in texts {
        ensure!(summaries.contains(text), "permissive mode has not said `{text}` ({reason})");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_are_found_with_place_and_reason() {
        let patch =
            "--- a/zlib/gun.c\n+++ b/zlib/gun.c\n@@ -66,6 +66,7 @@ for it\n+x\n@@ -7 +8 @@\n";
        let found = hunks(patch);
        assert_eq!(found[0], Hunk { place: "gun.c:66".to_owned(), reason: "for it" });
        assert_eq!(found[1], Hunk { place: "gun.c:7".to_owned(), reason: "" });
    }
}
