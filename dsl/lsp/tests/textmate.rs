//! The editor's colours, drawn from the grammar and the library: a second grammar written by hand
//! would drift.
//!
//! `BLESS=1` redraws `editors/vscode/syntaxes/suho.tmLanguage.json`; a person reads the diff.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use suho_check::{Library, World, check};

/// The prelude alone.
struct Prelude;

impl World for Prelude {
    fn prelude(&self) -> Vec<(String, String)> {
        let entries = root().join("stdlib/prelude").read_dir().unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
    }
    fn read(&self, _from: &str, _path: &str) -> Result<(String, String), String> {
        Err("the prelude uses no files".to_owned())
    }
    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The words that stand in quotes in the rule `name` of the grammar.
fn words(grammar: &str, name: &str) -> BTreeSet<String> {
    let is_rule = |line: &&str| line.split([' ', '=']).next() == Some(name);
    let line = grammar.lines().find(is_rule).unwrap_or_else(|| panic!("no rule `{name}`"));
    let quoted = line.split('"').skip(1).step_by(2);
    let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
    let words: BTreeSet<String> = quoted.filter(is_word).map(str::to_owned).collect();
    assert!(!words.is_empty(), "`{name}` has no words");
    words
}

/// A pattern that matches any of `words`, whole.
fn any<'w>(words: impl IntoIterator<Item = &'w String>) -> String {
    let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
    format!(r"\b({})\b", words.join("|"))
}

/// The words of the grammar that begin statements or stand in values.
struct Words {
    declarations: BTreeSet<String>,
    verbs: BTreeSet<String>,
    flow: BTreeSet<String>,
    operators: BTreeSet<String>,
    renaming: BTreeSet<String>,
    /// What the grammar says stands outside of blocks, and every kind that the library has.
    kinds: BTreeSet<String>,
}

impl Words {
    fn of(grammar: &str, library: &Library) -> Self {
        let of = |names: &str| -> BTreeSet<String> {
            names.split_whitespace().flat_map(|name| words(grammar, name)).collect()
        };
        let declarations = of("kw_edition kw_use kw_as kw_bind kw_port kw_def kw_enum kw_given");
        let mut kinds = of("top_word");
        kinds.insert("on".to_owned());
        let own = library.steps.keys().chain(library.resources.keys());
        kinds.extend(own.map(|kind| kind.as_str().to_owned()));
        kinds.retain(|kind| !declarations.contains(kind));
        Self {
            declarations,
            verbs: of("verb"),
            flow: of("kw_when kw_clause kw_with kw_if kw_then kw_else kw_for"),
            operators: of("infix lead prefix"),
            renaming: of("kw_as"),
            kinds,
        }
    }
}

/// The words that begin a statement.
fn at_start(words: &BTreeSet<String>) -> String {
    format!(r"(?<=^|\{{)\s*{}", any(words))
}

/// The grammar of colours.
fn draw(words: &Words) -> Value {
    json!({
        "$comment": "Drawn from the grammar and the library; to draw it again: \
                     BLESS=1 cargo test -p suho-lsp --test textmate",
        "name": "suho",
        "scopeName": "source.suho",
        "patterns": [
            { "include": "#comments" },
            { "include": "#texts" },
            { "include": "#annotations" },
            { "include": "#heads" },
            { "include": "#statements" },
            { "include": "#values" },
        ],
        "repository": {
            "comments": { "patterns": [
                { "name": "comment.line.documentation.suho", "match": "///(?!/).*$" },
                { "name": "comment.line.double-slash.suho", "match": "//.*$" },
            ] },
            "texts": texts(),
            "annotations": {
                "match": r"^\s*(@[A-Za-z_][\w.]*)",
                "captures": { "1": { "name": "storage.modifier.suho" } },
            },
            "heads": heads(words),
            "statements": statements(words),
            "values": values(words),
        },
    })
}

/// Strings, with what is put into them.
fn texts() -> Value {
    json!({ "patterns": [
        { "name": "string.quoted.triple.suho", "begin": "\"\"\"", "end": "\"\"\"" },
        {
            "name": "string.quoted.double.suho",
            "begin": "\"",
            "end": "\"|$",
            "patterns": [
                { "name": "constant.character.escape.suho", "match": r#"\\[nt"\\$]"# },
                { "name": "invalid.illegal.escape.suho", "match": r"\\." },
                {
                    "name": "meta.interpolation.suho",
                    "begin": r"\$\{",
                    "end": r"\}",
                    "beginCaptures": { "0": { "name": "punctuation.section.embedded.suho" } },
                    "endCaptures": { "0": { "name": "punctuation.section.embedded.suho" } },
                    "patterns": [{ "include": "#texts" }, { "include": "#values" }],
                },
            ],
        },
    ] })
}

/// `train candidate {`, of the library's kinds and of the user's own.
fn heads(words: &Words) -> Value {
    let known = at_start(&words.kinds);
    json!({ "patterns": [
        {
            "match": format!(r#"{known}(?:\s+([A-Za-z_]\w*))?(?=\s*["({{])"#),
            "captures": {
                "1": { "name": "keyword.other.kind.suho" },
                "2": { "name": "entity.name.type.suho" },
            },
        },
        {
            "match": r"(?<=^|\{)\s*([a-z_]\w*)\s+([A-Za-z_]\w*)(?=\s*\{)",
            "captures": {
                "1": { "name": "entity.name.function.suho" },
                "2": { "name": "entity.name.type.suho" },
            },
        },
    ] })
}

/// What else a statement begins with.
fn statements(words: &Words) -> Value {
    json!({ "patterns": [
        {
            "match": r"(?<=^|[{,])\s*([A-Za-z_][\w.]*)\s*(=)(?!=)",
            "captures": {
                "1": { "name": "variable.other.property.suho" },
                "2": { "name": "keyword.operator.assignment.suho" },
            },
        },
        {
            "match": at_start(&words.declarations),
            "captures": { "1": { "name": "storage.type.suho" } },
        },
        {
            "match": at_start(&words.verbs),
            "captures": { "1": { "name": "keyword.control.rule.suho" } },
        },
    ] })
}

fn values(words: &Words) -> Value {
    json!({ "patterns": [
        {
            "name": "constant.numeric.date.suho",
            "match": r"\b\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?(\[[^\]]+\])?)?",
        },
        { "name": "constant.numeric.version.suho", "match": r"\bv\d+\.\d+\.\d+\b" },
        { "name": "constant.numeric.money.suho", "match": r"\b\d[\d_]*(\.\d+)? +[A-Z]{3}\b" },
        {
            "match":
                r"\b(\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)(%|[A-Za-z_][\dA-Za-z_]*)?",
            "captures": {
                "1": { "name": "constant.numeric.suho" },
                "2": { "name": "keyword.other.unit.suho" },
            },
        },
        { "name": "constant.language.suho", "match": r"\b(true|false|none)\b" },
        { "name": "keyword.control.suho", "match": any(&words.flow) },
        { "name": "keyword.operator.word.suho", "match": any(&words.operators) },
        { "name": "storage.type.suho", "match": any(&words.renaming) },
        { "name": "support.type.suho", "match": r"\b[A-Z]\w*\b" },
        { "name": "entity.name.function.suho", "match": r"\b[a-z_]\w*(?=\()" },
        { "name": "variable.parameter.suho", "match": r"\b[a-z_]\w*(?=\s*:)" },
        { "name": "keyword.operator.suho", "match": r"<=|>=|==|!=|\?\?|\?\.|\.\.|[-+*/<>=]" },
    ] })
}

#[test]
fn the_colours_are_those_of_the_grammar_and_the_library() {
    let grammar = std::fs::read_to_string(root().join("dsl/syntax/src/suho.pest")).unwrap();
    let drawn = draw(&Words::of(&grammar, &check(&[], &Prelude).library));
    let drawn = format!("{drawn:#}\n");
    let path = root().join("editors/vscode/syntaxes/suho.tmLanguage.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap();
    assert!(there == drawn, "not as the grammar says; BLESS=1 redraws {}", path.display());
}

#[test]
fn the_extension_names_files_that_are_there() {
    let folder = root().join("editors/vscode");
    let package: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("package.json")).unwrap())
            .unwrap();
    let named = ["/main", "/contributes/languages/0/configuration", "/contributes/grammars/0/path"];
    for place in named {
        let path = package.pointer(place).and_then(Value::as_str).unwrap();
        assert!(folder.join(path).exists(), "{path}");
    }
    let commands = std::fs::read_to_string(folder.join("extension.js")).unwrap();
    for command in ["suho.plan", "suho.rehearse", "suho.restart", suho_lsp::LIBRARY_SCHEME] {
        assert!(commands.contains(&format!("\"{command}\"")), "{command}");
    }
}
