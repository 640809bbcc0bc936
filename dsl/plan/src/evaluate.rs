//! Expressions to values, from what steps have made and what is measured live.

use crate::operators;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use suho_check::program::{Access, BinaryOp, Expr, UnaryOp};
use suho_domain::{Name, Record, Value, Variant};

/// What an expression may ask for.
pub trait Facts {
    /// What the step `name` made: a record, or [`Value::None`] for a lookup that found nothing.
    /// `None` when the step has not ended.
    fn output(&self, name: &Name) -> Option<&Value>;

    /// The live metric `name`, dots kept. `None` when it is not measured here.
    fn live(&self, name: &str) -> Option<Value>;
}

/// Why an expression has no value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Missing {
    /// It looks into something that is `none`: there is no baseline.
    #[error("there is no `{0}`")]
    Nothing(String),
    /// A measurement has no answer.
    #[error("{0}")]
    NoData(String),
    /// A step it speaks of has not ended, or a parameter is not bound.
    #[error("`{0}` is not known yet")]
    NotYet(String),
    /// The checker should have refused it.
    #[error("cannot evaluate {0}")]
    Wrong(String),
}

type Answered = Result<Value, Missing>;

/// Names bound by comprehensions around an expression.
type Bound<'a> = Option<&'a (Name, Value)>;

/// The value of `expr`.
///
/// # Errors
/// When something it needs is missing; [`Missing::Wrong`] is a bug of the checker.
pub fn evaluate(expr: &Expr, facts: &dyn Facts) -> Answered {
    Scope { facts, bound: Vec::new() }.value(expr)
}

/// The values of a step's `inputs`. What is `none` stays [`Value::None`].
///
/// # Errors
/// When an input cannot be known now; names the input.
pub fn resolve(
    inputs: &BTreeMap<String, Expr>,
    facts: &dyn Facts,
) -> Result<Record, (String, Missing)> {
    let value = |(name, expr): (&String, &Expr)| match evaluate(expr, facts) {
        Ok(value) => Ok((name.clone(), value)),
        Err(Missing::Nothing(_)) => Ok((name.clone(), Value::None)),
        Err(missing) => Err((name.clone(), missing)),
    };
    inputs.iter().map(value).collect()
}

struct Scope<'a> {
    facts: &'a dyn Facts,
    bound: Vec<(Name, Value)>,
}

impl Scope<'_> {
    fn value(&mut self, expr: &Expr) -> Answered {
        match expr {
            Expr::Value(value) => Ok(value.clone()),
            Expr::Param(name) => Err(Missing::NotYet(name.to_string())),
            Expr::Bound(name) => {
                let found: Bound<'_> = self.bound.iter().rev().find(|(bound, _)| bound == name);
                found.map(|(_, v)| v.clone()).ok_or_else(|| Missing::NotYet(name.to_string()))
            }
            Expr::Output { step, path } => {
                let output = self.facts.output(step);
                let whole = output.ok_or_else(|| Missing::NotYet(step.to_string()))?;
                follow(whole, path, step.as_str())
            }
            Expr::Field(base, access) => {
                let base = self.value(base)?;
                follow(&base, std::slice::from_ref(access), "value")
            }
            Expr::Live(metric) => {
                let live = self.facts.live(metric);
                defined(live.ok_or_else(|| Missing::NoData(format!("no `{metric}` yet")))?)
            }
            Expr::List(items) => {
                let items: Result<_, _> = items.iter().map(|item| self.value(item)).collect();
                items.map(Value::List)
            }
            Expr::Record(fields) => self.fields(fields).map(Value::Record),
            Expr::Variant(name, fields) => {
                let fields = self.fields(fields)?;
                Ok(Value::Variant(Variant { name: name.clone(), fields }))
            }
            Expr::Call(function, args) => self.call(function, args),
            Expr::With(base, fields) => self.with(base, fields),
            Expr::Text(parts) => {
                let texts: Result<Vec<_>, _> =
                    parts.iter().map(|part| self.value(part).map(|v| v.to_string())).collect();
                texts.map(|texts| Value::Text(texts.concat()))
            }
            Expr::If(branches) => {
                let (condition, then, otherwise) = branches.as_ref();
                let branch = if self.truth(condition)? { then } else { otherwise };
                self.value(branch)
            }
            Expr::Unary(op, operand) => self.unary(*op, operand),
            Expr::Binary(op, operands) => self.binary(*op, &operands.0, &operands.1),
            Expr::Comprehension(name, parts) => self.comprehension(name, parts),
        }
    }

    fn fields(&mut self, fields: &BTreeMap<String, Expr>) -> Result<Record, Missing> {
        let field = |(name, expr): (&String, &Expr)| match self.value(expr) {
            Ok(value) => Ok((name.clone(), value)),
            Err(Missing::Nothing(_)) => Ok((name.clone(), Value::None)),
            Err(missing) => Err(missing),
        };
        fields.iter().map(field).collect()
    }

    fn with(&mut self, base: &Expr, fields: &BTreeMap<String, Expr>) -> Answered {
        let mut whole = self.value(base)?;
        let changed = self.fields(fields)?;
        match &mut whole {
            Value::Record(record) => record.extend(changed),
            Value::Variant(variant) => variant.fields.extend(changed),
            other => return Err(Missing::Wrong(format!("`{other} with`"))),
        }
        Ok(whole)
    }

    fn truth(&mut self, expr: &Expr) -> Result<bool, Missing> {
        match self.value(expr)? {
            Value::Bool(truth) => Ok(truth),
            other => Err(Missing::Wrong(format!("the truth of `{other}`"))),
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr) -> Answered {
        match op {
            UnaryOp::Not => self.truth(operand).map(|truth| Value::Bool(!truth)),
            UnaryOp::Negate => {
                let value = self.value(operand)?;
                operators::negated(&value).ok_or_else(|| Missing::Wrong(format!("-{value}")))
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Answered {
        match op {
            BinaryOp::And | BinaryOp::Or => return self.logic(op, left, right),
            BinaryOp::Coalesce => {
                return match self.value(left) {
                    Ok(Value::None) | Err(Missing::Nothing(_)) => self.value(right),
                    other => other,
                };
            }
            _ => {}
        }
        let left = something(self.value(left)?, left)?;
        let right = something(self.value(right)?, right)?;
        let wrong = || Missing::Wrong(format!("`{left}` {op:?} `{right}`"));
        match op {
            BinaryOp::In => match &right {
                Value::List(items) => Ok(Value::Bool(items.contains(&left))),
                _ => Err(wrong()),
            },
            BinaryOp::Equal => Ok(Value::Bool(is_equal(&left, &right))),
            BinaryOp::NotEqual => Ok(Value::Bool(!is_equal(&left, &right))),
            BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual => {
                let order = operators::compare(&left, &right).ok_or_else(wrong)?;
                Ok(Value::Bool(holds(op, order)))
            }
            _ => operators::arithmetic(op, &left, &right).ok_or_else(wrong),
        }
    }

    /// Kleene's logic: what decides alone, decides, whatever else is missing.
    fn logic(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Answered {
        let decisive = op == BinaryOp::Or;
        let (left, right) = (self.truth(left), self.truth(right));
        if left == Ok(decisive) || right == Ok(decisive) {
            return Ok(Value::Bool(decisive));
        }
        left?;
        right.map(Value::Bool)
    }

    fn comprehension(&mut self, name: &Name, parts: &(Expr, Option<Expr>, Expr)) -> Answered {
        let (source, condition, item) = parts;
        let Value::List(source) = self.value(source)? else {
            return Err(Missing::Wrong(format!("`for {name}` over what is no list")));
        };
        let mut items = Vec::with_capacity(source.len());
        for each in source {
            self.bound.push((name.clone(), each));
            let kept = condition.as_ref().map_or(Ok(true), |condition| self.truth(condition));
            let made = kept.and_then(|kept| kept.then(|| self.value(item)).transpose());
            self.bound.pop();
            items.extend(made?);
        }
        Ok(Value::List(items))
    }

    fn call(&mut self, function: &str, args: &[(Option<String>, Expr)]) -> Answered {
        let values: Result<Vec<_>, _> = args.iter().map(|(_, arg)| self.value(arg)).collect();
        let values = values?;
        let wrong = || Missing::Wrong(format!("`{function}` of {}", Value::List(values.clone())));
        let best = |wanted: Ordering| {
            values.iter().cloned().reduce(|best, each| {
                if operators::compare(&each, &best) == Some(wanted) { each } else { best }
            })
        };
        match (function, values.as_slice()) {
            ("min", [_, ..]) => best(Ordering::Less).ok_or_else(wrong),
            ("max", [_, ..]) => best(Ordering::Greater).ok_or_else(wrong),
            (function, values) => suho_check::call(function, values).ok_or_else(wrong),
        }
    }
}

/// Two values are equal when they compare so; other kinds of things are not.
fn is_equal(left: &Value, right: &Value) -> bool {
    operators::compare(left, right) == Some(Ordering::Equal)
}

fn holds(op: BinaryOp, order: Ordering) -> bool {
    match op {
        BinaryOp::Less => order.is_lt(),
        BinaryOp::LessOrEqual => order.is_le(),
        BinaryOp::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}

/// `none` has no part in arithmetic and comparison.
fn something(value: Value, expr: &Expr) -> Answered {
    if value == Value::None { Err(Missing::Nothing(named(expr))) } else { Ok(value) }
}

/// What to call an expression in a message.
fn named(expr: &Expr) -> String {
    match expr {
        Expr::Output { step, path } => {
            let fields = path.iter().map(|access| format!(".{}", access.field));
            format!("{step}{}", fields.collect::<String>())
        }
        Expr::Binary(_, operands) => named(&operands.0),
        _ => "value".to_owned(),
    }
}

fn follow(whole: &Value, path: &[Access], name: &str) -> Answered {
    let said = |depth: usize| {
        let fields = path.iter().take(depth).map(|access| format!(".{}", access.field));
        format!("{name}{}", fields.collect::<String>())
    };
    let mut value = whole;
    for (depth, access) in path.iter().enumerate() {
        if *value == Value::None {
            return Err(Missing::Nothing(said(depth)));
        }
        let no_field = || format!("`{}`: no such field", said(depth.saturating_add(1)));
        value = value.field(&access.field).ok_or_else(|| Missing::Wrong(no_field()))?;
    }
    if *value == Value::None && !path.is_empty() {
        return Err(Missing::Nothing(said(path.len())));
    }
    defined(value.clone())
}

fn defined(value: Value) -> Answered {
    match value {
        Value::Undefined(reason) => Err(Missing::NoData(reason)),
        value => Ok(value),
    }
}
