//! The records of those ports: drawn from the prelude; to draw it again:
//! `BLESS=1 cargo test -p suho-check --test signatures`.

use super::choices::*;
use crate::figure::Figure;
use crate::ports::{Span, record, settings};
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
    /// `low`, `close`, and if it has them `volume`, `spread`, `symbol`, `timeframe`. A table of
    /// ClickHouse has `ts` for `time`, and `tenant_id` and `ingested_at` for `tenant` and
    /// `arrived`.
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
        /// Whose a row of a table of ClickHouse is: only the platform's and the scope's tenant's
        /// count.
        tenant: Option<String>,
        /// When a row of a table of ClickHouse arrived: only those of before the instant asked for
        /// count.
        arrived: Option<String>,
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
        /// Its layers, from the input to the output. None where `train` is given a graph of another
        /// program.
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

record! {
    /// Settings that a sweep has tried: what is none was not searched for, and is as declared.
    Settings {
        /// How far weights are moved.
        learning_rate: Option<Figure<f64>>,
        /// How much weights shrink each move.
        weight_decay: Option<Figure<f64>>,
        /// How many rows a move of the weights looks at.
        batch_size: Option<Figure<i64>>,
        /// What the width of every layer but the last is multiplied by.
        width: Option<Figure<f64>>,
        /// The share silenced after each layer that silences any.
        dropout: Option<Figure<Ratio>>,
        /// The share of each label that is spread over all classes.
        label_smoothing: Option<Figure<Ratio>>,
        /// How many settings these were picked from.
        trials: Figure<i64>,
    }
}

settings! {
    /// What a sweep may try. What is left out stays as the model and the sweep say it.
    Space {
        /// How far weights are moved.
        learning_rate: Option<Numbers>,
        /// How much weights shrink each move.
        weight_decay: Option<Numbers>,
        /// How many rows a move of the weights looks at.
        batch_size: Option<Counts>,
        /// What the width of every layer but the last is multiplied by, rounded to whole units.
        width: Option<Numbers>,
        /// The share silenced after each layer that silences any.
        dropout: Option<Shares>,
        /// The share of each label that is spread over all classes.
        label_smoothing: Option<Shares>,
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

record! {
    /// One trial of a sweep.
    Trial {
        /// Which, from 1, in the order in which they are tried.
        number: Figure<i64>,
        /// What was tried.
        settings: String,
        /// How many epochs it was trained.
        epochs: Figure<i64>,
        /// Its best epoch, from 1.
        best_epoch: Figure<i64>,
        /// The mean loss on the validation rows in that epoch; undefined where it diverged.
        validation_loss: Figure<f64>,
        /// The accuracy on the validation rows in that epoch.
        validation_accuracy: Figure<Ratio>,
    }
}
