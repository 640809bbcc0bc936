//! The plan that is carried out: every stage, each as short as it can be.

use suho_check::{Severity, World, check};
use suho_plan::{Plan, build};

const PIPELINE: &str = r#"edition 2026
use std.ml
use std.rollout

features few { columns = ["close"] }

model direction {
  target   = { symbol = "EUR/USD", timeframe = 1h, horizon = 1h }
  features = few
  sequence = 4
  layers   = [output(units: 3)]
}

pipeline small {
  timezone = "America/New_York"
  production baseline { model = direction.name }
  dataset data {
    source    = parquet("bars.parquet")
    symbol    = direction.target.symbol
    timeframe = direction.target.timeframe
    features  = direction.features
  }
  train candidate {
    model      = direction
    train      = data.train
    validation = data.validation
    version    = next(baseline)
    retry      = { attempts = 2, on = [timeout] }
    timeout    = 2s
  }
  evaluate quality {
    model   = candidate.model
    data    = data.test
    against = baseline
  }
  gate acceptance {
    model = candidate.model
    require quality.accuracy >= 30%
  }
  shadow staging {
    model        = acceptance.model
    against      = baseline
    duration     = 2h
    min_requests = 4
    require error_rate < 1%
  }
  canary tenth {
    model      = staging.model
    against    = baseline
    duration   = 4h
    min_events = 2
    require error_rate < 1%
    rollback when error_rate > 5% for 5m
  }
  ramp rollout {
    model = tenth.model
    steps = [10%, 50%, 100%]
    every = 2h
    require error_rate < 1%
  }
  promote live {
    model    = rollout.model
    replaces = baseline
  }
}
"#;

struct Prelude;

impl World for Prelude {
    fn prelude(&self) -> Vec<(String, String)> {
        let file = |name: &str| {
            let text = std::fs::read_to_string(crate::prelude().join(name)).unwrap();
            (name.to_owned(), text)
        };
        ["core.suho", "ml.suho", "rollout.suho"].into_iter().map(file).collect()
    }

    fn read(&self, _: &str, path: &str) -> Result<(String, String), String> {
        Err(format!("there is no `{path}`"))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

pub(crate) fn plan() -> Plan {
    let checked = check(&[("small.suho".to_owned(), PIPELINE.to_owned())], &Prelude);
    let wrong = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    build(&checked.program, "small", &[]).unwrap()
}
