//! What is wrong.
use crate::ast::StmtKind;
use crate::tree::Syntax;
pub(crate) fn meant(_: Syntax<'_>) -> Option<StmtKind> {
    None
}
pub(crate) fn means_equals(head: &str) -> bool {
    head.trim_start().starts_with(':')
}
