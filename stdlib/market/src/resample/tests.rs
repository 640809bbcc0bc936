//! Longer bars of a made market, against sums by hand.

use super::*;

const MINUTE: i64 = 60_000_000;

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

/// One bar for every step that the calendar expects.
fn market(calendar: Calendar, from: &str, to: &str, timeframe: TimeDelta) -> Bars {
    let mut bars = Bars::empty("EUR/USD", timeframe);
    bars.spread = Some(Vec::new());
    for (step, open) in calendar.expected_bars(at(from), at(to), timeframe).enumerate() {
        let wave = ((step * 7_919) % 1_009) as f64 / 1e4;
        let bar = Bar {
            time: open.timestamp_micros(),
            open: 1.0 + wave,
            high: 1.2 + wave,
            low: 0.8 - wave,
            close: 1.05 - wave,
            volume: 1.0 + (step % 3) as f64,
        };
        bars.push(bar, Some(wave));
    }
    bars
}

#[test]
fn step_by_step_is_the_same_as_at_once() {
    let (minutes, hours, days) = (TimeDelta::minutes, TimeDelta::hours, TimeDelta::days);
    for calendar in Calendar::ALL {
        let bars = market(calendar, "2024-03-01T00:00:00Z", "2024-03-16T00:00:00Z", minutes(5));
        let by = |bars: &Bars, to| resample(bars, to, calendar).unwrap().bars;
        let hourly = by(&bars, hours(1));
        let four = by(&hourly, hours(4));
        assert_eq!(four, by(&bars, hours(4)), "{calendar}");
        // A session of New York's exchange has no whole four hours at its end.
        let from = if calendar == Calendar::Xnys { &hourly } else { &four };
        assert_eq!(by(from, days(1)), by(&bars, days(1)), "{calendar}");
        let expected = calendar.expected_bars(
            hourly.open_time(0).unwrap(),
            at("2024-03-15T20:00:00Z"),
            hours(1),
        );
        let opens: Vec<i64> = expected.map(|open| open.timestamp_micros()).collect();
        assert_eq!(hourly.time[..opens.len()], opens, "{calendar}");
    }
}

#[test]
fn a_longer_bar_is_made_of_its_shorter_ones() {
    let bars = market(
        Calendar::Always,
        "2024-01-01T00:00:00Z",
        "2024-01-02T00:00:00Z",
        TimeDelta::minutes(15),
    );
    let made = resample(&bars, TimeDelta::hours(1), Calendar::Always).unwrap();
    assert_eq!((made.bars.len(), made.outside, made.partial), (24, 0, 0));
    for (hour, bar) in made.bars.iter().enumerate() {
        let parts = bars.slice(4 * hour..4 * hour + 4);
        assert_eq!(bar.time, parts.time[0]);
        assert_eq!(bar.open.to_bits(), parts.open[0].to_bits());
        assert_eq!(bar.close.to_bits(), parts.close[3].to_bits());
        assert_eq!(bar.high.to_bits(), parts.high.iter().copied().fold(0.0, f64::max).to_bits());
        assert_eq!(bar.low.to_bits(), parts.low.iter().copied().fold(9.0, f64::min).to_bits());
        assert!((bar.volume - parts.volume.iter().sum::<f64>()).abs() < 1e-12);
        let spread = |bars: &Bars, bar: usize| bars.spread.as_ref().unwrap()[bar].to_bits();
        assert_eq!(spread(&made.bars, hour), spread(&parts, 3));
    }
}

#[test]
fn days_in_fx_begin_at_five_in_new_york_in_winter_and_in_summer() {
    let bars =
        market(Calendar::Fx, "2024-03-06T00:00:00Z", "2024-03-14T00:00:00Z", TimeDelta::hours(1));
    let made = resample(&bars, TimeDelta::days(1), Calendar::Fx).unwrap();
    let opens: Vec<String> = (0..made.bars.len())
        .map(|bar| made.bars.open_time(bar).unwrap().format("%a %d %H").to_string())
        .collect();
    // The clocks change on Sunday the 10th. Tuesday's day had begun before, Wednesday's has not ended.
    assert_eq!(opens, ["Wed 06 22", "Thu 07 22", "Sun 10 21", "Mon 11 21", "Tue 12 21"]);
    assert_eq!((made.partial, made.outside), (22 + 3, 0));
}

#[test]
fn what_opens_in_the_weekend_is_left_out_and_counted() {
    let mut bars =
        market(Calendar::Fx, "2024-01-05T00:00:00Z", "2024-01-09T00:00:00Z", TimeDelta::hours(1));
    let sunday = bars
        .time
        .iter()
        .position(|open| *open > at("2024-01-06T00:00:00Z").timestamp_micros())
        .unwrap();
    bars.time[sunday] -= 3 * 60 * MINUTE;
    let made = resample(&bars, TimeDelta::hours(4), Calendar::Fx).unwrap();
    assert_eq!(made.outside, 1);
    let all_open =
        (0..made.bars.len()).all(|bar| Calendar::Fx.is_open(made.bars.open_time(bar).unwrap()));
    assert!(all_open);
}

#[test]
fn no_longer_bar_knows_what_comes_after_its_end() {
    for calendar in Calendar::ALL {
        let bars = market(
            calendar,
            "2024-01-03T00:00:00Z",
            "2024-01-10T00:00:00Z",
            TimeDelta::minutes(30),
        );
        let whole = resample(&bars, TimeDelta::hours(4), calendar).unwrap().bars;
        for end in 0..bars.len() {
            let made = resample(&bars.slice(0..end), TimeDelta::hours(4), calendar).unwrap().bars;
            assert_eq!(made, whole.slice(0..made.len()), "{calendar} {end}");
            // Nothing that has ended is held back.
            let now = bars.time[..end].last().map_or(i64::MIN, |open| open + 30 * MINUTE);
            let ended = whole.time.iter().filter(|open| *open + 240 * MINUTE <= now).count();
            assert!(made.len() >= ended, "{calendar} {end}");
        }
    }
}

#[test]
fn bars_that_fit_no_grid_are_refused() {
    let hours = TimeDelta::hours;
    let bars = market(Calendar::Always, "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", hours(1));
    let said = |bars: &Bars, to, calendar| resample(bars, to, calendar).unwrap_err().to_string();
    let always = Calendar::Always;
    assert_eq!(
        said(&bars, TimeDelta::minutes(90), always),
        "bars of 90 min are not made of whole bars of 1 h"
    );
    assert_eq!(said(&bars, hours(1), always), "bars of 1 h are not made of whole bars of 1 h");
    let mut twice = bars;
    twice.time[5] = twice.time[4];
    assert_eq!(
        said(&twice, hours(4), always),
        "row 6 opens at 2024-01-01 04:00:00 UTC, not after the row above; the bars must be in order"
    );
    // Full hours do not fit sessions that begin at half past.
    let hourly = market(Calendar::Always, "2024-01-02T15:00:00Z", "2024-01-02T20:00:00Z", hours(1));
    assert_eq!(
        said(&hourly, hours(2), Calendar::Xnys),
        "the bar of row 2 reaches from 2024-01-02 16:00:00 UTC over 2024-01-02 16:30:00 UTC, where \
         a bar of 2 h ends"
    );
    let none = Bars::empty("EUR/USD", hours(1));
    assert_eq!(resample(&none, hours(4), always).unwrap().bars.len(), 0);
}

#[test]
fn a_volume_that_is_unknown_does_not_make_all_unknown() {
    let mut bars = market(
        Calendar::Always,
        "2024-01-01T00:00:00Z",
        "2024-01-01T08:00:00Z",
        TimeDelta::hours(1),
    );
    bars.volume[..4].fill(f64::NAN);
    bars.volume[5] = f64::NAN;
    let made = resample(&bars, TimeDelta::hours(4), Calendar::Always).unwrap().bars;
    assert!(made.volume[0].is_nan());
    assert!((made.volume[1] - bars.volume[4] - bars.volume[6] - bars.volume[7]).abs() < 1e-12);
}
