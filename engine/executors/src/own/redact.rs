//! Strikes secrets out of what a step writes: as they are, in base64, and as a URL holds them.

use std::fmt::Write as _;

/// What stands where a secret stood.
const STRUCK: &[u8] = b"[secret]";
/// A shorter secret is no secret: it would strike out half of what is said.
const LENGTH_MIN: usize = 4;

/// Strikes secrets out of a stream, whatever pieces it comes in.
#[derive(Clone, Debug, Default)]
pub(super) struct Redactor {
    /// Every form of every secret, the longest first.
    forms: Vec<Vec<u8>>,
    /// What may be the beginning of one.
    held: Vec<u8>,
}

impl Redactor {
    pub(super) fn of<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let long = secrets.filter(|secret| secret.len() >= LENGTH_MIN);
        // A secret of several lines is told line by line by many programs.
        let lines = long.flat_map(|secret| std::iter::once(secret).chain(secret.lines()));
        let lines = lines.filter(|line| line.len() >= LENGTH_MIN);
        let mut forms: Vec<_> = lines.flat_map(forms).collect();
        forms.sort_by_key(|form| (std::cmp::Reverse(form.len()), form.clone()));
        forms.dedup();
        Self { forms, held: Vec::new() }
    }

    /// The next piece, without secrets. What may be the beginning of one is held back.
    pub(super) fn piece(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let longest = self.forms.first().map_or(0, Vec::len);
        let safe = self.held.len().saturating_sub(longest.saturating_sub(1));
        self.strike(safe)
    }

    /// What is still held back, at the end.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        self.strike(self.held.len())
    }

    /// All of `text` without secrets.
    pub(super) fn whole(&self, text: &str) -> String {
        let mut redactor = Self { forms: self.forms.clone(), held: text.as_bytes().to_vec() };
        String::from_utf8_lossy(&redactor.rest()).into_owned()
    }

    /// Lets out what is held, up to `safe`: a secret that begins before it is struck out whole.
    fn strike(&mut self, safe: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(safe);
        let mut at = 0;
        while at < safe {
            let rest = self.held.get(at..).unwrap_or_default();
            if let Some(form) = self.forms.iter().find(|form| rest.starts_with(form)) {
                out.extend_from_slice(STRUCK);
                at = at.saturating_add(form.len());
            } else {
                out.extend(rest.first());
                at = at.saturating_add(1);
            }
        }
        self.held.drain(..at.min(self.held.len()));
        out
    }
}

/// Every form of `secret`.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let mut forms = vec![bytes.to_vec(), url(bytes).into_bytes()];
    // Where a secret stands within what is encoded decides how its letters fall: three ways, of
    // which the first and last letters depend on what stands beside them.
    for skipped in 0..3 {
        let aligned = bytes.get((3 - skipped) % 3..).unwrap_or_default();
        let whole = aligned.len() / 3 * 3;
        let letters = base64(aligned.get(..whole).unwrap_or_default());
        if letters.len() >= LENGTH_MIN * 2 {
            forms.push(letters.replace('+', "-").replace('/', "_").into_bytes());
            forms.push(letters.into_bytes());
        }
    }
    forms
}

/// As a query holds it.
fn url(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut url, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            url.push(char::from(*byte));
        } else {
            let _infallible = write!(url, "%{byte:02X}");
        }
        url
    })
}

/// The letters of `bytes`, whole groups of three alone.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks_exact(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| (bits << 8) | usize::from(*byte));
        for shift in [18, 12, 6, 0] {
            text.extend(LETTERS.get((bits >> shift) & 63).copied().map(char::from));
        }
    }
    text
}

#[cfg(test)]
mod tests;
