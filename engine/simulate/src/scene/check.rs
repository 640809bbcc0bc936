//! Whether a test says what only it can say, and nothing that a run has no place for.

use super::Scene;
use crate::error::SimulateError;
use crate::given::{Givens, LIVE};
use suho_plan::{Access, Expr, Node, Place, Role, walk};

impl Scene<'_> {
    pub(super) fn check(&self) -> Result<(), SimulateError> {
        self.has_place_for_all()?;
        let givens = Givens::new(self.scenario, &[])?;
        // What `any` stands for is given, whatever it will be.
        let any = |step: &suho_domain::Name, path: &[String]| {
            self.scenario.givens.iter().any(|given| {
                given.step == *step && given.path.iter().zip(path).all(|(a, b)| a == b)
            })
        };
        let outputs = self.outputs(&givens);
        for (by, place, expr) in self.deciding() {
            for (step, path) in asked(expr) {
                let fields: Vec<String> = path.iter().map(|access| access.field.clone()).collect();
                let first = fields.first().map_or("", String::as_str);
                let Some(node) = self.plan.node(step.as_str()) else { continue };
                if node.role != Role::Work || first == "status" {
                    continue;
                }
                if !outputs.knows(node, &fields) && !any(step, &fields) {
                    let what = format!("{step}.{}", fields.join("."));
                    return Err(SimulateError::NotGiven { what, by, place: place.clone() });
                }
            }
        }
        Ok(())
    }

    /// Everything that decides something: conditions and rules of steps, and what is expected. By
    /// whom, where to mend it, and the expression.
    fn deciding(&self) -> Vec<(String, &Place, &Expr)> {
        let mut deciding = Vec::new();
        for node in &self.plan.nodes {
            let rules = node.rules.iter().map(|rule| &rule.condition);
            let exprs = node.when.iter().chain(rules);
            deciding
                .extend(exprs.map(|expr| (format!("`{}`", node.name), &self.scenario.place, expr)));
        }
        for expected in &self.scenario.expectations {
            let by = "what is expected".to_owned();
            deciding.push((by, &expected.place, &expected.condition));
        }
        deciding
    }

    /// Nothing is given that the engine makes itself.
    fn has_place_for_all(&self) -> Result<(), SimulateError> {
        for given in &self.scenario.givens {
            let first = given.path.first().map_or("", String::as_str);
            let node = self.plan.node(given.step.as_str());
            let Some(why) = node.and_then(|node| self.hindrance(node, first)) else { continue };
            let mut what = vec![given.step.to_string()];
            what.extend(given.path.iter().cloned());
            return Err(SimulateError::NoPlace {
                what: what.join("."),
                why: why.to_owned(),
                place: given.place.clone(),
            });
        }
        Ok(())
    }

    /// Why `first` of `node` cannot be given, if it cannot; empty stands for the step as a whole.
    fn hindrance(&self, node: &Node, first: &str) -> Option<&'static str> {
        if first == LIVE || first.is_empty() {
            return None;
        }
        match node.role {
            Role::Work if node.kind.as_str() == "train" && first == "model" => {
                Some("the registry says who the candidate is")
            }
            Role::Work => None,
            Role::Lookup if self.candidate.is_none() => {
                Some("the pipeline trains no model that could take its place")
            }
            Role::Lookup => {
                let is_open = first == "version" || self.library.metrics.contains_key(first);
                (!is_open).then_some("the registry says who serves")
            }
            Role::Decision | Role::Rollout => Some("the engine itself makes it"),
        }
    }
}

/// The outputs of steps that `expr` asks for.
pub(crate) fn asked(expr: &Expr) -> impl Iterator<Item = (&suho_domain::Name, &[Access])> {
    walk::all(expr).filter_map(|part| match part {
        Expr::Output { step, path } => Some((step, path.as_slice())),
        _ => None,
    })
}
