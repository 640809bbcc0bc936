//! `matrix majors { … }`: one pipeline, run for every combination of some parameters.

use crate::diagnostic::At;
use crate::diagnostics::{broken_check, missing_attribute, type_mismatch, unknown_field};
use crate::elaborate::{Elaborator, RunNames, Scope, Typed, run};
use crate::mention::{Owner, Wanted};
use crate::program::{Cell, Expr, Matrix};
use crate::trigger::parted;
use crate::{FileId, Phase, Type};
use std::collections::BTreeSet;
use suho_domain::{Name, Record, Value};
use suho_syntax::ast::{self, Block, ExprKind, Instance, Stmt, StmtKind};

/// The record of the library that lists a matrix' attributes.
pub(crate) const MATRIX: &str = "MatrixAttributes";
/// Most runs of one matrix.
const CELLS_MAX: usize = 1_000;

/// A parameter and the values that it takes.
struct Axis {
    param: String,
    values: Vec<Value>,
}

impl Axis {
    /// How the axis' value in `cell` is called: by its name, where all of the axis' have their own.
    fn word(&self, cell: &Record) -> Option<String> {
        let named = |value: &Value| value.field("name").map(Value::to_string);
        let value = cell.get(&self.param)?;
        let names: Option<BTreeSet<String>> = self.values.iter().map(named).collect();
        let is_called = names.is_some_and(|names| names.len() == self.values.len());
        named(value).filter(|_| is_called).or_else(|| Some(value.to_string()))
    }
}

impl Elaborator<'_> {
    /// The matrix that `instance` writes.
    pub(crate) fn matrix(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        file: FileId,
    ) -> Option<Matrix> {
        let written = instance.name.as_ref()?;
        let at = At::new(file, written.span);
        self.only_attributes("matrix", &instance.body, file);
        let (own, rest) = parted(&instance.body, &["axes", "exclude"]);
        self.note_own(&own, file);
        let axes = record(&own, "axes");
        let open = axes.unwrap_or_default().iter().map(|axis| axis.key.node.clone()).collect();
        let mut scope = Scope { open, ..Scope::of_file(file) };
        let mut given = self.run_first("matrix", MATRIX, &rest, &mut scope);
        let what = format!("`matrix {}`", written.node);
        let mut ports = self.record_ports(MATRIX).to_vec();
        ports.retain(|port| !["axes", "exclude"].contains(&&*port.name));
        self.complete(&what, at, &mut given, &ports, Some(instance.body.span));
        let Some(axes) = axes else {
            let missing = [("axes = { parameter = [ … ] }", &Type::Unknown)];
            self.found.push(missing_attribute::new(at, &what, &missing));
            return None;
        };
        let names = scope.run.clone()?;
        // Each is looked at, whatever is wrong with the others.
        let axes: Vec<Option<Axis>> =
            axes.iter().map(|axis| self.axis(axis, &names, &scope)).collect();
        let axes: Option<Vec<Axis>> = axes.into_iter().collect();
        let excluded = self.excluded(&own, &names, &scope);
        let cells = self.cells(&axes?, &excluded, at)?;
        let parallel = match given.get("parallel").map(|typed| &typed.expr) {
            Some(Expr::Value(Value::Int(parallel))) => u32::try_from(*parallel).ok(),
            _ => None,
        };
        Some(Matrix {
            name: Name::new(&*written.node).ok()?,
            doc: stmt.doc.clone(),
            run: run::lowered(given.remove("run")?.expr)?,
            cells,
            parallel,
            place: self.spot(At::new(file, stmt.span)),
        })
    }

    /// Notes the attributes that are read in the matrix' own way.
    fn note_own(&mut self, own: &Block, file: FileId) {
        for stmt in &own.items {
            let StmtKind::Attribute { path, .. } = &stmt.kind else { continue };
            let [key] = path.as_slice() else { continue };
            let port = self.record_ports(MATRIX).iter().find(|port| port.name == key.node);
            if let Some(port) = port {
                self.note_attribute(At::new(file, key.span), "matrix", port, None);
            }
        }
    }

    /// One axis: a parameter of the pipeline, and a list of values for it.
    fn axis(&mut self, written: &ast::Field, names: &RunNames, scope: &Scope<'_>) -> Option<Axis> {
        let ty = self.parameter_type(written, names, scope)?;
        let typed = self.check(&written.value, &Type::List(Box::new(ty)), scope);
        let Some(Value::List(values)) = self.planned(&typed, &written.key.node) else {
            return None;
        };
        if values.is_empty() {
            let text = format!("`{}` has no values", written.key.node);
            self.found.push(broken_check::said(typed.at, text));
            return None;
        }
        Some(Axis { param: written.key.node.clone(), values })
    }

    /// The combinations left out, each with its place.
    fn excluded(&mut self, own: &Block, names: &RunNames, scope: &Scope<'_>) -> Vec<(Record, At)> {
        let Some(value) = value(own, "exclude") else { return Vec::new() };
        let ExprKind::List(items) = &value.kind else {
            let at = At::new(scope.file, value.span);
            self.found.push(type_mismatch::new(at, "[{ parameter = value }]", "another value"));
            return Vec::new();
        };
        let mut excluded = Vec::new();
        for item in items {
            let at = At::new(scope.file, item.span);
            let ExprKind::Record(fields) = &item.kind else {
                self.found.push(type_mismatch::new(at, "{ parameter = value }", "another value"));
                continue;
            };
            let pairs = fields.iter().map(|field| {
                let ty = self.parameter_type(field, names, scope)?;
                let typed = self.check(&field.value, &ty, scope);
                Some((field.key.node.clone(), self.planned(&typed, &field.key.node)?))
            });
            if let Some(pairs) = pairs.collect::<Option<Record>>() {
                excluded.push((pairs, at));
            }
        }
        excluded
    }

    /// The type of the parameter that `written` sets.
    fn parameter_type(
        &mut self,
        written: &ast::Field,
        names: &RunNames,
        scope: &Scope<'_>,
    ) -> Option<Type> {
        if self.is_asked(At::new(scope.file, written.key.span)) {
            let params = names.params.iter().map(|param| param.name.clone()).collect();
            self.want(Wanted::Word(params));
        }
        let param = names.params.iter().find(|param| param.name == written.key.node);
        if param.is_none() {
            let known: Vec<&str> = names.params.iter().map(|param| &*param.name).collect();
            let at = At::new(scope.file, written.key.span);
            let what = format!("`{}`", names.pipeline);
            self.found.push(unknown_field::new(at, &what, &written.key.node, &known));
        }
        let param = param?;
        if let Some((_, given)) = self.symbols.pipeline(names.pipeline.as_str()) {
            let at = At::new(scope.file, written.key.span);
            self.note_port(at, Owner::Pipeline(names.pipeline.as_str(), given), param);
        }
        Some(param.ty.clone())
    }

    /// The value of `typed`, which must be known when planning.
    fn planned(&mut self, typed: &Typed, what: &str) -> Option<Value> {
        match &typed.expr {
            _ if typed.is_broken() => None,
            Expr::Value(value) if typed.phase == Phase::Plan => Some(value.clone()),
            _ => {
                let (latest, actual) = (Phase::Plan, typed.phase);
                self.found
                    .push(crate::diagnostics::phase::new(typed.at, what, latest, actual, None));
                None
            }
        }
    }

    /// Every combination of `axes` but those `excluded`.
    fn cells(&mut self, axes: &[Axis], excluded: &[(Record, At)], at: At) -> Option<Vec<Cell>> {
        let count = axes.iter().try_fold(1_usize, |all, axis| all.checked_mul(axis.values.len()));
        if count.is_none_or(|count| count > CELLS_MAX) {
            let text = format!("a matrix has at most {CELLS_MAX} runs");
            self.found.push(broken_check::said(at, text));
            return None;
        }
        let mut cells = vec![Record::new()];
        for axis in axes {
            let with = |cell: &Record, value: &Value| {
                let mut cell = cell.clone();
                cell.insert(axis.param.clone(), value.clone());
                cell
            };
            let wider = |cell: Record| -> Vec<Record> {
                axis.values.iter().map(|value| with(&cell, value)).collect()
            };
            cells = cells.into_iter().flat_map(wider).collect();
        }
        let is_met = |wanted: &Record, cell: &Record| {
            wanted.iter().all(|(name, value)| cell.get(name) == Some(value))
        };
        for (wanted, at) in excluded {
            if !cells.iter().any(|cell| is_met(wanted, cell)) {
                let text = "this excludes nothing: no run has these values".to_owned();
                self.found.push(broken_check::said(*at, text));
            }
        }
        cells.retain(|cell| !excluded.iter().any(|(wanted, _)| is_met(wanted, cell)));
        let key = |cell: &Record| {
            let pairs =
                axes.iter().filter_map(|axis| Some(format!("{}={}", axis.param, axis.word(cell)?)));
            pairs.collect::<Vec<_>>().join(",")
        };
        Some(cells.into_iter().map(|cell| Cell { key: key(&cell), arguments: cell }).collect())
    }
}

/// What `block` sets `name` to.
fn value<'b>(block: &'b Block, name: &str) -> Option<&'b ast::Expr> {
    block.items.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Attribute { path, value } => {
            path.first().is_some_and(|part| part.node == name).then_some(value)
        }
        _ => None,
    })
}

fn record<'b>(block: &'b Block, name: &str) -> Option<&'b [ast::Field]> {
    match &value(block, name)?.kind {
        ExprKind::Record(fields) => Some(fields),
        _ => None,
    }
}
