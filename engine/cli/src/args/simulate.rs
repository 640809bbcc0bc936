//! The words and flags of `suho simulate`.

use super::{Output, Target};
use clap::{Args, Subcommand};
use std::num::NonZeroU32;
use suho_domain::{Points, Ratio};

/// Plays a pipeline's own tests where the truth is known: how often they err.
#[derive(Debug, Subcommand)]
pub(crate) enum Simulate {
    /// How often the canary calls off a model as good, and how often a worse one.
    Canary(SimulateCanary),
    /// How often drift is reported on features that do not drift.
    Drift(SimulateDrift),
}

/// What games are played.
#[derive(Args, Debug)]
pub(crate) struct Games {
    /// What the games are drawn from: the same seed plays the same ones everywhere.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Args, Debug)]
pub(crate) struct SimulateCanary {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Canaries played for each effect.
    #[arg(long, value_name = "NUMBER", default_value = "2000", value_parser = runs)]
    pub(crate) runs: NonZeroU32,
    #[command(flatten)]
    pub(crate) games: Games,
    /// True accuracy of the candidate less that of the baseline: `-5pp`; may be given for each.
    #[arg(
        long = "effect",
        value_name = "POINTS",
        allow_hyphen_values = true,
        default_values = ["-2pp", "-5pp", "-10pp", "-20pp"],
        value_parser = effect
    )]
    pub(crate) effects: Vec<Points>,
    /// Share of events on which exactly one of the models is right; where it is not given, 20% and
    /// at least 10pp more than the effect.
    #[arg(long, value_name = "RATIO", value_parser = share)]
    pub(crate) discordance: Option<Ratio>,
    /// Correlation of what differs on neighbouring bars, from 0 to below 1.
    #[arg(long, value_name = "NUMBER", default_value_t = 0.2, value_parser = correlation)]
    pub(crate) autocorrelation: f64,
    /// Accuracy of the baseline.
    #[arg(long, value_name = "RATIO", default_value = "50%", value_parser = share)]
    pub(crate) accuracy: Ratio,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct SimulateDrift {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Games played, each of training data and the days after them.
    #[arg(long, value_name = "NUMBER", default_value = "50", value_parser = runs)]
    pub(crate) runs: NonZeroU32,
    /// Days watched in each game, a report a day.
    #[arg(long, value_name = "NUMBER", default_value = "60", value_parser = days)]
    pub(crate) days: NonZeroU32,
    #[command(flatten)]
    pub(crate) games: Games,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Beyond this many games the last digit is known to five places, and a night has passed.
const RUNS_MAX: u32 = 1_000_000;
/// Ten years.
const DAYS_MAX: u32 = 3_650;

fn runs(text: &str) -> Result<NonZeroU32, String> {
    number(text, RUNS_MAX)
}

fn days(text: &str) -> Result<NonZeroU32, String> {
    number(text, DAYS_MAX)
}

fn number(text: &str, max: u32) -> Result<NonZeroU32, String> {
    let number =
        text.replace('_', "").parse().ok().filter(|number: &NonZeroU32| number.get() <= max);
    number.ok_or_else(|| format!("give a whole number from 1 to {max}"))
}

/// Points between models: `-5pp`, and `-5` for short.
fn effect(text: &str) -> Result<Points, String> {
    let points: Result<Points, _> = text.parse().or_else(|_| format!("{text}pp").parse());
    let points = points.ok().filter(|points| points.to_f64().abs() < 1.0);
    points.ok_or_else(|| "give percentage points between -100pp and 100pp, as `-5pp`".to_owned())
}

fn share(text: &str) -> Result<Ratio, String> {
    let share: Option<Ratio> = text.parse().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(&share.to_f64()));
    share.ok_or_else(|| "give a ratio from 0% to 100%".to_owned())
}

fn correlation(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..1.0).contains(number));
    number.ok_or_else(|| "give a number from 0 to below 1".to_owned())
}
