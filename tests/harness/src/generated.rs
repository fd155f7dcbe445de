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
    /// Only the pack in which this one is.
    pub only: Option<usize>,
    /// Of that pack, nothing else.
    pub is_alone: bool,
}

/// Programs that are built and run as one.
pub const PACK: usize = 125;

impl Wanted {
    /// What the environment says: `IA2_GENERATED_SEED`, `IA2_GENERATED_COUNT` (for packs of
    /// [`PACK`]), `IA2_GENERATED_ONLY`, and `IA2_GENERATED_ALONE` if it is set at all.
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
            is_alone: std::env::var_os("IA2_GENERATED_ALONE").is_some(),
        })
    }

    /// The numbers of the programs, by number of the pack: that decides on the compiler.
    pub fn packs(&self) -> BTreeMap<usize, BTreeSet<usize>> {
        let all: Vec<usize> = (0..self.count).collect();
        let packs = all.chunks(PACK).map(|chunk| chunk.iter().copied().collect()).enumerate();
        let Some(only) = self.only else { return packs.collect() };
        let mut pack = packs.filter(|(index, _)| *index == only / PACK).collect::<BTreeMap<_, _>>();
        if self.is_alone || pack.is_empty() {
            pack = BTreeMap::from([(only / PACK, BTreeSet::from([only]))]);
        }
        pack
    }

    /// How to run the pack of a program as it was run, with the same compiler and the same programs
    /// beside it; `IA2_GENERATED_ALONE=1` leaves those out.
    pub fn replay(&self, program: usize) -> String {
        format!(
            "IA2_GENERATED_SEED={} IA2_GENERATED_COUNT={} IA2_GENERATED_ONLY={program}{} \
             cargo test -p harness --test generated",
            self.seed,
            self.count,
            if self.is_alone { " IA2_GENERATED_ALONE=1" } else { "" }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_replayed_is_what_was_run() {
        let wanted = Wanted { seed: 7, count: 300, only: None, is_alone: false };
        let packs = wanted.packs();
        let replay = wanted.replay(290);
        assert!(replay.starts_with(
            "IA2_GENERATED_SEED=7 IA2_GENERATED_COUNT=300 IA2_GENERATED_ONLY=290 cargo"
        ));
        let again = Wanted { only: Some(290), ..wanted.clone() };
        assert_eq!(again.packs(), BTreeMap::from([(2, packs[&2].clone())]));
        assert_eq!(packs[&2].len(), 50);
        let alone = Wanted { is_alone: true, ..again };
        assert_eq!(alone.packs(), BTreeMap::from([(2, BTreeSet::from([290]))]));
        assert!(alone.replay(290).contains("IA2_GENERATED_ALONE=1"));
    }
}
