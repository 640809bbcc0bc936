//! Statements and blocks.

use super::{expression, path, spanned, types};
use crate::ast::{
    Annotation, Binding, Block, Clause, Definition, Direction, Expr, ExprKind, Instance,
    Rule as RuleStmt, Spanned, Stmt, StmtKind, Use, UseName, UseSource, VariantDef,
};
use crate::grammar::Rule;
use crate::mistake;
use crate::place;
use crate::tree::{Syntax, Tree};

/// The statements a node holds, each with the comments and annotations above it.
pub(super) fn all(holder: Syntax<'_>) -> Vec<Stmt> {
    let mut items = Vec::new();
    let mut doc = Doc::default();
    let mut annotations = Vec::new();
    for node in holder.children() {
        match node.rule() {
            Rule::comment => doc.comment(node),
            Rule::annot => annotations.extend(annotation(node)),
            _ => {
                let (doc, annotations) = (doc.take(), std::mem::take(&mut annotations));
                if let Some(mended) = mended(node) {
                    items.extend(mended);
                } else if let Some(kind) = kind(node) {
                    items.push(Stmt { kind, span: node.in_file(), doc, annotations });
                }
            }
        }
    }
    items
}

/// What a broken statement says once it is mended as its errors propose.
fn mended(node: Syntax<'_>) -> Option<Vec<Stmt>> {
    let statement = mistake::statement(node);
    let edits = node.tree().mends(statement.start)?;
    let mended = mistake::Mended::new(node.tree().text(), statement, edits)?;
    let tree = Tree::of_mended(&mended);
    tree.root().map(all)
}

/// The `///` lines since the last statement.
#[derive(Default)]
struct Doc(Vec<String>);

impl Doc {
    /// Takes a comment in: a plain one between the lines and the statement changes nothing, and one
    /// at the end of a statement's line is no documentation of the next.
    fn comment(&mut self, node: Syntax<'_>) {
        let text = node.text();
        let Some(line) = text.strip_prefix("///").filter(|rest| !rest.starts_with('/')) else {
            return;
        };
        if place::begins_line(node.tree().text(), node.span().start) {
            self.0.push(line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned());
        }
    }

    fn take(&mut self) -> Option<String> {
        let lines = std::mem::take(&mut self.0);
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn annotation(node: Syntax<'_>) -> Option<Annotation> {
    Some(Annotation { path: path(node.child(Rule::path)?), args: expression::args(node) })
}

fn kind(node: Syntax<'_>) -> Option<StmtKind> {
    match node.rule() {
        Rule::edition => node.child(Rule::int).map(|year| StmtKind::Edition(spanned(year))),
        Rule::use_d => uses(node),
        Rule::value_d => binding(node),
        Rule::port_d => port(node),
        Rule::typedef => definition(node).map(StmtKind::Definition),
        Rule::inst => instance(node),
        Rule::attr => {
            Some(StmtKind::Attribute { path: path(node.child(Rule::path)?), value: value(node)? })
        }
        Rule::given => {
            Some(StmtKind::Given { path: path(node.child(Rule::path)?), value: value(node)? })
        }
        Rule::rule_d => rule(node).map(StmtKind::Rule),
        Rule::bad => mistake::meant(node),
        _ => None,
    }
}

/// What stands after the `=` of a node; missing where it is broken; none where there is no `=`.
fn value(node: Syntax<'_>) -> Option<Expr> {
    node.children().find_map(|child| match child.rule() {
        Rule::expr => Some(expression::of(child)),
        Rule::bad_expr => Some(Expr { kind: ExprKind::Missing, span: child.in_file() }),
        _ => None,
    })
}

fn uses(node: Syntax<'_>) -> Option<StmtKind> {
    let source = match (node.child(Rule::string), node.child(Rule::path)) {
        (Some(file), _) => UseSource::File(expression::plain_text(file)),
        (None, Some(library)) => UseSource::Library(path(library)),
        (None, None) => return None,
    };
    let names = node.child(Rule::use_list).map(use_names).unwrap_or_default();
    Some(StmtKind::Use(Use { source, names, alias: alias(node) }))
}

fn use_names(list: Syntax<'_>) -> Vec<UseName> {
    let names = list.children().filter(|child| child.rule() == Rule::use_name);
    names
        .filter_map(|node| {
            Some(UseName { name: spanned(node.child(Rule::ident)?), alias: alias(node) })
        })
        .collect()
}

fn alias(node: Syntax<'_>) -> Option<Spanned<String>> {
    node.child(Rule::alias).map(spanned)
}

fn binding(node: Syntax<'_>) -> Option<StmtKind> {
    let keyword = match node.child(Rule::kw_bind)?.text() {
        "param" => Binding::Param,
        "secret" => Binding::Secret,
        _ => Binding::Let,
    };
    let name = spanned(node.child(Rule::ident)?);
    let ty = node.child(Rule::r#type).map(types::written);
    Some(StmtKind::Binding { keyword, name, ty, value: value(node) })
}

fn port(node: Syntax<'_>) -> Option<StmtKind> {
    let direction = match node.child(Rule::kw_port)?.text() {
        "in" => Direction::In,
        _ => Direction::Out,
    };
    let name = spanned(node.child(Rule::ident)?);
    let ty = types::written(node.child(Rule::r#type)?);
    Some(StmtKind::Port { direction, name, ty, default: value(node) })
}

fn definition(node: Syntax<'_>) -> Option<Definition> {
    let keyword = node.child(Rule::kw_enum).or_else(|| node.child(Rule::kw_def))?;
    Some(Definition {
        keyword: spanned(keyword),
        name: spanned(node.child(Rule::ident)?),
        ty: node.child(Rule::r#type).map(types::written),
        value: value(node),
        variants: node.child(Rule::choices).map(variants).unwrap_or_default(),
        body: node.child(Rule::block).map(block),
    })
}

fn variants(choices: Syntax<'_>) -> Vec<VariantDef> {
    let mut variants = Vec::new();
    let mut doc = Doc::default();
    for node in choices.children() {
        match node.rule() {
            Rule::comment => doc.comment(node),
            Rule::variant => variants.extend(node.child(Rule::ident).map(|name| VariantDef {
                name: spanned(name),
                params: node.child(Rule::params).map(types::params).unwrap_or_default(),
                doc: doc.take(),
            })),
            _ => drop(doc.take()),
        }
    }
    variants
}

/// An instance; or, where the author wrote `retry: { … }`, the attribute it was meant to be.
fn instance(node: Syntax<'_>) -> Option<StmtKind> {
    let kind = path(node.child(Rule::path)?);
    if let Some(head) = node.child(Rule::bad_head)
        && mistake::means_equals(head.text())
    {
        let value = Expr { kind: ExprKind::Missing, span: node.child(Rule::block)?.in_file() };
        return Some(StmtKind::Attribute { path: kind, value });
    }
    // `for x in xs {`: that there is no such statement was told.
    let is_control = kind.first().is_some_and(|kind| mistake::is_control(&kind.node));
    if is_control && node.child(Rule::bad_head).is_some() {
        return None;
    }
    let name = node.children().find_map(|child| match child.rule() {
        Rule::ident => Some(spanned(child)),
        Rule::string => Some(expression::plain_text(child)),
        _ => None,
    });
    let params = node.child(Rule::params).map(types::params).unwrap_or_default();
    let body = block(node.child(Rule::block)?);
    Some(StmtKind::Instance(Instance { kind, name, params, body }))
}

fn block(node: Syntax<'_>) -> Block {
    Block { items: all(node), span: node.in_file() }
}

fn rule(node: Syntax<'_>) -> Option<RuleStmt> {
    Some(RuleStmt {
        verb: spanned(node.child(Rule::verb)?),
        when: node.child(Rule::kw_when).is_some(),
        condition: value(node)?,
        clauses: node.children().filter_map(clause).collect(),
        body: node.child(Rule::block).map(block),
    })
}

fn clause(node: Syntax<'_>) -> Option<Clause> {
    let keyword = spanned(node.child(Rule::kw_clause)?);
    Some(Clause { keyword, value: expression::of(node.child(Rule::expr)?) })
}
