//! The arithmetic: TA-Lib's where it has the indicator, ours for what it leaves open.
//!
//! A kernel answers the values from the feature's lookback on, without the warm-up before it. It
//! may assume finite columns of one length, longer than the lookback, and parameters in range.

use ta_lib::{Core, MAType, OutRange, RetCode};

use crate::compute::Columns;

/// Values from the first bar that has one to the last bar.
pub(crate) type Kernel = fn(&Columns<'_>, &[usize]) -> Result<Vec<f64>, RetCode>;

/// A parameter of TA-Lib: those of the catalogue fit, whose ranges end at 10,000.
fn period(parameters: &[usize], place: usize) -> Result<i32, RetCode> {
    let period = parameters.get(place).ok_or(RetCode::BadParam)?;
    i32::try_from(*period).map_err(|_| RetCode::BadParam)
}

/// Runs an indicator of one output over all bars.
fn one_output(
    bars: usize,
    indicator: impl FnOnce(usize, &mut [f64]) -> Result<OutRange, RetCode>,
) -> Result<Vec<f64>, RetCode> {
    let mut values = vec![0.0; bars];
    let range = indicator(bars - 1, &mut values)?;
    values.truncate(range.count);
    Ok(values)
}

pub(crate) fn rsi(columns: &Columns<'_>, parameters: &[usize]) -> Result<Vec<f64>, RetCode> {
    let (close, n) = (columns.close, period(parameters, 0)?);
    let mut values = one_output(close.len(), |last, out| Core::new().rsi(0, last, close, n, out))?;
    // While no price has moved the index is 0/0. TA-Lib up to 0.8.2 answers 0 and later versions
    // 50; a definition must not change with a library's version, so 0 it is.
    let is_still = |pair: &[f64]| matches!(pair, [before, now] if before.total_cmp(now).is_eq());
    let still = close.windows(2).take_while(|pair| is_still(pair)).count();
    let first = parameters.first().copied().unwrap_or(0);
    values.iter_mut().take((still + 1).saturating_sub(first)).for_each(|value| *value = 0.0);
    Ok(values)
}

pub(crate) fn macd_histogram(
    columns: &Columns<'_>,
    parameters: &[usize],
) -> Result<Vec<f64>, RetCode> {
    let close = columns.close;
    let (fast, slow, signal) =
        (period(parameters, 0)?, period(parameters, 1)?, period(parameters, 2)?);
    let (mut line, mut signal_line) = (vec![0.0; close.len()], vec![0.0; close.len()]);
    one_output(close.len(), |last, histogram| {
        let core = Core::new();
        core.macd(0, last, close, fast, slow, signal, &mut line, &mut signal_line, histogram)
    })
}

pub(crate) fn bb_percent_b(
    columns: &Columns<'_>,
    parameters: &[usize],
) -> Result<Vec<f64>, RetCode> {
    let (close, n) = (columns.close, period(parameters, 0)?);
    let width = f64::from(period(parameters, 1)?);
    let (mut upper, mut middle) = (vec![0.0; close.len()], vec![0.0; close.len()]);
    let lower = one_output(close.len(), |last, lower| {
        let core = Core::new();
        core.bbands(0, last, close, n, width, width, MAType::SMA, &mut upper, &mut middle, lower)
    })?;
    let first = close.len() - lower.len();
    let of_bar = |((close, lower), upper): ((&f64, &f64), &f64)| {
        let width = upper - lower;
        if width > 0.0 { (close - lower) / width } else { 0.5 }
    };
    Ok(close.iter().skip(first).zip(&lower).zip(&upper).map(of_bar).collect())
}

pub(crate) fn atr(columns: &Columns<'_>, parameters: &[usize]) -> Result<Vec<f64>, RetCode> {
    let &Columns { high, low, close, .. } = columns;
    let n = period(parameters, 0)?;
    one_output(close.len(), |last, out| Core::new().atr(0, last, high, low, close, n, out))
}

pub(crate) fn volume_ratio(
    columns: &Columns<'_>,
    parameters: &[usize],
) -> Result<Vec<f64>, RetCode> {
    let (volume, n) = (columns.volume, period(parameters, 0)?);
    let means = one_output(volume.len(), |last, out| Core::new().sma(0, last, volume, n, out))?;
    let first = volume.len() - means.len();
    let of_bar = |(volume, mean): (&f64, &f64)| if *mean > 0.0 { volume / mean } else { 1.0 };
    Ok(volume.iter().skip(first).zip(&means).map(of_bar).collect())
}

pub(crate) fn adx(columns: &Columns<'_>, parameters: &[usize]) -> Result<Vec<f64>, RetCode> {
    let &Columns { high, low, close, .. } = columns;
    let n = period(parameters, 0)?;
    one_output(close.len(), |last, out| Core::new().adx(0, last, high, low, close, n, out))
}

pub(crate) fn stoch_k(columns: &Columns<'_>, parameters: &[usize]) -> Result<Vec<f64>, RetCode> {
    let &Columns { high, low, close, .. } = columns;
    let (n, slow_k, slow_d) =
        (period(parameters, 0)?, period(parameters, 1)?, period(parameters, 2)?);
    let mut slow_d_line = vec![0.0; close.len()];
    one_output(close.len(), |last, out| {
        let (core, mean) = (Core::new(), MAType::SMA);
        core.stoch(0, last, high, low, close, n, slow_k, mean, slow_d, mean, out, &mut slow_d_line)
    })
}
