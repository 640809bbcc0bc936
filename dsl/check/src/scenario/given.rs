//! `given tenth.live.error_rate = series({ 0h = 0.2%, 7h = 9% })`: what steps come to.

use crate::diagnostic::At;
use crate::diagnostics::{invalid_literal, type_mismatch, unknown_field, unknown_name};
use crate::elaborate::measured::LIVE;
use crate::elaborate::{Elaborator, Scope};
use crate::mention::{Meaning, Owner, Wanted, fields_of};
use crate::near::nearest;
use crate::program::{Course, Expr, Given};
use crate::{FileId, Phase, Port, Signature, Type};
use suho_domain::{Duration, Name, Value};
use suho_syntax::ast::{self, Arg, ExprKind, Span, Spanned, Stmt};

/// A place below a step: the words, and where they stand.
type Way = (Vec<String>, Span);

/// A place below a step, for what is noted of it.
enum Below<'s> {
    /// The step itself.
    Step(&'s Signature),
    /// What is measured while it runs.
    Live(&'s Signature),
    /// A value of this type.
    Value(Type),
}

impl Below<'_> {
    /// The type of what stands there.
    fn ty(&self) -> Type {
        match self {
            Self::Step(signature) => match signature.outputs.as_slice() {
                [only] if only.name == "self" => only.ty.clone(),
                _ => Type::Outputs(signature.kind.clone()),
            },
            Self::Live(_) => Type::Unknown,
            Self::Value(ty) => ty.clone(),
        }
    }
}

/// The parts of a key with dots, each where it stands.
fn parts(key: &Spanned<String>) -> Vec<Spanned<String>> {
    let mut start = key.span.start;
    let part = |part: &str| {
        let span = Span { start, end: start + part.len() };
        start = span.end + 1;
        Spanned { node: part.to_owned(), span }
    };
    key.node.split('.').map(part).collect()
}

impl Elaborator<'_> {
    /// What `given path = value` says, one thing at a time, each with its place.
    pub(super) fn givens(
        &mut self,
        path: &[Spanned<String>],
        value: &ast::Expr,
        stmt: &Stmt,
        scope: &Scope<'_>,
    ) -> Vec<(Given, At)> {
        let Some((step, rest)) = path.split_first() else { return Vec::new() };
        let at = At::new(scope.file, step.span);
        let names = scope.pipeline.into_iter().flat_map(|pipeline| &pipeline.steps);
        let known: Vec<&str> = names.clone().map(|(name, _)| *name).collect();
        if self.is_asked(at) {
            self.want(Wanted::Word(known.iter().map(|name| (*name).to_owned()).collect()));
        }
        let Some((_, found)) = names.clone().find(|(name, _)| **name == &*step.node) else {
            let near = nearest(&step.node, known);
            self.found.push(unknown_name::new(at, &step.node, near));
            return Vec::new();
        };
        let (Some(signature), Ok(name)) = (found.signature, Name::new(&*step.node)) else {
            return Vec::new();
        };
        let (given, kind) = (Some(found.at), signature.kind.to_string());
        self.note(at, &Type::Outputs(signature.kind.clone()), given, || Meaning::Step(kind));
        self.note_below(signature, &[], rest, scope.file);
        let end = rest.last().map_or(step.span, |part| part.span);
        let words = rest.iter().map(|part| part.node.clone()).collect();
        let way = (
            words,
            Span { start: rest.first().map_or(end.start, |it| it.span.start), end: end.end },
        );
        let mut found = Vec::new();
        self.below(signature, way, value, scope, &mut found);
        let place = self.spot(At::new(scope.file, stmt.span));
        let given = |(path, course): (Vec<String>, Course)| {
            let given = Given { step: name.clone(), path, course, place: place.clone() };
            (given, At::new(scope.file, stmt.span))
        };
        found.into_iter().map(given).collect()
    }

    /// Notes the words of `path`, which stand behind `before` and below a step: its outputs, or metrics
    /// after `live`.
    fn note_below(
        &mut self,
        signature: &Signature,
        before: &[String],
        path: &[Spanned<String>],
        file: FileId,
    ) {
        if self.notes.is_none() {
            return;
        }
        let mut place = Below::Step(signature);
        for word in before {
            place = self.beneath(&place, word);
        }
        for word in path {
            let at = At::new(file, word.span);
            if self.is_asked(at) {
                let words = self.words_below(&place);
                self.want(Wanted::Word(words));
            }
            let next = self.beneath(&place, &word.node);
            match &place {
                Below::Step(_) if matches!(next, Below::Live(_)) => {
                    self.note_word(at, || Meaning::Ambient(LIVE.to_owned()));
                }
                Below::Value(of) if !self.is_measured(of, &word.node) => {
                    self.note_field(at, of, &word.node, &next.ty());
                }
                Below::Step(_) if !self.is_measured(&place.ty(), &word.node) => {
                    self.note_field(at, &place.ty(), &word.node, &next.ty());
                }
                _ => self.note(at, &next.ty(), None, || Meaning::Metric(word.node.clone())),
            }
            place = next;
        }
    }

    /// Whether `name`, which a value of type `of` has not, is a metric.
    fn is_measured(&self, of: &Type, name: &str) -> bool {
        self.field_type(of.plain(), name).is_none() && self.library.metrics.contains_key(name)
    }

    /// What stands at `word` below `place`.
    fn beneath<'s>(&self, place: &Below<'s>, word: &str) -> Below<'s> {
        let metric = || {
            let metric = self.library.metrics.get(word);
            Below::Value(metric.map_or(Type::Unknown, |metric| metric.ty.clone()))
        };
        match place {
            Below::Step(signature) if word == LIVE && !signature.metrics.is_empty() => {
                Below::Live(signature)
            }
            Below::Live(_) => metric(),
            Below::Step(_) | Below::Value(_) => {
                let field = self.field_type(place.ty().plain(), word);
                field.map_or_else(metric, |(ty, _)| Below::Value(ty))
            }
        }
    }

    /// What may stand below `place`.
    fn words_below(&self, place: &Below<'_>) -> Vec<String> {
        let fields = fields_of(self.library, &place.ty());
        let fields = fields.into_iter().map(|(port, _)| port.name);
        match place {
            Below::Live(signature) => signature.metrics.clone(),
            Below::Step(signature) => {
                let live = (!signature.metrics.is_empty()).then(|| LIVE.to_owned());
                fields.chain(live).collect()
            }
            Below::Value(_) => fields.collect(),
        }
    }

    /// What is given below a step at `way`: a value, or a record of places further below.
    fn below(
        &mut self,
        signature: &Signature,
        way: Way,
        value: &ast::Expr,
        scope: &Scope<'_>,
        found: &mut Vec<(Vec<String>, Course)>,
    ) {
        let (words, span) = way;
        let at = At::new(scope.file, span);
        if let ExprKind::Record(fields) = &value.kind {
            for field in fields {
                self.note_below(signature, &words, &parts(&field.key), scope.file);
                let mut words = words.clone();
                words.extend(field.key.node.split('.').map(str::to_owned));
                self.below(signature, (words, field.key.span), &field.value, scope, found);
            }
            return;
        }
        if words.is_empty() {
            let is_none = matches!(&value.kind, ExprKind::Name(name) if name == "none");
            match may_be_none(signature) {
                true if is_none => {
                    let at = At::new(scope.file, value.span);
                    self.note_word(at, || Meaning::Constant("none".to_owned()));
                    found.push((words, Course::Always(Expr::Value(Value::None))));
                }
                _ if is_none => {
                    let text = format!("`{}` always comes to something", signature.kind);
                    self.found.push(type_mismatch::operator(at, text));
                }
                _ => {
                    let text = "a step is given field by field: `= { field = value }`".to_owned();
                    self.found.push(type_mismatch::operator(at, text));
                }
            }
            return;
        }
        match self.given_type(signature, &words) {
            Ok(ty) => {
                if let Some(course) = self.course(value, &ty, scope) {
                    found.push((words, course));
                }
            }
            Err((missing, known)) => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let what = format!("what a `{}` comes to", signature.kind);
                self.found.push(unknown_field::new(at, &what, &missing, &known));
            }
        }
    }

    /// The type of what stands at `words` below a step; else the word that there is not, and those
    /// that there are.
    fn given_type(
        &self,
        signature: &Signature,
        words: &[String],
    ) -> Result<Type, (String, Vec<String>)> {
        let is_live =
            words.first().is_some_and(|word| word == LIVE) && !signature.metrics.is_empty();
        let rest = if is_live { words.get(1..).unwrap_or_default() } else { words };
        let Some((first, rest)) = rest.split_first() else {
            return Err((LIVE.to_owned(), signature.metrics.clone()));
        };
        let metric = |name: &String| self.library.metrics.get(name).map(|it| it.ty.clone());
        let names = |ports: &[Port]| ports.iter().map(|port| port.name.clone()).collect();
        let (ty, known): (Option<Type>, Vec<String>) = if is_live {
            let is_mine = signature.metrics.contains(first);
            (is_mine.then(|| metric(first)).flatten(), signature.metrics.clone())
        } else if may_be_none(signature) {
            // The model in production: what the registry says of it, and what it was promoted with.
            let model = self.library.records.get("Model").map(Vec::as_slice).unwrap_or_default();
            let port = model.iter().find(|port| port.name == *first).map(|port| port.ty.clone());
            (port.or_else(|| metric(first)), names(model))
        } else {
            let port = signature.outputs.iter().find(|port| port.name == *first);
            let live = (!signature.metrics.is_empty()).then(|| LIVE.to_owned());
            let known: Vec<String> = names(&signature.outputs);
            (port.map(|port| port.ty.clone()), known.into_iter().chain(live).collect())
        };
        let mut ty = ty.ok_or_else(|| (first.clone(), known))?;
        for word in rest {
            let inner = match &ty {
                Type::Optional(of) => (**of).clone(),
                other => other.clone(),
            };
            let field = self.field_type(&inner, word).map(|(ty, _)| ty);
            ty = field.ok_or_else(|| (word.clone(), Vec::new()))?;
        }
        Ok(ty)
    }

    /// What something of type `ty` is as time passes.
    fn course(&mut self, value: &ast::Expr, ty: &Type, scope: &Scope<'_>) -> Option<Course> {
        let called = match &value.kind {
            ExprKind::Call(callee, args) => match &callee.kind {
                ExprKind::Name(name) => Some((&**name, args.as_slice())),
                _ => None,
            },
            _ => None,
        };
        if let (Some((name @ ("series" | "missing" | "any"), _)), ExprKind::Call(callee, _)) =
            (called, &value.kind)
        {
            let at = At::new(scope.file, callee.span);
            self.note_word(at, || Meaning::Function(name.to_owned()));
        }
        match called {
            Some(("series", args)) => self.series(value, args, ty, scope),
            Some(("missing", args)) => self.missing(value, args, scope),
            Some(("any", args)) => {
                let at = At::new(scope.file, value.span);
                let asked = match args {
                    [only] if matches!(only.value.kind, ExprKind::List(_)) => {
                        self.check(&only.value, &Type::List(Box::new(ty.clone())), scope)
                    }
                    [only] => self.check(&only.value, &Type::Range(Box::new(ty.clone())), scope),
                    _ => {
                        let text = "`any` takes one range, or one list".to_owned();
                        self.broken(at, type_mismatch::operator(at, text))
                    }
                };
                (!asked.is_broken()).then_some(Course::Any(asked.expr))
            }
            _ => {
                let typed = self.check(value, ty, scope);
                (!typed.is_broken() && typed.phase <= Phase::Start)
                    .then_some(Course::Always(typed.expr))
            }
        }
    }

    /// `series({ 0h = 0.2%, 7h = 9% })`.
    fn series(
        &mut self,
        value: &ast::Expr,
        args: &[Arg],
        ty: &Type,
        scope: &Scope<'_>,
    ) -> Option<Course> {
        let at = At::new(scope.file, value.span);
        let [Arg { value: ast::Expr { kind: ExprKind::Record(fields), .. }, .. }] = args else {
            let text = "`series` takes one record of times: `{ 0h = …, 7h = … }`".to_owned();
            self.found.push(type_mismatch::operator(at, text));
            return None;
        };
        let mut points = Vec::new();
        for field in fields {
            let typed = self.check(&field.value, ty, scope);
            let Ok(time) = field.key.node.parse::<Duration>() else {
                let at = At::new(scope.file, field.key.span);
                let found = invalid_literal::new(at, &field.key.node, "a duration like `7h`");
                self.found.push(found);
                continue;
            };
            points.push((time, typed.expr));
        }
        points.sort_by_key(|(time, _)| *time);
        (points.len() == fields.len()).then_some(Course::Series(points))
    }

    /// `missing(from: 3h, to: 5h)`.
    fn missing(&mut self, value: &ast::Expr, args: &[Arg], scope: &Scope<'_>) -> Option<Course> {
        let at = At::new(scope.file, value.span);
        let port = |name: &str| Port {
            name: name.to_owned(),
            ty: Type::Duration,
            default: None,
            doc: None,
            phase: Phase::Plan,
        };
        let (given, _) = self.arguments(
            Owner::Function("missing"),
            &[port("from"), port("to")],
            args,
            at,
            scope,
        );
        let duration = |name: &str| match given.get(name) {
            Some(Expr::Value(Value::Duration(duration))) => Some(*duration),
            _ => None,
        };
        let (from, to) = (duration("from")?, duration("to")?);
        if from >= to {
            let text = format!("nothing is missing from {from} to {to}");
            self.found.push(type_mismatch::operator(at, text));
            return None;
        }
        Some(Course::Missing { from, to })
    }
}

/// Whether a step may come to nothing: a lookup that finds no model.
fn may_be_none(signature: &Signature) -> bool {
    matches!(signature.outputs.as_slice(), [only] if matches!(only.ty, Type::Optional(_)))
}
