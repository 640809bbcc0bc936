//! Where the cursor stands: in a comment, in a string, in which brackets. Read from the text alone,
//! for what is being typed has no tree yet.

use suho_syntax::ast::{Block, Span, Stmt, StmtKind};

/// What surrounds a place.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Context {
    /// In a comment.
    pub(crate) is_comment: bool,
    /// The opening quote of the string around it; none inside `${…}`.
    pub(crate) quote: Option<usize>,
    /// What closes the brackets open there, the innermost first.
    pub(crate) closers: String,
    /// The innermost of those brackets.
    pub(crate) open: Option<usize>,
}

impl Context {
    /// The surroundings of `at` in `text`, of which nothing before `from` counts.
    pub(crate) fn of(text: &str, from: usize, at: usize) -> Self {
        let mut open: Vec<(char, usize)> = Vec::new();
        let mut is_comment = false;
        let mut chars = text.get(from..at).unwrap_or_default().char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            let is_text = matches!(open.last(), Some(('"', _)));
            let mut next = |wanted: char| chars.next_if(|(_, next)| *next == wanted).is_some();
            match c {
                '\n' => {
                    is_comment = false;
                    // No string goes over the end of its line.
                    if let Some(place) = open.iter().position(|(c, _)| *c == '"') {
                        open.truncate(place);
                    }
                }
                _ if is_comment => {}
                '\\' if is_text => drop(chars.next()),
                '"' if is_text => drop(open.pop()),
                '$' if is_text && next('{') => open.push(('}', from + offset)),
                _ if is_text => {}
                '"' => open.push(('"', from + offset)),
                '/' if next('/') => is_comment = true,
                '(' => open.push((')', from + offset)),
                '[' => open.push((']', from + offset)),
                '{' => open.push(('}', from + offset)),
                ')' | ']' | '}' if open.last().is_some_and(|(last, _)| *last == c) => {
                    open.pop();
                }
                _ => {}
            }
        }
        let quote = open.last().filter(|(c, _)| *c == '"').map(|(_, offset)| *offset);
        let closers = open.iter().rev().map(|(c, _)| *c).collect();
        let open = open.last().map(|(_, offset)| *offset);
        Self { is_comment, quote, closers, open }
    }

    /// Whether `at` is where a pipeline's head gives a parameter its name: behind `(` or `,` of
    /// `pipeline name(`, no `:` yet.
    pub(crate) fn is_new_name(&self, text: &str, at: usize) -> bool {
        let Some(open) = self.open.filter(|_| self.closers.starts_with(')')) else { return false };
        let before = text.get(..open).unwrap_or_default();
        let head = before.rsplit('\n').next().unwrap_or_default();
        let words: Vec<&str> = head.split_whitespace().collect();
        let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_head = words.len() == 2 && words.iter().all(is_word);
        let inside = text.get(open + 1..at).unwrap_or_default();
        let param = inside.rsplit(',').next().unwrap_or_default();
        is_head && !param.contains(':')
    }
}

/// Where the inside of the innermost block around `at` begins; 0 outside of blocks.
pub(crate) fn block_start(items: &[Stmt], at: usize) -> usize {
    let mut start = 0;
    let mut items = items;
    while let Some(body) = items.iter().filter_map(body).find(|body| contains(body.span, at)) {
        start = body.span.start + 1;
        items = &body.items;
    }
    start
}

/// The kind of the innermost block around `at`.
pub(crate) fn kind_around(items: &[Stmt], at: usize) -> Option<&str> {
    let around =
        items.iter().find(|stmt| body(stmt).is_some_and(|body| contains(body.span, at)))?;
    let inner = body(around).and_then(|body| kind_around(&body.items, at));
    inner.or_else(|| match &around.kind {
        StmtKind::Instance(instance) => instance.kind.first().map(|kind| kind.node.as_str()),
        _ => None,
    })
}

/// From the end of the last statement outside of blocks before `here` to the next one after it, in
/// a text of `length` bytes.
pub(crate) fn statement(items: &[Stmt], here: Span, length: usize) -> Span {
    let before = items.iter().rev().find(|stmt| stmt.span.end < here.start);
    let after = items.iter().find(|stmt| here.end < stmt.span.start);
    Span {
        start: before.map_or(0, |stmt| stmt.span.end),
        end: after.map_or(length, |stmt| stmt.span.start),
    }
}

fn body(stmt: &Stmt) -> Option<&Block> {
    match &stmt.kind {
        StmtKind::Instance(instance) => Some(&instance.body),
        StmtKind::Definition(definition) => definition.body.as_ref(),
        StmtKind::Rule(rule) => rule.body.as_ref(),
        _ => None,
    }
}

fn contains(span: Span, at: usize) -> bool {
    span.start < at && at < span.end
}

/// The letters, digits and `_` around `at`.
pub(crate) fn word(text: &str, at: usize) -> Span {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).unwrap_or_default();
    let start = before.trim_end_matches(is_word).len();
    let end = at + after.len() - after.trim_start_matches(is_word).len();
    Span { start, end }
}
