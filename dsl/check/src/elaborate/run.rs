//! A pipeline with some of its arguments: `fx_lstm(spec: eurusd, window: last(2y))`.

use super::{Elaborator, Scope, Typed};
use crate::diagnostic::At;
use crate::diagnostics::missing_attribute;
use crate::mention::Owner;
use crate::program::{Expr, Run};
use crate::ty::resolve::resolve;
use crate::{Phase, Port, Type};
use std::rc::Rc;
use suho_domain::{Name, Value};
use suho_syntax::ast::{Arg, Instance};

impl Elaborator<'_> {
    /// The run of the pipeline `instance`, whose name is given at `given`.
    pub(super) fn run(
        &mut self,
        instance: &Instance,
        given: At,
        args: &[Arg],
        at: At,
        scope: &Scope<'_>,
    ) -> Typed {
        let name = instance.name.as_ref().map_or("", |name| &*name.node);
        let ports = self.parameters(instance, given);
        let (arguments, phase, is_whole) =
            self.given(Owner::Pipeline(name, given), &ports, args, at, scope);
        let is_open = |port: &&Port| {
            port.default.is_none()
                && !arguments.contains_key(&port.name)
                && !scope.open.contains(&port.name)
        };
        let missing: Vec<_> = ports.iter().filter(is_open).map(|p| (&*p.name, &p.ty)).collect();
        if is_whole && !missing.is_empty() {
            self.found.push(missing_attribute::new(at, &format!("`{name}`"), &missing));
        }
        let expr = crate::fold::variant(name, arguments);
        Typed { expr, ty: Type::Run(Name::new(name).ok()), phase, at }
    }

    /// The parameters of the pipeline `instance`: their types, and whether they have a default.
    pub(crate) fn parameters(&mut self, instance: &Instance, given: At) -> Rc<[Port]> {
        if let Some(known) = self.params.get(&given) {
            return Rc::clone(known);
        }
        // Types that do not exist are told of where the pipeline stands.
        let mut told = Vec::new();
        let ports = instance.params.iter().map(|param| Port {
            name: param.name.node.clone(),
            ty: resolve(&param.ty, given.file, self.library, &mut told),
            default: param.default.is_some().then_some(Expr::Value(Value::None)),
            doc: None,
            phase: Phase::Start,
        });
        let ports: Rc<[Port]> = ports.collect();
        self.params.insert(given, Rc::clone(&ports));
        ports
    }
}

/// The run that `expr` is.
pub(crate) fn lowered(expr: Expr) -> Option<Run> {
    let named = |fields: Vec<(String, Expr)>| {
        let each = fields.into_iter().map(|(name, value)| Some((Name::new(name).ok()?, value)));
        each.collect::<Option<_>>()
    };
    match expr {
        Expr::Variant(name, fields) => {
            let arguments = named(fields.into_iter().collect())?;
            Some(Run { pipeline: Name::new(name).ok()?, arguments })
        }
        Expr::Value(Value::Variant(variant)) => {
            let fields = variant.fields.into_iter().map(|(name, value)| (name, Expr::Value(value)));
            let arguments = named(fields.collect())?;
            Some(Run { pipeline: Name::new(variant.name).ok()?, arguments })
        }
        Expr::With(base, fields) => {
            let mut run = lowered(*base)?;
            run.arguments.append(&mut named(fields.into_iter().collect())?);
            Some(run)
        }
        _ => None,
    }
}
