//! How often each construct was used.

use std::collections::BTreeMap;
use std::fmt;

/// How many constructs there are.
pub const CONSTRUCTS: usize = 71;

/// Counts of constructs by name.
#[derive(Clone, Debug, Default)]
pub struct Histogram(BTreeMap<&'static str, usize>);

impl Histogram {
    pub(crate) fn count(&mut self, construct: &'static str) {
        *self.0.entry(construct).or_default() += 1;
    }

    /// Adds the counts of another one.
    pub fn add(&mut self, other: &Histogram) {
        for (&construct, count) in &other.0 {
            *self.0.entry(construct).or_default() += count;
        }
    }

    /// How often a construct was used.
    pub fn of(&self, construct: &str) -> usize {
        self.0.get(construct).copied().unwrap_or_default()
    }

    /// Constructs that were used.
    pub fn constructs(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.0.values().copied().max().unwrap_or(1).max(1);
        for (construct, count) in &self.0 {
            let bar = "#".repeat((count * 40).div_ceil(most));
            writeln!(f, "{construct:28} {count:7} {bar}")?;
        }
        Ok(())
    }
}
