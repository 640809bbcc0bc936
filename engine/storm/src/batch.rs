//! Many storms: a range of seeds, a hunt for a planted bug, and every single fault of one run.

use crate::bug::Bug;
use crate::play::{Config, Faults, Play, Violation, fingerprint, play};
use crate::plot::Plot;
use crate::tally::Tally;
use std::ops::Range;

/// What came of many storms.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Batch {
    /// How many were played.
    pub storms: u64,
    /// Those that broke a promise: what they were, and how.
    pub broken: Vec<(Config, Violation)>,
    /// What happened in all of them.
    pub tally: Tally,
    /// The same batch has the same.
    pub fingerprint: u64,
}

impl Batch {
    fn take(&mut self, config: Config, played: Play) {
        self.storms += 1;
        self.tally.add(&played.tally);
        self.fingerprint = fingerprint(self.fingerprint, &played);
        self.broken.extend(played.broken.map(|broken| (config, broken)));
    }

    /// Both together.
    pub fn join(&mut self, other: Self) {
        self.storms += other.storms;
        self.tally.add(&other.tally);
        self.fingerprint ^= other.fingerprint;
        self.broken.extend(other.broken);
    }
}

/// Plays a storm for each seed.
pub fn sweep(plot: &Plot, seeds: Range<u64>, days: u32, bug: Option<Bug>) -> Batch {
    let mut batch = Batch::default();
    for seed in seeds {
        let config = Config { seed, days, bug, faults: Faults::Swarm };
        batch.take(config, play(plot, &config));
    }
    batch
}

/// How a planted bug was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caught {
    /// Storms it took, the one that found it included.
    pub storms: u64,
    /// The storm that found it.
    pub seed: u64,
    /// By what.
    pub broken: Violation,
}

/// Plays storms until one finds `bug`; `None` when none of them does.
pub fn catch(plot: &Plot, seeds: Range<u64>, days: u32, bug: Bug) -> Option<Caught> {
    (1..).zip(seeds).find_map(|(storms, seed)| {
        let config = Config { seed, days, bug: Some(bug), faults: Faults::Swarm };
        let broken = play(plot, &config).broken?;
        // What breaks without the bug, too, says nothing of it.
        let is_by_bug = play(plot, &Config { bug: None, ..config }).broken.is_none();
        is_by_bug.then_some(Caught { storms, seed, broken })
    })
}

/// Plays a run from training to its ramp's end as often as it has micro-steps and commits: each time
/// the daemon dies at another of them, or another commit's reply is lost.
///
/// `part`: the share of it that is played here, as in `0` of `2`.
pub fn exhaust(plot: &Plot, seed: u64, part: (u64, u64)) -> Batch {
    let config = |faults| Config { seed, days: 1, bug: None, faults };
    let calm = play(plot, &config(Faults::None));
    let (steps, commits) = (calm.tally.micro_steps, calm.tally.commits);
    let mut batch = Batch::default();
    if part.0 == 0 {
        batch.take(config(Faults::None), calm);
    }
    let crashes = (1..=steps).map(Faults::CrashAt);
    let all = crashes.chain((1..=commits).map(Faults::LostAt));
    for (_, faults) in (0..).zip(all).filter(|(number, _)| number % part.1.max(1) == part.0) {
        let config = config(faults);
        batch.take(config, play(plot, &config));
    }
    batch
}
