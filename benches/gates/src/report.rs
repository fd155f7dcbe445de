//! The table and the plot.

use std::fmt;

use anyhow::{Context, Result};
use bench_report::{Bars, Series, Summary, Table};

use crate::build::{CYCLES, Kind};
use crate::count::{AVX, Count, Counts, THIS};
use crate::measure::Times;

/// A row of the table: what it is called, the row that is measured, and the plain call beside it.
const ROWS: [(&str, &str, Option<&str>); 11] = [
    ("floor: two switches and a stack", "floor", Some("plain two")),
    ("direct, no argument", "gate none", Some("plain none")),
    ("direct, 2 integers", "gate two", Some("plain two")),
    ("direct, 6 integers", "gate six", Some("plain six")),
    ("direct, 9 integers (3 on the stack)", "gate nine", Some("plain nine")),
    ("direct, struct of 64 bytes both ways", "gate both", Some("plain both")),
    ("direct, double", "gate real", Some("plain real")),
    ("pointer, same compartment", "pointer same", Some("plain pointer")),
    ("pointer, other compartment", "pointer cross", Some("plain pointer to other")),
    ("another process, by pipes", "pipe", None),
    ("another process, by futex", "futex", None),
];

/// Everything that was measured and counted.
pub(crate) struct Measured {
    pub(crate) times: Times,
    pub(crate) counts: Counts,
    /// What each guarantee costs.
    pub(crate) parts: Vec<(&'static str, Vec<f64>)>,
    /// Floor and direct call with AVX alone.
    pub(crate) with_avx: Vec<(f64, f64)>,
    /// A direct call and a plain one, by kind of CPU.
    pub(crate) by_cpu: Vec<(&'static str, Count, Count)>,
    /// Other ways to clear registers, and what they cost.
    pub(crate) instead: Vec<(&'static str, Vec<f64>)>,
    /// A direct call with them.
    pub(crate) instead_counts: Vec<(&'static str, Count)>,
}

/// Everything that was found out.
pub(crate) struct Report {
    lines: Vec<Line>,
    targets: Vec<Target>,
    parts: Vec<(&'static str, Summary)>,
    /// Instructions of a direct call with 2 integers, by kind of CPU.
    by_cpu: Vec<(&'static str, u64)>,
    /// Other ways to clear registers: nanoseconds more, and instructions in all.
    instead: Vec<(&'static str, Summary, u64)>,
    rounds: usize,
}

struct Line {
    name: &'static str,
    plain: Option<Summary>,
    nothing: Summary,
    delay: Summary,
    count: Option<Count>,
    /// Instructions when those around a plain call are taken off, but for its call and the jump in
    /// the procedure linkage table.
    instructions: Option<u64>,
}

struct Target {
    name: &'static str,
    limit: f64,
    value: f64,
    unit: &'static str,
}

impl Report {
    /// From figures.
    ///
    /// # Errors
    /// If a row is missing.
    pub(crate) fn new(measured: &Measured) -> Result<Report> {
        let Measured { times, counts, parts, by_cpu, .. } = measured;
        let figures = Figures(times);
        let mut lines = Vec::new();
        for (name, row, plain) in ROWS {
            let count = counts.get(row).copied();
            let plain_count = plain.and_then(|plain| counts.get(plain));
            lines.push(Line {
                name,
                plain: plain.map(|plain| figures.summary(Kind::Delay, plain)).transpose()?,
                nothing: figures.summary(Kind::Nothing, row)?,
                delay: figures.summary(Kind::Delay, row)?,
                count,
                instructions: count.zip(plain_count).map(|(count, plain)| {
                    count.instructions + PLAIN_INSTRUCTIONS - plain.instructions
                }),
            });
        }
        let plain_count = by_cpu.first().context("a kind of CPU")?.2.instructions;
        let in_all = |count: &Count| count.instructions + PLAIN_INSTRUCTIONS - plain_count;
        let by_cpu: Vec<(&str, u64)> =
            by_cpu.iter().map(|(name, gate, _)| (*name, in_all(gate))).collect();
        let of_cpu = |wanted: &str| {
            let found = by_cpu.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, count)| *count as f64).context("a kind of CPU")
        };
        let target = |name, limit, value, unit| Target { name, limit, value, unit };
        let ratio = |row, to| figures.compare(row, to, |row, to| row / to);
        let with_avx: Vec<f64> =
            measured.with_avx.iter().map(|(floor, gate)| gate / floor).collect();
        let targets = vec![
            target(
                "direct, 2 integers, against the floor; CPU of this machine",
                1.35,
                ratio("gate two", "floor")?,
                "×",
            ),
            target("its instructions", 115.0, of_cpu(THIS)?, ""),
            target(
                "direct, 2 integers, against the floor; CPU with AVX, not AVX-512",
                1.35,
                Summary::of(&with_avx).median,
                "×",
            ),
            target("its instructions", 115.0, of_cpu(AVX)?, ""),
            target(
                "pointer in the same compartment, above a plain one",
                3.0,
                figures.compare("pointer same", "plain pointer", |row, to| row - to)?,
                " ns",
            ),
            target(
                "pointer to another compartment, against direct",
                1.25,
                ratio("pointer cross", "gate two")?,
                "×",
            ),
        ];
        let parts = parts.iter().map(|(name, costs)| (*name, Summary::of(costs))).collect();
        let instead = measured.instead.iter().zip(&measured.instead_counts);
        let instead = instead
            .map(|((name, costs), (_, count))| (*name, Summary::of(costs), in_all(count)))
            .collect();
        Ok(Report { lines, targets, parts, by_cpu, instead, rounds: times[&Kind::Delay].len() })
    }

    /// The plot of the times.
    pub(crate) fn plot(&self) -> Bars {
        let series = |name: &str, value: &dyn Fn(&Line) -> Option<f64>| Series {
            name: name.to_owned(),
            values: self.lines.iter().map(value).collect(),
        };
        Bars {
            title: "A call and its return".to_owned(),
            unit: "nanoseconds (logarithmic)".to_owned(),
            labels: self.lines.iter().map(|line| line.name.to_owned()).collect(),
            series: vec![
                series("plain call", &|line| line.plain.map(|plain| plain.median)),
                series("WRPKRU = nothing", &|line| Some(line.nothing.median)),
                series(&format!("WRPKRU = {CYCLES} cycles"), &|line| Some(line.delay.median)),
            ],
        }
    }
}

/// A plain call across shared objects: itself, and the jump in the procedure linkage table.
const PLAIN_INSTRUCTIONS: u64 = 2;

struct Figures<'a>(&'a Times);

impl Figures<'_> {
    /// The fastest batch of each round.
    fn least(&self, kind: Kind, row: &str) -> Result<Vec<f64>> {
        let rounds = self.0.get(&kind).context("no rounds")?;
        let least = |round: &crate::measure::Round| Some(round.get(row)?.least);
        rounds.iter().map(least).collect::<Option<_>>().with_context(|| format!("no row {row}"))
    }

    fn summary(&self, kind: Kind, row: &str) -> Result<Summary> {
        Ok(Summary::of(&self.least(kind, row)?))
    }

    /// The median of comparisons within one round each, with the delay.
    fn compare(&self, row: &str, to: &str, by: impl Fn(f64, f64) -> f64) -> Result<f64> {
        let (row, to) = (self.least(Kind::Delay, row)?, self.least(Kind::Delay, to)?);
        let compared: Vec<f64> = row.into_iter().zip(to).map(|(row, to)| by(row, to)).collect();
        Ok(Summary::of(&compared).median)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |summary: &Summary| format!("{:.1} ±{:.0}%", summary.median, summary.spread());
        let mut table = Table::new([
            format!("call (median of {})", self.rounds),
            "plain, ns".to_owned(),
            "WRPKRU = nothing, ns".to_owned(),
            format!("WRPKRU = {CYCLES} cycles, ns"),
            "instructions".to_owned(),
            "reads".to_owned(),
            "writes".to_owned(),
            "WRPKRU".to_owned(),
        ]);
        for line in &self.lines {
            let number = |number: Option<u64>| number.map_or(String::new(), |n| n.to_string());
            table.row([
                line.name.to_owned(),
                line.plain.as_ref().map_or(String::new(), time),
                time(&line.nothing),
                time(&line.delay),
                number(line.instructions),
                number(line.count.map(|count| count.reads)),
                number(line.count.map(|count| count.writes)),
                number(line.count.map(|count| count.switches)),
            ]);
        }
        writeln!(f, "{table}")?;
        let mut targets = Table::new(["target", "limit", "measured", ""]);
        for Target { name, limit, value, unit } in &self.targets {
            let verdict = if value <= limit { "met" } else { "**not met**" };
            let digits = if unit.is_empty() { 0 } else { 2 };
            targets.row([
                (*name).to_owned(),
                format!("{limit}{unit}"),
                format!("{value:.digits$}{unit}"),
                verdict.to_owned(),
            ]);
        }
        writeln!(f, "{targets}")?;
        let mut parts = Table::new(["of a direct call with 2 integers", "ns"]);
        for (name, cost) in &self.parts {
            parts.row([(*name).to_owned(), format!("{:.1}", cost.median)]);
        }
        writeln!(f, "{parts}")?;
        let mut by_cpu = Table::new(["instructions of a direct call with 2 integers", ""]);
        for (name, instructions) in &self.by_cpu {
            by_cpu.row([format!("CPU {name}"), instructions.to_string()]);
        }
        writeln!(f, "{by_cpu}")?;
        let mut instead = Table::new(["another way to clear registers", "ns more", "instructions"]);
        for (name, cost, instructions) in &self.instead {
            instead.row([
                (*name).to_owned(),
                format!("{:.1}", cost.median),
                instructions.to_string(),
            ]);
        }
        write!(f, "{instead}")
    }
}
