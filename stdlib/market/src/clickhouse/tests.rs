//! Answers of servers, played back: what was asked of them, and what becomes of it.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use ::parquet::arrow::ArrowWriter;
use arrow::array::{ArrayRef, Float64Array, RecordBatch, TimestampMicrosecondArray};
use chrono::TimeDelta;
use expect_test::expect;

use super::*;
use crate::source::{Column, ColumnNames};

/// What a server does once it has read a question.
enum Reply {
    /// Answers this, and closes.
    Close(Vec<u8>),
    /// Answers this, and then nothing for as long as it is listened to.
    Stall(Vec<u8>),
}

/// A server that plays `replies` back, one a connection; ends with the lines it was asked by.
fn played(replies: Vec<Reply>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let answer = |reply| {
            let (mut stream, _) = listener.accept().unwrap();
            let asked = head(&mut stream);
            let (Reply::Close(bytes) | Reply::Stall(bytes)) = &reply;
            stream.write_all(bytes).unwrap();
            if matches!(reply, Reply::Stall(_)) {
                // Until the other side has gone.
                let _gone = stream.read(&mut [0; 16]);
            }
            asked
        };
        replies.into_iter().map(answer).collect()
    });
    (url, server)
}

/// The head of a request, percent signs resolved.
fn head(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.push(byte[0]);
    }
    let mut plain = Vec::new();
    let mut rest = head.as_slice();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => plain.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(&after[..2]).unwrap();
                plain.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &after[2..];
            }
            byte => plain.push(*byte),
        }
    }
    String::from_utf8(plain).unwrap()
}

fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn ok(body: impl AsRef<[u8]>) -> Reply {
    Reply::Close(http("200 OK", "", body.as_ref()))
}

/// In pieces, as ClickHouse sends what it does not know the length of; `end` closes the last.
fn chunked(body: &str, end: &str) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for piece in body.as_bytes().chunks(100) {
        answer.extend(format!("{:x}\r\n", piece.len()).bytes());
        answer.extend(piece);
        answer.extend(b"\r\n");
    }
    answer.extend(end.bytes());
    answer
}

const MICROS: [i64; 3] = [1_704_672_000_000_000, 1_704_675_600_000_000, 1_704_679_200_000_000];

/// Three bars as a server writes them; `time` writes whole numbers its own way.
fn three(time: impl Fn(i64) -> String) -> String {
    let columns = ["suho_time", "suho_open", "suho_high", "suho_low", "suho_close", "suho_volume"];
    let meta: Vec<String> = columns
        .iter()
        .map(|name| {
            let of = if *name == "suho_time" { "Int64" } else { "Float64" };
            format!("{{\"name\": \"{name}\", \"type\": \"{of}\"}}")
        })
        .collect();
    let rows: Vec<String> = MICROS
        .iter()
        .map(|micros| format!("[{}, 1.0716, 1.08, 1.07, 1.075, null]", time(*micros)))
        .collect();
    format!(
        "{{\"meta\": [{}], \"data\": [{}], \"rows\": 3, \"statistics\": {{\"elapsed\": 0.001}}}}",
        meta.join(", "),
        rows.join(", ")
    )
}

fn three_in_parquet() -> Vec<u8> {
    let number = |value: f64| -> ArrayRef { Arc::new(Float64Array::from(vec![value; 3])) };
    let time: ArrayRef =
        Arc::new(TimestampMicrosecondArray::from(MICROS.to_vec()).with_timezone("UTC"));
    let columns = vec![
        ("suho_time", time),
        ("suho_open", number(1.0716)),
        ("suho_high", number(1.08)),
        ("suho_low", number(1.07)),
        ("suho_close", number(1.075)),
        ("suho_volume", number(f64::NAN)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

fn names() -> ColumnNames {
    ColumnNames::standard().with(Column::Time, "ts")
}

fn point_in_time<'a>(symbol: &'a str, tenants: &'a [&'a str]) -> PointInTime<'a> {
    PointInTime {
        table: "market.ohlcv",
        symbol,
        timeframe: "1h",
        tenants,
        from: "2024-01-08T00:00:00Z".parse().unwrap(),
        to: "2024-01-09T00:00:00Z".parse().unwrap(),
        as_of: AsOf { instant: "2024-02-01T00:00:00.5Z".parse().unwrap(), column: "ingested_at" },
        tenant_column: "tenant_id",
        beside: &[Column::Volume],
    }
}

fn table() -> Query<'static> {
    Query::Table(point_in_time("EUR/USD", &["platform", "tenant_001"]))
}

fn impatient(url: &str) -> ClickHouse {
    let patience = Patience { answer: Duration::from_millis(300), ..Patience::standard() };
    ClickHouse { patience, ..ClickHouse::at(url) }
}

fn extract(server: &ClickHouse, query: &Query<'_>) -> Result<Extract, ClickHouseError> {
    let names = names();
    let reading = Reading { symbol: "EUR/USD", timeframe: TimeDelta::hours(1), names: &names };
    server.bars(query, &reading)
}

#[test]
fn old_and_new_servers_give_the_same_bars() {
    let bare = three(|micros| micros.to_string());
    let quoted = three(|micros| format!("\"{micros}\""));
    let new = || ok("24.8.4.13\n");
    let unknown = b"Code: 73. DB::Exception: Unknown format Parquet. (UNKNOWN_FORMAT)";
    let answers = [
        (vec![ok("18.16.1\n"), ok(&quoted)], WireFormat::JsonCompact),
        (
            vec![ok("18.16.1\n"), Reply::Close(chunked(&quoted, "0\r\n\r\n"))],
            WireFormat::JsonCompact,
        ),
        (vec![ok("19.17.4.11\n"), ok(&bare)], WireFormat::JsonCompact),
        (vec![new(), ok(three_in_parquet())], WireFormat::Parquet),
        (
            vec![new(), Reply::Close(http("404 Not Found", "", unknown)), ok(&bare)],
            WireFormat::JsonCompact,
        ),
    ];
    let mut first: Option<Bars> = None;
    for (replies, format) in answers {
        let (url, server) = played(replies);
        let extract = extract(&impatient(&url), &table()).unwrap();
        server.join().unwrap();
        assert_eq!(extract.format, format);
        assert_eq!(extract.bars.time, MICROS);
        assert_eq!(extract.bars.open, [1.0716; 3]);
        assert!(extract.bars.volume.iter().all(|volume| volume.is_nan()));
        let digest = |bars: &Bars| crate::content_digest(bars, &[]);
        assert_eq!(
            digest(first.get_or_insert_with(|| extract.bars.clone())),
            digest(&extract.bars)
        );
    }
}

#[test]
fn values_are_bound_where_the_server_knows_how() {
    let nasty = "EUR'/USD\\\n{x:String}";
    let tenants = ["o'hara", "b"];
    let names = names();
    let said = |dialect, format| {
        let query = Query::Table(point_in_time(nasty, &tenants));
        let statement = query.statement(dialect, format, &names).unwrap();
        let bound: Vec<String> = statement
            .parameters
            .iter()
            .map(|of| format!("\n    {} = {}", of.name, of.value))
            .collect();
        format!("{}{}\n", statement.sql, bound.concat())
    };
    let sql = Query::Sql { sql: "SELECT * FROM bars -- all; " };
    let written = sql.statement(Dialect::Current, WireFormat::Parquet, &names).unwrap().sql;
    let page = [
        said(Dialect::Current, WireFormat::Parquet),
        said(Dialect::Current, WireFormat::JsonCompact),
        said(Dialect::Old, WireFormat::JsonCompact),
        written,
    ];
    expect![[r#"
        SELECT toDateTime64(`ts`, 6, 'UTC') AS suho_time, argMax(`open`, `ingested_at`) AS suho_open, argMax(`high`, `ingested_at`) AS suho_high, argMax(`low`, `ingested_at`) AS suho_low, argMax(`close`, `ingested_at`) AS suho_close, argMax(`volume`, `ingested_at`) AS suho_volume FROM `market`.`ohlcv` WHERE `symbol` = {symbol:String} AND `timeframe` = {timeframe:String} AND `tenant_id` IN {tenants:Array(String)} AND `ts` >= {from:DateTime64(6, 'UTC')} AND `ts` < {to:DateTime64(6, 'UTC')} AND `ingested_at` <= {as_of:DateTime64(6, 'UTC')} GROUP BY `ts` ORDER BY `ts` LIMIT 50000001
            symbol = EUR'/USD\\\n{x:String}
            timeframe = 1h
            tenants = ['o\'hara','b']
            from = 2024-01-08 00:00:00.000000
            to = 2024-01-09 00:00:00.000000
            as_of = 2024-02-01 00:00:00.500000

        SELECT toUnixTimestamp64Micro(toDateTime64(`ts`, 6, 'UTC')) AS suho_time, argMax(`open`, `ingested_at`) AS suho_open, argMax(`high`, `ingested_at`) AS suho_high, argMax(`low`, `ingested_at`) AS suho_low, argMax(`close`, `ingested_at`) AS suho_close, argMax(`volume`, `ingested_at`) AS suho_volume FROM `market`.`ohlcv` WHERE `symbol` = {symbol:String} AND `timeframe` = {timeframe:String} AND `tenant_id` IN {tenants:Array(String)} AND `ts` >= {from:DateTime64(6, 'UTC')} AND `ts` < {to:DateTime64(6, 'UTC')} AND `ingested_at` <= {as_of:DateTime64(6, 'UTC')} GROUP BY `ts` ORDER BY `ts` LIMIT 50000001
            symbol = EUR'/USD\\\n{x:String}
            timeframe = 1h
            tenants = ['o\'hara','b']
            from = 2024-01-08 00:00:00.000000
            to = 2024-01-09 00:00:00.000000
            as_of = 2024-02-01 00:00:00.500000

        SELECT toInt64(toUnixTimestamp(`ts`)) * 1000000 AS suho_time, argMax(`open`, `ingested_at`) AS suho_open, argMax(`high`, `ingested_at`) AS suho_high, argMax(`low`, `ingested_at`) AS suho_low, argMax(`close`, `ingested_at`) AS suho_close, argMax(`volume`, `ingested_at`) AS suho_volume FROM `market`.`ohlcv` WHERE `symbol` = 'EUR\'/USD\\\n{x:String}' AND `timeframe` = '1h' AND `tenant_id` IN ('o\'hara','b') AND `ts` >= toDateTime(1704672000) AND `ts` < toDateTime(1704758400) AND `ingested_at` <= toDateTime(1706745600) GROUP BY `ts` ORDER BY `ts` LIMIT 50000001

        SELECT *, toDateTime64(`ts`, 6, 'UTC') AS suho_time FROM (
        SELECT * FROM bars -- all
        ) ORDER BY suho_time LIMIT 50000001"#]].assert_eq(&page.join("\n"));
}

#[test]
fn a_server_says_whose_the_rows_are_and_when_the_last_arrived() {
    let body = r#"{"meta": [], "rows": 2, "data": [["acme", "3", "1704706200000000"], ["platform", 21, 1704700000000000]]}"#;
    let (url, server) = played(vec![ok(body)]);
    let point = PointInTime { tenant_column: "owner", ..point_in_time("EUR/USD", &["platform"]) };
    let point = PointInTime { as_of: AsOf { column: "came", ..point.as_of }, ..point };
    let rows = impatient(&url).whose(&point, &names(), "24.8.1").unwrap();
    let row = |tenant: &str, rows, arrived| TenantRows { tenant: tenant.into(), rows, arrived };
    assert_eq!(
        rows,
        [row("acme", 3, 1_704_706_200_000_000), row("platform", 21, 1_704_700_000_000_000)]
    );
    let asked = server.join().unwrap().concat();
    let sql = asked.split("query=").nth(1).unwrap().split("&default_format").next().unwrap();
    expect!["SELECT toString(`owner`) AS suho_tenant, count() AS suho_rows, toUnixTimestamp64Micro(toDateTime64(max(`came`), 6, 'UTC')) AS suho_arrived FROM `market`.`ohlcv` WHERE `symbol` = {symbol:String} AND `timeframe` = {timeframe:String} AND `owner` IN {tenants:Array(String)} AND `ts` >= {from:DateTime64(6, 'UTC')} AND `ts` < {to:DateTime64(6, 'UTC')} AND `came` <= {as_of:DateTime64(6, 'UTC')} GROUP BY suho_tenant ORDER BY suho_tenant LIMIT 1001"].assert_eq(sql);
    for (body, code) in [
        (r#"{"meta": [], "rows": 9, "data": []}"#, "broken-answer"),
        (r#"{"meta": [], "rows": 1, "data": [[1, 2, 3]]}"#, "column-type"),
        ("Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)", "refused-query"),
    ] {
        let (url, _server) = played(vec![ok(body)]);
        let error = impatient(&url).whose(&point, &names(), "24.8.1").unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[test]
fn a_name_that_is_no_name_is_never_sent() {
    for table in ["ohlcv; DROP TABLE x", "a.b.c", "", "a.", "o`x", "1a", "ohlcv FINAL", "тт"] {
        let query = PointInTime { table, ..point_in_time("EUR/USD", &["platform"]) };
        let error = Query::Table(query).statement(Dialect::Current, WireFormat::Parquet, &names());
        assert!(matches!(error, Err(ClickHouseError::Name { .. })), "{table}");
    }
    let query = PointInTime { tenant_column: "1 = 1 OR x", ..point_in_time("EUR/USD", &[]) };
    assert!(
        Query::Table(query).statement(Dialect::Old, WireFormat::JsonCompact, &names()).is_err()
    );
}

#[test]
fn what_is_asked_only_reads_and_hides_the_password() {
    let bare = three(|micros| micros.to_string());
    let (url, server) = played(vec![ok("18.16.1\n"), ok(&bare)]);
    let account = Account { user: "reader".to_owned(), password: "hush".to_owned() };
    let server_of = ClickHouse {
        account: Some(account),
        database: Some("market".to_owned()),
        compression: Compression::Gzip,
        ..impatient(&url)
    };
    assert!(!format!("{server_of:?}").contains("hush"));
    extract(
        &server_of,
        &Query::Sql {
            sql: "SELECT ts, 1 AS suho_open, 1 AS suho_high, 1 AS suho_low, 1 AS suho_close",
        },
    )
    .unwrap_err();
    let asked = server.join().unwrap();
    for request in &asked {
        assert!(request.starts_with("GET /?query=SELECT "), "{request}");
        assert!(
            request.contains(
                "&wait_end_of_query=1&database=market&enable_http_compression=1 HTTP/1.1"
            )
        );
        assert!(
            request.to_lowercase().contains("x-clickhouse-user: reader\r\nx-clickhouse-key: hush")
        );
        assert!(request.contains("gzip"));
    }
    let (url, server) = played(vec![ok("24.1\n"), ok(three_in_parquet())]);
    extract(&impatient(&url), &table()).unwrap();
    let asked = server.join().unwrap().concat();
    assert!(!asked.contains("gzip") && !asked.contains("enable_http_compression"), "{asked}");
    assert!(asked.contains("&param_symbol=EUR/USD&"), "{asked}");
    assert!(asked.contains("&param_tenants=['platform','tenant_001']&"), "{asked}");
}

/// Bytes in the form of gzip, stored as they are.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let length = u16::try_from(bytes.len()).unwrap();
    let mut packed = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(bytes);
    packed.extend((!crc).to_le_bytes());
    packed.extend(u32::from(length).to_le_bytes());
    packed
}

#[test]
fn a_compressed_answer_is_unpacked() {
    let packed = gzip(three(|micros| micros.to_string()).as_bytes());
    let packed = Reply::Close(http("200 OK", "Content-Encoding: gzip\r\n", &packed));
    let (url, server) = played(vec![ok("18.16.1\n"), packed]);
    let server_of = ClickHouse { compression: Compression::Gzip, ..impatient(&url) };
    assert_eq!(extract(&server_of, &table()).unwrap().bars.time, MICROS);
    server.join().unwrap();
}

#[test]
fn a_select_of_ones_own_is_read_by_its_names() {
    let answer = r#"{"meta": [{"name": "ts", "type": "DateTime"}, {"name": "open", "type": "Decimal(18, 5)"},
        {"name": "high", "type": "Nullable(Float64)"}, {"name": "low", "type": "Float32"}, {"name": "close", "type": "UInt64"},
        {"name": "desk", "type": "String"}, {"name": "suho_time", "type": "Int64"}],
        "data": [["2024-01-08 03:00:00", "1.5", 2, 1, "1", "a", "1704672000000000"],
                 ["2024-01-08 04:00:00", 1.5, "inf", 1, "1", "b", 1704675600000000]], "rows": "2"}"#;
    let (url, server) = played(vec![ok("18.16.1\n"), ok(answer)]);
    let bars = extract(&impatient(&url), &Query::Sql { sql: "SELECT 1" }).unwrap().bars;
    server.join().unwrap();
    assert_eq!(
        (bars.time, bars.open, bars.close),
        (MICROS[..2].to_vec(), vec![1.5; 2], vec![1.0; 2])
    );
    assert!(bars.high[1].is_infinite());
}

const TIMEOUT: &str = "Code: 159. DB::Exception: Timeout exceeded: elapsed 5.1 seconds, maximum: \
    5. (TIMEOUT_EXCEEDED) (version 24.8.4.13)\n";

/// A server that says no, or nothing.
fn refusals() -> Vec<(&'static str, Reply)> {
    let of_2018 = "Code: 60, e.displayText() = DB::Exception: Table market.ohlcv doesn't exist., \
        e.what() = DB::Exception\n";
    let password =
        "Code: 516. DB::Exception: reader: Authentication failed. (AUTHENTICATION_FAILED)";
    let code = |code: u32| format!("X-ClickHouse-Exception-Code: {code}\r\n");
    let no = |status: &str, headers: &str, body: &str| {
        Reply::Close(http(status, headers, body.as_bytes()))
    };
    vec![
        ("no such table, in 2018", no("404 Not Found", "", of_2018)),
        ("a timeout, with a status", no("500 Internal Server Error", &code(159), TIMEOUT)),
        ("a code in the header alone", no("200 OK", &code(241), "")),
        ("a wrong password", no("403 Forbidden", "", password)),
        ("a proxy that is overloaded", no("503 Service Unavailable", "", "<html>try later</html>")),
        ("a status without a reason", no("400 Bad Request", "", "")),
        ("another address", no("302 Found", "Location: http://elsewhere/\r\n", "")),
        ("no HTTP", Reply::Close(b"\x00\x01binary protocol\r\n\r\n".to_vec())),
        ("half a head", Reply::Close(b"HTTP/1.1 200 OK\r\nContent-".to_vec())),
        ("nothing at all", Reply::Close(Vec::new())),
        ("silence", Reply::Stall(Vec::new())),
    ]
}

/// A server that breaks off.
fn halves() -> Vec<(&'static str, Reply)> {
    let whole = three(|micros| micros.to_string());
    let half: String = whole.chars().take(whole.len() / 2).collect();
    let reasoned = format!("{half}\n{TIMEOUT}");
    let exception =
        "\"rows\": 3, \"exception\": \"Code: 241. DB::Exception: Memory limit exceeded\"";
    let started = http("200 OK", "", whole.as_bytes())[..300].to_vec();
    vec![
        ("an exception in the middle of an answer", ok(&reasoned)),
        ("an exception in the middle, cut off", Reply::Close(chunked(&reasoned, ""))),
        ("an exception as JSON", ok(whole.replace("\"rows\": 3", exception))),
        ("half a body", Reply::Close(started.clone())),
        ("half a body that is said to be whole", ok(&half)),
        ("half a body in pieces", Reply::Close(chunked(&half, ""))),
        ("a whole body without its last piece", Reply::Close(chunked(&whole, ""))),
        ("silence after half an answer", Reply::Stall(started)),
        ("an empty body", ok("")),
    ]
}

/// A server that answers something else than bars.
fn oddities() -> Vec<(&'static str, Reply)> {
    let whole = three(|micros| micros.to_string());
    let (meta, _) = whole.split_once("\"data\"").unwrap();
    let other = |from: &str, to: &str| ok(whole.replacen(from, to, 1));
    let first = "1704672000000000";
    let of_open = |of: &str| format!("\"suho_open\", \"type\": \"{of}\"");
    vec![
        ("fewer rows than it counts", other("\"rows\": 3", "\"rows\": 4")),
        ("no count of rows", other("\"rows\": 3", "\"lines\": 3")),
        ("no rows", ok(format!("{meta}\"data\": [], \"rows\": 0}}"))),
        ("a time that is null", other(first, "null")),
        ("a time in words", other(first, "\"now\"")),
        ("a price in words", other("1.0716", "\"much\"")),
        ("a price of true", other("1.0716", "true")),
        ("a price in a list", other("1.0716", "[1.0716]")),
        ("a row that ends early", other(", null]", "]")),
        ("a column missing", other("suho_low", "low")),
        ("a column of texts", other(&of_open("Float64"), &of_open("String"))),
    ]
}

#[test]
fn every_failure_of_a_server_gets_a_sentence() {
    let mut page = String::new();
    for (what, reply) in refusals().into_iter().chain(halves()).chain(oddities()) {
        let (url, server) = played(vec![ok("18.16.1\n"), reply]);
        let said = match extract(&impatient(&url), &table()) {
            Ok(extract) => format!("{} bars", extract.bars.len()),
            Err(error) => {
                let chain = suho_domain::fault::chain(&error).replace(&url, "URL");
                format!("{:?} {}: {chain}", error.fault(), error.code())
            }
        };
        server.join().unwrap();
        writeln!(page, "{what}\n  {said}").unwrap();
    }
    expect_test::expect_file!["failures.txt"].assert_eq(&page);
}

#[test]
fn types_are_looked_at_only_when_asked() {
    let texts = three(|micros| micros.to_string())
        .replacen("\"suho_open\", \"type\": \"Float64\"", "\"suho_open\", \"type\": \"String\"", 1)
        .replace("1.0716", "\"1.0716\"");
    let (url, server) = played(vec![ok("18.16.1\n"), ok(&texts)]);
    let server_of = ClickHouse { validation: Validation::Off, ..impatient(&url) };
    assert_eq!(extract(&server_of, &table()).unwrap().bars.open, [1.0716; 3]);
    server.join().unwrap();
}

#[test]
fn an_address_without_a_server_says_so() {
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = impatient(&format!("http://{address}")).version().unwrap_err();
    assert_eq!((error.code(), error.fault()), ("unreachable-server", Fault::World));
    for url in ["", "clickhouse", "http://", "ftp://a:1", "http://a b"] {
        let error = impatient(url).version().unwrap_err();
        assert_eq!((error.code(), error.fault()), ("bad-url", Fault::User), "{url}: {error:?}");
    }
    let (url, server) = played(vec![ok("<html>It works!</html>")]);
    let error = impatient(&url).version().unwrap_err();
    server.join().unwrap();
    assert_eq!(error.code(), "not-clickhouse");
}
