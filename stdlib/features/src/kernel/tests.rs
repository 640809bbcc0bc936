//! Our own steps against TA-Lib's batch, to the bit, where we step what it has.

use ::ta_lib::{Core, MAType};

use crate::testing::{Table, bits};
use crate::{compute, parse};

fn ours(name: &str, table: &Table) -> Vec<u64> {
    let feature = parse(name).unwrap();
    let matrix = compute(std::slice::from_ref(&feature), &table.columns()).unwrap();
    bits(&matrix.column(0)[feature.lookback()..])
}

#[test]
fn the_relative_strength_index_has_the_bits_of_ta_lib() {
    let table = Table::walk(71, 3_000);
    for n in [2, 3, 14, 100] {
        let mut out = vec![0.0; 3_000];
        let range = Core::new().rsi(0, 2_999, table.columns().close, n, &mut out).unwrap();
        assert_eq!(ours(&format!("rsi_{n}"), &table), bits(&out[..range.count]));
    }
}

#[test]
fn the_stochastic_oscillators_have_the_bits_of_ta_lib() {
    let table = Table::walk(72, 3_000);
    let columns = table.columns();
    let (high, low, close, mean) = (columns.high, columns.low, columns.close, MAType::SMA);
    for (n, slow, fast) in [(1, 1, 1), (2, 3, 1), (14, 3, 3), (50, 1, 20), (333, 7, 5)] {
        let (mut k, mut d) = (vec![0.0; 3_000], vec![0.0; 3_000]);
        let core = Core::new();
        let range = core
            .stoch(0, 2_999, high, low, close, n, slow, mean, fast, mean, &mut k, &mut d)
            .unwrap();
        assert_eq!(ours(&format!("stoch_{n}_{slow}_{fast}_k"), &table), bits(&k[..range.count]));
        assert_eq!(ours(&format!("stoch_{n}_{slow}_{fast}_d"), &table), bits(&d[..range.count]));
        let range = core.stochf(0, 2_999, high, low, close, n, fast, mean, &mut k, &mut d).unwrap();
        assert_eq!(ours(&format!("stochf_{n}_{fast}_k"), &table), bits(&k[..range.count]));
        assert_eq!(ours(&format!("stochf_{n}_{fast}_d"), &table), bits(&d[..range.count]));
        let range = core.stochrsi(0, 2_999, close, 14, n, fast, mean, &mut k, &mut d).unwrap();
        assert_eq!(ours(&format!("stochrsi_14_{n}_{fast}_k"), &table), bits(&k[..range.count]));
        assert_eq!(ours(&format!("stochrsi_14_{n}_{fast}_d"), &table), bits(&d[..range.count]));
    }
}
