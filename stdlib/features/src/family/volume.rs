//! Volume, alone and with the price.

use super::{
    Family, Group, PLAIN, POSITIVE, Unit, exponential, longest, period, window, window_of,
};
use crate::kernel::indicators::{Adosc, Mfi, VolumeRatio};
use crate::kernel::own::own;
use crate::kernel::steps::volume::{AdChange, ObvChange, VolumeZScore, VwapDistance};
use crate::kernel::ta_lib::{Derived, ta_lib};
use crate::kernel::windowed::Over;
use crate::series::Input;

const VOLUME: Family = Family { group: Group::Volume, ..PLAIN };
/// Every price but the open, and the volume.
const TRADED: &[Input] = &[Input::High, Input::Low, Input::Close, Input::Volume];

pub(crate) static FAMILIES: &[Family] = &[
    Family {
        base: "volume_ratio",
        parameters: &[period("n", 20)],
        summary: "volume against its mean",
        definition: "v/SMA(n) of v; 1 where the mean is 0",
        source: "TA-Lib SMA",
        formula: "volume-ratio sma zero-mean=1",
        range: POSITIVE,
        inputs: &[Input::Volume],
        lookback: window,
        kernel: ta_lib::<Derived<VolumeRatio>>(),
        ..VOLUME
    },
    Family {
        base: "volume_z",
        parameters: &[window_of(20, 2)],
        listed: &[&[20]],
        summary: "standard deviations of the volume from its mean",
        definition: "(v − mean)/σ over the last n volumes, σ of the population; 0 where all are \
                     equal",
        source: "standard score",
        formula: "volume-z ddof=0 flat=0",
        unit: Unit::Deviations,
        inputs: &[Input::Volume],
        lookback: window,
        kernel: own::<Over<VolumeZScore, 1>>(),
        ..VOLUME
    },
    Family {
        base: "obv_diff",
        parameters: &[window_of(20, 1)],
        listed: &[&[20]],
        summary: "change of the on-balance volume over n bars",
        definition: "Σ of v over n, counted up where c > c₋₁ and down where c < c₋₁",
        source: "TA-Lib OBV; Granville 1963",
        formula: "obv-diff",
        unit: Unit::Volume,
        inputs: &[Input::Close, Input::Volume],
        lookback: longest,
        kernel: own::<Over<ObvChange, 1>>(),
        ..VOLUME
    },
    Family {
        base: "ad_diff",
        parameters: &[window_of(20, 1)],
        listed: &[&[20]],
        summary: "change of the accumulation/distribution line over n bars",
        definition: "Σ of v·((c − l) − (h − c))/(h − l) over n; 0 where h = l",
        source: "TA-Lib AD; Chaikin",
        formula: "ad-diff zero-range=0",
        unit: Unit::Volume,
        inputs: TRADED,
        lookback: longest,
        kernel: own::<Over<AdChange, 1>>(),
        ..VOLUME
    },
    Family {
        base: "adosc",
        parameters: &[period("fast", 3), period("slow", 10)],
        rising: 2,
        summary: "Chaikin's oscillator of accumulation and distribution",
        definition: "EMA(fast) − EMA(slow) of the accumulation/distribution line, both beginning \
                     at its first value",
        source: "TA-Lib ADOSC; Chaikin",
        formula: "adosc ema k=2/(n+1) seed=first zero-range=0",
        unit: Unit::Volume,
        inputs: TRADED,
        lookback: window,
        unstable_margin: exponential,
        kernel: ta_lib::<Adosc>(),
        ..VOLUME
    },
    Family {
        base: "mfi",
        parameters: &[period("n", 14)],
        listed: &[&[14]],
        summary: "money flow index",
        definition: "100·P/(P + N), P and N the sums over n of t·v where t = (h + l + c)/3 rose \
                     and fell; 0 where no money flows",
        source: "TA-Lib MFI; Quong and Soudack 1989",
        formula: "mfi zero-flow=0",
        unit: Unit::Percent,
        range: (0.0, 100.0),
        inputs: TRADED,
        lookback: longest,
        kernel: ta_lib::<Mfi>(),
        ..VOLUME
    },
    Family {
        base: "vwap_dist",
        parameters: &[window_of(24, 1)],
        listed: &[&[24]],
        summary: "distance of the close from the volume-weighted mean price",
        definition: "c/(Σ t·v/Σ v over n) − 1, t = (h + l + c)/3; missing where nothing is traded",
        source: "volume-weighted average price",
        formula: "vwap-dist typical zero-volume=missing",
        inputs: TRADED,
        lookback: window,
        kernel: own::<Over<VwapDistance, 2>>(),
        ..VOLUME
    },
];
