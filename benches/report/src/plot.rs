//! Horizontal bars on a logarithmic scale, as SVG.

use std::fmt::{self, Write};

/// One kind of bar, with a colour of its own.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// A value for each label; `None` draws no bar.
    pub values: Vec<Option<f64>>,
}

/// A plot.
#[derive(Clone, Debug)]
pub struct Bars {
    /// What is seen.
    pub title: String,
    /// Unit of the values.
    pub unit: String,
    /// What the groups of bars are, from top to bottom.
    pub labels: Vec<String>,
    /// The bars of each group.
    pub series: Vec<Series>,
}

const COLOURS: [&str; 4] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"];
const LEFT: f64 = 270.0;
const WIDTH: f64 = 560.0;
const TOP: f64 = 70.0;
const BAR: f64 = 11.0;
const GAP: f64 = 9.0;

impl Bars {
    /// The exponents of ten at both ends of the scale.
    fn scale(&self) -> (f64, f64) {
        let values = || self.series.iter().flat_map(|series| series.values.iter().flatten());
        let least = values().copied().fold(f64::INFINITY, f64::min);
        let most = values().copied().fold(0.0, f64::max);
        (least.log10().floor(), most.log10().ceil())
    }
}

impl fmt::Display for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.scale();
        let x = |value: f64| LEFT + (value.log10() - low) / (high - low) * WIDTH;
        let group = BAR * self.series.len() as f64 + GAP;
        let bottom = TOP + group * self.labels.len() as f64;
        let (width, height) = (LEFT + WIDTH + 70.0, bottom + 40.0);
        let mut out = String::new();
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"sans-serif\" font-size=\"11\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n\
             <text x=\"10\" y=\"22\" font-size=\"15\">{}</text>",
            escaped(&self.title)
        )?;
        for (number, series) in self.series.iter().enumerate() {
            let at = LEFT + 200.0 * number as f64;
            let colour = COLOURS[number % COLOURS.len()];
            writeln!(
                out,
                "<rect x=\"{at}\" y=\"36\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\
                 <text x=\"{}\" y=\"45\">{}</text>",
                at + 15.0,
                escaped(&series.name)
            )?;
        }
        for exponent in low as i32..=high as i32 {
            let at = x(10f64.powi(exponent));
            writeln!(
                out,
                "<line x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\" stroke=\"#ddd\"/>\
                 <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                bottom + 15.0,
                10f64.powi(exponent)
            )?;
        }
        writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            LEFT + WIDTH / 2.0,
            bottom + 32.0,
            escaped(&self.unit)
        )?;
        for (row, label) in self.labels.iter().enumerate() {
            let top = TOP + group * row as f64 + GAP / 2.0;
            let middle = top + BAR * self.series.len() as f64 / 2.0 + 4.0;
            writeln!(
                out,
                "<text x=\"{}\" y=\"{middle:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 8.0,
                escaped(label)
            )?;
            for (number, series) in self.series.iter().enumerate() {
                let Some(value) = series.values.get(row).copied().flatten() else { continue };
                let (top, end) = (top + BAR * number as f64, x(value));
                writeln!(
                    out,
                    "<rect x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{}\" fill=\"{}\"/>\
                     <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"9\">{value:.1}</text>",
                    end - LEFT,
                    BAR - 1.0,
                    COLOURS[number % COLOURS.len()],
                    end + 4.0,
                    top + BAR - 2.5
                )?;
            }
        }
        out.push_str("</svg>\n");
        f.write_str(&out)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_a_bar_for_each_value_and_no_raw_markup() {
        let plot = Bars {
            title: "a < b".to_owned(),
            unit: "ns".to_owned(),
            labels: vec!["one".to_owned(), "two".to_owned()],
            series: vec![Series { name: "s".to_owned(), values: vec![Some(1.5), None] }],
        };
        let text = plot.to_string();
        assert!(text.contains("a &lt; b") && text.contains(">1.5<"), "{text}");
        assert_eq!(text.matches("height=\"10\" fill=\"#0072b2\"").count(), 2, "legend and one bar");
    }
}
