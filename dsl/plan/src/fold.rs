//! Binding parameters and folding what is known when planning.

use crate::evaluate::{Facts, evaluate};
use crate::walk::rebuilt;
use std::collections::BTreeMap;
use suho_check::program::{Access, Expr};
use suho_domain::{Name, Value};

/// Parameters by name: their values, or what they are where the run's start decides
/// (`last(2y)`).
pub(crate) type Params = BTreeMap<Name, Expr>;

/// `expr` with parameters replaced by `params` and constant parts by their values.
pub(crate) fn fold(expr: &Expr, params: &Params) -> Expr {
    let folded = match expr {
        Expr::Param(name) => return params.get(name).unwrap_or(expr).clone(),
        // A value is one already, and of the others nothing is known yet.
        Expr::Value(_) | Expr::Output { .. } | Expr::Live(_) | Expr::Bound(_) => {
            return expr.clone();
        }
        Expr::Field(base, access) => field(fold(base, params), access),
        whole => rebuilt(whole, &|part| fold(part, params)),
    };
    evaluate(&folded, &Nothing).map_or(folded, Expr::Value)
}

/// As [`fold`], of every attribute.
pub(crate) fn fold_all(
    attributes: &BTreeMap<String, Expr>,
    params: &Params,
) -> BTreeMap<String, Expr> {
    attributes.iter().map(|(name, expr)| (name.clone(), fold(expr, params))).collect()
}

fn field(base: Expr, access: &Access) -> Expr {
    match base {
        // A field of a record whose other fields are not known yet.
        Expr::Record(mut fields) if fields.contains_key(&access.field) => {
            fields.remove(&access.field).unwrap_or(Expr::Value(Value::None))
        }
        base => Expr::Field(Box::new(base), access.clone()),
    }
}

/// Nothing has run, nothing is live.
pub(crate) struct Nothing;

impl Facts for Nothing {
    fn output(&self, _: &Name) -> Option<&Value> {
        None
    }
    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}
