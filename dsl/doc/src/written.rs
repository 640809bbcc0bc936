//! What a text says, where the program holds only what it means.

use suho_check::Checked;
use suho_check::program::Place;
use suho_syntax::ast::{self, Instance, StmtKind};

/// Attributes by name, in the order written, as their author wrote them.
pub(crate) type Attributes = Vec<(String, String)>;

/// Whether `instance` writes the `kind` called `name`.
pub(crate) fn is(instance: &Instance, kind: &str, name: &str) -> bool {
    instance.kind.first().is_some_and(|it| it.node == kind)
        && instance.name.as_ref().is_some_and(|it| it.node == name)
}

/// What `body` sets, as it is written.
pub(crate) fn attributes(source: &str, body: &ast::Block) -> Attributes {
    let set = body.items.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Attribute { path, value } => {
            let words: Vec<&str> = path.iter().map(|part| &*part.node).collect();
            Some((words.join("."), slice(source, value.span)))
        }
        _ => None,
    });
    set.collect()
}

/// The text at `span`, comments left out, on one line.
pub(crate) fn slice(source: &str, span: ast::Span) -> String {
    let text = source.get(span.start..span.end).unwrap_or_default();
    let line = |line: &str| match line.split_once("//") {
        // A `//` in a string is no comment.
        Some((before, _)) if before.matches('"').count() % 2 == 0 => before.to_owned(),
        _ => line.to_owned(),
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the block of kind `kind` called `name` at `place` sets, and what each block in it sets; both
/// empty where there is no such block.
pub(crate) fn block(
    checked: &Checked,
    place: &Place,
    kind: &str,
    name: &str,
) -> (Attributes, Vec<(String, Attributes)>) {
    let source = checked.sources.iter().find(|(file, _)| *file == place.file);
    let Some((_, source)) = source else { return (Vec::new(), Vec::new()) };
    let tree = suho_syntax::parse(source).file;
    let found = tree.items.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Instance(it) if is(it, kind, name) => Some(it),
        _ => None,
    });
    let Some(found) = found else { return (Vec::new(), Vec::new()) };
    let inner = found.body.items.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Instance(it) => {
            Some((it.name.as_ref()?.node.clone(), attributes(source, &it.body)))
        }
        _ => None,
    });
    (attributes(source, &found.body), inner.collect())
}
