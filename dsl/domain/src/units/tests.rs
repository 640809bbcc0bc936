use super::*;
use expect_test::expect;
use std::fmt::Write as _;

#[test]
fn quantities_read_back_as_they_are_written() {
    let mut table = String::new();
    for text in ["10%", "35bps", "0.35bps", "-2.5%", "100_000%", "1e3%", "%", "10"] {
        let read = text.parse::<Ratio>().map_or_else(|e| e.to_string(), |r| r.to_string());
        writeln!(table, "{text:>8} ratio    {read}").unwrap();
    }
    for text in ["5pp", "0.5pp", "5%", "pp"] {
        let read = text.parse::<Points>().map_or_else(|e| e.to_string(), |r| r.to_string());
        writeln!(table, "{text:>8} points   {read}").unwrap();
    }
    for text in
        ["200ms", "7h5m", "48h", "2d", "3d", "1w", "90m", "0.5ms", "0s", "0", "5", "5M", "1.5ns"]
    {
        let read = text.parse::<Duration>().map_or_else(|e| e.to_string(), |r| r.to_string());
        writeln!(table, "{text:>8} duration {read}").unwrap();
    }
    for text in ["2y", "1mo", "1y6mo", "18mo", "2d", "y"] {
        let read = text.parse::<Period>().map_or_else(|e| e.to_string(), |r| r.to_string());
        writeln!(table, "{text:>8} period   {read}").unwrap();
    }
    for text in ["40 USD", "1_000.50 EUR", "40 usd", "40USD"] {
        let read = text.parse::<Money>().map_or_else(|e| e.to_string(), |r| r.to_string());
        writeln!(table, "{text:>8} money    {read}").unwrap();
    }
    for text in ["16GiB", "1024KiB", "1500B", "4GB", "0B", "1.5KiB", "0.3B", "-1B", "16G", "B"] {
        let read = text.parse::<Bytes>().map_or_else(|e| e.to_string(), |r| r.to_string());
        writeln!(table, "{text:>8} bytes    {read}").unwrap();
    }
    expect![[r#"
             10% ratio    10%
           35bps ratio    0.35%
         0.35bps ratio    0.0035%
           -2.5% ratio    -2.5%
        100_000% ratio    100000%
            1e3% ratio    1000%
               % ratio    `%` is not a ratio like `10%` or `35bps`
              10 ratio    `10` is not a ratio like `10%` or `35bps`
             5pp points   5pp
           0.5pp points   0.5pp
              5% points   `5%` is not percentage points like `5pp`
              pp points   `pp` is not percentage points like `5pp`
           200ms duration 200ms
            7h5m duration 7h5m
             48h duration 48h
              2d duration 48h
              3d duration 3d
              1w duration 7d
             90m duration 1h30m
           0.5ms duration 500us
              0s duration 0s
               0 duration `0` is not a duration like `200ms`, `6h` or `7h5m`
               5 duration `5` is not a duration like `200ms`, `6h` or `7h5m`
              5M duration `5M` is not a duration like `200ms`, `6h` or `7h5m`
           1.5ns duration `1.5ns` is not a duration like `200ms`, `6h` or `7h5m`
              2y period   2y
             1mo period   1mo
           1y6mo period   1y6mo
            18mo period   1y6mo
              2d period   `2d` is not a period like `2y` or `1mo`
               y period   `y` is not a period like `2y` or `1mo`
          40 USD money    40 USD
        1_000.50 EUR money    1000.5 EUR
          40 usd money    `40 usd` is not money like `40 USD`
           40USD money    `40USD` is not money like `40 USD`
           16GiB bytes    16GiB
         1024KiB bytes    1MiB
           1500B bytes    1500B
             4GB bytes    4GB
              0B bytes    0B
          1.5KiB bytes    1536B
            0.3B bytes    `0.3B` is not an amount of bytes like `16GiB`
             -1B bytes    `-1B` is not an amount of bytes like `16GiB`
             16G bytes    `16G` is not an amount of bytes like `16GiB`
               B bytes    `B` is not an amount of bytes like `16GiB`
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_measured_share_is_exact_where_its_decimal_is() {
    let accuracy = Ratio::measured(1860.0 / 3000.0).unwrap();
    assert_eq!(accuracy.to_string(), "62%");
    assert_eq!(Ratio::measured(f64::NAN), None);
    assert_eq!(Ratio::measured(f64::INFINITY), None);
}
