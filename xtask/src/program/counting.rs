//! Call gates that count how often they are entered.
//!
//! The generated assembly gets one more instruction at the entry of each gate, which adds one to a
//! counter of that gate, and the counters are printed when the process ends. So what is counted is
//! exactly what ran, in a build that differs from the real one by nothing else.

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;

use super::build;

/// What begins the lines that are printed.
const MARK: &str = "ia2-calls: ";

/// Calls through one gate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Calls {
    /// The gate: `ia2_1_to_2_TIFFOpen`.
    pub(crate) gate: String,
    /// How often it was entered.
    pub(crate) count: u64,
}

/// Builds a `libcallgates.so` that counts, from the source of the real one.
///
/// # Errors
/// The source is not as expected, or does not compile.
pub(crate) fn build(source: &Utf8Path, library: &Utf8Path) -> Result<()> {
    let text = instrumented(&fs_err::read_to_string(source)?)?;
    let folder = library.parent().context("a file is in a folder")?;
    fs_err::create_dir_all(folder)?;
    let counting = folder.join("counting.c");
    fs_err::write(&counting, text)?;
    build::gates(counting.as_str(), library)
}

/// The source of the gates with counters.
fn instrumented(source: &str) -> Result<String> {
    let mut text = String::new();
    let mut gates: Vec<&str> = Vec::new();
    let mut is_entry = false;
    for line in source.lines() {
        text.push_str(line);
        text.push('\n');
        let assembly = line.trim().trim_start_matches('"').trim_end_matches("\\n\"").trim();
        if let Some(gate) = assembly.strip_suffix(':').filter(|label| is_gate(label)) {
            gates.push(gate);
            is_entry = true;
        }
        if is_entry && assembly == "endbr64" {
            // No register is free, and no flag carries anything at the start of a function.
            let counter = 8 * (gates.len() - 1);
            text.push_str(&format!("    \"  lock incq .Lia2_calls+{counter}(%rip)\\n\"\n"));
            is_entry = false;
        }
    }
    ensure!(!is_entry && !gates.is_empty(), "the generated gates do not look as expected");
    text.push_str(&printing(&gates));
    Ok(text)
}

/// The symbol of a direct gate, `ia2_<caller>_to_<callee>_…`.
fn is_gate(label: &str) -> bool {
    let caller = label.strip_prefix("ia2_").and_then(|rest| rest.split_once("_to_"));
    caller.is_some_and(|(caller, _)| caller.parse::<u8>().is_ok())
}

/// C code with the counters, which prints those that are not zero at the end.
fn printing(gates: &[&str]) -> String {
    let names: String = gates.iter().map(|gate| format!("    \"{gate}\",\n")).collect();
    format!(
        r#"
#include <stdio.h>
#include <unistd.h>
__asm__(".pushsection .bss\n"
        ".balign 8\n"
        ".hidden ia2_calls\n"
        ".globl ia2_calls\n"
        "ia2_calls:\n"
        ".Lia2_calls: .zero {size}\n"
        ".popsection\n");
extern unsigned long ia2_calls[] __attribute__((visibility("hidden")));
static const char *const ia2_gates[] = {{
{names}}};
__attribute__((destructor)) static void ia2_print_calls(void)
{{
    for (unsigned i = 0; i < sizeof ia2_gates / sizeof *ia2_gates; i++) {{
        char line[512];
        int length = snprintf(line, sizeof line, "{MARK}%lu %s\n", ia2_calls[i], ia2_gates[i]);
        if (ia2_calls[i] && write(2, line, (unsigned)length) < 0)
            return;
    }}
}}
"#,
        size = 8 * gates.len()
    )
}

/// The counts in what a program printed on standard error.
pub(crate) fn counts(stderr: &str) -> Vec<Calls> {
    let parse = |line: &str| {
        let (count, gate) = line.strip_prefix(MARK)?.split_once(' ')?;
        Some(Calls { gate: gate.to_owned(), count: count.parse().ok()? })
    };
    stderr.lines().filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATES: &str = r#"__asm__(
    "ia2_1_to_2_f:\n"
    ".Lia2_1_to_2_f:\n"
    "  endbr64\n"
    "  retq\n"
    "ia2_fn_2_f:\n"
    "  endbr64\n"
);
"#;

    #[test]
    fn each_gate_counts_at_its_entry() {
        let text = instrumented(GATES).unwrap();
        let expected = "\"  endbr64\\n\"\n    \"  lock incq .Lia2_calls+0(%rip)\\n\"\n    \"  retq";
        assert!(text.contains(expected), "{text}");
        assert_eq!(text.matches("incq").count(), 1, "a stub was counted: {text}");
        assert!(instrumented("int x;\n").is_err());
    }

    #[test]
    fn counts_are_read() {
        let calls = counts("warning\nia2-calls: 3 ia2_1_to_2_f\n");
        assert_eq!(calls, [Calls { gate: "ia2_1_to_2_f".to_owned(), count: 3 }]);
    }
}
