//! A store in memory that speaks as much of S3 as is asked for, and stores that misbehave.
//!
//! The same questions are asked of a real store by `tests/services/s3.sh`.

use super::*;
use crate::access::{Key, Patience};
use crate::{ArtifactPath, Artifacts, Put};
use expect_test::expect;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use suho_domain::{Fault, fault};

/// The objects of the bucket `bars` by name.
type Objects = BTreeMap<String, Vec<u8>>;

/// One question, as far as a store looks at it.
struct Asked {
    method: String,
    /// Of the bucket and below, percent signs resolved.
    path: String,
    query: BTreeMap<String, String>,
    is_signed: bool,
    is_first_only: bool,
    body: Vec<u8>,
}

/// Where a store answers that holds `objects`.
fn store(objects: Objects) -> String {
    let mut objects = objects;
    serve(move |asked| answer(&mut objects, asked))
}

/// Where whatever answers with `answer` does; as long as the tests run.
fn serve(mut answer: impl FnMut(&Asked) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // One question a connection, so that a cut answer is seen as cut.
            if let Some(asked) = question(&mut stream) {
                // Whoever asked may be gone.
                drop(stream.write_all(&answer(&asked)));
            }
        }
    });
    url
}

fn question(stream: &mut TcpStream) -> Option<Asked> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    let mut line = head.lines().next().unwrap().split(' ');
    let (method, target) = (line.next().unwrap(), line.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key.to_owned(), plain(value))
    };
    Some(Asked {
        method: method.to_owned(),
        path: plain(path),
        query: query.split('&').map(pair).collect(),
        is_signed: header("authorization").is_some_and(|it| it.contains("Credential=reader/")),
        is_first_only: header("if-none-match").is_some_and(|it| it == "*"),
        body,
    })
}

fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nETag: \"1\"\r\n\
         Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn error(status: &str, code: &str, message: &str) -> Vec<u8> {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    http(status, body.as_bytes())
}

fn answer(objects: &mut Objects, asked: &Asked) -> Vec<u8> {
    if !asked.is_signed {
        return error("403 Forbidden", "InvalidAccessKeyId", "The key does not exist.");
    }
    let Some(name) = asked.path.strip_prefix("/bars") else {
        return error("404 Not Found", "NoSuchBucket", "The bucket does not exist.");
    };
    let name = name.trim_start_matches('/');
    match asked.method.as_str() {
        "GET" if asked.query.contains_key("list-type") => http("200 OK", &listing(objects, asked)),
        "GET" => match objects.get(name) {
            Some(bytes) => http("200 OK", bytes),
            None => error("404 Not Found", "NoSuchKey", "The key does not exist."),
        },
        "PUT" if asked.is_first_only && objects.contains_key(name) => {
            error("412 Precondition Failed", "PreconditionFailed", "It is there.")
        }
        "PUT" => {
            objects.insert(name.to_owned(), asked.body.clone());
            http("200 OK", b"")
        }
        "DELETE" => {
            objects.remove(name);
            http("204 No Content", b"")
        }
        other => panic!("a store is not asked to {other}"),
    }
}

/// Two names a page, so that more than one page is asked for.
fn listing(objects: &Objects, asked: &Asked) -> Vec<u8> {
    const PAGE: usize = 2;
    let none = String::new();
    let of = |name: &str| asked.query.get(name).unwrap_or(&none);
    let (prefix, after) = (of("prefix"), of("continuation-token"));
    let (mut files, mut folders) = (Vec::new(), BTreeSet::new());
    for (name, bytes) in objects {
        let Some(rest) = name.strip_prefix(prefix.as_str()) else { continue };
        match rest.split_once('/') {
            Some((folder, _)) => _ = folders.insert(format!("{prefix}{folder}/")),
            None => files.push((name, bytes.len())),
        }
    }
    let mut xml = String::from("<ListBucketResult>");
    let left: Vec<_> = files.iter().filter(|(name, _)| *name > after).collect();
    for (name, size) in left.iter().take(PAGE) {
        let _ = write!(
            xml,
            "<Contents><Key>{name}</Key><Size>{size}</Size>\
             <LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>1</ETag></Contents>"
        );
    }
    for folder in folders.iter().filter(|_| after.is_empty()) {
        let _ = write!(xml, "<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>");
    }
    if left.len() > PAGE {
        let (last, _) = left[PAGE - 1];
        let _ = write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>");
    }
    xml.push_str("</ListBucketResult>");
    xml.into_bytes()
}

fn access(endpoint: &str) -> Access {
    let key = Key { id: "reader".into(), secret: "s3cret".into(), session: None };
    let soon = Duration::from_secs(20);
    Access {
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".to_owned(),
        key: Some(key),
        patience: Patience { connect: soon, answer: soon, retries: 1 },
    }
}

fn objects(names: &[&str]) -> Objects {
    names.iter().map(|name| ((*name).to_owned(), name.as_bytes().to_vec())).collect()
}

fn path(text: &str) -> ArtifactPath {
    ArtifactPath::new(text).unwrap()
}

#[test]
fn objects_are_listed_by_the_beginning_of_their_names_and_read() {
    let names = [
        "2023/eurusd.parquet",
        "2024/eurusd.parquet",
        "2024/symbol=EUR%2FUSD/a.parquet",
        "2024/symbol=EUR%2FUSD/b.parquet",
        "2024/symbol=EUR%2FUSD/c.parquet",
        "2024/.hidden.parquet",
        "notes.txt",
    ];
    let bucket = Bucket::open("s3://bars/2024", &access(&store(objects(&names)))).unwrap();
    let listed = |prefix| {
        let mut names = bucket.list(prefix).unwrap();
        names.sort();
        names.join(" ")
    };
    expect!["2023/eurusd.parquet 2024/eurusd.parquet 2024/symbol=EUR%2FUSD/a.parquet 2024/symbol=EUR%2FUSD/b.parquet 2024/symbol=EUR%2FUSD/c.parquet notes.txt"]
        .assert_eq(&listed(""));
    expect!["2024/symbol=EUR%2FUSD/a.parquet 2024/symbol=EUR%2FUSD/b.parquet 2024/symbol=EUR%2FUSD/c.parquet"]
        .assert_eq(&listed("2024/sym"));
    assert_eq!(listed("nothing/"), "");
    let name = "2024/symbol=EUR%2FUSD/b.parquet";
    assert_eq!(bucket.read(name).unwrap(), name.as_bytes());
}

#[test]
fn artifacts_in_a_bucket_are_put_once_too() {
    let access = access(&store(Objects::new()));
    let artifacts = Artifacts::in_bucket("s3://bars/models", &access).unwrap();
    artifacts.probe().unwrap();
    let model = path("platform/m/v1.0.0/config.json");
    assert_eq!(artifacts.put_once(&model, b"one").unwrap(), Put::New);
    assert_eq!(artifacts.put_once(&model, b"one").unwrap(), Put::Same);
    assert_eq!(artifacts.put_once(&model, b"two").unwrap_err().code(), "artifact-conflict");
    assert_eq!(artifacts.get(&model).unwrap(), b"one");
    assert_eq!(artifacts.get(&path("nothing")).unwrap_err().code(), "artifact-missing");
    let listed = artifacts.list(&path("platform")).unwrap();
    assert_eq!(listed.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), [model.as_str()]);
    // The folder in the bucket is no part of an artifact's name.
    let whole = Bucket::open("s3://bars", &access).unwrap().list("models/p").unwrap();
    assert_eq!(whole, ["models/platform/m/v1.0.0/config.json"]);
    artifacts.remove(&model).unwrap();
    artifacts.remove(&model).unwrap();
    assert_eq!(artifacts.list(&path("platform")).unwrap(), []);
}

#[test]
fn a_store_that_puts_twice_is_found_out() {
    let mut objects = Objects::new();
    let careless = serve(move |asked| {
        let asked = Asked {
            method: asked.method.clone(),
            path: asked.path.clone(),
            query: asked.query.clone(),
            body: asked.body.clone(),
            is_first_only: false,
            ..*asked
        };
        answer(&mut objects, &asked)
    });
    let artifacts = Artifacts::in_bucket("s3://bars", &access(&careless)).unwrap();
    assert_eq!(artifacts.probe().unwrap_err().code(), "unconditional-artifact-store");
}

/// What is said when `name` is read at `endpoint`, which is not shown.
fn refused(endpoint: &str, access: &Access, url: &str) -> (String, &'static str, Fault) {
    let read = Bucket::open(url, access).and_then(|bucket| bucket.read("a.parquet"));
    let error = read.unwrap_err();
    let text = fault::chain(&error).replace(endpoint, "ENDPOINT");
    assert!(!text.contains("s3cret"), "{text}");
    (text, error.code(), error.fault())
}

#[test]
fn what_goes_wrong_is_said_with_whose_it_is() {
    let there = store(objects(&["a.parquet"]));
    let mut said = Vec::new();
    let mut say = |endpoint: &str, access: &Access, url: &str| {
        let (text, code, fault) = refused(endpoint, access, url);
        said.push(format!("{fault:?} {code}: {text}"));
    };
    say(&there, &Access { key: None, ..access(&there) }, "s3://bars");
    say(&there, &access(&there), "s3://");
    say(&there, &access(&there), "s3://other/a");
    let stranger = Key { id: "stranger".into(), secret: "s3cret".into(), session: None };
    say(&there, &Access { key: Some(stranger), ..access(&there) }, "s3://bars");
    let empty = store(Objects::new());
    say(&empty, &access(&empty), "s3://bars");
    let elsewhere = serve(|_| {
        b"HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: eu-west-1\r\nContent-Length: 0\r\n\
          Connection: close\r\n\r\n"
            .to_vec()
    });
    say(&elsewhere, &access(&elsewhere), "s3://bars");
    let busy = serve(|_| error("503 Slow Down", "SlowDown", "Reduce your request rate."));
    say(&busy, &access(&busy), "s3://bars");
    let half = serve(|_| {
        let mut whole = http("200 OK", b"half a file of bars");
        whole.truncate(whole.len() - 9);
        whole
    });
    say(&half, &access(&half), "s3://bars");
    let odd = serve(|_| b"SSH-2.0-OpenSSH_9.2\r\n".to_vec());
    say(&odd, &access(&odd), "s3://bars");
    expect![[r#"
        User no-key: there is no key for `s3://bars` in the environment
        User not-a-bucket: `s3://` is no bucket: write `s3://BUCKET` or `s3://BUCKET/FOLDER`
        User no-bucket: there is no bucket `s3://other` at `ENDPOINT`
        User store-denied: `s3://bars` does not let the key `stranger` in: The key does not exist.
        User missing-file: there is no object `s3://bars/a.parquet`
        User other-region: `s3://bars` is in the region `eu-west-1`, not `us-east-1`
        World store-refused: `ENDPOINT` refuses what is asked of `s3://bars` with status 503: Reduce your request rate.
        World store-broken-off: `ENDPOINT` broke off its answer for `s3://bars` after 10 bytes
        World not-an-object-store: what answers for `s3://bars` does not speak S3's protocol: protocol: http parse fail: invalid HTTP version"#]].assert_eq(&said.join("\n"));
}

#[test]
fn a_store_that_is_not_there_is_said_to_be_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (text, code, fault) = refused(&gone, &access(&gone), "s3://bars");
    assert!(text.starts_with("cannot reach `ENDPOINT` for `s3://bars`: "), "{text}");
    assert_eq!((code, fault), ("store-unreachable", Fault::World));
}

#[test]
fn a_store_that_does_not_answer_is_not_waited_for_longer_than_said() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let patience = Patience {
        connect: Duration::from_millis(30),
        answer: Duration::from_millis(30),
        retries: 0,
    };
    let access = Access { patience, ..access(&endpoint) };
    let (text, code, fault) = refused(&endpoint, &access, "s3://bars");
    expect!["`ENDPOINT` has not answered for `s3://bars` within 0.03 s"].assert_eq(&text);
    assert_eq!((code, fault), ("store-slow", Fault::World));
}

#[test]
fn what_went_wrong_for_a_moment_is_asked_again() {
    let (mut objects, mut left) = (objects(&["a.parquet"]), 1);
    let moody = serve(move |asked| {
        let is_bad = left > 0;
        left -= i32::from(is_bad);
        if is_bad {
            error("500 Internal Server Error", "InternalError", "Try again.")
        } else {
            answer(&mut objects, asked)
        }
    });
    let bucket = Bucket::open("s3://bars", &access(&moody)).unwrap();
    assert_eq!(bucket.read("a.parquet").unwrap(), "a.parquet");
}

#[test]
fn the_environment_says_who_asks_and_where() {
    let said = BTreeMap::from([
        ("AWS_ACCESS_KEY_ID", "reader"),
        ("AWS_SECRET_ACCESS_KEY", "s3cret"),
        ("AWS_SESSION_TOKEN", ""),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", "http://localhost:9000"),
    ]);
    let access = Access::from(|name| said.get(name).map(ToString::to_string));
    expect![[r#"Access { endpoint: Some("http://localhost:9000"), region: "eu-west-1", key: Some(Key { id: "reader", .. }), patience: Patience { connect: 10s, answer: 600s, retries: 3 } }"#]]
        .assert_eq(&format!("{access:?}"));
    assert_eq!(Access::from(|_| None).key, None);
}
