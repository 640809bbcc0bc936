//! Files by form of name, columns of other names, shorter bars, and a database that is asked once.

use super::*;
use crate::generated::Part;
use crate::tests::{World, changed, choice, dataset_inputs, file_of, read, word};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use suho_domain::{Duration, Record, Scope};
use suho_market::{Queries, QueryError, Table, TableColumn};
use suho_step::{Context, Inputs};
use suho_time::Calendar;

/// Bars of a sound series, `minutes` apart, from `first` to just before `last`.
fn csv(header: &str, minutes: i64, range: std::ops::Range<i64>) -> String {
    let mut text = format!("{header}\n");
    let start = chrono::DateTime::parse_from_rfc3339("2020-01-05T22:00:00Z").unwrap();
    for line in range {
        let time = start + chrono::TimeDelta::minutes(minutes * line);
        let close = 1.1 + (line as f64 * 0.7).sin() * 0.002 + (line as f64 * 0.13).cos() * 0.003;
        let time = time.format("%Y-%m-%dT%H:%M:%SZ");
        writeln!(
            text,
            "{time},{close:.5},{:.5},{:.5},{close:.5},{}",
            close + 0.0005,
            close - 0.0005,
            100 + line % 7
        )
        .unwrap();
    }
    text
}

fn of(source: Value) -> Record {
    changed(changed(dataset_inputs(), "source", source), "calendar", word("always"))
}

fn digest(outputs: &suho_step::Outputs) -> String {
    outputs.get("digest").unwrap().to_string()
}

#[test]
fn files_of_any_number_and_any_columns_are_the_same_bars() {
    let world = World::new();
    let put = |name: &str, text: &str| {
        let path = world.project().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("one.csv", &csv("time,open,high,low,close,volume", 60, 0..2_200));
    put("many/10.csv", &csv("Date,o,h,l,c,ticks", 60, 1_000..2_200));
    put("many/2.csv", &csv("Date,o,h,l,c,ticks", 60, 0..1_000));
    put("many/notes.txt", "not bars");
    let one =
        world.run("dataset", of(file_of("csv", "one.csv", Value::None, Value::None))).unwrap();
    let names = ["Date", "o", "h", "l", "c", "ticks"].map(Value::text);
    let columns = ["time", "open", "high", "low", "close", "volume"].into_iter().zip(names);
    let none = ["spread", "symbol", "timeframe"].into_iter().map(|name| (name, Value::None));
    let columns: Record = columns.chain(none).map(|(k, v)| (k.to_owned(), v)).collect();
    let columns = Value::Record(columns);
    for path in ["many/*.csv", "many/", "many", "m*/*"] {
        let many = file_of("csv", path, columns.clone(), Value::None);
        let many = world.run("dataset", of(many)).unwrap();
        assert_eq!(digest(&many), digest(&one), "{path}");
        assert_eq!(many.get("source"), Some(&Value::text(format!("csv(\"{path}\")"))));
    }
    let error = world.run("dataset", of(file_of("csv", "many/*.csv", Value::None, Value::None)));
    assert_eq!(
        read(&error.unwrap_err()),
        "user missing-column\n`many/10.csv` has no column `time`; it has `Date`, `o`, `h`, `l`, \
         `c`, `ticks`\nwrite `columns: { time = \"NAME\" }` in the source\n"
    );
}

#[test]
fn shorter_bars_make_up_those_that_are_asked_for() {
    let world = World::new();
    let text = csv("time,open,high,low,close,volume", 15, 0..9_000);
    std::fs::write(world.project().join("quarters.csv"), text).unwrap();
    let source = file_of("csv", "quarters.csv", Value::None, Value::text("15m"));
    let outputs = world.run("dataset", of(source.clone())).unwrap();
    assert_eq!(outputs.get("bars"), Some(&Value::Int(2_250)));
    let quality = outputs.get("quality").unwrap();
    assert_eq!(quality.field("bars"), Some(&Value::Int(9_000)));
    let hour = suho_domain::Timeframe::from_minutes(60).unwrap();
    let reading = Reading::new("EUR/USD", hour, Calendar::Always, Scope::Platform);
    let sources = Sources::new(&world.project(), Instant::from_micros(i64::MAX), &Nowhere);
    let times = sources.bar_times(&source, &reading).unwrap();
    assert_eq!(times.len(), 2_250);
    assert!(times.windows(2).all(|pair| pair[0].plus(Duration::HOUR) == pair[1]));
    let other = file_of("csv", "quarters.csv", Value::None, Value::text("45m"));
    assert_eq!(world.run("dataset", of(other)).unwrap_err().code, "not-a-multiple");
}

/// A database that counts how often it is asked, and answers other bars each time.
struct Counting(AtomicUsize);

impl Connections for Counting {
    fn variable(&self, name: &str) -> Result<String, StepError> {
        assert_eq!(name, "BARS_URL");
        Ok("postgres://me:hush@host/bars".to_owned())
    }

    fn database(&self, database: &Database<'_>) -> Result<Box<dyn Queries>, StepError> {
        assert!(matches!(database, Database::Postgres("postgres://me:hush@host/bars")));
        Ok(Box::new(Fixed(self.0.fetch_add(1, Ordering::Relaxed))))
    }

    fn files(&self, url: &str) -> Result<Box<dyn Files>, StepError> {
        Nowhere.files(url)
    }
}

struct Fixed(usize);

impl Queries for Fixed {
    fn query(&self, sql: &str, _: usize) -> Result<Table, QueryError> {
        assert_eq!(sql, "SELECT * FROM \"market\".\"bars\"");
        let first = 1_578_261_600_000_000_i64;
        let time = (0..2_200).map(|bar| Some(first + bar * 3_600_000_000)).collect();
        let price = |by: f64| {
            let value =
                |bar: i32| 1.1 + (f64::from(bar) * 0.7).sin() * 0.002 + by + 0.0001 * self.0 as f64;
            TableColumn::Numbers((0..2_200).map(|bar| Some(value(bar))).collect())
        };
        let columns = [
            ("time", TableColumn::Instants(time)),
            ("open", price(0.0)),
            ("high", price(0.0005)),
            ("low", price(-0.0005)),
            ("close", price(0.0)),
            ("volume", TableColumn::Integers(vec![Some(100); 2_200])),
        ];
        Ok(Table { columns: columns.map(|(name, column)| (name.to_owned(), column)).into() })
    }
}

fn postgres() -> Value {
    let connection = Value::record([
        ("name", Value::text("warehouse")),
        ("url", choice("env", [("name", Value::text("BARS_URL"))])),
        ("scope", Value::None),
    ]);
    let none = ["query", "columns", "timeframe"].map(|name| (name, Value::None));
    let [query, columns, timeframe] = none;
    let table = ("table", Value::text("market.bars"));
    choice("postgres", [("connection", connection), table, query, columns, timeframe])
}

#[test]
fn a_database_is_asked_once_and_what_it_answered_is_kept() {
    let world = World::new();
    let database = Counting(AtomicUsize::new(0));
    let run = |at: &str| {
        let mut order = world.order("dataset", of(postgres()));
        order.logical_time = at.parse().unwrap();
        let folder = world.project().join(at);
        std::fs::create_dir(&folder).unwrap();
        let mut heard = crate::tests::Heard::default();
        let mut context = Context::new(&order, &folder, &mut heard);
        let inputs = Inputs::new(order.inputs.clone());
        crate::carry_out("dataset", &mut context, &inputs, &database).unwrap()
    };
    let first = run("2026-01-01T00:10:00Z").unwrap();
    let again = run("2026-01-01T00:50:00Z").unwrap();
    assert_eq!(database.0.load(Ordering::Relaxed), 1, "as of the same bar it is not asked again");
    assert_eq!(first, again);
    let later = run("2026-01-01T01:10:00Z").unwrap();
    assert_eq!(database.0.load(Ordering::Relaxed), 2);
    assert_ne!(digest(&later), digest(&first));
    // Nothing that is kept holds the password.
    for path in world.sealed("manifest.json") {
        assert!(!std::fs::read_to_string(path).unwrap().contains("hush"));
    }
    let kept = files(&world).into_iter().filter(|path| {
        path.to_string_lossy().contains("_sources")
            && path.extension().is_some_and(|e| e == "parquet")
    });
    for path in kept {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    let error = run("2026-01-01T00:20:00Z").unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.fault()),
        ("artifact-corrupt", suho_domain::Fault::World)
    );
    assert_eq!(database.0.load(Ordering::Relaxed), 2);
}

/// Every file of the store.
fn files(world: &World) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![world.artifacts()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn a_secret_that_is_not_there_is_named_and_so_is_a_store_that_nobody_knows() {
    let world = World::new();
    let error = world.run("dataset", of(postgres())).unwrap_err();
    assert_eq!(error.to_string(), "the secret `BARS_URL` cannot be had here");
    let source = file_of("parquet", "s3://bucket/bars/*.parquet", Value::None, Value::None);
    let error = world.run("dataset", of(source)).unwrap_err();
    assert_eq!(error.to_string(), "files at `s3://bucket/bars/*.parquet` cannot be read here");
    let here = format!("file://{}", crate::tests::BARS);
    let source = file_of("parquet", &here, Value::None, Value::None);
    let inputs = changed(dataset_inputs(), "source", source);
    assert!(world.run("dataset", inputs).unwrap().get(Part::Train.name()).is_some());
}
