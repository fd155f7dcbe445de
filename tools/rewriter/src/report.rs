//! The report of `--report`: which function-pointer types became opaque, and why.

use std::fmt::Write;

use camino::Utf8Path;
use diagnostics::{Diagnostic, Span, codes};
use rewrite::plan::Plan;

use crate::read::Input;

/// Writes the report to a file, or to standard output for `-`.
pub(crate) fn write(plan: &Plan, input: &Input, file: &Utf8Path) -> Result<(), Vec<Diagnostic>> {
    let text = text(plan, input);
    if file == "-" {
        print!("{text}");
        return Ok(());
    }
    std::fs::write(file, text).map_err(|error| {
        let message = format!("cannot write {file}: {error}");
        vec![Diagnostic::error(codes::OUTPUT_UNWRITABLE, message)]
    })
}

fn text(plan: &Plan, input: &Input) -> String {
    let mut out = String::new();
    let count = plan.opaque.len();
    let types = if count == 1 { "type becomes" } else { "types become" };
    let mut line = |text: String| writeln!(out, "{text}").expect("a string takes everything");
    line(format!("{count} function-pointer {types} opaque"));
    for (name, opaque) in &plan.opaque {
        line(format!("\n{}\n    struct IA2_fnptr_{name}", opaque.spelling));
        line(format!("    {}", opaque.reason));
        for span in opaque.reason.spans() {
            line(format!("    {}", place(&input.overlay.original(span))));
        }
    }
    out
}

/// `file:line:column`
fn place(span: &Span) -> String {
    let text = std::fs::read(span.file.as_path()).unwrap_or_default();
    let before = &text[..text.len().min(span.start as usize)];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    let current = std::env::current_dir().ok();
    let path = span.file.as_path();
    let relative = current.and_then(|current| path.strip_prefix(current.to_str()?).ok());
    format!("{}:{line}:{column}", relative.unwrap_or(path))
}
