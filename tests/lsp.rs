//! The language server as an editor meets it: the binary, and messages over its streams.

use crate::cli::stage::Stage;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// The server, and both ends of what is said.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(stage: &Stage) -> Self {
        let mut child = stage
            .command(&["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output) }
    }

    fn write(&mut self, body: &str) {
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn say(&mut self, message: &Value) {
        self.write(&message.to_string());
    }

    fn ask(&mut self, id: i32, method: &str, params: &Value) {
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.say(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn hear(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the server has gone");
            match line.trim_end().split_once(": ") {
                Some((_, value)) => length = value.parse().unwrap(),
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }
}

#[test]
fn the_language_server_over_its_streams() {
    let stage = Stage::example("quickstart");
    let root = format!("file://{}", stage.path("").display());
    let root = root.trim_end_matches('/');
    let mut server = Server::start(&stage);
    server.ask(
        1,
        "initialize",
        &json!({ "processId": null, "capabilities": {},
        "workspaceFolders": [{ "uri": root, "name": "quickstart" }] }),
    );
    assert_eq!(server.hear()["result"]["serverInfo"]["name"], "suho");
    server.tell("initialized", &json!({}));
    // The text has one letter too many; the disk has not.
    let text = std::fs::read_to_string(stage.path("pipeline.suho")).unwrap();
    let text = text.replace("epochs         = 20", "epochss        = 20");
    let uri = format!("{root}/pipeline.suho");
    server.tell(
        "textDocument/didOpen",
        &json!({ "textDocument":
        { "uri": uri, "languageId": "suho", "version": 1, "text": text } }),
    );
    let shown = server.hear();
    assert_eq!(shown["params"]["uri"], uri);
    assert_eq!(shown["params"]["diagnostics"][0]["code"], "unknown-attribute");
    // What is no message is answered, and the next one is.
    server.write("{ this is no JSON");
    assert_eq!(server.hear()["error"]["code"], -32700);
    server.ask(
        2,
        "textDocument/hover",
        &json!({ "textDocument": { "uri": uri },
        "position": { "line": 18, "character": 6 } }),
    );
    let hover = server.hear();
    assert!(
        hover["result"]["contents"]["value"].as_str().unwrap().contains("source: Source"),
        "{hover}"
    );
    server.ask(3, "shutdown", &Value::Null);
    assert_eq!(server.hear()["id"], 3);
    server.tell("exit", &Value::Null);
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_language_server_whose_editor_dies_ends() {
    let stage = Stage::example("quickstart");
    let Server { mut child, input, output } = Server::start(&stage);
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    drop(output);
}
