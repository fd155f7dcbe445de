//! How far a long run has come, shown on a terminal only.

use std::time::Duration;

use camino::Utf8Path;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line that shows the number of files read.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Nothing is shown if standard error is no terminal, or for the first moments: most runs are
    /// over before one could read it.
    pub(crate) fn new(count: usize, doing: &'static str) -> Progress {
        let target = ProgressDrawTarget::stderr_with_hz(10);
        let bar = ProgressBar::with_draw_target(Some(count as u64), target);
        let style = ProgressStyle::with_template("{prefix} {pos}/{len} {bar:30} {wide_msg}");
        bar.set_style(style.expect("a template of ours"));
        bar.set_prefix(doing);
        Progress(bar)
    }

    /// One more file is done.
    pub(crate) fn step(&self, file: &Utf8Path) {
        if self.0.elapsed() > Duration::from_millis(500) {
            self.0.set_message(file.file_name().unwrap_or_default().to_owned());
        }
        self.0.inc(1);
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
