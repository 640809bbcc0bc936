//! `project` and `env`: what holds for all pipelines, and where they run.

use crate::block::said;
use crate::diagnostic::At;
use crate::diagnostics::unknown_field;
use crate::elaborate::{Elaborator, Scope};
use crate::program::{Expr, Program};
use crate::{FileId, Port, library};
use std::collections::BTreeMap;
use suho_domain::{Name, Value};
use suho_syntax::ast::{Block, Instance, Span, StmtKind};

/// The attributes that environments take, by the record of the prelude that lists them.
pub(crate) const ENVIRONMENT: &str = "EnvironmentAttributes";

impl Elaborator<'_> {
    /// The `project` block's attributes, with their defaults.
    pub(crate) fn project(&mut self, instance: &Instance, file: FileId) -> BTreeMap<String, Expr> {
        let scope = Scope::of_file(file);
        let ports = self.record_ports(library::PROJECT);
        let mut given = self.attributes("project", &instance.body, &[ports], &scope);
        let span = instance.name.as_ref().map_or(instance.body.span, |name| name.span);
        let body = Some(instance.body.span);
        self.complete("`project`", At::new(file, span), &mut given, ports, body);
        self.only_attributes("project", &instance.body, file);
        said(given)
    }

    /// Takes over what `project` says of all pipelines.
    pub(crate) fn settle(&mut self, project: &BTreeMap<String, Expr>) {
        let value = |name: &str| match project.get(name) {
            Some(Expr::Value(value)) => Some(value.clone()),
            _ => None,
        };
        let zone = value("timezone").and_then(|zone| suho_time::parse_zone(zone.as_text()?).ok());
        self.zone = zone.unwrap_or(self.zone);
        self.scope = value("scope");
        if let Some(Value::List(kinds)) = value("evidence") {
            // What is no kind was told of.
            self.evidence = kinds.iter().filter_map(Value::as_text).map(str::to_owned).collect();
        }
    }

    /// An `env` block: its own attributes, and parameters of pipelines that it sets.
    pub(crate) fn environment(
        &mut self,
        instance: &Instance,
        file: FileId,
        program: &Program,
    ) -> Option<(Name, BTreeMap<String, Expr>)> {
        let written = instance.name.as_ref()?;
        let name = Name::new(&*written.node).ok()?;
        let scope = Scope::of_file(file);
        let mut ports = Vec::new();
        for (pipeline, param) in program
            .pipelines
            .values()
            .flat_map(|pipeline| pipeline.params.iter().map(move |param| (&pipeline.name, param)))
        {
            ports.push(Port {
                name: format!("{pipeline}.{}", param.name),
                ty: param.ty.clone(),
                default: None,
                doc: None,
                phase: crate::Phase::Plan,
            });
        }
        let body = self.known_pipelines(&instance.body, file, program);
        let given =
            self.attributes("env", &body, &[self.record_ports(ENVIRONMENT), &ports], &scope);
        self.only_attributes("env", &instance.body, file);
        Some((name, said(given)))
    }

    /// `body` without what is set of parameters that no pipeline has, which is told.
    fn known_pipelines(&mut self, body: &Block, file: FileId, program: &Program) -> Block {
        let mut kept = body.clone();
        kept.items.retain(|stmt| {
            let StmtKind::Attribute { path, .. } = &stmt.kind else { return true };
            let [pipeline, param] = path.as_slice() else { return true };
            let Some(known) = program.pipelines.get(pipeline.node.as_str()) else { return true };
            let params: Vec<&str> = known.params.iter().map(|each| each.name.as_str()).collect();
            if params.contains(&&*param.node) {
                return true;
            }
            let what = format!("`{}`", pipeline.node);
            let at = At::new(file, Span { start: param.span.start, end: param.span.end });
            self.found.push(unknown_field::new(at, &what, &param.node, &params));
            false
        });
        kept
    }
}
