//! # A file without its edition
//!
//! Every file begins with `edition 2026`: it says which rules of the language the file was
//! written by, so that a later suho reads it as it was meant.
//!
//! Wrong:
//!
//! ```suho wrong
//! project example {
//!   timezone = "UTC"
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! project example {
//!   timezone = "UTC"
//! }
//! ```

/// The code.
pub(crate) const CODE: &str = "edition";
