//! Diagnostics as lines of JSON.
//!
//! The shape is that of `rustc --error-format=json`, so that editors and scripts which read rustc's
//! or cargo's messages can read ours. A place in a file that is not to be had has line and column 0.

use serde::Serialize;

use crate::{Diagnostic, Help, Label, Renderer, Span, Style};

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "$message_type")]
    kind: &'static str,
    message: &'a str,
    code: CodeRecord,
    level: &'static str,
    spans: Vec<SpanRecord<'a>>,
    children: Vec<Child<'a>>,
    rendered: String,
}

#[derive(Serialize)]
struct CodeRecord {
    code: String,
    explanation: String,
}

/// A note or an advice.
#[derive(Serialize)]
struct Child<'a> {
    message: &'a str,
    code: Option<CodeRecord>,
    level: &'static str,
    spans: Vec<SpanRecord<'a>>,
    children: [(); 0],
    rendered: Option<String>,
}

#[derive(Serialize)]
struct SpanRecord<'a> {
    file_name: String,
    byte_start: u32,
    byte_end: u32,
    line_start: u32,
    line_end: u32,
    column_start: u32,
    column_end: u32,
    is_primary: bool,
    text: Vec<Line>,
    label: Option<&'a str>,
    suggested_replacement: Option<&'a str>,
    suggestion_applicability: Option<&'static str>,
    expansion: Option<()>,
}

/// A line of the source; the columns that belong to the span count from 1, the last one excluded.
#[derive(Serialize)]
struct Line {
    text: String,
    highlight_start: u32,
    highlight_end: u32,
}

impl Renderer<'_> {
    /// The diagnostic as one line of JSON, without the line feed. What `rendered` holds is never
    /// coloured.
    pub fn json(&mut self, diagnostic: &Diagnostic) -> String {
        let primary = diagnostic.primary.iter().map(|label| (label, true));
        let secondary = diagnostic.secondary.iter().map(|label| (label, false));
        let spans = primary
            .chain(secondary)
            .map(|(label, is_primary)| self.label_record(label, is_primary))
            .collect();
        let notes = diagnostic.notes.iter().map(|note| child("note", note, Vec::new()));
        let mut children: Vec<Child<'_>> = notes.collect();
        for help in &diagnostic.help {
            children.push(child("help", &help.message, self.replacement_records(help)));
        }
        let code = CodeRecord {
            code: diagnostic.code.to_string(),
            explanation: diagnostic.code.explanation().markdown(),
        };
        let message = Message {
            kind: "diagnostic",
            message: &diagnostic.message,
            code,
            level: diagnostic.severity.as_str(),
            spans,
            children,
            rendered: self.styled_text(diagnostic, Style::Plain),
        };
        serde_json::to_string(&message).expect("strings and numbers only")
    }

    fn label_record<'d>(&mut self, label: &'d Label, is_primary: bool) -> SpanRecord<'d> {
        let shown = (!label.message.is_empty()).then_some(label.message.as_str());
        SpanRecord { is_primary, label: shown, ..self.span_record(&label.span) }
    }

    fn replacement_records<'d>(&mut self, help: &'d Help) -> Vec<SpanRecord<'d>> {
        let record = |replacement: &'d crate::Replacement| SpanRecord {
            is_primary: true,
            suggested_replacement: Some(&replacement.text),
            suggestion_applicability: Some("Unspecified"),
            ..self.span_record(&replacement.span)
        };
        help.replacements.iter().map(record).collect()
    }

    fn span_record<'d>(&mut self, span: &Span) -> SpanRecord<'d> {
        let file_name = self.shown_path(&span.file);
        let mut record = SpanRecord {
            file_name,
            byte_start: span.start,
            byte_end: span.end,
            line_start: 0,
            line_end: 0,
            column_start: 0,
            column_end: 0,
            is_primary: false,
            text: Vec::new(),
            label: None,
            suggested_replacement: None,
            suggestion_applicability: None,
            expansion: None,
        };
        let Some(source) = self.source(&span.file).filter(|source| span.end <= source.end()) else {
            return record;
        };
        let (start, end) = (source.position(span.start), source.position(span.end));
        (record.line_start, record.column_start) = (start.line, start.column);
        (record.line_end, record.column_end) = (end.line, end.column);
        for line in start.line..=end.line {
            let text = String::from_utf8_lossy(source.line(line)).into_owned();
            let after_last = u32::try_from(text.chars().count()).expect("fewer than bytes") + 1;
            record.text.push(Line {
                highlight_start: if line == start.line { start.column } else { 1 },
                highlight_end: if line == end.line { end.column } else { after_last },
                text,
            });
        }
        record
    }
}

fn child<'d>(level: &'static str, message: &'d str, spans: Vec<SpanRecord<'d>>) -> Child<'d> {
    Child { message, code: None, level, spans, children: [], rendered: None }
}
