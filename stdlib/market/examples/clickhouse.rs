//! Bars in a real ClickHouse and back: `clickhouse rows FILE` writes what to insert, `clickhouse
//! check URL FILE` reads it from a server and compares it with the file.
//!
//! `tests/services/clickhouse.sh` runs both. Beside the bars the rows hold what must not be read: an
//! earlier version of every tenth bar, a later one of every hundredth, and another tenant's.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use suho_market::clickhouse::{AsOf, ClickHouse, Compression, PointInTime, Query, WireFormat};
use suho_market::{Bars, Column, ColumnNames, Reading, content_digest, read_parquet};

const SYMBOL: &str = "EUR/USD";
/// When the bars arrived, when they were read, and when a later version arrived, in s since 1970.
const TIMES: [i64; 3] = [1_700_000_000, 1_700_001_000, 1_700_002_000];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["rows", file] => rows(&bars(file)?),
        ["check", url, file] => check(url, &bars(file)?),
        _ => Err("usage: clickhouse rows FILE | clickhouse check URL FILE".into()),
    }
}

fn bars(file: &str) -> Result<Bars, Box<dyn Error>> {
    let names = ColumnNames::standard();
    Ok(read_parquet(Path::new(file), SYMBOL, TimeDelta::hours(1), &names)?)
}

/// Rows of tenant, symbol, timeframe, ts, open, high, low, close, volume, ingested_at, in the
/// server's RowBinary: reading text, a server of 2018 rounds the last bit of a sixth of all numbers.
fn rows(bars: &Bars) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let [arrived, _, later] = TIMES;
    for (place, bar) in bars.iter().enumerate() {
        let mut row = |tenant: &str, by: f64, at: i64| -> Result<(), Box<dyn Error>> {
            for text in [tenant, SYMBOL, "1h"] {
                out.write_all(&[u8::try_from(text.len())?])?;
                out.write_all(text.as_bytes())?;
            }
            out.write_all(&u32::try_from(bar.time / 1_000_000)?.to_le_bytes())?;
            for number in bar.prices().map(|price| price + by).into_iter().chain([bar.volume]) {
                out.write_all(&number.to_le_bytes())?;
            }
            Ok(out.write_all(&u32::try_from(at)?.to_le_bytes())?)
        };
        if place % 10 == 0 {
            row("platform", 0.5, arrived - 100)?;
        }
        row("platform", 0.0, arrived)?;
        if place % 100 == 0 {
            row("platform", 0.7, later)?;
            row("tenant_002", 0.9, arrived)?;
        }
    }
    Ok(())
}

fn check(url: &str, expected: &Bars) -> Result<(), Box<dyn Error>> {
    let names = ColumnNames::standard().with(Column::Time, "ts");
    let [_, as_of, _] = TIMES;
    let instant = DateTime::<Utc>::from_timestamp(as_of, 0).ok_or("no such instant")?;
    let reading = Reading { symbol: SYMBOL, timeframe: TimeDelta::hours(1), names: &names };
    let table = PointInTime {
        table: "market.ohlcv",
        symbol: SYMBOL,
        timeframe: "1h",
        tenants: &["platform", "tenant_001"],
        from: DateTime::UNIX_EPOCH,
        to: "2100-01-01T00:00:00Z".parse()?,
        as_of: AsOf { instant, column: "ingested_at" },
        tenant_column: "tenant_id",
        beside: &[Column::Volume],
    };
    let sql = format!(
        "SELECT ts, open, high, low, close, volume FROM market.ohlcv WHERE tenant_id = 'platform' \
         AND toUnixTimestamp(ingested_at) = {} -- the bars alone",
        TIMES[0]
    );
    let digest = content_digest(expected, &[]);
    for (what, query) in [("table", Query::Table(table)), ("query", Query::Sql { sql: &sql })] {
        for format in [None, Some(WireFormat::JsonCompact)] {
            for compression in [Compression::Off, Compression::Gzip] {
                let server = ClickHouse { format, compression, ..ClickHouse::at(url) };
                let read = server.bars(&query, &reading)?;
                let is_same = content_digest(&read.bars, &[]) == digest;
                let line = format!(
                    "{} {what} {:?} {compression:?}: {} bars, {}",
                    read.version,
                    read.format,
                    read.bars.len(),
                    if is_same { "as in the file" } else { "OTHERS than in the file" }
                );
                writeln!(std::io::stdout(), "{line}")?;
                if !is_same {
                    return Err("other bars".into());
                }
            }
        }
    }
    let none = Query::Sql { sql: "SELECT nothing FROM nowhere" };
    let refused = ClickHouse::at(url).bars(&none, &reading).err().ok_or("nowhere has bars")?;
    writeln!(std::io::stdout(), "{:?}: {refused}", refused.fault())?;
    let write = Query::Sql { sql: "SELECT 1) ; DROP TABLE market.ohlcv ; SELECT (1" };
    let refused = ClickHouse::at(url).bars(&write, &reading).err().ok_or("a drop has bars")?;
    writeln!(std::io::stdout(), "{:?}: {refused}", refused.fault())?;
    Ok(())
}
