//! Which number comes of a change, beside all that were used (domain §2.3; scenarios 13 to 26).

use super::{base, with};
use crate::candidate::Candidate;
use crate::models::next_version;
use crate::ports::{ModelRow, SlotFacts};
use crate::version::{VersionError, Wanted};
use serde_json::{Value as Json, json};
use suho_domain::{
    Bump, Digest, Duration, Instant, ModelId, ModelStatus, Name, Scope, Slot, Value, Version,
};

fn slot(symbol: &str) -> Slot {
    Slot {
        scope: Scope::Platform,
        model: Name::new("eurusd_lstm_1h").unwrap(),
        symbol: symbol.parse().unwrap(),
        timeframe: "1h".parse().unwrap(),
    }
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn row(text: &str, status: ModelStatus, config: Json) -> ModelRow {
    ModelRow {
        id: ModelId::derive(&["test", text]),
        slot: slot("EUR/USD"),
        version: version(text),
        status,
        status_reason: None,
        row_version: 1,
        quarantined: false,
        config_digest: Digest::of_json(&config),
        config,
        dataset_digest: Some(Digest::of(b"data")),
        trained_on: None,
        artifact_digest: Some(Digest::of(b"artifact")),
        artifact: None,
        metrics: Json::Null,
        seed: 42,
        code_digest: Digest::of(b"code"),
        parent: None,
        run: None,
        created_at: Instant::from_micros(0),
        trained_at: None,
        deployed_at: None,
    }
}

/// The versions of a name, the one that is production among them.
fn facts(rows: Vec<ModelRow>) -> SlotFacts {
    let production = rows.iter().find(|row| row.status == ModelStatus::Production).cloned();
    SlotFacts { production, versions: rows, ..SlotFacts::default() }
}

fn candidate(config: Json, wanted: Wanted) -> Candidate {
    Candidate {
        step: Name::new("candidate").unwrap(),
        dataset: None,
        slot: slot("EUR/USD"),
        horizon: Duration::from_hours(4),
        sequence: 60,
        label: Value::None,
        spec: Value::None,
        config,
        seed: 42,
        wanted,
    }
}

/// `VERSION BUMP codes`, or the error.
fn next(facts: &SlotFacts, candidate: &Candidate) -> Result<String, VersionError> {
    let (data, code) = (Digest::of(b"data"), Digest::of(b"code"));
    let (version, bump, changes) = next_version(facts, candidate, Some(&data), &code)?;
    let codes: Vec<_> = changes.iter().map(|change| change.code.as_str()).collect();
    Ok(format!("{version} {bump} {}", codes.join(", ")))
}

fn tuned() -> Json {
    with("/hyperparameters/batch_size", json!(64))
}

fn retargeted() -> Json {
    with("/target/horizon", json!("1h"))
}

#[test]
fn numbers_are_never_used_twice_and_count_by_number() {
    use ModelStatus::{Archived, Production};
    let first = facts(vec![]);
    assert_eq!(next(&first, &candidate(base(), Wanted::ByChanges)).unwrap(), "v1.0.0 MAJOR first");
    let hot = facts(vec![row("v1.2.3", Production, base()), row("v2.0.0", Archived, retargeted())]);
    let patched = candidate(base(), Wanted::ByChanges);
    assert_eq!(next(&hot, &patched).unwrap(), "v1.2.4 PATCH reproduce");
    let failed = facts(vec![row("v2.1.0", Production, base()), row("v2.1.1", Archived, base())]);
    assert_eq!(next(&failed, &patched).unwrap(), "v2.1.2 PATCH reproduce");
    let tenth =
        facts(vec![row("v1.9.0", Archived, retargeted()), row("v1.10.0", Production, base())]);
    let minor = candidate(tuned(), Wanted::ByChanges);
    assert_eq!(next(&tenth, &minor).unwrap(), "v1.11.0 MINOR hyperparameter");
    let major = candidate(retargeted(), Wanted::ByChanges);
    assert_eq!(next(&hot, &major).unwrap(), "v3.0.0 MAJOR target, reverts");
}

#[test]
fn a_configuration_of_old_is_still_a_new_version() {
    use ModelStatus::{Archived, Production};
    let facts = facts(vec![row("v1.1.0", Archived, base()), row("v1.2.0", Production, tuned())]);
    let back = candidate(base(), Wanted::ByChanges);
    assert_eq!(next(&facts, &back).unwrap(), "v1.3.0 MINOR hyperparameter, reverts");
}

#[test]
fn a_written_version_is_unused_and_high_enough() {
    use ModelStatus::{Archived, Production};
    let facts = facts(vec![row("v2.0.0", Production, base()), row("v2.0.1", Archived, tuned())]);
    let asked =
        |config: Json, text: &str| next(&facts, &candidate(config, Wanted::Exactly(version(text))));
    let error = asked(retargeted(), "v2.0.2").unwrap_err();
    assert_eq!(error.code(), "version-too-low");
    assert_eq!(
        error.to_string(),
        "`eurusd_lstm_1h` asks for v2.0.2, and its changes since v2.0.0 are MAJOR: \
         target.horizon  4h → 1h"
    );
    assert_eq!(error.help(), "write `version = next(baseline)`, or `version = v3.0.0` or above");
    assert_eq!(asked(retargeted(), "v1.9.0").unwrap_err().code(), "version-too-low");
    assert_eq!(asked(base(), "v2.0.0").unwrap_err().code(), "version-taken");
    assert_eq!(asked(base(), "v2.0.1").unwrap_err().code(), "version-taken");
    assert_eq!(asked(retargeted(), "v4.0.0").unwrap(), "v4.0.0 MAJOR target");
    assert_eq!(asked(base(), "v2.0.7").unwrap(), "v2.0.7 PATCH reproduce");
    assert_eq!(asked(base(), "v2.5.0").unwrap(), "v2.5.0 MINOR written, reproduce");
}

#[test]
fn a_written_step_is_the_least_that_is_taken() {
    let facts = facts(vec![row("v1.2.3", ModelStatus::Production, base())]);
    let asked = |config: Json, bump: Bump| next(&facts, &candidate(config, Wanted::By(bump)));
    assert_eq!(asked(tuned(), Bump::Patch).unwrap(), "v1.3.0 MINOR hyperparameter");
    assert_eq!(asked(tuned(), Bump::Minor).unwrap(), "v1.3.0 MINOR hyperparameter");
    assert_eq!(asked(tuned(), Bump::Major).unwrap(), "v2.0.0 MAJOR written, hyperparameter");
}

#[test]
fn another_symbol_is_another_model() {
    let facts = facts(vec![row("v1.0.0", ModelStatus::Production, base())]);
    let facts = SlotFacts { production: None, ..facts };
    let other = Candidate { slot: slot("GBP/USD"), ..candidate(base(), Wanted::ByChanges) };
    let error = next(&facts, &other).unwrap_err();
    assert_eq!(error.code(), "slot-change");
    assert_eq!(error.help(), "give the model for GBP/USD a `name` of its own");
}

#[test]
fn what_asks_for_a_version_is_read_as_it_is_written() {
    use suho_domain::{Record, Variant};
    use suho_plan::Expr;
    let bump = |name: &str| {
        let variant = Variant { name: name.to_owned(), fields: Record::new() };
        let by = (Some("bump".to_owned()), Expr::Value(Value::Variant(variant)));
        Wanted::of(Some(&Expr::Call("next".to_owned(), vec![by])))
    };
    assert_eq!(bump("auto"), Wanted::ByChanges);
    assert_eq!(bump("minor"), Wanted::By(Bump::Minor));
    let written = Expr::Value(Value::Version(version("v2.0.1")));
    assert_eq!(Wanted::of(Some(&written)), Wanted::Exactly(version("v2.0.1")));
    assert_eq!(Wanted::of(None), Wanted::ByChanges);
}
