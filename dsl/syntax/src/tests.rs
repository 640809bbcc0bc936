//! What holds of every text: the corpus of the language's own examples, and mutants of it.

use std::fmt::Write as _;
use std::path::PathBuf;

use expect_test::expect;

use crate::format::{difference, lay_out};
use crate::grammar::Rule;
use crate::mistake;
use crate::tree::Tree;
use crate::{BYTES_MAX, SyntaxError, apply, format, line_column, parse};
use mutant::Chance;

mod mutant;

/// The `.suho` files of a folder of the repository, with their names, in order.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "suho"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The language's own examples and those of the repository, the broken one apart.
fn corpus() -> Vec<(String, String)> {
    let mut corpus = files("tests/corpus");
    corpus.retain(|(name, _)| !name.ends_with("broken.suho"));
    corpus.extend(files("../../examples/quickstart"));
    corpus
}

/// Errors as lines of text: place, code, message, label, notes, and what can be typed.
pub(crate) fn drawn(text: &str, errors: &[SyntaxError]) -> String {
    let mut drawn = String::new();
    let place = |offset| {
        let (line, column) = line_column(text, offset);
        format!("{line}:{column}")
    };
    for SyntaxError { code, message, span, label, notes, help } in errors {
        let cut = text.get(span.start..span.end).unwrap();
        writeln!(drawn, "{} {code}: {message}", place(span.start)).unwrap();
        writeln!(drawn, "  {cut:?} {label}").unwrap();
        for (span, words) in notes {
            writeln!(drawn, "  note {} {words}", place(span.start)).unwrap();
        }
        for help in help {
            let edits = help.edits.iter().map(|edit| {
                let old = text.get(edit.span.start..edit.span.end).unwrap();
                format!(" [{} {old:?} -> {:?}]", place(edit.span.start), edit.text)
            });
            writeln!(drawn, "  help: {}{}", help.message, edits.collect::<String>()).unwrap();
        }
    }
    drawn
}

#[test]
fn the_examples_of_the_language_have_no_mistakes() {
    for (name, text) in corpus() {
        assert_eq!(drawn(&text, &parse(&text).errors), "", "{name}");
    }
}

#[test]
fn leaves_and_gaps_are_the_text_and_no_gap_holds_a_comment() {
    for (name, text) in corpus().into_iter().chain(files("tests/corpus")) {
        let tree = Tree::of(&text);
        let (mut again, mut end) = (String::new(), 0);
        for leaf in tree.nodes().filter(|node| node.is_leaf()) {
            let gap = text.get(end..leaf.span().start).unwrap();
            assert!(!gap.contains("//"), "{name}: {gap:?}");
            again += gap;
            again += leaf.text();
            end = leaf.span().end;
        }
        again += text.get(end..).unwrap();
        assert_eq!(again, text, "{name}");
        let comments = tree.nodes().filter(|node| node.rule() == Rule::comment).count();
        let written = text.lines().filter(|line| line.contains("// ")).count();
        assert_eq!(comments, written, "{name}");
    }
}

#[test]
fn the_trees_can_be_sent_to_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&Tree::of("edition 2026"));
    is_send(&parse("edition 2026"));
}

/// What must hold of any text at all.
fn hold(text: &str) {
    let tree = crate::read(text).unwrap();
    let errors = mistake::all(&tree).errors;
    let broken = tree.nodes().any(|node| {
        matches!(
            node.rule(),
            Rule::bad | Rule::bad_expr | Rule::bad_head | Rule::bad_params | Rule::tail
        )
    });
    assert!(!broken || !errors.is_empty(), "unexplained: {text:?}");
    drawn(text, &errors);
    for edits in errors.iter().filter_map(SyntaxError::only_fix) {
        assert!(apply(text, edits).is_some(), "no edits: {edits:?}\n{text}");
    }
    parse(text);
    let laid = lay_out(&tree);
    let again = crate::read(&laid).unwrap();
    assert_eq!(difference(&tree, &again), None, "{text}\n-----\n{laid}");
    assert_eq!(lay_out(&again), laid, "laid out twice differs from once\n{text}\n-----\n");
}

#[test]
fn any_mutant_is_read_explained_and_laid_out_alike_twice() {
    const MUTANTS: usize = 2_500;
    let sources = corpus();
    let mut chance = Chance(88_172_645_463_325_252);
    for _ in 0..MUTANTS {
        let (_, text) = &sources[chance.below(sources.len())];
        hold(&chance.mutant(text, 8));
    }
}

#[test]
fn what_mutants_once_brought_down_holds() {
    for text in [
        "x = 1.0 EUR + 100_.00 USD\n",
        "with{\n//\n\nuse l",
        "[\r\r\ns",
        "e{t{}\"\"}",
        "h{t{\"\"}d}",
        "\"\"\"\n//\n\nuse l",
        "(\n//\n\nmetric 0",
    ] {
        hold(text);
    }
}

#[test]
fn a_mistake_in_an_indented_line_never_closes_the_blocks_around_it() {
    hold("on rollback {use \"a\"\n\n    restore = baseline\n}\n");
    let text = "edition 2026\npipeline p {\n  step inner {\n  }\n  seed = 1\n}\n";
    assert_eq!(drawn(text, &parse(text).errors), "");
}

/// `x = ` and a value in `depth` brackets.
fn nested((open, close): (&str, &str), depth: usize) -> String {
    format!("edition 2026\nx = {}1{}\n", open.repeat(depth), close.repeat(depth))
}

const BRACKETS: [(&str, &str); 6] = [
    ("(", ")"),
    ("[", "]"),
    ("{ a = ", " }"),
    ("f(", ")"),
    ("[for x in ", ": x]"),
    ("\"${", "}\""),
];

#[test]
fn nesting_costs_a_number_of_nodes_in_proportion_to_its_depth() {
    for bracket in BRACKETS {
        let nodes = |depth| Tree::of(&nested(bracket, depth)).nodes().count();
        let (small, large) = (nodes(16), nodes(64));
        assert!(large <= small * 4, "{bracket:?}: {small} nodes at 16, {large} at 64");
        assert!(parse(&nested(bracket, 64)).errors.is_empty(), "{bracket:?}");
    }
}

#[test]
fn nesting_beyond_measure_is_refused_in_words() {
    for bracket in BRACKETS {
        let drawn = |text: &str| drawn(text, &parse(text).errors);
        assert_eq!(drawn(&nested(bracket, 127)), "", "{bracket:?}");
        assert!(drawn(&nested(bracket, 129)).contains("brackets deep"), "{bracket:?}");
        assert!(drawn(&nested(bracket, 20_000)).contains("brackets deep"), "{bracket:?}");
        // Unclosed, so that no closing bracket helps.
        assert!(drawn(&nested((bracket.0, ""), 20_000)).contains("brackets deep"), "{bracket:?}");
        hold(&nested((bracket.0, ""), 20));
        hold(&nested((bracket.0, "\n"), 20));
    }
}

#[test]
fn a_million_brackets_are_one_mistake() {
    for bracket in ["(", "[", "{", "[{(", "f("] {
        let text = format!("edition 2026\nx = {}", bracket.repeat(1_000_000 / bracket.len()));
        let laid = format(&text);
        assert_eq!(laid.errors.len(), 1, "{bracket:?}");
        assert!(laid.text == text, "{bracket:?}");
    }
}

#[test]
fn long_chains_are_refused_and_not_gone_down() {
    for link in ["1 + ", "- ", "not ", "1 and\n", "if a then b else ", "if a then ", "a.b.", "1 < "]
    {
        let text = format!("edition 2026\nx = {}1\n", link.repeat(5_000));
        let drawn = drawn(&text, &parse(&text).errors);
        assert_eq!(drawn.matches(" syntax: ").count(), 1, "{link:?}: {drawn}");
        format(&text);
    }
}

#[test]
fn a_file_has_a_largest_size() {
    let comment = format!("edition 2026\n// {}\n", "x".repeat(BYTES_MAX - 17));
    assert_eq!(comment.len(), BYTES_MAX);
    assert!(parse(&comment).errors.is_empty());
    let text = comment + "\n";
    expect![[r#"
        1:1 syntax: the file is larger than 1024 KiB
          "" 
          help: split it; `use` takes names from other files
    "#]]
    .assert_eq(&drawn(&text, &parse(&text).errors));
    assert_eq!(format(&text).text, text);
}

#[test]
fn places_are_counted_in_lines_and_characters() {
    let text = "\u{FEFF}é = 1\r\nb\n";
    assert_eq!(line_column(text, 0), (1, 1));
    assert_eq!(line_column(text, 3), (1, 1));
    assert_eq!(line_column(text, 5), (1, 2));
    assert_eq!(line_column(text, 11), (2, 1));
    assert_eq!(line_column(text, 12), (2, 2));
    assert_eq!(line_column(text, 1_000), (3, 1));
    let long = "\n".repeat(1_000) + "é";
    assert_eq!(line_column(&long, long.len()), (1_001, 2));
}

#[test]
fn byte_order_marks_and_carriage_returns_change_nothing() {
    for (name, text) in corpus() {
        let windows = format!("\u{FEFF}{}", text.replace('\n', "\r\n"));
        assert_eq!(drawn(&windows, &parse(&windows).errors), "", "{name}");
        assert_eq!(format(&windows).text, format(&text).text, "{name}");
    }
}

/// Rules that only the parser needs: blanks, lookaheads, marks, words told by their text.
const INNER: [&str; 20] = [
    "WHITESPACE",
    "eol",
    "nl",
    "eos",
    "end",
    "bom",
    "close",
    "eq_",
    "colon",
    "set",
    "alias",
    "opt",
    "link",
    "lead",
    "args",
    "if_e",
    "pair_end",
    "day",
    "chars",
    "raw",
];

#[test]
fn the_page_of_the_grammar_names_every_rule_and_word() {
    let page = include_str!("../../GRAMMAR.md");
    let pest = include_str!("suho.pest");
    let language = pest.split("// ---- recovery").next().unwrap();
    for line in language.lines().filter(|line| !line.starts_with("//")) {
        let Some((name, body)) = line.split_once(" = ") else { continue };
        let name = name.trim_end().trim_end_matches("_d");
        let inner =
            INNER.contains(&name.trim()) || name.starts_with("kw_") || name.starts_with("id_");
        if !inner && name != "reserved" && name != "keyword" {
            let defined = page.lines().any(|line| {
                line.split_once('=').is_some_and(|(defined, _)| defined.trim_end() == name.trim())
            });
            assert!(defined, "rule `{name}` is not on the page");
        }
        let body = body.replace("\\\\", "").replace("\\\"", "");
        for word in body.split('"').skip(1).step_by(2).filter(|word| word.len() > 1) {
            let blank = ["WHITESPACE", "eol", "bom"].contains(&name.trim());
            assert!(blank || page.contains(&format!("\"{word}\"")), "`{word}` is not on the page");
        }
    }
}
