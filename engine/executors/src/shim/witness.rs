//! The step's ear: hears its progress and its log lines, and tells it when to stop.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use suho_domain::fault;
use suho_step::attempt::{self, PROGRESS};
use suho_step::{Progress, Supervisor};

pub(super) struct Witness {
    progress: PathBuf,
    cancelled: Arc<AtomicBool>,
    /// Whether the disk has refused progress before: that is said once, not once a report.
    has_complained: bool,
}

impl Witness {
    pub(super) fn new(folder: &Path, cancelled: Arc<AtomicBool>) -> Self {
        Self { progress: folder.join(PROGRESS), cancelled, has_complained: false }
    }

    pub(super) fn has_been_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

impl Supervisor for Witness {
    fn progress(&mut self, progress: &Progress) {
        // A full disk must not fail a step that has no need of it.
        if let Err(error) = attempt::append_line(&self.progress, progress)
            && !self.has_complained
        {
            self.has_complained = true;
            self.log(&fault::chain(&error));
        }
    }

    fn log(&mut self, line: &str) {
        drop(writeln!(io::stderr(), "{line}"));
    }

    fn is_cancelled(&self) -> bool {
        self.has_been_cancelled()
    }
}
