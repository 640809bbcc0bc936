//! The catalogue as people and models have it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::{expect, expect_file};

use super::*;
use crate::{Unit, parse_list};

/// A digest is stored with every model: this file may change only with a new [`FEATURE_VERSION`].
///
/// [`FEATURE_VERSION`]: crate::FEATURE_VERSION
#[test]
fn definitions_of_v1_0_0_stand() {
    assert_eq!(crate::FEATURE_VERSION, "v1.0.0");
    let mut page = String::new();
    for entry in catalogue() {
        let Entry { name, canonical, lookback, unstable_margin, def_digest, .. } = entry;
        writeln!(page, "{name} {canonical} {lookback}+{unstable_margin} {def_digest}").unwrap();
    }
    writeln!(page, "all {}", catalogue_digest()).unwrap();
    expect_file!["./v1.0.0.txt"].assert_eq(&page);
}

#[test]
fn the_catalogue_has_94_features_each_with_all_there_is_to_say() {
    let entries: Vec<Entry> = catalogue().collect();
    assert_eq!(entries.len(), 94);
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(parse_list(&names).unwrap().len(), 94);
    let digests: BTreeSet<String> =
        entries.iter().map(|entry| entry.def_digest.to_string()).collect();
    assert_eq!(digests.len(), 94);
    for entry in entries {
        let Entry { name, canonical, summary, definition, source, min, max, .. } = &entry;
        let feature = parse(name).unwrap();
        assert_eq!((feature.canonical(), feature.name()), (canonical.clone(), name.as_str()));
        assert!([summary, definition, source].iter().all(|text| !text.is_empty()), "{name}");
        assert!(min < max && !entry.inputs.is_empty(), "{name}");
        assert_eq!(describe(name).unwrap(), entry);
        for parameter in &entry.parameters {
            assert!((parameter.min..=parameter.max).contains(&parameter.value), "{name}");
        }
    }
}

#[test]
fn groups_stand_for_their_features() {
    let all = expand("all.*").unwrap();
    assert_eq!(all.len(), 94);
    let of_groups: Vec<String> =
        Group::ALL.iter().flat_map(|group| expand(&format!("{group}.*")).unwrap()).collect();
    assert_eq!(of_groups.iter().collect::<BTreeSet<_>>(), all.iter().collect());
    assert_eq!(of_groups.len(), 94);
    let session = expand("session.*").unwrap().join(" ");
    expect![
        "hour_sin hour_cos dow_sin dow_cos session_asia session_london session_ny bars_since_open"
    ]
    .assert_eq(&session);
    assert_eq!((expand("momentum"), expand("momenta.*"), expand("rsi_14")), (None, None, None));
}

#[test]
fn a_page_of_the_catalogue_reads_like_this() {
    let mut page = String::new();
    for name in ["stoch_k", "keltner_percent_20_10_3", "rsi_14__tf_4h__z_20", "close__diff_5"] {
        let entry = describe(name).unwrap();
        let Entry { canonical, group, summary, definition, source, unit, min, max, .. } = &entry;
        writeln!(page, "{name} = {canonical} ({group}): {summary}").unwrap();
        writeln!(page, "    {definition}").unwrap();
        writeln!(page, "    {unit}, {min} to {max}; {source}").unwrap();
        let inputs: Vec<String> = entry.inputs.iter().map(Input::to_string).collect();
        writeln!(page, "    reads {}", inputs.join(", ")).unwrap();
        for ParameterEntry { name, value, min, max } in &entry.parameters {
            writeln!(page, "    {name} = {value} of {min}..={max}").unwrap();
        }
        writeln!(page, "    {}", entry.modifiers.join(", then ")).unwrap();
        writeln!(page, "    {} + {}", entry.lookback, entry.unstable_margin).unwrap();
    }
    expect![[r#"
        stoch_k = stoch_14_3_3_k (momentum): slow stochastic oscillator, %K
            SMA(slow_k) of 100·(c − LL(n))/(HH(n) − LL(n)), from the bar on which %D would begin; 0 where the range is 0
            percent, 0 to 100; TA-Lib STOCH; Lane
            reads high, low, close
            n = 14 of 1..=10000
            slow_k = 3 of 1..=10000
            slow_d = 3 of 1..=10000
    
            17 + 0
        keltner_percent_20_10_3 = keltner_percent_20_10_3 (volatility): place of the close in the Keltner channel, 0 lower to 1 upper
            (c − (EMA(n) − width·ATR(atr)))/(2·width·ATR(atr)); 0.5 where the range is 0
            ratio, -inf to inf; TA-Lib EMA and ATR; Raschke's form of Keltner 1960
            reads high, low, close
            n = 20 of 2..=10000
            atr = 10 of 2..=10000
            width = 3 of 1..=10
    
            19 + 200
        rsi_14__tf_4h__z_20 = rsi_14__tf_4h__z_20 (momentum): relative strength index
            100·W(up)/(W(up)+W(down)), W the Wilder mean over n of one-bar changes; 0 where no price has moved yet
            standard deviations, -inf to inf; TA-Lib RSI; Wilder 1978
            reads close
            n = 14 of 2..=10000
            of bars of 4h from midnight UTC, as of the last closed one, then standard deviations from the mean of the last 20 values
            33 + 280
        close__diff_5 = close__diff_5 (price): closing price
            c; a price level is not stationary, so drift monitors pass over it
            price difference, -inf to inf; the bars as they are
            reads close
            the change over 5 bars
            5 + 0
    "#]].assert_eq(&page);
}

#[test]
fn drift_monitors_can_tell_levels_from_the_rest() {
    let levels: Vec<String> =
        catalogue().filter(|entry| entry.unit == Unit::Price).map(|entry| entry.name).collect();
    expect!["open high low close typical_price median_price weighted_close sma_20 sma_50 sma_200 ema_12 ema_26 ema_50 ema_200 wma_20 dema_20 tema_20 kama_10 sar bb_upper bb_lower"].assert_eq(&levels.join(" "));
}
