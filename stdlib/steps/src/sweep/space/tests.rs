use super::*;
use std::collections::BTreeSet;

fn none() -> Space {
    Space {
        learning_rate: None,
        weight_decay: None,
        batch_size: None,
        width: None,
        dropout: None,
        label_smoothing: None,
    }
}

fn rates_and_batches() -> Space {
    Space {
        learning_rate: Some(Numbers::Scale { least: 0.0001, most: 0.01, points: 3 }),
        batch_size: Some(Counts::OneOf { values: vec![32, 64] }),
        ..none()
    }
}

fn texts(tries: &Tries) -> Vec<String> {
    tries.trials.iter().map(Setting::text).collect()
}

#[test]
fn a_grid_is_every_combination() {
    let tries = Tries::of(&rates_and_batches(), &Search::Grid, 10, 1).unwrap();
    assert_eq!(
        texts(&tries),
        [
            "learning_rate 0.0001, batch_size 32",
            "learning_rate 0.0001, batch_size 64",
            "learning_rate 0.001, batch_size 32",
            "learning_rate 0.001, batch_size 64",
            "learning_rate 0.01, batch_size 32",
            "learning_rate 0.01, batch_size 64",
        ]
    );
    assert_eq!(tries.rungs, [Rung { trials: 6, epochs: 10 }]);
    assert_eq!(tries.epochs(), 60);
}

#[test]
fn shares_are_apart_as_a_person_would_write_them() {
    let least = "0%".parse().unwrap();
    let dropout = Some(Shares::Between { least, most: "40%".parse().unwrap(), points: 5 });
    let tries = Tries::of(&Space { dropout, ..none() }, &Search::Grid, 1, 1).unwrap();
    let expected = ["dropout 0%", "dropout 10%", "dropout 20%", "dropout 30%", "dropout 40%"];
    assert_eq!(texts(&tries), expected);
}

#[test]
fn what_is_drawn_follows_from_the_seed_and_stays_inside_its_range() {
    let drawn = |seed| Tries::of(&rates_and_batches(), &Search::Random { trials: 50 }, 3, seed);
    let tries = drawn(1).unwrap();
    assert_eq!(tries, drawn(1).unwrap());
    assert_ne!(tries, drawn(2).unwrap());
    let rates: Vec<f64> = tries.trials.iter().map(|setting| setting.0[0].1).collect();
    assert!(rates.iter().all(|rate| (0.0001..=0.01).contains(rate)), "{rates:?}");
    // By order of magnitude: about half of them below the middle one.
    let below = rates.iter().filter(|rate| **rate < 0.001).count();
    assert!((12..=38).contains(&below), "{below}");
    let batches: BTreeSet<i64> = tries.trials.iter().map(|it| nearest(it.0[1].1)).collect();
    assert_eq!(batches, BTreeSet::from([32, 64]));
}

#[test]
fn nothing_is_tried_twice() {
    let space = Space { batch_size: Some(Counts::OneOf { values: vec![8, 16] }), ..none() };
    let tries = Tries::of(&space, &Search::Random { trials: 20 }, 1, 1).unwrap();
    assert_eq!(tries.trials.len(), 2);
}

#[test]
fn halving_trains_fewer_for_longer() {
    let search = Search::Halving { trials: 9, factor: 3 };
    let tries = Tries::of(&rates_and_batches(), &search, 27, 1).unwrap();
    let rung = |trials, epochs| Rung { trials, epochs };
    assert_eq!(tries.rungs, [rung(9, 3), rung(3, 9), rung(1, 27)]);
    assert_eq!(tries.epochs(), 9 * 3 + 3 * 6 + 18);
    assert_eq!(halving(1, 2, 5), [rung(1, 5)]);
    assert_eq!(halving(5, 2, 1), [rung(5, 1), rung(3, 1), rung(2, 1), rung(1, 1)]);
}

#[test]
fn what_cannot_be_tried_is_refused_by_name() {
    let rate = |rate| Space { learning_rate: Some(rate), ..none() };
    let share = |text: &str| text.parse().unwrap();
    let spaces = [
        none(),
        rate(Numbers::OneOf { values: vec![] }),
        rate(Numbers::OneOf { values: vec![0.1, -0.1] }),
        rate(Numbers::Between { least: 1.0, most: 0.5, points: 3 }),
        rate(Numbers::Between { least: 0.1, most: 0.5, points: 0 }),
        rate(Numbers::Scale { least: 0.0, most: 0.5, points: 3 }),
        rate(Numbers::Between { least: 0.1, most: 0.5, points: 2_000 }),
        Space { dropout: Some(Shares::OneOf { values: vec![share("100%")] }), ..none() },
        Space { batch_size: Some(Counts::OneOf { values: vec![0] }), ..none() },
    ];
    let said: Vec<String> = spaces
        .iter()
        .map(|space| Tries::of(space, &Search::Grid, 1, 1).unwrap_err().to_string())
        .collect();
    expect_test::expect![[r"
        the sweep is given nothing to try
        `learning_rate` has no value to try
        `learning_rate` may be -0.1, and has to be above 0
        `learning_rate` goes from 1 down to 0.5
        `learning_rate` has no value to try
        `learning_rate` has no order of magnitude at 0 or below
        the sweep would have 2000 trials, and 1000 are the most
        `dropout` may be 1, and has to be from 0% to below 100%
        `batch_size` may be 0, and has to be 1 or more"]]
    .assert_eq(&said.join("\n"));
    let search = Search::Halving { trials: 9, factor: 1 };
    let refused = Tries::of(&rates_and_batches(), &search, 1, 1).unwrap_err();
    assert_eq!(refused.to_string(), "the `factor` of a halving is 1");
    let search = Search::Random { trials: 0 };
    let refused = Tries::of(&rates_and_batches(), &search, 1, 1).unwrap_err();
    assert_eq!(refused.to_string(), "the sweep has no trials");
}
