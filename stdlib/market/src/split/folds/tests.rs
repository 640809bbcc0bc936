//! Every pair of a train and a test sample is far enough apart, and nothing is left out in vain.

use super::*;

const SAMPLING: Sampling = Sampling { warm_up: 20, sequence: 6, horizon: 3 };
const HOUR: i64 = 3_600_000_000;

/// Samples with holes, as missing bars leave them.
fn samples() -> Vec<usize> {
    (20..420).filter(|bar| bar % 37 != 0 && !(100..110).contains(bar)).collect()
}

fn decisions(samples: &[usize]) -> Vec<i64> {
    samples.iter().map(|bar| i64::try_from(*bar).unwrap() * HOUR).collect()
}

fn bars(samples: &[usize], part: &[Range<usize>]) -> Vec<usize> {
    part.iter().flat_map(|range| samples[range.clone()].to_vec()).collect()
}

/// Whether the bars that one sample's features and label touch are apart from another's, with
/// what the embargo asks for beyond that.
fn are_apart(a: usize, b: usize) -> bool {
    let (first, last) = (a.min(b), a.max(b));
    last - first > SAMPLING.horizon + SAMPLING.sequence
}

#[test]
fn combinations_leave_out_what_is_near_a_test_and_nothing_else() {
    let samples = samples();
    for (groups, test) in [(2, 1), (5, 2), (6, 3), (10, 2), (7, 6)] {
        let rule = Combinatorial { groups, test, purge: None, embargo: None };
        let all = combinatorial(&samples, &SAMPLING, &rule).unwrap();
        for split in &all.splits {
            let (train, tested) = (bars(&samples, &split.train), bars(&samples, &split.test));
            for sample in &samples {
                let is_far = tested.iter().all(|test| are_apart(*sample, *test));
                let is_tested = tested.contains(sample);
                assert_eq!(train.contains(sample), is_far && !is_tested, "{sample} {split:?}");
            }
            assert_eq!(split.chosen.len(), test);
        }
    }
}

#[test]
fn ten_groups_by_two_are_45_splits_and_9_whole_histories() {
    let samples: Vec<usize> = (0..1_003).collect();
    let rule = Combinatorial { groups: 10, test: 2, purge: None, embargo: Some(0) };
    let all = combinatorial(&samples, &SAMPLING, &rule).unwrap();
    assert_eq!((all.splits.len(), all.paths.len()), (45, 9));
    let sizes: Vec<usize> = all.groups.iter().map(Range::len).collect();
    assert_eq!(
        (sizes.iter().sum::<usize>(), sizes.iter().min(), sizes.iter().max()),
        (1_003, Some(&100), Some(&101))
    );
    let mut used = Vec::new();
    for path in &all.paths {
        assert_eq!(path.len(), 10);
        for (group, split) in path.iter().enumerate() {
            assert!(all.splits[*split].chosen.contains(&group));
            used.push((*split, group));
        }
    }
    // Each measurement belongs to one history.
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), 45 * 2);
    let mut chosen: Vec<_> = all.splits.iter().map(|split| split.chosen.clone()).collect();
    assert!(chosen.is_sorted());
    chosen.dedup();
    assert_eq!(chosen.len(), 45);
}

#[test]
fn groups_that_leave_no_choice_are_refused() {
    let samples: Vec<usize> = (0..400).collect();
    let said = |groups, test, purge| {
        let rule = Combinatorial { groups, test, purge, embargo: None };
        combinatorial(&samples, &SAMPLING, &rule).unwrap_err().to_string()
    };
    let none = "there must be at least 2 groups, and one of them left to train on";
    assert_eq!(said(5, 0, None), format!("0 of 5 groups cannot be tested: {none}"));
    assert_eq!(said(5, 5, None), format!("5 of 5 groups cannot be tested: {none}"));
    assert_eq!(said(401, 2, None), format!("2 of 401 groups cannot be tested: {none}"));
    assert_eq!(said(20, 10, None), "10 of 20 groups are 184756 splits; at most 1000 are made");
    assert_eq!(
        said(400, 200, None),
        "200 of 400 groups are countless splits; at most 1000 are made"
    );
    assert!(said(5, 2, Some(2)).starts_with("a purge of 2 bars is shorter than the horizon of 3"));
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

fn forward(growth: Growth) -> WalkForward {
    WalkForward {
        train: days(5),
        test: days(2),
        step: days(2),
        growth,
        purge: None,
        embargo: None,
        train_min: 10,
        test_min: 10,
    }
}

#[test]
fn a_walk_forward_trains_on_the_past_alone() {
    let samples = samples();
    let decisions = decisions(&samples);
    for growth in [Growth::Rolling, Growth::Expanding] {
        let folds = walk_forward(&samples, &decisions, &SAMPLING, &forward(growth)).unwrap();
        assert_eq!(folds.len(), 5);
        for (place, fold) in folds.iter().enumerate() {
            let first = decisions[0] + 24 * HOUR * (5 + 2 * i64::try_from(place).unwrap());
            let tested = |time: i64| (first..first + 48 * HOUR).contains(&time);
            let begin = if growth == Growth::Rolling { first - 5 * 24 * HOUR } else { 0 };
            let mut left_out = 0;
            for (sample, decision) in decisions.iter().enumerate() {
                assert_eq!(fold.test.contains(&sample), tested(*decision));
                let is_before = *decision >= begin && *decision < first;
                let is_far = are_apart(samples[sample], samples[fold.test.start]);
                assert_eq!(fold.train.contains(&sample), is_before && is_far, "{sample} {fold:?}");
                left_out += usize::from(is_before && !is_far);
            }
            assert_eq!(fold.left_out, left_out);
        }
        let grows = folds.windows(2).all(|pair| pair[1].train.len() > pair[0].train.len());
        assert_eq!(grows, growth == Growth::Expanding);
    }
}

#[test]
fn later_samples_change_no_earlier_fold() {
    let samples = samples();
    let decisions = decisions(&samples);
    let rule = forward(Growth::Rolling);
    let whole = walk_forward(&samples, &decisions, &SAMPLING, &rule).unwrap();
    for end in 200..samples.len() {
        let folds = walk_forward(&samples[..end], &decisions[..end], &SAMPLING, &rule).unwrap();
        assert_eq!(folds[..], whole[..folds.len()], "{end}");
    }
}

#[test]
fn a_fold_that_just_fits_is_made() {
    let samples: Vec<usize> = (0..24 * 7).collect();
    let decisions = decisions(&samples);
    let rule = forward(Growth::Rolling);
    assert_eq!(walk_forward(&samples, &decisions, &SAMPLING, &rule).unwrap().len(), 1);
    let error = walk_forward(&samples[1..], &decisions[1..], &SAMPLING, &rule).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the samples reach over 6 d of the 7 d that the first fold needs"
    );
}

#[test]
fn a_walk_that_goes_nowhere_says_why() {
    let samples = samples();
    let decisions = decisions(&samples);
    let said = |rule: WalkForward| {
        let error = walk_forward(&samples, &decisions, &SAMPLING, &rule).unwrap_err();
        format!("{}: {error}", error.code())
    };
    let rule = forward(Growth::Rolling);
    assert_eq!(
        said(WalkForward { step: days(0), ..rule }),
        "empty-split: `step` of a walk forward is 0 d; it must be longer than nothing"
    );
    assert_eq!(
        said(WalkForward { train_min: 109, ..rule }),
        "too-few-rows: fold 1 has 98 samples to train on and 46 to test; at least 109 and 10 are \
         needed"
    );
    assert!(
        said(WalkForward { train: days(500), ..rule }).starts_with("too-few-rows: the samples")
    );
    assert!(said(WalkForward { purge: Some(0), ..rule }).starts_with("purge-too-short"));
    let error = walk_forward(&samples, &decisions[1..], &SAMPLING, &rule).unwrap_err();
    assert_eq!((error, error.fault()), (FoldError::Order, Fault::Bug));
    assert!(walk_forward(&[], &[], &SAMPLING, &rule).is_err());
}

#[test]
fn a_part_says_how_many_and_from_when_to_when() {
    let decisions = [0, HOUR, 2 * HOUR, 30 * HOUR];
    let span = PartSpan::of(&[0..1, 2..4], &decisions);
    assert_eq!(span.to_string(), "3 samples, 1970-01-01 00:00 to 1970-01-02 06:00");
    assert_eq!(PartSpan::of(&[], &decisions).to_string(), "0 samples");
    assert_eq!(PartSpan::of(&[0..1, 3..9], &decisions).samples, 1);
}

#[test]
fn the_last_of_a_training_window_decides_when_learning_stops() {
    let samples: Vec<usize> = (100..300).collect();
    let sampling = Sampling { warm_up: 0, sequence: 6, horizon: 4 };
    let parted = |train: &[Range<usize>], purge| {
        let parts = hold_out(train, &samples, &sampling, (purge, None), 0.15)?;
        Ok(format!("{:?} {:?}", parts.train, parts.validation))
    };
    // Between the last learned from and the first chosen by lie the purge and the embargo.
    let of_one = parted(std::slice::from_ref(&(0..200)), None);
    assert_eq!(of_one.as_deref(), Ok("[0..160] [170..200]"));
    let of_two = parted(&[0..80, 100..120], None);
    assert_eq!(of_two.as_deref(), Ok("[0..80] [105..120]"));
    let over_both = parted(&[0..80, 100..110], None);
    assert_eq!(over_both.as_deref(), Ok("[0..67] [77..80, 100..110]"));
    let short = Err(FoldError::PurgeTooShort { purge: 3, horizon: 4 });
    assert_eq!(parted(&[0..80, 100..120], Some(3)), short);
}
