//! # A type that nothing defines
//!
//! Types are the language's own (`Int`, `Ratio`, `Duration`, `[T]`, `T?`, …), the library's
//! records and enums, and `Model<stage>`.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! pipeline example(share: Ration) {
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! pipeline example(share: Ratio) {
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "unknown-type";

/// There is no type `name`.
pub(crate) fn new(at: At, name: &str, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, format!("there is no type `{name}`")).meant(near);
    match name {
        _ if near.is_some() => found,
        "list" | "List" | "array" | "Array" | "set" | "tuple" => {
            found.help("a list is written with the type of its elements: `[Text]`")
        }
        "dict" | "Dict" | "map" | "object" | "Object" => {
            found.help("a record of any names is written `Map<Text, Int>`")
        }
        "Optional" | "Maybe" | "Option" | "null" => {
            found.help("what may be missing is written with a `?`: `Int?`")
        }
        _ => found,
    }
}
