//! What steps are given and give back: drawn from the prelude; to draw it again:
//! `BLESS=1 cargo test -p suho-check --test signatures`.

#![expect(dead_code, reason = "a signature is drawn whole, whatever its step looks at")]
#![expect(clippy::struct_field_names, reason = "the prelude names fields")]
#![expect(clippy::enum_variant_names, reason = "and choices")]
#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "its two files name each other's types")
)]

mod choices;
mod records;

pub(crate) use choices::*;
pub(crate) use records::*;

use crate::figure::Figure;
use crate::ports::{Span, step};
use chrono::NaiveDate;
use suho_domain::{Duration, Instant, Money, Points, Ratio, Symbol, Timeframe, Version};

/// Each step with the names of its inputs and outputs.
#[cfg(test)]
pub(crate) const SIGNATURES: &[(&str, &[&str], &[&str])] = &[
    ("backtest", BacktestIn::PORTS, BacktestOut::PORTS),
    ("cross_validate", CrossValidateIn::PORTS, CrossValidateOut::PORTS),
    ("dataset", DatasetIn::PORTS, DatasetOut::PORTS),
    ("evaluate", EvaluateIn::PORTS, EvaluateOut::PORTS),
    ("latency_probe", LatencyProbeIn::PORTS, LatencyProbeOut::PORTS),
    ("leakage_scan", LeakageScanIn::PORTS, LeakageScanOut::PORTS),
    ("sweep", SweepIn::PORTS, SweepOut::PORTS),
    ("table", TableIn::PORTS, TableOut::PORTS),
    ("train", TrainIn::PORTS, TrainOut::PORTS),
];

step! {
    /// Trades the model's predictions on past prices, costs included.
    BacktestIn {
        /// The model that decides.
        model: Model,
        /// When it trades: later than everything it learnt from.
        window: Span<Instant>,
        /// What it starts with.
        capital: Money,
        /// What trading costs.
        costs: Costs,
        /// The fall from its price, for a short position the rise, that ends a position inside a
        /// bar. Where a bar reaches this and `take_profit`, this was first.
        stop_loss: Option<Ratio>,
        /// The rise from its price, for a short position the fall, that ends a position inside a
        /// bar.
        take_profit: Option<Ratio>,
        /// Whose prices are traded; follows from the model.
        data: Option<DatasetOut>,
    }
    BacktestOut {
        /// A year's worth; undefined when the returns do not vary.
        sharpe: Figure<f64>,
        /// The standard error of `sharpe`.
        sharpe_se: Figure<f64>,
        /// The deepest fall from a peak.
        max_drawdown: Figure<Ratio>,
        /// A year's worth; undefined without a loss.
        sortino: Figure<f64>,
        /// Undefined without a fall.
        calmar: Figure<f64>,
        /// Undefined without a trade.
        win_rate: Figure<Ratio>,
        /// Undefined without a loss.
        profit_factor: Figure<f64>,
        /// How many positions were closed.
        trades: Figure<i64>,
        /// The equity's growth over the window.
        total_return: Figure<Ratio>,
        /// From returns of whole days; a year's worth.
        sharpe_daily: Figure<f64>,
        /// How likely the true Sharpe ratio is above zero.
        probabilistic_sharpe: Figure<Ratio>,
        /// How likely it is above what the best of `trials` without any skill would have shown.
        deflated_sharpe: Figure<Ratio>,
        /// How many settings had been tried for this place when this was computed, as the registry
        /// counts: each of its models, and for one that was searched for each of its trials.
        trials: Figure<i64>,
        /// The yearly growth.
        cagr: Figure<Ratio>,
        /// How many bars a position was held, on average.
        average_holding: Figure<f64>,
        /// What was paid in costs, over what the trades made before them.
        cost_share: Figure<Ratio>,
        /// What was traded in a year, over the mean equity.
        turnover: Figure<f64>,
        /// The share of bars with a position.
        exposure: Figure<Ratio>,
        /// What no learning would have earned.
        benchmarks: Benchmarks,
        /// How many bars were traded on.
        bars: Figure<i64>,
        /// The window traded in.
        window: Span<Instant>,
        /// The name of the costs assumed.
        costs: String,
        /// The digest of every figure and trade: the same for the same backtest.
        digest: String,
        /// A page for a browser in the artifact store: equity, falls, months, trades. Its numbers
        /// stand in a `.json` beside it.
        page: String,
    }
}

step! {
    /// Trains a network on each fold of a data set and judges it on the fold's test rows: how
    /// steady what is learnt is. The networks are not kept.
    CrossValidateIn {
        /// What is trained.
        model: ModelSpec,
        /// The data set, split by `walk_forward` or `combinatorial`.
        data: DatasetOut,
        /// How many rows a move of the weights looks at.
        batch_size: i64,
        /// How often all rows are seen, at most.
        epochs: i64,
        /// When training ends before that; looks at each fold's own validation rows.
        early_stopping: Option<EarlyStopping>,
        /// How much the rows of each class count.
        class_weights: ClassWeights,
        /// The share of each label that is spread over all classes.
        label_smoothing: Ratio,
        /// The seed of weights, shuffling and dropout.
        seed: i64,
    }
    CrossValidateOut {
        /// The share of all folds' test rows whose class was predicted.
        accuracy: Figure<Ratio>,
        /// How far the folds' accuracies are from each other: their standard deviation.
        accuracy_sd: Figure<Points>,
        /// The accuracy of the worst fold.
        worst: Figure<Ratio>,
        /// The accuracy of always naming the commonest class of each fold's train rows.
        majority: Figure<Ratio>,
        /// How many test rows were scored; one in the tests of several folds counts in each.
        events: Figure<i64>,
        /// What each fold came to.
        folds: Vec<FoldScore>,
        /// The accuracy of each whole history that the tests make up; one of `walk_forward`.
        paths: Vec<Figure<Ratio>>,
    }
}

step! {
    /// Reads bars, checks and freezes them, computes features and labels, and splits them.
    DatasetIn {
        /// Where the bars come from.
        source: Source,
        /// What is traded.
        symbol: Symbol,
        /// How long a bar lasts.
        timeframe: Timeframe,
        /// What is computed of each bar.
        features: Vec<String>,
        /// The bars taken; all there are if not set.
        window: Option<Span<NaiveDate>>,
        /// Which rows are for training, for choosing and for judging.
        split: Split,
        /// What is done about bad bars.
        quality: QualityRules,
        /// Which hours the market is open; the pipeline's if not set.
        calendar: Option<Calendar>,
        /// How far ahead the label looks; follows from the model trained on it.
        horizon: Option<Duration>,
        /// How a move becomes a class; follows from the model trained on it.
        label: Option<Label>,
        /// How many bars a row sees; follows from the model trained on it.
        sequence: Option<i64>,
    }
    DatasetOut {
        /// The rows to train on.
        train: Dataset,
        /// The rows to choose by: early stopping looks at these.
        validation: Dataset,
        /// The rows to judge by, after all others in time.
        test: Dataset,
        /// The digest of everything frozen.
        digest: String,
        /// How many rows the three splits have together.
        rows: Figure<i64>,
        /// How many bars were frozen, repaired.
        bars: Figure<i64>,
        /// From the opening of the first bar to the close of the last.
        window: Span<Instant>,
        /// Where the bars came from, as written.
        source: String,
        /// The path of the manifest in the artifact store.
        manifest: String,
        /// What is computed of each bar.
        features: Vec<String>,
        /// The version of the feature catalogue.
        feature_version: String,
        /// How many bars a row sees.
        sequence: Figure<i64>,
        /// How far ahead the label looks.
        horizon: Figure<Duration>,
        /// How many bars at the start have features that are not settled.
        warm_up: Figure<i64>,
        /// How many bars before the next split are held back.
        purge: Figure<i64>,
        /// How many bars after that are held back.
        embargo: Figure<i64>,
        /// How many bars are no row, and why.
        dropped: DroppedBars,
        /// Each division of the rows; empty where the split is chronological.
        folds: Vec<Fold>,
        /// What was found in the bars.
        quality: QualityReport,
        /// What each check of the bars came to.
        quality_checks: Vec<QualityCheck>,
        /// Every bar that was changed or dropped.
        repaired_bars: Vec<RepairedBar>,
    }
}

step! {
    /// Scores `model` on rows it has never seen.
    EvaluateIn {
        /// The model judged.
        model: Model,
        /// The rows it is judged by.
        data: Dataset,
        /// A model to score on the same rows.
        against: Option<Model>,
    }
    EvaluateOut {
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
        /// The accuracy of always naming the training rows' commonest class.
        majority: Figure<Ratio>,
        /// The accuracy of repeating the last label that was known.
        persistence: Figure<Ratio>,
        /// From the first row scored to just after the last one.
        window: Span<Instant>,
        /// How many rows were scored.
        events: Figure<i64>,
        /// The scores of `against` on the same rows; none when there is no such model.
        baseline: Option<Scores>,
        /// A page for a browser in the artifact store: scores with their errors, losses, confusion,
        /// calibration. Its numbers stand in a `.json` beside it.
        page: String,
    }
}

step! {
    /// Measures how fast the model answers, features included.
    LatencyProbeIn {
        /// The model asked.
        model: Model,
        /// How many answers are measured.
        requests: i64,
        /// How many come before that, unmeasured.
        warmup: i64,
        /// Whose rows are asked about; follows from the model.
        data: Option<DatasetOut>,
    }
    LatencyProbeOut {
        /// How fast the answers came.
        latency: Latency,
        /// How many answers were measured.
        requests: Figure<i64>,
        /// How many came before that.
        warmup: Figure<i64>,
        /// The share of its time that the probe waited for a processor.
        waiting: Figure<Ratio>,
        /// Whether it waited for so long that its figures say little.
        noisy: bool,
    }
}

step! {
    /// Looks for every known way that a model can have seen what it is judged by.
    LeakageScanIn {
        /// The data set scanned.
        data: DatasetOut,
        /// The model trained on it.
        model: Model,
        /// The model it will be compared with: its training rows must not be these test rows.
        against: Option<Model>,
        /// Why results are believed that are too good to be true; it stands in the report. None,
        /// and such results are a leak.
        accept_suspicious: Option<String>,
        /// How much is looked for.
        depth: ScanDepth,
    }
    LeakageScanOut {
        /// How many checks failed; undefined when a required check could not run.
        findings: Figure<i64>,
        /// How many checks warn.
        warnings: Figure<i64>,
        /// What was found, in one line.
        summary: String,
        /// What each check came to.
        checks: Vec<LeakageCheck>,
    }
}

step! {
    /// Trains a model once for each of many settings, and picks the best by the validation rows.
    /// `train` is given what it found: `tuned = search.best`. As many trials are trained at the
    /// same time as `compute` has cores: `compute = cpu(cores: 4)`.
    SweepIn {
        /// What is trained.
        model: ModelSpec,
        /// The rows to learn from.
        train: Dataset,
        /// The rows that pick: never the test rows.
        validation: Dataset,
        /// What is tried.
        over: Space,
        /// Which settings of these.
        search: Search,
        /// What the best is best in.
        by: Watched,
        /// How many rows a move of the weights looks at, where that is not searched for.
        batch_size: i64,
        /// How often all rows are seen, at most.
        epochs: i64,
        /// When a trial ends before that.
        early_stopping: Option<EarlyStopping>,
        /// How much the rows of each class count.
        class_weights: ClassWeights,
        /// The share of each label that is spread over all classes, where that is not searched for.
        label_smoothing: Ratio,
        /// The seed of what is drawn, and of weights, shuffling and dropout, the same in every
        /// trial.
        seed: i64,
    }
    SweepOut {
        /// What was found.
        best: Settings,
        /// How many settings were tried.
        trials: Figure<i64>,
        /// The number of the trial that was best.
        winner: Figure<i64>,
        /// Why that one, in one sentence.
        reason: String,
        /// Its mean loss on the validation rows.
        validation_loss: Figure<f64>,
        /// Its accuracy on the validation rows: they picked it, so no proof.
        validation_accuracy: Figure<Ratio>,
        /// How likely picking the best on one half of the validation rows picks one that is no
        /// better than the middle on the other half; undefined below ten trials that were trained
        /// to their end.
        overfitting: Figure<Ratio>,
        /// Every trial.
        tried: Vec<Trial>,
    }
}

step! {
    /// Writes what may be learnt from as a table for programs of others, which leave a model that
    /// `train` is given as `weights`. Rows to judge by are not in it.
    TableIn {
        /// The data set.
        data: DatasetOut,
    }
    TableOut {
        /// CSV, a bar a line, up to the last validation row: `time` (when it opened), `part`
        /// (`train` or `validation` where a row's window ends with it), `label` (0 down, 1 flat, 2
        /// up), and its features, raw. A row's window is the last `sequence` bars up to its own.
        table: String,
        /// How many bars it has.
        bars: Figure<i64>,
    }
}

step! {
    /// Trains `model` on `train`, stopping early by `validation`.
    TrainIn {
        /// What is trained.
        model: ModelSpec,
        /// The rows to learn from.
        train: Dataset,
        /// The rows that early stopping looks at.
        validation: Dataset,
        /// How many rows a move of the weights looks at.
        batch_size: i64,
        /// How often all rows are seen, at most.
        epochs: i64,
        /// When training ends before that.
        early_stopping: Option<EarlyStopping>,
        /// How much the rows of each class count.
        class_weights: ClassWeights,
        /// The share of each label that is spread over all classes.
        label_smoothing: Ratio,
        /// The seed of weights, shuffling and dropout.
        seed: i64,
        /// What a sweep found, in place of what is declared: `search.best`.
        tuned: Option<Settings>,
        /// How many networks are trained, with the seeds `seed`, `seed + 1` and so on; the model
        /// answers the mean of their probabilities.
        ensemble: i64,
        /// What was trained elsewhere: weights of the declared network as safetensors, or a whole
        /// graph as ONNX where the model declares no layers. Nothing is trained here, and
        /// everything after is the same.
        weights: Option<String>,
        /// What whoever trained them says of them, as JSON: `features`, `classes` and `sequence`,
        /// each as the model declares it.
        signature: Option<String>,
        /// The version the model gets. Not part of what decides whether a result can be reused.
        version: Version,
    }
    TrainOut {
        /// The trained model.
        model: Model,
        /// How many epochs were trained; those of the first network where there are several.
        epochs: Figure<i64>,
        /// The epoch whose weights were kept, from 1; of the first network where there are several.
        best_epoch: Figure<i64>,
        /// The mean loss on the training rows in the epoch kept.
        train_loss: Figure<f64>,
        /// The mean loss on the validation rows in the epoch kept.
        validation_loss: Figure<f64>,
        /// The accuracy on the validation rows in the epoch kept: they chose it, so no proof.
        validation_accuracy: Figure<Ratio>,
        /// How many numbers were learned.
        parameters: Figure<i64>,
        /// How many settings were tried before these were taken; 1 where nothing was searched for.
        /// The registry keeps it, and a backtest's `deflated_sharpe` counts it.
        trials: Figure<i64>,
    }
}
