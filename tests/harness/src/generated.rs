//! Random programs as cases: a pack in a directory, without the programs that the rewriter refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail, ensure};
use generator::{Histogram, pack};

use crate::case::Case;
use crate::rewrite::{Rewritten, rewrite};

/// Which programs are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The seed all of them come from.
    pub seed: u64,
    /// How many.
    pub count: usize,
    /// Only this one.
    pub only: Option<usize>,
}

/// Programs that are built and run as one.
pub const PACK: usize = 125;

impl Wanted {
    /// What the environment says: `IA2_GENERATED_SEED`, `IA2_GENERATED_COUNT` (for packs of
    /// [`PACK`]), `IA2_GENERATED_ONLY`.
    ///
    /// # Errors
    /// If it does not say numbers.
    pub fn from_environment() -> Result<Wanted> {
        let number = |name: &str, default: Option<u64>| match std::env::var(name) {
            Ok(text) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => bail!("{name} is no number: {text}"),
            },
            Err(_) => Ok(default),
        };
        Ok(Wanted {
            seed: number("IA2_GENERATED_SEED", Some(1))?.unwrap_or(1),
            count: number("IA2_GENERATED_COUNT", Some(2000))?.unwrap_or(0) as usize,
            only: number("IA2_GENERATED_ONLY", None)?.map(|only| only as usize),
        })
    }

    /// The numbers of the programs, in packs.
    pub fn packs(&self) -> Vec<BTreeSet<usize>> {
        match self.only {
            Some(only) => vec![BTreeSet::from([only])],
            None => {
                let all: Vec<usize> = (0..self.count).collect();
                all.chunks(PACK).map(|chunk| chunk.iter().copied().collect()).collect()
            }
        }
    }

    /// How to run a program alone.
    pub fn replay(&self, program: usize) -> String {
        format!(
            "IA2_GENERATED_SEED={} IA2_GENERATED_ONLY={program} cargo test -p harness --test generated",
            self.seed
        )
    }
}

/// A pack that was rewritten.
#[derive(Debug)]
pub struct Prepared {
    /// The case.
    pub case: Case,
    /// What came of it.
    pub rewritten: Rewritten,
    /// Programs in it.
    pub programs: BTreeSet<usize>,
    /// Programs that were refused, with the first message about each.
    pub refused: BTreeMap<usize, String>,
    /// What those in it are made of.
    pub histogram: Histogram,
}

/// Writes and rewrites a pack.
///
/// # Errors
/// If the rewriter cannot be run, or refuses something that belongs to no program.
pub fn prepare(wanted: &Wanted, numbers: &BTreeSet<usize>, directory: &Path) -> Result<Prepared> {
    let mut programs = numbers.clone();
    let mut refused = BTreeMap::new();
    loop {
        ensure!(!programs.is_empty(), "every program is refused: {refused:#?}");
        let pack = pack(wanted.seed, &programs, &[]);
        let case_directory = directory.join("case");
        for (path, text) in &pack.files {
            let path = case_directory.join(path);
            fs_err::create_dir_all(path.parent().expect("it is in the directory"))?;
            fs_err::write(path, text)?;
        }
        let case = Case::read(&case_directory)?;
        let rewritten = rewrite(&case, &directory.join("build"))?;
        if rewritten.accepted {
            let histogram = pack.histogram;
            return Ok(Prepared { case, rewritten, programs, refused, histogram });
        }
        let complaints = complaints(&rewritten.messages, &case_directory)?;
        ensure!(!complaints.is_empty(), "refused, but no program of it:\n{}", rewritten.messages);
        for (program, message) in complaints {
            programs.remove(&program);
            refused.insert(program, message);
        }
    }
}

/// The programs that messages are about: each stands behind a comment with its name.
fn complaints(messages: &str, directory: &Path) -> Result<BTreeMap<usize, String>> {
    let mut found = BTreeMap::new();
    let mut message = "";
    for line in messages.lines() {
        if line.starts_with("error") {
            message = line;
        }
        let place =
            line.trim_start().strip_prefix("--> ").or(line.trim_start().strip_prefix("::: "));
        let Some((path, rest)) = place.and_then(|place| place.split_once(':')) else { continue };
        let number = rest.split(':').next().and_then(|number| number.parse::<usize>().ok());
        let (Some(number), false) = (number, message.is_empty()) else { continue };
        let text = fs_err::read_to_string(directory.join(path))?;
        let before = text.lines().take(number).filter_map(program_in).last();
        if let Some(program) = before {
            found.entry(program).or_insert_with(|| format!("{message} ({path}:{number})"));
            message = "";
        }
    }
    Ok(found)
}

/// The program that a line names at its beginning.
fn program_in(line: &str) -> Option<usize> {
    line.strip_prefix("/* program p")?.split(' ').next()?.parse().ok()
}
