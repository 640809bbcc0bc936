//! What goes on beside the pipelines: who is watched, and what starts runs.

use crate::page::{Block, Page, Text, code, first_sentence, link, text};
use crate::pipeline::{self, set};
use crate::written;
use suho_check::Checked;
use suho_check::program::{Matrix, Monitor, Place, Rule, Run, Trigger, Watch};

/// The page of the monitors.
pub(crate) const MONITORS: &str = "monitors";
/// The page of the triggers and matrices.
pub(crate) const TRIGGERS: &str = "triggers";
/// Runs of a matrix that are listed: nobody reads more.
const CELLS_MAX: usize = 100;

/// The page of the monitors; none where there is none.
pub(crate) fn monitors(checked: &Checked) -> Option<Page> {
    let monitors = &checked.program.monitors;
    let mut page = Page::new(MONITORS, "Monitors");
    for monitor in monitors.values() {
        of_monitor(&mut page, monitor, checked);
    }
    (!monitors.is_empty()).then_some(page)
}

fn of_monitor(page: &mut Page, monitor: &Monitor, checked: &Checked) {
    let name = monitor.name.as_str();
    page.heading(name, name);
    page.doc(monitor.doc.as_ref());
    stands(page, &monitor.place);
    let (own, inner) = written::block(checked, &monitor.place, "monitor", name);
    page.table(&["Attribute", "Value"], set(&own));
    for watch in &monitor.watches {
        let word = watch.name.as_str();
        page.subheading(&format!("{name}-{word}"), &format!("{} {word}", watch.kind));
        page.doc(watch.doc.as_ref());
        let set_here = inner.iter().find(|(each, _)| each == word).map(|(_, set)| set.as_slice());
        let mut rows = rules(watch);
        rows.extend(set(set_here.unwrap_or_default()));
        page.table(&["What", "Value"], rows);
    }
}

/// When a watch fires, and when it is over.
fn rules(watch: &Watch) -> Vec<Vec<Text>> {
    let row = |what: &str, rule: &Rule| vec![text(what), code(after_verb(rule))];
    let mut rows = vec![row("fires when", &watch.fire)];
    rows.extend(watch.resolve.as_ref().map(|rule| row("is over when", rule)));
    rows
}

/// A rule as it is written, without what every rule of its kind begins with.
fn after_verb(rule: &Rule) -> &str {
    let text = rule.text.as_str();
    let heads = ["fire when ", "resolve when ", "fire ", "resolve "];
    heads.iter().find_map(|head| text.strip_prefix(head)).unwrap_or(text)
}

/// The page of what starts runs; none where nothing does.
pub(crate) fn triggers(checked: &Checked) -> Option<Page> {
    let (triggers, matrices) = (&checked.program.triggers, &checked.program.matrices);
    let mut page = Page::new(TRIGGERS, "Triggers and matrices");
    if !triggers.is_empty() {
        page.heading("triggers", "Triggers");
    }
    for trigger in triggers.values() {
        of_trigger(&mut page, trigger, checked);
    }
    if !matrices.is_empty() {
        page.heading("matrices", "Matrices");
    }
    for matrix in matrices.values() {
        of_matrix(&mut page, matrix, checked);
    }
    (!triggers.is_empty() || !matrices.is_empty()).then_some(page)
}

fn of_trigger(page: &mut Page, trigger: &Trigger, checked: &Checked) {
    let name = trigger.name.as_str();
    page.subheading(&format!("trigger-{name}"), name);
    page.doc(trigger.doc.as_ref());
    stands(page, &trigger.place);
    let (own, _) = written::block(checked, &trigger.place, "trigger", name);
    runs(page, &trigger.run);
    page.table(&["Attribute", "Value"], set(&own));
}

fn of_matrix(page: &mut Page, matrix: &Matrix, checked: &Checked) {
    let name = matrix.name.as_str();
    page.subheading(&format!("matrix-{name}"), name);
    page.doc(matrix.doc.as_ref());
    stands(page, &matrix.place);
    let (own, _) = written::block(checked, &matrix.place, "matrix", name);
    runs(page, &matrix.run);
    page.table(&["Attribute", "Value"], set(&own));
    let cells = matrix.cells.iter().take(CELLS_MAX);
    page.table(&["Run"], cells.map(|cell| vec![code(&format!("{name}[{}]", cell.key))]).collect());
    let more = matrix.cells.len().saturating_sub(CELLS_MAX);
    if more > 0 {
        page.push(Block::Paragraph(text(&format!("And {more} more."))));
    }
}

fn runs(page: &mut Page, run: &Run) {
    let name = run.pipeline.as_str();
    let mut words = text("Runs ");
    words.push(link(name, &pipeline::page_name(name), None));
    page.push(Block::Paragraph(words));
}

fn stands(page: &mut Page, place: &Place) {
    page.push(Block::Paragraph(text(&format!("`{}`, line {}", place.file, place.line))));
}

/// The lists of the page of contents: monitors, then what starts runs.
pub(crate) fn contents(page: &mut Page, checked: &Checked) {
    let program = &checked.program;
    if !program.monitors.is_empty() {
        page.heading("monitors", "Monitors");
    }
    let rows = program.monitors.values().map(|monitor| {
        let name = monitor.name.as_str();
        let watches: Vec<&str> = monitor.watches.iter().map(|watch| watch.name.as_str()).collect();
        let watches = pipeline::codes(&watches);
        vec![vec![link(name, MONITORS, Some(name))], watches, first_sentence(monitor.doc.as_ref())]
    });
    page.table(&["Monitor", "Watches for", "What it is for"], rows.collect());
    if !program.triggers.is_empty() || !program.matrices.is_empty() {
        page.heading("triggers", "Triggers and matrices");
    }
    let row = |kind: &str, name: &str, run: &Run, doc: Option<&String>| {
        let place = format!("{kind}-{name}");
        let runs =
            vec![link(run.pipeline.as_str(), &pipeline::page_name(run.pipeline.as_str()), None)];
        vec![vec![link(name, TRIGGERS, Some(&place))], text(kind), runs, first_sentence(doc)]
    };
    let triggers = program.triggers.values();
    let triggers = triggers.map(|it| row("trigger", it.name.as_str(), &it.run, it.doc.as_ref()));
    let matrices = program.matrices.values();
    let matrices = matrices.map(|it| row("matrix", it.name.as_str(), &it.run, it.doc.as_ref()));
    page.table(&["Name", "Kind", "Runs", "What it is for"], triggers.chain(matrices).collect());
}
