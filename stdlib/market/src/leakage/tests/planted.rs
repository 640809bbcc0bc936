//! Leaks, planted one at a time into honest work: each is found by the check that it is for.

use std::fmt::Write as _;

use expect_test::expect_file;

use super::facts::{Chance, Facts, fitted, width};
use super::*;

type Plant = fn(&mut Facts);

/// What is planted, the check that must find it, and how.
const PLANTS: &[(&str, LeakCheck, Plant)] = &[
    // L1
    ("a train decision at the first of validation", LeakCheck::L1, |facts| {
        let first = facts.decisions.validation[0];
        *facts.decisions.train.last_mut().unwrap() = first;
    }),
    ("a validation decision after the test has begun", LeakCheck::L1, |facts| {
        let late = facts.decisions.test[5];
        facts.decisions.validation[0] = late;
    }),
    ("another symbol's train reaches into the test", LeakCheck::L1, |facts| {
        let late = facts.decisions.test.clone();
        facts.decisions.train.extend(late);
    }),
    ("train and test exchanged", LeakCheck::L1, |facts| {
        std::mem::swap(&mut facts.decisions.train, &mut facts.decisions.test);
    }),
    // L2
    ("no purge: a label ends at the next part's first decision", LeakCheck::L2, |facts| {
        let first = facts.decisions.validation[0];
        *facts.label_ends.train.last_mut().unwrap() = first;
    }),
    ("a validation label ends in the test", LeakCheck::L2, |facts| {
        let late = facts.decisions.test[3];
        facts.label_ends.validation[10] = late;
    }),
    ("a label that never ends", LeakCheck::L2, |facts| {
        facts.label_ends.train[0] = i64::MAX;
    }),
    // L3
    ("one bar less than was declared", LeakCheck::L3, |facts| {
        facts.gap += 1;
    }),
    ("no embargo at all", LeakCheck::L3, |facts| {
        let last = *facts.ends.train.last().unwrap();
        facts.ends.validation[0] = last + 1;
    }),
    ("parts that are interleaved", LeakCheck::L3, |facts| {
        facts.gap = 0;
        facts.ends.validation[0] = facts.ends.train[3];
    }),
    // L4
    ("a train sample in the test", LeakCheck::L4, |facts| {
        let copy = facts.keys.train[17].clone();
        facts.keys.test.push(copy);
    }),
    ("a validation sample in the test", LeakCheck::L4, |facts| {
        let copy = facts.keys.validation[0].clone();
        facts.keys.test[0] = copy;
    }),
    ("a sample of another symbol in two parts", LeakCheck::L4, |facts| {
        let other = ("GBP/USD".to_owned(), 1);
        facts.keys.train.push(other.clone());
        facts.keys.validation.push(other);
    }),
    // L4b
    ("one test row in fifty copied from train", LeakCheck::L4b, |facts| {
        for row in (0..facts.ends.test.len()).step_by(50) {
            let copy = facts.rows.train[row * width()..(row + 1) * width()].to_vec();
            facts.rows.test[row * width()..(row + 1) * width()].copy_from_slice(&copy);
        }
        facts.served.clone_from(&facts.rows.test);
    }),
    ("copies that a rounding error hides", LeakCheck::L4b, |facts| {
        let copies: Vec<f64> = facts.rows.train[..5 * width()]
            .iter()
            .map(|value| (value * 1e12).round() / 1e12 + 1e-14)
            .collect();
        facts.rows.train[..5 * width()]
            .iter_mut()
            .for_each(|value| *value = (*value * 1e12).round() / 1e12);
        facts.rows.test[..5 * width()].copy_from_slice(&copies);
        facts.served.clone_from(&facts.rows.test);
    }),
    ("validation rows in the test", LeakCheck::L4b, |facts| {
        let copies = facts.rows.validation[..8 * width()].to_vec();
        facts.rows.test[..8 * width()].copy_from_slice(&copies);
        facts.served.clone_from(&facts.rows.test);
    }),
    // L5
    ("a scaler of all rows", LeakCheck::L5, |facts| {
        let rows = [&facts.rows.train[..], &facts.rows.validation, &facts.rows.test].concat();
        facts.stored = fitted(&rows, width());
    }),
    ("a scaler of train and validation", LeakCheck::L5, |facts| {
        let rows = [&facts.rows.train[..], &facts.rows.validation].concat();
        facts.stored = fitted(&rows, width());
    }),
    ("a scaler that says it saw one sample more", LeakCheck::L5, |facts| {
        facts.fit.end += 1;
    }),
    ("one mean a millionth off", LeakCheck::L5, |facts| {
        facts.stored[0][1] += 1e-6 * facts.stored[1][1];
    }),
    ("a scale that is no number", LeakCheck::L5, |facts| {
        facts.stored[1][2] = f64::NAN;
    }),
    ("a scaler of fewer features", LeakCheck::L5, |facts| {
        facts.stored[0].pop();
    }),
    // L6
    ("the future return as a feature", LeakCheck::L6, |facts| {
        facts.columns[0].1 = facts.log_returns.clone();
    }),
    ("the class as a feature", LeakCheck::L6, |facts| {
        facts.columns[0].1 = facts.classes.iter().map(|class| class.index() as f64).collect();
    }),
    ("the class as −1, 0, 1", LeakCheck::L6, |facts| {
        let sign = |class: &Class| class.index() as f64 - 1.0;
        facts.columns[0].1 = facts.classes.iter().map(sign).collect();
    }),
    ("the next close", LeakCheck::L6, |facts| {
        facts.columns[0].1 = facts.future[0].clone();
    }),
    ("the last close of the horizon", LeakCheck::L6, |facts| {
        facts.columns[0].1 = facts.future.last().unwrap().clone();
    }),
    ("the close ahead in all but one row in two hundred", LeakCheck::L6, |facts| {
        let mut column = facts.future[0].clone();
        column.iter_mut().step_by(200).for_each(|value| *value = 0.0);
        facts.columns[0].1 = column;
    }),
    ("a feature called `target_mean`", LeakCheck::L6, |facts| {
        facts.columns[2].0 = "target_mean".to_owned();
    }),
    ("a feature called `close_next`", LeakCheck::L6, |facts| {
        facts.columns[2].0 = "close_next".to_owned();
    }),
    ("the future return under noise", LeakCheck::L6, |facts| {
        let deviation = (facts.log_returns.iter().map(|r| r * r).sum::<f64>()
            / facts.log_returns.len() as f64)
            .sqrt();
        let mut chance = Chance::new(3);
        facts.columns[0].1 =
            facts.log_returns.iter().map(|r| r + 0.8 * deviation * chance.normal()).collect();
    }),
    ("minus the cube of the future return", LeakCheck::L6, |facts| {
        facts.columns[0].1 = facts.log_returns.iter().map(|r| -r.powi(3)).collect();
    }),
    ("the return of the horizon's first half", LeakCheck::L6, |facts| {
        let close: Vec<f64> = facts.used().iter().map(|end| facts.bars.close[*end]).collect();
        let half = &facts.future[facts.horizon / 2 - 1];
        facts.columns[0].1 = half.iter().zip(close).map(|(ahead, now)| ahead / now).collect();
    }),
    // L7
    ("a mean of a centred window", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| moving(&bars.close, -2..=2, mean));
    }),
    ("the close of the next bar", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| moving(&bars.close, 1..=1, mean));
    }),
    ("missing values filled from behind", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            let mut filled = bars.close.clone();
            let known = |bar: usize| bar.is_multiple_of(12);
            for bar in (0..filled.len()).rev().filter(|bar| !known(*bar)) {
                filled[bar] = filled.get(bar + 1).copied().unwrap_or(f64::NAN);
            }
            filled
        });
    }),
    ("a scale of the whole series", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            let [mean, scale] = fitted(&bars.close, 1);
            bars.close.iter().map(|close| (close - mean[0]) / scale[0]).collect()
        });
    }),
    ("a rank among all bars", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            let mut sorted = bars.close.clone();
            sorted.sort_by(f64::total_cmp);
            let below = |now: &f64| sorted.partition_point(|other| other < now);
            let all = bars.len() as f64;
            bars.close.iter().map(|now| below(now) as f64 / all).collect()
        });
    }),
    ("the place between the lowest and highest of all", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            let low = bars.low.iter().copied().fold(f64::INFINITY, f64::min);
            let high = bars.high.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            bars.close.iter().map(|close| (close - low) / (high - low)).collect()
        });
    }),
    ("values cut off at quantiles of all bars", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            let mut sorted = bars.volume.clone();
            sorted.sort_by(f64::total_cmp);
            let (low, high) = (sorted[sorted.len() / 100], sorted[sorted.len() * 99 / 100]);
            bars.volume.iter().map(|volume| volume.clamp(low, high)).collect()
        });
    }),
    ("the highest of the next day", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            moving(&bars.high, 0..=24, |high| high.iter().copied().fold(0.0, f64::max))
        });
    }),
    ("a day's high from the day's first hour on", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            let of_day = |day: &[f64]| day.iter().copied().fold(0.0, f64::max);
            bars.high.chunks(24).flat_map(|day| vec![of_day(day); day.len()]).collect()
        });
    }),
    ("a trend line through all bars taken off", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            let (first, last) = (bars.close[0], *bars.close.last().unwrap());
            let slope = (last - first) / bars.len() as f64;
            bars.close.iter().enumerate().map(|(bar, c)| c - slope * bar as f64).collect()
        });
    }),
    ("an average that runs backwards", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| {
            let mut ema = *bars.close.last().unwrap();
            let mut column: Vec<f64> = bars
                .close
                .iter()
                .rev()
                .map(|close| {
                    ema += 0.1 * (close - ema);
                    ema
                })
                .collect();
            column.reverse();
            column
        });
    }),
    ("the distance to the last bar there is", LeakCheck::L7, |facts| {
        facts.made_by("a", |bars| (0..bars.len()).rev().map(|left| left as f64).collect());
    }),
    // L8
    ("a volume that is summed up since the beginning", LeakCheck::L8, |facts| {
        facts.made_by("a", |bars| running(&bars.volume, |sum, volume, _| sum + volume));
    }),
    ("a mean of everything so far", LeakCheck::L8, |facts| {
        facts.made_by("a", |bars| {
            running(&bars.close, |mean, close, bar| mean + (close - mean) / (bar + 1) as f64)
        });
    }),
    ("an average slower than its warm-up", LeakCheck::L8, |facts| {
        facts.made_by("a", |bars| {
            running(
                &bars.close,
                |ema, close, bar| if bar == 0 { close } else { ema + 0.005 * (close - ema) },
            )
        });
    }),
    ("the number of the bar", LeakCheck::L8, |facts| {
        facts.made_by("a", |bars| (0..bars.len()).map(|bar| bar as f64).collect());
    }),
    ("the first close as the unit", LeakCheck::L8, |facts| {
        facts.made_by("a", |bars| bars.close.iter().map(|close| close / bars.close[0]).collect());
    }),
    // L9
    ("skill that a bar's delay destroys", LeakCheck::L9, |facts| {
        facts.shift = [0.40, 0.60, 0.45];
    }),
    ("skill that turns into harm", LeakCheck::L9, |facts| {
        facts.shift = [0.35, 0.85, 0.20];
    }),
    // L10
    ("permuted labels foretold all the same", LeakCheck::L10, |facts| {
        let mut chance = Chance::new(5);
        facts.correct.iter_mut().for_each(|correct| *correct = chance.share() < 0.6);
    }),
    ("permuted labels known by heart", LeakCheck::L10, |facts| {
        facts.correct.fill(true);
    }),
    // L11
    ("a bar of four hours joined when it opens", LeakCheck::L11, |facts| {
        facts.joined[9].available_at = facts.joined[9].decision + 4 * 3_600_000_000;
    }),
    ("news that is a microsecond early", LeakCheck::L11, |facts| {
        facts.joined[0].available_at = facts.joined[0].decision + 1;
    }),
    ("a revision that came after the data were read", LeakCheck::L11, |facts| {
        facts.ingested[4] = facts.as_of + 1;
    }),
    // L12
    ("serving in single precision", LeakCheck::L12, |facts| {
        let rounded = |value: &f64| (value * 1e4).round() / 1e4;
        facts.served = facts.served.iter().map(rounded).collect();
    }),
    ("one feature that serves otherwise", LeakCheck::L12, |facts| {
        facts.served[3] *= 1.0 + 1e-5;
    }),
    ("features in another order", LeakCheck::L12, |facts| {
        facts.served.chunks_exact_mut(width()).for_each(|row| row.swap(0, 1));
    }),
    ("a value that is missing when serving", LeakCheck::L12, |facts| {
        facts.served[0] = f64::NAN;
    }),
    ("a feature that serving has not", LeakCheck::L12, |facts| {
        facts.served_width -= 1;
    }),
    ("rows that serving has not", LeakCheck::L12, |facts| {
        facts.served.truncate(width());
    }),
    // L13
    ("the twenty-second candidate on one test", LeakCheck::L13, |facts| {
        facts.evaluations = 21;
    }),
    // L14
    ("a baseline that learned half of the test", LeakCheck::L14, |facts| {
        facts.learned.end = facts.decisions.test[facts.decisions.test.len() / 2];
    }),
    ("a baseline whose last labels reach into the test", LeakCheck::L14, |facts| {
        facts.learned.end = facts.decisions.test[0];
    }),
    ("a baseline that learned everything", LeakCheck::L14, |facts| {
        facts.learned = i64::MIN..i64::MAX;
    }),
    // L15
    ("a row of another tenant", LeakCheck::L15, |facts| {
        facts.found.push(("tenant_002".to_owned(), 1));
    }),
    ("a tenant in other letters", LeakCheck::L15, |facts| {
        facts.found.push(("Tenant_001".to_owned(), 12));
    }),
    // L16
    ("a fill from behind", LeakCheck::L16, |facts| {
        transform(facts, TransformKind::Fill(Fill::Backward));
    }),
    ("an interpolation", LeakCheck::L16, |facts| {
        transform(facts, TransformKind::Fill(Fill::Interpolated));
    }),
    ("a centred window", LeakCheck::L16, |facts| {
        transform(facts, TransformKind::Rolling(Window::Centered));
    }),
    ("a window that begins at its bar", LeakCheck::L16, |facts| {
        transform(facts, TransformKind::Rolling(Window::Leading));
    }),
    ("a rank of the whole sample", LeakCheck::L16, |facts| {
        transform(facts, TransformKind::Rank(Extent::All));
    }),
    ("quantiles of the whole sample", LeakCheck::L16, |facts| {
        transform(facts, TransformKind::Winsorize(Extent::All));
    }),
    ("a scale of the whole sample", LeakCheck::L16, |facts| {
        transform(facts, TransformKind::Scale(Extent::All));
    }),
    ("a bar known when it opens", LeakCheck::L16, |facts| {
        transform(facts, TransformKind::Resample(Stamp::Open));
    }),
    ("a lag of minus one", LeakCheck::L16, |facts| transform(facts, TransformKind::Lag(-1))),
    // L17
    ("an accuracy of nine in ten", LeakCheck::L17, |facts| {
        facts.accuracy = 0.9;
    }),
    ("a Sharpe ratio beyond chance", LeakCheck::L17, |facts| {
        facts.sharpe = (7.5, 1.5);
    }),
    ("a short test that is too good", LeakCheck::L17, |facts| {
        (facts.accuracy, facts.test_bars) = (0.95, 2_999);
    }),
];

fn transform(facts: &mut Facts, kind: TransformKind) {
    facts.transforms.push(Transform { of: "a".to_owned(), kind });
}

/// `of` the values around each one, as far as there are any.
fn moving(
    values: &[f64],
    around: std::ops::RangeInclusive<isize>,
    of: impl Fn(&[f64]) -> f64,
) -> Vec<f64> {
    let window = |at: usize| {
        let start = at.saturating_add_signed(*around.start()).min(values.len());
        let end = (at.saturating_add_signed(*around.end()) + 1).min(values.len());
        &values[start..end]
    };
    (0..values.len()).map(|at| of(window(at))).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Each value of a state that is carried on from bar to bar.
fn running(values: &[f64], next: impl Fn(f64, f64, usize) -> f64) -> Vec<f64> {
    let mut state = 0.0;
    values
        .iter()
        .enumerate()
        .map(|(bar, value)| {
            state = next(state, *value, bar);
            state
        })
        .collect()
}

/// The verdict of the check that each plant is for, in all; the seed gives a horizon of 4.
#[test]
fn every_planted_leak_is_found() {
    let mut page = String::new();
    let field = Facts::honest(200);
    let honest = field.report();
    for (what, check, plant) in PLANTS {
        let mut facts = field.clone();
        plant(&mut facts);
        let report = facts.report();
        let found = report.findings.iter().find(|finding| finding.check == check.id()).unwrap();
        let is_found = matches!(found.verdict, LeakVerdict::Fail | LeakVerdict::Warn);
        assert!(is_found, "{what}: {found}");
        let is_fatal = found.verdict == LeakVerdict::Fail;
        assert_eq!(report.is_clean(), !is_fatal, "{what}: {report}");
        // Nothing else is accused of what it has not done, but for what hangs on the same facts.
        let others = report
            .findings
            .iter()
            .zip(&honest.findings)
            .filter(|(now, before)| now.check != check.id() && now.verdict != before.verdict);
        let others: Vec<&str> = others.map(|(now, _)| now.check.as_str()).collect();
        let beside =
            if others.is_empty() { String::new() } else { format!(" (and {})", others.join(", ")) };
        writeln!(page, "{check:<4} {} {what}{beside}", found.verdict).unwrap();
    }
    writeln!(page, "{} plants", PLANTS.len()).unwrap();
    expect_file!["planted.txt"].assert_eq(&page);
}

#[test]
fn what_is_planted_in_l7_and_l8_is_found_at_other_seeds_too() {
    let history =
        PLANTS.iter().filter(|(_, check, _)| matches!(check, LeakCheck::L7 | LeakCheck::L8));
    let fields = [204, 208].map(|seed| (seed, Facts::honest(seed)));
    for (what, check, plant) in history {
        for (seed, field) in &fields {
            let mut facts = field.clone();
            plant(&mut facts);
            let report = facts.report();
            let found = report.findings.iter().find(|finding| finding.check == check.id()).unwrap();
            assert_eq!(found.verdict, LeakVerdict::Fail, "{what}, seed {seed}: {found}");
        }
    }
}
