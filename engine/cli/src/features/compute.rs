//! `suho features compute`: features of the bars in a file, as a table or into a new file.
//!
//! A value that is undefined stays so: an empty cell, null, a dash; never 0.

use super::refused;
use crate::args::{BesideFile, FeaturesCompute, Reading};
use crate::data::form;
use crate::data::source::{self, Read};
use crate::failure::Failure;
use crate::fresh;
use crate::inspect::words::{NONE, count, many};
use crate::table::table;
use crate::terminal::out;
use serde_json::json;
use std::path::Path;
use suho_features::{
    Beside, ComputeError, FEATURE_VERSION, Feature, SymbolKey, Times, compute_beside, expand,
    parse_list,
};
use suho_market::Bars;

/// Most bars that a table shows unless told otherwise: a screen.
const TABLE_BARS: usize = 20;

/// `suho features compute`.
pub(super) fn compute(args: &FeaturesCompute) -> Result<u8, Failure> {
    let features = wanted(&args.features)?;
    // Before the work: a file that cannot be written is refused at once.
    let form = args.out.as_deref().map(form::of).transpose()?;
    let read = source::read(&args.bars.file, &args.bars.reading)?;
    let others = others(args, &read)?;
    let computed = Computed::of(&features, &read, &others, &args.bars.file)?;
    let notation = args.output.notation();
    let bars = match (args.tail, &args.out) {
        (Some(tail), _) => tail,
        (None, None) if notation.is_none() => TABLE_BARS,
        (None, _) => usize::MAX,
    };
    let shown = computed.last(bars);
    match (args.out.as_deref(), form, notation) {
        (Some(path), Some(form), _) => {
            fresh::write(path, &form::encode(form, ("time", &shown.time), &shown.named())?)?;
            out(&shown.written(path));
        }
        (.., Some(notation)) => out(&notation.page(&shown.json(&args.bars.file, &read))),
        _ => out(&shown.text(computed.time.len())),
    }
    Ok(0)
}

/// The features called so; a group's selector is all of it.
fn wanted(names: &[String]) -> Result<Vec<Feature>, Failure> {
    let each = |name: &String| expand(name).unwrap_or_else(|| vec![name.clone()]);
    let names: Vec<String> = names.iter().flat_map(each).collect();
    parse_list(&names).map_err(|error| refused(&error))
}

/// Bars of another symbol, and the file that they are from.
type Other<'a> = (SymbolKey, &'a Path, Bars);

/// The bars that are given beside those of `read`: of the same length.
fn others<'a>(args: &'a FeaturesCompute, read: &Read) -> Result<Vec<Other<'a>>, Failure> {
    let other = |BesideFile { key, symbol, file }: &'a BesideFile| {
        let Reading { timeframe, columns, .. } = &args.bars.reading;
        let (timeframe, columns) = (*timeframe, columns.clone());
        let reading = Reading { symbol: symbol.clone(), timeframe, columns };
        let other = source::read(file, &reading)?;
        if other.timeframe == read.timeframe {
            return Ok((*key, file.as_path(), other.bars));
        }
        let (its, own) = (other.timeframe, read.timeframe);
        Err(Failure::user("other-timeframe", format!("the bars of `{key}` last {its}, not {own}"))
            .at(file.display().to_string())
            .help(format!("take a file of bars of {own}")))
    };
    args.beside.iter().map(other).collect()
}

/// Features by bar.
struct Computed {
    names: Vec<String>,
    /// Opening times, in µs since 1970 in UTC.
    time: Vec<i64>,
    /// `[feature][bar]`; NaN where undefined.
    columns: Vec<Vec<f64>>,
}

impl Computed {
    fn of(
        features: &[Feature],
        read: &Read,
        others: &[Other<'_>],
        file: &Path,
    ) -> Result<Self, Failure> {
        let times = Times { open: &read.bars.time, timeframe: read.timeframe };
        let beside: Vec<Beside<'_>> = others
            .iter()
            .map(|(symbol, _, bars)| Beside {
                symbol: *symbol,
                columns: bars.columns(),
                open: &bars.time,
            })
            .collect();
        let matrix = compute_beside(features, &read.bars.columns(), times, &beside)
            .map_err(|error| not_computable(&error, file, others))?;
        Ok(Self {
            names: features.iter().map(|feature| feature.name().to_owned()).collect(),
            columns: matrix.columns().map(<[f64]>::to_vec).collect(),
            time: read.bars.time.clone(),
        })
    }

    /// The newest `bars`.
    fn last(&self, bars: usize) -> Self {
        fn last<T: Copy>(values: &[T], bars: usize) -> Vec<T> {
            let from = values.len().saturating_sub(bars);
            values.get(from..).unwrap_or_default().to_vec()
        }
        Self {
            names: self.names.clone(),
            time: last(&self.time, bars),
            columns: self.columns.iter().map(|column| last(column, bars)).collect(),
        }
    }

    /// The columns by name.
    fn named(&self) -> Vec<(&str, &[f64])> {
        let names = self.names.iter().map(String::as_str);
        names.zip(self.columns.iter().map(Vec::as_slice)).collect()
    }

    /// The values of one bar; none where undefined.
    fn row(&self, bar: usize) -> impl Iterator<Item = Option<f64>> + '_ {
        self.columns.iter().map(move |column| column.get(bar).copied().filter(|x| x.is_finite()))
    }

    /// Bars that lack a value.
    fn incomplete(&self) -> usize {
        (0..self.time.len()).filter(|bar| self.row(*bar).any(|value| value.is_none())).count()
    }

    fn text(&self, all: usize) -> String {
        let cell = |value: Option<f64>| value.map_or_else(|| NONE.to_owned(), form::short);
        let row = |(bar, time): (usize, &i64)| {
            std::iter::once(form::time(*time)).chain(self.row(bar).map(cell)).collect::<Vec<_>>()
        };
        let rows: Vec<_> = self.time.iter().enumerate().map(row).collect();
        let head: Vec<&str> =
            std::iter::once("time").chain(self.names.iter().map(String::as_str)).collect();
        let number = |number: usize| count(i64::try_from(number).unwrap_or(i64::MAX));
        let rest = match self.time.len() {
            shown if shown < all => {
                format!("the last {} of {} bars; ", number(shown), number(all))
            }
            shown => format!("{} bars; ", number(shown)),
        };
        format!(
            "{}\n{rest}{NONE} is undefined; `--tail BARS` shows others, `--out FILE` writes all\n",
            table("", &head, &rows)
        )
    }

    fn json(&self, file: &Path, read: &Read) -> serde_json::Value {
        let row = |(bar, time): (usize, &i64)| json!({ "time": form::time(*time), "values": self.row(bar).collect::<Vec<_>>() });
        json!({
            "version": 1,
            "file": file,
            "timeframe": read.timeframe,
            "feature_version": FEATURE_VERSION,
            "features": self.names,
            "rows": self.time.iter().enumerate().map(row).collect::<Vec<_>>(),
        })
    }

    fn written(&self, path: &Path) -> String {
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        format!(
            "{}  {} of {}; {} lack a value\n",
            path.display(),
            many(number(self.time.len()), "bar"),
            many(number(self.names.len()), "feature"),
            count(i64::try_from(self.incomplete()).unwrap_or(i64::MAX))
        )
    }
}

/// Bars that features cannot be computed of, at the bar that is at fault.
fn not_computable(error: &ComputeError, file: &Path, others: &[Other<'_>]) -> Failure {
    if let ComputeError::Beside { symbol, source } = error {
        let its = others.iter().find(|(other, ..)| other == symbol);
        return not_computable(source, its.map_or(file, |(_, file, _)| file), &[]);
    }
    let file = file.display();
    let user = |message: String| Failure::user("features-not-computable", message);
    let at = |bar: usize| format!("{file}, bar {}", bar.saturating_add(1));
    match error {
        ComputeError::NotFinite { feature, column, bar } => {
            user(format!("`{feature}` needs `{column}`, which is no finite number"))
                .at(at(*bar))
                .help("mend the bar, or leave out the features that read the column")
        }
        ComputeError::TooLarge { feature, column, bar, value } => {
            user(format!("`{feature}` needs `{column}`, which is {value:e}: more than any price"))
                .at(at(*bar))
                .help("mend the bar, or leave out the features that read the column")
        }
        ComputeError::Order { bar } => {
            user("a bar opens no later than the bar before it".to_owned())
                .at(at(*bar))
                .help("sort the bars and leave out repeated ones; `suho data describe` counts them")
        }
        ComputeError::Timeframe { base, .. } => user(error.to_string()).at(file.to_string()).help(
            format!("ask for a timeframe that is a whole number of {base}, or give shorter bars"),
        ),
        ComputeError::NoBeside { symbol, .. } => user(error.to_string())
            .at(file.to_string())
            .help(format!("give a file of them: `--beside {symbol}=FILE`")),
        _ => Failure::from_error(error.fault(), "features-not-computable", error),
    }
}
