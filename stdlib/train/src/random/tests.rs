use expect_test::expect;

use super::*;

#[test]
fn no_two_uses_share_a_stream() {
    let purposes = [
        Purpose::Weights,
        Purpose::Order { epoch: 1 },
        Purpose::Order { epoch: 2 },
        Purpose::Dropout { epoch: 1, batch: 0, layer: 0 },
        Purpose::Dropout { epoch: 1, batch: 0, layer: 1 },
        Purpose::Dropout { epoch: 1, batch: 1, layer: 0 },
        Purpose::Dropout { epoch: 2, batch: 0, layer: 0 },
    ];
    let mut firsts: Vec<u32> = [1, 2]
        .into_iter()
        .flat_map(|seed| purposes.map(|purpose| Stream::new(seed, purpose).signed_unit().to_bits()))
        .collect();
    firsts.sort_unstable();
    firsts.dedup();
    assert_eq!(firsts.len(), 2 * purposes.len());
}

#[test]
fn a_stream_is_the_same_on_every_machine() {
    let mut stream = Stream::new(42, Purpose::Weights);
    let drawn: Vec<f32> = (0..4).map(|_| stream.signed_unit()).collect();
    expect!["[-0.80030346, -0.30349112, -0.8233043, -0.42860293]"].assert_eq(&format!("{drawn:?}"));
    let mut order: Vec<u8> = (0..10).collect();
    Stream::new(42, Purpose::Order { epoch: 1 }).shuffle(&mut order);
    expect!["[7, 6, 9, 8, 3, 4, 0, 5, 2, 1]"].assert_eq(&format!("{order:?}"));
    let factors = Stream::new(42, Purpose::Weights).dropout(0.5, 8);
    expect!["[2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 2.0, 0.0]"].assert_eq(&format!("{factors:?}"));
}

#[test]
fn every_order_is_as_likely() {
    let mut stream = Stream::new(1, Purpose::Order { epoch: 1 });
    let mut seen = [0; 27];
    for _ in 0..6_000 {
        let mut order = [0_usize, 1, 2];
        stream.shuffle(&mut order);
        seen[order[0] * 9 + order[1] * 3 + order[2]] += 1;
    }
    let counts: Vec<i32> = seen.into_iter().filter(|count| *count > 0).collect();
    assert_eq!(counts.len(), 6);
    // Five standard deviations of a binomial count around 1,000.
    assert!(counts.iter().all(|count| (count - 1_000).abs() < 145), "{counts:?}");
}

#[test]
fn dropout_keeps_the_mean() {
    let factors = Stream::new(1, Purpose::Weights).dropout(0.2, 100_000);
    let dropped = factors.iter().filter(|factor| **factor < 0.5).count() as f64 / 100_000.0;
    assert!((dropped - 0.2).abs() < 0.005, "{dropped}");
    assert!(factors.iter().all(|factor| *factor < 0.5 || (factor - 1.25).abs() < 1e-4));
}
