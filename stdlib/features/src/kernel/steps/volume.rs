//! Volume, alone and against the price.

use crate::kernel::Setting;
use crate::kernel::window;
use crate::kernel::windowed::Windowed;
use crate::series::Bar;

/// The volume in standard deviations from its mean.
#[derive(Clone)]
pub(crate) struct VolumeZScore(usize);

impl Windowed<1> for VolumeZScore {
    fn new(setting: Setting<'_>) -> Self {
        Self(setting.count(0))
    }

    fn length(&self) -> usize {
        self.0
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 1] {
        [bar.volume]
    }

    fn value(&self, [volumes]: [&[f64]; 1], _: &Bar) -> f64 {
        window::z_score(volumes)
    }
}

/// Change of the on-balance volume over `n` bars: volumes by the sign of their bar's change.
#[derive(Clone)]
pub(crate) struct ObvChange {
    length: usize,
    before: f64,
}

impl Windowed<1> for ObvChange {
    fn new(setting: Setting<'_>) -> Self {
        Self { length: setting.count(0), before: f64::NAN }
    }

    fn length(&self) -> usize {
        self.length
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 1] {
        let before = std::mem::replace(&mut self.before, bar.close);
        [if bar.close > before {
            bar.volume
        } else if bar.close < before {
            -bar.volume
        } else {
            0.0
        }]
    }

    fn value(&self, [volumes]: [&[f64]; 1], _: &Bar) -> f64 {
        window::sum(volumes, |volume| volume)
    }
}

/// Change of the accumulation/distribution line over `n` bars.
#[derive(Clone)]
pub(crate) struct AdChange(usize);

impl Windowed<1> for AdChange {
    fn new(setting: Setting<'_>) -> Self {
        Self(setting.count(0))
    }

    fn length(&self) -> usize {
        self.0
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 1] {
        let range = bar.high - bar.low;
        let place = (bar.close - bar.low) - (bar.high - bar.close);
        [if range > 0.0 { place / range * bar.volume } else { 0.0 }]
    }

    fn value(&self, [flows]: [&[f64]; 1], _: &Bar) -> f64 {
        window::sum(flows, |flow| flow)
    }
}

/// The close against the volume-weighted mean of typical prices.
#[derive(Clone)]
pub(crate) struct VwapDistance(usize);

impl Windowed<2> for VwapDistance {
    fn new(setting: Setting<'_>) -> Self {
        Self(setting.count(0))
    }

    fn length(&self) -> usize {
        self.0
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 2] {
        let typical = (bar.high + bar.low + bar.close) / 3.0;
        [typical * bar.volume, bar.volume]
    }

    fn value(&self, windows: [&[f64]; 2], bar: &Bar) -> f64 {
        let [traded, volumes] = windows.map(|values| window::sum(values, |value| value));
        bar.close / (traded / volumes) - 1.0
    }
}
