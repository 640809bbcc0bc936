//! What the server can do, and what it asks of the editor.

use crate::complete::Insert;
use crate::tokens::legend;
use crate::url::Addresses;
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions,
    CompletionOptions, FoldingRangeProviderCapability, HoverProviderCapability, InitializeParams,
    OneOf, RenameOptions, SaveOptions, SemanticTokensFullOptions, SemanticTokensOptions,
    ServerCapabilities, SignatureHelpOptions, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, WorkDoneProgressOptions,
};

/// What the editor can do, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    pub(super) insert: Insert,
    pub(super) addresses: Addresses,
    /// Whether it can be asked to watch files.
    pub(super) watches: bool,
}

impl Client {
    /// An editor that can do nothing special.
    pub(super) const PLAIN: Self =
        Self { insert: Insert::Plain, addresses: Addresses::Files, watches: false };

    /// What an editor says of itself. `initializationOptions.libraryDocuments` says that it asks
    /// for the library's texts by `suho/libraryText`.
    pub(super) fn of(params: &InitializeParams) -> Self {
        let snippets = params
            .capabilities
            .text_document
            .as_ref()
            .and_then(|document| document.completion.as_ref()?.completion_item.as_ref())
            .and_then(|item| item.snippet_support);
        let watches = params
            .capabilities
            .workspace
            .as_ref()
            .and_then(|workspace| workspace.did_change_watched_files.as_ref())
            .and_then(|watched| watched.dynamic_registration);
        let options = params.initialization_options.as_ref();
        let library = options.and_then(|options| options.get("libraryDocuments")?.as_bool());
        Self {
            insert: if snippets == Some(true) { Insert::Snippet } else { Insert::Plain },
            addresses: if library == Some(true) { Addresses::Virtual } else { Addresses::Files },
            watches: watches == Some(true),
        }
    }
}

/// What the server can do.
pub(super) fn capabilities() -> ServerCapabilities {
    let progress = WorkDoneProgressOptions::default;
    let characters = |text: &str| Some(text.chars().map(String::from).collect());
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(SaveOptions::default().into()),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: characters(".\"/=@"),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: characters("(,"),
            retrigger_characters: characters(":"),
            work_done_progress_options: progress(),
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::SOURCE_FIX_ALL]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: progress(),
        })),
        semantic_tokens_provider: Some(
            SemanticTokensOptions {
                legend: legend(),
                full: Some(SemanticTokensFullOptions::Bool(true)),
                ..SemanticTokensOptions::default()
            }
            .into(),
        ),
        ..ServerCapabilities::default()
    }
}
