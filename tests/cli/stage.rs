//! A folder to play in: an example or a fixture, copied to where nothing of the repository lies.

use chrono::{DateTime, Datelike as _, TimeDelta, TimeZone as _, Timelike as _, Utc};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// How many bars the tiny pipeline is given: enough to split, and to hold some back.
pub(crate) const BARS: usize = 2000;

/// One hourly bar as its CSV fields: `time, open, high, low, close, volume`.
pub(crate) type Bar = [String; 6];

/// A project in a folder that vanishes.
pub(crate) struct Stage(TempDir);

impl Stage {
    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        let stage = Self(TempDir::new().unwrap());
        fs::create_dir(stage.path("")).unwrap();
        stage
    }

    /// What lies in the repository's `folder`.
    pub(crate) fn of(folder: &str) -> Self {
        let stage = Self::empty();
        copy(&root().join(folder), &stage.path(""));
        stage
    }

    /// An example, with the data of the examples where it looks for them.
    pub(crate) fn example(name: &str) -> Self {
        let stage = Self::of(&format!("examples/{name}"));
        copy(&root().join("examples/data"), &stage.path("../data"));
        stage
    }

    /// The tiny pipeline after its first rehearsal: `small_lstm` v1.0.0 is production.
    pub(crate) fn rehearsed() -> Self {
        let stage = Self::tiny();
        let ended = stage.suho(&["rehearse", ".", "--quiet"]);
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        stage
    }

    /// The tiny pipeline and sound bars for it.
    pub(crate) fn tiny() -> Self {
        let stage = Self::of("tests/cli/tiny");
        stage.write("bars.csv", &csv(&bars(BARS)));
        stage
    }

    /// A file or folder of the project.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("project.in").join(name)
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Changes the bytes of a file behind suho's back.
    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(self.path(name)).unwrap();
        change(&mut bytes);
        fs::write(self.path(name), bytes).unwrap();
    }

    /// `suho` with these arguments, in the project.
    #[expect(clippy::disallowed_methods, reason = "the binary under test is a process")]
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_suho"));
        command.args(args).current_dir(self.path(""));
        command
    }

    /// What `suho` answers to these arguments.
    pub(crate) fn suho(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// `git` with these arguments, in the project; nothing of the machine's own settings counts.
    #[expect(clippy::disallowed_methods, reason = "revisions are made by git")]
    pub(crate) fn git(&self, args: &[&str]) {
        let mut git = Command::new("git");
        git.args(args).current_dir(self.path(""));
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@b.c");
        }
        let ended = git.output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }

    /// Plays a transcript of the repository in the project; its commands follow one another.
    pub(crate) fn plays(&self, transcript: &str) {
        let written = root().join(transcript);
        // trycmd runs `project.md` in `project.in`.
        let script = self.path("").with_extension("md");
        fs::copy(&written, &script).unwrap();
        let played = catch_unwind(AssertUnwindSafe(|| {
            let cases = trycmd::TestCases::new();
            cases.register_bin("suho", Path::new(env!("CARGO_BIN_EXE_suho")));
            cases.case(&script).run();
        }));
        if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
            fs::copy(&script, &written).unwrap();
        }
        played.unwrap_or_else(|why| resume_unwind(why));
    }
}

/// Hourly bars of an open market: a wave on a wave, in whole points.
pub(crate) fn bars(count: usize) -> Vec<Bar> {
    let sunday = Utc.with_ymd_and_hms(2024, 6, 2, 21, 0, 0).unwrap();
    let hours = (0..).map(|hour| sunday + TimeDelta::hours(hour));
    // In summer the week begins on Sunday at 21:00 UTC and lasts five days.
    let hour = |time: &DateTime<Utc>| time.weekday().num_days_from_sunday() * 24 + time.hour();
    let open = hours.filter(|time| (hour(time) + 7 * 24 - 21) % (7 * 24) < 5 * 24);
    let price = |bar: i64| 110_000 + 9 * fold(bar, 40) + 31 * fold(bar * 3, 7);
    let points = |price: i64| format!("{}.{:05}", price / 100_000, price % 100_000);
    let bar = |(time, bar): (DateTime<Utc>, i64)| {
        let (from, to) = (price(bar), price(bar + 1));
        let (high, low) = (from.max(to) + 20, from.min(to) - 20);
        let volume = (1_000 + bar * 37 % 500).to_string();
        let time = time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        [time, points(from), points(high), points(low), points(to), volume]
    };
    open.zip(0..).map(bar).take(count).collect()
}

/// Up from `-half` to `half` and down again, one a bar.
fn fold(bar: i64, half: i64) -> i64 {
    (bar.rem_euclid(4 * half) - 2 * half).abs() - half
}

/// The bars as a file.
pub(crate) fn csv(bars: &[Bar]) -> String {
    let rows = bars.iter().map(|bar| bar.join(",") + "\n");
    ["time,open,high,low,close,volume\n".to_owned()].into_iter().chain(rows).collect()
}

/// Where `what` begins in `bytes`.
pub(crate) fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Copies the files of a folder, not what a rehearsal left there.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_file() {
            fs::copy(&entry, to.join(entry.file_name().unwrap())).unwrap();
        }
    }
}
