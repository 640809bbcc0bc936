//! Messages over a stream: framing with bounds. A message that cannot be read is answered and the
//! next one is read; only a stream that ends, or is no such stream at all, ends the conversation.

use crossbeam_channel::{Receiver, Sender, bounded};
use lsp_server::{Connection, Message};
use serde_json::json;
use std::io::{self, BufRead, Read as _, Write};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// The largest message that is read, in bytes: an edit of the largest text, escaped, and then some.
const MESSAGE_BYTES_MAX: u64 = 16 << 20;
/// The longest line of a header.
const HEADER_BYTES_MAX: u64 = 4 << 10;
/// Unreadable messages in a row after which the stream is given up: it holds something else.
const UNREADABLE_MAX: u32 = 16;
/// Messages that wait on either side; with more the other side waits.
const QUEUE_MAX: usize = 1_024;

/// JSON-RPC's code for a message that is no JSON.
const PARSE_ERROR: i32 = -32700;
/// JSON-RPC's code for JSON that is no message.
const INVALID_REQUEST: i32 = -32600;

/// The two threads of a connection.
#[derive(Debug)]
pub struct Wire {
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

impl Wire {
    /// Waits until everything is written. Call it when the connection is dropped.
    ///
    /// The reader is not waited for: it may hang in a read that nothing will end.
    pub fn close(self) {
        drop(self.reader);
        let _panicked = self.writer.join();
    }
}

/// A connection over a stream in and a stream out.
pub fn connect<R, W>(input: R, output: W) -> (Connection, Wire)
where
    R: BufRead + Send + 'static,
    W: Write + Send + 'static,
{
    let output = Arc::new(Mutex::new(output));
    let (to_loop, from_reader) = bounded(QUEUE_MAX);
    let (to_writer, from_loop) = bounded(QUEUE_MAX);
    let answers = Arc::clone(&output);
    let reader = thread::spawn(move || read_all(input, &to_loop, &answers));
    let writer = thread::spawn(move || write_all(&from_loop, &output));
    (Connection { sender: to_writer, receiver: from_reader }, Wire { reader, writer })
}

/// Why a message was not read.
#[derive(Debug)]
enum Unread {
    /// The stream has ended or cannot be read.
    Over,
    /// The message was taken off the stream, but is none.
    Malformed(i32, String),
}

impl From<io::Error> for Unread {
    fn from(_: io::Error) -> Self {
        Self::Over
    }
}

fn read_all<W: Write>(mut input: impl BufRead, to_loop: &Sender<Message>, output: &Mutex<W>) {
    let mut unreadable = 0;
    while unreadable < UNREADABLE_MAX {
        match read(&mut input) {
            Ok(message) => {
                unreadable = 0;
                let is_exit = matches!(&message, Message::Notification(it) if it.method == "exit");
                if to_loop.send(message).is_err() || is_exit {
                    return;
                }
            }
            Err(Unread::Over) => return,
            Err(Unread::Malformed(code, reason)) => {
                unreadable += 1;
                let error = json!({ "code": code, "message": reason });
                let answer = json!({ "jsonrpc": "2.0", "id": null, "error": error });
                if frame(output, &answer.to_string()).is_err() {
                    return;
                }
            }
        }
    }
}

fn write_all<W: Write>(from_loop: &Receiver<Message>, output: &Mutex<W>) {
    for message in from_loop {
        let mut bytes = Vec::new();
        if message.write(&mut bytes).is_err() {
            continue;
        }
        let Ok(mut output) = output.lock() else { return };
        if output.write_all(&bytes).and_then(|()| output.flush()).is_err() {
            return;
        }
    }
}

fn frame<W: Write>(output: &Mutex<W>, body: &str) -> Result<(), Unread> {
    let mut output = output.lock().map_err(|_| Unread::Over)?;
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    Ok(output.flush()?)
}

/// The next message.
fn read(input: &mut impl BufRead) -> Result<Message, Unread> {
    let length = header(input)?;
    if length > MESSAGE_BYTES_MAX {
        // What is too large is taken off the stream all the same, so that the next one is found.
        io::copy(&mut input.take(length), &mut io::sink())?;
        let reason = format!("a message has at most {} MiB", MESSAGE_BYTES_MAX >> 20);
        return Err(Unread::Malformed(INVALID_REQUEST, reason));
    }
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if u64::try_from(body.len()).unwrap_or(u64::MAX) < length {
        return Err(Unread::Over);
    }
    let json: serde_json::Value = serde_json::from_slice(&body)
        .map_err(|error| Unread::Malformed(PARSE_ERROR, format!("no JSON: {error}")))?;
    serde_json::from_value(json).map_err(|_| {
        let reason = "neither a request nor a notification nor a response".to_owned();
        Unread::Malformed(INVALID_REQUEST, reason)
    })
}

/// The length that a header says its message has.
fn header(input: &mut impl BufRead) -> Result<u64, Unread> {
    let malformed = |reason: &str| Unread::Malformed(PARSE_ERROR, reason.to_owned());
    let mut length = None;
    loop {
        let mut line = Vec::new();
        input.take(HEADER_BYTES_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Err(Unread::Over);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            return length.ok_or_else(|| malformed("a header without `Content-Length`"));
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(malformed("a line that is no header"));
        };
        if name.eq_ignore_ascii_case("content-length") {
            let value = value.trim().parse();
            length = Some(value.map_err(|_| malformed("a `Content-Length` that is no number"))?);
        }
    }
}

#[cfg(test)]
mod tests;
