//! Texts with a form of their own: what each must look like.

use suho_domain::{Symbol, Timeframe};
use suho_time::Rule;

/// The forms that a type may name.
pub(crate) const FORMS: [&str; 19] = [
    "Alert",
    "Column",
    "Cron",
    "Glob",
    "Image",
    "Json",
    "Kind",
    MARKET_TIME,
    "Parameter",
    "Path",
    "Role",
    SCRIPT,
    "Share",
    "Step",
    "Symbol",
    "Timeframe",
    "Url",
    "Variable",
    "Zone",
];
/// A time that comes again by a market's sessions or days: `30m before open`.
pub(crate) const MARKET_TIME: &str = "MarketTime";
/// A text that something is told to do: nothing can be put into it.
pub(crate) const SCRIPT: &str = "Script";
/// Forms that no text has.
const NOT_TEXTS: [&str; 5] = ["Alert", "Json", "Parameter", "Share", "Step"];

/// Whether a text may have the form `form`.
pub(crate) fn is_of_texts(form: &str) -> bool {
    !NOT_TEXTS.contains(&form)
}

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
            let is_scheme = |scheme: &str| {
                let starts = scheme.starts_with(|c: char| c.is_ascii_lowercase());
                starts && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
            };
            let fits = text.split_once("://").is_some_and(|(scheme, rest)| {
                is_scheme(scheme) && !rest.is_empty() && !rest.contains(' ')
            });
            ok_or(fits, text, "a URL like `https://example.org/path`")
        }
        "Zone" => {
            let sentence = "a time zone of the IANA list, like `UTC` or `Europe/Berlin`";
            ok_or(suho_time::parse_zone(text).is_ok(), text, sentence)
        }
        "Image" => {
            let fits = !text.is_empty() && !text.contains(char::is_whitespace);
            ok_or(fits, text, "an image like `registry.local/name:tag@sha256:…`")
        }
        MARKET_TIME => match text.parse::<Rule>() {
            Ok(Rule::Cron(_)) => {
                Err(format!("`{text}` goes by the clock; write `cron(\"{text}\")`"))
            }
            Ok(Rule::BusinessDay { .. } | Rule::Session { .. }) => Ok(()),
            Err(error) => Err(error.to_string()),
        },
        "Glob" => {
            let fits = !text.is_empty() && !text.starts_with('/') && !text.contains('\\');
            ok_or(fits, text, "a pattern of paths relative to the project's root, like `models/**`")
        }
        _ => Ok(()),
    }
}

fn ok_or(fits: bool, text: &str, sentence: &str) -> Result<(), String> {
    if fits { Ok(()) } else { Err(format!("`{text}` is not {sentence}")) }
}
