//! The language server: what an editor asks, answered from the same analysis as `suho check`.
//!
//! A [`Snapshot`] is a project at one moment; everything about it is a pure function of one. Only
//! the loop in [`serve`] knows of time passing, and only [`Host`] of a disk.

mod complete;
mod describe;
mod diagnose;
mod host;
mod hover;
mod index;
mod layout;
mod navigate;
mod outline;
mod server;
mod signature_help;
mod snapshot;
mod state;
mod text;
mod tokens;
mod url;
mod wire;

pub use complete::{Insert, complete};
pub use diagnose::{actions, diagnostics, fix_all};
pub use host::Host;
pub use hover::hover;
pub use layout::formatting;
pub use lsp_server::Connection;
pub use navigate::{Declaration, NoRename, definition, prepare_rename, references, rename};
pub use outline::{document_symbols, folding, lenses, workspace_symbols};
pub use server::{Ended, serve};
pub use signature_help::signature_help;
pub use snapshot::{Snapshot, Source};
pub use text::Text;
pub use tokens::{legend, tokens};
pub use url::{Addresses, LIBRARY_SCHEME};
pub use wire::{Wire, connect};

#[cfg(test)]
mod tests;
