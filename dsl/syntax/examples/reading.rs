//! How long reading takes: large files, and texts made to be slow.
//!
//! `cargo run --release -p suho-syntax --example reading` prints a table; best of five.

#![expect(clippy::print_stdout, reason = "a program for people")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::time::Instant;

fn main() {
    let pipeline = include_str!("../tests/corpus/pipeline.suho");
    let body = pipeline.replace("edition 2026\n", "");
    let times = |text: &str, bytes: usize| text.repeat(bytes / text.len());
    let million = |text: &str| format!("edition 2026\nx = {}", times(text, 1_000_000));
    let lines = |text: &str, count: usize| format!("edition 2026\n{}", text.repeat(count));
    let texts = [
        ("one pipeline", pipeline.to_owned()),
        ("1 MB of pipelines", format!("edition 2026\n{}", times(&body, 1_040_000))),
        ("2,000 lines", format!("edition 2026\n{}", times(&body, 53_000))),
        ("1,000,000 `(`", million("(")),
        ("1,000,000 `[{(`", million("[{(")),
        ("1 MB of `(]`", million("(]")),
        ("1 MB of `()`", million("() ")),
        ("1 MB of `a.`", million("a.")),
        ("1 MB of `1 + `", million("1 + ")),
        ("1 MB string", million("\"${x} ")),
        ("10,000 mistakes `seed: 42`", lines("seed: 42\n", 10_000)),
        ("10,000 mistakes `x = !y &&`", lines("x = !y &&\n", 10_000)),
        ("10,000 open blocks", lines("pipeline p {\n", 10_000)),
        ("10,000 `/*`", lines("/* a\n", 10_000)),
        ("10,000 `- a`", lines("- a\n", 10_000)),
        ("10,000 `a:`", lines("a:\n  b\n", 10_000)),
        ("10,000 `x = \\`", lines("x = \\\n", 10_000)),
        ("10,000 `if x:`", lines("if x:\n  y\n", 10_000)),
        ("128 open `{ a = `", lines("{ a = ", 128)),
    ];
    println!(
        "{:<32}{:>10}{:>8}{:>11}{:>10}{:>11}",
        "", "bytes", "lines", "read, ms", "mistakes", "peak, MiB"
    );
    for (name, text) in &texts {
        let mut best = f64::MAX;
        let mut mistakes = 0;
        for _ in 0..5 {
            let start = Instant::now();
            mistakes = suho_syntax::parse(text).errors.len();
            best = best.min(start.elapsed().as_secs_f64());
        }
        let lines = text.lines().count();
        let (bytes, peak) = (text.len(), peak() / 1024);
        println!("{name:<32}{bytes:>10}{lines:>8}{:>11.2}{mistakes:>10}{peak:>11}", best * 1e3);
    }
}

/// The most memory held so far, in KiB; the texts themselves are in it. 0 where the system does not
/// tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
