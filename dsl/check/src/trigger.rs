//! `trigger monthly { … }`: what starts a run, and which.

use crate::block::said;
use crate::diagnostic::At;
use crate::diagnostics::{foreign_tenant, invalid_text, trigger_storm};
use crate::elaborate::{Elaborator, RunNames, Scope, Typed, run};
use crate::program::{Cause, Expr, Monitor, Program, Recurring, Run, Trigger, Watch};
use crate::{FileId, Type};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;
use suho_domain::{Duration, Name, Value, Variant};
use suho_syntax::ast::{self, Block, ExprKind, Instance, Stmt, StmtKind};

/// The record of the library that lists a trigger's attributes.
pub(crate) const TRIGGER: &str = "TriggerAttributes";
/// How long after the end of a run an alert may start the next one.
const COOLDOWN_ALERT: Duration = Duration::from_hours(72);
/// How long after the end of a run drift may start the next one.
const COOLDOWN_DRIFT: Duration = Duration::from_hours(7 * 24);
/// The shortest cooldown after an alert that is no storm.
const COOLDOWN_MIN: Duration = Duration::HOUR;

impl Elaborator<'_> {
    /// The trigger that `instance` writes; it may speak of the monitors and pipelines of `program`.
    pub(crate) fn trigger(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        file: FileId,
        program: &Program,
    ) -> Option<Trigger> {
        let written = instance.name.as_ref()?;
        let at = At::new(file, written.span);
        self.only_attributes("trigger", &instance.body, file);
        let mut scope = Scope { open: asked(&instance.body), ..Scope::of_file(file) };
        let mut given = self.run_first("trigger", TRIGGER, &instance.body, &mut scope);
        let ports = self.record_ports(TRIGGER);
        let what = format!("`trigger {}`", written.node);
        self.complete(&what, at, &mut given, ports, Some(instance.body.span));

        let (on, run) = (given.remove("on")?, given.remove("run")?);
        self.has_sessions(&on);
        let cause = cause(&on.expr)?;
        let lowered = run::lowered(run.expr)?;
        let attributes = said(given.clone());
        let mut trigger = Trigger {
            name: Name::new(&*written.node).ok()?,
            doc: stmt.doc.clone(),
            on: cause,
            run: lowered,
            attributes,
            place: self.spot(At::new(file, stmt.span)),
        };
        self.cools_down(&mut trigger, given.get("cooldown"), program);
        self.stays_with_its_tenant(&trigger, run.at, program);
        Some(trigger)
    }

    /// The attributes of `body`, `run` before the others: they may speak of its parameters.
    pub(crate) fn run_first(
        &mut self,
        kind: &str,
        record: &str,
        body: &Block,
        scope: &mut Scope<'_>,
    ) -> BTreeMap<String, Typed> {
        let ports = self.record_ports(record);
        let (first, rest) = parted(body, &["run"]);
        let mut given = self.attributes(kind, &first, &[ports], scope);
        if let Some(Type::Run(Some(pipeline))) = given.get("run").map(|typed| &typed.ty)
            && let Some((instance, given_at)) = self.symbols.pipeline(pipeline.as_str())
        {
            let params = self.parameters(instance, given_at);
            scope.run = Some(RunNames { pipeline: pipeline.clone(), params });
        }
        given.append(&mut self.attributes(kind, &rest, &[ports], scope));
        given
    }

    /// Tells of a schedule by the sessions of a market that has none.
    pub(crate) fn has_sessions(&mut self, typed: &Typed) {
        let Expr::Value(schedule) = &typed.expr else { return };
        if let Some(Err(error)) = Recurring::of(schedule).map(|it| it.checked(Tz::UTC)) {
            self.found.push(invalid_text::new(typed.at, error.to_string()));
        }
    }

    /// Fills in how long a trigger waits after an alert; tells when that is no time at all.
    fn cools_down(&mut self, trigger: &mut Trigger, said: Option<&Typed>, program: &Program) {
        let Cause::Fired { monitor, watch } = &trigger.on else { return };
        let Some((_, watch)) = find(program, monitor, watch) else { return };
        let is_drift = watch.attributes.contains_key("schedule");
        let Some(Expr::Value(Value::Duration(cooldown))) = trigger.attributes.get("cooldown")
        else {
            let usual = if is_drift { COOLDOWN_DRIFT } else { COOLDOWN_ALERT };
            let usual = Expr::Value(Value::Duration(usual));
            trigger.attributes.entry("cooldown".to_owned()).or_insert(usual);
            return;
        };
        let least = watch.attributes.get("schedule").and_then(interval).unwrap_or(COOLDOWN_MIN);
        if let Some(typed) = said.filter(|_| *cooldown < least) {
            let (name, watch) = (trigger.name.as_str(), watch.name.as_str());
            self.found.push(trigger_storm::new(typed.at, name, watch, *cooldown, least));
        }
    }

    /// Tells when a model of one tenant would be followed by one of another.
    fn stays_with_its_tenant(&mut self, trigger: &Trigger, run_at: At, program: &Program) {
        let Cause::Fired { monitor, watch } = &trigger.on else { return };
        let Some((monitor, _)) = find(program, monitor, watch) else { return };
        let Some(Expr::Value(model)) = monitor.attributes.get("model") else { return };
        let Some(trained) = scope_of(&trigger.run, program) else { return };
        let Some(watched) = model.field("scope").filter(|scope| **scope != trained) else { return };
        let found = foreign_tenant::model(run_at, &called(watched), &called(&trained));
        self.found.push(found);
    }
}

/// The statements of `body` that set one of `names`, and those that do not.
pub(crate) fn parted(body: &Block, names: &[&str]) -> (Block, Block) {
    let is_named = |stmt: &&Stmt| {
        matches!(
            &stmt.kind,
            StmtKind::Attribute { path, .. }
                if matches!(path.as_slice(), [only] if names.contains(&&*only.node))
        )
    };
    let block =
        |items: Vec<&Stmt>| Block { items: items.into_iter().cloned().collect(), span: body.span };
    let (named, other): (Vec<&Stmt>, Vec<&Stmt>) = body.items.iter().partition(is_named);
    (block(named), block(other))
}

/// The parameters that a person is asked for: `manual(ask: [window, bump])`.
fn asked(body: &Block) -> Vec<String> {
    let (on, _) = parted(body, &["on"]);
    let Some(StmtKind::Attribute { value, .. }) = on.items.first().map(|stmt| &stmt.kind) else {
        return Vec::new();
    };
    let ExprKind::Call(_, args) = &value.kind else { return Vec::new() };
    let is_ask = |arg: &&ast::Arg| arg.name.as_ref().is_some_and(|name| name.node == "ask");
    let Some(ExprKind::List(items)) = args.iter().find(is_ask).map(|arg| &arg.value.kind) else {
        return Vec::new();
    };
    let name = |item: &ast::Expr| match &item.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    };
    items.iter().filter_map(name).collect()
}

/// What starts a run, as a choice of the library's enum says it.
fn cause(on: &Expr) -> Option<Cause> {
    let Expr::Value(on @ Value::Variant(Variant { name, fields })) = on else { return None };
    let text = |field: &str| Some(fields.get(field)?.as_text()?.to_owned());
    let texts = |field: &str| match fields.get(field) {
        Some(Value::List(items)) => items.iter().map(Value::to_string).collect(),
        _ => Vec::new(),
    };
    match name.as_str() {
        "fired" => {
            let path = text("alert")?;
            let (monitor, watch) = path.split_once('.')?;
            Some(Cause::Fired { monitor: Name::new(monitor).ok()?, watch: Name::new(watch).ok()? })
        }
        "cron" | "calendar" => Recurring::of(on).map(Cause::Time),
        "manual" => {
            let ask: Option<_> =
                texts("ask").into_iter().map(|name| Name::new(name).ok()).collect();
            Some(Cause::Manual { roles: texts("roles"), ask: ask? })
        }
        "push" => Some(Cause::Push { branch: text("branch")?, paths: texts("paths") }),
        _ => None,
    }
}

fn find<'p>(
    program: &'p Program,
    monitor: &Name,
    watch: &Name,
) -> Option<(&'p Monitor, &'p Watch)> {
    let monitor = program.monitors.get(monitor)?;
    Some((monitor, monitor.watches.iter().find(|each| each.name == *watch)?))
}

/// The shortest time between two of the next looks of a schedule.
fn interval(schedule: &Expr) -> Option<Duration> {
    /// Enough to see a week of a schedule that keeps to some days.
    const LOOKS: usize = 8;
    let Expr::Value(schedule) = schedule else { return None };
    if let Some(Value::Duration(interval)) = schedule.field("interval") {
        return Some(*interval);
    }
    let recurrence = Recurring::of(schedule)?.recurrence(Tz::UTC)?;
    let ticks = recurrence.ticks(DateTime::<Utc>::UNIX_EPOCH);
    let times: Vec<_> = ticks.filter(|tick| recurrence.keeps(*tick)).take(LOOKS).collect();
    let gaps = times.iter().zip(times.iter().skip(1));
    gaps.map(|(a, b)| Duration::from_seconds((*b - *a).num_seconds())).min()
}

/// Whose model `run` trains, as far as that is known before it starts.
fn scope_of(run: &Run, program: &Program) -> Option<Value> {
    let pipeline = program.pipelines.get(&run.pipeline)?;
    let scope = pipeline.attributes.get("scope").or_else(|| program.project.get("scope"))?;
    let lookup = |expr: &Expr| {
        let Expr::Param(name) = expr else { return None };
        let default = || pipeline.params.iter().find(|it| it.name == *name)?.default.as_ref();
        crate::fold::known(run.arguments.get(name).or_else(default)?, &|_| None)
    };
    crate::fold::known(scope, &lookup)
}

/// A scope in a sentence.
pub(crate) fn called(scope: &Value) -> String {
    match (scope.field("tenant"), scope.field("user")) {
        (Some(tenant), Some(user)) => format!("`{user}` of `{tenant}`"),
        (Some(tenant), None) => format!("`{tenant}`"),
        _ => "the platform".to_owned(),
    }
}
