//! What benchmarks share: medians with their spread, tables in Markdown, plots in SVG.

mod plot;
mod table;

pub use plot::{Bars, Series};
pub use table::Table;

/// The middle of some measurements, and how far they lie apart.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Summary {
    /// The middle value; of an even number of values the upper of the two.
    pub median: f64,
    /// The smallest value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
}

impl Summary {
    /// Of these measurements, in any order.
    ///
    /// # Panics
    /// If there are none.
    pub fn of(values: &[f64]) -> Summary {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Summary {
            median: sorted[sorted.len() / 2],
            least: sorted[0],
            most: sorted[sorted.len() - 1],
        }
    }

    /// Half the range, as a part of the median in percent.
    pub fn spread(&self) -> f64 {
        (self.most - self.least) / self.median * 50.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_knows_the_middle_and_the_range() {
        let summary = Summary::of(&[3.0, 1.0, 2.0]);
        assert_eq!(summary, Summary { median: 2.0, least: 1.0, most: 3.0 });
        assert!((summary.spread() - 50.0).abs() < 1e-9);
    }
}
