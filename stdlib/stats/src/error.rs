//! What a caller can get wrong. Every variant is a broken promise of the caller (a `Bug`), but for
//! those that say otherwise.

/// Why a statistic was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StatsError {
    /// A one-sided error probability has to leave room on both sides. `User`.
    #[error("error probability `{0}` is not between 0 and 0.5")]
    Alpha(f64),
    /// Classification needs something to choose between.
    #[error("cannot score `{0}` classes, two are the least")]
    Classes(usize),
    /// The probabilities do not fill whole rows.
    #[error("`{values}` probabilities do not fill rows of `{classes}` classes")]
    Shape {
        /// Probabilities given.
        values: usize,
        /// Classes a row.
        classes: usize,
    },
    /// As many labels as rows are needed.
    #[error("`{labels}` labels for `{rows}` rows")]
    LabelCount {
        /// Rows of probabilities.
        rows: usize,
        /// Labels given.
        labels: usize,
    },
    /// A label names no class.
    #[error("label `{label}` of row {row} is none of `{classes}` classes")]
    Label {
        /// Row, from zero.
        row: usize,
        /// The label.
        label: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A model answered something that is no probability. `User`: the model is at fault.
    #[error("row {row} holds `{value}`, which is no probability")]
    NotAProbability {
        /// Row, from zero.
        row: usize,
        /// The value, possibly NaN or infinite.
        value: f64,
    },
    /// The probabilities of a row do not sum to one. `User`: the model is at fault.
    #[error("probabilities of row {row} sum to `{sum}`")]
    Sum {
        /// Row, from zero.
        row: usize,
        /// Their sum.
        sum: f64,
    },
    /// A series holds NaN or an infinity.
    #[error("value {index} of the series is `{value}`")]
    NotFinite {
        /// Place, from zero.
        index: usize,
        /// The value.
        value: f64,
    },
    /// Equity has to start above zero to have returns.
    #[error("equity starts at `{0}`, not above zero")]
    StartingEquity(f64),
    /// A year has a positive, finite number of periods. `User`.
    #[error("`{0}` periods a year is not a positive number")]
    PeriodsPerYear(f64),
    /// A day's end lies outside the curve or before the day before's.
    #[error("end of day {day} at bar {bar} is out of order or out of range")]
    DayEnd {
        /// Day, from zero.
        day: usize,
        /// Index into the equity curve.
        bar: usize,
    },
    /// More successes than trials.
    #[error("`{successes}` successes in `{trials}` trials")]
    Successes {
        /// Successes.
        successes: u64,
        /// Trials.
        trials: u64,
    },
    /// Information has to grow from look to look, from above zero to at most one.
    #[error("information fraction `{fraction}` of look {look} does not grow within 0 to 1")]
    Information {
        /// Look, from one.
        look: usize,
        /// Its fraction.
        fraction: f64,
    },
    /// A plan may be made longer, never shorter.
    #[error("cannot shorten the plan from `{from}` events to `{to}`")]
    Shortened {
        /// Events planned so far.
        from: u64,
        /// Events asked for.
        to: u64,
    },
    /// A share, a power or a quantile lies outside its range. `User`.
    #[error("{what} `{value}` is out of range")]
    OutOfRange {
        /// The quantity.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// Arms and shares do not belong together.
    #[error("`{arms}` arms for `{shares}` shares")]
    Arms {
        /// Arms observed.
        arms: usize,
        /// Shares expected.
        shares: usize,
    },
    /// Units were seen in an arm that has no traffic.
    #[error("arm {arm} has no traffic but `{units}` units")]
    ClosedArm {
        /// Arm, from zero.
        arm: usize,
        /// Units seen.
        units: u64,
    },
    /// A sample is empty.
    #[error("a sample is empty")]
    EmptySample,
    /// Two rows of figures that belong together differ in length.
    #[error("`{first}` figures beside `{second}`")]
    Rows {
        /// Length of the first.
        first: usize,
        /// Length of the second.
        second: usize,
    },
}
