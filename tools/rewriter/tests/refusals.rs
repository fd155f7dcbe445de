//! The list of what is refused (`docs/refusals.md`): every program on it is, for the reason it stands
//! for, and no code is missing.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use diagnostics::codes;
use support::{Project, include};

/// A part of the document: the codes in its heading, and its blocks.
struct Section {
    codes: Vec<String>,
    /// What stands behind the opening fence, and the text.
    blocks: Vec<(String, String)>,
}

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/refusals.md");
    fs::read_to_string(path).expect("the document")
}

fn sections(document: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut is_open = false;
    for line in document.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            let codes = heading.split_once(':').map_or("", |(codes, _)| codes);
            let codes = codes.split(", ").map(str::to_owned).collect();
            sections.push(Section { codes, blocks: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(info) => {
                is_open = true;
                section.blocks.push((info.to_owned(), String::new()));
            }
            None if is_open => {
                let (_, text) = section.blocks.last_mut().expect("a block is open");
                text.push_str(line);
                text.push('\n');
            }
            None => {}
        }
    }
    sections.retain(|section| !section.blocks.is_empty());
    sections
}

/// The program of a section, and its sources.
fn project(section: &Section) -> (Project, Vec<String>) {
    let mut project = Project::empty();
    let mut sources = Vec::new();
    for (info, text) in &section.blocks {
        let words: Vec<&str> = info.split_whitespace().skip(1).collect();
        let (&name, flags) = words.split_first().expect("a block names its file");
        let path = format!("src/{name}");
        if name.ends_with(".h") {
            project = project.file(&path, text);
            continue;
        }
        let pkey = match &name[..4] {
            "main" => 1,
            "lib." => 2,
            "more" => 3,
            _ => panic!("{name} belongs to no compartment"),
        };
        let mut begin = "#include <ia2.h>\n".to_owned();
        if ["main.c", "lib.c", "more.c"].contains(&name) {
            begin.push_str(&format!(
                "#define IA2_COMPARTMENT {pkey}\n#include <ia2_compartment_init.inc>\n"
            ));
        }
        if name == "main.c" {
            begin.push_str("INIT_RUNTIME(3);\n");
        }
        let (compilers, flags): (Vec<&str>, Vec<&str>) =
            flags.iter().partition(|&&word| word == "clang");
        let compiler = if compilers.is_empty() { "gcc" } else { clang() };
        let flags = flags.join(" ");
        let line = format!("{compiler} -fPIC -I {} {flags} -DPKEY={pkey} -c {path}", include());
        project = project.file(&path, &format!("{begin}{text}")).command_line(".", &line, &path);
        sources.push(path);
    }
    (project, sources)
}

/// A clang that is installed.
fn clang() -> &'static str {
    let names = ["clang", "clang-19", "clang-18", "clang-17", "clang-16"];
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    names.into_iter().find(runs).expect("clang is installed")
}

#[test]
fn every_program_on_the_list_is_refused() {
    let sections = sections(&document());
    assert!(sections.len() >= 10, "the list has {} programs", sections.len());
    for section in &sections {
        let (project, sources) = project(section);
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        let before = project.tree();
        let ran = project.rewrite(&[&["--opaque=all", "--no-cache"], &sources[..]].concat());
        let codes = &section.codes;
        assert_eq!(ran.status, Some(1), "{codes:?} is not refused");
        let is_said = |code: &String| ran.messages.contains(&format!("error[{code}]"));
        assert!(codes.iter().any(is_said), "{codes:?}: {}", ran.messages);
        assert!(ran.messages.contains("src/"), "{codes:?} has no place: {}", ran.messages);
        assert!(project.tree() == before, "{codes:?}: something was written");
    }
}

#[test]
fn no_code_is_missing() {
    let document = document();
    let refusals = sections(&document).into_iter().flat_map(|section| section.codes);
    let mistakes = document.lines().filter_map(|line| line.strip_prefix("| IA"));
    let mistakes = mistakes.filter_map(|rest| Some(format!("IA{}", rest.split_once(' ')?.0)));
    let mut listed = BTreeSet::new();
    for code in refusals.chain(mistakes) {
        assert!(listed.insert(code.clone()), "{code} is listed twice");
    }
    let is_about_sources = |number: u16| (2100..2400).contains(&number);
    let all: BTreeSet<String> = codes::all()
        .filter(|known| {
            is_about_sources(known.code().number()) || known.code() == codes::CONFLICTING_EDITS
        })
        .map(|known| known.code().to_string())
        .collect();
    assert_eq!(listed, all);
}
