//! What can be wrong, one file a code. The `//!` text of each file is its page: `suho explain CODE`
//! prints it.

pub(crate) mod ambiguous_name;
pub(crate) mod ambiguous_ratio;
pub(crate) mod baseline_metric;
pub(crate) mod broken_check;
pub(crate) mod constant_condition;
pub(crate) mod contradiction;
pub(crate) mod cron_never_fires;
pub(crate) mod currency_mix;
pub(crate) mod cycle;
pub(crate) mod dead_rule;
pub(crate) mod deprecated;
pub(crate) mod duplicate;
pub(crate) mod edition;
pub(crate) mod foreign_tenant;
pub(crate) mod gate_without_evidence;
pub(crate) mod image_without_digest;
pub(crate) mod import;
pub(crate) mod impossible_time;
pub(crate) mod instant_without_zone;
pub(crate) mod invalid_literal;
pub(crate) mod invalid_text;
pub(crate) mod leakage;
pub(crate) mod lifecycle;
pub(crate) mod maybe_absent;
pub(crate) mod missing_attribute;
pub(crate) mod more_errors;
pub(crate) mod noisy_rule;
pub(crate) mod period_for_duration;
pub(crate) mod phase;
pub(crate) mod prelude;
pub(crate) mod purge_too_short;
pub(crate) mod rule_not_allowed;
pub(crate) mod script_interpolation;
pub(crate) mod secret_leak;
pub(crate) mod shadowed_name;
pub(crate) mod short_embargo;
pub(crate) mod syntax;
pub(crate) mod test_never_looks;
pub(crate) mod too_many_arguments;
pub(crate) mod trigger_storm;
pub(crate) mod type_mismatch;
pub(crate) mod unclosed_block;
pub(crate) mod uncorrected_tests;
pub(crate) mod unhandled_none;
pub(crate) mod unit_mismatch;
pub(crate) mod unknown_attribute;
pub(crate) mod unknown_feature;
pub(crate) mod unknown_field;
pub(crate) mod unknown_kind;
pub(crate) mod unknown_mark;
pub(crate) mod unknown_metric;
pub(crate) mod unknown_name;
pub(crate) mod unknown_role;
pub(crate) mod unknown_type;
pub(crate) mod unknown_unit;
pub(crate) mod unknown_variant;
pub(crate) mod unused_name;
pub(crate) mod unused_output;
pub(crate) mod wrong_direction;

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Every code and the file whose `//!` text is its page, in the order of the codes.
const FILES: [(&str, &str); 59] = [
    (ambiguous_name::CODE, include_str!("diagnostics/ambiguous_name.rs")),
    (ambiguous_ratio::CODE, include_str!("diagnostics/ambiguous_ratio.rs")),
    (baseline_metric::CODE, include_str!("diagnostics/baseline_metric.rs")),
    (broken_check::CODE, include_str!("diagnostics/broken_check.rs")),
    (constant_condition::CODE, include_str!("diagnostics/constant_condition.rs")),
    (contradiction::CODE, include_str!("diagnostics/contradiction.rs")),
    (cron_never_fires::CODE, include_str!("diagnostics/cron_never_fires.rs")),
    (currency_mix::CODE, include_str!("diagnostics/currency_mix.rs")),
    (cycle::CODE, include_str!("diagnostics/cycle.rs")),
    (dead_rule::CODE, include_str!("diagnostics/dead_rule.rs")),
    (deprecated::CODE, include_str!("diagnostics/deprecated.rs")),
    (duplicate::CODE, include_str!("diagnostics/duplicate.rs")),
    (edition::CODE, include_str!("diagnostics/edition.rs")),
    (foreign_tenant::CODE, include_str!("diagnostics/foreign_tenant.rs")),
    (gate_without_evidence::CODE, include_str!("diagnostics/gate_without_evidence.rs")),
    (image_without_digest::CODE, include_str!("diagnostics/image_without_digest.rs")),
    (import::CODE, include_str!("diagnostics/import.rs")),
    (impossible_time::CODE, include_str!("diagnostics/impossible_time.rs")),
    (instant_without_zone::CODE, include_str!("diagnostics/instant_without_zone.rs")),
    (invalid_literal::CODE, include_str!("diagnostics/invalid_literal.rs")),
    (invalid_text::CODE, include_str!("diagnostics/invalid_text.rs")),
    (leakage::CODE, include_str!("diagnostics/leakage.rs")),
    (lifecycle::CODE, include_str!("diagnostics/lifecycle.rs")),
    (maybe_absent::CODE, include_str!("diagnostics/maybe_absent.rs")),
    (missing_attribute::CODE, include_str!("diagnostics/missing_attribute.rs")),
    (more_errors::CODE, include_str!("diagnostics/more_errors.rs")),
    (noisy_rule::CODE, include_str!("diagnostics/noisy_rule.rs")),
    (period_for_duration::CODE, include_str!("diagnostics/period_for_duration.rs")),
    (phase::CODE, include_str!("diagnostics/phase.rs")),
    (prelude::CODE, include_str!("diagnostics/prelude.rs")),
    (purge_too_short::CODE, include_str!("diagnostics/purge_too_short.rs")),
    (rule_not_allowed::CODE, include_str!("diagnostics/rule_not_allowed.rs")),
    (script_interpolation::CODE, include_str!("diagnostics/script_interpolation.rs")),
    (secret_leak::CODE, include_str!("diagnostics/secret_leak.rs")),
    (shadowed_name::CODE, include_str!("diagnostics/shadowed_name.rs")),
    (short_embargo::CODE, include_str!("diagnostics/short_embargo.rs")),
    (syntax::CODE, include_str!("diagnostics/syntax.rs")),
    (test_never_looks::CODE, include_str!("diagnostics/test_never_looks.rs")),
    (too_many_arguments::CODE, include_str!("diagnostics/too_many_arguments.rs")),
    (trigger_storm::CODE, include_str!("diagnostics/trigger_storm.rs")),
    (type_mismatch::CODE, include_str!("diagnostics/type_mismatch.rs")),
    (unclosed_block::CODE, include_str!("diagnostics/unclosed_block.rs")),
    (uncorrected_tests::CODE, include_str!("diagnostics/uncorrected_tests.rs")),
    (unhandled_none::CODE, include_str!("diagnostics/unhandled_none.rs")),
    (unit_mismatch::CODE, include_str!("diagnostics/unit_mismatch.rs")),
    (unknown_attribute::CODE, include_str!("diagnostics/unknown_attribute.rs")),
    (unknown_feature::CODE, include_str!("diagnostics/unknown_feature.rs")),
    (unknown_field::CODE, include_str!("diagnostics/unknown_field.rs")),
    (unknown_kind::CODE, include_str!("diagnostics/unknown_kind.rs")),
    (unknown_mark::CODE, include_str!("diagnostics/unknown_mark.rs")),
    (unknown_metric::CODE, include_str!("diagnostics/unknown_metric.rs")),
    (unknown_name::CODE, include_str!("diagnostics/unknown_name.rs")),
    (unknown_role::CODE, include_str!("diagnostics/unknown_role.rs")),
    (unknown_type::CODE, include_str!("diagnostics/unknown_type.rs")),
    (unknown_unit::CODE, include_str!("diagnostics/unknown_unit.rs")),
    (unknown_variant::CODE, include_str!("diagnostics/unknown_variant.rs")),
    (unused_name::CODE, include_str!("diagnostics/unused_name.rs")),
    (unused_output::CODE, include_str!("diagnostics/unused_output.rs")),
    (wrong_direction::CODE, include_str!("diagnostics/wrong_direction.rs")),
];

/// Every code there is, in alphabetical order.
pub const CODES: [&str; FILES.len()] = {
    let mut codes = [""; FILES.len()];
    let mut at = 0;
    #[expect(clippy::indexing_slicing, reason = "checked while compiling")]
    while at < FILES.len() {
        codes[at] = FILES[at].0;
        at += 1;
    }
    codes
};

/// The page of `code` as Markdown: what is wrong, a wrong example, a right one, why. `None` when
/// there is no such code.
pub fn explain(code: &str) -> Option<&'static str> {
    static PAGES: LazyLock<BTreeMap<&str, String>> =
        LazyLock::new(|| FILES.into_iter().map(|(code, file)| (code, page(file))).collect());
    PAGES.get(code).map(String::as_str)
}

/// The `//!` lines at the head of `file`, without their slashes.
fn page(file: &str) -> String {
    let lines = file.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}
