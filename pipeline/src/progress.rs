//! What a person sees while work goes on: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows the progress of stages on stderr.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    bars: bool,
    lines: bool,
}

impl Progress {
    /// Bars on a terminal, else lines.
    #[must_use]
    pub fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self {
            bars: terminal,
            lines: !terminal,
        }
    }

    /// Nothing at all.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            bars: false,
            lines: false,
        }
    }

    /// Starts a stage of `total` tasks.
    #[must_use]
    pub fn stage(&self, label: &str, total: usize) -> Stage {
        let target = if self.bars {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix:>12} [{bar:32}] {pos}/{len} {eta}") {
            bar.set_style(style.progress_chars("=> "));
        }
        let stage = label.split('/').next().unwrap_or(label).to_owned();
        bar.set_prefix(stage.clone());
        if self.lines {
            tracing::info!(stage, tasks = total, "starts");
        }
        Stage { bar }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// A stage that is under way; its bar goes when it is dropped.
#[derive(Debug)]
pub struct Stage {
    bar: ProgressBar,
}

impl Stage {
    /// One task more is done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
