//! Files by name, by form of name and by folder; symbols and timeframes among others.

use super::*;
use crate::source::pattern::{is_match, partitions};

/// A folder of files.
fn folder(files: &[(&str, String)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// CSV of hourly bars from the `first` hour of 2024 on, with closes that count up.
fn hours(first: usize, count: usize) -> String {
    let line = |hour: usize| {
        let (day, of_day, close) = (1 + hour / 24, hour % 24, 1.0 + hour as f64 / 1e4);
        format!("2024-01-{day:02} {of_day:02}:00,{close},{close},{close},{close},1\n")
    };
    let lines: String = (first..first + count).map(line).collect();
    format!("time,open,high,low,close,volume\n{lines}")
}

fn read(folder: &TempDir, named: &str) -> Result<BarsRead, SourceError> {
    let names = ColumnNames::standard();
    let reading = Reading { symbol: "EUR/USD", timeframe: HOUR, names: &names };
    read_files(&LocalFiles::under(folder.path()), named, None, &reading)
}

#[test]
fn many_files_are_one_series_in_order_of_time() {
    let folder = folder(&[
        ("bars/month=10/a.csv", hours(48, 24)),
        ("bars/month=2/a.csv", hours(0, 24)),
        ("bars/month=2/b.csv", hours(24, 24)),
        ("bars/month=2/.c.csv", "half".to_owned()),
        ("bars/notes.txt", "no bars".to_owned()),
    ]);
    let whole = read_text_of(&hours(0, 72));
    for named in ["bars", "bars/", "bars/**/*.csv", "bars/*/*.csv", "bars/**", "bars/month=*/?.csv"]
    {
        let read = read(&folder, named).unwrap();
        assert_eq!(read.bars, whole, "{named}");
        let names: Vec<&str> = read.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["bars/month=2/a.csv", "bars/month=2/b.csv", "bars/month=10/a.csv"]);
        assert_eq!(read.place(0), Some(("bars/month=2/a.csv", 1)));
        assert_eq!(read.place(24), Some(("bars/month=2/b.csv", 1)));
        assert_eq!(read.place(71), Some(("bars/month=10/a.csv", 24)));
        assert_eq!(read.place(72), None);
    }
    let one = read(&folder, "bars/month=2/b.csv").unwrap();
    assert_eq!((one.bars, one.files.len()), (whole.slice(24..48), 1));
}

fn read_text_of(text: &str) -> Bars {
    super::read("a.csv", text.as_bytes(), &ColumnNames::standard()).unwrap()
}

#[test]
fn partitions_of_other_symbols_are_not_read() {
    let folder = folder(&[
        ("d/symbol=EUR%2FUSD/timeframe=1h/a.csv", hours(0, 24)),
        ("d/symbol=EURUSD/timeframe=H4/a.csv", "not even a header".to_owned()),
        ("d/symbol=GBPUSD/timeframe=1h/a.csv", "not even a header".to_owned()),
    ]);
    let read_all = read(&folder, "d").unwrap();
    assert_eq!((read_all.bars.len(), read_all.files.len()), (24, 1));
    let error = read(&folder, "d/symbol=GBPUSD/**").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no row of `d/symbol=GBPUSD/**` has `EUR/USD` in its column `symbol`; it has `GBPUSD`"
    );
}

#[test]
fn rows_of_other_symbols_and_timeframes_are_passed_over() {
    let text = "time,open,high,low,close,symbol,timeframe\n\
        2024-01-01 00:00,1,1,1,1,EURUSD,1h\n\
        never,x,x,x,x,GBPUSD,1h\n\
        2024-01-01 00:00,9,9,9,9,EURUSD,4h\n\
        2024-01-01 01:00,2,2,2,2,eur_usd,60\n";
    let names = ColumnNames::standard();
    let bars = super::read("a.csv", text.as_bytes(), &names).unwrap();
    assert_eq!(bars.close, [1.0, 2.0]);
    let float = |values: Vec<f64>| -> ArrayRef { Arc::new(Float64Array::from(values)) };
    let file = |texts: [&str; 3], times: [Option<i64>; 3]| {
        parquet(vec![
            ("time", Arc::new(Int64Array::from(times.to_vec())) as ArrayRef),
            ("open", float(vec![1.0, 9.0, 2.0])),
            ("high", float(vec![1.0, 9.0, 2.0])),
            ("low", float(vec![1.0, 9.0, 2.0])),
            ("close", float(vec![1.0, 9.0, 2.0])),
            ("symbol", Arc::new(StringArray::from(texts.to_vec())) as ArrayRef),
        ])
    };
    let times = [Some(1_704_067_200), None, Some(1_704_070_800)];
    let bars = super::read("a.parquet", &file(["EURUSD", "GBPUSD", "EUR/USD"], times), &names);
    assert_eq!(bars.unwrap().close, [1.0, 2.0]);
    // The row that is named is the file's, not that of what is left.
    let times = [Some(1_704_067_200), Some(0), None];
    let error = super::read("a.parquet", &file(["EURUSD", "GBPUSD", "EUR/USD"], times), &names);
    assert_eq!(error.unwrap_err().place().row, Some(3));
    let said = said("a.parquet", &file(["JPY", "GBPUSD", "JPY"], times), &names);
    assert_eq!(
        said,
        "no row of `a.parquet` has `EUR/USD` in its column `symbol`; it has `GBPUSD`, `JPY`"
    );
}

#[test]
fn bars_of_another_length_are_refused() {
    let names = ColumnNames::standard();
    let line = |minute: usize| {
        let time = 1_704_067_200 + 60 * minute;
        format!("{time},1,1,1,1\n")
    };
    let text = |minutes: &mut dyn Iterator<Item = usize>| {
        format!("time,open,high,low,close\n{}", minutes.map(line).collect::<String>())
    };
    assert_eq!(
        said("a.csv", text(&mut (0..100)).as_bytes(), &names),
        "the bars of `a.csv` are 1 min apart, from row 2 on; the timeframe is 1 h"
    );
    assert_eq!(
        said("a.csv", text(&mut (0..100).map(|bar| 240 * bar)).as_bytes(), &names),
        "the bars of `a.csv` are 4 h apart, from row 2 on; the timeframe is 1 h"
    );
    // A few half hours among the hours.
    let mixed = (0..100).map(|bar| 60 * bar).chain((0..9).map(|bar| 6_000 + 30 * bar));
    assert_eq!(
        said("a.csv", text(&mut mixed.into_iter()).as_bytes(), &names),
        "the bars of `a.csv` are 30 min apart, from row 102 on; the timeframe is 1 h"
    );
    // Gaps, repetitions and disorder are for the quality check.
    let gaps = (0..100).filter(|bar| bar % 7 > 1).map(|bar| 60 * bar).chain([0, 60, 60]);
    assert!(super::read("a.csv", text(&mut gaps.into_iter()).as_bytes(), &names).is_ok());
}

#[test]
fn a_form_of_names_is_matched_whole() {
    for (pattern, name, matches) in [
        ("a.csv", "a.csv", true),
        ("*.csv", "a.csv", true),
        ("*.csv", "b/a.csv", false),
        ("**/*.csv", "a.csv", true),
        ("**/*.csv", "c/b/a.csv", true),
        ("b/**/a.csv", "b/a.csv", true),
        ("b/**", "b/c/a.csv", true),
        ("b/**", "c/a.csv", false),
        ("?.csv", "ä.csv", true),
        ("?.csv", "ab.csv", false),
        ("a*b*c", "a__b_b_c", true),
        ("a*b*c", "a__b_b_", false),
        ("**/x/**/x/*.csv", "x/x/x/a.csv", true),
        ("**/x/**/y/*.csv", "x/x/x/a.csv", false),
        ("*****************************b", &"a".repeat(200), false),
    ] {
        assert_eq!(is_match(pattern, name), matches, "{pattern} {name}");
    }
    let found: Vec<_> = partitions("a/symbol=EUR%2fUSD/x=%zz/b=c.csv").collect();
    assert_eq!(found, [("symbol", "EUR/USD".to_owned()), ("x", "%zz".to_owned())]);
}

#[test]
fn timeframes_are_written_in_many_ways() {
    use crate::source::meant::timeframe;
    let minutes = |text| timeframe(text).map(|span| span.num_minutes());
    for (text, expected) in [
        ("1h", Some(60)),
        ("60", Some(60)),
        ("60min", Some(60)),
        ("H1", Some(60)),
        ("M15", Some(15)),
        ("1D", Some(1_440)),
        ("1440", Some(1_440)),
        ("3600", Some(60)),
        ("1w", Some(10_080)),
        ("", None),
        ("h", None),
        ("0h", None),
        ("1x", None),
        ("1h30", None),
        ("-1h", None),
        ("99999999999999999999h", None),
    ] {
        assert_eq!(minutes(text), expected, "{text}");
    }
}

#[test]
fn a_folder_called_like_a_file_is_one_by_its_slash_and_devices_are_none() {
    let folder = folder(&[("bars.csv/part-0.csv", hours(0, 24))]);
    assert_eq!(read(&folder, "bars.csv/").unwrap().bars.len(), 24);
    let names = ColumnNames::standard();
    let said = |path: &Path| {
        let error = read_csv(path, "EUR/USD", HOUR, &names).unwrap_err();
        assert_eq!(
            error.to_string(),
            read_parquet(path, "EUR/USD", HOUR, &names).unwrap_err().to_string()
        );
        assert_eq!((error.code(), error.fault()), ("no-file", Fault::User));
        error.to_string().replace(&folder.path().display().to_string(), ".")
    };
    assert_eq!(said(&folder.path().join("bars.csv")), "`./bars.csv` is a folder, not a file");
    assert_eq!(said(Path::new("/dev/null")), "`/dev/null` is a pipe or a device, not a file");
    let error = read(&folder, "bars.csv").unwrap_err();
    assert_eq!(error.to_string(), "`bars.csv` is a folder, not a file");
}

#[test]
fn a_name_without_files_says_so() {
    let folder = folder(&[("bars/a.txt", String::new()), ("a.dat", hours(0, 24))]);
    let said = |named: &str| {
        let error = read(&folder, named).unwrap_err();
        let root = format!("{}/", folder.path().display());
        format!("{} {}", error.code(), error.to_string().replace(&root, ""))
    };
    let relative = "paths are relative to the folder of `project.suho`";
    assert_eq!(
        said("none/*.csv"),
        format!("no-file-matches no file matches `none/*.csv`; {relative}")
    );
    assert_eq!(said("bars"), format!("no-file-matches no file matches `bars/**/*`; {relative}"));
    assert_eq!(said("a.csv"), format!("missing-file no file `a.csv`; {relative}"));
    assert_eq!(said("*.dat"), "unknown-format `a.dat` is neither `.parquet` nor `.csv`");
    let names = ColumnNames::standard();
    let reading = Reading { symbol: "EUR/USD", timeframe: HOUR, names: &names };
    let files = LocalFiles::under(folder.path());
    let read = read_files(&files, "a.dat", Some(FileFormat::Csv), &reading).unwrap();
    assert_eq!(read.bars.len(), 24);
}

#[test]
fn spreads_of_some_files_are_missing_in_the_others() {
    let with = "time,open,high,low,close,spread\n2024-01-02,1,1,1,1,0.5\n";
    let folder = folder(&[("a.csv", hours(0, 2)), ("b.csv", with.to_owned())]);
    let spread = read(&folder, "*.csv").unwrap().bars.spread.unwrap();
    assert!(spread[0].is_nan() && spread[1].is_nan() && spread[2..] == [0.5]);
}

/// A database that answers one table, and says no to anything else than a SELECT.
struct OneTable(Table);

impl Queries for OneTable {
    fn query(&self, sql: &str, rows_max: usize) -> Result<Table, QueryError> {
        let is_select = sql.starts_with("SELECT") && self.0.rows() <= rows_max;
        let what = format!("cannot run `{sql}`");
        if is_select {
            Ok(self.0.clone())
        } else {
            Err(QueryError { what, fault: Fault::User, source: None })
        }
    }
}

#[test]
fn a_database_answers_columns_of_any_type() {
    let texts =
        |texts: [&str; 2]| TableColumn::Texts(texts.map(|text| Some(text.to_owned())).to_vec());
    let numbers = |values: [f64; 2]| TableColumn::Numbers(values.map(Some).to_vec());
    let table = |time: TableColumn, close: TableColumn| Table {
        columns: vec![
            ("TIME".to_owned(), time),
            ("open".to_owned(), numbers([1.5, 1.25])),
            ("high".to_owned(), TableColumn::Integers(vec![Some(2), None])),
            ("low".to_owned(), texts(["1.0", " 1.25"])),
            ("close".to_owned(), close),
        ],
    };
    let names = ColumnNames::standard();
    let reading = Reading { symbol: "EUR/USD", timeframe: HOUR, names: &names };
    let read = |time, close| {
        let database = OneTable(table(time, close));
        let table = database.query("SELECT 1", 10).unwrap();
        table.into_bars(Path::new("postgres bars"), &reading).map_err(|error| error.to_string())
    };
    let micros = [1_704_067_200_000_000, 1_704_070_800_000_000];
    let close = || numbers([1.5, 1.25]);
    for time in [
        TableColumn::Instants(micros.map(Some).to_vec()),
        TableColumn::Integers(micros.map(|time| Some(time / 1_000_000)).to_vec()),
        texts(["2024-01-01T00:00:00Z", "2024-01-01 01:00"]),
    ] {
        let bars = read(time, close()).unwrap();
        assert_eq!(
            (bars.time, bars.open, bars.low),
            (micros.to_vec(), vec![1.5, 1.25], vec![1.0, 1.25])
        );
        assert!(bars.high[1].is_nan() && bars.volume[0].is_nan() && bars.spread.is_none());
    }
    let time = || TableColumn::Instants(micros.map(Some).to_vec());
    let said = [
        read(TableColumn::Instants(vec![Some(micros[0]), None]), close()),
        read(TableColumn::Instants(vec![Some(micros[0])]), close()),
        read(numbers([1.0, 2.0]), close()),
        read(time(), texts(["1", "one"])),
        read(time(), time()),
    ]
    .map(Result::unwrap_err)
    .join("\n");
    expect![[r#"
        row 2 of `postgres bars`: column `TIME` holds nothing; expected a time such as `2025-01-31T14:00:00Z` or `2025-01-31 14:00:00` (UTC)
        row 2 of `postgres bars`: column `TIME` holds nothing; expected a time such as `2025-01-31T14:00:00Z` or `2025-01-31 14:00:00` (UTC)
        row 1 of `postgres bars`: column `TIME` holds `1`; expected a time such as `2025-01-31T14:00:00Z` or `2025-01-31 14:00:00` (UTC)
        row 2 of `postgres bars`: column `close` holds `one`; expected a number such as `1.0716`
        row 1 of `postgres bars`: column `close` holds `1704067200000000`; expected a number such as `1.0716`"#]].assert_eq(&said);
    let refused = OneTable(table(time(), close())).query("DROP TABLE bars", 10).unwrap_err();
    assert_eq!(
        (refused.to_string().as_str(), refused.fault()),
        ("cannot run `DROP TABLE bars`", Fault::User)
    );
}

#[test]
fn times_are_read_as_platforms_write_them() {
    use crate::source::time::{from_number, parse};
    let midnight = 1_706_659_200_000_000;
    let half_past = midnight + 3_600_000_000 * 14 + 60_000_000 * 30;
    for text in
        ["20240131", "2024-01-31", "1706659200", "1706659200000", "2024-01-31T01:00:00+01:00"]
    {
        assert_eq!(parse(text), Some(midnight), "{text}");
    }
    for text in ["2024.01.31 14:30", "2024.01.31 14:30:00", "20240131 143000", "2024-01-31 14:30"] {
        assert_eq!(parse(text), Some(half_past), "{text}");
    }
    assert_eq!(from_number(20_240_131), Some(midnight));
    // No day at all, and no time that could be meant.
    for text in ["20240231", "31.01.2024", "01/31/2024", "14:30", "", "1e9", "99999999999999"] {
        assert_eq!(parse(text), None, "{text}");
    }
    assert_eq!(from_number(0), Some(0));
    assert_eq!(from_number(i64::MIN), Some(i64::MIN.div_euclid(1_000)));
}
