//! The features of a pipeline as drift would watch them: which, and their values.

use crate::failure::Failure;
use std::error::Error;
use suho_domain::{Fault, Timeframe};
use suho_features::{Feature, Group, Times, Unit, compute_timed, describe, parse_list, warm_up_on};
use suho_market::Bars;

/// What is watched, and what is not, with the reason.
pub(super) struct Series {
    /// Names, and `[feature][row]` without a gap, in order of time.
    pub(super) watched: Vec<(String, Vec<f64>)>,
    /// Names and why not.
    pub(super) left_out: Vec<(String, &'static str)>,
    /// Rows of each.
    pub(super) rows: usize,
}

impl Series {
    /// Features of `bars` from the warm-up on; rows on which one is undefined are left out, as in
    /// training.
    pub(super) fn of(names: &[String], bars: &Bars, timeframe: Timeframe) -> Result<Self, Failure> {
        let refused = |fault: Fault, error: &dyn Error| {
            Failure::from_error(fault, "features-not-computable", error)
        };
        let features = parse_list(names).map_err(|error| refused(error.fault(), &error))?;
        let times = Times { open: &bars.time, timeframe };
        let matrix = compute_timed(&features, &bars.columns(), times)
            .map_err(|error| refused(error.fault(), &error))?;
        let warm_up = warm_up_on(&features, timeframe).unwrap_or(bars.len());
        let rows: Vec<usize> =
            (warm_up..matrix.rows()).filter(|row| matrix.is_whole(*row)).collect();
        let mut series = Self { watched: Vec::new(), left_out: Vec::new(), rows: rows.len() };
        for (feature, column) in features.iter().zip(matrix.columns()) {
            let values: Vec<f64> =
                rows.iter().filter_map(|row| column.get(*row).copied()).collect();
            let name = feature.name().to_owned();
            match unwatched(feature, &values) {
                Some(why) => series.left_out.push((name, why)),
                None => series.watched.push((name, values)),
            }
        }
        Ok(series)
    }
}

/// Why a feature is not watched for drift (domain §10.2).
fn unwatched(feature: &Feature, values: &[f64]) -> Option<&'static str> {
    let Some(first) = values.first() else { return Some("no row has it") };
    let entry = describe(feature.name()).ok()?;
    if entry.unit == Unit::Price {
        Some("a price level wanders and never comes back")
    } else if entry.group == Group::Session {
        Some("the calendar moves it, not the market")
    } else if entry.unit == Unit::Flag {
        Some("yes or no is counted, not ranked")
    } else if values.iter().all(|value| value.total_cmp(first).is_eq()) {
        Some("it has one value only")
    } else {
        None
    }
}
