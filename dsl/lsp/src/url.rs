//! Files as editors name them.

use crate::snapshot::{Snapshot, Source};
use lsp_types::Url;

/// The scheme of the library's files, which lie in the binary and on no disk.
pub const LIBRARY_SCHEME: &str = "suho-std";

/// How places in the library are named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Addresses {
    /// `suho-std:/ml.suho`: the editor asks the server for such a text by `suho/libraryText`.
    Virtual,
    /// Not at all: the editor could not open them.
    Files,
}

impl Addresses {
    /// The address of a file.
    pub fn of(self, snapshot: &Snapshot, source: &Source) -> Option<Url> {
        if !source.is_library() {
            return Url::from_file_path(snapshot.root().join(source.name())).ok();
        }
        let part = source.name().strip_prefix("std/").unwrap_or_else(|| source.name());
        match self {
            Self::Virtual => Url::parse(&format!("{LIBRARY_SCHEME}:/{part}")).ok(),
            Self::Files => None,
        }
    }
}

/// The name in a snapshot of a library's file by its address: `std/ml.suho`.
pub(crate) fn library_name(url: &Url) -> Option<String> {
    let part = url.path().trim_start_matches('/');
    (url.scheme() == LIBRARY_SCHEME).then(|| format!("std/{part}"))
}
