//! Names that are right, names that are wrong, and the catalogue as people read it.

use std::fmt::Write as _;

use expect_test::expect;

use super::*;

/// The workflow's own list.
const EIGHT: [&str; 8] = [
    "close",
    "rsi_14",
    "macd_histogram",
    "bb_percent_b",
    "atr_14",
    "volume_ratio",
    "adx_14",
    "stoch_k",
];

#[test]
fn an_alias_and_its_full_name_are_one_feature() {
    let canonical = |name: &str| parse(name).unwrap().canonical();
    assert_eq!(canonical("macd_histogram"), "macd_12_26_9_histogram");
    assert_eq!(canonical("bb_percent_b"), "bb_20_2_percent_b");
    assert_eq!(canonical("stoch_k"), "stoch_14_3_3_k");
    assert_eq!(canonical("volume_ratio"), "volume_ratio_20");
    assert_eq!(canonical("rsi"), "rsi_14");
    assert_eq!(canonical("close"), "close");
    for name in EIGHT {
        let feature = parse(name).unwrap();
        let full = parse(&feature.canonical()).unwrap();
        assert_eq!((&full, full.def_digest()), (&feature, feature.def_digest()));
        assert_eq!(feature.name(), name);
    }
}

#[test]
fn other_parameters_are_another_feature() {
    let digest = |name: &str| parse(name).unwrap().def_digest();
    assert_ne!(parse("rsi_7").unwrap(), parse("rsi_21").unwrap());
    let names = ["rsi_7", "rsi_14", "atr_14", "adx_14", "volume_ratio_14", "close", "rsi_21"];
    let digests: std::collections::BTreeSet<_> = names.iter().map(|name| digest(name)).collect();
    assert_eq!(digests.len(), names.len());
}

/// Names that are wrong, each in its own way.
const MISTAKES: &[&str] = &[
    "rsi14",
    "rsi_",
    "rsi_014",
    "rsi_1",
    "rsi_14_2",
    "rsi_99999",
    "macd_12_histogram",
    "macd_26_12_9_line",
    "ultosc_7_28_14",
    "macd",
    "stoch_e",
    "closes",
    "close_3",
    "volume_ration",
    "bars_since_opening",
    "zzz",
    "",
    "RSI_14",
    "rsi_-3",
    "bb_20_percent_b",
    "hurst_5000",
    "sar_0_20",
    "rsi_99999999999999999999999",
    "rsy_14__lag_3",
    "rsi_14__lagg_3",
    "rsi_14__lag_0",
    "rsi_14__lag",
    "rsi_14__z_1",
    "rsi_14__tf_7h",
    "rsi_14__tf_240m",
    "rsi_14__tf_4h__tf_1d",
    "rsi_14__sym_GBPUSD",
    "rsi_14__sym_gbp/usd",
    "rsi_14__sym_gbpusd__tf_4h",
    "rsi_14__sym_gbpusd__sym_eurusd",
    "rsi_14__",
    "__lag_3",
];

#[test]
fn mistakes_are_named_with_a_way_out() {
    let mut said = String::new();
    for name in MISTAKES {
        writeln!(said, "{}", parse(name).unwrap_err()).unwrap();
    }
    expect![[r#"
        no feature `rsi14`; did you mean `rsi_14`?
        no feature `rsi_`; did you mean `rsi_7`?
        no feature `rsi_014`; did you mean `rsi_14`?
        `rsi_1` does not take these numbers: write `rsi_<n>` with n in 2..=10000
        `rsi_14_2` does not take these numbers: write `rsi_<n>` with n in 2..=10000
        `rsi_99999` does not take these numbers: write `rsi_<n>` with n in 2..=10000
        `macd_12_histogram` does not take these numbers: write `macd_<fast>_<slow>_<signal>_histogram` with fast in 2..=10000, slow in 2..=10000, signal in 2..=10000, fast < slow
        `macd_26_12_9_line` does not take these numbers: write `macd_<fast>_<slow>_<signal>_line` with fast in 2..=10000, slow in 2..=10000, signal in 2..=10000, fast < slow
        `ultosc_7_28_14` does not take these numbers: write `ultosc_<short>_<middle>_<long>` with short in 1..=1000, middle in 1..=1000, long in 1..=1000, short < middle < long
        no feature `macd`; did you mean `macd_line`?
        no feature `stoch_e`; did you mean `stoch_d`?
        no feature `closes`; did you mean `close`?
        `close_3` does not take these numbers: write `close`
        no feature `volume_ration`; did you mean `volume_ratio`?
        no feature `bars_since_opening`; did you mean `bars_since_open`?
        no feature `zzz`
        no feature ``
        no feature `RSI_14`; did you mean `rsi_14`?
        no feature `rsi_-3`; did you mean `rsi_7`?
        `bb_20_percent_b` does not take these numbers: write `bb_<n>_<width>_percent_b` with n in 2..=10000, width in 1..=10
        `hurst_5000` does not take these numbers: write `hurst_<n>` with n in 8..=1000
        no feature `sar_0_20`; did you mean `sar`?
        no feature `rsi_99999999999999999999999`
        no feature `rsy_14__lag_3`; did you mean `rsi_14__lag_3`?
        `__lagg_3` cannot stand in `rsi_14__lagg_3`: write `__lag_<n>` or `__diff_<n>` with n in 1..=1000, `__z_<n>` or `__rank_<n>` with n in 2..=1000, or one `__tf_<timeframe>`, as `__tf_4h`, and behind that one `__sym_<symbol>`, as `__sym_gbpusd`; did you mean `rsi_14__lag_3`?
        `__lag_0` cannot stand in `rsi_14__lag_0`: write `__lag_<n>` with n in 1..=1000
        `__lag` cannot stand in `rsi_14__lag`: write `__lag_<n>` with n in 1..=1000
        `__z_1` cannot stand in `rsi_14__z_1`: write `__z_<n>` with n in 2..=1000
        `__tf_7h` cannot stand in `rsi_14__tf_7h`: write `__tf_<timeframe>`, as `__tf_4h`
        `__tf_240m` cannot stand in `rsi_14__tf_240m`: write `__tf_<timeframe>`, as `__tf_4h`; did you mean `rsi_14__tf_4h`?
        `__tf_1d` cannot stand in `rsi_14__tf_4h__tf_1d`: a name has one `__tf_`, and behind that one `__sym_`
        `__sym_GBPUSD` cannot stand in `rsi_14__sym_GBPUSD`: write `__sym_<symbol>` in small letters and digits, as `__sym_gbpusd`; did you mean `rsi_14__sym_gbpusd`?
        `__sym_gbp/usd` cannot stand in `rsi_14__sym_gbp/usd`: write `__sym_<symbol>` in small letters and digits, as `__sym_gbpusd`; did you mean `rsi_14__sym_gbpusd`?
        `__tf_4h` cannot stand in `rsi_14__sym_gbpusd__tf_4h`: a name has one `__tf_`, and behind that one `__sym_`
        `__sym_eurusd` cannot stand in `rsi_14__sym_gbpusd__sym_eurusd`: a name has one `__tf_`, and behind that one `__sym_`
        `__` cannot stand in `rsi_14__`: write `__lag_<n>` or `__diff_<n>` with n in 1..=1000, `__z_<n>` or `__rank_<n>` with n in 2..=1000, or one `__tf_<timeframe>`, as `__tf_4h`, and behind that one `__sym_<symbol>`, as `__sym_gbpusd`
        no feature `__lag_3`
    "#]].assert_eq(&said);
}

#[test]
fn two_names_of_one_feature_cannot_stand_in_one_list() {
    let said = parse_list(&["close", "stoch_k", "stoch_14_3_3_k"]).unwrap_err().to_string();
    assert_eq!(
        said,
        "`stoch_14_3_3_k` is the same feature as `stoch_k`: both are `stoch_14_3_3_k`"
    );
    assert_eq!(parse_list(&EIGHT).unwrap().len(), 8);
}

#[test]
fn the_eight_features_settle_after_447_bars() {
    let features = parse_list(&EIGHT).unwrap();
    assert_eq!(warm_up(&features), 447);
    assert_eq!(history_needed(&features), 448);
    assert_eq!((warm_up(&[]), history_needed(&[])), (0, 1));
}

/// A digest is stored with every model: this test may change only with a new [`FEATURE_VERSION`].
///
/// [`FEATURE_VERSION`]: crate::FEATURE_VERSION
#[test]
fn digests_of_v1_0_0_stand() {
    assert_eq!(crate::FEATURE_VERSION, "v1.0.0");
    let mut digests = String::new();
    for name in EIGHT {
        writeln!(digests, "{name} {}", parse(name).unwrap().def_digest()).unwrap();
    }
    expect![[r#"
        close sha256:829d72b716fd533748a8f32f4237c2f877f095df71af5fbc8b993f631d76e0fa
        rsi_14 sha256:60eea03a1e46abc7ab7496e9dda71fec3401d2a72d57152ae6cc34a4c7943f6e
        macd_histogram sha256:3f10743b8b921c0f09f6c2b3c2760af9e6543ec5eaa461453a0e7e27745fd268
        bb_percent_b sha256:cc1cea39d68efb1ea9c7280e2ddd5425d03cb1ced6d8fc63a1b14e1f04be748e
        atr_14 sha256:29710e45fa057e1c180fde1d2302d7223d0f8af2cf29e91dfc6693c9c5233d2e
        volume_ratio sha256:1e72e79824927f2e9d80f9f04aff43ae101393558b3a0612fb45aa5370693268
        adx_14 sha256:a9b45b92955ca4eaac9e62cda7a30231ca393602b8ac8ac09e0ab60f90ad3710
        stoch_k sha256:acc28058ba0ed4ae024f6e6be9b20c20dea03a3058974425de4b2a8deb3fdd65
    "#]]
    .assert_eq(&digests);
}
