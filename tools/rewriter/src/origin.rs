//! Preprocessed text in diagnostics: what people see is the line that they wrote.

use std::collections::HashMap;

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::{Diagnostic, SourcePath, SourceText, Span};
use rewrite::line_markers::{LineMarkers, is_invented};

/// Leads places in preprocessed files to where their lines come from.
#[derive(Default)]
pub(crate) struct Origins {
    known: HashMap<SourcePath, Option<Preprocessed>>,
}

struct Preprocessed {
    text: Vec<u8>,
    markers: LineMarkers,
}

impl Origins {
    /// Leads the places of a diagnostic there.
    pub(crate) fn restore(&mut self, diagnostic: &mut Diagnostic) {
        let labels = diagnostic.primary.iter_mut().chain(&mut diagnostic.secondary);
        for label in labels {
            if let Some(span) = self.original(&label.span) {
                label.span = span;
            }
        }
    }

    /// The place in the file that was preprocessed, if it comes from one that can be read.
    fn original(&mut self, span: &Span) -> Option<Span> {
        let is_preprocessed = span.file.as_path().extension() == Some("i");
        let entry = self.known.entry(span.file.clone());
        let known = entry.or_insert_with(|| {
            let text = is_preprocessed.then(|| std::fs::read(span.file.as_path()).ok());
            text.flatten().map(|text| Preprocessed { markers: LineMarkers::of(&text), text })
        });
        let Preprocessed { text, markers } = known.as_ref()?;
        let line = markers.line(text, span.start)?;
        if is_invented(line.file) {
            return None;
        }
        let path = absolute(markers.directory(), line.file)?;
        let original = std::fs::read(&path).ok()?;
        let original = SourceText::new(original);
        let start = original.line_start(line.number);
        let written = original.line(line.number);
        let range = text.get(span.start as usize..span.end as usize)?;
        let first = range.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let line_start = text[..span.start as usize].iter().rposition(|&byte| byte == b'\n');
        let before = &text[line_start.map_or(0, |newline| newline + 1)..span.start as usize];
        let rest = written.strip_prefix(before);
        let found = match rest {
            Some(rest) if rest.starts_with(first) => Some(before.len()),
            _ if first.is_empty() => None,
            _ => written.windows(first.len()).position(|window| window == first),
        };
        // A macro may have brought it: then the whole line is the place.
        let (from, length) = found.map_or_else(
            || {
                let blanks = written.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                (blanks, written.trim_ascii().len())
            },
            |from| (from, first.len()),
        );
        let from = start + u32::try_from(from).ok()?;
        Some(Span::new(SourcePath::new(&path), from..from + u32::try_from(length).ok()?))
    }
}

fn absolute(directory: Option<&str>, file: &str) -> Option<Utf8PathBuf> {
    let current = Utf8PathBuf::try_from(std::env::current_dir().ok()?).ok()?;
    Some(current.join(directory.unwrap_or_default()).join(Utf8Path::new(file)))
}
