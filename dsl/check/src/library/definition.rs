//! One definition: its ports, its choices, its lists, its conditions.

use super::{Defined, metric};
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{
    duplicate, missing_attribute, rule_not_allowed, type_mismatch, unknown_attribute,
};
use crate::elaborate::{Elaborator, Scope};
use crate::program::{Place, Rule, Verb};
use crate::source::Sources;
use crate::symbol::Symbols;
use crate::ty::resolve::resolve;
use crate::ty::shape;
use crate::{Choice, FileId, Library, Phase, Port, Signature, Type};
use std::collections::BTreeMap;
use suho_syntax::ast::{Definition, Direction, Expr, ExprKind, Param, Spanned, StmtKind, TextPart};

/// Attributes of a step's definition that are lists of words.
const LISTS: [&str; 5] = ["rules", "metrics", "effects", "plan", "start"];
/// The attribute that says what carries a step out, and the enum that it is a choice of.
const EXEC: (&str, &str) = ("exec", "Exec");
/// Before a step that stands in a block of this kind, and not in a pipeline.
const WITHIN: &str = "within";

/// Enters another name of a type, which may be made of those given before it.
pub(super) fn alias(defined: Defined<'_>, library: &mut Library, found: &mut Vec<Diagnostic>) {
    let Definition { name, ty, .. } = defined.definition;
    let Some(ty) = ty else {
        let at = At::new(defined.file, name.span);
        let what = format!("`type {}`", name.node);
        found.push(missing_attribute::new(at, &what, &[("its meaning", &Type::Unknown)]));
        return;
    };
    let ty = resolve(ty, defined.file, library, found);
    library.aliases.insert(name.node.clone(), ty);
}

/// Enters the ports and choices of `defined` without their defaults.
pub(super) fn shape(defined: Defined<'_>, library: &mut Library, found: &mut Vec<Diagnostic>) {
    let definition = defined.definition;
    let name = &definition.name.node;
    match &*definition.keyword.node {
        "enum" => {
            let choices = definition.variants.iter().map(|variant| Choice {
                name: variant.name.node.clone(),
                fields: params(&variant.params, defined.file, library, found),
                doc: variant.doc.clone(),
            });
            let choices = choices.collect();
            library.enums.insert(name.clone(), choices);
        }
        "record" => {
            let (fields, _) = ports(defined, library, found);
            library.records.insert(name.clone(), fields);
        }
        "step" => {
            let (inputs, outputs) = ports(defined, library, found);
            let lists = lists(defined, found);
            let words = |key: &str| lists.get(key).cloned().unwrap_or_default();
            let (plan, start) = (words("plan"), words("start"));
            let phased = |mut port: Port| {
                if start.contains(&port.name) {
                    port.phase = Phase::Start;
                }
                if plan.contains(&port.name) {
                    port.phase = Phase::Plan;
                }
                port
            };
            let rules = words("rules").iter().filter_map(|word| verb(word)).collect();
            let (metrics, effects) = (words("metrics"), words("effects"));
            if let Some(signature) = signature(defined, library) {
                signature.doc.clone_from(&defined.stmt.doc);
                signature.inputs = inputs.into_iter().map(phased).collect();
                signature.outputs = outputs.into_iter().map(phased).collect();
                signature.rules = rules;
                signature.metrics = metrics;
                signature.effects = effects;
                signature.is_controller = is_marked(defined, "controller");
            }
        }
        _ => {}
    }
}

/// Whether a line `@word` stands above `defined`.
fn is_marked(defined: Defined<'_>, word: &str) -> bool {
    let mut marks = defined.stmt.annotations.iter();
    marks.any(|each| matches!(each.path.as_slice(), [only] if only.node == word))
}

/// Whether `defined` stands in a monitor, as its mark says.
pub(super) fn is_watch(defined: Defined<'_>) -> bool {
    is_marked(defined, WITHIN)
}

/// The signature of the step that `defined` defines, still to be filled.
fn signature<'l>(defined: Defined<'_>, library: &'l mut Library) -> Option<&'l mut Signature> {
    let name = &*defined.definition.name.node;
    let of = if is_watch(defined) { &mut library.watches } else { &mut library.steps };
    of.get_mut(name)
}

/// A resource takes what its record has, but for `name`: that is its own.
pub(super) fn resource(defined: Defined<'_>, library: &mut Library, found: &mut Vec<Diagnostic>) {
    let definition = defined.definition;
    let ty = definition.ty.as_ref().map(|ty| resolve(ty, defined.file, library, found));
    let at = At::new(defined.file, definition.name.span);
    let Some(Type::Record(record)) = ty else {
        let got = ty.map_or_else(|| "nothing".to_owned(), |ty| ty.to_string());
        found.push(type_mismatch::new(at, "a record", &got));
        return;
    };
    let fields = library.records.get(&record).cloned().unwrap_or_default();
    let value = Port {
        name: "self".to_owned(),
        ty: Type::Record(record),
        default: None,
        doc: None,
        phase: Phase::Plan,
    };
    if let Some(signature) = library.resources.get_mut(definition.name.node.as_str()) {
        signature.doc.clone_from(&defined.stmt.doc);
        signature.inputs = fields.into_iter().filter(|port| port.name != "name").collect();
        signature.outputs = vec![value];
    }
}

/// Enters the defaults and conditions of `all`, none of which needs another's.
pub(super) fn fill<'a>(
    all: impl Iterator<Item = &'a Defined<'a>>,
    sources: &Sources,
    library: &mut Library,
    found: &mut Vec<Diagnostic>,
) {
    let (symbols, modules) = (Symbols::default(), BTreeMap::new());
    let before = library.clone();
    let mut elaborator = Elaborator::new(&before, sources, &symbols, None, &modules);
    for defined in all {
        fill_one(*defined, &before, library, &mut elaborator);
    }
    found.append(&mut elaborator.found);
}

fn fill_one(
    defined: Defined<'_>,
    before: &Library,
    library: &mut Library,
    elaborator: &mut Elaborator<'_>,
) {
    let name = &*defined.definition.name.node;
    match &*defined.definition.keyword.node {
        "enum" => {
            let choices = library.enums.get_mut(name).into_iter().flatten();
            for (choice, variant) in choices.zip(&defined.definition.variants) {
                for (field, param) in choice.fields.iter_mut().zip(&variant.params) {
                    let default = param.default.as_ref();
                    field.default = given(default, &field.ty, defined.file, elaborator);
                }
            }
        }
        "record" => {
            if let Some(fields) = library.records.get_mut(name) {
                defaults(defined, fields, elaborator);
            }
        }
        "resource" => {
            let Some(signature) = library.resources.get_mut(name) else { return };
            let record = match signature.outputs.first().map(|port| &port.ty) {
                Some(Type::Record(record)) => before.records.get(record),
                _ => None,
            };
            let fields = record.into_iter().flatten().filter(|port| port.name != "name");
            signature.inputs = fields.cloned().collect();
        }
        "step" => {
            if let Some(signature) = signature(defined, library) {
                defaults(defined, &mut signature.inputs, elaborator);
                signature.checks = checks(defined, &signature.inputs, elaborator);
                signature.exec = exec(defined, &signature.inputs, elaborator);
                if signature.exec.is_some() {
                    gives_what_it_can(defined, &signature.outputs, before, &mut elaborator.found);
                }
            }
        }
        _ => {}
    }
}

/// Enters every metric of `all`: their domains need the types alone.
pub(super) fn metrics(
    all: &[Defined<'_>],
    sources: &Sources,
    library: &mut Library,
    found: &mut Vec<Diagnostic>,
) {
    let (symbols, modules) = (Symbols::default(), BTreeMap::new());
    let before = library.clone();
    let mut elaborator = Elaborator::new(&before, sources, &symbols, None, &modules);
    for defined in all.iter().filter(|each| each.definition.keyword.node == "metric") {
        if let Some(metric) = metric::metric(*defined, &before, &mut elaborator, found) {
            library.metrics.insert(defined.definition.name.node.clone(), metric);
        }
    }
    found.append(&mut elaborator.found);
}

fn params(
    params: &[Param],
    file: FileId,
    library: &Library,
    found: &mut Vec<Diagnostic>,
) -> Vec<Port> {
    let port = |param: &Param| Port {
        name: param.name.node.clone(),
        ty: resolve(&param.ty, file, library, found),
        default: None,
        doc: None,
        phase: Phase::Live,
    };
    params.iter().map(port).collect()
}

/// The `in` and `out` ports of a block.
fn ports(
    defined: Defined<'_>,
    library: &Library,
    found: &mut Vec<Diagnostic>,
) -> (Vec<Port>, Vec<Port>) {
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<(bool, &str), At> = BTreeMap::new();
    for stmt in defined.definition.body.iter().flat_map(|body| &body.items) {
        let StmtKind::Port { direction, name, ty, .. } = &stmt.kind else { continue };
        let at = At::new(defined.file, name.span);
        let is_input = *direction == Direction::In;
        if let Some(first) = seen.insert((is_input, &name.node), at) {
            found.push(duplicate::new(at, &name.node, first));
            continue;
        }
        let port = Port {
            name: name.node.clone(),
            ty: resolve(ty, defined.file, library, found),
            default: None,
            doc: stmt.doc.clone(),
            phase: Phase::Run,
        };
        if is_input { inputs.push(port) } else { outputs.push(port) }
    }
    (inputs, outputs)
}

fn defaults(defined: Defined<'_>, ports: &mut [Port], elaborator: &mut Elaborator<'_>) {
    for stmt in defined.definition.body.iter().flat_map(|body| &body.items) {
        let StmtKind::Port { direction: Direction::In, name, default, .. } = &stmt.kind else {
            continue;
        };
        if let Some(port) = ports.iter_mut().find(|port| port.name == name.node) {
            port.default = given(default.as_ref(), &port.ty, defined.file, elaborator);
        }
    }
}

fn given(
    default: Option<&Expr>,
    ty: &Type,
    file: FileId,
    elaborator: &mut Elaborator<'_>,
) -> Option<crate::program::Expr> {
    default.map(|default| elaborator.check(default, ty, &Scope::of_file(file)).expr)
}

/// `rules = [require]` and its like: words by attribute.
fn lists(defined: Defined<'_>, found: &mut Vec<Diagnostic>) -> BTreeMap<String, Vec<String>> {
    let mut lists = BTreeMap::new();
    for stmt in defined.definition.body.iter().flat_map(|body| &body.items) {
        let StmtKind::Attribute { path, value } = &stmt.kind else { continue };
        let [key] = path.as_slice() else { continue };
        if key.node == EXEC.0 {
            continue;
        }
        if !LISTS.contains(&&*key.node) {
            let at = At::new(defined.file, key.span);
            let known: Vec<&str> = LISTS.into_iter().chain([EXEC.0]).collect();
            found.push(unknown_attribute::new(at, "step", &key.node, &known));
            continue;
        }
        let ExprKind::List(items) = &value.kind else {
            let at = At::new(defined.file, value.span);
            found.push(type_mismatch::new(at, "a list of words", "another value"));
            continue;
        };
        lists.insert(key.node.clone(), items.iter().filter_map(dotted).collect());
    }
    lists
}

/// What carries the step out, as its own definition says. The user's own always say it.
fn exec(
    defined: Defined<'_>,
    inputs: &[Port],
    elaborator: &mut Elaborator<'_>,
) -> Option<crate::program::Expr> {
    let items = defined.definition.body.iter().flat_map(|body| &body.items);
    let mut written = items.filter_map(|stmt| match &stmt.kind {
        StmtKind::Attribute { path, value } => match path.as_slice() {
            [key] if key.node == EXEC.0 => Some(value),
            _ => None,
        },
        _ => None,
    });
    let ty = Type::Enum(EXEC.1.to_owned());
    if let Some(value) = written.next() {
        let scope = Scope::of_ports(defined.file, inputs);
        let typed = elaborator.check(value, &ty, &scope);
        return (!typed.is_broken()).then_some(typed.expr);
    }
    let source = elaborator.sources.get(defined.file)?;
    let span = defined.definition.body.as_ref().map_or(defined.stmt.span, |body| body.span);
    let is_broken = elaborator.sources.is_broken(At::new(defined.file, span));
    if source.module.is_none() && !is_broken {
        let at = At::new(defined.file, defined.definition.name.span);
        let what = format!("`step {}`", defined.definition.name.node);
        elaborator.found.push(missing_attribute::new(at, &what, &[(EXEC.0, &ty)]));
    }
    None
}

/// Tells of outputs that no script and no server can give: only suho makes models and data sets.
fn gives_what_it_can(
    defined: Defined<'_>,
    outputs: &[Port],
    library: &Library,
    found: &mut Vec<Diagnostic>,
) {
    let at = At::new(defined.file, defined.definition.name.span);
    for port in outputs.iter().filter(|port| port.ty != Type::Unknown) {
        if shape::of(&port.ty, library).is_none() {
            let (step, Port { name, ty, .. }) = (&defined.definition.name.node, port);
            let text =
                format!("`step {step}` cannot give back `{name}: {ty}`: only suho makes one");
            found.push(type_mismatch::operator(at, text));
        }
    }
}

/// `a.b` as text, `net("host")` too.
fn dotted(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Call(callee, args) => {
            let args: Option<Vec<String>> = args.iter().map(|arg| literal(&arg.value)).collect();
            Some(format!("{}({})", dotted(callee)?, args?.join(", ")))
        }
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Field { base, name, .. } => Some(format!("{}.{}", dotted(base)?, name.node)),
        _ => None,
    }
}

/// A text in which nothing is interpolated.
fn literal(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Text(parts) => match parts.as_slice() {
            [TextPart::Text(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The verb that `word` is. What ends an alert is a rule like the one that begins it.
pub(crate) fn verb(word: &str) -> Option<Verb> {
    match word {
        "require" => Some(Verb::Require),
        "rollback" => Some(Verb::Rollback),
        "hold" => Some(Verb::Hold),
        "compare" => Some(Verb::Compare),
        "fire" | "resolve" => Some(Verb::Fire),
        _ => None,
    }
}

/// `check batch_size > 0`.
fn checks(defined: Defined<'_>, inputs: &[Port], elaborator: &mut Elaborator<'_>) -> Vec<Rule> {
    let sources = elaborator.sources;
    let mut checks = Vec::new();
    for stmt in defined.definition.body.iter().flat_map(|body| &body.items) {
        let StmtKind::Rule(rule) = &stmt.kind else { continue };
        let Spanned { node: word, span } = &rule.verb;
        if word != "check" {
            let at = At::new(defined.file, *span);
            elaborator.found.push(rule_not_allowed::verb(at, "step", word, &["check"]));
            continue;
        }
        let scope = Scope::of_ports(defined.file, inputs);
        let condition = elaborator.check(&rule.condition, &Type::Bool, &scope).expr;
        let at = At::new(defined.file, rule.condition.span);
        let file = sources.get(defined.file).map(|source| source.name.clone());
        checks.push(Rule {
            verb: Verb::Require,
            condition,
            lasting: None,
            otherwise: None,
            attributes: BTreeMap::new(),
            text: sources.slice(at),
            place: Place { file: file.unwrap_or_default(), line: sources.line(at) },
        });
    }
    checks
}
