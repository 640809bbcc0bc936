//! Whether two texts say the same: the formatter's own proof, run each time.

use super::block::{begins_line, use_key};
use super::unix;
use crate::grammar::Rule;
use crate::tree::{Syntax, Tree};

/// What differs between the trees of two texts beyond their layout.
pub(crate) fn difference(left: &Tree<'_>, right: &Tree<'_>) -> Option<&'static str> {
    if comments(left) != comments(right) {
        return Some("the layout would change a comment");
    }
    let shape = |tree| Tree::root(tree).map(shape);
    (shape(left) != shape(right)).then_some("the layout would change the meaning")
}

/// Every comment and whether it stands on a line of its own, in an order of their own, since `use`
/// statements move with theirs.
fn comments<'t>(tree: &'t Tree<'t>) -> Vec<(&'t str, bool)> {
    let comments = tree.nodes().filter(|node| node.rule() == Rule::comment);
    let mut comments: Vec<_> =
        comments.map(|node| (node.text().trim_end(), stands_alone(node))).collect();
    comments.sort_unstable();
    comments
}

/// Whether a comment has its line for itself; a comma that belongs to the line above counts for
/// nothing, but where it is what is broken.
fn stands_alone(comment: Syntax<'_>) -> bool {
    let before = comment.tree().text().get(..comment.span().start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_broken = comment.parent().is_some_and(|holder| holder.rule() == Rule::bad);
    begins_line(comment) || (line.trim() == "," && !is_broken)
}

/// A tree without its layout: plain comments, ends of lines, `_` in numbers.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct Shape {
    rank: (bool, String),
    kind: String,
    text: String,
    inner: Vec<Shape>,
}

fn shape(node: Syntax<'_>) -> Shape {
    let broken = matches!(
        node.rule(),
        Rule::bad | Rule::bad_expr | Rule::bad_head | Rule::bad_params | Rule::tail
    );
    let mut inner = Vec::new();
    if !broken {
        inner.extend(node.children().filter(|child| is_said(*child)).map(shape));
        let is_use = |shape: &Shape| shape.kind == "use_d";
        for run in inner.chunk_by_mut(|left, right| is_use(left) && is_use(right)) {
            run.sort();
        }
    }
    let (file, source) = use_key(node);
    let text = if broken || inner.is_empty() { text(node) } else { String::new() };
    Shape { rank: (file, source.to_owned()), kind: kind(node), text, inner }
}

/// Whether a node says something beyond the layout; a `///` line of its own does.
fn is_said(node: Syntax<'_>) -> bool {
    node.rule() != Rule::comment || (node.text().starts_with("///") && begins_line(node))
}

fn kind(node: Syntax<'_>) -> String {
    match node.rule() {
        // The same operator at the start of a line.
        Rule::lead => format!("{:?}", Rule::infix),
        other => format!("{other:?}"),
    }
}

fn text(node: Syntax<'_>) -> String {
    let text = node.text();
    match node.rule() {
        Rule::number | Rule::quantity | Rule::money => text.replace(['_', ' '], ""),
        // Punctuation only: `[]`, `{ }`, `{` over two lines.
        Rule::list | Rule::record | Rule::block | Rule::choices | Rule::call | Rule::params => {
            text.split_whitespace().collect()
        }
        Rule::use_list | Rule::file => String::new(),
        _ => unix(text.trim()),
    }
}
