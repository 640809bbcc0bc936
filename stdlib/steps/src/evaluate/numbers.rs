//! An evaluation's numbers, beside its page.

use super::Judged;
use super::page::Page;
use serde_json::{Value as Json, json};
use suho_stats::{Classification, Measured};

/// The version of the numbers' form.
const SCHEMA: u32 = 1;

/// Every number of the page, undigested: shares in `0..=1`, errors in the same unit, losses in nats. What
/// is undefined says why.
pub(super) fn numbers(page: &Page<'_>) -> Vec<u8> {
    let training = page.training.as_ref().map(|training| {
        json!({ "train_loss": training.train_loss, "validation_loss": training.validation_loss })
    });
    let months = page.months();
    let month =
        |it: &super::page::Month| json!({ "month": it.name, "rows": it.rows, "right": it.right });
    let baseline = page
        .baseline
        .as_ref()
        .map(|(name, judged)| json!({ "model": name, "scores": scores(&judged.found) }));
    let numbers = json!({
        "schema": SCHEMA,
        "title": page.title,
        "split": page.part,
        "rows": page.own.found.rows,
        "block_rows": page.block,
        "scores": scores(&page.own.found),
        "majority": measured(page.majority),
        "persistence": measured(page.persistence),
        "training": training,
        "baseline": baseline,
        "months": months.iter().map(month).collect::<Vec<_>>(),
        "answers": answers(page),
    });
    numbers.to_string().into_bytes()
}

/// When each row was decided on, in µs since 1970 UTC, and whether the model was right.
fn answers(page: &Page<'_>) -> Json {
    let Judged { is_right, .. } = page.own;
    json!({
        "times": page.times.iter().map(|time| time.micros()).collect::<Vec<_>>(),
        "right": is_right,
    })
}

fn scores(found: &Classification) -> Json {
    let bins = found.confidences.iter().map(|bin| {
        json!({
            "above": bin.above,
            "to": bin.to,
            "rows": bin.rows,
            "confidence": bin.mean,
            "accuracy": bin.accuracy,
        })
    });
    json!({
        "accuracy": measured(found.accuracy),
        "accuracy_se": measured(found.accuracy_error_block),
        "accuracy_se_iid": measured(found.accuracy_error),
        "precision": measured(found.precision_macro),
        "recall": measured(found.recall_macro),
        "f1": measured(found.f1_macro),
        "auc": measured(found.auc_macro),
        "log_loss": measured(found.log_loss),
        "brier": measured(found.brier),
        "calibration_error": measured(found.calibration_error),
        "mcc": measured(found.mcc),
        "coverage": measured(found.coverage),
        "directional_accuracy": measured(found.directional_accuracy),
        "confusion": found.confusion.rows().collect::<Vec<_>>(),
        "calibration": bins.collect::<Vec<_>>(),
    })
}

fn measured(figure: Measured<f64>) -> Json {
    match figure {
        Measured::Defined(number) => json!(number),
        Measured::Undefined(reason) => json!({ "undefined": reason.to_string() }),
    }
}
