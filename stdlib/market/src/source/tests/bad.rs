//! Everything that a file can do wrong, and the sentence it gets.

use std::fmt::Write as _;

use ::parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter, RowGroupMetaData,
};
use expect_test::expect_file;
use suho_time::Calendar;

use super::*;
use crate::quality::{QualityRules, Verdict, judge};

const HEADER: &str = "time,open,high,low,close,volume\n";

/// What is said of a file: by the reader, or else by the quality check.
fn verdict(name: &str, content: &[u8]) -> String {
    match super::read(name, content, &ColumnNames::standard()) {
        Err(error) => {
            let chain = suho_domain::fault::chain(&error);
            let path = chain.split('`').find(|part| part.ends_with(name)).unwrap_or(name);
            let at = error.place();
            let place = format!("row {:?}, column {:?}", at.row, at.column);
            format!(
                "{:?} {}: {}\n    [{place}]",
                error.fault(),
                error.code(),
                chain.replace(path, name)
            )
        }
        Ok(bars) => {
            let (_, report) = judge(bars, Calendar::Fx, &QualityRules::standard());
            let bad = report.checks.iter().filter(|check| check.verdict != Verdict::Pass);
            let lines = bad.filter(|check| check.name != crate::Check::Rows).map(|check| {
                let first = check.examples.first().map(|of| format!("\n    {of}"));
                format!("{check}{}", first.unwrap_or_default())
            });
            let lines: Vec<String> = lines.collect();
            if lines.is_empty() { "nothing to say".to_owned() } else { lines.join("\n") }
        }
    }
}

/// A hundred quiet hours from Monday on, one row replaced.
fn with_row(row: usize, text: &str) -> String {
    let line = |hour: i32| {
        let (day, of_day) = (8 + hour / 24, hour % 24);
        let close = 1.07 + f64::from(hour % 3) / 1e4;
        let (high, low) = (close + 0.001, close - 0.001);
        format!("2024-01-{day:02} {of_day:02}:00,{close},{high},{low},{close},1")
    };
    let mut lines: Vec<String> = (0..100).map(line).collect();
    lines[row - 1] = text.to_owned();
    format!("{HEADER}{}\n", lines.join("\n"))
}

fn swapped_rows() -> String {
    let text = with_row(1, "2024-01-08 00:00,1.07,1.07,1.07,1.07,1");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(10, 20);
    lines.join("\n")
}

fn csv_cases() -> Vec<(&'static str, Vec<u8>)> {
    let row = |text: &str| with_row(7, text).into_bytes();
    vec![
        ("an empty file", Vec::new()),
        ("a header and no rows", HEADER.into()),
        ("one row", format!("{HEADER}2024-01-08 00:00,1.07,1.08,1.06,1.07,1\n").into()),
        ("a header that is a row", b"2024-01-08 00:00,1.07,1.08,1.06,1.07,1\n".to_vec()),
        ("no line end at all", HEADER.trim_end().into()),
        ("a good file", with_row(1, "2024-01-08 00:00,1.07,1.07,1.07,1.07,1").into()),
        ("rows out of order", swapped_rows().into()),
        ("a row twice", row("2024-01-08 05:00,1.07,1.07,1.07,1.07,1")),
        ("times of several zones", row("2024-01-08T08:00:00+02:00,1.07,1.07,1.07,1.07,1")),
        ("a bar on Saturday", row("2024-01-13 10:00,1.07,1.07,1.07,1.07,1")),
        ("a negative price", row("2024-01-08 06:00,1.07,1.08,-1.07,1.07,1")),
        ("a price of zero", row("2024-01-08 06:00,0,1.08,1.06,1.07,1")),
        ("a price of 1e300", row("2024-01-08 06:00,1.07,1e300,1.06,1e300,1")),
        ("a price of 1e400", row("2024-01-08 06:00,1.07,1e400,1.06,1.07,1")),
        ("a price of 1e-320", row("2024-01-08 06:00,1.07,1.08,1e-320,1.07,1")),
        ("an open that is NaN", row("2024-01-08 06:00,NaN,1.08,1.06,1.07,1")),
        ("a high of inf", row("2024-01-08 06:00,1.07,inf,1.06,1.07,1")),
        ("a low of -inf", row("2024-01-08 06:00,1.07,1.08,-inf,1.07,1")),
        ("a close that is missing", row("2024-01-08 06:00,1.07,1.08,1.06,,1")),
        ("a high below the low", row("2024-01-08 06:00,1.07,1.05,1.06,1.07,1")),
        ("a close above the high", row("2024-01-08 06:00,1.07,1.08,1.06,1.09,1")),
        ("a time that is missing", row(",1.07,1.08,1.06,1.07,1")),
        ("a day that is none", row("2024-02-31,1.07,1.08,1.06,1.07,1")),
        ("a time before all markets", row("1066-10-14,1.07,1.08,1.06,1.07,1")),
        ("a time in units too small", row("1704693600000000000000,1.07,1.08,1.06,1.07,1")),
        (
            "a number that is a time twenty years before",
            row("1073741824000000,1.07,1.08,1.06,1.07,1"),
        ),
        ("a decimal comma", row("2024-01-08 06:00,1.07,\"1,08\",1.06,1.07,1")),
        ("a thousands separator", row("2024-01-08 06:00,1.07,\"1_000.0\",1.06,1.07,1")),
        ("a word for a price", row("2024-01-08 06:00,1.07,n/a,1.06,1.07,1")),
        ("a word for a volume", row("2024-01-08 06:00,1.07,1.08,1.06,1.07,much")),
        ("a volume of inf", row("2024-01-08 06:00,1.07,1.08,1.06,1.07,inf")),
        ("a volume of -1", row("2024-01-08 06:00,1.07,1.08,1.06,1.07,-1")),
        ("a volume of NaN", row("2024-01-08 06:00,1.07,1.08,1.06,1.07,NaN")),
        ("a volume that is missing", row("2024-01-08 06:00,1.07,1.08,1.06,1.07,")),
        ("a very long word", row(&format!("2024-01-08 06:00,{},1,1,1,1", "x".repeat(10_000)))),
        ("a control character", row("2024-01-08 06:00,1.0\u{7}7,1.08,1.06,1.07,1")),
        ("too few cells", row("2024-01-08 06:00,1.07,1.08")),
        ("too many cells", row("2024-01-08 06:00,1.07,1.08,1.06,1.07,1,,,")),
        ("a quote that is not closed", row("2024-01-08 06:00,\"1.07,1.08,1.06,1.07,1")),
        ("a last cell's quote that is not closed", row("2024-01-08 06:00,1.07,1.08,1.06,1.07,\"1")),
        ("bytes that are no text", [HEADER.as_bytes(), b"2024-01-08,1,2,\xFF\xFE,1,1\n"].concat()),
        ("a header that is no text", b"time,\xFF\xFE\n".to_vec()),
        ("text in sixteen bits", "time,open".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("zero bytes", vec![0; 4_096]),
        ("a Parquet file", fs::read(EXAMPLE).unwrap()),
        (
            "semicolons and decimal commas",
            b"time;open;high;low;close\n2024-01-08;1,07;1,07;1,07;1,07\n".to_vec(),
        ),
        (
            "a column missing",
            with_row(1, "2024-01-08 00:00,1.07,1.07,1.07,1.07,1").replacen("low", "lwo", 1).into(),
        ),
        ("a column twice", b"time,open,high,low,close,close\n2024-01-08,1,1,1,1,2\n".to_vec()),
    ]
}

/// A good file in the letters that other programs write.
fn other_programs() -> Vec<(&'static str, Vec<u8>)> {
    let good = with_row(1, "2024-01-08 00:00,1.07,1.07,1.07,1.07,1");
    let separated = |by: &str| good.replace(',', by).into_bytes();
    vec![
        ("a mark of the byte order", [b"\xEF\xBB\xBF".as_slice(), good.as_bytes()].concat()),
        ("lines that end in CR LF", good.replace('\n', "\r\n").into()),
        ("lines that end in CR alone", good.replace('\n', "\r").into()),
        ("semicolons between the cells", separated(";")),
        ("tabs between the cells", separated("\t")),
        ("bars between the cells", separated("|")),
        ("spaces between the cells", separated(" ")),
        (
            "a column more than is known",
            good.replace('\n', ",7\n").replacen(",7", ",mood", 1).into(),
        ),
        ("names in capital letters", good.replacen(HEADER, &HEADER.to_uppercase(), 1).into()),
        (
            "spaces around the names",
            good.replacen(HEADER.trim_end(), &HEADER.trim_end().replace(',', " , "), 1).into(),
        ),
        ("an empty line at the end", format!("{good}\n\n").into()),
        (
            "an empty line in the middle",
            good.replacen("2024-01-08 06", "\n2024-01-08 06", 1).into(),
        ),
        ("a remark before the header", format!("# by hand\n{good}").into()),
        ("only empty lines", b"\n\n\n".to_vec()),
        ("a time in the far future", with_row(7, "2924-01-08 06:00,1.07,1.07,1.07,1.07,1").into()),
        (
            "a time without a zone among some with one",
            with_row(7, "2024-01-08T06:00:00Z,1.07,1.07,1.07,1.07,1").into(),
        ),
        (
            "a price of sixty digits",
            with_row(7, &format!("2024-01-08 06:00,1.07,1.08,1.06,1.07{},1", "1".repeat(58)))
                .into(),
        ),
    ]
}

type Columns = Vec<(&'static str, ArrayRef)>;

/// A file of a hundred quiet hours.
fn hundred(edit: impl Fn(&mut Columns)) -> Vec<u8> {
    let close: Vec<f64> = (0..100).map(|hour| 1.07 + f64::from(hour % 3) / 1e4).collect();
    let column = |by: f64| -> ArrayRef {
        Arc::new(Float64Array::from(close.iter().map(|close| close + by).collect::<Vec<_>>()))
    };
    let times: Vec<i64> = (0..100).map(|hour| 1_704_672_000 + 3_600 * hour).collect();
    let time: ArrayRef = Arc::new(TimestampSecondArray::from(times));
    let mut columns = vec![
        ("time", time),
        ("open", column(0.0)),
        ("high", column(0.001)),
        ("low", column(-0.001)),
        ("close", column(0.0)),
    ];
    edit(&mut columns);
    parquet(columns)
}

/// The same file with what it says of itself changed.
fn claiming(file: &[u8], rows: i64, rows_of_group: i64) -> Vec<u8> {
    let mut reader = ParquetMetaDataReader::new();
    let bytes = bytes::Bytes::from(file.to_vec());
    reader.try_parse(&bytes).unwrap();
    let metadata: ParquetMetaData = reader.finish().unwrap();
    let about = metadata.file_metadata();
    let claim = FileMetaData::new(
        about.version(),
        rows,
        about.created_by().map(str::to_owned),
        about.key_value_metadata().cloned(),
        about.schema_descr_ptr(),
        None,
    );
    let groups: Vec<RowGroupMetaData> = metadata
        .row_groups()
        .iter()
        .map(|group| group.clone().into_builder().set_num_rows(rows_of_group).build().unwrap())
        .collect();
    // Data first, then what is said of them.
    let footer = usize::try_from(u32::from_le_bytes(
        file[file.len() - 8..file.len() - 4].try_into().unwrap(),
    ))
    .unwrap();
    let mut changed = file[..file.len() - 8 - footer].to_vec();
    let metadata = ParquetMetaData::new(claim, groups);
    ParquetMetaDataWriter::new(&mut changed, &metadata).finish().unwrap();
    changed
}

fn cut(columns: &mut Columns, rows: usize) {
    for (_, column) in columns {
        *column = column.slice(0, rows);
    }
}

fn parquet_cases() -> Vec<(&'static str, Vec<u8>)> {
    let whole = fs::read(EXAMPLE).unwrap();
    let mut torn = whole.clone();
    torn[4..4_000].fill(0xFF);
    let good = hundred(|_| {});
    let prices = |values: Vec<f64>| -> ArrayRef { Arc::new(Float64Array::from(values)) };
    let one_price = move |row: usize, price: f64| {
        hundred(move |columns| {
            let mut values: Vec<f64> =
                (0..100).map(|hour| 1.07 + f64::from(hour % 3) / 1e4).collect();
            values[row] = price;
            columns[4].1 = prices(values);
        })
    };
    vec![
        ("an empty file", Vec::new()),
        ("a good file", good.clone()),
        ("text", HEADER.into()),
        ("cut in half", whole[..whole.len() / 2].to_vec()),
        ("without its last byte", whole[..whole.len() - 1].to_vec()),
        ("only its end", whole[whole.len() / 2..].to_vec()),
        ("torn in the middle", torn),
        ("a thousand million rows declared", claiming(&good, 1_000_000_000, 1_000_000_000)),
        ("a thousand million rows in a group", claiming(&good, 100, 1_000_000_000)),
        ("fewer rows declared than there are", claiming(&good, 1, 1)),
        ("no rows", hundred(|columns| cut(columns, 0))),
        ("one row", hundred(|columns| cut(columns, 1))),
        ("a close of NaN", one_price(6, f64::NAN)),
        ("a close of inf", one_price(6, f64::INFINITY)),
        ("a close of -1", one_price(6, -1.0)),
        ("a close of 1e300", one_price(6, 1e300)),
    ]
}

/// Columns of other types than they should be.
fn type_cases() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "texts for prices",
            hundred(|columns| {
                columns[1].1 = Arc::new(StringArray::from(vec!["1.07"; 100]));
            }),
        ),
        (
            "truths for prices",
            hundred(|columns| {
                columns[2].1 = Arc::new(BooleanArray::from(vec![true; 100]));
            }),
        ),
        ("prices for times", hundred(|columns| columns[0].1 = columns[4].1.clone())),
        (
            "a time that is null",
            hundred(|columns| {
                let mut times: Vec<Option<i64>> =
                    (0..100).map(|hour| Some(1_704_672_000 + 3_600 * hour)).collect();
                times[41] = None;
                columns[0].1 = Arc::new(TimestampSecondArray::from(times));
            }),
        ),
        (
            "times beyond the calendar",
            hundred(|columns| {
                columns[0].1 = Arc::new(TimestampSecondArray::from(vec![i64::MAX; 100]));
            }),
        ),
        (
            "words for times",
            hundred(|columns| {
                columns[0].1 = Arc::new(StringArray::from(vec!["yesterday"; 100]));
            }),
        ),
        ("no column of closes", hundred(|columns| drop(columns.pop()))),
        (
            "numbers for symbols",
            hundred(|columns| {
                columns.push(("symbol", Arc::new(Int64Array::from(vec![1; 100])) as ArrayRef));
            }),
        ),
    ]
}

#[test]
fn every_bad_file_gets_a_sentence() {
    let mut page = String::new();
    for (kind, cases) in [
        ("csv", csv_cases()),
        ("csv", other_programs()),
        ("parquet", parquet_cases()),
        ("parquet", type_cases()),
    ] {
        for (what, content) in cases {
            writeln!(page, "{kind}, {what}\n  {}", verdict(&format!("a.{kind}"), &content))
                .unwrap();
        }
    }
    expect_file!["bad.txt"].assert_eq(&page);
}

#[test]
fn a_file_cut_anywhere_or_with_any_byte_changed_panics_nowhere() {
    let good = hundred(|_| {});
    let names = ColumnNames::standard();
    let mut read = 0;
    for end in (0..good.len()).step_by(41) {
        assert!(super::read("a.parquet", &good[..end], &names).is_err(), "cut at {end}");
    }
    for place in (0..good.len()).step_by(11) {
        for bits in [0x80, 0xFF] {
            let mut changed = good.clone();
            changed[place] ^= bits;
            // Whatever it says: it says it.
            read += usize::from(super::read("a.parquet", &changed, &names).is_ok());
        }
    }
    let text = with_row(1, "2024-01-08 00:00,1.07,1.07,1.07,1.07,1").into_bytes();
    for place in (0..text.len()).step_by(97) {
        for byte in *b"\"\n,\0\xFF-e" {
            let mut changed = text.clone();
            changed[place] = byte;
            read += usize::from(super::read("a.csv", &changed, &names).is_ok());
        }
    }
    // A price that was changed into another price cannot be seen; the snapshot's digest is for that.
    assert!(read > 0);
}
