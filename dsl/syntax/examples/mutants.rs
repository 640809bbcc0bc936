//! Mutants of every `.suho` file of the repository, read and laid out: what must hold of any text.
//!
//! `cargo run --release -p suho-syntax --example mutants -- [COUNT] [SEED]` prints a table and fails
//! where something does not hold. The tests run a few thousand of the same mutants. Time is that of
//! the processor, which a busy machine lengthens less (`/proc/thread-self/schedstat`; zero elsewhere).

#![expect(clippy::print_stdout, reason = "a program for people")]

#[path = "../src/tests/mutant.rs"]
mod mutant;

use std::panic::catch_unwind;
use std::path::Path;
use std::time::Duration;

use mutant::Chance;

/// Lines of a mutant at most; each tenth one is of a whole file.
const LINES: usize = 24;
/// The slowest reading that is accepted.
const SLOWEST: Duration = Duration::from_millis(20);

/// What is counted.
#[derive(Default)]
struct Tally {
    mutants: usize,
    bytes: usize,
    whole: usize,
    few: usize,
    many: usize,
    laid_out: usize,
    reading: Duration,
    slowest: Duration,
    slower: usize,
    broken: Vec<String>,
}

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().ok());
    let count = arguments.next().flatten().unwrap_or(100_000);
    let seed = arguments.next().flatten().unwrap_or(88_172_645_463_325_252);
    let mut sources = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), &mut sources);
    sources.sort();
    let mut chance = Chance(seed.max(1));
    let mut tally = Tally::default();
    for number in 0..count {
        let Some(text) = sources.get(chance.below(sources.len().max(1))) else { break };
        let lines = if number % 10 == 0 { 1_000 } else { LINES };
        // Every other one begins as a file does: what is left whole shows the layout.
        let edition = if number % 2 == 0 { "edition 2026\n" } else { "" };
        let mutant = format!("{edition}{}", chance.mutant(text, lines));
        if let Err(why) = catch_unwind(|| look(&mutant)).map(|found| tally.add(&mutant, &found)) {
            let why = why.downcast_ref::<String>().cloned().unwrap_or_default();
            tally.broken.push(format!("panic {why}: {mutant:?}"));
        }
    }
    print(&tally, sources.len(), seed);
    if tally.broken.is_empty() { Ok(()) } else { Err(tally.broken.join("\n")) }
}

/// Every `.suho` text below `folder`.
fn gather(folder: &Path, sources: &mut Vec<String>) {
    let entries = folder.read_dir().into_iter().flatten().filter_map(Result::ok);
    for path in entries.map(|entry| entry.path()) {
        let is_target = path.file_name().is_some_and(|name| name == "target");
        if path.is_dir() && !is_target {
            gather(&path, sources);
        } else if path.extension().is_some_and(|kind| kind == "suho") {
            sources.extend(std::fs::read_to_string(path).ok());
        }
    }
}

/// What is found of one mutant.
struct Found {
    reading: Duration,
    mistakes: usize,
    laid_out: bool,
    wrong: Option<&'static str>,
}

fn look(text: &str) -> Found {
    let mut reading = Duration::MAX;
    let mut parsed = None;
    // Again where it was slow: the machine may have been.
    for _ in 0..5 {
        let start = spent();
        let errors = suho_syntax::parse(text).errors;
        reading = reading.min(spent().saturating_sub(start));
        parsed = Some(errors);
        if reading <= SLOWEST {
            break;
        }
    }
    let errors = parsed.unwrap_or_default();
    let laid = suho_syntax::format(text);
    let again = suho_syntax::format(&laid.text);
    let is_whole = errors.is_empty();
    let wrong = if laid.defect.is_some() {
        laid.defect
    } else if again.text != laid.text {
        Some("laid out twice differs from once")
    } else if is_whole && comments(text) != comments(&laid.text) {
        Some("a comment changed")
    } else {
        None
    };
    Found { reading, mistakes: errors.len(), laid_out: laid.text != text, wrong }
}

/// Processor time of this thread so far.
fn spent() -> Duration {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos: Option<u64> = spent.split(' ').next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// The comments of a text without mistakes, sorted: found anew here, not by the parser.
fn comments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/']) {
        let here = rest.get(at..).unwrap_or_default();
        let length = if let Some(inside) = here.strip_prefix("\"\"\"") {
            inside.find("\"\"\"").map_or(here.len(), |end| end + 6)
        } else if here.starts_with('"') {
            string(here)
        } else if here.starts_with("//") {
            let line = here.lines().next().unwrap_or_default();
            found.push(line.trim_end().to_owned());
            line.len()
        } else {
            1
        };
        rest = here.get(length..).unwrap_or_default();
    }
    found.sort();
    found
}

/// The length of the string that a text begins with, values put into it included.
fn string(text: &str) -> usize {
    let (mut open, mut chars) = (vec!['"'], text.char_indices().skip(1).peekable());
    while let Some((at, c)) = chars.next() {
        match (c, open.last()) {
            ('\\', Some('"')) => drop(chars.next()),
            ('"', Some('"')) | ('}', Some('{')) => drop(open.pop()),
            ('$', Some('"')) if chars.next_if(|(_, next)| *next == '{').is_some() => open.push('{'),
            ('"' | '{', Some('{')) => open.push(c),
            _ => {}
        }
        if open.is_empty() {
            return at + 1;
        }
    }
    text.len()
}

impl Tally {
    fn add(&mut self, mutant: &str, found: &Found) {
        self.mutants += 1;
        self.bytes += mutant.len();
        match found.mistakes {
            0 => self.whole += 1,
            1..=4 => self.few += 1,
            _ => self.many += 1,
        }
        self.laid_out += usize::from(found.laid_out);
        self.reading += found.reading;
        if found.reading > self.slowest {
            self.slowest = found.reading;
        }
        self.slower += usize::from(found.reading > SLOWEST);
        if let Some(wrong) = found.wrong {
            self.broken.push(format!("{wrong}: {mutant:?}"));
        }
    }
}

fn print(tally: &Tally, sources: usize, seed: u64) {
    let mutants = tally.mutants.max(1);
    let mean = tally.reading.as_secs_f64() / mutants as f64;
    let speed = tally.bytes as f64 / tally.reading.as_secs_f64().max(f64::MIN_POSITIVE) / 1e6;
    println!("mutants                  {:>12}  of {sources} files, seed {seed}", tally.mutants);
    println!("  without a mistake      {:>12}", tally.whole);
    println!("  with 1 to 4            {:>12}", tally.few);
    println!("  with more              {:>12}", tally.many);
    println!("  changed by the layout  {:>12}", tally.laid_out);
    println!("reading, mean            {:>9.3} ms  {speed:.1} MB/s", mean * 1e3);
    println!("reading, slowest         {:>9.3} ms", tally.slowest.as_secs_f64() * 1e3);
    println!("slower than {} ms        {:>12}", SLOWEST.as_millis(), tally.slower);
    println!("what does not hold       {:>12}", tally.broken.len());
}
