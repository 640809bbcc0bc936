//! JSON values as YAML that readers of version 1.1 and 1.2 read alike.
//!
//! A text stands bare only where every reader takes it for a text; all others stand as in JSON, which
//! is YAML too. So `no`, `1.10`, `12:30` and `2024-01-01` stay texts.

use serde_json::{Map, Value as Json};
use std::fmt::Write as _;

/// `value` as a document, with a line's end.
pub(crate) fn document(value: &Json) -> String {
    let mut text = String::new();
    match value {
        Json::Object(fields) if !fields.is_empty() => mapping(&mut text, fields, 0),
        Json::Array(items) if !items.is_empty() => sequence(&mut text, items, 0),
        plain => {
            text.push_str(&scalar(plain));
            text.push('\n');
        }
    }
    text
}

/// One field a line, from column `depth` on; the first stands where the text ends.
fn mapping(text: &mut String, fields: &Map<String, Json>, depth: usize) {
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            indent(text, depth);
        }
        text.push_str(&word(name));
        text.push(':');
        match value {
            Json::Object(inner) if !inner.is_empty() => {
                text.push('\n');
                indent(text, depth.saturating_add(2));
                mapping(text, inner, depth.saturating_add(2));
            }
            Json::Array(items) if !items.is_empty() => {
                text.push('\n');
                indent(text, depth.saturating_add(2));
                sequence(text, items, depth.saturating_add(2));
            }
            plain => {
                let _infallible = writeln!(text, " {}", scalar(plain));
            }
        }
    }
}

/// One item a line, as [`mapping`].
fn sequence(text: &mut String, items: &[Json], depth: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            indent(text, depth);
        }
        text.push_str("- ");
        match item {
            Json::Object(inner) if !inner.is_empty() => {
                mapping(text, inner, depth.saturating_add(2));
            }
            Json::Array(inner) if !inner.is_empty() => {
                sequence(text, inner, depth.saturating_add(2));
            }
            plain => {
                text.push_str(&scalar(plain));
                text.push('\n');
            }
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n(' ', depth));
}

/// What has no parts: empty lists and records among them.
fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => word(text),
        Json::Number(number) => {
            let written = number.to_string();
            // Readers of version 1.1 take `1e-7` for a text.
            match written.split_once('e') {
                Some((mantissa, exponent)) if !mantissa.contains('.') => {
                    format!("{mantissa}.0e{}", signed(exponent))
                }
                Some((mantissa, exponent)) => format!("{mantissa}e{}", signed(exponent)),
                None => written,
            }
        }
        other => other.to_string(),
    }
}

/// And `1.5e7` too, without a sign.
fn signed(exponent: &str) -> String {
    if exponent.starts_with(['-', '+']) { exponent.to_owned() } else { format!("+{exponent}") }
}

/// A text, bare where it can be.
fn word(text: &str) -> String {
    /// What some reader takes for a truth value or nothing, in small letters.
    const TAKEN: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_bare = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|each| each.is_ascii_alphanumeric() || "_-./".contains(each))
        && !TAKEN.contains(&text.to_ascii_lowercase().as_str());
    if is_bare { text.to_owned() } else { quoted(text) }
}

/// As in JSON; what YAML takes for the end of a line, or does not print, is escaped.
fn quoted(text: &str) -> String {
    let written = Json::from(text).to_string();
    let is_special =
        |c: char| matches!(c, '\u{7F}'..='\u{9F}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}');
    if !written.contains(is_special) {
        return written;
    }
    written.chars().fold(String::new(), |mut escaped, c| {
        if is_special(c) {
            let _infallible = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
        escaped
    })
}

#[cfg(test)]
mod tests;
