//! Plays storms: `storm [--seeds A..B] [--days D] [--bug NAME] [--threads N]`, `storm --bugs`, `storm
//! --exhaustive`. Exit code 1 when a promise was broken, or when something never happened in a batch
//! that is large enough for all to happen.

use std::fmt::Write as _;
use std::io::Write as _;
use std::num::NonZeroU64;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use suho_storm::{Batch, Bug, Caught, Config, Faults, Plot, catch, exhaust, sweep};

/// A batch of so many storms in which something never happened has not tried it.
const WORTH_ITS_NAME: u64 = 300;
/// Broken promises that are shown.
const SHOWN_MAX: usize = 10;
/// The storms that are played where nobody says which; and those that a planted bug may survive.
const SEEDS: Range<u64> = 0..1_000;
const SEEDS_OF_A_BUG: Range<u64> = 0..5_000;

const USAGE: &str = "usage: storm [--seeds A..B] [--days D] [--bug NAME|none] [--threads N] \
                     [--bugs | --exhaustive]";

struct Options {
    seeds: Option<Range<u64>>,
    days: u32,
    bug: Option<Bug>,
    threads: NonZeroU64,
    mode: Mode,
}

#[derive(PartialEq)]
enum Mode {
    Sweep,
    Bugs,
    Exhaustive,
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = u64::try_from(threads).ok().and_then(NonZeroU64::new).unwrap_or(NonZeroU64::MIN);
    let mut options = Options { seeds: None, days: 10, bug: None, threads, mode: Mode::Sweep };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` takes a value"));
        match word.as_str() {
            "--seeds" => options.seeds = Some(range(&value()?)?),
            "--days" => options.days = number(&value()?)?,
            "--threads" => options.threads = number(&value()?)?,
            "--bug" => {
                let name = value()?;
                options.bug = if name == "none" { None } else { Some(name.parse()?) };
            }
            "--bugs" => options.mode = Mode::Bugs,
            "--exhaustive" => options.mode = Mode::Exhaustive,
            other => return Err(format!("`{other}` is no option")),
        }
    }
    Ok(options)
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

/// `A..B`, or `A` alone.
fn range(text: &str) -> Result<Range<u64>, String> {
    match text.split_once("..") {
        Some((from, to)) => Ok(number(from)?..number(to)?),
        None => number(text).map(|one: u64| one..one.saturating_add(1)),
    }
}

/// The work in as many threads as there are; each compiles the texts for itself.
fn spread(threads: NonZeroU64, work: impl Fn(&Plot, u64) -> Batch + Sync) -> Result<Batch, String> {
    thread::scope(|scope| {
        let work = &work;
        let begin = |part| scope.spawn(move || Plot::new().map(|plot| work(&plot, part)));
        let workers: Vec<_> = (0..threads.get()).map(begin).collect();
        let mut all = Batch::default();
        for worker in workers {
            all.join(worker.join().map_err(|_| "a storm panicked".to_owned())??);
        }
        Ok(all)
    })
}

/// The `part`-th of `parts` stretches of `seeds`.
fn stretch(seeds: &Range<u64>, part: u64, parts: NonZeroU64) -> Range<u64> {
    let length = seeds.end.saturating_sub(seeds.start).div_ceil(parts.get());
    let at = |part: u64| seeds.start.saturating_add(length.saturating_mul(part)).min(seeds.end);
    at(part)..at(part + 1)
}

/// How to play a storm again.
fn again(config: &Config) -> String {
    let bug = config.bug.map_or("none", Bug::word);
    match config.faults {
        Faults::Swarm => format!("--seeds {} --days {} --bug {bug}", config.seed, config.days),
        other => format!("--exhaustive, {other:?}"),
    }
}

fn told(batch: &Batch, seconds: f64) -> String {
    let mut text = String::new();
    let years = batch.tally.minutes as f64 / (60.0 * 24.0 * 365.25);
    let a_second = batch.storms as f64 / seconds;
    let broken = batch.broken.len();
    let _infallible = writeln!(
        text,
        "{} storms, {broken} broke a promise; {years:.0} virtual years in {seconds:.1} s, \
         {a_second:.0} storms/s; fingerprint {:016x}",
        batch.storms, batch.fingerprint
    );
    for (config, violation) in batch.broken.iter().take(SHOWN_MAX) {
        let _infallible = writeln!(text, "  {violation}\n    again: {}", again(config));
    }
    for (name, count) in batch.tally.counts() {
        let _infallible = writeln!(text, "  {name:<20} {count:>12}");
    }
    text
}

/// One line for each planted bug: the storm that caught it, and by which oracle.
fn bugs(options: &Options) -> Result<bool, String> {
    let seeds = options.seeds.clone().unwrap_or(SEEDS_OF_A_BUG);
    let wanted = |bug: &&Bug| options.bug.is_none_or(|only| only == **bug);
    let hunted: Vec<Bug> = Bug::ALL.iter().filter(wanted).copied().collect();
    let (next, caught) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let hunt = || -> Result<(), String> {
        let plot = Plot::new()?;
        while let Some(bug) = hunted.get(next.fetch_add(1, Ordering::Relaxed)) {
            let said = match catch(&plot, seeds.clone(), options.days, *bug) {
                Some(found) => {
                    caught.fetch_add(1, Ordering::Relaxed);
                    let Caught { seed, broken, .. } = found;
                    format!("seed {seed:>4}, by {}: {}", broken.oracle, broken.what)
                }
                None => format!("not caught in storms {seeds:?}"),
            };
            say(&format!("{:<20} {:<4} {said}\n", bug.word(), bug.like()))?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads.get()).map(|_| scope.spawn(hunt)).collect();
        let ended = workers.into_iter().map(|it| it.join().map_err(|_| "a storm panicked")?);
        ended.collect::<Result<(), String>>()
    })?;
    let caught = caught.into_inner();
    say(&format!("{caught} of {} planted bugs are caught\n", hunted.len()))?;
    Ok(caught == hunted.len())
}

fn say(text: &str) -> Result<(), String> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| error.to_string())
}

#[expect(clippy::disallowed_methods, reason = "how fast storms are is told by the clock")]
fn run() -> Result<bool, String> {
    let options = options(std::env::args().skip(1)).map_err(|why| format!("{why}\n{USAGE}"))?;
    let began = std::time::Instant::now();
    let (parts, seeds) = (options.threads, options.seeds.clone().unwrap_or(SEEDS));
    let batch = match options.mode {
        Mode::Bugs => return bugs(&options),
        Mode::Sweep => spread(parts, |plot, part| {
            let seeds = stretch(&seeds, part, parts);
            sweep(plot, seeds, options.days, options.bug)
        })?,
        Mode::Exhaustive => {
            spread(parts, |plot, part| exhaust(plot, seeds.start, (part, parts.get())))?
        }
    };
    say(&told(&batch, began.elapsed().as_secs_f64()))?;
    let never = batch.tally.never();
    let is_large = options.mode == Mode::Sweep && batch.storms >= WORTH_ITS_NAME;
    if is_large && options.bug.is_none() && !never.is_empty() {
        say(&format!("never happened: {}\n", never.join(", ")))?;
        return Ok(false);
    }
    Ok(batch.broken.is_empty())
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            // Nothing else can be done where nobody reads.
            drop(std::io::stderr().write_all(format!("{why}\n").as_bytes()));
            ExitCode::from(2)
        }
    }
}
