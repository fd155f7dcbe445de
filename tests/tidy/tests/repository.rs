//! The rules, applied to this repository.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tidy::repository::{TextFile, metadata, root, text_files};
use tidy::{dependencies, layers, licences, text};

/// Passes if there are no complaints, else fails with all of them.
fn none(complaints: impl IntoIterator<Item = String>) -> Result<()> {
    let complaints: Vec<_> = complaints.into_iter().collect();
    ensure!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    Ok(())
}

fn file(path: &str) -> Result<TextFile> {
    let contents = fs::read_to_string(root().join(path))?;
    Ok(TextFile { path: path.to_owned(), contents })
}

#[test]
fn every_module_says_what_it_is_for() -> Result<()> {
    none(text::module_docs(&text_files()?))
}

#[test]
fn source_files_are_short() -> Result<()> {
    none(text::lengths(&text_files()?, text::LONG_FILES))
}

#[test]
fn file_names_say_something() -> Result<()> {
    none(text::names(&text_files()?))
}

#[test]
fn nothing_is_unfinished_or_bound_to_a_machine() -> Result<()> {
    none(text::forbidden_words(&text_files()?))
}

#[test]
fn no_test_is_switched_off() -> Result<()> {
    none(text::ignored_tests(&text_files()?))
}

#[test]
fn pkru_is_written_only_in_gates_and_runtime() -> Result<()> {
    none(text::wrpkru(&text_files()?))
}

#[test]
fn dependencies_point_downward() -> Result<()> {
    none(metadata()?.iter().flat_map(|workspace| layers::layering(workspace, &root())))
}

#[test]
fn outside_dependencies_have_a_reason() -> Result<()> {
    none(dependencies::reasons(&file("Cargo.toml")?))?;
    none(dependencies::reasons(&file("runtime/Cargo.toml")?))?;
    let is_member =
        |file: &&TextFile| file.path.ends_with("/Cargo.toml") && file.path != "runtime/Cargo.toml";
    let files = text_files()?;
    none(files.iter().filter(is_member).flat_map(dependencies::own_versions))
}

#[test]
fn outside_dependencies_come_from_the_registry() -> Result<()> {
    none(metadata()?.iter().flat_map(dependencies::sources))
}

#[test]
fn licences_are_allowed() -> Result<()> {
    let allowed = licences::allowed(&file("deny.toml")?.contents)?;
    none(metadata()?.iter().flat_map(|workspace| licences::licences(workspace, &allowed)))
}

#[test]
fn commands_in_documents_exist() -> Result<()> {
    let documents = text_files()?.into_iter().filter(|file| {
        file.path == "README.md" || file.path.starts_with("docs/") && file.path.ends_with(".md")
    });
    let mut commands: Vec<_> =
        documents.flat_map(|file| text::x_commands(&file.contents)).collect();
    ensure!(commands.len() >= 2, "the documents name hardly any command: {commands:?}");
    // Everything before `--` and the first argument of its own are looked at; nothing is run.
    commands.iter_mut().for_each(|words| words.truncate(1));
    commands.sort();
    commands.dedup();
    for task in commands {
        let output = Command::new(root().join("x"))
            .args(&task)
            .arg("--help")
            .stdin(Stdio::null())
            .output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "./x {}: {errors}", task.join(" "));
    }
    Ok(())
}

#[test]
fn tests_that_documents_name_exist() -> Result<()> {
    let sources = text_files()?;
    let is_known = |name: &str| {
        root().join("tests/cases").join(name).is_dir()
            || root().join("tests/harness/tests").join(name).with_extension("rs").is_file()
            || sources.iter().any(|file| file.contents.contains(&format!("fn {name}()")))
    };
    let mut missing = Vec::new();
    // The columns that name tests: the second of tables of two or three.
    let documents = [
        ("docs/constructs.md", "## Constructs", 30),
        ("docs/runtime.md", "## Which test shows what", 20),
    ];
    for (document, heading, fewest) in documents {
        let text = file(document)?.contents;
        let (_, tables) = text.split_once(heading).context(heading)?;
        let columns: Vec<&str> = tables
            .lines()
            .filter_map(|line| line.strip_suffix(" |")?.split(" | ").nth(1))
            .collect();
        ensure!(columns.len() >= fewest, "{document}: hardly any rows: {}", columns.len());
        let names = columns.iter().flat_map(|column| column.split('`').skip(1).step_by(2));
        let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let unknown = names.filter(is_name).filter(|name| !is_known(name));
        missing.extend(unknown.map(|name| format!("{document}: there is no test {name}")));
    }
    none(missing)
}
