use super::*;
use suho_domain::Duration;
use suho_driver::controller::{Baseline, spec};
use suho_plan::{Plan, build};
use suho_rollout::Stage;

const TINY: &str = include_str!("../../../../tests/cli/tiny/pipeline.suho");

fn planned(text: &str) -> Plan {
    let project = Project::of(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let checked = suho_check::check(&[("tiny.suho".to_owned(), text.to_owned())], &project);
    build(&checked.program, "tiny", &[]).unwrap()
}

/// The limits that the engine applies to a rollout of its own accord, as rules.
fn applied(plan: &Plan, step: &str) -> Vec<String> {
    let candidate = Candidate::of(plan, suho_steps::FEATURE_VERSION).unwrap().unwrap();
    let node = plan.node(step).unwrap();
    let (spec, _) = spec(plan, node, &candidate, &Baseline::None).unwrap();
    let limits = spec.guardrails;
    let (errors, latency, uptime, sign) = if let Stage::Shadow(shadow) = spec.stage {
        (shadow.error_rate_max, shadow.latency_p95_max, None, "<=")
    } else {
        (limits.error_rate_max, limits.latency_p95_max, limits.uptime_min, ">")
    };
    let errors = errors.map(|max| format!("error_rate {sign} {max}"));
    let latency = latency.map(|max: Duration| format!("latency.p95 {sign} {max}"));
    let uptime = uptime.map(|min| format!("uptime >= {min}"));
    errors.into_iter().chain(latency).chain(uptime).collect()
}

#[test]
fn the_built_in_limits_compared_are_those_the_engine_applies() {
    let rule = "    rollback when error_rate > 9% for 5m\n    min_events = 1";
    let declared = TINY.replace("    min_events = 1", rule);
    assert_ne!(declared, TINY);
    for (text, told) in [(TINY, 3), (&declared, 2)] {
        let plan = planned(text);
        for step in ["staging", "tenth", "rollout"] {
            let compared = diff::guardrails(plan.node(step).unwrap());
            let compared: Vec<String> = compared.into_iter().map(|rule| rule.text).collect();
            assert_eq!(compared, applied(&plan, step), "{step}");
        }
        assert_eq!(applied(&plan, "tenth").len(), told);
    }
}
