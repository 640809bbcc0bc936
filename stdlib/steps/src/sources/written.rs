//! Sources as they are written, and as what they are read.

use crate::generated::{ColumnNames, Source};
use chrono::TimeDelta;
use suho_domain::{Duration, Scope, Slot, Timeframe};
use suho_market::Column;
use suho_step::StepError;
use suho_time::Calendar;

/// As what bars are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    symbol: String,
    timeframe: Duration,
    calendar: Calendar,
    scope: Scope,
}

impl Reading {
    /// The bars of a slot; where there is none, hourly ones of no symbol.
    pub fn of(slot: Option<&Slot>, calendar: Calendar) -> Self {
        Self {
            symbol: slot.map_or_else(String::new, |slot| slot.symbol.to_string()),
            timeframe: slot.map_or(Duration::HOUR, |slot| slot.timeframe.duration()),
            calendar,
            scope: slot.map_or(Scope::Platform, |slot| slot.scope.clone()),
        }
    }

    /// The bars of a data set.
    pub(crate) fn new(
        symbol: &str,
        timeframe: Timeframe,
        calendar: Calendar,
        scope: Scope,
    ) -> Self {
        Self { symbol: symbol.to_owned(), timeframe: timeframe.duration(), calendar, scope }
    }

    pub(crate) fn symbol(&self) -> &str {
        &self.symbol
    }

    pub(crate) const fn calendar(&self) -> Calendar {
        self.calendar
    }

    pub(crate) const fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) const fn timeframe(&self) -> Duration {
        self.timeframe
    }

    /// How long a bar lasts.
    pub(crate) fn length(&self) -> TimeDelta {
        TimeDelta::nanoseconds(self.timeframe.nanos())
    }
}

impl Source {
    /// The source as people read it.
    pub(crate) fn title(&self) -> String {
        let asked = |of: &str, table: &Option<String>| match table {
            Some(table) => format!("{of}, table: \"{table}\")"),
            None => format!("{of}, query: …)"),
        };
        match self {
            Self::Parquet { path, .. } => format!("parquet(\"{path}\")"),
            Self::Csv { path, .. } => format!("csv(\"{path}\")"),
            Self::Sqlite { path, .. } => format!("sqlite(\"{path}\", query: …)"),
            Self::Clickhouse { connection, table, .. } => {
                asked(&format!("clickhouse({}", connection.name), table)
            }
            Self::Postgres { connection, table, .. } => {
                asked(&format!("postgres({}", connection.name), table)
            }
        }
    }

    /// What messages call it: the path of files, else its title.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Parquet { path, .. } | Self::Csv { path, .. } => path.clone(),
            asked => asked.title(),
        }
    }

    /// What its columns are called.
    pub(crate) fn names(&self) -> suho_market::ColumnNames {
        let standard = suho_market::ColumnNames::standard();
        let named = Column::ALL.into_iter().filter_map(|it| Some((it, self.column(it)?)));
        named.fold(standard, |names, (column, name)| names.with(column, name))
    }

    /// What the source calls a column, where it says.
    pub(crate) fn column(&self, column: Column) -> Option<&str> {
        let columns = self.columns()?;
        let name = match column {
            Column::Time => &columns.time,
            Column::Open => &columns.open,
            Column::High => &columns.high,
            Column::Low => &columns.low,
            Column::Close => &columns.close,
            Column::Volume => &columns.volume,
            Column::Spread => &columns.spread,
            Column::Symbol => &columns.symbol,
            Column::Timeframe => &columns.timeframe,
        };
        name.as_deref()
    }

    /// What a table of ClickHouse calls whose a row is, where the source says.
    pub(crate) fn tenant(&self) -> Option<&str> {
        self.columns()?.tenant.as_deref()
    }

    /// What a table of ClickHouse calls when a row arrived, where the source says.
    pub(crate) fn arrived(&self) -> Option<&str> {
        self.columns()?.arrived.as_deref()
    }

    /// That columns are named only where something reads them.
    pub(crate) fn check_columns(&self) -> Result<(), StepError> {
        let is_table = matches!(self, Self::Clickhouse { table: Some(_), .. });
        let named = [("tenant", self.tenant()), ("arrived", self.arrived())];
        match named.into_iter().find(|(_, name)| name.is_some()).filter(|_| !is_table) {
            None => Ok(()),
            Some((column, _)) => {
                let message = format!("the source has no use for a column `{column}`");
                Err(StepError::user("column-without-use", message).help(format!(
                    "leave `{column}` out of `columns`: a table of ClickHouse alone is asked by it"
                )))
            }
        }
    }

    /// How long its bars last: as long as those asked for, or a part of that.
    pub(crate) fn length(&self, reading: &Reading) -> Result<TimeDelta, StepError> {
        let Some(own) = self.timeframe() else { return Ok(reading.length()) };
        let (own, asked) = (own.duration(), reading.timeframe());
        if own.nanos() > 0 && asked.nanos() % own.nanos() == 0 {
            return Ok(TimeDelta::nanoseconds(own.nanos()));
        }
        let message = format!("bars of {asked} cannot be made of a source's bars of {own}");
        Err(StepError::user("not-a-multiple", message)
            .help("write a `timeframe` of the source that divides the data set's"))
    }

    const fn columns(&self) -> Option<&ColumnNames> {
        match self {
            Self::Parquet { columns, .. }
            | Self::Csv { columns, .. }
            | Self::Clickhouse { columns, .. }
            | Self::Postgres { columns, .. }
            | Self::Sqlite { columns, .. } => columns.as_ref(),
        }
    }

    pub(crate) const fn timeframe(&self) -> Option<Timeframe> {
        match self {
            Self::Parquet { timeframe, .. }
            | Self::Csv { timeframe, .. }
            | Self::Clickhouse { timeframe, .. }
            | Self::Postgres { timeframe, .. }
            | Self::Sqlite { timeframe, .. } => *timeframe,
        }
    }
}
