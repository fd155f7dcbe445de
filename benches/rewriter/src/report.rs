//! The table and the plot.

use std::fmt;

use anyhow::{Context, Result};
use bench_report::{Bars, Series, Summary, Table};

use crate::measure::{Figure, What};

/// Everything that was found out.
pub(crate) struct Report {
    projects: Vec<Results>,
    rounds: usize,
}

/// Of one project.
struct Results {
    name: String,
    /// In the order of [`What::EACH`].
    lines: Vec<Line>,
}

struct Line {
    what: What,
    seconds: Summary,
    memory: Summary,
    /// CPU time against that of clang in the same round.
    to_clang: Summary,
    /// CPU time against that of the rewriter with an empty cache in the same round.
    to_cold: Summary,
}

impl Report {
    /// From figures.
    ///
    /// # Errors
    /// If one is missing.
    pub(crate) fn new(figures: &[Figure], rounds: usize) -> Result<Report> {
        let mut names: Vec<&str> = figures.iter().map(|figure| figure.project.as_str()).collect();
        names.dedup();
        names.sort_unstable_by(|a, b| b.cmp(a));
        names.dedup();
        let mut projects = Vec::new();
        for name in names {
            let of = |what: What| -> Vec<&Figure> {
                let all = figures.iter();
                all.filter(|figure| figure.project == name && figure.what == what).collect()
            };
            let against = |what: What, other: What| -> Vec<f64> {
                let both = of(what).into_iter().zip(of(other));
                both.map(|(figure, other)| figure.seconds / other.seconds).collect()
            };
            let mut lines = Vec::new();
            for what in What::EACH {
                let own = of(what);
                own.first().with_context(|| format!("{name}: no figures"))?;
                let seconds: Vec<f64> = own.iter().map(|figure| figure.seconds).collect();
                let memory: Vec<f64> = own.iter().map(|figure| figure.memory).collect();
                lines.push(Line {
                    what,
                    seconds: Summary::of(&seconds),
                    memory: Summary::of(&memory),
                    to_clang: Summary::of(&against(what, What::Clang)),
                    to_cold: Summary::of(&against(what, What::Cold)),
                });
            }
            projects.push(Results { name: name.to_owned(), lines });
        }
        Ok(Report { projects, rounds })
    }

    /// The plot of CPU times.
    pub(crate) fn plot(&self) -> Bars {
        let series = self.projects.iter().map(|project| Series {
            name: project.name.clone(),
            values: project.lines.iter().map(|line| Some(line.seconds.median)).collect(),
        });
        Bars {
            title: "Rewriting, beside clang -fsyntax-only".to_owned(),
            unit: "seconds of CPU time (logarithmic)".to_owned(),
            labels: What::EACH.map(|what| what.name().to_owned()).to_vec(),
            series: series.collect(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            format!("median of {}", self.rounds),
            String::new(),
            "CPU, s".to_owned(),
            "× clang".to_owned(),
            "peak, MiB".to_owned(),
        ]);
        for Results { name, lines } in &self.projects {
            for line in lines {
                table.row([
                    name.clone(),
                    line.what.name().to_owned(),
                    format!("{:.2} ±{:.0}%", line.seconds.median, line.seconds.spread()),
                    format!("{:.2}", line.to_clang.median),
                    format!("{:.0}", line.memory.median),
                ]);
            }
        }
        writeln!(f, "{table}")?;
        let mut targets = Table::new(["target", "limit", "measured", ""]);
        let mut target = |name: String, limit: f64, value: f64, unit: &str| {
            let verdict = if value <= limit { "met" } else { "**not met**" };
            let cells = [name, format!("{limit}{unit}"), format!("{value:.2}{unit}")];
            targets.row(cells.into_iter().chain([verdict.to_owned()]));
        };
        for Results { name, lines } in &self.projects {
            let line = |what: What| lines.iter().find(|line| line.what == what);
            if let (Some(rewriter), Some(changed)) = (line(What::Rewriter), line(What::OneChanged))
            {
                target(
                    format!("{name}: CPU time against clang"),
                    1.5,
                    rewriter.to_clang.median,
                    "×",
                );
                target(format!("{name}: memory"), 200.0, rewriter.memory.most, " MiB");
                if lines.len() == What::EACH.len() && name.contains(" sources") {
                    let part = changed.to_cold.median;
                    target(format!("{name}: one of them changed"), 0.1, part, "×");
                }
            }
        }
        write!(f, "{targets}")
    }
}
