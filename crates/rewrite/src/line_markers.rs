//! Line markers: where the lines of preprocessed text come from.
//!
//! gcc and clang write `# 12 "src/a.h" 1 3` in front of lines (GCC manual, "Preprocessor Output"), or
//! `#line 12 "src/a.h"` if they are asked to. Directories in it are relative to where the preprocessor
//! ran, which a marker that ends in `//` names.

/// The line markers of a text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineMarkers {
    markers: Vec<Marker>,
    directory: Option<String>,
}

/// What holds from one marker to the next.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Marker {
    /// Offset of the first line it is about.
    start: u32,
    /// Number of that line.
    line: u32,
    file: String,
}

/// A line of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line<'a> {
    /// The file, as the marker names it.
    pub file: &'a str,
    /// The line, counted from 1.
    pub number: u32,
}

impl LineMarkers {
    /// Those of a text that has been preprocessed.
    pub fn of(text: &[u8]) -> LineMarkers {
        let mut found = LineMarkers::default();
        let mut start = 0;
        while start < text.len() {
            let end = text[start..].iter().position(|&byte| byte == b'\n');
            let end = end.map_or(text.len(), |length| start + length + 1);
            if let Some((line, file)) = marker(&text[start..end]) {
                match file.strip_suffix("//") {
                    Some(directory) => found.directory = Some(directory.to_owned()),
                    None => found.markers.push(Marker { start: end as u32, line, file }),
                }
            }
            start = end;
        }
        found
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.markers.is_empty()
    }

    /// The directory in which the preprocessor ran, if it says so.
    pub fn directory(&self) -> Option<&str> {
        self.directory.as_deref()
    }

    /// The file that was preprocessed.
    pub fn main_file(&self) -> Option<&str> {
        self.markers.iter().map(|marker| marker.file.as_str()).find(|file| !is_invented(file))
    }

    /// The names of all files from which there are lines, with the offsets where their lines begin.
    pub fn parts(&self) -> impl Iterator<Item = (u32, &str)> {
        self.markers.iter().map(|marker| (marker.start, marker.file.as_str()))
    }

    /// Where the line with a byte of the text comes from.
    pub fn line(&self, text: &[u8], offset: u32) -> Option<Line<'_>> {
        let index = self.markers.partition_point(|marker| marker.start <= offset).checked_sub(1)?;
        let marker = &self.markers[index];
        let before = text.get(marker.start as usize..offset as usize)?;
        let newlines = before.iter().filter(|&&byte| byte == b'\n').count() as u32;
        Some(Line { file: &marker.file, number: marker.line + newlines })
    }
}

/// Whether the name stands for no file: `<built-in>`, `<command-line>`.
pub fn is_invented(file: &str) -> bool {
    file.is_empty() || file.starts_with('<')
}

/// Length of the line marker at the beginning of a line, without the end of the line.
pub(crate) fn marker_length(text: &[u8]) -> Option<usize> {
    let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
    number_and_rest(&text[..end]).map(|_| end)
}

/// The number that a line marker or directive gives to the line behind it; `None` for other lines.
pub(crate) fn next_line(line: &[u8]) -> Option<u32> {
    number_and_rest(line).map(|(number, _)| number)
}

/// The number and the file in a line marker.
fn marker(line: &[u8]) -> Option<(u32, String)> {
    let (number, rest) = number_and_rest(line)?;
    let quoted = rest.trim_ascii_start().strip_prefix(b"\"")?;
    let mut name = Vec::new();
    let mut bytes = quoted.iter().copied();
    loop {
        match bytes.next()? {
            b'"' => break,
            b'\\' => name.push(bytes.next()?),
            byte => name.push(byte),
        }
    }
    Some((number, String::from_utf8_lossy(&name).into_owned()))
}

/// What stands behind `#` or `#line`.
fn number_and_rest(line: &[u8]) -> Option<(u32, &[u8])> {
    let rest = line.trim_ascii_start().strip_prefix(b"#")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"line").map_or(rest, <[u8]>::trim_ascii_start);
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    Some((number, &rest[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"# 0 \"a \\\"b\\\".c\"\n# 0 \"/cwd//\"\n# 0 \"<built-in>\"\n# 1 \"/usr/include/x.h\" 1 3 4\n\
        int x;\n# 3 \"a \\\"b\\\".c\" 2\nint y;\n  int z;\n#line 9 \"b.h\"\nint w;\n#pragma once\n";

    fn line_at(word: &str) -> (String, u32) {
        let markers = LineMarkers::of(TEXT);
        let text = std::str::from_utf8(TEXT).unwrap();
        let line = markers.line(TEXT, text.find(word).unwrap() as u32).unwrap();
        (line.file.to_owned(), line.number)
    }

    #[test]
    fn lines_are_found() {
        assert_eq!(line_at("int x"), ("/usr/include/x.h".to_owned(), 1));
        assert_eq!(line_at("int y"), ("a \"b\".c".to_owned(), 3));
        assert_eq!(line_at("int z"), ("a \"b\".c".to_owned(), 4));
        assert_eq!(line_at("int w"), ("b.h".to_owned(), 9));
        assert_eq!(line_at("#pragma"), ("b.h".to_owned(), 10));
    }

    #[test]
    fn the_source_and_the_directory_are_known() {
        let markers = LineMarkers::of(TEXT);
        assert_eq!(markers.main_file(), Some("a \"b\".c"));
        assert_eq!(markers.directory(), Some("/cwd"));
        assert!(LineMarkers::of(b"int x;\n#define A 1\n#if 1\n#endif\n").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text: Vec<u8>, offset: u32) {
            let markers = LineMarkers::of(&text);
            let _ = markers.line(&text, offset);
        }
    }
}
