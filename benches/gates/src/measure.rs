//! Times: each round runs the worker once with each kind of switch, in another order each time.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::build::{Kind, PARTS, Worker};
use crate::instead::INSTEAD;
use crate::report::Measured;

/// Nanoseconds per call of one row in one round.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Time {
    /// In the fastest batch.
    pub(crate) least: f64,
    /// In the median batch.
    pub(crate) median: f64,
}

/// The rows of one run of the worker.
pub(crate) type Round = BTreeMap<String, Time>;

/// All rounds of each kind.
pub(crate) type Times = BTreeMap<Kind, Vec<Round>>;

/// What a CPU with AVX and without AVX-512 would do, on this one: the floor and a direct call with 2
/// integers, nanoseconds in each round.
pub(crate) fn with_avx(worker: &Worker, rounds: usize) -> Result<Vec<(f64, f64)>> {
    let one = |_| {
        let mut command = worker.command(Kind::Delay.name());
        let round = one(command.env("VECTORS", "avx"))?;
        let least = |row| round.get(row).map(|time| time.least).context("the worker's output");
        Ok((least("floor")?, least(ROW)?))
    };
    (0..rounds).map(one).collect()
}

/// What other ways to clear registers cost a direct call with 2 integers: nanoseconds more, one figure
/// per round.
pub(crate) fn instead(worker: &Worker, rounds: usize) -> Result<Vec<(&'static str, Vec<f64>)>> {
    let mut costs: Vec<(&str, Vec<f64>)> =
        INSTEAD.iter().map(|other| (other.name, Vec::new())).collect();
    for _ in 0..rounds {
        for (other, (_, costs)) in INSTEAD.iter().zip(&mut costs) {
            let time = |folder: &str| {
                let mut command = worker.command(folder);
                command.envs(other.vectors.map(|vectors| ("VECTORS", vectors)));
                let round = one(&mut command)?;
                round.get(ROW).map(|time| time.least).context("the worker's output")
            };
            costs.push(time(&Kind::Delay.folder_of(other))? - time(Kind::Delay.name())?);
        }
    }
    Ok(costs)
}

/// The row whose parts are looked at.
const ROW: &str = "gate two";

/// Measures everything so many times.
pub(crate) fn all(worker: &Worker, rounds: usize) -> Result<Times> {
    let mut times = Times::new();
    for round in 0..rounds {
        let mut kinds = Kind::TIMED;
        kinds.rotate_left(round % Kind::TIMED.len());
        for kind in kinds {
            times.entry(kind).or_default().push(one(&mut worker.command(kind.name()))?);
        }
    }
    Ok(times)
}

fn one(command: &mut Command) -> Result<Round> {
    let output = command.arg("time").output()?;
    ensure!(output.status.success(), "the worker failed: {output:?}");
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(row).collect::<Option<Round>>().context("the worker's output")
}

/// Saving MXCSR, which gates do for compartments that have to do with it.
const SAVING: &str = "besides, where a compartment uses MXCSR: saved";

/// What each guarantee costs a direct call with 2 integers: nanoseconds less without it, one figure
/// per round.
pub(crate) fn parts(worker: &Worker, rounds: usize) -> Result<Vec<(&'static str, Vec<f64>)>> {
    let mut costs: Vec<(&str, Vec<f64>)> =
        PARTS.iter().map(|part| (part.name, Vec::new())).collect();
    let mut saving = Vec::new();
    for _ in 0..rounds {
        let time = |round: &Round| round.get(ROW).map(|time| time.least);
        let whole = one(&mut worker.command(Kind::Delay.name()))?;
        for (part, (_, costs)) in PARTS.iter().zip(&mut costs) {
            let less = one(&mut worker.command(&part.folder()))?;
            let pair = time(&whole).zip(time(&less)).context("the worker's output")?;
            costs.push(pair.0 - pair.1);
        }
        let mut command = worker.command(Kind::Delay.name());
        command.env("MXCSR", "saved");
        let pair = time(&one(&mut command)?).zip(time(&whole)).context("the worker's output")?;
        saving.push(pair.0 - pair.1);
    }
    costs.push((SAVING, saving));
    Ok(costs)
}

fn row(line: &str) -> Option<(String, Time)> {
    let mut fields = line.split('\t');
    let (name, mut number) = (fields.next()?, || fields.next()?.parse().ok());
    Some((name.to_owned(), Time { least: number()?, median: number()? }))
}

/// All figures, tab-separated.
pub(crate) fn raw(times: &Times) -> String {
    let mut out = String::from("switch\tround\trow\tleast ns\tmedian ns\n");
    for (kind, rounds) in times {
        for (number, round) in rounds.iter().enumerate() {
            for (row, time) in round {
                let (least, median) = (time.least, time.median);
                writeln!(out, "{}\t{number}\t{row}\t{least:.3}\t{median:.3}", kind.name())
                    .expect("a string takes everything");
            }
        }
    }
    out
}

/// What the guarantees and other ways cost, and calls with AVX alone, tab-separated.
pub(crate) fn raw_parts(measured: &Measured) -> String {
    let mut out = String::from("what\tround\tns\n");
    let mut line = |name: &str, number: usize, cost: f64| {
        writeln!(out, "{name}\t{number}\t{cost:.3}").expect("a string takes everything");
    };
    for (name, costs) in measured.parts.iter().chain(&measured.instead) {
        costs.iter().enumerate().for_each(|(number, cost)| line(name, number, *cost));
    }
    for (number, (floor, gate)) in measured.with_avx.iter().enumerate() {
        line("with AVX alone: floor", number, *floor);
        line("with AVX alone: direct, 2 integers", number, *gate);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_worker_is_a_row() {
        let time = Time { least: 1.5, median: 2.0 };
        assert_eq!(row("gate two\t1.500\t2.000"), Some(("gate two".to_owned(), time)));
        assert_eq!(row("gate two\t1.500"), None);
    }
}
