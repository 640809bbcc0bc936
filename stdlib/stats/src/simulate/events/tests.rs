use super::*;
use crate::golden::assert_near;

fn model() -> EventModel {
    EventModel {
        block: BlockLength::of_horizon(NonZeroU32::new(4).unwrap()),
        symbols: NonZeroU32::new(2).unwrap(),
        discordance: 0.2,
        effect: -0.06,
        autocorrelation: 0.3,
        correlation: 0.2,
    }
}

#[test]
fn events_have_the_discordance_and_the_effect_asked_for() {
    let model = model();
    let mut events = Events::new(&model, Hidden::behind(&model), Stream::new(1));
    let (mut up, mut down) = (0_u32, 0_u32);
    for _ in 0..100_000 {
        events.bar(|difference, _| {
            up += u32::from(difference == 1);
            down += u32::from(difference == -1);
        });
    }
    assert_near("candidate alone", f64::from(up) / 200_000.0, 0.07, 0.0, 0.004);
    assert_near("baseline alone", f64::from(down) / 200_000.0, 0.13, 0.0, 0.005);
}

#[test]
fn events_depend_on_each_other_as_asked_for() {
    for (autocorrelation, correlation, effect) in
        [(0.3, 0.2, -0.06), (0.0, 0.6, 0.0), (0.7, 0.0, 0.15)]
    {
        let model = EventModel { effect, autocorrelation, correlation, ..model() };
        let mut events = Events::new(&model, Hidden::behind(&model), Stream::new(3));
        let mut bars: Vec<[f64; 2]> = Vec::new();
        for _ in 0..100_000 {
            let mut bar = Vec::new();
            events.bar(|difference, _| bar.push(f64::from(difference) - effect));
            bars.push([bar[0], bar[1]]);
        }
        let variance = 100_000.0 * model.variance();
        let later = bars.windows(2).map(|pair| pair[0][0] * pair[1][0]).sum::<f64>() / variance;
        let other = bars.iter().map(|bar| bar[0] * bar[1]).sum::<f64>() / variance;
        assert_near("autocorrelation", later, autocorrelation, 0.0, 0.02);
        assert_near("correlation", other, correlation, 0.0, 0.02);
    }
}

#[test]
fn dependence_widens_the_spread_of_block_means() {
    let spread = |autocorrelation: f64, correlation: f64| {
        let model = EventModel { autocorrelation, correlation, ..model() };
        let mut events = Events::new(&model, Hidden::behind(&model), Stream::new(2));
        let means: Vec<f64> = (0..20_000).map(|_| events.block_mean()).collect();
        let mean = means.iter().sum::<f64>() / 20_000.0;
        means.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 20_000.0
    };
    let independent = (0.2 - 0.06_f64.powi(2)) / 24.0;
    assert_near("independent", spread(0.0, 0.0), independent, 0.03, 0.0);
    assert!(spread(0.4, 0.0) > 1.5 * independent);
    assert!(spread(0.0, 0.9) > 1.7 * independent);
}

#[test]
fn figures_out_of_range_are_refused() {
    for wrong in [
        EventModel { discordance: 0.0, ..model() },
        EventModel { effect: 0.3, ..model() },
        EventModel { autocorrelation: 1.0, ..model() },
        EventModel { correlation: -0.1, ..model() },
        EventModel { effect: f64::NAN, ..model() },
    ] {
        assert!(wrong.check().is_err(), "{wrong:?}");
    }
    assert_eq!(EventModel { effect: -0.19, ..model() }.check(), Ok(()));
}
