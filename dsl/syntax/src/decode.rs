//! Bytes of a file to a text, or why they are none.

use crate::BYTES_MAX;
use crate::place::line_column;

/// Why bytes are not a text that is read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotText {
    /// More than [`BYTES_MAX`]. Who reads files asks their size first.
    #[error("the file has {} KiB; at most {} KiB are read", .bytes.div_ceil(1024), BYTES_MAX / 1024)]
    TooLarge {
        /// How many there are.
        bytes: u64,
    },
    /// Two bytes a character, as some editors save.
    #[error("the file is UTF-16; save it as UTF-8")]
    Utf16,
    /// A byte that no text has: a picture, an archive, a program.
    #[error("the file is not a text")]
    Binary,
    /// Most likely an old encoding of western languages.
    #[error("byte 0x{byte:02X} at {line}:{column} is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// The byte.
        byte: u8,
        /// Its line, from 1.
        line: usize,
        /// Its column in characters, from 1.
        column: usize,
    },
}

/// The text that `bytes` hold; a byte order mark stays, the parser skips it.
///
/// # Errors
/// When they are too many, or no UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
    if bytes.len() > BYTES_MAX {
        return Err(NotText::TooLarge { bytes: bytes.len() as u64 });
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(NotText::Utf16);
    }
    if bytes.contains(&0) {
        return Err(NotText::Binary);
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let before = bytes.get(..valid).unwrap_or_default();
        let (line, column) = line_column(&String::from_utf8_lossy(before), valid);
        NotText::NotUtf8 { byte: bytes.get(valid).copied().unwrap_or_default(), line, column }
    })
}

#[cfg(test)]
mod tests;
