//! The shapes of steps, as text and as plans.

use std::error::Error;
use std::fmt::Write as _;
use suho_check::{Severity, World, check};
use suho_plan::{Binding, Plan, build_in};

/// The environment that lets as many steps run at once as the bound does.
pub(crate) const ENVIRONMENT: &str = "bench";

/// What follows what.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// A hundred, one after the other.
    Chain,
    /// Fifty layers of twenty, each step waiting for three of the layer before.
    Grid,
    /// One, then a thousand, then one.
    Fan,
}

impl Shape {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Grid => "grid",
            Self::Fan => "fan",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Chain => "chain of 100",
            Self::Grid => "grid of 50 × 20",
            Self::Fan => "fan 1 → 1,000 → 1",
        }
    }

    pub(crate) const fn steps(self) -> u32 {
        match self {
            Self::Chain => 100,
            Self::Grid => 1_000,
            Self::Fan => 1_002,
        }
    }

    /// Each step's name and what it comes after.
    fn needs(self) -> Vec<(String, Vec<String>)> {
        let named = |i: u32| format!("s{i}");
        match self {
            Self::Chain => {
                let before = |i: u32| i.checked_sub(1).map(named).into_iter().collect();
                (0..self.steps()).map(|i| (named(i), before(i))).collect()
            }
            Self::Grid => {
                let at = |layer: u32, i: u32| format!("s{layer}_{}", i % 20);
                let before = |layer: u32, i: u32| match layer.checked_sub(1) {
                    Some(above) => (0..3).map(|k| at(above, i + k)).collect(),
                    None => Vec::new(),
                };
                let all = (0..50).flat_map(|layer| (0..20).map(move |i| (layer, i)));
                all.map(|(layer, i)| (at(layer, i), before(layer, i))).collect()
            }
            Self::Fan => {
                let middle = (0..1_000).map(|i| (named(i), vec!["first".to_owned()]));
                let last = ("last".to_owned(), (0..1_000).map(named).collect());
                let first = ("first".to_owned(), Vec::new());
                std::iter::once(first).chain(middle).chain(std::iter::once(last)).collect()
            }
        }
    }

    /// The plan; `keeps` says whether results are kept and looked for.
    pub(crate) fn plan(self, keeps: bool) -> Result<Plan, Box<dyn Error>> {
        let mut text = format!(
            "edition 2026\n\nenv {ENVIRONMENT} {{ executor = local(slots: 64) }}\n\npipeline bench() {{\n"
        );
        for (name, after) in self.needs() {
            let after = after.join(", ");
            // Scripts differ, so that no step finds another's result.
            writeln!(
                text,
                "  shell {name} {{\n    script = \"\"\"\n    true {name}\n    \"\"\"\n    \
                 after = [{after}]\n    cache = {keeps}\n  }}"
            )?;
        }
        text.push_str("}\n");
        let checked = check(&[("bench.suho".to_owned(), text)], &Prelude);
        let wrong = checked.diagnostics.iter().find(|found| found.severity == Severity::Error);
        if let Some(wrong) = wrong {
            return Err(format!("{}: {}", wrong.code, wrong.message).into());
        }
        let binding = Binding { environment: Some(ENVIRONMENT), ..Binding::of(&[]) };
        Ok(build_in(&checked.program, "bench", &binding)?)
    }
}

/// The prelude as it is, and no other file.
struct Prelude;

impl World for Prelude {
    fn prelude(&self) -> Vec<(String, String)> {
        let core = include_str!("../../../../stdlib/prelude/core.suho");
        vec![("core.suho".to_owned(), core.to_owned())]
    }

    fn read(&self, _: &str, path: &str) -> Result<(String, String), String> {
        Err(format!("there is no `{path}`"))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}
