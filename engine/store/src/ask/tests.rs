//! An SQLite file that is asked, and what is no question.

use super::*;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

const BOUNDS: Bounds = Bounds { rows_max: 3, time_max: Duration::from_mins(1) };

/// A file with a few rows.
fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.db");
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut conn = options.connect().await.unwrap();
        let sql = "CREATE TABLE bars (ts INTEGER, close REAL, note TEXT); \
                   INSERT INTO bars VALUES (1, 1.5, 'a'), (2, NULL, 'b'), (3, 2.5, NULL), \
                   (4, 1.0, 'd'), (5, 1.0, 'e')";
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    });
    (folder, path)
}

fn refusal(sql: &str) -> String {
    let (_folder, path) = file();
    let error = ask(Asked::Sqlite(&path), sql, BOUNDS).unwrap_err();
    suho_domain::fault::chain(&error)
}

#[test]
fn an_answer_has_columns_rows_and_one_more_than_may_be() {
    let (_folder, path) = file();
    let sql = "SELECT ts AS time, close, note FROM bars ORDER BY ts; -- all";
    let answer = ask(Asked::Sqlite(&path), &sql.replace("; -- all", " -- all"), BOUNDS).unwrap();
    assert_eq!(answer.columns, ["time", "close", "note"]);
    assert_eq!(answer.rows.len(), 4);
    let text = |text: &str| Cell::Text(text.to_owned());
    assert_eq!(answer.rows[0], [Cell::Integer(1), Cell::Number(1.5), text("a")]);
    assert_eq!(answer.rows[1], [Cell::Integer(2), Cell::Null, text("b")]);
    assert_eq!(answer.rows[2], [Cell::Integer(3), Cell::Number(2.5), Cell::Null]);
}

#[test]
fn only_one_select_is_a_question() {
    for (sql, said) in [
        ("DROP TABLE bars", "it begins with SELECT or WITH"),
        ("SELECT 1; DROP TABLE bars", "another statement follows the `;`"),
        ("SELECT 1) ; DROP TABLE bars ; SELECT (1", "a bracket in it is closed and never opened"),
        ("SELECT (1", "a bracket in it is never closed"),
        ("SELECT 'it", "a quote in it is never closed"),
        ("SELECT 1 /* '*/", "comments are written with `--`"),
        ("SELECT $a$;$a$", "a text is quoted with `'`, not with `$`"),
        ("SELECT E'\\'' || \\", "a quote in it is never closed"),
    ] {
        assert_eq!(refusal(sql), format!("a query is one SELECT: {said}"), "{sql}");
    }
    assert!(refusal("SELECT x FROM bars").contains("no such column: x"));
    assert!(refusal("SELECT ';)' FROM nowhere").contains("no such table: nowhere"));
}

#[test]
fn nothing_can_be_written() {
    let (_folder, path) = file();
    let before = std::fs::read(&path).unwrap();
    for sql in
        ["WITH x AS (DELETE FROM bars RETURNING 1) SELECT * FROM x", "SELECT writefile('a', 'b')"]
    {
        ask(Asked::Sqlite(&path), sql, BOUNDS).unwrap_err();
    }
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn a_question_without_end_is_ended() {
    let (_folder, path) = file();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                   SELECT count(*) FROM n";
    let bounds = Bounds { time_max: Duration::ZERO, ..BOUNDS };
    let error = ask(Asked::Sqlite(&path), endless, bounds).unwrap_err();
    assert!(matches!(error, AskError::Slow(_)), "{error:?}");
    assert_eq!(error.fault(), Fault::World);
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let error = ask(Asked::Sqlite(&path), "SELECT 1", BOUNDS).unwrap_err();
    assert_eq!(error.fault(), Fault::User);
    assert!(!path.exists());
}

#[test]
fn a_password_is_in_no_error() {
    let url = "postgres://me:hush@127.0.0.1:1/bars?sslmode=nonsense";
    let error = ask(Asked::Postgres(url), "SELECT 1", BOUNDS).unwrap_err();
    let said =
        format!("{} {error:?} {:?}", suho_domain::fault::chain(&error), Asked::Postgres(url));
    assert!(!said.contains("hush"), "{said}");
}
