//! Features of bars in a CSV file, as CSV: `cargo run -p suho-features --example export -- bars.csv`.
//!
//! The file has columns `time` (µs since 1970 in UTC), `open`, `high`, `low`, `close` and, where
//! there is one, `volume`. Names behind it choose the features; without any it is the whole
//! catalogue, less what needs a volume that is not there.

use std::error::Error;
use std::io::Write as _;
use std::{env, io};

use suho_domain::Timeframe;
use suho_features::{Columns, Input, Times, catalogue, compute_timed, parse_list};

const MINUTE: i64 = 60_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().ok_or("usage: export BARS.csv [FEATURE…]")?;
    let mut names: Vec<String> = arguments.collect();
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let [time, open, high, low, close] = ["time", "open", "high", "low", "close"]
        .map(|name| place(name).ok_or_else(|| format!("no column `{name}`")));
    let prices = [open?, high?, low?, close?];
    let (time, volume) = (time?, place("volume"));
    let mut times: Vec<i64> = Vec::new();
    let mut columns: [Vec<f64>; 5] = Default::default();
    for row in reader.records() {
        let row = row?;
        let cell = |place: usize| row.get(place).ok_or("a row is too short");
        times.push(cell(time)?.parse()?);
        for (column, place) in columns.iter_mut().zip(prices.into_iter().map(Some).chain([volume]))
        {
            column.push(place.map_or(Ok(f64::NAN), |place| {
                cell(place)?.parse().map_err(Box::<dyn Error>::from)
            })?);
        }
    }
    if names.is_empty() {
        let has_volume = |inputs: &[Input]| volume.is_some() || !inputs.contains(&Input::Volume);
        names =
            catalogue().filter(|entry| has_volume(entry.inputs)).map(|entry| entry.name).collect();
    }
    // The shortest step between two bars is a bar: others have a gap between them.
    let steps = times.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?));
    let minutes = u32::try_from(steps.min().unwrap_or(MINUTE) / MINUTE)?;
    let times = Times { open: &times, timeframe: Timeframe::from_minutes(minutes)? };
    let [open, high, low, close, volume] = &columns;
    let columns = Columns { open, high, low, close, volume };
    let matrix = compute_timed(&parse_list(&names)?, &columns, times)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", names.join(","))?;
    for bar in 0..matrix.rows() {
        let cell = |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
        writeln!(out, "{}", matrix.row(bar).map(cell).collect::<Vec<_>>().join(","))?;
    }
    Ok(out.flush()?)
}
