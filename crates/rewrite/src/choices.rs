//! Which of several texts a unit takes.
//!
//! A file is written once for all units that compile it. Where they need different text, all of it
//! stands there, and macros choose. The sources define these in their first lines: every unit of a
//! source the same ones, or, where a source is compiled in several ways, under a condition on the macros
//! that its commands define:
//!
//! ```c
//! #if !defined BUILDING_LIB
//! #define IA2_TEXT_1
//! #endif
//! #line 1
//! ```

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use diagnostics::SourcePath;

use crate::command_macros::command_macros;
use crate::facts::Facts;

/// The number of the text that each unit takes; 0 where nothing is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choices {
    /// Sources some of whose units take another text than the first one.
    sources: BTreeMap<SourcePath, OfSource>,
    /// How many texts there are.
    count: usize,
}

/// What the units of one source take.
#[derive(Clone, PartialEq, Eq, Debug)]
struct OfSource {
    /// For each way of compiling it that takes one of the texts.
    ways: Vec<(Vec<String>, usize)>,
    /// The numbers above 0 with the condition under which they are taken; `None` if always.
    branches: Vec<(Option<String>, usize)>,
}

impl Choices {
    /// Numbers the texts that units need; with the texts in the order of their numbers. What most take
    /// comes first, so that few have to say anything.
    ///
    /// `None` if a source cannot tell which one it takes: two of its units need different ones and their
    /// commands define the same macros, or it is a part of another source, or its first lines come too
    /// late, because its command includes the file that the texts are for.
    pub fn new<'a>(
        file: &SourcePath,
        needs: impl IntoIterator<Item = (&'a Facts, &'a str)>,
        units: &[Facts],
    ) -> Option<(Choices, Vec<&'a str>)> {
        let mut by_way: BTreeMap<(&SourcePath, &Vec<String>), &str> = BTreeMap::new();
        let mut comes_late = false;
        for (unit, need) in needs {
            comes_late |= unit.read_before.contains(file);
            if *by_way.entry((&unit.source, &unit.definitions)).or_insert(need) != need {
                return None;
            }
        }
        let mut texts: Vec<&str> = Vec::new();
        for text in by_way.values() {
            if !texts.contains(text) {
                texts.push(text);
            }
        }
        if texts.len() < 2 {
            return Some((Choices { sources: BTreeMap::new(), count: texts.len() }, texts));
        }
        let is_part = |source: &SourcePath| {
            units.iter().any(|unit| unit.source != *source && unit.files.contains(source))
        };
        if comes_late || by_way.keys().any(|(source, _)| is_part(source)) {
            return None;
        }
        let count = |text: &str| by_way.values().filter(|known| **known == text).count();
        texts.sort_by_key(|text| Reverse(count(text)));
        let mut sources: BTreeMap<SourcePath, Vec<(Vec<String>, usize)>> = BTreeMap::new();
        for ((source, definitions), text) in by_way {
            let number = texts.iter().position(|known| *known == text)?;
            sources.entry(source.clone()).or_default().push((definitions.clone(), number));
        }
        sources.retain(|_, ways| ways.iter().any(|(_, number)| *number > 0));
        let with_branches = |(source, ways): (SourcePath, Vec<_>)| {
            let branches = branches(&ways)?;
            Some((source, OfSource { ways, branches }))
        };
        let sources = sources.into_iter().map(with_branches).collect::<Option<_>>()?;
        Some((Choices { sources, count: texts.len() }, texts))
    }

    /// How many texts there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The number of the text that a unit takes.
    pub fn number(&self, unit: &Facts) -> usize {
        let ways = self.sources.get(&unit.source).map_or(&[][..], |of| &of.ways);
        let own = ways.iter().find(|(definitions, _)| *definitions == unit.definitions);
        own.map_or(0, |(_, number)| *number)
    }
}

/// What sources say in their first lines, to choose.
#[derive(Default)]
pub struct Heads(BTreeMap<SourcePath, Vec<Branches>>);

/// Lines, each with the condition under which they stand; of all conditions one holds at most.
type Branches = Vec<(Option<String>, String)>;

impl Heads {
    /// Adds lines for a number above 0 to the sources that take this text.
    pub fn add(&mut self, choices: &Choices, lines: impl Fn(usize) -> String) {
        for (source, of) in &choices.sources {
            let own = self.0.entry(source.clone()).or_default();
            let conditions = || of.branches.iter().map(|(condition, _)| condition);
            let is_same =
                |last: &&mut Branches| conditions().eq(last.iter().map(|(condition, _)| condition));
            match own.last_mut().filter(is_same) {
                Some(last) => {
                    for ((_, text), (_, number)) in last.iter_mut().zip(&of.branches) {
                        text.push_str(&lines(*number));
                    }
                }
                None => {
                    let branch = |(condition, number): &(Option<String>, usize)| {
                        (condition.clone(), lines(*number))
                    };
                    own.push(of.branches.iter().map(branch).collect());
                }
            }
        }
    }

    /// What stands in front of the first line of each source.
    pub fn texts(&self) -> impl Iterator<Item = (&SourcePath, String)> {
        self.0
            .iter()
            .map(|(source, all)| (source, all.iter().map(text).collect::<String>() + "#line 1\n"))
    }
}

fn text(branches: &Branches) -> String {
    let mut text = String::new();
    for (index, (condition, lines)) in branches.iter().enumerate() {
        if let Some(condition) = condition {
            let directive = if index == 0 { "if" } else { "elif" };
            text.push_str(&format!("#{directive} {condition}\n"));
        }
        text.push_str(lines);
    }
    if branches.iter().any(|(condition, _)| condition.is_some()) {
        text.push_str("#endif\n");
    }
    text
}

/// The conditions that lead the ways of compiling a source to their numbers, above 0.
fn branches(ways: &[(Vec<String>, usize)]) -> Option<Vec<(Option<String>, usize)>> {
    let numbers: BTreeSet<usize> = ways.iter().map(|(_, number)| *number).collect();
    if numbers.len() == 1 {
        return Some(numbers.into_iter().map(|number| (None, number)).collect());
    }
    let states: Vec<_> =
        ways.iter().map(|(flags, number)| (command_macros(flags), *number)).collect();
    let numbers = numbers.into_iter().filter(|number| *number > 0);
    numbers.map(|number| Some((Some(condition(&states, number)?), number))).collect()
}

/// The macros of a command: see [`command_macros`].
type Macros<'a> = BTreeMap<&'a str, Option<&'a str>>;

/// A condition that holds for the ways with this number, and for no other one.
fn condition(states: &[(Macros<'_>, usize)], number: usize) -> Option<String> {
    let (own, others): (Vec<_>, Vec<_>) = states.iter().partition(|(_, known)| *known == number);
    let mut alternatives: Vec<String> = Vec::new();
    for (own, _) in own {
        let mut all: Vec<String> = Vec::new();
        for (other, _) in &others {
            let difference = difference(own, other, states)?;
            if !all.contains(&difference) {
                all.push(difference);
            }
        }
        let all = all.join(" && ");
        if !alternatives.contains(&all) {
            alternatives.push(all);
        }
    }
    Some(alternatives.join(" || "))
}

/// A condition that holds for one set of macros and not for the other, and can be evaluated by all.
fn difference(own: &Macros<'_>, other: &Macros<'_>, all: &[(Macros<'_>, usize)]) -> Option<String> {
    let names: BTreeSet<&str> = own.keys().chain(other.keys()).copied().collect();
    // The program's own macros say what is meant. The guide lets users change those of IA2, but for
    // the number of the compartment.
    let is_own = |name: &&&str| !name.starts_with("IA2_") && **name != "PKEY";
    let in_order = names.iter().filter(is_own).chain(names.iter().filter(|name| **name == "PKEY"));
    let defined = in_order.clone().find_map(|name| {
        match (own.contains_key(name), other.contains_key(name)) {
            (true, false) => Some(format!("defined {name}")),
            (false, true) => Some(format!("!defined {name}")),
            _ => None,
        }
    });
    defined.or_else(|| {
        in_order.clone().find_map(|name| {
            let value = |macros: &Macros<'_>| {
                macros.get(name).map(|value| value.unwrap_or_default().parse::<i64>())
            };
            let are_numbers = all.iter().all(|(macros, _)| value(macros).is_none_or(|n| n.is_ok()));
            let (Some(Ok(own)), Some(Ok(other))) = (value(own), value(other)) else { return None };
            (are_numbers && own != other).then(|| format!("{name} == {own}"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(ways: &[(&[&str], usize)]) -> Option<String> {
        let flags = |flags: &[&str]| flags.iter().map(|&flag| flag.to_owned()).collect();
        let ways: Vec<_> = ways.iter().map(|(all, number)| (flags(all), *number)).collect();
        let text = |(condition, number): (Option<String>, usize)| {
            format!("{number}: {}", condition.unwrap_or_default())
        };
        Some(branches(&ways)?.into_iter().map(text).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn a_macro_of_one_way_is_the_condition() {
        let (with, without) = (&["-DPKEY=2", "-DLIB"][..], &["-DPKEY=1"][..]);
        assert_eq!(chosen(&[(with, 1), (without, 0)]).unwrap(), "1: defined LIB");
        assert_eq!(chosen(&[(with, 0), (without, 1)]).unwrap(), "1: !defined LIB");
        assert_eq!(chosen(&[(with, 1), (without, 1)]).unwrap(), "1: ");
        let undefined = &["-DPKEY=1", "-DLIB", "-ULIB"][..];
        assert_eq!(chosen(&[(with, 1), (undefined, 0)]).unwrap(), "1: defined LIB");
    }

    #[test]
    fn several_conditions_are_needed_for_several_ways() {
        let ways = [(&["-DA"][..], 1), (&["-DB"][..], 1), (&[][..], 0), (&["-DA", "-DC"][..], 2)];
        let expected =
            "1: defined A && !defined C || defined B && !defined A, 2: defined C && defined A";
        assert_eq!(chosen(&ways).unwrap(), expected);
    }

    #[test]
    fn numbers_tell_ways_apart_and_texts_do_not() {
        let ways = |first, second| chosen(&[(&[first], 1), (&[second], 0)]);
        assert_eq!(ways("-DPKEY=1", "-DPKEY=2").unwrap(), "1: PKEY == 1");
        assert_eq!(ways("-DT=char", "-DT=int"), None);
        assert_eq!(ways("-DIA2_ENABLE=1", "-DIA2_ENABLE=0"), None);
        assert_eq!(ways("-DF(x)=1", "-DF(x)=2"), None);
    }
}
