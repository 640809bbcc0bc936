//! The enums of those ports: drawn from the prelude; to draw it again:
//! `BLESS=1 cargo test -p suho-check --test signatures`.

use super::records::*;
use crate::ports::{choices, words};
use crate::spec::Share;
use suho_domain::{Duration, Instant, Pips, Ratio, Timeframe};

words! {
    /// What a neuron does with its sum.
    Activation {
        /// The sum as it is.
        Linear = "linear",
        /// The larger of 0 and x.
        Relu = "relu",
        /// The hyperbolic tangent.
        Tanh = "tanh",
        /// Shares that sum to one.
        Softmax = "softmax",
    }
}

choices! {
    /// A number of bars.
    Bars {
        /// The fewest that are safe: the horizon for a purge, the sequence for an embargo.
        Auto,
        /// So many. A plain number means this.
        Bars { count: i64 },
    }
}

words! {
    /// Which hours a market is open.
    Calendar {
        /// From Sunday to Friday, 17:00 in New York.
        Fx = "fx",
        /// The New York Stock Exchange's sessions.
        Xnys = "xnys",
        /// Every hour of every day.
        Always = "always",
    }
}

words! {
    /// Where the price goes.
    Class {
        /// It falls.
        Down = "down",
        /// It does neither.
        Flat = "flat",
        /// It rises.
        Up = "up",
    }
}

choices! {
    /// How much the rows of each class count in what training makes small.
    ClassWeights {
        /// All rows the same.
        Even,
        /// All classes the same, however many rows each has.
        Balanced,
        /// So much each.
        Weights { down: f64, flat: f64, up: f64 },
    }
}

choices! {
    /// Whole numbers that a sweep may try.
    Counts {
        /// These.
        OneOf { values: Vec<i64> },
        /// Any from `least` to `most`; a grid takes `points` of them, evenly apart.
        Between { least: i64, most: i64, points: i64 },
    }
}

choices! {
    /// When training ends before its last epoch.
    EarlyStopping {
        /// After so many epochs without a better `metric`; the best epoch's weights are kept.
        Patience { epochs: i64, metric: Watched },
    }
}

words! {
    /// A family of architectures.
    Family {
        /// Long short-term memory.
        Lstm = "lstm",
        /// Gated recurrent units.
        Gru = "gru",
        /// Temporal convolutions.
        Tcn = "tcn",
        /// Attention.
        Transformer = "transformer",
        /// Dense layers alone.
        Dense = "dense",
    }
}

words! {
    /// What becomes of the training window when a walk steps on.
    Growth {
        /// It steps on too, as long as before.
        Rolling = "rolling",
        /// It keeps its beginning and grows.
        Expanding = "expanding",
    }
}

choices! {
    /// How a move of the price becomes a class.
    Label {
        /// Beyond `k` deviations of the last `window` one-bar returns, scaled to the horizon.
        VolScaled { k: f64, window: i64 },
        /// Beyond a fixed share of the price.
        Fixed { threshold: Ratio },
        /// Whichever barrier is touched first, each in deviations; the horizon is the third.
        TripleBarrier { profit: f64, stop: f64 },
    }
}

choices! {
    /// A layer of a network. Layers up to the first `dense` work on every bar of the window; from
    /// there on on what they have made of the last one. A share of `dropout` of a layer's outputs
    /// is silenced in training.
    Layer {
        /// A recurrent layer of `units` cells: long short-term memory.
        Lstm { units: i64, dropout: Ratio },
        /// A recurrent layer of `units` gated units: fewer weights than an `lstm`.
        Gru { units: i64, dropout: Ratio },
        /// A causal convolution: `filters` sums over `kernel` bars, each `dilation` apart;
        /// `residual` adds what comes in.
        Conv1d {
            filters: i64,
            kernel: i64,
            dilation: i64,
            activation: Activation,
            residual: bool,
            dropout: Ratio,
        },
        /// Tells each bar its place in the window, which attention cannot see by itself.
        Positions,
        /// Each bar looks at all others with `heads` heads and adds what it finds.
        Attention { heads: i64, dropout: Ratio },
        /// An encoder block: attention, then two dense layers on each bar, both normalised and
        /// added.
        Transformer { heads: i64, feed_forward: i64, dropout: Ratio },
        /// Brings each row to mean 0 and deviation 1, times a gain, plus a bias.
        LayerNorm,
        /// Silences a share of what comes in, in training.
        Dropout { share: Ratio },
        /// A layer whose neurons see every input.
        Dense { units: i64, activation: Activation, dropout: Ratio },
        /// The last layer: one unit a class.
        Output { units: i64, activation: Activation },
    }
}

words! {
    /// What training makes small.
    Loss {
        /// Minus the logarithm of the probability given to the true class.
        CategoricalCrossentropy = "categorical_crossentropy",
    }
}

choices! {
    /// Numbers that a sweep may try.
    Numbers {
        /// These.
        OneOf { values: Vec<f64> },
        /// Any from `least` to `most`; a grid takes `points` of them, evenly apart.
        Between { least: f64, most: f64, points: i64 },
        /// Any from `least` to `most`, evenly by their order of magnitude; a grid takes `points` of
        /// them.
        Scale { least: f64, most: f64, points: i64 },
    }
}

choices! {
    /// How weights are moved.
    Optimizer {
        /// Kingma and Ba, 2015. `weight_decay` shrinks weights a share of the learning rate each
        /// move (Loshchilov and Hutter, 2019); `clip_norm` is the longest gradient; `schedule`
        /// changes the learning rate.
        Adam {
            learning_rate: f64,
            beta1: f64,
            beta2: f64,
            weight_decay: f64,
            clip_norm: Option<f64>,
            schedule: RateSchedule,
        },
    }
}

words! {
    /// One of the three splits of a data set.
    Part {
        /// What a model learns from.
        Train = "train",
        /// What decides when learning stops.
        Validation = "validation",
        /// What nothing but the final measure sees.
        Test = "test",
    }
}

words! {
    /// What is done about a bad bar.
    QualityAction {
        /// The data set is refused.
        Reject = "reject",
        /// It is mended or dropped, and listed.
        Repair = "repair",
        /// It is listed.
        Warn = "warn",
    }
}

choices! {
    /// How the learning rate changes while training goes on.
    RateSchedule {
        /// Not at all.
        Constant,
        /// Times `factor` after `every` so many epochs.
        Step { every: i64, factor: f64 },
        /// Rises over `warm_up` epochs, then falls along half a cosine to `least` of itself.
        Cosine { warm_up: i64, least: f64 },
    }
}

words! {
    /// How much `leakage_scan` looks for.
    ScanDepth {
        /// Whatever needs no training.
        Usual = "usual",
        /// A model is trained on permuted labels too, for three epochs: it must learn nothing from
        /// them.
        Deep = "deep",
    }
}

choices! {
    /// Whose models are meant.
    Scope {
        /// The platform's own.
        Platform,
        /// One tenant's.
        Tenant { tenant: String },
        /// One user's of a tenant.
        User { tenant: String, user: String },
    }
}

choices! {
    /// Which settings a sweep tries.
    Search {
        /// Every combination.
        Grid,
        /// So many, drawn from the seed.
        Random { trials: i64 },
        /// So many, drawn from the seed and trained for a few epochs; the best one in `factor` go
        /// on for `factor` times as long, until those that are left are trained to the end
        /// (successive halving).
        Halving { trials: i64, factor: i64 },
    }
}

choices! {
    /// Where a secret is kept. A pipeline holds the place, never what is kept there.
    SecretSource {
        /// A variable of the engine's environment.
        Env { name: String },
        /// A key of a vault: `kv/path#field`.
        Vault { path: String },
        /// A file on the engine's machine.
        File { path: String },
        /// A secret of Kubernetes: `namespace/name#key`.
        K8s { path: String },
    }
}

choices! {
    /// Shares that a sweep may try.
    Shares {
        /// These.
        OneOf { values: Vec<Ratio> },
        /// Any from `least` to `most`; a grid takes `points` of them, evenly apart.
        Between { least: Ratio, most: Ratio, points: i64 },
    }
}

choices! {
    /// Where bars come from. Paths are relative to the project's root; a path may be a file, a form
    /// of names (`bars/*/*.csv`, `**` for any folders), a folder, or any of these in an object
    /// store (`s3://bucket/bars/*.csv`), whose key and address are in the environment as S3's tools
    /// know them (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT_URL`, `AWS_REGION`).
    /// `timeframe` says how long the source's bars last where they are shorter than the data set's:
    /// those are made of them. Queries are asked as of the last bar that has closed, and what they
    /// answer is frozen.
    Source {
        /// Parquet files.
        Parquet { path: String, columns: Option<ColumnNames>, timeframe: Option<Timeframe> },
        /// CSV files with a header.
        Csv { path: String, columns: Option<ColumnNames>, timeframe: Option<Timeframe> },
        /// A table of ClickHouse as it was known at an instant, or what a query of it answers.
        Clickhouse {
            connection: ClickhouseConnection,
            table: Option<String>,
            query: Option<String>,
            columns: Option<ColumnNames>,
            timeframe: Option<Timeframe>,
            as_of: Option<Instant>,
        },
        /// A table of PostgreSQL, or what a query of it answers.
        Postgres {
            connection: PostgresConnection,
            table: Option<String>,
            query: Option<String>,
            columns: Option<ColumnNames>,
            timeframe: Option<Timeframe>,
        },
        /// What a query of an SQLite file answers.
        Sqlite {
            path: String,
            query: String,
            columns: Option<ColumnNames>,
            timeframe: Option<Timeframe>,
        },
    }
}

choices! {
    /// Which rows are for training, for choosing and for judging.
    Split {
        /// In the order of time, in shares like `5, 1, 1` or `70%, 15%, 15%`.
        Chronological { train: Share, validation: Share, test: Share, purge: Bars, embargo: Bars },
        /// Trains on a stretch of time, tests on the next and steps on. The last fold is what a
        /// model is made of; `cross_validate` measures it on all of them.
        WalkForward {
            train: Duration,
            test: Duration,
            step: Option<Duration>,
            growth: Growth,
            validation: Ratio,
            purge: Bars,
            embargo: Bars,
        },
        /// Every choice of `test` groups among `groups` equal ones, in the order of time. The
        /// choice of the latest is what a model is made of; `cross_validate` measures it on all.
        /// For research.
        Combinatorial { groups: i64, test: i64, validation: Ratio, purge: Bars, embargo: Bars },
    }
}

choices! {
    /// What holding a position overnight costs or earns.
    Swap {
        /// Each night, three times on Wednesdays.
        Daily { long: Pips, short: Pips },
    }
}

words! {
    /// What early stopping looks at.
    Watched {
        /// The loss on the validation rows.
        ValLoss = "val_loss",
        /// The accuracy on the validation rows.
        ValAccuracy = "val_accuracy",
    }
}
