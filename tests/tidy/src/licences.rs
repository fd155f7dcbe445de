//! Every dependency has a licence that `deny.toml` allows.
//!
//! `cargo deny` checks the same and more; this needs nothing but cargo, so it always runs.

use anyhow::{Context, Result, ensure};
use cargo_metadata::Metadata;

/// The licences that `deny.toml` allows: the strings of its `allow` list.
///
/// # Errors
/// There is no such list.
pub fn allowed(deny: &str) -> Result<Vec<String>> {
    let (_, rest) = deny.split_once("\nallow = [").context("deny.toml has no list `allow`")?;
    let (list, _) = rest.split_once(']').context("the list `allow` does not end")?;
    let lines = list.lines().map(|line| line.split('#').next().unwrap_or_default());
    let names: Vec<_> = lines
        .flat_map(|line| line.split(','))
        .map(|name| name.trim().trim_matches('"').to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    ensure!(!names.is_empty(), "the list `allow` is empty");
    Ok(names)
}

/// Packages whose licence is not allowed, or not given.
pub fn licences(metadata: &Metadata, allowed: &[String]) -> Vec<String> {
    let is_allowed = |licence: &str| allowed.iter().any(|name| name == licence);
    let mut complaints = Vec::new();
    for package in &metadata.packages {
        match package.license.as_deref() {
            Some(licence) if satisfied(licence, &is_allowed) == Some(true) => {}
            Some(licence) => complaints.push(format!("{}: licence {licence}", package.name)),
            None => complaints.push(format!("{}: no licence", package.name)),
        }
    }
    complaints
}

/// Whether an SPDX expression can be satisfied with what is allowed; `None` if it is malformed.
///
/// `a/b` is what `a OR b` was written like before crates.io asked for SPDX.
fn satisfied(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words: Vec<_> = spaced.split_whitespace().rev().collect();
    let value = any_of(&mut words, is_allowed)?;
    words.is_empty().then_some(value)
}

/// `all (OR all)*`, taking words from the end of the list.
fn any_of(words: &mut Vec<&str>, is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut value = all_of(words, is_allowed)?;
    while words.pop_if(|word| *word == "OR").is_some() {
        value |= all_of(words, is_allowed)?;
    }
    Some(value)
}

/// `term (AND term)*`.
fn all_of(words: &mut Vec<&str>, is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut value = term(words, is_allowed)?;
    while words.pop_if(|word| *word == "AND").is_some() {
        value &= term(words, is_allowed)?;
    }
    Some(value)
}

/// `( any )` or a licence, which may have an exception: `licence WITH exception`.
fn term(words: &mut Vec<&str>, is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    match words.pop()? {
        "(" => {
            let value = any_of(words, is_allowed)?;
            (words.pop()? == ")").then_some(value)
        }
        ")" | "AND" | "OR" | "WITH" => None,
        licence => {
            if words.pop_if(|word| *word == "WITH").is_some() {
                let exception = words.pop()?;
                return Some(is_allowed(&format!("{licence} WITH {exception}")));
            }
            Some(is_allowed(licence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(expression: &str) -> Option<bool> {
        satisfied(expression, &|name| ["MIT", "Unicode-3.0", "Zlib WITH x"].contains(&name))
    }

    #[test]
    fn expressions_are_read_as_spdx_says() {
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "GPL-3.0/MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "GPL-3.0 AND MIT OR MIT",
            "Zlib WITH x",
        ] {
            assert_eq!(value(good), Some(true), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "MIT WITH x", "Zlib", "(GPL-3.0 OR X) AND MIT"] {
            assert_eq!(value(bad), Some(false), "{bad}");
        }
        for malformed in ["", "MIT OR", "(MIT", "MIT)", "MIT MIT", "AND MIT", "MIT WITH"] {
            assert_eq!(value(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn the_list_is_read_from_deny_toml() {
        let names = allowed("[licenses]\nallow = [\n  \"MIT\", # plain\n  \"Zlib\",\n]\n").unwrap();
        assert_eq!(names, ["MIT", "Zlib"]);
        assert!(allowed("[licenses]\n").is_err());
        assert!(allowed("\nallow = [\n]").is_err());
    }
}
