//! The files to write, and whether they may be written at all.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::{Diagnostic, SourcePath, Span, codes};
use rewrite::generated;
use rewrite::plan::Plan;

use super::Places;
use super::record::State;
use crate::read::{Input, changed_meanwhile};
use crate::texts::Hash;

/// A file to write.
pub(crate) struct Target {
    /// Where; canonical.
    pub(crate) path: Utf8PathBuf,
    /// What.
    pub(crate) text: Arc<Vec<u8>>,
    /// The file it is made of, if it is made of one.
    pub(crate) original: Option<Original>,
}

/// The file that a rewritten one is made of.
pub(crate) struct Original {
    /// Its path.
    pub(crate) path: SourcePath,
    /// The hash of its text.
    pub(crate) hash: Hash,
}

/// All rewritten and generated files.
pub(crate) fn collect(
    plan: &Plan,
    input: &Input,
    places: &Places,
) -> Result<Vec<Target>, Vec<Diagnostic>> {
    let mut targets = Vec::new();
    let mut errors = Vec::new();
    let header = places.generated(".h");
    for (source, edits) in &plan.files {
        if source.as_path() == header {
            // Somebody includes it by name: what is included there is the new one.
            let text = Arc::new(generated::header(plan).into_bytes());
            targets.extend(places.moved(&header).map(|path| Target { path, text, original: None }));
            continue;
        }
        let Some(path) = places.moved(source.as_path()) else { continue };
        let original = match input.texts.read(source.as_path()) {
            Ok(original) => original,
            Err(error) => {
                let message = format!("cannot read {source}: {error}");
                errors.push(Diagnostic::error(codes::SOURCE_UNREADABLE, message));
                continue;
            }
        };
        let hash = Hash::of(&original);
        if input.files.get(source.as_path()).is_some_and(|known| *known != hash) {
            errors.push(changed_meanwhile(source.as_path()));
            continue;
        }
        // Edits are those of the text in which uses of macros are written out.
        let text = input.overlay.text(source).unwrap_or(&original);
        match edits.apply(text) {
            Ok(text) => {
                let original = Some(Original { path: source.clone(), hash });
                targets.push(Target { path, text: Arc::new(text), original });
            }
            Err(conflict) => errors.push(conflicting(source, &conflict)),
        }
    }
    let mut generate = |suffix: &str, text: String| {
        let path = places.generated(suffix);
        targets.push(Target { path, text: Arc::new(text.into_bytes()), original: None });
    };
    generate(".c", generated::gates(plan));
    generate(".h", generated::header(plan));
    for (pkey, text) in generated::linker_arguments(plan) {
        generate(&format!("_{pkey}.ld"), text);
    }
    if errors.is_empty() { Ok(targets) } else { Err(errors) }
}

fn conflicting(source: &SourcePath, conflict: &rewrite::edits::Conflict) -> Diagnostic {
    let span = |range: &Range<u32>| Span::new(source.clone(), range.clone());
    Diagnostic::error(codes::CONFLICTING_EDITS, "two changes of this file cannot both be made")
        .at_labelled(span(&conflict.first.0), format!("becomes `{}`", conflict.first.1))
        .also(span(&conflict.second.0), format!("becomes `{}`", conflict.second.1))
}

/// No output may be what the program is made of, nor an output what is rewritten.
pub(crate) fn check(
    targets: &[Target],
    input: &Input,
    places: &Places,
    state: &State,
) -> Result<(), Vec<Diagnostic>> {
    if places.output == places.root {
        let message = format!("the output directory is the root directory, {}", places.root);
        let error = Diagnostic::error(codes::OUTPUT_OVER_INPUT, message)
            .help("name another directory, for example one below the root");
        return Err(vec![error]);
    }
    let inputs: BTreeSet<&Utf8Path> =
        input.facts.iter().flat_map(|unit| &unit.files).map(AsRef::as_ref).collect();
    let header = places.generated(".h");
    let inputs: BTreeSet<&Utf8Path> = inputs.into_iter().filter(|path| **path != header).collect();
    let over = targets.iter().filter(|target| inputs.contains(target.path.as_path()));
    let over = over.map(|target| {
        let message = format!("{} would be written over a source of the program", target.path);
        Diagnostic::error(codes::OUTPUT_OVER_INPUT, message)
            .help("name an output directory and prefix away from the sources")
    });
    let again = inputs.iter().filter(|path| state.has_written(path)).map(|path| {
        let message = format!("{path} was written by an earlier run, and is to be rewritten again");
        Diagnostic::error(codes::OUTPUT_OVER_INPUT, message)
            .at(Span::point(SourcePath::new(path), 0))
            .help("name the original source, and let no include path lead to the output directory")
    });
    let errors: Vec<Diagnostic> = over.chain(again).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
