//! Texts with a form of their own: what each must look like.

use suho_domain::{Symbol, Timeframe};

/// The forms that a type may name.
pub(crate) const FORMS: [&str; 8] =
    ["Column", "Path", "Share", "Step", "Symbol", "Timeframe", "Url", "Zone"];

/// Whether `text` has the form `form`; if not, what it should look like.
pub(crate) fn validate(form: &str, text: &str) -> Result<(), String> {
    match form {
        "Symbol" => Symbol::new(text).map(|_| ()).map_err(|error| error.to_string()),
        "Timeframe" => text.parse::<Timeframe>().map(|_| ()).map_err(|error| error.to_string()),
        "Column" => {
            let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
            let sentence = "a feature's name: lowercase letters, digits and `_`, like `rsi_14`";
            ok_or(starts && text.bytes().all(fits), text, sentence)
        }
        "Path" => {
            let sentence = "a path: not empty, without `\\`, relative to the project's root";
            ok_or(!text.is_empty() && !text.contains('\\'), text, sentence)
        }
        "Url" => {
            let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
            let fits = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(' '));
            ok_or(fits, text, "a URL like `https://example.org/path`")
        }
        "Zone" => {
            let sentence = "a time zone of the IANA list, like `UTC` or `Europe/Berlin`";
            ok_or(suho_time::parse_zone(text).is_ok(), text, sentence)
        }
        _ => Ok(()),
    }
}

fn ok_or(fits: bool, text: &str, sentence: &str) -> Result<(), String> {
    if fits { Ok(()) } else { Err(format!("`{text}` is not {sentence}")) }
}
