//! The words of what people hold and decide: `suho pause`, `suho approve`, `suho freeze`.

use super::{Output, Seat};
use clap::{Args, ValueEnum};

#[derive(Args, Debug)]
pub(crate) struct Hold {
    /// A run's id, a prefix of it, or `@latest`; or a schedule, as PIPELINE/SCHEDULE.
    pub(crate) of: String,
    /// Why.
    #[arg(short, long, value_name = "WHY")]
    pub(crate) message: String,
    /// The environment of a schedule.
    #[arg(long, value_name = "ENV", default_value = crate::running::ENVIRONMENT)]
    pub(crate) env: String,
    #[command(flatten)]
    pub(crate) place: Seat,
}

#[derive(Args, Debug)]
pub(crate) struct Answer {
    /// RUN/STEP, or a run that asks one thing; lists what is asked when not given.
    #[arg(requires = "message")]
    pub(crate) of: Option<String>,
    /// Why.
    #[arg(short, long, value_name = "WHY")]
    pub(crate) message: Option<String>,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What becomes of the line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Line {
    /// It is stopped.
    On,
    /// It goes on.
    Off,
}

#[derive(Args, Debug)]
pub(crate) struct Freeze {
    /// Stops the line, or lets it go on; says how it stands when not given.
    #[arg(value_enum, requires = "message")]
    pub(crate) line: Option<Line>,
    /// Why.
    #[arg(short, long, value_name = "WHY")]
    pub(crate) message: Option<String>,
    /// The environment whose line it is.
    #[arg(long, value_name = "ENV", default_value = crate::running::ENVIRONMENT)]
    pub(crate) env: String,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}
