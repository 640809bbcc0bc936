//! TA-Lib's indicators, one line each: its stream, its functions, the columns and the parameters.

use ::ta_lib::{Core, MAType, OutRange, RetCode};

use super::ta_lib::{Arithmetic, Combination, Indicator, Numbers, over_all};
use super::{Setting, Spare};
use crate::series::{Bar, Columns};

/// Bollinger's bands lie about a simple mean.
const SIMPLE: MAType = MAType::SMA;
/// PPO is of exponential means; the default differs between TA-Lib's versions.
const EXPONENTIAL: MAType = MAType::EMA;

/// An indicator of one output.
macro_rules! one {
    ($name:ident: $stream:ident, $batch:ident, $lookback:ident, $open:ident
     ($($column:ident),+; $numbers:ident => $($option:expr),*)) => {
        #[derive(Clone)]
        pub(crate) struct $name(Numbers);
        impl Indicator for $name {
            type Stream = ::ta_lib::$stream;
            fn new(setting: Setting<'_>) -> Self {
                Self(Numbers::of(setting))
            }
            fn lookback(&self) -> Result<usize, RetCode> {
                let $numbers = self.0;
                Core::new().$lookback($($option),*)
            }
            fn batch(
                &self,
                columns: &Columns<'_>,
                _: &mut Spare,
                out: &mut [f64],
            ) -> Result<OutRange, RetCode> {
                let $numbers = self.0;
                over_all(columns, |last| {
                    Core::new().$batch(0, last, $(columns.$column,)+ $($option,)* out)
                })
            }
            fn open(
                &self,
                history: &Columns<'_>,
                _: &Bar,
            ) -> Result<(Self::Stream, f64), RetCode> {
                let $numbers = self.0;
                Core::new().$open($(history.$column,)+ $($option),*)
            }
            fn step(stream: &mut Self::Stream, bar: &Bar) -> Result<f64, RetCode> {
                stream.update($(bar.$column),+)
            }
        }
    };
}

/// Two outputs, of which `OUTPUT` counts.
macro_rules! two {
    ($name:ident: $stream:ident, $batch:ident, $lookback:ident, $open:ident
     ($($column:ident),+; $numbers:ident => $($option:expr),*)) => {
        #[derive(Clone)]
        pub(crate) struct $name<const OUTPUT: usize>(Numbers);
        impl<const OUTPUT: usize> $name<OUTPUT> {
            const fn pick((first, second): (f64, f64)) -> f64 {
                if OUTPUT == 0 { first } else { second }
            }
        }
        impl<const OUTPUT: usize> Indicator for $name<OUTPUT> {
            type Stream = ::ta_lib::$stream;
            fn new(setting: Setting<'_>) -> Self {
                Self(Numbers::of(setting))
            }
            fn lookback(&self) -> Result<usize, RetCode> {
                let $numbers = self.0;
                Core::new().$lookback($($option),*)
            }
            fn batch(
                &self,
                columns: &Columns<'_>,
                spare: &mut Spare,
                out: &mut [f64],
            ) -> Result<OutRange, RetCode> {
                let $numbers = self.0;
                let [other, _] = spare.columns(columns.close.len());
                let (first, second) = if OUTPUT == 0 { (out, other) } else { (other, out) };
                over_all(columns, |last| {
                    Core::new().$batch(0, last, $(columns.$column,)+ $($option,)* first, second)
                })
            }
            fn open(
                &self,
                history: &Columns<'_>,
                _: &Bar,
            ) -> Result<(Self::Stream, f64), RetCode> {
                let $numbers = self.0;
                let (stream, outputs) = Core::new().$open($(history.$column,)+ $($option),*)?;
                Ok((stream, Self::pick(outputs)))
            }
            fn step(stream: &mut Self::Stream, bar: &Bar) -> Result<f64, RetCode> {
                Ok(Self::pick(stream.update($(bar.$column),+)?))
            }
        }
    };
}

one!(Sma: SmaStream, sma, sma_lookback, sma_open(close; n => n.int(0)));
one!(VolumeSma: SmaStream, sma, sma_lookback, sma_open(volume; n => n.int(0)));
one!(Ema: EmaStream, ema, ema_lookback, ema_open(close; n => n.int(0)));
one!(Wma: WmaStream, wma, wma_lookback, wma_open(close; n => n.int(0)));
one!(Dema: DemaStream, dema, dema_lookback, dema_open(close; n => n.int(0)));
one!(Tema: TemaStream, tema, tema_lookback, tema_open(close; n => n.int(0)));
one!(Kama: KamaStream, kama, kama_lookback, kama_open(close; n => n.int(0)));
one!(Sar: SarStream, sar, sar_lookback, sar_open(
    high, low; n => n.hundredths(0), n.hundredths(1)
));
one!(Ppo: PpoStream, ppo, ppo_lookback, ppo_open(close; n => n.int(0), n.int(1), EXPONENTIAL));
one!(Mom: MomStream, mom, mom_lookback, mom_open(close; n => n.int(0)));
one!(Roc: RocStream, roc, roc_lookback, roc_open(close; n => n.int(0)));
one!(Cmo: CmoStream, cmo, cmo_lookback, cmo_open(close; n => n.int(0)));
one!(Willr: WillrStream, willr, willr_lookback, willr_open(high, low, close; n => n.int(0)));
one!(Cci: CciStream, cci, cci_lookback, cci_open(high, low, close; n => n.int(0)));
one!(Trix: TrixStream, trix, trix_lookback, trix_open(close; n => n.int(0)));
one!(Bop: BopStream, bop, bop_lookback, bop_open(open, high, low, close; _n =>));
one!(Aroonosc: AroonoscStream, aroonosc, aroonosc_lookback, aroonosc_open(
    high, low; n => n.int(0)
));
one!(Adx: AdxStream, adx, adx_lookback, adx_open(high, low, close; n => n.int(0)));
one!(Adxr: AdxrStream, adxr, adxr_lookback, adxr_open(high, low, close; n => n.int(0)));
one!(PlusDi: PlusDiStream, plus_di, plus_di_lookback, plus_di_open(
    high, low, close; n => n.int(0)
));
one!(MinusDi: MinusDiStream, minus_di, minus_di_lookback, minus_di_open(
    high, low, close; n => n.int(0)
));
one!(Dx: DxStream, dx, dx_lookback, dx_open(high, low, close; n => n.int(0)));
one!(TrueRange: TrangeStream, trange, trange_lookback, trange_open(high, low, close; _n =>));
one!(Atr: AtrStream, atr, atr_lookback, atr_open(high, low, close; n => n.int(0)));
one!(Natr: NatrStream, natr, natr_lookback, natr_open(high, low, close; n => n.int(0)));
one!(Stddev: StddevStream, stddev, stddev_lookback, stddev_open(close; n => n.int(0), 1.0));
one!(Adosc: AdoscStream, adosc, adosc_lookback, adosc_open(
    high, low, close, volume; n => n.int(0), n.int(1)
));
one!(Mfi: MfiStream, mfi, mfi_lookback, mfi_open(high, low, close, volume; n => n.int(0)));
one!(Slope: LinearregSlopeStream, linearreg_slope, linearreg_slope_lookback, linearreg_slope_open(
    close; n => n.int(0)
));
one!(Angle: LinearregAngleStream, linearreg_angle, linearreg_angle_lookback, linearreg_angle_open(
    close; n => n.int(0)
));
one!(Typical: TyppriceStream, typprice, typprice_lookback, typprice_open(high, low, close; _n =>));
one!(Median: MedpriceStream, medprice, medprice_lookback, medprice_open(high, low; _n =>));
one!(Weighted: WclpriceStream, wclprice, wclprice_lookback, wclprice_open(
    high, low, close; _n =>
));

// 0 is down, 1 is up.
two!(Aroon: AroonStream, aroon, aroon_lookback, aroon_open(high, low; n => n.int(0)));

/// Line, signal and histogram, of which `OUTPUT` counts.
#[derive(Clone)]
pub(crate) struct Macd<const OUTPUT: usize>(Numbers);

impl<const OUTPUT: usize> Macd<OUTPUT> {
    const fn pick((line, signal, histogram): (f64, f64, f64)) -> f64 {
        match OUTPUT {
            0 => line,
            1 => signal,
            _ => histogram,
        }
    }
}

impl<const OUTPUT: usize> Indicator for Macd<OUTPUT> {
    type Stream = ::ta_lib::MacdStream;

    fn new(setting: Setting<'_>) -> Self {
        Self(Numbers::of(setting))
    }

    fn lookback(&self) -> Result<usize, RetCode> {
        Core::new().macd_lookback(self.0.int(0), self.0.int(1), self.0.int(2))
    }

    fn batch(
        &self,
        columns: &Columns<'_>,
        spare: &mut Spare,
        out: &mut [f64],
    ) -> Result<OutRange, RetCode> {
        let [a, b] = spare.columns(columns.close.len());
        let (line, signal, histogram) = match OUTPUT {
            0 => (out, a, b),
            1 => (a, out, b),
            _ => (a, b, out),
        };
        let (fast, slow, smooth) = (self.0.int(0), self.0.int(1), self.0.int(2));
        over_all(columns, |last| {
            Core::new().macd(0, last, columns.close, fast, slow, smooth, line, signal, histogram)
        })
    }

    fn open(&self, history: &Columns<'_>, _: &Bar) -> Result<(Self::Stream, f64), RetCode> {
        let (fast, slow, smooth) = (self.0.int(0), self.0.int(1), self.0.int(2));
        let (stream, outputs) = Core::new().macd_open(history.close, fast, slow, smooth)?;
        Ok((stream, Self::pick(outputs)))
    }

    fn step(stream: &mut Self::Stream, bar: &Bar) -> Result<f64, RetCode> {
        Ok(Self::pick(stream.update(bar.close)?))
    }
}

/// What is made of the Bollinger bands.
pub(crate) trait OfBands: Clone + Send + Sync + 'static {
    fn value(upper: f64, middle: f64, lower: f64, close: f64) -> f64;
}

/// A number of the Bollinger bands.
#[derive(Clone)]
pub(crate) struct Bands<B>(Numbers, std::marker::PhantomData<B>);

impl<B: OfBands> Indicator for Bands<B> {
    type Stream = ::ta_lib::BbandsStream;

    fn new(setting: Setting<'_>) -> Self {
        Self(Numbers::of(setting), std::marker::PhantomData)
    }

    fn lookback(&self) -> Result<usize, RetCode> {
        let (n, width) = (self.0.int(0), self.0.real(1));
        Core::new().bbands_lookback(n, width, width, SIMPLE)
    }

    fn batch(
        &self,
        columns: &Columns<'_>,
        spare: &mut Spare,
        out: &mut [f64],
    ) -> Result<OutRange, RetCode> {
        let (n, width) = (self.0.int(0), self.0.real(1));
        let [upper, middle] = spare.columns(columns.close.len());
        let range = over_all(columns, |last| {
            let (close, core) = (columns.close, Core::new());
            core.bbands(0, last, close, n, width, width, SIMPLE, upper, middle, out)
        })?;
        let closes = columns.close.iter().skip(range.beg_idx);
        for (((lower, upper), middle), close) in out.iter_mut().zip(upper).zip(middle).zip(closes) {
            *lower = B::value(*upper, *middle, *lower, *close);
        }
        Ok(range)
    }

    fn open(&self, history: &Columns<'_>, bar: &Bar) -> Result<(Self::Stream, f64), RetCode> {
        let (n, width) = (self.0.int(0), self.0.real(1));
        let (stream, bands) = Core::new().bbands_open(history.close, n, width, width, SIMPLE)?;
        let (upper, middle, lower) = bands;
        Ok((stream, B::value(upper, middle, lower, bar.close)))
    }

    fn step(stream: &mut Self::Stream, bar: &Bar) -> Result<f64, RetCode> {
        let (upper, middle, lower) = stream.update(bar.close)?;
        Ok(B::value(upper, middle, lower, bar.close))
    }
}

macro_rules! of_bands {
    ($name:ident, |$upper:ident, $middle:ident, $lower:ident, $close:ident| $value:expr) => {
        #[derive(Clone)]
        pub(crate) struct $name;
        impl OfBands for $name {
            fn value($upper: f64, $middle: f64, $lower: f64, $close: f64) -> f64 {
                $value
            }
        }
    };
}

of_bands!(Upper, |upper, _middle, _lower, _close| upper);
of_bands!(Lower, |_upper, _middle, lower, _close| lower);
of_bands!(Width, |upper, middle, lower, _close| (upper - lower) / middle);
of_bands!(PercentB, |upper, _middle, lower, close| {
    let width = upper - lower;
    if width > 0.0 { (close - lower) / width } else { 0.5 }
});

macro_rules! derived {
    ($name:ident of $indicator:ident, |$of:ident, $bar:ident| $value:expr) => {
        #[derive(Clone)]
        pub(crate) struct $name;
        impl Arithmetic for $name {
            type Of = $indicator;
            fn value($of: f64, $bar: &Bar) -> f64 {
                $value
            }
        }
    };
}

derived!(CloseToSma of Sma, |mean, bar| bar.close / mean - 1.0);
derived!(CloseToEma of Ema, |mean, bar| bar.close / mean - 1.0);
derived!(VolumeRatio of VolumeSma, |mean, bar| if mean > 0.0 { bar.volume / mean } else { 1.0 });

/// `SMA(fast)/SMA(slow) − 1`.
pub(crate) struct SmaCross;

impl Combination for SmaCross {
    type First = Sma;
    type Second = Sma;
    const FIRST: usize = 1;

    fn value(_: Setting<'_>, fast: f64, slow: f64, _: &Bar) -> f64 {
        fast / slow - 1.0
    }
}

/// Place of the close in `EMA(n) ± width·ATR(m)`.
pub(crate) struct Keltner;

impl Combination for Keltner {
    type First = Ema;
    type Second = Atr;
    const FIRST: usize = 1;

    fn value(setting: Setting<'_>, mean: f64, range: f64, bar: &Bar) -> f64 {
        let half = setting.real(2) * range;
        if half > 0.0 { (bar.close - (mean - half)) / (2.0 * half) } else { 0.5 }
    }
}
