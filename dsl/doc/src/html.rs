//! Pages as HTML: whole, readable without style, no script, nothing loaded from elsewhere.

mod picture;

use crate::page::{Block, Page, Piece, Text};
use std::fmt::Write as _;

/// The style of every page: the reader's own font, light or dark as the reader's system is.
const STYLE: &str = include_str!("html/style.css");

/// `page` as a whole document.
pub(crate) fn write(page: &Page) -> String {
    let title = escaped(&page.title);
    let mut body = String::new();
    for block in &page.blocks {
        body.push_str(&written(block));
    }
    let home = if page.name == "index" {
        String::new()
    } else {
        "<nav><a href=\"index.html\">Contents</a></nav>\n".to_owned()
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title} – suho</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {home}<h1>{title}</h1>\n{contents}{body}</main>\n</body>\n</html>\n",
        contents = contents(page),
    )
}

/// Links to the headings of the first depth, where there are several.
fn contents(page: &Page) -> String {
    let links: Vec<String> = page
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading(2, place, words) => {
                Some(format!("<a href=\"#{}\">{}</a>", escaped(place), inline(words)))
            }
            _ => None,
        })
        .collect();
    match links.len() {
        0 | 1 => String::new(),
        _ => format!("<p class=\"contents\">{}</p>\n", links.join(" · ")),
    }
}

fn written(block: &Block) -> String {
    match block {
        Block::Heading(depth, place, words) => {
            let place = escaped(place);
            format!("<h{depth} id=\"{place}\">{}</h{depth}>\n", inline(words))
        }
        Block::Paragraph(words) => format!("<p>{}</p>\n", inline(words)),
        Block::Table(columns, rows) => table(columns, rows),
        Block::Graph(graph) => picture::draw(graph),
    }
}

fn table(columns: &[String], rows: &[Vec<Text>]) -> String {
    let mut html = String::from("<div class=\"table\"><table>\n<thead><tr>");
    for column in columns {
        let _infallible = write!(html, "<th scope=\"col\">{}</th>", escaped(column));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _infallible = write!(html, "<td>{}</td>", inline(cell));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table></div>\n");
    html
}

fn inline(words: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Plain(words) => escaped(words),
        Piece::Code(code) => format!("<code>{}</code>", escaped(code)),
        Piece::Link(words, page, place) => {
            let place = place.as_ref().map(|place| format!("#{place}")).unwrap_or_default();
            let to = escaped(&format!("{page}.html{place}"));
            format!("<a href=\"{to}\"><code>{}</code></a>", escaped(words))
        }
    };
    words.iter().map(piece).collect()
}

/// `text` with nothing in it that HTML reads as anything else, in text and in quoted attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // What is no character of text: HTML has no way to write these.
            c if c.is_control() && !matches!(c, '\n' | '\t') => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}
