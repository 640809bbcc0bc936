use super::{MESSAGE_BYTES_MAX, UNREADABLE_MAX, connect};
use lsp_server::Message;
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

/// Where answers go, and stay after the writer is gone.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The methods read from `stream`, and what was answered to what is no message.
fn read(stream: Vec<u8>) -> (Vec<String>, String) {
    let sink = Sink::default();
    let (connection, wire) = connect(Cursor::new(stream), sink.clone());
    let methods = connection.receiver.iter().map(|message| match message {
        Message::Request(request) => request.method,
        Message::Notification(notification) => notification.method,
        Message::Response(_) => "response".to_owned(),
    });
    let methods = methods.collect();
    drop(connection);
    wire.close();
    let said = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    (methods, said)
}

#[test]
fn a_message_that_is_none_is_answered_and_the_next_one_is_read() {
    let good = framed(r#"{"jsonrpc":"2.0","id":1,"method":"shutdown"}"#);
    let cases = [
        framed("{"),
        framed("[1, 2]"),
        framed(r#"{"jsonrpc":"2.0"}"#),
        framed("\u{0}"),
        "Content-Type: x\r\n\r\n".to_owned(),
        "Content-Length: many\r\n".to_owned(),
        "nonsense\r\n".to_owned(),
    ];
    for bad in cases {
        let (methods, said) = read(format!("{bad}{good}").into_bytes());
        assert!(methods.contains(&"shutdown".to_owned()), "after {bad:?}: {said}");
        assert!(said.contains(r#""id":null"#), "{bad:?} was not answered: {said}");
    }
}

#[test]
fn a_message_that_is_too_large_is_passed_over_without_being_held() {
    let length = usize::try_from(MESSAGE_BYTES_MAX).unwrap() + 1;
    let mut stream = format!("Content-Length: {length}\r\n\r\n").into_bytes();
    stream.resize(stream.len() + length, b' ');
    stream.extend(framed(r#"{"jsonrpc":"2.0","method":"exit"}"#).into_bytes());
    let (methods, said) = read(stream);
    assert_eq!(methods, ["exit"]);
    assert!(said.contains("at most 16 MiB"), "{said}");
}

#[test]
fn a_stream_of_something_else_is_given_up() {
    let (methods, said) = read("hello\r\n".repeat(1000).into_bytes());
    assert_eq!(methods, [""; 0]);
    assert_eq!(said.matches("Content-Length").count(), UNREADABLE_MAX as usize);
}

#[test]
fn a_stream_that_breaks_off_ends_the_conversation() {
    let (methods, said) = read(b"Content-Length: 100\r\n\r\n{".to_vec());
    assert_eq!((methods.len(), said.as_str()), (0, ""));
}
