//! Rules about single files.

use crate::repository::TextFile;

/// The most lines a source file may have.
pub const MOST_LINES: usize = 400;

/// Source files that may be longer, each with the reason.
pub const LONG_FILES: &[(&str, &str)] = &[];

/// Where the instruction that changes PKRU may be written: the gates, the runtime's transitions, the
/// scan that looks for it in ELF files, and tests and benchmarks, which are compartments' code.
const WRPKRU_PLACES: [&str; 6] = [
    "crates/gate/",
    "runtime/libia2/",
    "crates/elf/",
    "runtime/partition-alloc/tests/",
    "tests/",
    "benches/",
];

/// Names that say nothing about what is in a file.
const EMPTY_NAMES: [&str; 4] = ["util.rs", "utils.rs", "helpers.rs", "misc.rs"];

/// Every Rust file says at its very beginning what it is for.
pub fn module_docs(files: &[TextFile]) -> Vec<String> {
    let without = rust(files).filter(|file| !file.contents.starts_with("//!"));
    without.map(|file| format!("{}: does not begin with `//!`", file.path)).collect()
}

/// Rust files do one thing and are short; those that may be longer have a reason, and need it.
pub fn lengths(files: &[TextFile], long: &[(&str, &str)]) -> Vec<String> {
    let lines = |file: &TextFile| file.contents.lines().count();
    let is_listed = |file: &TextFile| long.iter().any(|(path, _)| *path == file.path);
    let too_long = rust(files)
        .filter(|file| lines(file) > MOST_LINES && !is_listed(file))
        .map(|file| format!("{}: {} lines, more than {MOST_LINES}", file.path, lines(file)));
    let needless = long.iter().filter(|(path, _)| {
        !files.iter().any(|file| file.path == *path && lines(file) > MOST_LINES)
    });
    let needless = needless.map(|(path, _)| format!("{path}: listed as long, but is not"));
    too_long.chain(needless).collect()
}

/// No file has a name that says nothing.
pub fn names(files: &[TextFile]) -> Vec<String> {
    files
        .iter()
        .filter(|file| EMPTY_NAMES.contains(&file.path.rsplit('/').next().unwrap_or_default()))
        .map(|file| format!("{}: name it after what it does", file.path))
        .collect()
}

/// Nothing is left to be done, and nothing names the machine it was written on.
pub fn forbidden_words(files: &[TextFile]) -> Vec<String> {
    // Put together here, so that this file does not contain them.
    let unfinished = [["TO", "DO"], ["FIX", "ME"], ["X", "XX"]].map(|parts| parts.concat());
    let places = ["work", "home", "root"].map(|name| format!("/{name}/"));
    let mut complaints = Vec::new();
    for file in files {
        for (number, line) in (1..).zip(file.contents.lines()) {
            let is_unfinished = unfinished.iter().any(|word| contains_word(line, word));
            let found = is_unfinished.then_some("unfinished work; finish it or file an issue");
            let found = found.or_else(|| {
                let is_place = places.iter().any(|place| starts_path(line, place));
                is_place.then_some("a path of somebody's machine")
            });
            complaints.extend(found.map(|what| format!("{}:{number}: {what}", file.path)));
        }
    }
    complaints
}

/// No test is switched off.
pub fn ignored_tests(files: &[TextFile]) -> Vec<String> {
    let attribute = ["#[", "ignore"].concat();
    matches(rust(files), |line| line.trim_start().starts_with(&attribute), "a test that never runs")
}

/// WRPKRU is written only where it is accounted for.
pub fn wrpkru(files: &[TextFile]) -> Vec<String> {
    let instruction = ["wr", "pkru"].concat();
    let code = files.iter().filter(|file| {
        let extension = file.path.rsplit('.').next().unwrap_or_default();
        ["rs", "c", "h", "inc", "S", "s"].contains(&extension)
            && !WRPKRU_PLACES.iter().any(|place| file.path.starts_with(place))
    });
    matches(code, |line| line.contains(&instruction), "WRPKRU outside of gates and runtime")
}

/// The commands in the code blocks of a Markdown file that call `./x`, without repetition.
pub fn x_commands(markdown: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut in_block = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let line = line.trim_start().trim_start_matches("$ ");
        let line = line.split(" #").next().unwrap_or_default();
        if let Some(arguments) = line.strip_prefix("./x").filter(|_| in_block) {
            let words: Vec<_> = arguments.split_whitespace().map(str::to_owned).collect();
            if !commands.contains(&words) {
                commands.push(words);
            }
        }
    }
    commands
}

fn rust(files: &[TextFile]) -> impl Iterator<Item = &TextFile> {
    files.iter().filter(|file| file.path.ends_with(".rs"))
}

fn matches<'a>(
    files: impl Iterator<Item = &'a TextFile>,
    is_match: impl Fn(&str) -> bool,
    what: &str,
) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        let lines = (1..).zip(file.contents.lines());
        let matching = lines.filter(|(_, line)| is_match(line));
        complaints.extend(matching.map(|(number, _)| format!("{}:{number}: {what}", file.path)));
    }
    complaints
}

/// Whether a line contains this word, not as a part of a longer one.
fn contains_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part)
    })
}

/// Whether a line contains a path that starts with this, and not one that only goes through it.
fn starts_path(line: &str, start: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "._-}$~*)]".contains(c);
    line.match_indices(start).any(|(at, _)| !line[..at].ends_with(goes_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, contents: &str) -> TextFile {
        TextFile { path: path.to_owned(), contents: contents.to_owned() }
    }

    #[test]
    fn undocumented_modules_are_found() {
        let files = [file("a.rs", "//! Good.\n"), file("b.rs", "use x;\n"), file("c.c", "int x;")];
        assert_eq!(module_docs(&files), ["b.rs: does not begin with `//!`"]);
    }

    #[test]
    fn long_files_need_a_reason_and_reasons_a_long_file() {
        let long = "//! x\n".repeat(MOST_LINES + 1);
        let files = [file("a.rs", &long), file("b.rs", &long), file("c.rs", "//! x\n")];
        let complaints = lengths(&files, &[("b.rs", "a table"), ("c.rs", "was long once")]);
        assert_eq!(
            complaints,
            ["a.rs: 401 lines, more than 400", "c.rs: listed as long, but is not"]
        );
    }

    #[test]
    fn empty_names_are_found() {
        let files = [file("a/utils.rs", ""), file("a/my_utils.rs", "")];
        assert_eq!(names(&files), ["a/utils.rs: name it after what it does"]);
    }

    #[test]
    fn forbidden_words_are_found() {
        let word = ["TO", "DO"].concat();
        let place = ["/ho", "me/me/x"].concat();
        let complaints = |line: &str| forbidden_words(&[file("a", line)]).len();
        assert_eq!(complaints(&format!("// {word}: later")), 1);
        assert_eq!(complaints(&format!("{word}S are words")), 0);
        assert_eq!(complaints(&format!("cd {place}")), 1);
        assert_eq!(complaints(&format!("\"{place}\"")), 1);
        assert_eq!(complaints(&format!("examples{place}")), 0);
        assert_eq!(complaints(&format!("$ROOT{place} ${{ROOT}}{place}")), 0);
    }

    #[test]
    fn ignored_tests_are_found() {
        let attribute = ["#[ig", "nore]"].concat();
        let files = [file("a.rs", &format!("#[test]\n  {attribute}\nfn x() {{}}"))];
        assert_eq!(ignored_tests(&files), ["a.rs:2: a test that never runs"]);
        assert!(ignored_tests(&[file("a.rs", &format!("// {attribute}"))]).is_empty());
    }

    #[test]
    fn stray_instructions_are_found() {
        let line = ["asm!(\"wr", "pkru\")"].concat();
        let at = |path| wrpkru(&[file(path, &line)]).len();
        assert_eq!((at("vm/src/a.rs"), at("runtime/sys/src/a.rs"), at("examples/a.c")), (1, 1, 1));
        assert_eq!((at("crates/gate/src/a.rs"), at("runtime/libia2/src/a.rs")), (0, 0));
        assert_eq!(at("docs/gates.md"), 0);
    }

    #[test]
    fn commands_are_taken_from_code_blocks() {
        let text =
            "Type ./x nothing.\n```\n./x test   # all\n$ ./x vm -- ./a\n./x test\n./x\n```\n";
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(x_commands(text), [words(&["test"]), words(&["vm", "--", "./a"]), words(&[])]);
    }
}
