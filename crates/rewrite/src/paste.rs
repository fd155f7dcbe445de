//! Putting the text of an included file in the place of its directive.

use std::ops::Range;

use crate::edits::text_start;

/// The preprocessing directive that the offset lies in, without the end of its last line; `None` if a
/// comment begins in front of it or goes on behind it.
pub fn directive_around(text: &[u8], offset: u32) -> Option<Range<u32>> {
    let range = line_around(text, offset);
    let line = &text[range.clone()];
    let is_whole = line.trim_ascii_start().starts_with(b"#") && !leaves_comment_open(line);
    is_whole.then_some(range.start as u32..range.end as u32)
}

/// Whether a comment that begins in the line does not end in it. Nothing but names of files, without
/// comments in them, stands in quotes.
fn leaves_comment_open(mut line: &[u8]) -> bool {
    let find = |line: &[u8], pair: &[u8]| line.windows(2).position(|found| found == pair);
    loop {
        let Some(begin) = find(line, b"/*") else { return false };
        if find(line, b"//").is_some_and(|rest| rest < begin) {
            return false;
        }
        let Some(length) = find(&line[begin + 2..], b"*/") else { return true };
        line = &line[begin + 2 + length + 2..];
    }
}

/// Whether the offset lies in a preprocessing directive.
pub(crate) fn is_in_directive(text: &[u8], offset: u32) -> bool {
    text[line_around(text, offset)].trim_ascii_start().starts_with(b"#")
}

/// The line, with those that continue it.
pub(crate) fn line_around(text: &[u8], offset: u32) -> Range<usize> {
    let offset = (offset as usize).min(text.len());
    let is_continued = |line: &[u8]| line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\");
    let is_end = |index: usize| text[index] == b'\n' && !is_continued(&text[..index]);
    let newline = (0..offset).rev().find(|&index| is_end(index));
    let start = newline.map_or_else(|| text_start(text), |newline| newline + 1);
    let end = (offset..text.len()).find(|&index| is_end(index)).unwrap_or(text.len());
    start..end
}

/// What takes the place of a directive that includes a file: the file's text, between line directives,
/// so that every line keeps its file and number in messages and debuggers. `None` if the directive
/// does not spell the file's name.
pub fn pasted(
    text: &[u8],
    directive: &Range<u32>,
    included: &[u8],
    includer: &str,
) -> Option<Vec<u8>> {
    let (before, rest) = text.split_at(directive.start as usize);
    let line = &rest[..(directive.end - directive.start) as usize];
    let quote = line.iter().position(|byte| matches!(byte, b'"' | b'<'))?;
    let closing = if line[quote] == b'<' { b'>' } else { b'"' };
    let name = line[quote + 1..].split(|&byte| byte == closing).next()?;
    let (file, number) = presumed(&before[text_start(before)..], includer.as_bytes());
    let next = number + 1 + line.iter().filter(|&&byte| byte == b'\n').count();
    let included = &included[text_start(included)..];
    let end: &[u8] = if included.ends_with(b"\n") { b"" } else { b"\n" };
    let next = format!("#line {next} \"");
    Some([b"#line 1 \"", name, b"\"\n", included, end, next.as_bytes(), &file, b"\""].concat())
}

/// File and number of the line that follows `before`, as line directives in it have it.
fn presumed(before: &[u8], file: &[u8]) -> (Vec<u8>, usize) {
    let (mut file, mut number) = (file.to_vec(), 1);
    for line in before.split_inclusive(|&byte| byte == b'\n') {
        number += 1;
        let Some(rest) = line.trim_ascii().strip_prefix(b"#line ") else { continue };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let given = std::str::from_utf8(&rest[..digits]).ok().and_then(|text| text.parse().ok());
        let Some(given) = given else { continue };
        number = given;
        if let Some(name) = rest[digits..].split(|&byte| byte == b'"').nth(1) {
            file = name.to_vec();
        }
    }
    (file, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] =
        b"int a;\n# include \\\n  \"t.c\"\nint b;\n#line 7 \"x.y\"\n#include <u.h>\nint c;\n";

    #[test]
    fn what_is_included_keeps_its_lines() {
        let check = |offset, included: &[u8], directive: &str, expected: &str| {
            let range = directive_around(TEXT, offset).unwrap();
            let line = &TEXT[range.start as usize..range.end as usize];
            assert_eq!(String::from_utf8_lossy(line), directive);
            let out = pasted(TEXT, &range, included, "a.c").unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        };
        check(10, b"int t;", "# include \\\n  \"t.c\"", "#line 1 \"t.c\"\nint t;\n#line 4 \"a.c\"");
        check(60, b"int u;\n", "#include <u.h>", "#line 1 \"u.h\"\nint u;\n#line 8 \"x.y\"");
    }

    #[test]
    fn only_whole_directives_are_replaced() {
        assert_eq!(directive_around(b"#include \"a.h\" /* b\n*/\n", 3), None);
        assert_eq!(directive_around(b"#include \"a.h\" /* b */ // /*\n", 3), Some(0..28));
        assert_eq!(directive_around(b"int a;\n", 3), None);
    }
}
