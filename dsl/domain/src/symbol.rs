//! What is traded.

use crate::units::Pips;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An instrument, as `EUR/USD`: uppercase letters, digits and one `/` at most.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Symbol(String);

/// A text that is no symbol.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a symbol like `EUR/USD`")]
pub struct NotASymbol(String);

impl Symbol {
    /// The symbol written `text`.
    ///
    /// # Errors
    /// When it is empty, longer than 24 characters or holds another character.
    pub fn new(text: impl Into<String>) -> Result<Self, NotASymbol> {
        let text = text.into();
        let part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.')
        };
        let parts = text.split('/').count();
        let fits = text.len() <= 24 && parts <= 2 && text.split('/').all(part);
        if fits { Ok(Self(text)) } else { Err(NotASymbol(text)) }
    }

    /// The symbol's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is bought and what it is paid in, when this is a pair.
    pub fn pair(&self) -> Option<(&str, &str)> {
        self.0.split_once('/')
    }

    /// The price of one pip: 0.01 where the yen or the forint is the quote and for gold, else
    /// 0.0001 (the market's convention for the pairs we know).
    pub fn pip_size(&self) -> Decimal {
        match self.pair() {
            Some((_, "JPY" | "HUF") | ("XAU", _)) => Decimal::new(1, 2),
            _ => Decimal::new(1, 4),
        }
    }

    /// `pips` in units of this symbol's price.
    pub fn price_of(&self, pips: Pips) -> Decimal {
        pips.number().saturating_mul(self.pip_size())
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Symbol {
    type Error = NotASymbol;
    fn try_from(text: String) -> Result<Self, NotASymbol> {
        Self::new(text)
    }
}

impl std::str::FromStr for Symbol {
    type Err = NotASymbol;
    fn from_str(text: &str) -> Result<Self, NotASymbol> {
        Self::new(text)
    }
}

impl From<Symbol> for String {
    fn from(symbol: Symbol) -> Self {
        symbol.0
    }
}
