//! Our own indicators: one step from bar to bar, which a batch repeats.

use ::ta_lib::RetCode;

use super::{Kernel, Machine, Setting, finite};
use crate::series::{Bar, Columns};

/// An indicator as a state and a step.
pub(crate) trait Step: Clone + Send + Sync + 'static {
    /// The state before the first bar.
    fn new(setting: Setting<'_>) -> Self;

    /// The value after `bar`; NaN where there is none.
    fn next(&mut self, bar: &Bar) -> f64;

    /// The values after each bar of a whole history, into `out`: those of [`next`](Self::next) to
    /// the bit, for steps that have a quicker way to many.
    fn all(mut self, columns: &Columns<'_>, out: &mut [f64]) {
        for (cell, bar) in out.iter_mut().zip(columns.bars(0)) {
            *cell = finite(self.next(&bar));
        }
    }
}

/// The kernel of an indicator that does not read the time.
pub(crate) const fn own<S: Step>() -> Kernel {
    Kernel {
        batch: |setting, series, _, out| {
            S::new(setting).all(&series.columns, out);
            Ok(())
        },
        stream: |setting| Box::new(Stepping(S::new(setting))),
    }
}

/// The kernel of an indicator that reads the time.
pub(crate) const fn timed<S: Step>() -> Kernel {
    Kernel {
        batch: |setting, series, _, out| {
            let mut step = S::new(setting);
            let bars = series.columns.bars(0).zip(series.time);
            for (cell, (bar, &time)) in out.iter_mut().zip(bars) {
                *cell = finite(step.next(&Bar { time, ..bar }));
            }
            Ok(())
        },
        stream: |setting| Box::new(Stepping(S::new(setting))),
    }
}

/// A step as a machine.
struct Stepping<S>(S);

impl<S: Step> Machine for Stepping<S> {
    fn update(&mut self, bar: &Bar) -> Result<f64, RetCode> {
        Ok(self.0.next(bar))
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(Self(self.0.clone()))
    }
}

/// The kernel of a value that depends on one bar alone: `of_bar!(|bar| bar.close)`.
macro_rules! of_bar {
    (|$bar:ident| $value:expr) => {{
        #[derive(Clone)]
        struct OfBar;
        impl $crate::kernel::own::Step for OfBar {
            fn new(_: $crate::kernel::Setting<'_>) -> Self {
                Self
            }
            fn next(&mut self, $bar: &$crate::series::Bar) -> f64 {
                $value
            }
        }
        $crate::kernel::own::own::<OfBar>()
    }};
}
pub(crate) use of_bar;
