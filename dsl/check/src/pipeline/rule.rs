//! `require …`, `rollback when …`, `hold when …`, `compare … { … }`.

use crate::block::said;
use crate::diagnostic::At;
use crate::diagnostics::{constant_condition, rule_not_allowed, type_mismatch};
use crate::elaborate::{Elaborator, RuleNames, Scope, Typed};
use crate::library;
use crate::library::definition::verb;
use crate::program::{Expr, Rule, Verb};
use crate::{Phase, Type};
use std::collections::BTreeMap;
use suho_domain::Value;
use suho_syntax::ast::{self, Span, Stmt};

impl Elaborator<'_> {
    /// The rule that `written` writes.
    pub(crate) fn rule(
        &mut self,
        written: &ast::Rule,
        stmt: &Stmt,
        mut names: RuleNames<'_>,
        scope: &Scope<'_>,
    ) -> Option<Rule> {
        let kind = &names.signature.kind;
        let verb_at = At::new(scope.file, written.verb.span);
        let allowed = &names.signature.rules;
        let Some(verb) = verb(&written.verb.node).filter(|verb| allowed.contains(verb)) else {
            let known: Vec<&str> = allowed.iter().map(|verb| word(*verb)).collect();
            let found = rule_not_allowed::verb(verb_at, kind.as_str(), &written.verb.node, &known);
            self.found.push(found);
            return None;
        };
        names.verb = Some(verb);
        let inner = Scope { rule: Some(names), ..scope.clone() };
        let condition = if verb == Verb::Compare {
            self.compared(&written.condition, &inner)
        } else {
            self.condition(&written.condition, &inner)
        };
        let (lasting, otherwise) = self.clauses(written, verb, scope);
        let attributes = self.rule_body(written, verb, scope);
        let end = written.clauses.last().map_or(written.condition.span, |clause| clause.value.span);
        let span = Span { start: stmt.span.start, end: end.end };
        Some(Rule {
            verb,
            condition: condition.expr,
            lasting,
            otherwise,
            attributes,
            text: self.sources.slice(At::new(scope.file, span)),
            place: self.spot(At::new(scope.file, stmt.span)),
        })
    }

    /// A condition that metrics or outputs decide.
    fn condition(&mut self, written: &ast::Expr, scope: &Scope<'_>) -> Typed {
        let typed = self.infer(written, &Type::Bool, scope);
        let typed = match typed.ty.clone() {
            Type::Optional(inner) => Typed { ty: *inner, ..typed },
            _ => typed,
        };
        let before = self.found.len();
        let typed = self.fit(typed, &Type::Bool);
        if self.found.len() > before
            && let Some(last) = self.found.pop()
        {
            self.found.push(last.help("a rule needs a condition: compare it with something"));
        }
        if let (Expr::Value(Value::Bool(outcome)), false) = (&typed.expr, typed.is_broken()) {
            let why = "nothing in it is measured";
            self.found.push(constant_condition::new(typed.at, *outcome, why));
        }
        typed
    }

    /// The metric that a `compare` is about.
    fn compared(&mut self, written: &ast::Expr, scope: &Scope<'_>) -> Typed {
        let typed = self.infer(written, &Type::Unknown, scope);
        if typed.is_broken() || matches!(typed.expr, Expr::Live(_)) {
            return typed;
        }
        let got = typed.ty.to_string();
        let found = type_mismatch::new(typed.at, "a live metric", &got);
        self.broken(typed.at, found)
    }

    /// `for 5m` and `else "text"`.
    fn clauses(
        &mut self,
        written: &ast::Rule,
        verb: Verb,
        scope: &Scope<'_>,
    ) -> (Option<Expr>, Option<Expr>) {
        let (mut lasting, mut otherwise) = (None, None);
        for clause in &written.clauses {
            let at = At::new(scope.file, clause.keyword.span);
            match (&*clause.keyword.node, verb) {
                ("for", Verb::Rollback | Verb::Hold | Verb::Fire) => {
                    let typed = self.check(&clause.value, &Type::Duration, scope);
                    if typed.phase > Phase::Start {
                        let found = crate::diagnostics::phase::new(
                            typed.at,
                            "for",
                            Phase::Plan,
                            typed.phase,
                            None,
                        );
                        self.found.push(found);
                    }
                    lasting = Some(typed.expr);
                }
                ("else", Verb::Require) => {
                    otherwise = Some(self.check(&clause.value, &Type::Text, scope).expr);
                }
                (keyword, verb) => {
                    self.found.push(rule_not_allowed::clause(at, word(verb), keyword));
                }
            }
        }
        (lasting, otherwise)
    }

    /// The block of a `compare`, with its defaults; other verbs have none.
    fn rule_body(
        &mut self,
        written: &ast::Rule,
        verb: Verb,
        scope: &Scope<'_>,
    ) -> BTreeMap<String, Expr> {
        let at = At::new(scope.file, written.verb.span);
        if verb != Verb::Compare {
            if written.body.is_some() {
                self.found.push(rule_not_allowed::clause(at, word(verb), "{ … }"));
            }
            return BTreeMap::new();
        }
        let ports = self.record_ports(library::COMPARE);
        let mut given = BTreeMap::new();
        if let Some(body) = &written.body {
            given = self.attributes("compare", body, &[ports], scope);
            self.only_attributes("compare", body, scope.file);
        }
        self.complete("`compare`", at, &mut given, ports, None);
        said(given)
    }
}

/// The verb as it is written.
const fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Require => "require",
        Verb::Rollback => "rollback",
        Verb::Hold => "hold",
        Verb::Compare => "compare",
        Verb::Fire => "fire",
    }
}
