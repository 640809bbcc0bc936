//! A page, before it is written as anything.

use crate::graph::Graph;

/// One page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    /// The file's name without its ending.
    pub(crate) name: String,
    /// What stands above it.
    pub(crate) title: String,
    /// What stands on it.
    pub(crate) blocks: Vec<Block>,
}

/// A piece of a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    /// A heading: how deep, from 2, what links name it by, and its words.
    Heading(u8, String, Text),
    /// A paragraph.
    Paragraph(Text),
    /// A table: its columns' names and its rows.
    Table(Vec<String>, Vec<Vec<Text>>),
    /// What waits for what.
    Graph(Graph),
}

/// Words with code and links in them.
pub(crate) type Text = Vec<Piece>;

/// A piece of words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// Plain words.
    Plain(String),
    /// Code.
    Code(String),
    /// A link to a place of a page: code, the page, the place.
    Link(String, String, Option<String>),
}

impl Page {
    pub(crate) fn new(name: &str, title: &str) -> Self {
        Self { name: name.to_owned(), title: title.to_owned(), blocks: Vec::new() }
    }

    pub(crate) fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// A heading of the first depth, in plain words.
    pub(crate) fn heading(&mut self, place: &str, words: &str) {
        self.push(Block::Heading(2, place.to_owned(), text(words)));
    }

    /// A heading below one of those, in code.
    pub(crate) fn subheading(&mut self, place: &str, code: &str) {
        self.push(Block::Heading(3, place.to_owned(), vec![Piece::Code(code.to_owned())]));
    }

    /// The paragraphs of a documentation comment.
    pub(crate) fn doc(&mut self, doc: Option<&String>) {
        for paragraph in doc.into_iter().flat_map(|doc| doc.split("\n\n")) {
            self.push(Block::Paragraph(text(paragraph)));
        }
    }

    /// A table, unless it has no rows.
    pub(crate) fn table(&mut self, columns: &[&str], rows: Vec<Vec<Text>>) {
        if !rows.is_empty() {
            let columns = columns.iter().map(|name| (*name).to_owned()).collect();
            self.push(Block::Table(columns, rows));
        }
    }
}

/// Words in which what stands between backticks is code.
pub(crate) fn text(words: &str) -> Text {
    let mut pieces = Vec::new();
    for (at, piece) in words.split('`').enumerate() {
        if piece.is_empty() {
            continue;
        }
        let piece = piece.to_owned();
        pieces.push(if at % 2 == 0 { Piece::Plain(piece) } else { Piece::Code(piece) });
    }
    pieces
}

/// Code alone; nothing where there is none.
pub(crate) fn code(code: &str) -> Text {
    if code.is_empty() { Vec::new() } else { vec![Piece::Code(code.to_owned())] }
}

/// A link to a place of a page.
pub(crate) fn link(words: &str, page: &str, place: Option<&str>) -> Piece {
    Piece::Link(words.to_owned(), page.to_owned(), place.map(str::to_owned))
}

/// What a documentation comment begins with.
pub(crate) fn first_sentence(doc: Option<&String>) -> Text {
    let doc = doc.map(String::as_str).unwrap_or_default();
    let paragraph = doc.split("\n\n").next().unwrap_or_default();
    let sentence = paragraph.find(". ").and_then(|end| paragraph.get(..=end));
    text(sentence.unwrap_or(paragraph))
}
