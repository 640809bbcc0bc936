//! What was read before, so that an unchanged text is not read again.

use crate::library::Stock;
use std::collections::BTreeMap;
use std::sync::Arc;
use suho_syntax::{SyntaxError, ast};

/// The trees of the texts that the last check looked at, and the prelude's signatures.
///
/// Of use to whoever checks again and again, as an editor does: what one check leaves here the next
/// one finds. It changes how long a check takes and nothing else.
#[derive(Debug, Default)]
pub struct Cache {
    trees: BTreeMap<String, (u64, Tree)>,
    /// The texts that the signatures were made from, and the signatures.
    prelude: Option<(Vec<String>, Stock)>,
    /// How many checks there were.
    check: u64,
}

/// A text, read.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) tree: Arc<ast::File>,
    pub(crate) errors: Arc<[SyntaxError]>,
}

impl Cache {
    /// The tree of `text`.
    pub(crate) fn parse(&mut self, text: &str) -> Tree {
        if let Some((used, tree)) = self.trees.get_mut(text) {
            *used = self.check;
            return tree.clone();
        }
        let parsed = suho_syntax::parse(text);
        let tree = Tree { tree: Arc::new(parsed.file), errors: parsed.errors.into() };
        self.trees.insert(text.to_owned(), (self.check, tree.clone()));
        tree
    }

    /// What was made of the prelude's `texts`, if it was these.
    pub(crate) fn stock(&self, texts: &[&str]) -> Option<Stock> {
        let (of, stock) = self.prelude.as_ref()?;
        of.iter().map(String::as_str).eq(texts.iter().copied()).then(|| stock.clone())
    }

    /// Keeps what was made of the prelude's `texts`.
    pub(crate) fn keep(&mut self, texts: &[&str], stock: &Stock) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.prelude = Some((texts, stock.clone()));
    }

    /// Forgets the texts that this check did not look at.
    pub(crate) fn turn(&mut self) {
        self.trees.retain(|_, (used, _)| *used == self.check);
        self.check += 1;
    }
}
