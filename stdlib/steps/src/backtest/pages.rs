//! A backtest's page for a browser, and its numbers beside it: `_reports/{run}/{step}/`.

use crate::failure;
use serde_json::json;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_backtest::{Ending, Heading, Market, Report, Side};
use suho_step::{Context, StepError};

const PAGE: &str = "backtest.html";
const NUMBERS: &str = "backtest.json";
/// The version of the numbers' form.
const SCHEMA: u32 = 1;

/// Where the page of a step is kept: every attempt at it makes the same.
pub(super) struct Pages<'a> {
    artifacts: &'a Artifacts,
    page: ArtifactPath,
    numbers: ArtifactPath,
}

impl<'a> Pages<'a> {
    pub(super) fn of(context: &Context<'_>, artifacts: &'a Artifacts) -> Result<Self, StepError> {
        let key = context.key();
        let path = |name: &str| {
            ArtifactPath::new(format!("_reports/{}/{}/{name}", key.run, key.step))
                .map_err(|error| failure::of_path(&error))
        };
        Ok(Self { artifacts, page: path(PAGE)?, numbers: path(NUMBERS)? })
    }

    /// Keeps the page and the numbers of `report`; the path of the page.
    pub(super) fn keep(
        &self,
        report: &Report,
        heading: Heading<'_>,
        market: &Market<'_>,
    ) -> Result<String, StepError> {
        let page = report.page(heading, market);
        for (path, bytes) in
            [(&self.page, page.into_bytes()), (&self.numbers, numbers(report, heading, market))]
        {
            let put = self.artifacts.put_once(path, &bytes);
            put.map_err(|error| failure::of_artifacts(&error))?;
        }
        Ok(self.page.to_string())
    }

    pub(super) fn remove(&self) -> Result<(), StepError> {
        [&self.page, &self.numbers].into_iter().try_for_each(|path| {
            self.artifacts.remove(path).map_err(|error| failure::of_artifacts(&error))
        })
    }
}

/// Equity at the close of every bar, and every trade; times in µs since 1970 UTC.
fn numbers(report: &Report, heading: Heading<'_>, market: &Market<'_>) -> Vec<u8> {
    let opened = |bar: usize| market.bars().get(bar).map(|bar| bar.time_us);
    let trades = report.trades.iter().map(|trade| {
        json!({
            "side": match trade.side { Side::Long => "long", Side::Short => "short" },
            "units": trade.units,
            "opened": opened(trade.entry_bar),
            "entry_price": trade.entry_price,
            "closed": opened(trade.exit_bar),
            "exit_price": trade.exit_price,
            "profit": trade.profit,
            "costs": trade.costs,
            "ending": match trade.ending {
                Ending::Horizon => "horizon",
                Ending::Signal => "signal",
                Ending::StopLoss => "stop_loss",
                Ending::TakeProfit => "take_profit",
                Ending::Ruin => "ruin",
                Ending::StillOpen => "still_open",
            },
        })
    });
    let numbers = json!({
        "schema": SCHEMA,
        "title": heading.title,
        "currency": heading.currency,
        "costs": heading.costs,
        "times": market.bars().iter().map(|bar| bar.time_us).collect::<Vec<_>>(),
        "equity": report.equity,
        "trades": trades.collect::<Vec<_>>(),
    });
    numbers.to_string().into_bytes()
}
