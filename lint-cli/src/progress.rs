//! A progress bar for runs that take long.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Counts files; shows itself on standard error after half a second.
pub struct Progress {
    bar: ProgressBar,
    start: Instant,
    /// Whether it may still appear.
    waiting: AtomicBool,
}

impl Progress {
    /// For a number of files; one that is not `wanted` stays hidden.
    pub fn new(files: usize, wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::hidden());
        Progress { bar, start: Instant::now(), waiting: AtomicBool::new(wanted) }
    }

    /// One file is done.
    pub fn step(&self) {
        self.bar.inc(1);
        let due = || self.start.elapsed() > PATIENCE;
        if self.waiting.load(Ordering::Relaxed) && due() && self.waiting.swap(false, Ordering::Relaxed) {
            let style = ProgressStyle::with_template("reading {bar:30} {pos}/{len} files");
            self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Removes it from the terminal.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(wanted: bool, age: Duration) -> bool {
        let mut progress = Progress::new(2, wanted);
        progress.start = Instant::now().checked_sub(age).expect("the clock runs longer than this");
        progress.step();
        progress.waiting.load(Ordering::Relaxed)
    }

    #[test]
    fn it_shows_itself_once_when_the_work_takes_long() {
        assert!(waits(true, Duration::ZERO), "short runs show nothing");
        assert!(!waits(true, PATIENCE * 2), "now it is shown");
        let hidden = Progress::new(2, false);
        hidden.step();
        assert!(hidden.bar.is_hidden());
    }
}
