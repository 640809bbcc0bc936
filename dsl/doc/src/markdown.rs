//! Pages as Markdown, with tables as forges know them and Mermaid for what waits for what.

use crate::graph::{Graph, Role};
use crate::page::{Block, Page, Piece, Text};
use std::fmt::Write as _;

/// `page` as a whole text.
pub(crate) fn write(page: &Page) -> String {
    let mut text = format!("# {}\n", escaped(&page.title));
    for block in &page.blocks {
        text.push('\n');
        match block {
            Block::Heading(depth, _, words) => {
                let marks = "#".repeat(usize::from(*depth));
                let _infallible = writeln!(text, "{marks} {}", inline(words, Cell::No));
            }
            Block::Paragraph(words) => {
                let _infallible = writeln!(text, "{}", inline(words, Cell::No));
            }
            Block::Table(columns, rows) => text.push_str(&table(columns, rows)),
            Block::Graph(graph) => text.push_str(&mermaid(graph)),
        }
    }
    text
}

/// Whether words stand in a table, where `|` and line ends mean something.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Cell {
    Yes,
    No,
}

fn table(columns: &[String], rows: &[Vec<Text>]) -> String {
    let mut text = format!("| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| inline(cell, Cell::Yes)).collect();
        let _infallible = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn inline(words: &Text, cell: Cell) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Plain(words) => escaped(words),
        Piece::Code(text) => code(text),
        Piece::Link(words, page, place) => {
            let place = place.as_ref().map(|place| format!("#{place}")).unwrap_or_default();
            format!("[{}]({page}.md{place})", code(words))
        }
    };
    let text: String = words.iter().map(piece).collect();
    match cell {
        Cell::Yes => text.replace('|', "\\|").replace('\n', " "),
        Cell::No => text,
    }
}

/// A code span: fenced by more backticks than there are in a row inside.
fn code(text: &str) -> String {
    let text = text.replace('\n', " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// `text` with nothing in it that Markdown, or HTML in it, reads as anything else.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Names and kinds are words of letters, digits and `_`, or they are left out of the picture.
fn mermaid(graph: &Graph) -> String {
    let mut text = String::from("```mermaid\nflowchart TD\n");
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    for (number, node) in graph.nodes.iter().enumerate() {
        let label = if is_word(&node.name) && is_word(&node.kind) {
            format!("{}<br/><small>{}</small>", node.name, node.kind)
        } else {
            format!("step {}", number + 1)
        };
        let (open, close) = match node.role {
            Role::Work => ("[", "]"),
            Role::Lookup => ("[(", ")]"),
            Role::Decision => ("{{", "}}"),
            Role::Rollout => ("([", "])"),
        };
        let _infallible = writeln!(text, "  s{number}{open}\"{label}\"{close}");
    }
    for (from, to) in &graph.edges {
        let _infallible = writeln!(text, "  s{from} --> s{to}");
    }
    text.push_str("```\n");
    text
}
