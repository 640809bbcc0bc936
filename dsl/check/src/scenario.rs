//! `test "…" { … }`: a run, what its steps come to, and what must come of it.

mod given;

use crate::block::said;
use crate::diagnostic::At;
use crate::diagnostics::{duplicate, missing_attribute, rule_not_allowed, type_mismatch};
use crate::elaborate::{Elaborator, PipelineNames, Scope, StepName, Typed, run};
use crate::program::{Expectation, Expr, Scenario};
use crate::{FileId, Phase, Type};
use std::collections::BTreeMap;
use suho_domain::{Duration, Value};
use suho_syntax::ast::{self, Arg, Instance, Span, Stmt, StmtKind};

/// The record of the library that lists a test's attributes.
pub(crate) const TEST: &str = "TestAttributes";
/// What a test can ask its world: the function, what it is asked about, what it answers.
const QUESTIONS: [(&str, Question); 3] =
    [("traffic", Question::Share), ("max_traffic", Question::Share), ("notified", Question::Told)];
/// The record of the library that channels are.
const CHANNEL: &str = "Channel";

/// What a question is about.
#[derive(Clone, Copy)]
enum Question {
    /// A model's share of the traffic.
    Share,
    /// Whether people were told in a channel.
    Told,
}

/// Whether `function` is a question that only tests ask.
pub(crate) fn is_of_tests(function: &str) -> bool {
    QUESTIONS.iter().any(|(name, _)| *name == function)
}

impl Elaborator<'_> {
    /// The test that `instance` writes.
    pub(crate) fn scenario(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        file: FileId,
    ) -> Option<Scenario> {
        let name = instance.name.as_ref()?;
        let at = At::new(file, name.span);
        let (first, rest) = crate::trigger::parted(&instance.body, &["run"]);
        let ports = self.record_ports(TEST);
        let mut given = self.attributes("test", &first, &[ports], &Scope::of_file(file));
        // What is given and expected means nothing without the run.
        let Some(Type::Run(Some(pipeline))) = given.get("run").map(|typed| typed.ty.clone()) else {
            let body = Some(instance.body.span);
            self.complete("`test`", at, &mut given, ports, body);
            return None;
        };
        let (tested, tested_at) = self.symbols.pipeline(pipeline.as_str())?;
        let names = self.steps_of(tested, tested_at.file);
        let outer = Scope::of_file(file);
        let scope = Scope { pipeline: Some(&names), is_test: true, ..outer };
        given.append(&mut self.attributes("test", &rest, &[ports], &scope));
        self.complete("`test`", at, &mut given, ports, Some(instance.body.span));
        let (mut givens, mut expectations) = (Vec::new(), Vec::new());
        for each in &instance.body.items {
            match &each.kind {
                StmtKind::Attribute { .. } => {}
                StmtKind::Given { path, value } => {
                    givens.extend(self.givens(path, value, each, &scope));
                }
                StmtKind::Rule(rule) => expectations.extend(self.expectation(rule, each, &scope)),
                _ => self.misplaced(each, file, "in a test"),
            }
        }
        self.given_once(&givens);
        let is_broken = self.sources.is_broken(At::new(file, instance.body.span));
        if expectations.is_empty() && !is_broken {
            self.found.push(missing_attribute::rule(at, "a test", "expect …"));
        }
        Some(Scenario {
            name: name.node.clone(),
            doc: stmt.doc.clone(),
            run: run::lowered(given.remove("run")?.expr)?,
            attributes: said(given),
            givens: givens.into_iter().map(|(given, _)| given).collect(),
            expectations,
            place: self.spot(At::new(file, stmt.span)),
        })
    }

    /// The steps of a pipeline, which may stand in another file: all that a test sees of it.
    fn steps_of<'s>(&self, pipeline: &'s Instance, file: FileId) -> PipelineNames<'s>
    where
        Self: 's,
    {
        let name = pipeline.name.as_ref().map_or("", |name| &*name.node);
        let mut names = PipelineNames { name, ..PipelineNames::default() };
        for stmt in &pipeline.body.items {
            let StmtKind::Instance(inner) = &stmt.kind else { continue };
            let (Some(kind), Some(name)) = (inner.kind.first(), &inner.name) else { continue };
            if kind.node == "on" {
                continue;
            }
            let at = At::new(file, name.span);
            let signature = self.step_kind(&kind.node, file);
            let step = StepName { signature, at, against: None };
            names.steps.entry(&name.node).or_insert(step);
        }
        names
    }

    /// Tells of what is given twice.
    fn given_once(&mut self, givens: &[(crate::program::Given, At)]) {
        let mut seen: BTreeMap<(&str, &[String]), At> = BTreeMap::new();
        let mut told = Vec::new();
        for (given, at) in givens {
            let key = (given.step.as_str(), given.path.as_slice());
            if let Some(first) = seen.insert(key, *at) {
                let mut name = vec![given.step.to_string()];
                name.extend(given.path.iter().cloned());
                told.push(duplicate::new(*at, &name.join("."), first));
            }
        }
        self.found.append(&mut told);
    }

    /// `expect … at 7h5m` or `invariant …`.
    fn expectation(
        &mut self,
        rule: &ast::Rule,
        stmt: &Stmt,
        scope: &Scope<'_>,
    ) -> Option<Expectation> {
        let verb_at = At::new(scope.file, rule.verb.span);
        let is_invariant = match &*rule.verb.node {
            "expect" => false,
            "invariant" => true,
            word => {
                let known = ["expect", "invariant"];
                self.found.push(rule_not_allowed::verb(verb_at, "test", word, &known));
                return None;
            }
        };
        let condition = self.check(&rule.condition, &Type::Bool, scope);
        let mut moment = None;
        for clause in &rule.clauses {
            let at = At::new(scope.file, clause.keyword.span);
            if clause.keyword.node == "at" && !is_invariant {
                moment = self.lasting(&clause.value, scope);
            } else {
                let (verb, word) = (&rule.verb.node, &clause.keyword.node);
                self.found.push(rule_not_allowed::clause(at, verb, word));
            }
        }
        if rule.body.is_some() {
            self.found.push(rule_not_allowed::clause(verb_at, &rule.verb.node, "{ … }"));
        }
        let end = rule.clauses.last().map_or(rule.condition.span, |clause| clause.value.span);
        let span = Span { start: stmt.span.start, end: end.end };
        (!condition.is_broken()).then(|| Expectation {
            is_invariant,
            condition: condition.expr,
            at: moment,
            text: self.sources.slice(At::new(scope.file, span)),
            place: self.spot(At::new(scope.file, stmt.span)),
        })
    }

    /// A duration that is known when planning.
    fn lasting(&mut self, expr: &ast::Expr, scope: &Scope<'_>) -> Option<Duration> {
        match self.check(expr, &Type::Duration, scope).expr {
            Expr::Value(Value::Duration(duration)) => Some(duration),
            _ => None,
        }
    }

    /// `traffic(candidate.model)`, `notified(oncall)`.
    pub(crate) fn asked(
        &mut self,
        function: &str,
        args: &[Arg],
        at: At,
        scope: &Scope<'_>,
    ) -> Typed {
        let question = QUESTIONS.iter().find(|(name, _)| *name == function).map(|(_, it)| *it);
        let Some(question) = question else { return Typed::broken(at) };
        let Some(asked) = self.only_argument(function, args, at, scope) else {
            return Typed::broken(at);
        };
        let (asked, _) = self.present(asked, scope);
        let (fits, wanted, ty) = match question {
            Question::Share => (matches!(asked.ty, Type::Model(_)), "Model", Type::Ratio),
            Question::Told => (asked.ty == Type::Record(CHANNEL.to_owned()), CHANNEL, Type::Bool),
        };
        if asked.is_broken() {
            return Typed::broken(at);
        }
        if !fits {
            let got = asked.ty.to_string();
            return self.broken(at, type_mismatch::new(asked.at, wanted, &got));
        }
        let expr = Expr::Call(function.to_owned(), vec![(None, asked.expr)]);
        Typed { expr, ty, phase: Phase::Run, at }
    }
}
