//! Writing out uses of macros.
//!
//! An expression of which a macro brings only a part has no place to be edited. The use of the macro
//! is then replaced by what it expands to, and the source analysed again. The expansion comes from
//! the preprocessor of the program's own compiler: uses are marked with words that mean nothing to
//! it, and found again in its output.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use diagnostics::{Diagnostic, SourcePath, Span};

use crate::paste::line_around;
use crate::token::{Trigraphs, each_token};

/// Texts that take the place of files.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    files: BTreeMap<SourcePath, Patched>,
    /// How many macros there are by which sources choose text.
    choices: usize,
}

/// A file with uses of macros written out.
#[derive(Clone, Debug)]
struct Patched {
    text: Vec<u8>,
    /// What was replaced, one entry per time the file was patched.
    rounds: Vec<Vec<Patch>>,
}

/// A replaced range of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Patch {
    /// Bytes of the text before.
    old: Range<u32>,
    /// Bytes of the text after.
    new: Range<u32>,
}

impl Overlay {
    /// The text that takes the place of the file's, if one does.
    pub fn text(&self, file: &SourcePath) -> Option<&[u8]> {
        self.files.get(file).map(|patched| patched.text.as_slice())
    }

    /// A name for one more macro by which sources choose text.
    pub fn new_choice(&mut self) -> String {
        self.choices += 1;
        format!("IA2_TEXT_{}", self.choices)
    }

    /// All files and their texts.
    pub fn texts(&self) -> impl Iterator<Item = (&SourcePath, &[u8])> {
        self.files.iter().map(|(file, patched)| (file, patched.text.as_slice()))
    }

    /// Replaces ranges of the file's current `text`, which must not overlap, in ascending order.
    pub fn patch(
        &mut self,
        file: &SourcePath,
        text: &[u8],
        patches: &[(Range<u32>, impl AsRef<[u8]>)],
    ) {
        let mut new = Vec::with_capacity(text.len());
        let mut round = Vec::new();
        let mut position = 0;
        for (range, replacement) in patches {
            new.extend_from_slice(&text[position..range.start as usize]);
            let start = new.len() as u32;
            new.extend_from_slice(replacement.as_ref());
            round.push(Patch { old: range.clone(), new: start..new.len() as u32 });
            position = range.end as usize;
        }
        new.extend_from_slice(&text[position..]);
        let patched = self
            .files
            .entry(file.clone())
            .or_insert_with(|| Patched { text: Vec::new(), rounds: Vec::new() });
        patched.text = new;
        patched.rounds.push(round);
    }

    /// The same place in the file as it is on disk.
    pub fn original(&self, span: &Span) -> Span {
        let Some(patched) = self.files.get(&span.file) else { return span.clone() };
        let mut range = span.start..span.end;
        for round in patched.rounds.iter().rev() {
            let start = offset_before(round, range.start, |patch| patch.old.start);
            let end = offset_before(round, range.end, |patch| patch.old.end);
            range = start..end.max(start);
        }
        Span::new(span.file.clone(), range)
    }

    /// Lets a diagnostic speak of the files as they are on disk.
    pub fn restore(&self, diagnostic: &mut Diagnostic) {
        let labels = diagnostic.primary.iter_mut().chain(&mut diagnostic.secondary);
        labels.for_each(|label| label.span = self.original(&label.span));
        for replacement in diagnostic.help.iter_mut().flat_map(|help| &mut help.replacements) {
            replacement.span = self.original(&replacement.span);
        }
    }
}

/// The offset in the text before a round of patches; `inside` says which one an offset inside of a
/// replacement stands for.
fn offset_before(round: &[Patch], offset: u32, inside: impl Fn(&Patch) -> u32) -> u32 {
    let before = round.iter().take_while(|patch| patch.new.start <= offset).last();
    match before {
        None => offset,
        Some(patch) if offset < patch.new.end => inside(patch),
        Some(patch) => patch.old.end + (offset - patch.new.end),
    }
}

/// How the words around uses begin, in front of the number of the use.
const MARK: &str = "__ia2_use_";
/// How the first of the two goes on behind it.
const BEGINS: &str = "_begins";

/// The words around the use with this number.
fn marks(number: usize) -> (String, String) {
    (format!("{MARK}{number}{BEGINS}"), format!("{MARK}{number}_ends"))
}

/// The text with each use between two words that the preprocessor keeps; numbered from `first` on.
pub fn mark(text: &[u8], uses: &[Range<u32>], first: usize) -> Vec<u8> {
    mark_with(text, uses, first, "")
}

/// The same, with the macro `__COUNTER__` behind the first word and in front of the second one.
pub fn mark_counting(text: &[u8], uses: &[Range<u32>], first: usize) -> Vec<u8> {
    mark_with(text, uses, first, " __COUNTER__ ")
}

fn mark_with(text: &[u8], uses: &[Range<u32>], first: usize, inside: &str) -> Vec<u8> {
    let mut marked = Vec::with_capacity(text.len() + 64 * uses.len());
    let mut position = 0;
    for (index, used) in uses.iter().enumerate() {
        let (begin, end) = marks(first + index);
        marked.extend_from_slice(&text[position..used.start as usize]);
        marked.extend_from_slice(format!(" {begin} {inside}").as_bytes());
        marked.extend_from_slice(&text[used.start as usize..used.end as usize]);
        marked.extend_from_slice(format!("{inside} {end} ").as_bytes());
        position = used.end as usize;
    }
    marked.extend_from_slice(&text[position..]);
    marked
}

/// The expansion with the name of the null pointer where it has the text that the name stands for in most
/// headers of C.
pub fn naming_null(expansion: &str) -> String {
    expansion.replace("((void *)0)", "NULL")
}

/// How often a use expands `__COUNTER__`, given what it became with one of them at each end; `None` if
/// that cannot be told.
pub fn counted(expansion: &str) -> Option<usize> {
    let number = |word: Option<&str>| word?.parse::<usize>().ok();
    let first = number(expansion.split_whitespace().next())?;
    let last = number(expansion.split_whitespace().next_back())?;
    last.checked_sub(first)?.checked_sub(1)
}

/// The expansion of a use that expands `__COUNTER__` so often, with something in front of it that does
/// the same. Otherwise what stands behind it would get other numbers once it is written out.
pub fn advancing(expansion: &str, times: usize) -> String {
    match times {
        0 => expansion.to_owned(),
        _ => format!("{ADVANCE}({}) {expansion}", ["__COUNTER__"].repeat(times).join(" ")),
    }
}

/// The macro that expands its argument, and to nothing.
const ADVANCE: &str = "IA2_ADVANCE";

/// What defines the macros that stand in what is written out, as flags of a compiler; not all sources
/// include the header that does.
pub const DEFINITIONS: [&str; 3] =
    ["-DIA2_NOT_A_MACRO=", "-DIA2_ADVANCE(text)=IA2_ADVANCE_(text)", "-DIA2_ADVANCE_(text)="];

/// What the uses with numbers below `count` became in the preprocessor's output; several texts if a
/// use was reached several times with different results.
pub fn expansions(output: &str, count: usize) -> Vec<BTreeSet<String>> {
    let mut found = vec![BTreeSet::new(); count];
    let mut rest = output;
    while let Some(at) = rest.find(MARK) {
        rest = &rest[at + MARK.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Ok(number) = rest[..digits].parse::<usize>() else { continue };
        let Some(inside) = rest[digits..].strip_prefix(BEGINS) else { continue };
        let (_, end) = marks(number);
        let Some(length) = inside.find(&end) else { continue };
        if let Some(known) = found.get_mut(number) {
            known.insert(tidied(&inside[..length]));
        }
        // A use may bring about others: what is in it is looked through as well.
        rest = inside;
    }
    found
}

/// On one line. Pragmas, for which the preprocessor makes lines of their own, become operators again.
fn tidied(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut code = String::new();
    for line in text.split_inclusive('\n') {
        match line.trim_start().strip_prefix("#pragma") {
            Some(pragma) => {
                join_words(&mut tidied, &std::mem::take(&mut code));
                let quoted = pragma.trim().replace('\\', "\\\\").replace('"', "\\\"");
                join_words(&mut tidied, &format!(" _Pragma(\"{quoted}\") "));
            }
            None => code.push_str(line),
        }
    }
    join_words(&mut tidied, &code);
    tidied
}

/// Appends the tokens of the text, a blank between those that something separates.
fn join_words(line: &mut String, text: &str) {
    let mut end = 0;
    for token in each_token(text.as_bytes(), Trigraphs::Kept) {
        let (start, stop) = (token.range.start as usize, token.range.end as usize);
        if start > end && !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&text[start..stop]);
        end = stop;
    }
}

/// The macro that stands between a function's name and its arguments where a macro of that name is
/// not meant. It expands to nothing.
const GUARD: &str = "IA2_NOT_A_MACRO";

/// The expansion with guards behind these names, where arguments follow. The preprocessor left them
/// as they are because their macro was being expanded; in the source, nothing would stop it.
pub fn guarded(expansion: &str, names: &BTreeSet<String>) -> String {
    let text = expansion.as_bytes();
    let mut tokens = each_token(text, Trigraphs::Kept).peekable();
    let mut result = String::with_capacity(expansion.len());
    let mut position = 0;
    while let Some(token) = tokens.next() {
        let end = token.range.end as usize;
        result.push_str(&expansion[position..end]);
        position = end;
        let is_called = tokens.peek().is_some_and(|next| next.text(text) == b"(");
        if is_called && names.contains(&expansion[token.range.start as usize..end]) {
            result.push(' ');
            result.push_str(GUARD);
        }
    }
    result.push_str(&expansion[position..]);
    result
}

/// The text without definitions of macros that have no parameters and stand in what they expand to,
/// such as `#define x (loop->x)`. Without them their uses stay as they are, because what they expand to
/// would be expanded again.
pub fn without_own_names(text: &[u8]) -> Vec<u8> {
    let tokens: Vec<_> = each_token(text, Trigraphs::Kept).collect();
    let mut without = text.to_vec();
    for (index, window) in tokens.windows(3).enumerate() {
        let [hash, define, name] = window else { continue };
        let start = hash.range.start as usize;
        let is_definition = hash.text(text) == b"#" && define.text(text) == b"define";
        if !is_definition || text.get(name.range.end as usize) == Some(&b'(') {
            continue;
        }
        let end = line_around(text, hash.range.start).end;
        let mut body =
            tokens[index + 3..].iter().take_while(|token| token.range.end as usize <= end);
        if body.any(|token| token.text(text) == name.text(text)) {
            without[start..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| {
                *byte = b' ';
            });
        }
    }
    without
}

/// The names of the macros with parameters that a file defines anywhere.
pub fn macros_with_parameters(text: &[u8]) -> BTreeSet<String> {
    let tokens: Vec<_> = each_token(text, Trigraphs::Kept).collect();
    let defined = tokens.windows(4).filter(|window| {
        let [hash, define, name, open] = window else { return false };
        hash.text(text) == b"#"
            && define.text(text) == b"define"
            && open.text(text) == b"("
            && open.range.start == name.range.end
    });
    defined.map(|window| String::from_utf8_lossy(window[2].text(text)).into_owned()).collect()
}

/// The expansion as it is put in the place of the use: with the line breaks that the use had, so that
/// everything behind it stays on its line.
pub fn replacement(used: &[u8], expansion: &str) -> String {
    let lines = used.iter().filter(|&&byte| byte == b'\n').count();
    let written = expansion.matches('\n').count();
    let pad = "\n".repeat(lines.saturating_sub(written));
    format!("{expansion}{pad}")
}

/// Whether two preprocessed texts are the same to a compiler.
pub fn is_same_text(first: &str, second: &str) -> bool {
    fn words(text: &str) -> impl Iterator<Item = &[u8]> {
        let text = text.as_bytes();
        each_token(text, Trigraphs::Kept).map(|token| token.text(text))
    }
    words(first).eq(words(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_uses_are_found_again() {
        let marked = String::from_utf8(mark(b"f(A, B(1));", &[2..3, 5..9], 0)).unwrap();
        assert_eq!(
            marked,
            "f( __ia2_use_0_begins A __ia2_use_0_ends ,  __ia2_use_1_begins B(1) __ia2_use_1_ends );"
        );
        let output = marked.replace("B(1)", "(1\n + 1)");
        let found = expansions(&output, 2);
        assert_eq!(found[0], BTreeSet::from(["A".to_owned()]));
        assert_eq!(found[1], BTreeSet::from(["(1 + 1)".to_owned()]));
        let output = marked.replace("B(1)", "p(\"\\n  %s\t\",\n  ' ')");
        assert_eq!(expansions(&output, 2)[1], BTreeSet::from(["p(\"\\n  %s\t\", ' ')".to_owned()]));
        let output = marked.replace("B(1)", "do\n  (1)\n#pragma GCC error \"a\\n\"\n (2)\n");
        let expected = r#"do (1) _Pragma("GCC error \"a\\n\"") (2)"#;
        assert_eq!(expansions(&output, 2)[1], BTreeSet::from([expected.to_owned()]));
    }

    #[test]
    fn what_is_written_out_counts_as_before() {
        let marked = String::from_utf8(mark_counting(b"f(A)g(B)", &[2..3, 6..7], 0)).unwrap();
        assert_eq!(
            marked,
            "f( __ia2_use_0_begins  __COUNTER__ A __COUNTER__  __ia2_use_0_ends )\
             g( __ia2_use_1_begins  __COUNTER__ B __COUNTER__  __ia2_use_1_ends )"
        );
        assert_eq!(counted("7 (x_8 + x_9) 10"), Some(2));
        assert_eq!(counted("7 8"), Some(0));
        assert_eq!(counted("7 x"), None);
        assert_eq!(advancing("x_8", 0), "x_8");
        assert_eq!(advancing("x_8", 2), "IA2_ADVANCE(__COUNTER__ __COUNTER__) x_8");
    }

    #[test]
    fn a_function_is_told_from_the_macro_of_its_name() {
        let text = b"#define say(n) keep(say(n))\n# define OTHER (1)\n#define f(x) x";
        let names = macros_with_parameters(text);
        assert_eq!(names, BTreeSet::from(["say".to_owned(), "f".to_owned()]));
        assert_eq!(
            guarded("keep(say(f), \"say(\", say)", &names),
            "keep(say IA2_NOT_A_MACRO(f), \"say(\", say)"
        );
    }

    #[test]
    fn definitions_that_use_their_own_name_are_left_out() {
        let text = b"#define x ((loop)->x)\n#define y (x)\n# define z \\\n  z\n#define f(a) f(a)\n";
        let expected =
            "                     \n#define y (x)\n            \n   \n#define f(a) f(a)\n";
        assert_eq!(String::from_utf8(without_own_names(text)).unwrap(), expected);
    }

    #[test]
    fn places_are_those_of_the_file_on_disk() {
        let file = SourcePath::new("a.c");
        let mut overlay = Overlay::default();
        overlay.patch(&file, b"x = A + B;", &[(4..5, "(1 + 2)"), (8..9, "b")]);
        let text = overlay.text(&file).unwrap().to_vec();
        assert_eq!(text, b"x = (1 + 2) + b;");
        let at = |start, end| {
            let span = overlay.original(&Span::new(file.clone(), start..end));
            (span.start, span.end)
        };
        assert_eq!(at(0, 1), (0, 1));
        assert_eq!(at(5, 6), (4, 5));
        assert_eq!(at(14, 15), (8, 9));
        assert_eq!(at(15, 16), (9, 10));
    }
}
