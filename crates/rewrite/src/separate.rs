//! Text that units need differently, twice: once for each, under a condition.
//!
//! A file is written once for all units that compile it. Where they need different text, because
//! their macros give its types or uses of other macros another meaning, the declarations or statements
//! there are repeated:
//!
//! ```c
//! #ifdef IA2_TEXT_1
//! #line 3
//! static inline int is_set(T f) { return f != 0; }
//! #else
//! #line 3
//! static inline int is_set(T f) { return f != 0; }
//! #endif
//! #line 4
//! ```
//!
//! A source that does not take the last one says so in its first lines: see [`crate::choices`]. From
//! then on each repetition is compiled by units alone that need the same of it, and analysed and edited
//! as any other text.

use std::ops::Range;

use diagnostics::{Diagnostic, Span};

use crate::choices::Choices;
use crate::facts::Facts;
use crate::line_markers::next_line;
use crate::token::{Token, Trigraphs, tokens};

/// A place that units need different text at.
#[derive(Clone, Debug)]
pub struct Separation {
    /// The place.
    pub place: Span,
    /// Which units need the same text.
    pub choices: Choices,
    /// What they need; an error if they cannot have it.
    pub reason: Diagnostic,
}

impl Separation {
    /// Puts units that need the same text together. `None` if their sources cannot say which they take.
    pub fn new<'a>(
        place: &Span,
        needs: impl IntoIterator<Item = (&'a Facts, &'a str)>,
        units: &[Facts],
        reason: Diagnostic,
    ) -> Option<Separation> {
        let (choices, _) = Choices::new(&place.file, needs, units)?;
        (choices.count() > 1).then(|| Separation { place: place.clone(), choices, reason })
    }
}

/// The lines around a place that can be repeated: whole declarations and statements, outside of
/// parentheses, and both or neither end of a condition. `None` if there are none.
pub fn lines_around(text: &[u8], place: &Range<u32>) -> Option<Range<u32>> {
    let boundaries = boundaries(text);
    let mut first = boundaries.partition_point(|&offset| offset <= place.start).checked_sub(1)?;
    let mut last = boundaries.partition_point(|&offset| offset < place.end.max(place.start + 1));
    let directives = directives(text);
    loop {
        let (start, end) = (*boundaries.get(first)?, *boundaries.get(last)?);
        match balance(&directives, start..end) {
            Balance::Even => return Some(start..end),
            Balance::NeedsBefore => first = first.checked_sub(1)?,
            Balance::NeedsBehind => last += 1,
        }
    }
}

/// The lines, repeated: once for each of the macros, and last for sources that define none of them.
/// With the number of a mark, each repetition begins with a word of its own, numbered from there on.
pub fn repeated(
    text: &[u8],
    lines: &Range<u32>,
    macros: &[String],
    first_mark: Option<usize>,
) -> Vec<u8> {
    let (start, end) = (lines.start as usize, lines.end as usize);
    let written = &text[start..end];
    let line_end = if text.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    let (first, next) = (line_at(text, start), line_at(text, end));
    let mut out = Vec::with_capacity((macros.len() + 1) * (written.len() + 32));
    let line = |out: &mut Vec<u8>, line: &str| {
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(line_end.as_bytes());
    };
    for number in 0..=macros.len() {
        match macros.get(number) {
            Some(name) if number == 0 => line(&mut out, &format!("#ifdef {name}")),
            Some(name) => line(&mut out, &format!("#elif defined {name}")),
            None => line(&mut out, "#else"),
        }
        if let Some(first_mark) = first_mark {
            line(&mut out, &mark(first_mark + number));
        }
        line(&mut out, &format!("#line {first}"));
        out.extend_from_slice(written);
        if !written.ends_with(b"\n") {
            line(&mut out, "");
        }
    }
    line(&mut out, "#endif");
    if end < text.len() {
        line(&mut out, &format!("#line {next}"));
    }
    out
}

/// The word that a repetition begins with where it must be found in the preprocessor's output.
pub fn mark(number: usize) -> String {
    format!("__ia2_text_{number}_")
}

/// Offsets of lines at which the text can be cut: in front of and behind whole declarations and
/// statements, and directives between them.
fn boundaries(text: &[u8]) -> Vec<u32> {
    let tokens = tokens(text, Trigraphs::Kept);
    let directives = directives(text);
    let is_in_directive = |offset: u32| {
        let behind = directives.partition_point(|known| known.range.start <= offset);
        behind.checked_sub(1).is_some_and(|last| offset < directives[last].range.end)
    };
    let mut found = vec![0];
    let (mut depth, mut is_between) = (0usize, true);
    for (index, token) in tokens.iter().enumerate() {
        if !is_in_directive(token.range.start) {
            match token {
                _ if token.is(b'(') || token.is(b'[') => depth += 1,
                _ if token.is(b')') || token.is(b']') => depth = depth.saturating_sub(1),
                _ => {}
            }
            let is_end = token.is(b';') || token.is(b'{') || token.is(b'}');
            is_between = depth == 0 && is_end;
        }
        if is_between {
            let next = tokens.get(index + 1).map_or(text.len(), |next| next.range.start as usize);
            let start = next_line_start(text, token, next);
            found.extend(start);
        }
    }
    let end = text.len() as u32;
    if is_between && found.last() != Some(&end) {
        found.push(end);
    }
    found
}

/// Where the first line behind a token begins, outside of comments; `None` if not before `end`.
fn next_line_start(text: &[u8], token: &Token, end: usize) -> Option<u32> {
    let mut position = token.range.end as usize;
    while position < end {
        let rest = &text[position..end];
        let length_to = |what: &[u8]| rest.windows(what.len()).position(|window| window == what);
        position += match rest {
            [b'/', b'*', ..] => length_to(b"*/").map_or(rest.len(), |at| at + 2),
            [b'/', b'/', ..] => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
            [b'\\', ..] => length_to(b"\n").map_or(rest.len(), |at| at + 1),
            [b'\n', ..] => return Some(position as u32 + 1),
            _ => 1,
        };
    }
    None
}

/// A directive that is not in a comment, with all its lines.
struct Directive<'a> {
    range: Range<u32>,
    name: &'a [u8],
}

fn directives(text: &[u8]) -> Vec<Directive<'_>> {
    let tokens = tokens(text, Trigraphs::Kept);
    let mut found: Vec<Directive<'_>> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let start = token.range.start as usize;
        let line = text[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let is_first = index == 0 || tokens[index - 1].range.end as usize <= line;
        if !token.is(b'#') || !is_first {
            continue;
        }
        let end = logical_line_end(text, start);
        let name = tokens.get(index + 1).filter(|next| (next.range.end as usize) <= end);
        let name = name.map_or(&[][..], |name| name.text(text));
        found.push(Directive { range: line as u32..end as u32, name });
    }
    found
}

/// Behind the end of the line, and of those that continue it.
fn logical_line_end(text: &[u8], start: usize) -> usize {
    let mut end = start;
    loop {
        let Some(length) = text[end..].iter().position(|&byte| byte == b'\n') else {
            return text.len();
        };
        let line = &text[end..end + length];
        end += length + 1;
        if !line.trim_ascii_end().ends_with(b"\\") {
            return end;
        }
    }
}

/// Whether lines have both ends of each condition in them.
enum Balance {
    Even,
    /// A condition ends that begins in front of them.
    NeedsBefore,
    /// A condition begins that ends behind them.
    NeedsBehind,
}

fn balance(directives: &[Directive<'_>], lines: Range<u32>) -> Balance {
    let mut depth = 0usize;
    let inside =
        |known: &&Directive<'_>| lines.start <= known.range.start && known.range.start < lines.end;
    for directive in directives.iter().filter(inside) {
        match directive.name {
            b"if" | b"ifdef" | b"ifndef" => depth += 1,
            b"endif" if depth > 0 => depth -= 1,
            b"endif" => return Balance::NeedsBefore,
            b"else" | b"elif" | b"elifdef" | b"elifndef" if depth == 0 => {
                return Balance::NeedsBefore;
            }
            _ => {}
        }
    }
    if depth == 0 { Balance::Even } else { Balance::NeedsBehind }
}

/// The number that the compiler gives to the line which begins at an offset.
fn line_at(text: &[u8], offset: usize) -> u32 {
    let mut number = 1;
    for line in text[..offset].split_inclusive(|&byte| byte == b'\n') {
        number = next_line(line).unwrap_or(number + 1);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, place: &str) -> Option<String> {
        let start = text.find(place).unwrap() as u32;
        let lines = lines_around(text.as_bytes(), &(start..start + place.len() as u32))?;
        Some(text[lines.start as usize..lines.end as usize].to_owned())
    }

    #[test]
    fn whole_declarations_and_statements_are_repeated() {
        let text = "int a;\nint f(int x,\n      int y)\n{\n  g(x,\n    y);\n  return x; // }\n}\n";
        assert_eq!(around(text, "x; //").unwrap(), "  return x; // }\n");
        assert_eq!(around(text, "y);").unwrap(), "  g(x,\n    y);\n");
        assert_eq!(around(text, "int y").unwrap(), "int f(int x,\n      int y)\n{\n");
        assert_eq!(around("/* ;\n */ int b;", "b").unwrap(), "/* ;\n */ int b;");
    }

    #[test]
    fn conditions_are_repeated_whole_or_not_at_all() {
        let text = "#if A\nint a;\n#else\nint b;\n#endif\nint\n#ifdef C\nc\n#endif\nd;\nint e;\n";
        assert_eq!(around(text, "b;").unwrap(), "int b;\n");
        assert_eq!(around(text, "d;").unwrap(), "int\n#ifdef C\nc\n#endif\nd;\n");
    }

    #[test]
    fn lines_keep_their_numbers() {
        let text = b"#line 7\nint a;\r\nint b;\r\nint c;\r\n";
        let lines = lines_around(text, &(20..21)).unwrap();
        let out = repeated(text, &lines, &["M".to_owned()], None);
        let expected =
            "#ifdef M\r\n#line 8\r\nint b;\r\n#else\r\n#line 8\r\nint b;\r\n#endif\r\n#line 9\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
