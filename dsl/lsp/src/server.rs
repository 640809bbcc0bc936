//! The loop: one message after the other, in the order they came; diagnostics when nothing waits.

mod capabilities;
mod requests;

#[cfg(test)]
mod tests;

use crate::diagnose::diagnostics;
use crate::host::Host;
use crate::snapshot::Snapshot;
use crate::state::State;
use capabilities::{Client, capabilities};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    Diagnostic, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern,
    InitializeParams, InitializeResult, MessageType, PublishDiagnosticsParams, Registration,
    RegistrationParams, ServerInfo, Url,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Messages taken off the stream before the first of them is answered: enough to see that a
/// request was cancelled behind it.
const AHEAD_MAX: usize = 1_024;

/// How a conversation ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// By `shutdown`, then `exit`.
    Orderly,
    /// By `exit` alone, or because the stream ended: the protocol asks for exit code 1.
    Abruptly,
}

/// Talks to an editor until it goes away. `version` is what the server says its own is.
pub fn serve(connection: &Connection, host: &dyn Host, version: &str) -> Ended {
    let mut server = Server {
        connection,
        state: State::new(host),
        client: Client::PLAIN,
        phase: Phase::Fresh,
        told: BTreeMap::new(),
        version,
    };
    let mut queue = VecDeque::new();
    while let Ok(first) = connection.receiver.recv() {
        queue.push_back(first);
        loop {
            let room = AHEAD_MAX.saturating_sub(queue.len());
            queue.extend(connection.receiver.try_iter().take(room));
            let Some(message) = queue.pop_front() else { break };
            if let Some(ended) = server.message(message, &queue) {
                return ended;
            }
        }
        server.tell();
    }
    Ended::Abruptly
}

/// How far a conversation has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Before `initialize`.
    Fresh,
    /// Between `initialize` and `shutdown`.
    Running,
    /// After `shutdown`.
    Down,
}

/// Why a request gets no answer.
struct Refusal {
    code: ErrorCode,
    message: String,
}

impl Refusal {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

struct Server<'a> {
    connection: &'a Connection,
    state: State<'a>,
    client: Client,
    phase: Phase,
    /// What is shown in each file, so that it is not shown again and is taken back.
    told: BTreeMap<Url, Vec<Diagnostic>>,
    version: &'a str,
}

impl Server<'_> {
    /// One message; `behind` are those that have come since. Answers when it was the last.
    fn message(&mut self, message: Message, behind: &VecDeque<Message>) -> Option<Ended> {
        match message {
            Message::Request(request) => {
                let id = request.id.clone();
                let answer = if is_cancelled(&id, behind) {
                    Err(Refusal::new(ErrorCode::RequestCanceled, "cancelled by the editor"))
                } else {
                    // What is wrong is shown before anything is said that rests on it.
                    self.tell();
                    self.answer(request)
                };
                self.send(match answer {
                    Ok(result) => Response { id, response_result: Ok(result) },
                    Err(Refusal { code, message }) => Response::new_err(id, code as i32, message),
                });
                None
            }
            Message::Notification(it) if it.method == notification::Exit::METHOD => {
                let is_down = self.phase == Phase::Down;
                Some(if is_down { Ended::Orderly } else { Ended::Abruptly })
            }
            Message::Notification(notification) => {
                self.notice(notification);
                None
            }
            // Nothing that is asked of the editor has an answer that matters.
            Message::Response(_) => None,
        }
    }

    fn send(&self, message: impl Into<Message>) {
        // An editor that went away is seen by the end of its messages.
        let _gone = self.connection.sender.send(message.into());
    }

    fn notify<N: notification::Notification>(&self, params: &N::Params) {
        let params = serde_json::to_value(params).unwrap_or(Value::Null);
        self.send(Notification { method: N::METHOD.to_owned(), params });
    }

    // ---- requests

    fn answer(&mut self, request: Request) -> Result<Value, Refusal> {
        match (self.phase, request.method.as_str()) {
            (Phase::Fresh, request::Initialize::METHOD) => self.initialize(request.params),
            (Phase::Fresh, _) => {
                let message = "the first request must be `initialize`";
                Err(Refusal::new(ErrorCode::ServerNotInitialized, message))
            }
            (Phase::Running, request::Shutdown::METHOD) => {
                self.phase = Phase::Down;
                Ok(Value::Null)
            }
            (Phase::Running, request::Initialize::METHOD) => {
                Err(Refusal::new(ErrorCode::InvalidRequest, "already initialized"))
            }
            (Phase::Running, _) => {
                // One question that trips over a bug of ours must not take the editor's server away.
                let Request { method, params, .. } = request;
                let answered = catch_unwind(AssertUnwindSafe(|| self.about(&method, params)));
                answered.unwrap_or_else(|_| {
                    let message = format!("a bug of suho in `{method}`; please report it");
                    Err(Refusal::new(ErrorCode::InternalError, message))
                })
            }
            (Phase::Down, _) => {
                Err(Refusal::new(ErrorCode::InvalidRequest, "the server is shut down"))
            }
        }
    }

    fn initialize(&mut self, params: Value) -> Result<Value, Refusal> {
        let params: InitializeParams = read(params)?;
        self.client = Client::of(&params);
        self.phase = Phase::Running;
        #[expect(deprecated, reason = "editors without workspace folders name their root so")]
        let root = params.root_uri;
        match params.workspace_folders {
            Some(folders) => folders.iter().for_each(|folder| self.state.folder(&folder.uri)),
            None => root.iter().for_each(|root| self.state.folder(root)),
        }
        let server_info =
            Some(ServerInfo { name: "suho".to_owned(), version: Some(self.version.to_owned()) });
        written(InitializeResult { capabilities: capabilities(), server_info })
    }

    // ---- notifications

    fn notice(&mut self, notification: Notification) {
        if self.phase != Phase::Running {
            return;
        }
        let method = notification.method.clone();
        if let Err(Refusal { message, .. }) = self.take(notification) {
            let message = format!("`{method}`: {message}");
            self.notify::<notification::LogMessage>(&lsp_types::LogMessageParams {
                typ: MessageType::WARNING,
                message,
            });
        }
    }

    fn take(&mut self, notification: Notification) -> Result<(), Refusal> {
        let Notification { method, params } = notification;
        match method.as_str() {
            notification::Initialized::METHOD => self.watch(),
            notification::DidOpenTextDocument::METHOD => {
                let params: lsp_types::DidOpenTextDocumentParams = read(params)?;
                let document = params.text_document;
                self.state.open(&document.uri, document.version, &document.text);
            }
            notification::DidChangeTextDocument::METHOD => {
                let params: lsp_types::DidChangeTextDocumentParams = read(params)?;
                let document = params.text_document;
                self.state.change(&document.uri, document.version, &params.content_changes);
            }
            notification::DidCloseTextDocument::METHOD => {
                let params: lsp_types::DidCloseTextDocumentParams = read(params)?;
                self.state.close(&params.text_document.uri);
            }
            notification::DidSaveTextDocument::METHOD => {
                let params: lsp_types::DidSaveTextDocumentParams = read(params)?;
                self.state.changed_on_disk(&params.text_document.uri);
            }
            notification::DidChangeWatchedFiles::METHOD => {
                let params: lsp_types::DidChangeWatchedFilesParams = read(params)?;
                for change in params.changes {
                    self.state.changed_on_disk(&change.uri);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Asks the editor to tell when `.suho` files change on disk.
    fn watch(&self) {
        if !self.client.watches {
            return;
        }
        let watchers = vec![FileSystemWatcher {
            glob_pattern: GlobPattern::String("**/*.suho".to_owned()),
            kind: None,
        }];
        let options = DidChangeWatchedFilesRegistrationOptions { watchers };
        let registration = Registration {
            id: "suho-files".to_owned(),
            method: notification::DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        let method = request::RegisterCapability::METHOD.to_owned();
        let params = json!(params);
        self.send(Request { id: RequestId::from("suho-files".to_owned()), method, params });
    }

    // ---- diagnostics

    /// Shows what is wrong now, in every file of the projects that changed.
    fn tell(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        let dirty = catch_unwind(AssertUnwindSafe(|| self.state.take_dirty()));
        for snapshot in dirty.unwrap_or_default() {
            self.tell_project(&snapshot);
        }
    }

    fn tell_project(&mut self, snapshot: &Snapshot) {
        let below = |url: &Url| url.to_file_path().is_ok_and(|it| it.starts_with(snapshot.root()));
        let mut gone: Vec<Url> = self.told.keys().filter(|url| below(url)).cloned().collect();
        for (file, source) in snapshot.sources().filter(|(_, source)| !source.is_library()) {
            let Some(uri) = self.client.addresses.of(snapshot, source) else { continue };
            gone.retain(|url| *url != uri);
            self.show(uri, diagnostics(snapshot, file, self.client.addresses));
        }
        for uri in gone {
            self.show(uri, Vec::new());
        }
    }

    /// Shows `found` in a file, unless just that is shown there.
    fn show(&mut self, uri: Url, found: Vec<Diagnostic>) {
        if self.told.get(&uri).map_or(&[][..], Vec::as_slice) == found.as_slice() {
            return;
        }
        let version = uri.to_file_path().ok().and_then(|path| self.state.version(&path));
        if found.is_empty() {
            self.told.remove(&uri);
        } else {
            self.told.insert(uri.clone(), found.clone());
        }
        let params = PublishDiagnosticsParams { uri, diagnostics: found, version };
        self.notify::<notification::PublishDiagnostics>(&params);
    }
}

/// Whether the editor has taken the request `id` back.
fn is_cancelled(id: &RequestId, behind: &VecDeque<Message>) -> bool {
    let cancels = |message: &Message| match message {
        Message::Notification(it) if it.method == notification::Cancel::METHOD => {
            let cancelled = it.params.get("id").cloned().unwrap_or(Value::Null);
            serde_json::from_value::<RequestId>(cancelled).is_ok_and(|it| it == *id)
        }
        _ => false,
    };
    behind.iter().any(cancels)
}

/// Parameters as their type.
fn read<P: DeserializeOwned>(params: Value) -> Result<P, Refusal> {
    serde_json::from_value(params)
        .map_err(|error| Refusal::new(ErrorCode::InvalidParams, error.to_string()))
}

/// An answer as JSON.
fn written(answer: impl serde::Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(answer)
        .map_err(|error| Refusal::new(ErrorCode::InternalError, error.to_string()))
}
