//! How long an editor waits: a character is typed in a large file, and everything is asked of it.
//!
//! `cargo run --release -p suho-lsp --example latency`. Prints a table and fails at nothing.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement, run by hand"
)]

use lsp_types::{Position, TextDocumentContentChangeEvent};
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;
use suho_lsp::{Addresses, Host, Insert, Snapshot, Text};

/// How often each thing is done.
const TIMES: usize = 21;
/// The file's name.
const NAME: &str = "large.suho";

/// One file and the library.
struct Disk;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Host for Disk {
    fn root(&self, _path: &Path) -> PathBuf {
        PathBuf::from("/work")
    }
    fn files(&self, _root: &Path) -> Vec<(String, String)> {
        Vec::new()
    }
    fn read(&self, _root: &Path, _name: &str) -> Result<String, String> {
        Err("there is no such file".to_owned())
    }
    fn prelude(&self) -> Vec<(String, String)> {
        let mut files: Vec<PathBuf> = repository()
            .join("stdlib/prelude")
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
    }
    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

/// The quickstart's pipeline, over and over, until there are so many lines.
fn large(lines: usize) -> String {
    let read = |name: &str| {
        std::fs::read_to_string(repository().join("examples/quickstart").join(name)).unwrap()
    };
    let (pipeline, model) = (read("pipeline.suho"), read("model.suho"));
    let body = pipeline.split_once("/// Trains").unwrap().1;
    let definitions = model.split_once("use std.ml").unwrap().1;
    let mut text = format!("edition 2026\n\nuse std.ml\nuse std.rollout\n{definitions}");
    let mut number = 0;
    while text.matches('\n').count() < lines {
        let body = body.replace("pipeline quickstart(", &format!("pipeline p{number}("));
        write!(text, "\n/// Trains{body}").unwrap();
        number += 1;
    }
    text
}

/// The median and the longest of what `work` takes.
fn measure<T>(mut work: impl FnMut(usize) -> T) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|turn| {
            #[expect(clippy::disallowed_methods, reason = "time is what is measured")]
            let start = std::time::Instant::now();
            black_box(work(turn));
            start.elapsed()
        })
        .collect();
    times.sort();
    (times[TIMES / 2], times[TIMES - 1])
}

fn main() {
    println!("{:>6}  {:<42} {:>9} {:>9}", "lines", "what", "median", "longest");
    for lines in [200, 2_000, 10_000] {
        let mut text = Text::new(&large(lines));
        let root = Path::new("/work");
        let look = |text: &Text, before: Option<&Snapshot>| {
            let files = [(NAME.to_owned(), text.as_str().to_owned())];
            Snapshot::new(root, &files, &Disk, before)
        };
        let row = |what: &str, (median, longest): (Duration, Duration)| {
            let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
            println!(
                "{lines:>6}  {what:<42} {:>6.2} ms {:>6.2} ms",
                millis(median),
                millis(longest)
            );
        };
        let at = text.as_str().find("epochs").unwrap();
        let mut last = look(&text, None);
        assert_eq!(last.checked().diagnostics, [], "the file is sound");
        row(
            "a character typed, then all diagnostics",
            measure(|turn| {
                let start = text.position(at);
                let end =
                    Position { character: start.character + u32::from(turn % 2 == 1), ..start };
                let new = if turn % 2 == 0 { "x" } else { "" };
                text.change(&TextDocumentContentChangeEvent {
                    range: Some(lsp_types::Range { start, end }),
                    range_length: None,
                    text: new.to_owned(),
                });
                last = look(&text, Some(&last));
                let file = last.file(NAME).unwrap();
                suho_lsp::diagnostics(&last, file, Addresses::Files).len()
            }),
        );
        let fresh = || {
            let snapshot = look(&text, None);
            let file = snapshot.file(NAME).unwrap();
            (snapshot, file)
        };
        let (snapshot, file) = fresh();
        let place = text.position(text.as_str().rfind("model      = ").unwrap() + 13);
        row("  of it the check", measure(|_| look(&text, Some(&last))));
        row(
            "completion of a value",
            measure(|_| suho_lsp::complete(&snapshot, file, place, Insert::Snippet).len()),
        );
        row("hover", measure(|_| suho_lsp::hover(&snapshot, file, place)));
        let many: Vec<_> = (0..TIMES).map(|_| fresh()).collect();
        row(
            "semantic tokens, nothing known before",
            measure(|turn| suho_lsp::tokens(&many[turn].0, many[turn].1).len()),
        );
        row(
            "semantic tokens again",
            measure(|turn| suho_lsp::tokens(&many[turn].0, many[turn].1).len()),
        );
        row("formatting", measure(|_| suho_lsp::formatting(&text)));
    }
}
