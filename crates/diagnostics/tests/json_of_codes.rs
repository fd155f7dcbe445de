//! Messages as JSON, for every code and level.

use std::borrow::Cow;

use diagnostics::{Diagnostic, Renderer, SourcePath, Sources, Span, Style, codes};

/// One file that is not UTF-8, and has everything in it that JSON must escape.
struct OneFile;

impl Sources for OneFile {
    fn bytes(&self, file: &SourcePath) -> Option<Cow<'_, [u8]>> {
        (file.as_path() == "a.c").then_some(b"int \xff \"main\\\";\n".as_slice().into())
    }

    fn shown_path(&self, file: &SourcePath) -> String {
        file.as_path().to_string()
    }
}

#[test]
fn json_is_valid_for_every_code() {
    let span = |file| Span::new(SourcePath::new(file), 4..8);
    for known in codes::all() {
        for (make, level) in [
            (Diagnostic::error as fn(_, &'static str) -> _, "error"),
            (Diagnostic::warning, "warning"),
        ] {
            let diagnostic = make(known.code(), "a \"message\" \u{1}\n")
                .at_labelled(span("a.c"), "here \\")
                .also(span("gone.c"), "there")
                .note("a note")
                .help("a help");
            let line = Renderer::new(&OneFile, Style::Plain).json(&diagnostic);
            assert!(!line.contains('\n'), "{line}");
            let json: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            assert_eq!(json["code"]["code"], known.code().to_string());
            assert_eq!(json["code"]["explanation"], known.markdown());
            assert_eq!(json["level"], level);
            assert_eq!(json["spans"][0]["file_name"], "a.c");
            assert_eq!(json["children"].as_array().map(Vec::len), Some(2));
        }
    }
}
