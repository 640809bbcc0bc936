//! The records and enums of those ports: drawn from the prelude; to draw it again:
//! `BLESS=1 cargo test -p suho-check --test signatures`.

use crate::figure::Figure;
use crate::ports::{Span, choices, record, settings, words};
use crate::spec::Share;
use std::collections::BTreeMap;
use suho_domain::{Duration, Instant, Pips, Points, Ratio, Symbol, Timeframe, Version};

record! {
    /// What no learning would have earned in the same window.
    Benchmarks {
        /// Bought at the start, sold at the end.
        buy_and_hold: Earnings,
        /// Always in the direction of the last bar.
        last_return_sign: Earnings,
        /// The mean return of the same positions at random times.
        random_mean_return: Figure<Ratio>,
        /// The share of those that earned at least as much.
        random_p: Figure<f64>,
    }
}

record! {
    /// How well one class is told from the others.
    ClassScores {
        /// Which class.
        class: Class,
        /// Of the rows predicted to be of the class, the share that are.
        precision: Figure<Ratio>,
        /// Of the rows of the class, the share predicted to be.
        recall: Figure<Ratio>,
        /// The harmonic mean of the two.
        f1: Figure<Ratio>,
        /// The area under the ROC curve, the class against the rest.
        auc: Figure<Ratio>,
        /// How many rows are of the class.
        support: Figure<i64>,
    }
}

settings! {
    /// A database of bars that is spoken to in ClickHouse's HTTP protocol.
    ClickhouseConnection {
        /// The connection's name.
        name: String,
        /// Where it listens.
        url: String,
        /// Who asks.
        user: String,
        /// Proves it.
        password: Option<SecretSource>,
        /// The database asked when a table is named without one.
        database: String,
        /// Whose data it holds; anybody's if not set.
        scope: Option<Scope>,
    }
}

settings! {
    /// What a source calls its columns, where it does not use our names: `time`, `open`, `high`,
    /// `low`, `close`, and if it has them `volume`, `spread`, `symbol`, `timeframe`.
    ColumnNames {
        /// When a bar opens.
        time: Option<String>,
        /// The first price.
        open: Option<String>,
        /// The highest price.
        high: Option<String>,
        /// The lowest price.
        low: Option<String>,
        /// The last price.
        close: Option<String>,
        /// The traded volume, or the number of ticks.
        volume: Option<String>,
        /// Ask minus bid at the close.
        spread: Option<String>,
        /// What is priced: only the rows of the data set's symbol count.
        symbol: Option<String>,
        /// How long a bar lasts: only the rows of the source's timeframe count.
        timeframe: Option<String>,
    }
}

settings! {
    /// What trading costs.
    Costs {
        /// The assumption's name.
        name: String,
        /// Of the notional, each side of a trade.
        commission: Ratio,
        /// Between bid and ask, by symbol.
        spread: BTreeMap<Symbol, Pips>,
        /// How much worse than the price seen the price paid is.
        slippage: Pips,
        /// What holding a position overnight costs or earns.
        swap: Swap,
    }
}

record! {
    /// Rows of one split.
    Dataset {
        /// From the first row's decision time to just after the last one's.
        window: Span<Instant>,
        /// How many rows there are.
        rows: Figure<i64>,
        /// The digest of the frozen rows.
        digest: String,
        /// The digest of the whole data set.
        dataset: String,
        /// The data set's folder in the artifact store.
        folder: String,
        /// Which of its splits.
        split: Part,
        /// The bar that the first row ends with, from 0.
        first: Figure<i64>,
        /// The bar that the last row ends with.
        last: Figure<i64>,
    }
}

record! {
    /// How many bars are no row, and why.
    DroppedBars {
        /// Their features are not settled yet.
        warm_up: Figure<i64>,
        /// They have too few bars before them.
        sequence: Figure<i64>,
        /// Their label is not known.
        labels: Figure<i64>,
        /// They lack a feature.
        missing: Figure<i64>,
        /// Their label reaches into the next split.
        purge: Figure<i64>,
        /// Held back so that a split sees nothing of the one before.
        embargo: Figure<i64>,
    }
}

record! {
    /// What one way of trading earned.
    Earnings {
        /// The equity's growth over the window.
        total_return: Figure<Ratio>,
        /// A year's worth.
        sharpe: Figure<f64>,
        /// The deepest fall from a peak.
        max_drawdown: Figure<Ratio>,
    }
}

record! {
    /// One division of the same rows.
    Fold {
        /// Which, in the order of its test rows, from 1.
        number: Figure<i64>,
        /// How many rows are trained on.
        train: Figure<i64>,
        /// How many rows decide when training stops.
        validation: Figure<i64>,
        /// How many rows are judged by.
        test: Figure<i64>,
        /// From the first row trained on to just after the last.
        trained_on: Span<Instant>,
        /// From the first row judged by to just after the last.
        tested_on: Span<Instant>,
    }
}

record! {
    /// What training came to on one fold.
    FoldScore {
        /// Which fold, from 1.
        number: Figure<i64>,
        /// The share of its test rows whose class was predicted.
        accuracy: Figure<Ratio>,
        /// The same of always naming the commonest class of its train rows.
        majority: Figure<Ratio>,
        /// How many test rows it has.
        events: Figure<i64>,
        /// The epoch whose weights were kept, from 1.
        best_epoch: Figure<i64>,
    }
}

record! {
    /// How fast answers come.
    Latency {
        /// Half of the answers come faster.
        p50: Figure<Duration>,
        /// 90 of 100 answers come faster.
        p90: Figure<Duration>,
        /// 95 of 100 answers come faster.
        p95: Figure<Duration>,
        /// 99 of 100 answers come faster.
        p99: Figure<Duration>,
        /// The slowest one.
        max: Figure<Duration>,
    }
}

record! {
    /// What one check for leakage came to.
    LeakageCheck {
        /// Which check: `L1` to `L14`.
        check: String,
        /// How it ended: `pass`, `warn`, `fail`, `not run` or `not applicable`.
        verdict: String,
        /// What was found, in one sentence.
        detail: String,
        /// How often.
        count: Figure<i64>,
    }
}

record! {
    /// A model version of any stage.
    Model {
        /// The registry's key.
        id: String,
        /// The model's name, without version.
        name: String,
        /// Its version.
        version: Version,
        /// The digest of its artifact; none for a version that was never sealed.
        digest: Option<String>,
        /// The folder of its artifact; none for a version that was never sealed.
        artifact: Option<String>,
        /// The digest of the data set it was trained on, if that is known.
        dataset: Option<String>,
        /// From the first bar it has learned from to just after the last bar of its validation
        /// rows.
        trained_on: Option<Span<Instant>>,
    }
}

settings! {
    /// Everything that makes a model, but for its data.
    ModelSpec {
        /// The model's name in the registry.
        name: String,
        /// The family of architectures it is of.
        family: Family,
        /// What it predicts.
        target: Target,
        /// How a move of the price becomes a class.
        label: Label,
        /// The classes, in the order of the last layer's outputs.
        classes: Vec<Class>,
        /// What it sees of a bar.
        features: Vec<String>,
        /// How many bars it sees.
        sequence: i64,
        /// Its layers, from the input to the output.
        layers: Vec<Layer>,
        /// How its weights are moved.
        optimizer: Optimizer,
        /// What training makes small.
        loss: Loss,
    }
}

settings! {
    /// A PostgreSQL database.
    PostgresConnection {
        /// The connection's name.
        name: String,
        /// Where it is, user and password included.
        url: SecretSource,
        /// Whose data it holds; anybody's if not set.
        scope: Option<Scope>,
    }
}

record! {
    /// What one check of the bars came to.
    QualityCheck {
        /// What it looks at.
        check: String,
        /// How many bars it found.
        found: Figure<i64>,
        /// How many there may be.
        limit: String,
        /// What is done when there are more: `reject`, `repair` or `warn`.
        policy: String,
        /// How it ended: `pass`, `warn`, `repaired` or `fail`.
        verdict: String,
        /// The first bars found.
        examples: Vec<String>,
    }
}

record! {
    /// How many bars of each kind were found.
    QualityReport {
        /// Bars read.
        bars: Figure<i64>,
        /// The same bar twice.
        duplicate: Figure<i64>,
        /// A high or low that does not enclose the other prices.
        high_low: Figure<i64>,
        /// Bars of an open market that are not there.
        missing: Figure<i64>,
        /// Bars while the market was closed.
        weekend: Figure<i64>,
        /// Bars of four equal prices.
        zero_range: Figure<i64>,
        /// Returns of more than twenty deviations.
        spike: Figure<i64>,
        /// Bars changed or dropped by a repair.
        repaired: Figure<i64>,
    }
}

settings! {
    /// What is done about each kind of bad bar.
    QualityRules {
        /// The same bar twice.
        duplicate: QualityAction,
        /// A bar out of order.
        order: QualityAction,
        /// A high below, or a low above, one of the other prices. Repair takes the extremes of the
        /// four.
        high_low: QualityAction,
        /// A price that is not above zero, or not a number. Cannot be repaired.
        price: QualityAction,
        /// A bar of an open market that is not there. Never filled in.
        missing: QualityAction,
        /// A bar while the market is closed. Repair drops it.
        weekend: QualityAction,
        /// Four equal prices on too many bars.
        zero_range: QualityAction,
        /// A return of more than twenty deviations.
        spike: QualityAction,
    }
}

record! {
    /// A bar that was changed or dropped.
    RepairedBar {
        /// When it opened.
        time: Instant,
        /// The check that asked for it.
        check: String,
        /// What stood there.
        before: String,
        /// What stands there now.
        after: String,
    }
}

record! {
    /// How good a classifier is on held-out rows.
    Scores {
        /// The share of rows whose class was predicted.
        accuracy: Figure<Ratio>,
        /// The standard error of `accuracy`, from blocks of time.
        accuracy_se: Figure<Points>,
        /// The standard error of `accuracy`, were rows independent.
        accuracy_se_iid: Figure<Points>,
        /// Mean over the classes.
        precision: Figure<Ratio>,
        /// Mean over the classes.
        recall: Figure<Ratio>,
        /// Mean over the classes.
        f1: Figure<Ratio>,
        /// Mean over the classes, one against the rest.
        auc: Figure<Ratio>,
        /// Mean cross-entropy.
        log_loss: Figure<f64>,
        /// The mean squared distance of the probabilities from what came true, summed over classes.
        brier: Figure<f64>,
        /// How far the probability of the predicted class is from how often it came true.
        calibration_error: Figure<f64>,
        /// Matthews' correlation of predictions and classes.
        mcc: Figure<f64>,
        /// The share of rows predicted to move.
        coverage: Figure<Ratio>,
        /// Of the rows predicted to move, the share predicted right.
        directional_accuracy: Figure<Ratio>,
        /// The scores of each class.
        per_class: Vec<ClassScores>,
    }
}

settings! {
    /// What a model predicts.
    Target {
        /// What is traded.
        symbol: Symbol,
        /// How long a bar lasts.
        timeframe: Timeframe,
        /// How far ahead the label looks, in market time.
        horizon: Duration,
    }
}

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
    /// Where bars come from. Paths are relative to the project's root; a path may be a file, a form
    /// of names (`bars/*/*.csv`, `**` for any folders), a folder, or a URL of an object store.
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
