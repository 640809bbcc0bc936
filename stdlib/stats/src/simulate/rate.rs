//! A probability found by simulation, and how well it is known.

use std::num::NonZeroU32;

/// How often something happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Share of the games, or of the days in them, in `0..=1`.
    pub share: f64,
    /// Its Monte-Carlo standard error, above 0.
    pub error: f64,
    /// Games played.
    pub runs: u32,
}

impl Rate {
    /// Of `runs` independent games, `hits` ended so.
    ///
    /// The error supposes one more hit and one more miss, so that never seen is not never.
    pub(super) fn of_games(hits: u32, runs: NonZeroU32) -> Self {
        let (hits, games) = (f64::from(hits), f64::from(runs.get()));
        let supposed = (hits + 1.0) / (games + 2.0);
        let error = (supposed * (1.0 - supposed) / games).sqrt();
        Self { share: hits / games, error, runs: runs.get() }
    }

    /// Of independent games, the days in each on which it happened, of `days` days each.
    ///
    /// Days of one game depend on each other: their share is one observation.
    pub(super) fn of_days(hits: &[u32], days: NonZeroU32) -> Self {
        let games = hits.len().max(1) as f64;
        let shares: Vec<f64> =
            hits.iter().map(|hits| f64::from(*hits) / f64::from(days.get())).collect();
        let share = shares.iter().sum::<f64>() / games;
        let squares = shares.iter().map(|other| (other - share).powi(2)).sum::<f64>();
        // Never seen, or a single game: at best known as well as from independent days.
        let floor = {
            let days = games * f64::from(days.get());
            let supposed = (share * days + 1.0) / (days + 2.0);
            (supposed * (1.0 - supposed) / days).sqrt()
        };
        let between = (squares / (games - 1.0).max(1.0) / games).sqrt();
        Self {
            share,
            error: between.max(floor),
            runs: u32::try_from(hits.len()).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests;
