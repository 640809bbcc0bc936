//! TA-Lib's indicators as kernels: its batch for a batch, its stream for a stream.

use ::ta_lib::{OutRange, RetCode};

use super::{Kernel, Machine, Series, Setting, Spare, finite};
use crate::matrix::Memory;
use crate::series::{Bar, Columns, History};

/// A parameter or a column too many or too few: a defect of this crate.
const MISFIT: RetCode = RetCode::BadParam;

/// The numbers of a feature's name, as TA-Lib takes them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers([i32; 4]);

impl Numbers {
    pub(crate) fn of(setting: Setting<'_>) -> Self {
        let mut numbers = [0; 4];
        for (number, parameter) in numbers.iter_mut().zip(setting.parameters) {
            // Ranges of the catalogue end at 10,000; what does not fit, TA-Lib refuses.
            *number = i32::try_from(*parameter).unwrap_or(i32::MAX);
        }
        Self(numbers)
    }

    /// A parameter, as a period.
    pub(crate) fn int(self, place: usize) -> i32 {
        self.0.get(place).copied().unwrap_or(0)
    }

    /// A parameter, as a factor.
    pub(crate) fn real(self, place: usize) -> f64 {
        f64::from(self.int(place))
    }

    /// A parameter that counts hundredths.
    pub(crate) fn hundredths(self, place: usize) -> f64 {
        self.real(place) / 100.0
    }
}

/// One output of an indicator of TA-Lib, with what is done to it.
pub(crate) trait Indicator: Clone + Send + Sync + 'static {
    /// TA-Lib's stream.
    type Stream: Clone + Send + Sync;

    fn new(setting: Setting<'_>) -> Self;

    /// Bars before the first value.
    fn lookback(&self) -> Result<usize, RetCode>;

    /// The values from the lookback on, to the front of `out`.
    fn batch(
        &self,
        columns: &Columns<'_>,
        spare: &mut Spare,
        out: &mut [f64],
    ) -> Result<OutRange, RetCode>;

    /// A stream behind `history`, of which `bar` is the last, and its value there.
    fn open(&self, history: &Columns<'_>, bar: &Bar) -> Result<(Self::Stream, f64), RetCode>;

    fn step(stream: &mut Self::Stream, bar: &Bar) -> Result<f64, RetCode>;
}

/// The kernel of an indicator.
pub(crate) const fn ta_lib<I: Indicator>() -> Kernel {
    fn batch<I: Indicator>(
        setting: Setting<'_>,
        series: &Series<'_>,
        spare: &mut Spare,
        out: &mut [f64],
    ) -> Result<(), RetCode> {
        let indicator = I::new(setting);
        let out = out.get_mut(indicator.lookback()?..).ok_or(MISFIT)?;
        let range = indicator.batch(&series.columns, spare, out)?;
        mend(out);
        if range.count == out.len() { Ok(()) } else { Err(MISFIT) }
    }
    Kernel { batch: batch::<I>, stream: |setting| Box::new(Live::<I>::new(setting)) }
}

/// Makes what is no number a missing value. That is rare, so it looks at all of them first.
fn mend(values: &mut [f64]) {
    let is_infinite = |value: &f64| value.abs() > f64::MAX;
    if values.iter().fold(false, |any, value| any | is_infinite(value)) {
        for value in values {
            *value = finite(*value);
        }
    }
}

/// Runs `indicator` over all bars.
pub(crate) fn over_all(
    columns: &Columns<'_>,
    indicator: impl FnOnce(usize) -> Result<OutRange, RetCode>,
) -> Result<OutRange, RetCode> {
    indicator(columns.close.len().checked_sub(1).ok_or(MISFIT)?)
}

/// An indicator over a stream of bars: it gathers them until TA-Lib can begin.
#[derive(Clone)]
pub(crate) struct Live<I: Indicator> {
    indicator: I,
    state: State<I::Stream>,
}

#[derive(Clone)]
enum State<S> {
    Gathering(History),
    Streaming(S),
}

impl<I: Indicator> Live<I> {
    pub(crate) fn new(setting: Setting<'_>) -> Self {
        Self { indicator: I::new(setting), state: State::Gathering(History::default()) }
    }

    /// The value after `bar`; NaN before the first.
    pub(crate) fn next(&mut self, bar: &Bar) -> Result<f64, RetCode> {
        match &mut self.state {
            State::Streaming(stream) => I::step(stream, bar),
            State::Gathering(history) => {
                history.push(bar);
                if history.len() <= self.indicator.lookback()? {
                    return Ok(f64::NAN);
                }
                let (stream, value) = self.indicator.open(&history.columns(), bar)?;
                self.state = State::Streaming(stream);
                Ok(value)
            }
        }
    }
}

impl<I: Indicator> Machine for Live<I> {
    fn update(&mut self, bar: &Bar) -> Result<f64, RetCode> {
        self.next(bar)
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(self.clone())
    }
}

/// Arithmetic on the value of an indicator and the bar it belongs to.
pub(crate) trait Arithmetic: Clone + Send + Sync + 'static {
    type Of: Indicator;
    fn value(of: f64, bar: &Bar) -> f64;
}

/// An indicator and what is made of it.
#[derive(Clone)]
pub(crate) struct Derived<A: Arithmetic>(A::Of);

impl<A: Arithmetic> Indicator for Derived<A> {
    type Stream = <A::Of as Indicator>::Stream;

    fn new(setting: Setting<'_>) -> Self {
        Self(A::Of::new(setting))
    }

    fn lookback(&self) -> Result<usize, RetCode> {
        self.0.lookback()
    }

    fn batch(
        &self,
        columns: &Columns<'_>,
        spare: &mut Spare,
        out: &mut [f64],
    ) -> Result<OutRange, RetCode> {
        let range = self.0.batch(columns, spare, out)?;
        for (value, bar) in out.iter_mut().zip(columns.bars(range.beg_idx)) {
            *value = A::value(*value, &bar);
        }
        Ok(range)
    }

    fn open(&self, history: &Columns<'_>, bar: &Bar) -> Result<(Self::Stream, f64), RetCode> {
        let (stream, value) = self.0.open(history, bar)?;
        Ok((stream, A::value(value, bar)))
    }

    fn step(stream: &mut Self::Stream, bar: &Bar) -> Result<f64, RetCode> {
        Ok(A::value(A::Of::step(stream, bar)?, bar))
    }
}

/// Arithmetic on the values of two indicators.
pub(crate) trait Combination: Send + Sync + 'static {
    type First: Indicator;
    type Second: Indicator;

    /// Which of the feature's parameters are the first's; the next ones are the second's.
    const FIRST: usize;

    fn value(setting: Setting<'_>, first: f64, second: f64, bar: &Bar) -> f64;
}

fn split<C: Combination>(setting: Setting<'_>) -> (Setting<'_>, Setting<'_>) {
    let (first, second) = setting.parameters.split_at_checked(C::FIRST).unwrap_or_default();
    (Setting { parameters: first, ..setting }, Setting { parameters: second, ..setting })
}

/// The kernel of a combination.
pub(crate) const fn combined<C: Combination>() -> Kernel {
    fn batch<C: Combination>(
        setting: Setting<'_>,
        series: &Series<'_>,
        spare: &mut Spare,
        out: &mut [f64],
    ) -> Result<(), RetCode> {
        let (first, second) = split::<C>(setting);
        let mut seconds = Memory::zeros(series.rows());
        (ta_lib::<C::First>().batch)(first, series, spare, out)?;
        (ta_lib::<C::Second>().batch)(second, series, spare, seconds.as_mut_slice())?;
        for ((cell, second), bar) in
            out.iter_mut().zip(seconds.as_slice()).zip(series.columns.bars(0))
        {
            *cell = finite(C::value(setting, *cell, *second, &bar));
        }
        Ok(())
    }
    Kernel { batch: batch::<C>, stream: |setting| Box::new(Both::<C>::new(setting)) }
}

/// A combination over a stream of bars.
struct Both<C: Combination> {
    parameters: Vec<usize>,
    first: Live<C::First>,
    second: Live<C::Second>,
}

impl<C: Combination> Both<C> {
    fn new(setting: Setting<'_>) -> Self {
        let (first, second) = split::<C>(setting);
        Self {
            parameters: setting.parameters.to_vec(),
            first: Live::new(first),
            second: Live::new(second),
        }
    }
}

impl<C: Combination> Machine for Both<C> {
    fn update(&mut self, bar: &Bar) -> Result<f64, RetCode> {
        let (first, second) = (self.first.next(bar)?, self.second.next(bar)?);
        let setting = Setting { parameters: &self.parameters, span: 0 };
        Ok(C::value(setting, first, second, bar))
    }

    fn fork(&self) -> Box<dyn Machine> {
        let Self { parameters, first, second } = self;
        Box::new(Self {
            parameters: parameters.clone(),
            first: first.clone(),
            second: second.clone(),
        })
    }
}
