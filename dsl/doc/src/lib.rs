//! The library and a project's pipelines as pages, and as JSON Schema.
//!
//! What is checked is laid out as [`Page`]s that know nothing of HTML or Markdown, then written in
//! one of the two. Nothing here decides anything, and nothing is read from disk.

mod graph;
mod html;
mod library;
mod markdown;
mod operations;
mod page;
mod pipeline;
mod schema;
mod written;

pub use schema::{UnknownKind, kinds, schema};

use page::{Block, Page, text};
use suho_check::Checked;

/// How pages are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Whole pages with their own style; no script, nothing loaded from elsewhere.
    Html,
    /// Markdown with tables and Mermaid's graphs, as forges show it.
    Markdown,
}

/// A file to write: its name, without folder, and its text.
pub type File = (String, String);

/// The pages of what was checked: one of contents, one a pipeline, one of the monitors, one of what
/// starts runs, one of the kinds that the project defines, one a part of the library.
///
/// `prelude` holds the library's files, name (`ml.suho`) and text, as the checker was given them.
/// A program with mistakes has pages too, of what could be understood.
pub fn files(checked: &Checked, prelude: &[(String, String)], format: Format) -> Vec<File> {
    let mut pages = vec![contents(checked, prelude)];
    let program = &checked.program;
    pages.extend(program.pipelines.values().map(|pipeline| pipeline::page(pipeline, checked)));
    pages.extend(operations::monitors(checked));
    pages.extend(operations::triggers(checked));
    pages.extend(library::own_page(checked));
    pages.extend(prelude.iter().map(|(name, text)| library::page(name, text, checked)));
    let write = |page: &Page| match format {
        Format::Html => (format!("{}.html", page.name), html::write(page)),
        Format::Markdown => (format!("{}.md", page.name), markdown::write(page)),
    };
    pages.iter().map(write).collect()
}

/// The page of contents.
fn contents(checked: &Checked, prelude: &[(String, String)]) -> Page {
    let mut page = Page::new("index", "Pipelines and library");
    if !checked.program.pipelines.is_empty() {
        page.heading("pipelines", "Pipelines");
        let rows = checked.program.pipelines.values().map(|pipeline| {
            let name = pipeline.name.as_str();
            let link = page::link(name, &pipeline::page_name(name), None);
            vec![vec![link], page::first_sentence(pipeline.doc.as_ref())]
        });
        page.table(&["Pipeline", "What it does"], rows.collect());
    }
    operations::contents(&mut page, checked);
    library::own_contents(&mut page, checked);
    page.heading("library", "Library");
    let rows = prelude.iter().map(|(name, source)| {
        let part = library::part(name);
        let link = page::link(&part, &library::page_name(name), None);
        vec![vec![link], text(&library::intro(source))]
    });
    page.table(&["Part", "What it has"], rows.collect());
    page.push(Block::Paragraph(text(
        "Every kind is also described by a JSON Schema: `suho schema KIND`.",
    )));
    page
}

#[cfg(test)]
mod tests;
