//! The words of what people do to models and their rollouts: `suho rollback`, `suho rollout`,
//! `suho retrain`.

use super::{Output, Seat};
use clap::{Args, Subcommand};

#[derive(Args, Debug)]
pub(crate) struct Rollback {
    /// A model's name, NAME@VERSION, or an id: its candidate under way is taken back, else the
    /// version before serves again.
    pub(crate) model: String,
    /// Why.
    #[arg(short, long, value_name = "WHY")]
    pub(crate) message: String,
    /// The version that is to serve again; needed a week after the promotion.
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Looks at rollouts that are not over, and steers them.
#[derive(Debug, Subcommand)]
pub(crate) enum Rollout {
    /// Shows the rollouts that are not over.
    Status(RolloutStatus),
    /// Lets traffic stand where it is.
    Pause(Steer),
    /// Goes on.
    Resume(Steer),
    /// Takes the candidate back.
    Abort(Steer),
    /// Gives the candidate another share: less, or as much as comes next.
    SetWeight(SetWeight),
}

#[derive(Args, Debug)]
pub(crate) struct RolloutStatus {
    /// A model's name, or a run; every rollout when not given.
    pub(crate) of: Option<String>,
    /// Shows them again until they are over.
    #[arg(short, long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Steer {
    /// A model's name, or a run; the only rollout when not given.
    pub(crate) of: Option<String>,
    /// Why.
    #[arg(short, long, value_name = "WHY")]
    pub(crate) message: String,
    #[command(flatten)]
    pub(crate) place: Seat,
}

#[derive(Args, Debug)]
pub(crate) struct SetWeight {
    /// The share, like 5%.
    pub(crate) share: String,
    /// A model's name, or a run; the only rollout when not given.
    pub(crate) of: Option<String>,
    /// Why.
    #[arg(short, long, value_name = "WHY")]
    pub(crate) message: String,
    #[command(flatten)]
    pub(crate) place: Seat,
}

#[derive(Args, Debug)]
pub(crate) struct Retrain {
    /// A model's name, NAME@VERSION, or an id.
    pub(crate) model: String,
    /// Why.
    #[arg(short, long, value_name = "WHY")]
    pub(crate) message: String,
    /// The trigger whose run it is to be; the one for people when not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) trigger: Option<String>,
    /// Sets a parameter that the trigger leaves open.
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub(crate) param: Vec<String>,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}
