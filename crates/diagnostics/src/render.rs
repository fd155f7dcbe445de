//! Diagnostics as text for people, in the manner of rustc.

use std::collections::HashMap;
use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Patch, Snippet, normalize_untrusted_str,
};

use crate::excerpt::Excerpt;
use crate::{Diagnostic, Help, Label, Severity, SourcePath, SourceText, Sources, Span};

/// Whether the text has escape sequences for colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Text only.
    Plain,
    /// With ANSI escape sequences.
    Coloured,
}

/// Shows diagnostics. It reads each file once, so use one for all of a run.
pub struct Renderer<'a> {
    sources: &'a dyn Sources,
    style: Style,
    files: HashMap<SourcePath, Option<SourceText<'a>>>,
}

/// The part of a group that shows places of one file.
enum Place<'a> {
    Snippet(Snippet<'a, Annotation<'a>>),
    Unknown { path: String, message: String },
}

impl<'a> Renderer<'a> {
    /// Shows diagnostics whose files are found in `sources`.
    pub fn new(sources: &'a dyn Sources, style: Style) -> Renderer<'a> {
        Renderer { sources, style, files: HashMap::new() }
    }

    /// The diagnostic as text of several lines, with a line feed at the end.
    pub fn text(&mut self, diagnostic: &Diagnostic) -> String {
        self.styled_text(diagnostic, self.style)
    }

    pub(crate) fn styled_text(&mut self, diagnostic: &Diagnostic, style: Style) -> String {
        let code = diagnostic.code.to_string();
        let title = level(diagnostic.severity).primary_title(&diagnostic.message).id(code);
        let mut primary = Group::with_title(title);
        for place in self.places(diagnostic) {
            primary = match place {
                Place::Snippet(snippet) => primary.element(snippet),
                Place::Unknown { path, message } => {
                    primary.element(Origin::path(path)).element(Level::NOTE.message(message))
                }
            };
        }
        for note in &diagnostic.notes {
            primary = primary.element(Level::NOTE.message(normalize_untrusted_str(note)));
        }
        let mut groups = Vec::new();
        for help in &diagnostic.help {
            let advice = normalize_untrusted_str(&help.message);
            let patches = self.patches(help);
            if patches.is_empty() {
                primary = primary.element(Level::HELP.message(advice));
            } else {
                groups.push(Level::HELP.secondary_title(advice).elements(patches));
            }
        }
        groups.insert(0, primary);
        let renderer = match style {
            Style::Plain => annotate_snippets::Renderer::plain(),
            Style::Coloured => annotate_snippets::Renderer::styled(),
        };
        let mut text = renderer.render(&groups);
        text.push('\n');
        text
    }

    /// The text of a file, looked up on first use.
    pub(crate) fn source(&mut self, file: &SourcePath) -> Option<&SourceText<'a>> {
        self.files
            .entry(file.clone())
            .or_insert_with(|| self.sources.bytes(file).map(SourceText::new))
            .as_ref()
    }

    /// The path of a file as the user should see it.
    pub(crate) fn shown_path(&self, file: &SourcePath) -> String {
        self.sources.shown_path(file)
    }

    /// What to show of each file: the primary one first, the others in order of mention.
    fn places(&mut self, diagnostic: &Diagnostic) -> Vec<Place<'static>> {
        let labels: Vec<(AnnotationKind, &Label)> = diagnostic
            .primary
            .iter()
            .map(|label| (AnnotationKind::Primary, label))
            .chain(diagnostic.secondary.iter().map(|label| (AnnotationKind::Context, label)))
            .collect();
        let mut files: Vec<&SourcePath> = Vec::new();
        for (_, label) in &labels {
            if !files.contains(&&label.span.file) {
                files.push(&label.span.file);
            }
        }
        let mut places = Vec::new();
        for file in files {
            let here: Vec<_> = labels.iter().filter(|(_, l)| l.span.file == *file).collect();
            let spans = here.iter().map(|(_, label)| label.span.start..label.span.end);
            match self.excerpt(file, spans.collect()) {
                Some(excerpt) => {
                    let annotations: Vec<Annotation<'static>> = here
                        .iter()
                        .map(|(kind, label)| annotation(*kind, label, &excerpt))
                        .collect();
                    let snippet = snippet(excerpt, self.shown_path(file)).annotations(annotations);
                    places.push(Place::Snippet(snippet));
                }
                None => places.extend(here.iter().map(|(_, label)| self.unknown_place(label))),
            }
        }
        places
    }

    /// How to say where it is without the text of the file.
    fn unknown_place(&self, label: &Label) -> Place<'static> {
        let Span { file, start, .. } = &label.span;
        let colon = if label.message.is_empty() { "" } else { ": " };
        let message = format!(
            "at byte {start} of a file that could not be read or has changed{colon}{}",
            label.message
        );
        Place::Unknown { path: self.shown_path(file), message: normalize_untrusted_str(&message) }
    }

    /// The edits of an advice, one snippet for each file; none if one of the files is not to be had.
    fn patches(&mut self, help: &Help) -> Vec<Snippet<'static, Patch<'static>>> {
        let mut files: Vec<&SourcePath> = Vec::new();
        for replacement in &help.replacements {
            if !files.contains(&&replacement.span.file) {
                files.push(&replacement.span.file);
            }
        }
        let mut snippets = Vec::new();
        for file in files {
            let here: Vec<_> = help.replacements.iter().filter(|r| r.span.file == *file).collect();
            let spans = here.iter().map(|r| r.span.start..r.span.end).collect();
            let Some(excerpt) = self.excerpt(file, spans) else { return Vec::new() };
            let patches: Vec<Patch<'static>> = here
                .iter()
                .map(|r| Patch::new(excerpt.locate(r.span.start..r.span.end), r.text.clone()))
                .collect();
            snippets.push(snippet(excerpt, self.shown_path(file)).patches(patches));
        }
        snippets
    }

    fn excerpt(&mut self, file: &SourcePath, ranges: Vec<Range<u32>>) -> Option<Excerpt> {
        Excerpt::around(self.source(file)?, ranges)
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn annotation(kind: AnnotationKind, label: &Label, excerpt: &Excerpt) -> Annotation<'static> {
    let message = (!label.message.is_empty()).then(|| label.message.clone());
    kind.span(excerpt.locate(label.span.start..label.span.end)).label(message)
}

fn snippet<T: Clone>(excerpt: Excerpt, path: String) -> Snippet<'static, T> {
    let first_line = excerpt.first_line as usize;
    Snippet::source(excerpt.text).line_start(first_line).path(path)
}
