//! Other symbols, as names of features hold them.

use std::fmt;

/// A symbol in small letters and digits alone: `gbpusd` of `GBP/USD`.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub struct SymbolKey {
    /// Invariant: the first `length` are small letters and digits, and at least one is.
    bytes: [u8; Self::LENGTH_MAX],
    length: usize,
}

impl SymbolKey {
    /// Longer than any symbol that is traded.
    pub const LENGTH_MAX: usize = 24;

    /// The key of `symbol`, however it is written; none where it has no letter or digit, or too many.
    pub fn of(symbol: &str) -> Option<Self> {
        let mut key = Self { bytes: [0; Self::LENGTH_MAX], length: 0 };
        let letters = symbol.bytes().filter(u8::is_ascii_alphanumeric);
        for letter in letters {
            *key.bytes.get_mut(key.length)? = letter.to_ascii_lowercase();
            key.length += 1;
        }
        (key.length > 0).then_some(key)
    }

    /// The key that is written `text`, and no other way.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::of(text).filter(|key| key.as_str() == text)
    }

    /// Its letters and digits.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Debug for SymbolKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SymbolKey({self})")
    }
}

impl fmt::Display for SymbolKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
