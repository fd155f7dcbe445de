//! What users see: each test is a file, a diagnostic in it, and the text or JSON that comes out.

use std::borrow::Cow;

use diagnostics::{Diagnostic, Renderer, Replacement, SourcePath, Sources, Span, Style, codes};
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// Files by path; paths below `/src/` are shown relative to it.
struct Files<'a>(&'a [(&'a str, &'a [u8])]);

impl Sources for Files<'_> {
    fn bytes(&self, file: &SourcePath) -> Option<Cow<'_, [u8]>> {
        self.0.iter().find(|(path, _)| *path == file.as_path()).map(|(_, text)| (*text).into())
    }

    fn shown_path(&self, file: &SourcePath) -> String {
        file.as_path().strip_prefix("/src").unwrap_or(file.as_path()).to_string()
    }
}

fn check(files: &[(&str, &[u8])], diagnostic: &Diagnostic, expected: &Expect) {
    let files = Files(files);
    expected.assert_eq(&Renderer::new(&files, Style::Plain).text(diagnostic));
}

/// The first place in `/src/a.c` where `needle` occurs.
fn find(text: &[u8], needle: &[u8]) -> Span {
    let start = text.windows(needle.len()).position(|w| w == needle).expect("needle is there");
    span("/src/a.c", start, start + needle.len())
}

fn span(file: &str, start: usize, end: usize) -> Span {
    let offset = |n: usize| u32::try_from(n).expect("small");
    Span::new(SourcePath::new(file), offset(start)..offset(end))
}

fn error(message: &str) -> Diagnostic {
    Diagnostic::error(codes::PKEY_NOT_A_NUMBER, message)
}

#[test]
fn places_of_two_files_notes_and_help() {
    let source = b"#include \"a.h\"\n\nint f(void) {\n\treturn limit;\n}\n";
    let header = b"extern int limit;\n";
    let diagnostic = error("`limit` belongs to compartment 2")
        .at_labelled(find(source, b"limit"), "used in compartment 1")
        .also(find(source, b"f(void)"), "by this function")
        .also(span("/src/inc/a.h", 11, 16), "declared here")
        .note("compartments share no data")
        .help("mark the definition with IA2_SHARED_DATA");
    check(
        &[("/src/a.c", source), ("/src/inc/a.h", header)],
        &diagnostic,
        &expect![[r"
            error[IA2012]: `limit` belongs to compartment 2
             --> a.c:4:9
              |
            3 | int f(void) {
              |     ------- by this function
            4 |     return limit;
              |            ^^^^^ used in compartment 1
              |
             ::: inc/a.h:1:12
              |
            1 | extern int limit;
              |            ----- declared here
              |
              = note: compartments share no data
              = help: mark the definition with IA2_SHARED_DATA
        "]],
    );
}

#[test]
fn a_suggestion_shows_the_edited_line() {
    let source = b"qsort(v, n, sizeof *v, compare);\n";
    let name = find(source, b"compare");
    let around = vec![
        Replacement {
            span: Span::point(name.file.clone(), name.start),
            text: "IA2_IGNORE(".into(),
        },
        Replacement { span: Span::point(name.file.clone(), name.end), text: ")".into() },
    ];
    let diagnostic =
        error("callback of a system function").at(name).suggest_all("leave it alone", around);
    check(
        &[("/src/a.c", source)],
        &diagnostic,
        &expect![[r"
            error[IA2012]: callback of a system function
             --> a.c:1:24
              |
            1 | qsort(v, n, sizeof *v, compare);
              |                        ^^^^^^^
              |
            help: leave it alone
              |
            1 | qsort(v, n, sizeof *v, IA2_IGNORE(compare));
              |                        +++++++++++       +
        "]],
    );
}

#[test]
fn carriage_returns_do_not_show() {
    let source = b"int a;\r\nint b;\r\n";
    check(
        &[("/src/a.c", source)],
        &error("odd").at_labelled(find(source, b"b;\r"), "to the end"),
        &expect![[r#"
            error[IA2012]: odd
             --> a.c:2:5
              |
            2 | int b;
              |     ^^ to the end
        "#]],
    );
}

#[test]
fn text_that_is_not_utf_8() {
    let source = b"/* Gr\xfc\xdfe */ int \xe4, x;\n";
    check(
        &[("/src/a.c", source)],
        &error("odd").at_labelled(find(source, b"x"), "this one"),
        &expect![[r"
            error[IA2012]: odd
             --> a.c:1:20
              |
            1 | /* Gr��e */ int �, x;
              |                    ^ this one
        "]],
    );
}

#[test]
fn several_lines() {
    let source = b"int f(int a,\n      int b)\n{\n    return a + b;\n}\n";
    check(
        &[("/src/a.c", source)],
        &Diagnostic::warning(codes::FLAG_UNKNOWN, "long")
            .at_labelled(span("/src/a.c", 0, source.len()), "all of it"),
        &expect![[r"
            warning[IA2008]: long
             --> a.c:1:1
              |
            1 | / int f(int a,
            2 | |       int b)
            3 | | {
            4 | |     return a + b;
            5 | | }
              | |__^ all of it
        "]],
    );
}

#[test]
fn end_of_file() {
    for (source, expected) in [
        (
            &b"int f(void) {"[..],
            expect![[r"
                error[IA2012]: `}` is missing
                 --> a.c:1:14
                  |
                1 | int f(void) {
                  |              ^
            "]],
        ),
        (
            &b"int f(void) {\n"[..],
            expect![[r"
                error[IA2012]: `}` is missing
                 --> a.c:2:1
                  |
                2 |  
                  | ^
            "]],
        ),
        (
            &b""[..],
            expect![[r"
                error[IA2012]: `}` is missing
                 --> a.c:1:1
                  |
                1 |  
                  | ^
            "]],
        ),
    ] {
        let end = span("/src/a.c", source.len(), source.len());
        check(&[("/src/a.c", source)], &error("`}` is missing").at(end), &expected);
    }
}

#[test]
fn without_the_text_the_offset_is_told() {
    let diagnostic = error("odd")
        .at_labelled(span("/gone/b.c", 7, 9), "this one")
        .also(span("/src/a.c", 0, 3), "past the end")
        .suggest("do it so", span("/gone/b.c", 7, 9), "x");
    check(
        &[("/src/a.c", b"ab")],
        &diagnostic,
        &expect![[r#"
            error[IA2012]: odd
            --> /gone/b.c
             = note: at byte 7 of a file that could not be read or has changed: this one
            ::: a.c
             = note: at byte 0 of a file that could not be read or has changed: past the end
             = help: do it so
        "#]],
    );
    check(
        &[],
        &Diagnostic::note_only(codes::FLAG_UNKNOWN, "about no file"),
        &expect![[r"
            note[IA2008]: about no file
        "]],
    );
}

#[test]
fn colours_only_when_asked_for_and_never_from_the_input() {
    let source = b"int \x1b[31mx;\n";
    let diagnostic = error("\u{1b}[31mred").at(find(source, b"x")).note("\u{1b}[31m").help("\u{7}");
    let files = Files(&[("/src/a.c", source)]);
    let plain = Renderer::new(&files, Style::Plain).text(&diagnostic);
    assert!(!plain.contains(['\u{1b}', '\u{7}']), "{plain:?}");
    let coloured = Renderer::new(&files, Style::Coloured).text(&diagnostic);
    assert!(coloured.contains("\u{1b}["), "{coloured:?}");
    assert!(!coloured.contains("\u{1b}[31m"), "no colour comes from the input: {coloured:?}");
}

#[test]
fn json_has_the_shape_of_rustcs() {
    let source = b"\t\xfc = \"\xc3\xa4\", x\r\n;\n";
    let diagnostic = error("odd")
        .at_labelled(find(source, b"x\r\n;"), "here")
        .also(span("/gone.c", 1, 2), "")
        .note("why")
        .suggest("do", span("/src/a.c", 0, 0), "y");
    let files = Files(&[("/src/a.c", source)]);
    let line = Renderer::new(&files, Style::Coloured).json(&diagnostic);
    assert!(!line.contains('\n'));
    let mut json: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let explanation = json["code"]["explanation"].take();
    assert!(explanation.as_str().expect("text").contains("-DPKEY=two"));
    expect![[r#"
        {
          "$message_type": "diagnostic",
          "children": [
            {
              "children": [],
              "code": null,
              "level": "note",
              "message": "why",
              "rendered": null,
              "spans": []
            },
            {
              "children": [],
              "code": null,
              "level": "help",
              "message": "do",
              "rendered": null,
              "spans": [
                {
                  "byte_end": 0,
                  "byte_start": 0,
                  "column_end": 1,
                  "column_start": 1,
                  "expansion": null,
                  "file_name": "a.c",
                  "is_primary": true,
                  "label": null,
                  "line_end": 1,
                  "line_start": 1,
                  "suggested_replacement": "y",
                  "suggestion_applicability": "Unspecified",
                  "text": [
                    {
                      "highlight_end": 1,
                      "highlight_start": 1,
                      "text": "\t� = \"ä\", x"
                    }
                  ]
                }
              ]
            }
          ],
          "code": {
            "code": "IA2012",
            "explanation": null
          },
          "level": "error",
          "message": "odd",
          "rendered": "error[IA2012]: odd\n --> a.c:1:11\n  |\n1 |       � = \"ä\", x\n  |  ______________^\n2 | | ;\n  | |_^ here\n ::: /gone.c\n  = note: at byte 1 of a file that could not be read or has changed\n  = note: why\nhelp: do\n  |\n1 | y    � = \"ä\", x\n  | +\n",
          "spans": [
            {
              "byte_end": 15,
              "byte_start": 11,
              "column_end": 2,
              "column_start": 11,
              "expansion": null,
              "file_name": "a.c",
              "is_primary": true,
              "label": "here",
              "line_end": 2,
              "line_start": 1,
              "suggested_replacement": null,
              "suggestion_applicability": null,
              "text": [
                {
                  "highlight_end": 12,
                  "highlight_start": 11,
                  "text": "\t� = \"ä\", x"
                },
                {
                  "highlight_end": 2,
                  "highlight_start": 1,
                  "text": ";"
                }
              ]
            },
            {
              "byte_end": 2,
              "byte_start": 1,
              "column_end": 0,
              "column_start": 0,
              "expansion": null,
              "file_name": "/gone.c",
              "is_primary": false,
              "label": null,
              "line_end": 0,
              "line_start": 0,
              "suggested_replacement": null,
              "suggestion_applicability": null,
              "text": []
            }
          ]
        }
    "#]]
    .assert_eq(&(serde_json::to_string_pretty(&json).expect("JSON") + "\n"));
}

#[test]
fn diagnostics_survive_serialisation() {
    let diagnostic = error("odd")
        .at_labelled(span("/src/a.c", 1, 2), "here")
        .also(span("/src/b.c", 3, 3), "there")
        .note("why")
        .help("how")
        .suggest("do", span("/src/a.c", 0, 0), "y");
    let json = serde_json::to_string(&diagnostic).expect("serialises");
    assert_eq!(serde_json::from_str::<Diagnostic>(&json).expect("reads back"), diagnostic);
    let unknown = json.replace("IA2012", "IA2999");
    assert!(serde_json::from_str::<Diagnostic>(&unknown).is_err(), "an unknown code is refused");
}

proptest! {
    #[test]
    fn any_span_of_any_text_can_be_shown(
        text in prop::collection::vec(prop_oneof![3 => prop::sample::select(&b"\n\r\t x"[..]), 1 => any::<u8>()], 0..60),
        spans in prop::collection::vec((0..64_u32, 0..64_u32), 1..5),
    ) {
        // Spans come out of caches as well, so nothing may be taken for granted, not even their order.
        let raw = |(start, end)| Span { file: SourcePath::new("/src/a.c"), start, end };
        let mut diagnostic = error("odd").at_labelled(raw(spans[0]), "first");
        for &other in &spans[1..] {
            diagnostic = diagnostic.also(raw(other), "other").suggest("do", raw(other), "y\nz");
        }
        let path = "/src/a.c";
        let files = [(path, text.as_slice())];
        let files = Files(&files);
        let mut renderer = Renderer::new(&files, Style::Plain);
        let shown = renderer.text(&diagnostic);
        prop_assert!(shown.starts_with("error[IA2012]: odd\n"));
        prop_assert!(shown.contains("a.c"));
        let json = renderer.json(&diagnostic);
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(json["spans"].as_array().map(Vec::len), Some(spans.len()));
    }
}
