//! # A block that is never closed
//!
//! A `{` has no `}`. A line that starts in the first column with a word like `pipeline` ends
//! every open block, so that the rest of the file is still checked.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! pipeline example() {
//!   deadline = 8d
//!
//! pipeline other() {
//!   deadline = 2d
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! pipeline example() {
//!   deadline = 8d
//! }
//!
//! pipeline other() {
//!   deadline = 2d
//! }
//! ```

/// The code.
pub(crate) const CODE: &str = "unclosed-block";
