//! Running `cargo test` and counting single tests.

use std::io::{BufRead, BufReader, pipe};
use std::process::Stdio;

use anyhow::{Context, Result};

use super::{Count, Workspace};
use crate::command::{cargo, shown};
use crate::progress::Progress;

/// Runs all tests of a workspace.
pub(super) fn run(workspace: Workspace, progress: &Progress) -> Result<Count> {
    run_with(workspace, &["--workspace", "--no-fail-fast"], progress)
}

/// Runs the tests of a workspace that these arguments of `cargo test` choose.
pub(super) fn run_with(workspace: Workspace, args: &[&str], progress: &Progress) -> Result<Count> {
    let mut command = cargo(&workspace.folder());
    command.arg("test").args(args);
    // One pipe for both streams keeps the order of what is printed.
    let (reader, writer) = pipe().context("a pipe")?;
    let second = writer.try_clone().context("a pipe")?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second);
    let mut child = command.spawn().with_context(|| format!("cannot run `{}`", shown(&command)))?;
    // It holds our ends of the pipe, without which there is no end of file.
    drop(command);
    let mut log = Log::default();
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.context("reading what cargo prints")?;
        let line = String::from_utf8_lossy(&line);
        for shown in log.add(&line) {
            progress.keep(&shown);
        }
        progress.detail(line.trim());
    }
    let status = child.wait().context("waiting for cargo")?;
    for shown in log.finish(status.success()) {
        progress.keep(&shown);
    }
    Ok(log.count)
}

/// What a test run has printed so far.
#[derive(Default)]
struct Log {
    count: Count,
    /// The test program that runs and has not told its result yet.
    program: Option<String>,
    /// What was printed since it began.
    lines: Vec<String>,
}

impl Log {
    /// Takes a line; gives the lines to be shown.
    fn add(&mut self, line: &str) -> Vec<String> {
        if let Some(program) = begins_program(line) {
            let shown = self.end_program();
            self.program = Some(program);
            return shown;
        }
        self.lines.push(line.to_owned());
        let Some(Results { passed, failed, ignored }) = Results::parse(line) else {
            return Vec::new();
        };
        // A test that is not run proves nothing, so it does not count as passed.
        let failed = failed + ignored;
        self.count += Count { passed, failed };
        let program = self.program.take().unwrap_or_default();
        let mut shown = std::mem::take(&mut self.lines);
        if failed == 0 {
            shown.clear();
        }
        if passed + failed > 0 {
            shown.push(format!("    {program}: {passed} passed, {failed} failed"));
        }
        shown
    }

    /// A test program that ends without a result has crashed.
    fn end_program(&mut self) -> Vec<String> {
        let mut shown = std::mem::take(&mut self.lines);
        let Some(program) = self.program.take() else { return Vec::new() };
        self.count += Count::FAILED;
        shown.push(format!("    {program}: ended without a result"));
        shown
    }

    /// Takes cargo's own result.
    fn finish(&mut self, success: bool) -> Vec<String> {
        let rest = self.lines.clone();
        let shown = self.end_program();
        if success || self.count.failed > 0 {
            return shown;
        }
        // Something could not be built.
        self.count += Count::FAILED;
        rest
    }
}

/// The test program that cargo says it starts: `Running unittests src/lib.rs (target/…/name-hash)` or
/// `Doc-tests name`.
fn begins_program(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(format!("{name}, examples in its documentation"));
    }
    let (source, file) = line.strip_prefix("Running ")?.strip_suffix(')')?.split_once(" (")?;
    let (name, _) = file.rsplit('/').next()?.rsplit_once('-')?;
    Some(format!("{name}, {}", source.trim_start_matches("unittests ")))
}

/// The last line of a test program: `test result: ok. 9 passed; 0 failed; 0 ignored; …`.
struct Results {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Results {
    fn parse(line: &str) -> Option<Results> {
        let rest = line.trim().strip_prefix("test result: ")?;
        let (_, counts) = rest.split_once(". ")?;
        let count = |what| {
            counts.split("; ").find_map(|count| count.strip_suffix(what)?.trim().parse().ok())
        };
        Some(Results {
            passed: count("passed")?,
            failed: count("failed")?,
            ignored: count("ignored")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str, success: bool) -> (Count, String) {
        let mut log = Log::default();
        let mut shown: Vec<_> = text.lines().flat_map(|line| log.add(line)).collect();
        shown.extend(log.finish(success));
        (log.count, shown.join("\n"))
    }

    const GOOD: &str = "   Compiling a v0.1.0
     Running unittests src/lib.rs (target/debug/deps/a-01ab)

running 2 tests
test one ... ok
test two ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests a

running 0 tests

test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn results_of_all_programs_are_added() {
        let (count, shown) = counted(GOOD, true);
        assert_eq!(count, Count { passed: 2, failed: 0 });
        assert_eq!(shown, "    a, src/lib.rs: 2 passed, 0 failed");
    }

    #[test]
    fn failures_are_shown_with_what_was_printed() {
        let text = GOOD.replace("ok. 2 passed; 0 failed", "FAILED. 1 passed; 1 failed");
        let (count, shown) = counted(&text, false);
        assert_eq!(count, Count { passed: 1, failed: 1 });
        assert!(shown.contains("test two") && !shown.contains("running 0 tests"), "{shown}");
    }

    #[test]
    fn ignored_tests_are_failures() {
        let (count, _) =
            counted(&GOOD.replace("2 passed; 0 failed; 0 ig", "1 passed; 0 failed; 1 ig"), true);
        assert_eq!(count, Count { passed: 1, failed: 1 });
    }

    #[test]
    fn a_crash_is_a_failure_even_if_others_go_on() {
        let text = GOOD.replace("test result: ok. 2 passed", "error: signal: 11 ");
        let (count, shown) = counted(&text, false);
        assert_eq!(count, Count { passed: 0, failed: 1 });
        assert!(shown.contains("signal: 11"), "{shown}");
    }

    #[test]
    fn what_does_not_build_is_a_failure() {
        let (count, shown) = counted("   Compiling a\nerror[E0425]: cannot find x\n", false);
        assert_eq!(count, Count { passed: 0, failed: 1 });
        assert!(shown.contains("E0425"), "{shown}");
    }
}
