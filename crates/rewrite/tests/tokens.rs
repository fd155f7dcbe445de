//! Random text is split into the tokens that clang splits it into.
//!
//! The same texts each time; `./x fuzz` tries others, as many as wanted.

use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rewrite::token::{Token, TokenKind, Trigraphs, tokens};

/// Pieces that texts consist of.
const PIECES: [&str; 46] = [
    "a", "in", "L", "u8", "R", "é", "日", "\\u00e9", "_$", "1", "0x", "e", ".", "5", "+", "-", ">",
    "<", ":", "%", "=", "&", "(", ")", "[", "]", "{", "}", ",", ";", "\"", "'", "\\", "\\\"", "/",
    "*", "//", "/*", "*/", " ", "\n", "\r", "\\\n", "\\ \n", "\\\r\n", "??",
];

/// Less frequent ones, behind which a line does not end.
const RARE: [&str; 8] = ["R\"x(", ")x\"", "??/\n", "??/", "??(", "??<", "#define", "<:"];

/// So many cases, unless told otherwise.
fn config(cases: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").map_or(cases, |n| n.parse().expect("a number"));
    Config { cases, max_global_rejects: 1 << 20, ..Config::default() }
}

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(&PIECES[..]),
        1 => prop::sample::select(&RARE[..]),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A token as both sides tell of it; operators one character at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Piece {
    /// Where it begins; `None` behind the first character of an operator.
    start: Option<usize>,
    text: String,
}

/// Tokens of many texts, in one file; `None` for a text that has an open literal or a character that
/// is none.
fn of_clang(text: &str, trigraphs: Trigraphs, file: &Path) -> Option<Vec<Piece>> {
    std::fs::write(file, text).expect("writable");
    let mut command = Command::new(clang());
    command.args(["-cc1", "-dump-raw-tokens", "-std=gnu23", "-x", "c"]);
    if trigraphs == Trigraphs::Replaced {
        command.arg("-ftrigraphs");
    }
    let output = command.arg(file).output().expect("clang runs");
    let dump = String::from_utf8_lossy(&output.stderr).into_owned();
    let starts = line_starts(text.as_bytes());
    let mut pieces = Vec::new();
    let place = format!("Loc=<{}:", file.display());
    let records: Vec<&str> = dump.split(&place).collect();
    for (index, record) in records.iter().enumerate().take(records.len() - 1) {
        // What stands in front belongs to the place of the token before.
        let record = if index == 0 { record } else { record.split_once(">\n").expect("its end").1 };
        let (kind, rest) = record.split_once(" '").expect("kind and text");
        let written = rest.split("'\t").next().expect("text");
        let (line, rest) = records[index + 1].split_once(':').expect("line");
        let column = rest.split_once('>').expect("column").0;
        let number = |text: &str| text.parse::<usize>().expect("a number");
        let start = starts[number(line) - 1] + number(column) - 1;
        match kind {
            "comment" | "eof" => {}
            "unknown" if written.trim().is_empty() => {}
            "unknown" if written == "\\" => {
                pieces.push(Piece { start: Some(start), text: written.to_owned() });
            }
            "unknown" => return None,
            "raw_identifier" | "numeric_constant" => {
                pieces.push(Piece { start: Some(start), text: written.to_owned() });
            }
            _ if kind.ends_with("_literal") || kind.ends_with("_constant") => {
                pieces.push(Piece { start: Some(start), text: String::new() });
            }
            _ => pieces.extend(operator(start, written)),
        }
    }
    Some(pieces)
}

fn operator(start: usize, written: &str) -> Vec<Piece> {
    const OTHER: [(&str, &str); 5] =
        [("<:", "["), (":>", "]"), ("<%", "{"), ("%>", "}"), ("%:", "#")];
    let other = OTHER.iter().find(|(digraph, _)| *digraph == written);
    let characters = other.map_or(written, |(_, character)| character).chars().enumerate();
    characters
        .map(|(index, c)| Piece { start: (index == 0).then_some(start), text: c.to_string() })
        .collect()
}

/// Where lines begin, as clang counts them.
fn line_starts(text: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut position = 0;
    while position < text.len() {
        let is_pair = text[position..].starts_with(b"\r\n");
        position += 1 + usize::from(is_pair);
        if is_pair || matches!(text[position - 1], b'\n' | b'\r') {
            starts.push(position);
        }
    }
    starts
}

fn of_ours(text: &[u8], token: &Token) -> Piece {
    let word = || String::from_utf8_lossy(&token.word(text)).into_owned();
    let text = match token.kind {
        TokenKind::Word | TokenKind::Number => word(),
        TokenKind::Literal => String::new(),
        TokenKind::Punctuation(character) => char::from(character).to_string(),
    };
    Piece { start: Some(token.range.start as usize), text }
}

/// Whether the two are the same; clang counts what continues a line in front of a token to it.
fn is_same(text: &str, clang: &Piece, ours: &Piece) -> bool {
    let start = ours.start.expect("each has one");
    let is_place = clang.start.is_none_or(|before| {
        before <= start && text[before..start].bytes().all(|byte| b"\\?/ \r\n".contains(&byte))
    });
    is_place && clang.text == ours.text
}

fn clang() -> &'static str {
    let names = ["clang", "clang-19", "clang-18", "clang-17", "clang-16"];
    let runs = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
    names.iter().find(runs).expect("clang is installed")
}

fn same_tokens(trigraphs: Trigraphs) {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("t.c");
    let compared = std::cell::Cell::new(0);
    let result = TestRunner::new(config(100)).run(&texts(), |text| {
        let Some(expected) = of_clang(&text, trigraphs, &file) else { return Ok(()) };
        let found: Vec<Piece> = tokens(text.as_bytes(), trigraphs)
            .iter()
            .map(|token| of_ours(text.as_bytes(), token))
            .collect();
        let same = expected.len() == found.len()
            && expected.iter().zip(&found).all(|(clang, ours)| is_same(&text, clang, ours));
        prop_assert!(same, "clang: {expected:#?}\nours: {found:#?}");
        compared.set(compared.get() + 1);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(compared.get() > 20, "only {} texts had nothing open", compared.get());
}

#[test]
fn clang_finds_the_same_tokens() {
    same_tokens(Trigraphs::Kept);
}

#[test]
fn clang_finds_the_same_tokens_with_trigraphs() {
    same_tokens(Trigraphs::Replaced);
}

#[test]
fn any_text_is_split_without_overlap_in_order() {
    let texts = prop_oneof![any::<Vec<u8>>(), texts().prop_map(String::into_bytes)];
    let result = TestRunner::new(config(2000)).run(&texts, |text| {
        for trigraphs in [Trigraphs::Kept, Trigraphs::Replaced] {
            let mut end = 0;
            for token in tokens(&text, trigraphs) {
                prop_assert!(token.range.start >= end && token.range.end > token.range.start);
                prop_assert!(token.range.end as usize <= text.len());
                end = token.range.end;
            }
        }
        Ok(())
    });
    result.expect("holds");
}
