//! The statements of a block: their lines, the blank lines between them, their alignment.

use super::expression::flat;
use super::statement::{is_odd, statement};
use super::{LEVEL, WIDTH, line};
use crate::ast::Span;
use crate::grammar::Rule;
use crate::place;
use crate::tree::Syntax;

/// Something that has a line of its own: a comment, a statement, or a stretch left as written.
struct Item<'t> {
    node: Syntax<'t>,
    /// Where it ends, the comment behind it apart.
    end: usize,
    /// Whether a blank line stands above it.
    blank: bool,
    /// The comment at the end of its line.
    trailing: Option<&'t str>,
    /// Left as written, up to `end`.
    verbatim: bool,
}

impl<'t> Item<'t> {
    fn is_comment(&self) -> bool {
        self.node.rule() == Rule::comment && !self.verbatim
    }

    /// Whether it belongs to the statement below: a comment or an annotation.
    fn leads(&self) -> bool {
        self.is_comment() || self.node.rule() == Rule::annot
    }

    /// Whether it is a block over several lines; the block of a rule does not count.
    fn is_block(&self, written: &str) -> bool {
        matches!(self.node.rule(), Rule::inst | Rule::typedef) && written.contains('\n')
    }

    fn field(&self) -> Option<(String, Syntax<'t>)> {
        if self.node.rule() != Rule::attr || self.verbatim || is_odd(self.node) {
            return None;
        }
        Some((self.node.child(Rule::path)?.text().to_owned(), self.node.child(Rule::expr)?))
    }
}

/// A block with its braces, `{` at `column`.
pub(super) fn braced(node: Syntax<'_>, indent: usize, column: usize) -> String {
    let (opening, items) = collect(node);
    if opening.is_none() && items.is_empty() {
        return "{}".to_owned();
    }
    if let [item] = items.as_slice()
        && !node.text().contains('\n')
        && item.trailing.is_none()
        && !item.is_comment()
        && !item.verbatim
    {
        let written = statement(item.node, indent, 0);
        let text = format!("{{ {written} }}");
        if !written.contains('\n') && column + text.chars().count() <= WIDTH {
            return text;
        }
    }
    let opening = opening.map(|comment| format!(" {comment}")).unwrap_or_default();
    let inner = indent + LEVEL;
    format!("{{{opening}{}{}{}}}", line(inner), write(&items, inner), line(indent))
}

/// What a file or a block holds, the first line without its indentation.
pub(super) fn items(node: Syntax<'_>, indent: usize) -> String {
    write(&collect(node).1, indent)
}

/// The items of a block and the comment behind its `{`.
fn collect(holder: Syntax<'_>) -> (Option<&str>, Vec<Item<'_>>) {
    let tree = holder.tree();
    let mut opening = None;
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut end = holder.span().start;
    for node in holder.children() {
        let Span { start, end: node_end } = node.span();
        let lines = tree.slice(Span { start: end, end: start }).matches('\n').count();
        let braced = holder.rule() != Rule::file;
        match (node.rule(), items.last_mut()) {
            (Rule::comment, Some(last)) if lines == 0 && last.trailing.is_none() => {
                last.trailing = Some(node.text().trim_end());
            }
            (Rule::comment, None) if lines == 0 && braced && opening.is_none() => {
                opening = Some(node.text().trim_end());
            }
            // What is left over on the line of another: apart, the two could become whole.
            (_, Some(last)) if lines == 0 => {
                last.end = node_end;
                last.verbatim = true;
            }
            (Rule::unclosed, _) => {}
            _ => {
                let blank = lines > 1;
                let verbatim = matches!(node.rule(), Rule::bad | Rule::stray | Rule::tail);
                items.push(Item { node, end: node_end, blank, trailing: None, verbatim });
            }
        }
        // What is broken may end with lines that are blank.
        end = start + node.text().trim_end().len();
    }
    (opening, sorted_uses(switched_off(items)))
}

/// Joins what stands between `// fmt: off` and `// fmt: on` into one item.
fn switched_off(items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    let mut joined: Vec<Item<'_>> = Vec::new();
    let mut off = false;
    for item in items {
        let says = |text: &str| item.is_comment() && item.node.text().trim_end() == text;
        if let Some(last) = joined.last_mut().filter(|_| off) {
            off = !says("// fmt: on");
            // The comment that ended the last line stands within the stretch now.
            last.end = item.end;
            last.trailing = item.trailing;
        } else {
            off = says("// fmt: off");
            let verbatim = item.verbatim || off;
            joined.push(Item { verbatim, ..item });
        }
    }
    joined
}

/// Sorts each run of `use`: the library first, then files, each by name.
fn sorted_uses(mut items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    let plain = |item: &Item<'_>| item.node.rule() == Rule::use_d && !item.verbatim;
    for run in items.chunk_by_mut(|left, right| plain(left) && plain(right) && !right.blank) {
        let blank = run.first().is_some_and(|first| first.blank);
        run.sort_by_key(|item| use_key(item.node));
        for (at, item) in run.iter_mut().enumerate() {
            item.blank = blank && at == 0;
        }
    }
    items
}

/// What `use` statements are sorted by; the same for all that is none.
pub(super) fn use_key(node: Syntax<'_>) -> (bool, &str) {
    let source = node.children().find(|part| matches!(part.rule(), Rule::path | Rule::string));
    match source.filter(|_| node.rule() == Rule::use_d) {
        Some(source) => (source.rule() == Rule::string, source.text()),
        None => (false, ""),
    }
}

/// The lines of items.
fn write(items: &[Item<'_>], indent: usize) -> String {
    let fields: Vec<_> = runs(items).into_iter().flat_map(|run| widths(&run, indent)).collect();
    let written: Vec<_> = items
        .iter()
        .zip(fields)
        .map(|(item, width)| match item.verbatim {
            true => stretch(item),
            false if item.is_comment() => item.node.text().trim_end().to_owned(),
            false => statement(item.node, indent, width.unwrap_or_default()),
        })
        .collect();
    let mut text = String::new();
    for (at, (item, lines)) in items.iter().zip(&written).enumerate() {
        if at > 0 {
            if item.blank || parted(items, &written, at) {
                text.push('\n');
            }
            text.push_str(&line(indent));
        }
        text.push_str(lines);
        if let Some(comment) = item.trailing {
            text.push(' ');
            text.push_str(comment);
        }
    }
    text
}

/// An item as its author wrote it.
fn stretch(item: &Item<'_>) -> String {
    let span = Span { start: item.node.span().start, end: item.end };
    item.node.tree().slice(span).trim_end().to_owned()
}

/// Whether a blank line must stand above an item: it, with the comments that lead it, follows a
/// block or begins one.
fn parted(items: &[Item<'_>], written: &[String], at: usize) -> bool {
    let is_block = |at: usize| match (items.get(at), written.get(at)) {
        (Some(item), Some(written)) => item.is_block(written),
        _ => false,
    };
    let before = at.checked_sub(1);
    let follows_lead = before.and_then(|before| items.get(before)).is_some_and(Item::leads);
    if before.is_some_and(is_block) {
        return true;
    }
    let mut head = at;
    while items.get(head).is_some_and(Item::leads)
        && items.get(head + 1).is_some_and(|next| !next.blank)
    {
        head += 1;
    }
    is_block(head) && !follows_lead
}

/// The attributes of items, cut where a blank line or a comment ends a run; none for what is no
/// attribute.
fn runs<'t>(items: &[Item<'t>]) -> Vec<Vec<Option<(String, Syntax<'t>)>>> {
    items
        .chunk_by(|_, right| !right.blank)
        .map(|run| run.iter().map(Item::field).collect())
        .collect()
}

/// What the names of neighbouring attributes or fields are filled up to, so that their `=` stand
/// below each other; a value of several lines is the last of its run.
///
/// Whether a value takes several lines is asked at the width of the whole neighbourhood, so that the
/// answer does not hang on where the runs end.
pub(super) fn widths(fields: &[Option<(String, Syntax<'_>)>], indent: usize) -> Vec<Option<usize>> {
    let name = |field: &Option<(String, Syntax<'_>)>| {
        field.as_ref().map_or(0, |(name, _)| name.chars().count())
    };
    let mut widths = Vec::new();
    for neighbours in fields.chunk_by(|left, right| left.is_some() && right.is_some()) {
        let widest = neighbours.iter().map(name).max().unwrap_or_default();
        let is_long = |field: &Option<(String, Syntax<'_>)>| {
            field.as_ref().is_some_and(|(_, expr)| {
                let column = indent + widest + " = ".len();
                !flat(*expr).is_some_and(|text| super::fits(&text, column, 0))
            })
        };
        for run in neighbours.chunk_by(|left, _| !is_long(left)) {
            let width = run.iter().map(name).max().unwrap_or_default();
            widths.extend(run.iter().map(|field| field.as_ref().map(|_| width)));
        }
    }
    widths
}

/// Whether a comment begins its line.
pub(super) fn begins_line(comment: Syntax<'_>) -> bool {
    place::begins_line(comment.tree().text(), comment.span().start)
}
