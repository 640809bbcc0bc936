//! A server that answers badly.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

/// What a server says to each question after the one about its version.
#[derive(Clone, Copy)]
pub(crate) enum Badly {
    /// An exception, where the answer should be.
    Exception,
    /// Half of what it announces.
    Half,
    /// A page.
    Page,
}

/// The address of a server that listens until the test ends.
pub(crate) fn listen(how: Badly) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut question = Vec::new();
            let mut part = [0; 4096];
            while !question.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = stream.read(&mut part).unwrap();
                question.extend_from_slice(&part[..read]);
            }
            let is_version = String::from_utf8_lossy(&question).contains("version%28%29")
                || String::from_utf8_lossy(&question).contains("version()");
            let exception = "Code: 60. DB::Exception: Table market.ohlcv doesn't exist.\n";
            let (status, length, body) = match how {
                Badly::Page => ("200 OK", 6, "<html>"),
                _ if is_version => ("200 OK", 10, "18.16.1.0\n"),
                Badly::Exception => ("404 Not Found", exception.len(), exception),
                Badly::Half => ("200 OK", 1_000, "{\"meta\": ["),
            };
            // The other side may have gone away.
            let _gone = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    address
}
