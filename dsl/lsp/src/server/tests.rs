//! A conversation in real messages over a connection in memory.

use super::{Ended, serve};
use crate::tests::{Disk, ROOT, read};
use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::thread::JoinHandle;

/// An editor at the other end.
struct Editor {
    connection: Connection,
    server: JoinHandle<Ended>,
    next: i32,
    /// What is shown in each file: `line:column code`.
    shown: BTreeMap<String, Vec<String>>,
    /// Methods that the server asked or told, diagnostics apart.
    heard: Vec<String>,
}

fn uri(name: &str) -> String {
    format!("file://{ROOT}/{name}")
}

impl Editor {
    /// An editor that has said nothing yet.
    fn silent(disk: Disk) -> Self {
        let (connection, theirs) = Connection::memory();
        let server = std::thread::spawn(move || serve(&theirs, &disk, "1.2.3"));
        Self { connection, server, next: 0, shown: BTreeMap::new(), heard: Vec::new() }
    }

    /// An editor that has the project's folder open.
    fn of(disk: Disk, options: &Value) -> Self {
        let mut editor = Self::silent(disk);
        let folders = json!([{ "uri": format!("file://{ROOT}"), "name": "work" }]);
        let params = json!({ "processId": null, "capabilities": options["capabilities"],
            "initializationOptions": options["options"], "workspaceFolders": folders });
        editor.ask("initialize", params).unwrap();
        editor.tell("initialized", json!({}));
        editor
    }

    fn new() -> Self {
        Self::of(Disk::quickstart(), &json!({ "capabilities": {}, "options": null }))
    }

    fn tell(&self, method: &str, params: Value) {
        let notification = Notification { method: method.to_owned(), params };
        self.connection.sender.send(notification.into()).unwrap();
    }

    fn send(&mut self, method: &str, params: Value) -> RequestId {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request { id: id.clone(), method: method.to_owned(), params };
        self.connection.sender.send(request.into()).unwrap();
        id
    }

    /// What is said until `id` is answered.
    fn wait(&mut self, id: &RequestId) -> Result<Value, (i32, String)> {
        loop {
            match self.connection.receiver.recv().unwrap() {
                Message::Response(Response { id: answered, response_result }) => {
                    assert_eq!(answered, *id);
                    return response_result.map_err(|error| (error.code, error.message));
                }
                Message::Notification(it) if it.method == "textDocument/publishDiagnostics" => {
                    self.show(&it.params);
                }
                Message::Notification(it) => {
                    self.heard.push(format!("{}: {}", it.method, it.params));
                }
                Message::Request(it) => self.heard.push(it.method),
            }
        }
    }

    fn show(&mut self, params: &Value) {
        let name = params["uri"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let line = |found: &Value| {
            let start = &found["range"]["start"];
            format!("{}:{} {}", start["line"], start["character"], found["code"].as_str().unwrap())
        };
        let lines = params["diagnostics"].as_array().unwrap().iter().map(line).collect();
        self.shown.insert(name, lines);
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, (i32, String)> {
        let id = self.send(method, params);
        self.wait(&id)
    }

    /// What is shown once the server has said all that it has to say: before it answers a
    /// question it shows what is wrong.
    fn settle(&mut self) -> BTreeMap<String, Vec<String>> {
        self.ask("workspace/symbol", json!({ "query": "no such name" })).unwrap();
        let shown = self.shown.iter().filter(|(_, lines)| !lines.is_empty());
        shown.map(|(name, lines)| (name.clone(), lines.clone())).collect()
    }

    fn open(&self, name: &str, text: &str) {
        let document =
            json!({ "uri": uri(name), "languageId": "suho", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&self, name: &str, changes: &Value) {
        let document = json!({ "uri": uri(name), "version": 2 });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", params);
    }

    fn end(mut self) -> Ended {
        self.ask("shutdown", Value::Null).unwrap();
        self.tell("exit", Value::Null);
        self.server.join().unwrap()
    }
}

fn at(name: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri(name) },
        "position": { "line": line, "character": character } })
}

/// The line and the UTF-16 column behind the first `what` in a text.
fn behind(text: &str, what: &str) -> (u32, u32) {
    let before = text.get(..text.find(what).unwrap() + what.len()).unwrap();
    let line = before.rsplit('\n').next().unwrap();
    let units = line.encode_utf16().count();
    (u32::try_from(before.matches('\n').count()).unwrap(), u32::try_from(units).unwrap())
}

fn nothing() -> BTreeMap<String, Vec<String>> {
    BTreeMap::new()
}

#[test]
fn a_conversation_begins_and_ends_in_order() {
    let mut editor = Editor::silent(Disk::quickstart());
    let (code, _) = editor.ask("textDocument/hover", at("model.suho", 0, 0)).unwrap_err();
    assert_eq!(code, -32002, "not initialized");
    editor.tell("textDocument/didOpen", json!({}));
    let params = json!({ "processId": null, "capabilities": {} });
    let answer = editor.ask("initialize", params.clone()).unwrap();
    assert_eq!(answer["serverInfo"], json!({ "name": "suho", "version": "1.2.3" }));
    assert_eq!(answer["capabilities"]["textDocumentSync"]["change"], 2, "incremental");
    assert_eq!(editor.ask("initialize", params).unwrap_err().0, -32600);
    assert_eq!(editor.ask("suho/unheardOf", Value::Null).unwrap_err().0, -32601);
    assert_eq!(editor.ask("textDocument/hover", json!([1])).unwrap_err().0, -32602);
    editor.tell("$/setTrace", json!({ "value": "off" }));
    assert_eq!(editor.ask("shutdown", Value::Null).unwrap(), Value::Null);
    let (code, _) = editor.ask("textDocument/hover", at("model.suho", 0, 0)).unwrap_err();
    assert_eq!(code, -32600, "shut down");
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.join().unwrap(), Ended::Orderly);
}

#[test]
fn an_editor_that_just_leaves() {
    let editor = Editor::new();
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.join().unwrap(), Ended::Abruptly);
    let Editor { connection, server, .. } = Editor::new();
    drop(connection);
    assert_eq!(server.join().unwrap(), Ended::Abruptly);
}

#[test]
fn malformed_notifications_are_told_and_passed_over() {
    let mut editor = Editor::new();
    editor.tell("textDocument/didChange", json!({ "textDocument": 7 }));
    editor.tell("textDocument/didOpen", Value::Null);
    // Documents that were never opened, and places far outside.
    editor.change("nowhere.suho", &json!([{ "text": "x" }]));
    let big = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    let range = json!({ "start": big, "end": { "line": 0, "character": 0 } });
    editor.open("here.suho", "edition 2026\n");
    editor.change("here.suho", &json!([{ "range": range, "text": "edition 2026\n" }]));
    assert_eq!(editor.settle(), nothing());
    let logged = editor.heard.iter().filter(|it| it.starts_with("window/logMessage")).count();
    assert_eq!(logged, 2, "{:?}", editor.heard);
    for method in ["hover", "completion", "definition", "signatureHelp", "references"] {
        let mut params = at("here.suho", u32::MAX, u32::MAX);
        params["context"] =
            json!({ "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false });
        editor.ask(&format!("textDocument/{method}"), params).unwrap();
        let mut params = at("nowhere.suho", 0, 0);
        params["context"] =
            json!({ "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false });
        assert_eq!(editor.ask(&format!("textDocument/{method}"), params).unwrap(), Value::Null);
    }
    assert_eq!(editor.end(), Ended::Orderly);
}

#[test]
fn mistakes_are_shown_while_they_are_there() {
    let mut editor = Editor::new();
    assert_eq!(editor.settle(), nothing());
    let text = read("examples/quickstart/pipeline.suho");
    editor.open("pipeline.suho", &text);
    let (line, column) = behind(&text, "epochs ");
    let edit = |from: u32, to: u32, new: &str| {
        let place = |character: u32| json!({ "line": line, "character": character });
        json!([{ "range": { "start": place(from), "end": place(to) }, "text": new }])
    };
    editor.change("pipeline.suho", &edit(column - 2, column - 1, ""));
    let shown = editor.settle();
    assert_eq!(shown["pipeline.suho"], [format!("{line}:4 unknown-attribute")]);
    // The way out, as the editor would type it.
    let range = json!({ "start": { "line": line, "character": 4 }, "end": { "line": line, "character": 4 } });
    let params = json!({ "textDocument": { "uri": uri("pipeline.suho") }, "range": range,
        "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", params).unwrap();
    assert_eq!(actions[0]["title"], "did you mean `epochs`?");
    let edit_text = &actions[0]["edit"]["changes"][uri("pipeline.suho")][0]["newText"];
    assert_eq!(edit_text, "epochs");
    // All that has one way out at once, for who asks for it.
    let whole = json!({ "textDocument": { "uri": uri("pipeline.suho") }, "range": range,
        "context": { "diagnostics": [], "only": ["source.fixAll"] } });
    let actions = editor.ask("textDocument/codeAction", whole).unwrap();
    assert_eq!(actions.as_array().unwrap().len(), 1, "{actions}");
    assert_eq!(actions[0]["kind"], "source.fixAll");
    let edits = &actions[0]["edit"]["changes"][uri("pipeline.suho")];
    assert_eq!(edits[0]["range"]["start"]["line"], line);
    assert!(edits[0]["newText"].as_str().unwrap().trim_start().starts_with("epochs "), "{edits}");
    editor.change("pipeline.suho", &edit(column - 2, column - 2, "s"));
    assert_eq!(editor.settle(), nothing());
    editor.end();
}

#[test]
fn files_that_use_the_one_edited_are_checked_with_it() {
    let mut editor = Editor::new();
    let text = read("examples/quickstart/model.suho");
    editor.open("model.suho", &text);
    let (line, column) = behind(&text, "costs retail");
    let place = |character: u32| json!({ "line": line, "character": character });
    let range = json!({ "start": place(column), "end": place(column) });
    editor.change("model.suho", &json!([{ "range": range, "text": "er" }]));
    let shown = editor.settle();
    assert_eq!(shown.keys().collect::<Vec<_>>(), ["pipeline.suho"]);
    assert!(shown["pipeline.suho"][0].contains("unknown-name"), "{shown:?}");
    // What was never saved is gone when the document is closed.
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri("model.suho") } }));
    assert_eq!(editor.settle(), nothing());
    editor.end();
}

#[test]
fn places_behind_characters_of_two_units() {
    let text = "edition 2026\n\nuse std.ml\n\n/// \u{1F980}é\nfeatures f {\n  columns = [\"close\" /* \u{1F980} */]\n}\n";
    let text = text.replace(" /* \u{1F980} */", "");
    let text = format!("{text}\nlet note = \"\u{1F980}\u{1F980} é\" + nothing\n");
    let mut editor = Editor::new();
    editor.open("here.suho", &text);
    let (line, column) = behind(&text, "+ ");
    assert_eq!(column, 22, "the crabs count twice");
    assert_eq!(editor.settle()["here.suho"], [format!("{line}:{column} unknown-name")]);
    let range = json!({ "start": { "line": line, "character": 12 }, "end": { "line": line, "character": 14 } });
    editor.change("here.suho", &json!([{ "range": range, "text": "" }]));
    assert_eq!(editor.settle()["here.suho"], [format!("{line}:20 unknown-name")]);
    editor.end();
}

#[test]
fn a_request_taken_back_is_not_answered_for_nothing() {
    let disk = Disk::quickstart();
    let (ours, theirs) = Connection::memory();
    let say = |message: Message| ours.sender.send(message).unwrap();
    let request = |id: i32, method: &str, params: Value| {
        say(Request { id: id.into(), method: method.to_owned(), params }.into());
    };
    let notice = |method: &str, params: Value| {
        say(Notification { method: method.to_owned(), params }.into());
    };
    // All of it lies there before the server looks.
    request(1, "initialize", json!({ "processId": null, "capabilities": {} }));
    request(2, "textDocument/hover", at("pipeline.suho", 8, 3));
    request(3, "textDocument/hover", at("pipeline.suho", 8, 3));
    notice("$/cancelRequest", json!({ "id": 2 }));
    notice("$/cancelRequest", json!({ "id": 99 }));
    notice("$/cancelRequest", json!({ "id": null }));
    request(4, "shutdown", Value::Null);
    notice("exit", Value::Null);
    assert_eq!(serve(&theirs, &disk, "1"), Ended::Orderly);
    drop(theirs);
    let answers: Vec<String> = ours
        .receiver
        .iter()
        .filter_map(|message| match message {
            Message::Response(it) => Some(match it.response_result {
                Ok(_) => format!("{}: answered", it.id),
                Err(error) => format!("{}: {}", it.id, error.code),
            }),
            _ => None,
        })
        .collect();
    assert_eq!(answers, ["1: answered", "2: -32800", "3: answered", "4: answered"]);
}

#[test]
fn the_library_can_be_read_by_editors_that_ask_for_it() {
    let options = json!({ "capabilities": {}, "options": { "libraryDocuments": true } });
    let mut editor = Editor::of(Disk::quickstart(), &options);
    let text = read("examples/quickstart/pipeline.suho");
    let (line, column) = behind(&text, "batch_s");
    let place = editor.ask("textDocument/definition", at("pipeline.suho", line, column)).unwrap();
    assert_eq!(place["uri"], "suho-std:/ml.suho");
    let library = editor.ask("suho/libraryText", json!({ "uri": "suho-std:/ml.suho" })).unwrap();
    let row = place["range"]["start"]["line"].as_u64().unwrap();
    let row = library.as_str().unwrap().lines().nth(usize::try_from(row).unwrap()).unwrap();
    assert_eq!(row.trim(), "in batch_size: Int = 32");
    // Only that: nothing of the disk.
    for uri in [uri("model.suho"), "suho-std:/../model.suho".to_owned()] {
        assert_eq!(editor.ask("suho/libraryText", json!({ "uri": uri })).unwrap(), Value::Null);
    }
    editor.end();
    // Others are sent nowhere that they cannot go.
    let mut editor = Editor::new();
    let place = editor.ask("textDocument/definition", at("pipeline.suho", line, column)).unwrap();
    assert_eq!(place, Value::Null);
    editor.end();
}

#[test]
fn editors_that_watch_files_are_asked_to() {
    let watched = json!({ "dynamicRegistration": true });
    let capabilities = json!({ "workspace": { "didChangeWatchedFiles": watched } });
    let options = json!({ "capabilities": capabilities, "options": null });
    let mut editor = Editor::of(Disk::quickstart(), &options);
    editor.settle();
    assert_eq!(editor.heard, ["client/registerCapability"]);
    let change = json!({ "uri": uri("project.suho"), "type": 2 });
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    assert_eq!(editor.settle(), nothing());
    editor.end();
}

#[test]
fn every_question_about_a_document_has_an_answer() {
    let mut editor = Editor::new();
    let text = read("examples/quickstart/pipeline.suho");
    let crooked = text.replace("  calendar = fx\n", "  calendar   =   fx\n");
    editor.open("pipeline.suho", &crooked);
    let document = json!({ "uri": uri("pipeline.suho") });
    let mut ask = |method: &str, more: Value| {
        let mut params = json!({ "textDocument": document });
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        editor.ask(&format!("textDocument/{method}"), params).unwrap()
    };
    let symbols = ask("documentSymbol", json!({}));
    assert_eq!(symbols[0]["name"], "quickstart");
    assert_eq!(symbols[0]["children"].as_array().unwrap().len(), 14);
    let lenses = ask("codeLens", json!({}));
    let titles: Vec<_> = lenses.as_array().unwrap().iter().map(|it| &it["command"]).collect();
    assert_eq!(titles[0]["title"], "plan");
    assert_eq!(titles[1]["command"], "suho.rehearse");
    assert_eq!(titles[1]["arguments"], json!([format!("{ROOT}/pipeline.suho:quickstart")]));
    let edits = ask("formatting", json!({ "options": { "tabSize": 2, "insertSpaces": true } }));
    assert_eq!(edits.as_array().unwrap().len(), 1);
    assert_eq!(edits[0]["newText"], "  calendar = fx\n", "only the line that differs");
    let folds = ask("foldingRange", json!({}));
    assert!(folds.as_array().unwrap().len() > 12);
    let tokens = ask("semanticTokens/full", json!({}));
    assert_eq!(tokens["data"].as_array().unwrap().len() % 5, 0);
    let position = behind(&crooked, "chronological(train: 5, va");
    let position = json!({ "line": position.0, "character": position.1 });
    let help = ask("signatureHelp", json!({ "position": position }));
    assert_eq!(help["activeParameter"], 1);
    let names = editor.ask("workspace/symbol", json!({ "query": "EURdir" })).unwrap();
    assert_eq!(names[0]["name"], "eurusd_direction");
    editor.end();
}
