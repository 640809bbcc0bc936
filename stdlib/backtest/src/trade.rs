//! One position from its opening to its end.

/// The side of a position.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Side {
    /// Bought: earns when prices rise.
    Long,
    /// Sold: earns when prices fall.
    Short,
}

impl Side {
    /// 1 for long, -1 for short.
    pub const fn sign(self) -> f64 {
        match self {
            Self::Long => 1.0,
            Self::Short => -1.0,
        }
    }
}

/// How a position ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// It had been held for the horizon and the signal did not renew it.
    Horizon,
    /// The signal changed.
    Signal,
    /// A bar reached its stop.
    StopLoss,
    /// A bar reached its target.
    TakeProfit,
    /// Equity was used up: closed at the close of that bar.
    Ruin,
    /// It has not: the bars ran out. Marked at the last close; not among the closed trades.
    StillOpen,
}

/// One position. Money is in the quote currency; the starting equity's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trade {
    /// Its side.
    pub side: Side,
    /// Units of the base currency, positive.
    pub units: f64,
    /// Index of the bar at whose open it was filled.
    pub entry_bar: usize,
    /// Price of the fill, costs included.
    pub entry_price: f64,
    /// Index of the bar at whose open, or inside which, it was closed, or at whose close it was last
    /// marked.
    pub exit_bar: usize,
    /// Price of that fill, or mark.
    pub exit_price: f64,
    /// What it made after all costs.
    pub profit: f64,
    /// What it cost: half spreads, slippage, commissions and swaps.
    pub costs: f64,
    /// How it ended.
    pub ending: Ending,
}

impl Trade {
    /// Whether it was closed by a fill or by ruin.
    pub const fn is_closed(&self) -> bool {
        !matches!(self.ending, Ending::StillOpen)
    }
}
