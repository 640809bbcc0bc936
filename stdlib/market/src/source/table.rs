//! Bars from what a database answers: a port that a driver implements, and its columns.

use std::error::Error;
use std::path::Path;

use suho_domain::Fault;

use super::meant::{Others, check_spacing, is_meant};
use super::{BARS_MAX, Column, Reading, SourceError, time};
use crate::bars::Bars;

/// The answer to a query: columns of the same length under their names.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Names and values, in the order of the query.
    pub columns: Vec<(String, TableColumn)>,
}

/// The values of one column; none for a NULL.
#[derive(Clone, Debug, PartialEq)]
pub enum TableColumn {
    /// Whole numbers.
    Integers(Vec<Option<i64>>),
    /// Numbers.
    Numbers(Vec<Option<f64>>),
    /// Texts; numbers and times in text are read as in CSV.
    Texts(Vec<Option<String>>),
    /// Instants, in µs since 1970 in UTC.
    Instants(Vec<Option<i64>>),
}

/// Someone who answers queries: a database's driver, which lives where databases are known.
pub trait Queries {
    /// The rows of `sql`, one statement that only reads, at most `rows_max` of them and one more if
    /// there are more.
    ///
    /// # Errors
    /// When the database refuses, or cannot be reached.
    fn query(&self, sql: &str, rows_max: usize) -> Result<Table, QueryError>;
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct QueryError {
    /// What was being done, to which database.
    pub what: String,
    /// Whose fault it is: the query's author's, or the database's.
    pub fault: Fault,
    /// What the driver said.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl QueryError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        self.fault
    }
}

impl Table {
    /// How many rows: as many as the longest column has.
    pub fn rows(&self) -> usize {
        self.columns.iter().map(|(_, column)| column.len()).max().unwrap_or(0)
    }

    /// The bars of the table; `origin` names it in errors.
    ///
    /// # Errors
    /// When a column is missing or holds what it cannot, there is no bar, or the bars are of
    /// another length than is read.
    pub fn into_bars(self, origin: &Path, reading: &Reading<'_>) -> Result<Bars, SourceError> {
        let mut bars = Bars::empty(reading.symbol, reading.timeframe);
        let header: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let places = reading.names.places(&header, origin)?;
        let rows = self.rows();
        if rows > BARS_MAX {
            let (path, rows) = (origin.to_owned(), rows as u64);
            return Err(SourceError::TooManyRows { path, rows, max: BARS_MAX });
        }
        bars.spread = places.iter().any(|(column, _)| *column == Column::Spread).then(Vec::new);
        let mut others = Others::default();
        let of_rows = |column: Column| matches!(column, Column::Symbol | Column::Timeframe);
        for row in 0..rows {
            let cell = |place: usize| Cell { table: &self, place, row, origin };
            let other =
                places.iter().filter(|(column, _)| of_rows(*column)).find_map(|(column, place)| {
                    let text = cell(*place).text();
                    (!is_meant(*column, &text, &bars)).then_some((*column, *place, text))
                });
            if let Some((column, place, text)) = other {
                others.add(column, cell(place).name(), &text);
                continue;
            }
            for &(column, place) in &places {
                let cell = cell(place);
                match column {
                    Column::Time => bars.time.push(cell.micros()?),
                    Column::Open => bars.open.push(cell.number()?),
                    Column::High => bars.high.push(cell.number()?),
                    Column::Low => bars.low.push(cell.number()?),
                    Column::Close => bars.close.push(cell.number()?),
                    Column::Volume => bars.volume.push(cell.number()?),
                    Column::Spread => bars.spread.get_or_insert_default().push(cell.number()?),
                    Column::Symbol | Column::Timeframe => {}
                }
            }
        }
        bars.volume.resize(bars.len(), f64::NAN);
        others.check(&bars, origin)?;
        check_spacing(&bars, origin)?;
        Ok(bars)
    }
}

impl TableColumn {
    fn len(&self) -> usize {
        match self {
            Self::Integers(values) | Self::Instants(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }
}

/// One value, and what an error has to say about it.
struct Cell<'a> {
    table: &'a Table,
    place: usize,
    row: usize,
    origin: &'a Path,
}

impl Cell<'_> {
    fn name(&self) -> &str {
        self.table.columns.get(self.place).map_or("", |(name, _)| name)
    }

    fn column(&self) -> Option<&TableColumn> {
        self.table.columns.get(self.place).map(|(_, column)| column)
    }

    fn number(&self) -> Result<f64, SourceError> {
        let number = match self.column() {
            Some(TableColumn::Numbers(values)) => values.get(self.row).copied(),
            Some(TableColumn::Integers(values)) => {
                values.get(self.row).map(|value| value.map(|value| value as f64))
            }
            Some(TableColumn::Texts(values)) => match values.get(self.row) {
                Some(Some(text)) => text.trim().parse().ok().map(Some),
                other => other.map(|_| None),
            },
            Some(TableColumn::Instants(_)) | None => None,
        };
        // A NULL is a missing value; a column that ends early is no answer to the query.
        let number = number.ok_or_else(|| self.wrong("a number such as `1.0716`"))?;
        Ok(number.unwrap_or(f64::NAN))
    }

    fn micros(&self) -> Result<i64, SourceError> {
        let micros = match self.column() {
            Some(TableColumn::Instants(values)) => values.get(self.row).copied().flatten(),
            Some(TableColumn::Integers(values)) => {
                values.get(self.row).copied().flatten().and_then(time::from_number)
            }
            Some(TableColumn::Texts(values)) => {
                values.get(self.row).and_then(|text| time::parse(text.as_deref()?))
            }
            Some(TableColumn::Numbers(_)) | None => None,
        };
        micros.and_then(time::of_a_market).ok_or_else(|| self.wrong(time::EXPECTED))
    }

    /// What stands there; empty for nothing.
    fn text(&self) -> String {
        match self.column() {
            Some(TableColumn::Integers(values) | TableColumn::Instants(values)) => {
                values.get(self.row).copied().flatten().map(|v| v.to_string()).unwrap_or_default()
            }
            Some(TableColumn::Numbers(values)) => {
                values.get(self.row).copied().flatten().map(|v| v.to_string()).unwrap_or_default()
            }
            Some(TableColumn::Texts(values)) => {
                values.get(self.row).cloned().flatten().unwrap_or_default()
            }
            None => String::new(),
        }
    }

    fn wrong(&self, expected: &'static str) -> SourceError {
        SourceError::Value {
            path: self.origin.to_owned(),
            row: self.row + 1,
            name: self.name().to_owned(),
            text: self.text(),
            expected,
        }
    }
}
