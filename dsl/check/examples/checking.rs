//! How long checking takes after one character was typed in a long file, and with many mistakes.
//!
//! `cargo run --release -p suho-check --example checking -- [ROW]` prints a table; best of nine.

#![expect(clippy::print_stdout, reason = "a program for people")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use suho_check::{World, check};

/// The repository's prelude, and the quickstart's model as the only other file.
struct Repository {
    prelude: Vec<(String, String)>,
    model: String,
}

impl World for Repository {
    fn prelude(&self) -> Vec<(String, String)> {
        self.prelude.clone()
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        match path {
            "./model.suho" => Ok(("model.suho".to_owned(), self.model.clone())),
            _ => Err("there is no such file".to_owned()),
        }
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn repository() -> std::io::Result<Repository> {
    let mut prelude = Vec::new();
    for entry in root().join("stdlib/prelude").read_dir()? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        prelude.push((name, std::fs::read_to_string(&path)?));
    }
    prelude.sort();
    let model = std::fs::read_to_string(root().join("examples/quickstart/model.suho"))?;
    Ok(Repository { prelude, model })
}

/// A file of at least `lines` lines: the quickstart's pipeline again and again, each with a name.
fn long(lines: usize) -> std::io::Result<String> {
    let text = std::fs::read_to_string(root().join("examples/quickstart/pipeline.suho"))?;
    let (head, body) = text.split_once("/// Trains").unwrap_or((&text, ""));
    let mut long = head.to_owned();
    let mut number = 0;
    while long.lines().count() < lines {
        let named = body.replace("pipeline quickstart(", &format!("pipeline quickstart_{number}("));
        long.extend(["\n/// Trains", &named]);
        number += 1;
    }
    Ok(long)
}

fn main() -> std::io::Result<()> {
    let world = repository()?;
    let many = |line: &str| {
        let lines = (0..10_000).map(|n| line.replace('#', &n.to_string()));
        format!("edition 2026\n{}", lines.collect::<String>())
    };
    let texts = [
        ("nothing but the prelude", "edition 2026\n".to_owned()),
        ("the quickstart", long(1)?),
        ("2,000 lines", long(2_000)?),
        ("10,000 mistakes of syntax", many("let a# = = 1\n")),
        ("10,000 unknown names", many("let a# = b#\n")),
        ("10,000 unknown kinds", many("draww a# {\n}\n")),
    ];
    println!("{:<28}{:>8}{:>16}{:>12}", "", "lines", "one edit, ms", "told");
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for (name, text) in texts.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        let mut best = f64::MAX;
        let mut told = 0;
        for blanks in 0..9 {
            // One more character each time, so that nothing is as it was.
            let entry = [("pipeline.suho".to_owned(), format!("{text}{}", " ".repeat(blanks)))];
            let start = Instant::now();
            told = check(&entry, &world).diagnostics.len();
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{name:<28}{:>8}{:>16.1}{told:>12}", text.lines().count(), best * 1e3);
    }
    Ok(())
}
