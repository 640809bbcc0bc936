use super::Operations;
use crate::tests::{checked, suho_files};
use crate::{Binding, Unbound, build_in, cells};
use std::path::Path;

/// The pipelines of this repository, which have operations beside them.
fn ours() -> suho_check::Checked {
    let files = suho_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines"));
    let files: Vec<_> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    checked(&files)
}

#[test]
fn a_pipeline_knows_what_starts_it_and_who_watches_its_models() {
    let checked = ours();
    let program = checked.program;
    let open = Binding { unbound: Unbound::Open, ..Binding::of(&[]) };
    let plan = build_in(&program, "fx_lstm", &open).unwrap();
    let beside = Operations::of(&program, &checked.library, &plan);
    let effects = ["artifacts.write", "net(inference.staging:8080)", "registry.write", "traffic"];
    assert_eq!(beside.effects, effects);
    let secrets: Vec<_> = beside.secrets.iter().map(ToString::to_string).collect();
    assert_eq!(secrets, ["slack_url", "warehouse_password"]);
    let triggers = beside.triggers.iter().map(|it| format!("{} {}\n", it.name, it.on));
    let monitors = beside.monitors.iter().flat_map(|it| {
        it.alerts.iter().map(move |alert| {
            let times = alert.times.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{}.{} {} {times}\n", it.name, alert.name, alert.fires)
        })
    });
    expect_test::expect![[r#"
        by_hand manual(roles: ["ml_engineer"], ask: [window, bump])
        degraded prod.accuracy_drop
        drifted prod.feature_drift
        monthly cron("0 3 1 * *")
        pushed push(branch: "main", paths: ["pipelines/**"])
        prod.accuracy_drop fire when accuracy over 7d < reference.accuracy * 90% for 6h 
        prod.high_latency fire when latency.p95 > 500ms for 10m 
        prod.high_error_rate fire when error_rate > 5% for 3m 
        prod.feature_drift fire when verdict == drift cron("10 0 * * *")
    "#]]
    .assert_eq(&triggers.chain(monitors).collect::<String>());
}

#[test]
fn a_matrix_is_a_plan_for_every_cell() {
    let program = ours().program;
    let matrix = &program.matrices["majors"];
    let open = Binding { unbound: Unbound::Open, ..Binding::of(&[]) };
    let plans: Vec<_> = cells(matrix)
        .into_iter()
        .map(|(key, call)| {
            let binding = Binding { call: Some(&call), ..open };
            (key, build_in(&program, matrix.run.pipeline.as_str(), &binding).unwrap())
        })
        .collect();
    assert_eq!(plans.len(), 5);
    for (key, plan) in &plans {
        let name = plan.params["spec"].field("name").unwrap();
        assert_eq!(*key, format!("spec={name}"));
    }
    let symbols: std::collections::BTreeSet<_> =
        plans.iter().map(|(_, plan)| plan.params["symbol"].to_string()).collect();
    assert_eq!(symbols.len(), 3);
    let digests: std::collections::BTreeSet<_> =
        plans.iter().map(|(_, plan)| &plan.digest).collect();
    assert_eq!(digests.len(), plans.len(), "each cell does something else");
    // What is said on the command line is stronger than the cell.
    let (_, call) = &cells(matrix)[0];
    let arguments = [("symbol".to_owned(), "USD/JPY".to_owned())];
    let binding = Binding { call: Some(call), arguments: &arguments, ..open };
    let plan = build_in(&program, matrix.run.pipeline.as_str(), &binding).unwrap();
    assert_eq!(plan.params["symbol"].to_string(), "USD/JPY");
}
