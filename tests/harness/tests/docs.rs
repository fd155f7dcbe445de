//! The commands in the user's documents, run as they stand there.
//!
//! A fence of C with a file name writes that file, `sh` is run, and every line of `text` must occur
//! in what the `sh` block before it printed, in that order.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use harness::paths::{root, target_directory};

/// A fenced block.
struct Block {
    /// What stands behind the opening fence.
    info: String,
    text: String,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for line in markdown.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(info) => {
                is_open = true;
                blocks.push(Block { info: info.to_owned(), text: String::new() });
            }
            None if is_open => {
                let block = blocks.last_mut().expect("a block is open");
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    blocks
}

/// Runs the document in a directory of its own, which is kept.
fn run(document: &str) -> Result<()> {
    let name = Path::new(document).file_stem().context("a document has a name")?;
    let directory: PathBuf = target_directory().join("tmp/docs").join(name);
    if directory.exists() {
        fs_err::remove_dir_all(&directory)?;
    }
    fs_err::create_dir_all(&directory)?;
    let mut printed = String::new();
    for Block { info, text } in blocks(&fs_err::read_to_string(root().join(document))?) {
        match info.split_once(' ').unwrap_or((&info, "")) {
            ("c", file) if !file.is_empty() => fs_err::write(directory.join(file), &text)?,
            ("sh", _) => printed = shell(&text, &directory)?,
            ("text", _) => {
                let mut rest = printed.as_str();
                for line in text.lines() {
                    let at = rest.find(line);
                    let at = at.with_context(|| format!("`{line}` is not in:\n{printed}"))?;
                    rest = &rest[at + line.len()..];
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the commands print.
fn shell(commands: &str, directory: &Path) -> Result<String> {
    let output = Command::new("sh")
        .args(["-euxc", commands])
        .current_dir(directory)
        .env("IA2_PATH", root())
        .output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}:\n{stderr}", output.status);
    ensure!(!stderr.contains("warning:"), "{stderr}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_guide() -> Result<()> {
    run("docs/guide.md")
}
