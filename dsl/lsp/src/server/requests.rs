//! Requests: parameters in, the answer of a pure function out.

use super::{Refusal, Server, read, written};
use crate::navigate::Declaration;
use crate::snapshot::Snapshot;
use crate::{
    actions, complete, definition, document_symbols, fix_all, folding, formatting, hover, lenses,
    prepare_rename, references, rename, signature_help, tokens, workspace_symbols,
};
use lsp_server::ErrorCode;
use lsp_types::request::{self as ask, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionParams, CodeLensParams, CompletionParams, DocumentFormattingParams,
    DocumentSymbolParams, DocumentSymbolResponse, FoldingRangeParams, GotoDefinitionParams,
    HoverParams, PrepareRenameResponse, ReferenceParams, RenameParams, SemanticTokens,
    SemanticTokensParams, SignatureHelpParams, TextDocumentPositionParams, Url,
    WorkspaceSymbolParams,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::rc::Rc;
use suho_check::FileId;

/// The text of a file of the library: what editors that know the scheme `suho-std` ask.
const LIBRARY_TEXT: &str = "suho/libraryText";

#[derive(Deserialize)]
struct LibraryText {
    uri: Url,
}

impl Server<'_> {
    /// Answers a request about documents.
    pub(super) fn about(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        let client = self.client;
        match method {
            ask::Completion::METHOD => {
                let CompletionParams { text_document_position: at, .. } = read(params)?;
                self.at(&at, |snapshot, file| complete(snapshot, file, at.position, client.insert))
            }
            ask::HoverRequest::METHOD => {
                let HoverParams { text_document_position_params: at, .. } = read(params)?;
                self.at(&at, |snapshot, file| hover(snapshot, file, at.position))
            }
            ask::SignatureHelpRequest::METHOD => {
                let SignatureHelpParams { text_document_position_params: at, .. } = read(params)?;
                self.at(&at, |snapshot, file| signature_help(snapshot, file, at.position))
            }
            ask::GotoDefinition::METHOD => {
                let GotoDefinitionParams { text_document_position_params: at, .. } = read(params)?;
                self.at(&at, |snapshot, file| {
                    definition(snapshot, file, at.position, client.addresses)
                })
            }
            ask::References::METHOD => {
                let ReferenceParams { text_document_position: at, context, .. } = read(params)?;
                let with = context.include_declaration;
                let declaration = if with { Declaration::Included } else { Declaration::Left };
                self.at(&at, |snapshot, file| {
                    references(snapshot, file, at.position, declaration, client.addresses)
                })
            }
            ask::PrepareRenameRequest::METHOD => self.prepare_rename(params),
            ask::Rename::METHOD => self.rename(params),
            _ => self.about_files(method, params),
        }
    }

    fn about_files(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        let addresses = self.client.addresses;
        match method {
            ask::DocumentSymbolRequest::METHOD => {
                let DocumentSymbolParams { text_document, .. } = read(params)?;
                self.of(&text_document.uri, |snapshot, file| {
                    DocumentSymbolResponse::Nested(document_symbols(snapshot, file))
                })
            }
            ask::FoldingRangeRequest::METHOD => {
                let FoldingRangeParams { text_document, .. } = read(params)?;
                self.of(&text_document.uri, folding)
            }
            ask::SemanticTokensFullRequest::METHOD => {
                let SemanticTokensParams { text_document, .. } = read(params)?;
                self.of(&text_document.uri, |snapshot, file| SemanticTokens {
                    result_id: None,
                    data: tokens(snapshot, file),
                })
            }
            ask::CodeLensRequest::METHOD => {
                let CodeLensParams { text_document, .. } = read(params)?;
                self.of(&text_document.uri, lenses)
            }
            ask::CodeActionRequest::METHOD => {
                let CodeActionParams { text_document, range, context, .. } = read(params)?;
                // `quickfix` is asked for by its own name or by that of all kinds, the empty one.
                let fixes = |kind: &CodeActionKind| ["", "quickfix"].contains(&kind.as_str());
                let only = context.only;
                let is_wanted = only.as_ref().is_none_or(|only| only.iter().any(fixes));
                // All at once is more work: it is done for who asks for just that.
                let all =
                    |kind: &CodeActionKind| ["source", "source.fixAll"].contains(&kind.as_str());
                let is_all = only.is_some_and(|only| only.iter().any(all));
                self.of(&text_document.uri, |snapshot, file| {
                    let one = is_wanted.then(|| actions(snapshot, file, range, addresses));
                    let all = is_all.then(|| fix_all(snapshot, file, addresses)).flatten();
                    one.into_iter().flatten().chain(all).collect::<Vec<_>>()
                })
            }
            ask::Formatting::METHOD => self.formatting(params),
            ask::WorkspaceSymbolRequest::METHOD => {
                let WorkspaceSymbolParams { query, .. } = read(params)?;
                let snapshots = self.state.snapshots();
                let found =
                    snapshots.iter().flat_map(|it| workspace_symbols(it, &query, addresses));
                written(found.collect::<Vec<_>>())
            }
            LIBRARY_TEXT => {
                let LibraryText { uri } = read(params)?;
                self.of(&uri, |snapshot, file| {
                    let source = snapshot.source(file).filter(|source| source.is_library());
                    source.map(|source| source.text().as_str().to_owned())
                })
            }
            _ => {
                let message = format!("`{method}` is not known here");
                Err(Refusal::new(ErrorCode::MethodNotFound, message))
            }
        }
    }

    fn formatting(&mut self, params: Value) -> Result<Value, Refusal> {
        let DocumentFormattingParams { text_document, .. } = read(params)?;
        let Some((snapshot, file)) = self.file(&text_document.uri) else { return Ok(Value::Null) };
        let Some(source) = snapshot.source(file).filter(|source| !source.is_library()) else {
            return Ok(Value::Null);
        };
        let edits = formatting(source.text());
        written(edits.map_err(|defect| {
            let message = format!("a bug of suho, please report it: {defect}");
            Refusal::new(ErrorCode::RequestFailed, message)
        })?)
    }

    fn prepare_rename(&mut self, params: Value) -> Result<Value, Refusal> {
        let at: TextDocumentPositionParams = read(params)?;
        self.at(&at, |snapshot, file| {
            prepare_rename(snapshot, file, at.position).ok().map(PrepareRenameResponse::Range)
        })
    }

    fn rename(&mut self, params: Value) -> Result<Value, Refusal> {
        let RenameParams { text_document_position: at, new_name, .. } = read(params)?;
        let addresses = self.client.addresses;
        let Some((snapshot, file)) = self.file(&at.text_document.uri) else {
            return Ok(Value::Null);
        };
        let edit = rename(&snapshot, file, at.position, &new_name, addresses);
        written(edit.map_err(|why| Refusal::new(ErrorCode::RequestFailed, why.to_string()))?)
    }

    fn file(&mut self, uri: &Url) -> Option<(Rc<Snapshot>, FileId)> {
        self.state.file(uri)
    }

    /// The answer about a place; null where the file is not known.
    fn at<T: Serialize>(
        &mut self,
        at: &TextDocumentPositionParams,
        answer: impl FnOnce(&Snapshot, FileId) -> T,
    ) -> Result<Value, Refusal> {
        self.of(&at.text_document.uri, answer)
    }

    /// The answer about a file; null where it is not known.
    fn of<T: Serialize>(
        &mut self,
        uri: &Url,
        answer: impl FnOnce(&Snapshot, FileId) -> T,
    ) -> Result<Value, Refusal> {
        match self.file(uri) {
            Some((snapshot, file)) => written(answer(&snapshot, file)),
            None => Ok(Value::Null),
        }
    }
}
