//! Regression and memory of the price.

use super::{ANY, Family, Group, PLAIN, Unit, longest, period, window, window_of};
use crate::kernel::indicators::{Angle, Slope};
use crate::kernel::own::own;
use crate::kernel::steps::memory::{Autocorrelation, Hurst};
use crate::kernel::ta_lib::ta_lib;
use crate::kernel::windowed::Over;

const STATISTICS: Family = Family { group: Group::Statistics, ..PLAIN };

pub(crate) static FAMILIES: &[Family] = &[
    Family {
        base: "linreg_slope",
        parameters: &[period("n", 14)],
        listed: &[&[14]],
        summary: "slope of the line through the last closes, in price a bar",
        definition: "b of c ≈ a + b·x by least squares, x = 0 (oldest) to n − 1",
        source: "TA-Lib LINEARREG_SLOPE",
        formula: "linreg-slope",
        unit: Unit::PriceDifference,
        lookback: window,
        kernel: ta_lib::<Slope>(),
        ..STATISTICS
    },
    Family {
        base: "linreg_angle",
        parameters: &[period("n", 14)],
        listed: &[&[14]],
        summary: "angle of the line through the last closes",
        definition: "arctan b in degrees, b of c ≈ a + b·x by least squares, x = 0 (oldest) to \
                     n − 1",
        source: "TA-Lib LINEARREG_ANGLE",
        formula: "linreg-angle degrees",
        unit: Unit::Degrees,
        range: (-90.0, 90.0),
        lookback: window,
        kernel: ta_lib::<Angle>(),
        ..STATISTICS
    },
    Family {
        base: "autocorr",
        parameters: &[window_of(24, 3)],
        listed: &[&[24]],
        summary: "correlation of returns with the ones before",
        definition: "Σ(r − m)(r₋₁ − m)/Σ(r − m)² over the last n log returns, m their mean; \
                     missing where all are equal",
        source: "Box and Jenkins 1970",
        formula: "autocorr lag=1 biased flat=missing",
        range: (-1.0, 1.0),
        lookback: longest,
        kernel: own::<Over<Autocorrelation, 1>>(),
        ..STATISTICS
    },
    Family {
        base: "hurst",
        parameters: &[window_of(100, 8)],
        listed: &[&[100]],
        summary: "Hurst's coefficient of the rescaled range",
        definition: "ln(R/S)/ln(n/2) of the last n log returns: R the range of the sums of \
                     r − mean, S the deviation of the population; missing where all are equal. \
                     Independent returns give about 0.6 at n = 100",
        source: "Hurst 1951",
        formula: "hurst rescaled-range ln(r/s)/ln(n/2) ddof=0 flat=missing",
        range: ANY,
        lookback: longest,
        kernel: own::<Over<Hurst, 2>>(),
        ..STATISTICS
    },
];
