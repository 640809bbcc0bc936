//! Networks, fitting, export, inference. The only crate that links burn.
