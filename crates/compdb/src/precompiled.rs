//! Precompiled headers: what they were made of takes their place.
//!
//! A precompiled header holds the text that its header, and all that includes, had before it was
//! rewritten. gcc finds one by itself beside a header that is included; clang is told about it with
//! `-include-pch`, by CMake past the driver and together with the header.

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::{Argument, Carrier, Command, Kind};
use crate::paths::{FileSystem, canonical};

const PRECOMPILED: &str = "-include-pch";
const HEADER: &str = "-include";

impl Command {
    /// The words of the command with headers in the place of precompiled ones.
    pub(crate) fn words_without_precompiled_headers(&self, files: &dyn FileSystem) -> Vec<String> {
        let here = |path: &str| canonical(files, self.directory(), Utf8Path::new(path));
        let included: Vec<Utf8PathBuf> =
            self.uses(&[HEADER]).map(|header| here(header.value)).collect();
        let mut words: Vec<Option<String>> = self.words.iter().cloned().map(Some).collect();
        for argument in &self.arguments {
            let Kind::Flag { found, value: Some(value) } = &argument.kind else { continue };
            let name = found.flag.canonical;
            let is_precompiled = name == PRECOMPILED;
            let is_carried = name == HEADER && argument.carrier == Carrier::FrontEnd;
            if !is_precompiled && !is_carried {
                continue;
            }
            let header = value.strip_suffix(".pch").filter(|_| is_precompiled).unwrap_or(value);
            occupied(argument).for_each(|index| words[index] = None);
            let is_there = || files.canonicalize(&here(header)).is_ok();
            if is_carried || !included.contains(&here(header)) && is_there() {
                let start = argument.words.start;
                words[start] = Some(HEADER.to_owned());
                words[start + 1] = Some(header.to_owned());
            }
        }
        words.into_iter().flatten().collect()
    }
}

/// The words of an argument, with those that carry it to the front end.
fn occupied(argument: &Argument) -> impl Iterator<Item = usize> {
    let (first, last) = (argument.words.start, argument.words.end - 1);
    match argument.carrier {
        // Flag and value have each an `-Xclang` in front.
        Carrier::FrontEnd => vec![first, first + 1, last, last + 1].into_iter(),
        Carrier::Command | Carrier::Preprocessor => vec![first, last].into_iter(),
    }
}
