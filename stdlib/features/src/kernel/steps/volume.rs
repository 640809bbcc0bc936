//! Volume, alone and against the price.

use crate::kernel::Setting;
use crate::kernel::own::Step;
use crate::kernel::window::{self, Window};
use crate::series::Bar;

/// The volume in standard deviations from its mean.
#[derive(Clone)]
pub(crate) struct VolumeZScore(Window);

impl Step for VolumeZScore {
    fn new(setting: Setting<'_>) -> Self {
        Self(Window::new(setting.count(0)))
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        self.0.push(bar.volume).map_or(f64::NAN, window::z_score)
    }
}

/// Change of the on-balance volume over `n` bars: volumes by the sign of their bar's change.
#[derive(Clone)]
pub(crate) struct ObvChange {
    before: Option<f64>,
    volumes: Window,
}

impl Step for ObvChange {
    fn new(setting: Setting<'_>) -> Self {
        Self { before: None, volumes: Window::new(setting.count(0)) }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let Some(before) = self.before.replace(bar.close) else { return f64::NAN };
        let signed = if bar.close > before {
            bar.volume
        } else if bar.close < before {
            -bar.volume
        } else {
            0.0
        };
        let volumes = self.volumes.push(signed);
        volumes.map_or(f64::NAN, |volumes| window::sum(volumes, |volume| volume))
    }
}

/// Change of the accumulation/distribution line over `n` bars.
#[derive(Clone)]
pub(crate) struct AdChange {
    /// One flow more than is summed, so that the first sum is a change between two bars.
    flows: Window,
}

impl Step for AdChange {
    fn new(setting: Setting<'_>) -> Self {
        Self { flows: Window::new(setting.count(0) + 1) }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let range = bar.high - bar.low;
        let place = (bar.close - bar.low) - (bar.high - bar.close);
        let flow = if range > 0.0 { place / range * bar.volume } else { 0.0 };
        let flows = self.flows.push(flow).and_then(<[f64]>::split_first);
        flows.map_or(f64::NAN, |(_, flows)| window::sum(flows, |flow| flow))
    }
}

/// The close against the volume-weighted mean of typical prices.
#[derive(Clone)]
pub(crate) struct VwapDistance {
    traded: Window,
    volumes: Window,
}

impl Step for VwapDistance {
    fn new(setting: Setting<'_>) -> Self {
        let window = Window::new(setting.count(0));
        Self { traded: window.clone(), volumes: window }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let typical = (bar.high + bar.low + bar.close) / 3.0;
        let traded = self.traded.push(typical * bar.volume);
        let (Some(traded), Some(volumes)) = (traded, self.volumes.push(bar.volume)) else {
            return f64::NAN;
        };
        let total = |values: &[f64]| window::sum(values, |value| value);
        bar.close / (total(traded) / total(volumes)) - 1.0
    }
}
