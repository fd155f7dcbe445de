//! Translation units: which command compiles what for which shared object.

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use compdb::Database;
use compdb::paths::Disk;

use super::recipe::Dso;
use super::tree::Tree;

/// A source and how it is compiled.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Unit {
    /// Where the compiler runs.
    pub(crate) directory: Utf8PathBuf,
    /// The source.
    pub(crate) source: Utf8PathBuf,
    /// The compiler and its arguments, without those that name outputs.
    pub(crate) arguments: Vec<String>,
}

/// The units of every shared object of a tree.
///
/// # Errors
/// The recorded commands cannot be read, or some object has none.
pub(super) fn collect(tree: &Tree<'_>) -> Result<Vec<Vec<Unit>>> {
    let folders = &tree.recipe.text.configure.databases;
    let databases: Vec<_> = folders
        .iter()
        .map(|folder| Database::load(&Disk, &tree.root().join(folder)))
        .collect::<Result<_, _>>()?;
    tree.recipe.text.dso.iter().map(|dso| of_dso(tree, dso, &databases)).collect()
}

fn of_dso(tree: &Tree<'_>, dso: &Dso, databases: &[Database]) -> Result<Vec<Unit>> {
    let mut units = Vec::new();
    if let Some(folder) = &dso.objects {
        for entry in databases.iter().flat_map(Database::entries) {
            let (arguments, object) = without_outputs(entry.arguments()?);
            let is_there = |object: &String| object.split('/').any(|step| step == folder);
            if object.as_ref().is_some_and(is_there) {
                units.push(Unit {
                    directory: entry.directory().to_owned(),
                    source: entry.source().to_owned(),
                    arguments,
                });
            }
        }
        ensure!(!units.is_empty(), "no recorded command makes an object of {folder}");
    }
    for source in &dso.sources {
        units.push(own(tree, source)?);
    }
    Ok(units)
}

/// A source that upstream's build does not know.
fn own(tree: &Tree<'_>, name: &str) -> Result<Unit> {
    let is_upstreams = name.contains('/');
    let source = if is_upstreams { tree.root() } else { tree.own() }.join(name);
    ensure!(source.exists(), "there is no source {name}");
    let directory = source.parent().context("a source is in a folder")?.to_owned();
    let flags = tree.recipe.text.own.flags.iter();
    let flags = flags.map(|flag| flag.replace("{src}", tree.root().as_str()));
    let mut arguments = vec!["cc".to_owned(), "-fPIC".to_owned()];
    arguments.extend(flags);
    arguments.extend(["-c".to_owned(), source.to_string()]);
    Ok(Unit { directory, source, arguments })
}

/// Takes outputs out of a compile command: the object, which is also returned, and dependencies.
fn without_outputs(arguments: Vec<String>) -> (Vec<String>, Option<String>) {
    let mut kept = Vec::new();
    let mut object = None;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-o" => object = arguments.next(),
            "-MF" | "-MT" | "-MQ" => {
                arguments.next();
            }
            "-MD" | "-MMD" | "-MP" => {}
            _ => kept.push(argument),
        }
    }
    (kept, object)
}

impl Unit {
    /// The same unit with all paths below one folder moved to another.
    pub(super) fn moved(&self, from: &Utf8Path, to: &Utf8Path) -> Unit {
        let (from, to) = (format!("{from}/"), format!("{to}/"));
        let moved = |text: &str| text.replace(&from, &to);
        Unit {
            directory: moved(&format!("{}/", self.directory)).trim_end_matches('/').into(),
            source: moved(self.source.as_str()).into(),
            arguments: self.arguments.iter().map(|argument| moved(argument)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn outputs_are_taken_out() {
        let command = words("cc -O2 -MD -MT a.o -MF a.d -o tiff.dir/a.o -c a.c");
        let expected = (words("cc -O2 -c a.c"), Some("tiff.dir/a.o".to_owned()));
        assert_eq!(without_outputs(command), expected);
    }

    #[test]
    fn paths_are_moved_whole() {
        let unit = Unit {
            directory: "/a/src".into(),
            source: "/a/src/x.c".into(),
            arguments: words("cc -I/a/src/include -I/a/srcs /a/src/x.c"),
        };
        let moved = unit.moved(Utf8Path::new("/a/src"), Utf8Path::new("/b"));
        assert_eq!(moved.directory, "/b");
        assert_eq!(moved.source, "/b/x.c");
        assert_eq!(moved.arguments, words("cc -I/b/include -I/a/srcs /b/x.c"));
    }
}
