//! The real library and the quickstart; and a project whose author writes hostile texts.

use crate::{Format, files};
use std::path::{Path, PathBuf};
use suho_check::{Checked, World, check};

pub(crate) struct Library;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

impl World for Library {
    fn prelude(&self) -> Vec<(String, String)> {
        let entries = repository().join("stdlib/prelude").read_dir().unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let text = |name: &String| read(&format!("stdlib/prelude/{name}"));
        names.iter().map(|name| (name.clone(), text(name))).collect()
    }
    fn read(&self, _from: &str, _path: &str) -> Result<(String, String), String> {
        Err("there is no such file".to_owned())
    }
    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

pub(crate) fn quickstart() -> Checked {
    let file = |name: &str| (name.to_owned(), read(&format!("examples/quickstart/{name}")));
    check(&["model.suho", "pipeline.suho", "project.suho"].map(file), &Library)
}

/// Our own pipelines, with all that goes on beside them.
pub(crate) fn own() -> Checked {
    let folder = repository().join("pipelines");
    let mut names: Vec<String> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|it| it == "suho"))
        .collect();
    names.sort();
    let files: Vec<_> =
        names.iter().map(|name| (name.clone(), read(&format!("pipelines/{name}")))).collect();
    check(&files, &Library)
}

fn page(checked: &Checked, format: Format, name: &str) -> String {
    let files = files(checked, &Library.prelude(), format);
    let found = files.into_iter().find(|(each, _)| each == name);
    found.unwrap_or_else(|| panic!("no page `{name}`")).1
}

/// Every tag of `html` but those that stand alone is closed by its own, and each attribute is
/// quoted.
fn is_well_formed(html: &str) {
    let alone = ["meta", "!DOCTYPE", "path", "rect"];
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, below) = after.split_once('>').unwrap();
        rest = below;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "</{name}>");
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        let name = tag.split([' ', '\n', '/']).next().unwrap();
        if name == "style" {
            rest = rest.split_once("</style>").unwrap().1;
        } else if !alone.contains(&name) && !tag.ends_with('/') {
            open.push(name.to_owned());
        }
    }
    assert_eq!(open, [""; 0]);
}

#[test]
fn the_quickstarts_page_in_markdown() {
    let text = page(&quickstart(), Format::Markdown, "pipeline-quickstart.md");
    expect_test::expect_file!["tests/quickstart.md"].assert_eq(&text);
}

#[test]
fn every_page_is_whole_html_without_scripts_and_with_links_that_lead_somewhere() {
    let files = files(&quickstart(), &Library.prelude(), Format::Html);
    let names: Vec<&str> = files.iter().map(|(name, _)| &**name).collect();
    let expected = [
        "index.html",
        "pipeline-quickstart.html",
        "std-core.html",
        "std-ml.html",
        "std-ops.html",
        "std-rollout.html",
        "std-sim.html",
    ];
    assert_eq!(names, expected);
    have_links_that_lead_somewhere(&files);
}

#[test]
fn everything_of_our_own_project_has_a_page() {
    let own = own();
    let files = files(&own, &Library.prelude(), Format::Html);
    have_links_that_lead_somewhere(&files);
    let text = |name: &str| &files.iter().find(|(each, _)| each == name).unwrap().1;
    let program = &own.program;
    for monitor in program.monitors.values() {
        for watch in &monitor.watches {
            let heading = format!("<code>{} {}</code>", watch.kind, watch.name);
            assert!(text("monitors.html").contains(&heading), "{heading}");
        }
    }
    for name in program.triggers.keys().chain(program.matrices.keys()) {
        assert!(text("triggers.html").contains(&format!("<code>{name}</code>")), "{name}");
    }
    for kind in ["integration_tests", "export_rows", "set_traffic"] {
        assert!(text("own.html").contains(&format!("id=\"{kind}\"")), "{kind}");
    }
    assert!(text("pipeline-fx_lstm.html").contains("href=\"own.html#integration_tests\""));
}

#[test]
fn a_monitors_page_in_markdown() {
    let text = page(&own(), Format::Markdown, "monitors.md");
    let first: Vec<&str> = text.lines().take(44).collect();
    expect_test::expect![[r##"
        # Monitors

        ## everybodys

        The platform's model, which has nobody of its own to look after it.

        `operations.suho`, line 51

        | Attribute | Value |
        | --- | --- |
        | `model` | `production("platform_lstm")` |
        | `every` | `5m` |

        ### `alert silent`

        | What | Value |
        | --- | --- |
        | fires when | `requests over 1h == 0 for 30m` |
        | `severity` | `info` |
        | `notify` | `[desk]` |

        ### `alert unreachable`

        | What | Value |
        | --- | --- |
        | fires when | `uptime over 15m < 99% for 15m` |
        | `severity` | `critical` |
        | `notify` | `[oncall]` |

        ### `drift moved`

        | What | Value |
        | --- | --- |
        | fires when | `verdict == drift` |
        | `schedule` | `every(1d)` |
        | `critical` | `["atr_14"]` |
        | `notify` | `[desk]` |

        ## prod

        The tenant's model, as it serves.

        `operations.suho`, line 12
    "##]]
    .assert_eq(&first.join("\n"));
}

/// Each page is well formed, loads nothing, and links to what is there.
fn have_links_that_lead_somewhere(files: &[(String, String)]) {
    let names: Vec<&str> = files.iter().map(|(name, _)| &**name).collect();
    for (name, html) in files {
        is_well_formed(html);
        assert!(!html.contains("<script") && !html.contains("src="), "{name}");
        for link in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let (page, place) = link.split_once('#').unwrap_or((link, ""));
            let there = files.iter().find(|(each, _)| each == page).map_or(html, |(_, html)| html);
            assert!(page.is_empty() || names.contains(&page), "{name}: {link}");
            assert!(
                place.is_empty() || there.contains(&format!("id=\"{place}\"")),
                "{name}: {link}"
            );
        }
    }
}

#[test]
fn everything_in_the_library_is_on_its_pages() {
    let checked = quickstart();
    let files = files(&checked, &Library.prelude(), Format::Html);
    let all: String = files.iter().map(|(_, html)| html.as_str()).collect();
    let library = &checked.library;
    let kinds = library.steps.keys().chain(library.resources.keys()).map(suho_domain::Name::as_str);
    let types = library.records.keys().chain(library.enums.keys()).map(String::as_str);
    for name in kinds.chain(types).chain(library.metrics.keys().map(String::as_str)) {
        assert!(all.contains(&format!("<code>{name}</code>")), "{name}");
    }
}

/// Texts that would be something else, were they not escaped.
const HOSTILE: &str = "edition 2026

use std.ml
use std.rollout

/// </p></main><script>alert(1)</script> `a <b onclick=\"x\"> | c` & **bold** [x](javascript:alert(2)) | y
/// `unclosed <img src=x onerror=alert(3)>
pipeline hostile(
  note: Text = \"</code><script>alert('4')</script>\",
) {
  production baseline { model = \"x\\\" onload=\\\"alert(5)\" }

  /// <!-- <style>*{display:none}</style>
  gate g {
    model = baseline
    require baseline == none else \"</td><script>`|alert(6)</script>\"
  }
}
";

/// Markdown without its code spans and its escaped characters.
fn without_code(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let run = |at: usize| letters[at..].iter().take_while(|c| **c == '`').count();
    let mut words = String::new();
    let mut at = 0;
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '`' => {
                let fence = run(at);
                at += fence;
                while run(at) != fence {
                    assert!(at < letters.len(), "a code span that does not end");
                    at += run(at).max(1);
                }
                at += fence;
            }
            letter => {
                words.push(letter);
                at += 1;
            }
        }
    }
    words
}

#[test]
fn hostile_texts_stay_texts() {
    let checked = check(&[("hostile.suho".to_owned(), HOSTILE.to_owned())], &Library);
    let html = page(&checked, Format::Html, "pipeline-hostile.html");
    is_well_formed(&html);
    let body = html.split_once("</style>").unwrap().1;
    for tag in ["<script", "<img", "<style", "<b ", "<!--", "javascript:alert(2)\""] {
        assert!(!body.contains(tag), "{tag}");
    }
    assert!(body.contains("&lt;/p&gt;&lt;/main&gt;&lt;script&gt;"), "it is still to be read");

    let text = page(&checked, Format::Markdown, "pipeline-hostile.md");
    // Outside of code nothing is left that Markdown or HTML would read.
    let words = without_code(&text);
    assert!(!words.contains('<') && !words.contains("](javascript"), "{words}");
    for row in text.lines().filter(|line| line.starts_with('|')) {
        let columns = row.replace("\\|", "").matches('|').count();
        assert!((3..=5).contains(&columns), "{row}");
    }
}

#[test]
fn a_broken_program_has_pages_too() {
    let text = read("examples/quickstart/pipeline.suho");
    let lines: Vec<&str> = text.lines().collect();
    for cut in (0..lines.len()).step_by(20) {
        let entry = [("pipeline.suho".to_owned(), lines[..cut].join("\n"))];
        for (_, html) in files(&check(&entry, &Library), &Library.prelude(), Format::Html) {
            is_well_formed(&html);
        }
    }
}
