//! The lossless tree: every node of the grammar with its place, in one vector.
//!
//! pest's pairs are counted references and not `Send`; this is, and it knows its parents. Leaves and
//! the gaps between them give the text back byte for byte; the gaps hold blanks, ends of lines and
//! punctuation only, for every comment is a node. Nothing here knows what the nodes mean.

use std::collections::BTreeMap;

use pest::Token;

use crate::ast::Span;
use crate::error::Edit;
use crate::grammar::{self, Rule};
use crate::mistake::Mended;
use crate::place::line_column;

/// The tree of one text.
#[derive(Debug)]
pub(crate) struct Tree<'t> {
    text: &'t str,
    /// In the order of the text, parents first. Never empty: the first is the file.
    nodes: Vec<Node>,
    /// What the text was made from, where it is no file of its own.
    mended: Option<&'t Mended<'t>>,
    /// The edits that make a broken statement whole, by where it begins.
    mends: Mends,
}

/// The edits that make broken statements whole, by where these begin.
pub(crate) type Mends = BTreeMap<usize, Vec<Edit>>;

/// One node; the numbers are places in [`Tree::nodes`].
#[derive(Debug)]
struct Node {
    rule: Rule,
    span: Span,
    parent: Option<usize>,
    first: Option<usize>,
    next: Option<usize>,
}

/// A node in its tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syntax<'t> {
    tree: &'t Tree<'t>,
    node: &'t Node,
}

impl<'t> Tree<'t> {
    /// Reads a text. The tree of a text that the parser gives up on is one broken statement.
    pub(crate) fn of(text: &'t str) -> Self {
        match grammar::read(Rule::file, text) {
            Ok(pairs) => {
                let mut tree = Self { text, nodes: Vec::new(), mended: None, mends: Mends::new() };
                tree.grow(pairs.tokens());
                tree
            }
            Err(_) => Self::unread(text),
        }
    }

    /// The tree of a text that was not read: one broken statement.
    pub(crate) fn unread(text: &'t str) -> Self {
        let span = Span { start: 0, end: text.len() };
        let file = Node { rule: Rule::file, span, parent: None, first: Some(1), next: None };
        let bad = Node { rule: Rule::bad, span, parent: Some(0), first: None, next: None };
        Self { text, nodes: vec![file, bad], mended: None, mends: Mends::new() }
    }

    /// The tree of a statement whose first mistakes are mended.
    pub(crate) fn of_mended(mended: &'t Mended<'t>) -> Self {
        Self { mended: Some(mended), ..Self::of(mended.text()) }
    }

    /// The tree with what was found to make its broken statements whole.
    pub(crate) fn with_mends(self, mends: Mends) -> Self {
        Self { mends, ..self }
    }

    /// The edits that make the broken statement that begins at `start` whole.
    pub(crate) fn mends(&self, start: usize) -> Option<&[Edit]> {
        self.mends.get(&start).map(Vec::as_slice)
    }

    /// The file's node.
    pub(crate) fn root(&'t self) -> Option<Syntax<'t>> {
        self.nodes.first().map(|node| Syntax { tree: self, node })
    }

    /// The text it was read from.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Whether it is of one statement alone, mended, and not of a file.
    pub(crate) fn is_mended(&self) -> bool {
        self.mended.is_some()
    }

    /// Line and column of a byte, as the author of the file counts them.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        match self.mended {
            Some(mended) => line_column(mended.whole(), mended.was(offset)),
            None => line_column(self.text, offset),
        }
    }

    /// Every node in the order of the text, parents first.
    pub(crate) fn nodes(&'t self) -> impl Iterator<Item = Syntax<'t>> {
        self.nodes.iter().map(move |node| Syntax { tree: self, node })
    }

    /// The first node at which the tree of meaning becomes higher than `max`, seen from its leaves:
    /// what reads it recursively goes as deep.
    pub(crate) fn higher_than(&'t self, max: usize) -> Option<Syntax<'t>> {
        let mut below = vec![0_usize; self.nodes.len()];
        // Children stand after their parents, so that one way back over the nodes is enough.
        for (place, node) in self.nodes.iter().enumerate().rev() {
            let within = below.get(place).copied().unwrap_or_default();
            let height = within + self.own_height(node);
            if height > max {
                return Some(Syntax { tree: self, node });
            }
            if let Some(parent) = node.parent.and_then(|parent| below.get_mut(parent)) {
                *parent = height.max(*parent);
            }
        }
        None
    }

    /// What a node adds: an expression as much as its operators chain.
    fn own_height(&self, node: &Node) -> usize {
        match node.rule {
            Rule::expr => {
                let links = Syntax { tree: self, node }.children().count();
                links.saturating_sub(1).max(1)
            }
            Rule::block | Rule::r#type => 1,
            _ => 0,
        }
    }

    /// Adds the nodes that tokens begin and end. No recursion: the parser, whose frames are its own
    /// matter, may have gone down further than this thread's stack would bear of ours.
    fn grow<'i>(&mut self, tokens: impl Iterator<Item = Token<'i, Rule>>) {
        // The nodes that have not ended, each with the child it had last.
        let mut open: Vec<(usize, Option<usize>)> = Vec::new();
        for token in tokens {
            match token {
                Token::Start { rule: kind, pos } if kind != Rule::EOI => {
                    let place = self.nodes.len();
                    let parent = open.last().map(|(parent, _)| *parent);
                    if let Some((parent, last)) = open.last_mut() {
                        self.link(*parent, last.replace(place), place);
                    }
                    let span = Span { start: pos.pos(), end: pos.pos() };
                    self.nodes.push(Node { rule: kind, span, parent, first: None, next: None });
                    open.push((place, None));
                }
                Token::End { rule: kind, pos } if kind != Rule::EOI => {
                    let ended = open.pop().and_then(|(place, _)| self.nodes.get_mut(place));
                    if let Some(node) = ended {
                        node.span.end = pos.pos();
                    }
                }
                _ => {}
            }
        }
    }

    /// Hangs the node at `place` under its parent, behind the child that the parent had last.
    fn link(&mut self, parent: usize, last: Option<usize>, place: usize) {
        let node = self.nodes.get_mut(last.unwrap_or(parent));
        match (node, last) {
            (Some(parent), None) => parent.first = Some(place),
            (Some(before), Some(_)) => before.next = Some(place),
            (None, _) => {}
        }
    }
}

impl<'t> Syntax<'t> {
    /// Which rule of the grammar made it.
    pub(crate) fn rule(self) -> Rule {
        self.node.rule
    }

    /// Where it stands.
    pub(crate) fn span(self) -> Span {
        self.node.span
    }

    /// Where it stands in its file, though its text may be mended.
    pub(crate) fn in_file(self) -> Span {
        match self.tree.mended {
            Some(mended) => mended.span(self.span()),
            None => self.span(),
        }
    }

    /// Its text.
    pub(crate) fn text(self) -> &'t str {
        self.tree.slice(self.span())
    }

    /// The tree it is of.
    pub(crate) fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    /// What holds it.
    pub(crate) fn parent(self) -> Option<Syntax<'t>> {
        let node = self.tree.nodes.get(self.node.parent?)?;
        Some(Syntax { tree: self.tree, node })
    }

    /// What it holds, in order.
    pub(crate) fn children(self) -> impl Iterator<Item = Syntax<'t>> {
        let tree = self.tree;
        let at = move |place: usize| tree.nodes.get(place).map(|node| Syntax { tree, node });
        std::iter::successors(self.node.first.and_then(at), move |child| {
            child.node.next.and_then(at)
        })
    }

    /// All that it holds, at whatever depth, in order.
    pub(crate) fn within(self) -> impl Iterator<Item = Syntax<'t>> {
        let tree = self.tree;
        let first = self.node.first.unwrap_or(tree.nodes.len());
        let nodes = tree.nodes.get(first..).unwrap_or_default().iter();
        let nodes = nodes.map(move |node| Syntax { tree, node });
        // Nodes stand in the order of the text: the first beyond the end ends what is within.
        nodes.take_while(move |node| node.span().start < self.span().end)
    }

    /// The first it holds of `rule`.
    pub(crate) fn child(self, rule: Rule) -> Option<Syntax<'t>> {
        self.children().find(|child| child.rule() == rule)
    }

    /// Whether it holds nothing: its text is in no other node.
    #[cfg(test)]
    pub(crate) fn is_leaf(self) -> bool {
        self.node.first.is_none()
    }
}

impl<'t> Tree<'t> {
    /// The text of `span`; nothing where there is none.
    pub(crate) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }
}
