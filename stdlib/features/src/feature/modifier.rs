//! What may be done to a feature, written behind its name: `rsi_14__lag_3`.

use std::fmt;

use suho_domain::Timeframe;

use super::SymbolKey;
use crate::family::{Unit, WINDOW_MAX};
use crate::kernel::finite;
use crate::kernel::window::{self, Window};

/// One step behind a name; steps apply from left to right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Modifier {
    /// `lag_n`: the value n bars ago.
    Lag(usize),
    /// `diff_n`: the change over n bars.
    Diff(usize),
    /// `z_n`: standard deviations from the mean of the last n values.
    ZScore(usize),
    /// `rank_n`: share of the other of the last n values that lie below, equal ones by half.
    Rank(usize),
    /// `tf_4h`: what came before of the bars of another timeframe, as of the last closed one.
    Timeframe(Timeframe),
    /// `sym_gbpusd`: what came before of the bars of another symbol, as of the last closed one.
    Symbol(SymbolKey),
}

/// What a modifier can be.
const WORDS: [&str; 6] = ["lag", "diff", "z", "rank", "tf", "sym"];

/// How modifiers are written, for whoever wrote `text`, or wrote it where it cannot stand.
pub(super) fn usage(text: &str) -> &'static str {
    if Modifier::parse(text).is_some() {
        return "a name has one `__tf_`, and behind that one `__sym_`";
    }
    match text.split('_').next().unwrap_or_default() {
        "lag" => "write `__lag_<n>` with n in 1..=1000",
        "diff" => "write `__diff_<n>` with n in 1..=1000",
        "z" => "write `__z_<n>` with n in 2..=1000",
        "rank" => "write `__rank_<n>` with n in 2..=1000",
        "tf" => "write `__tf_<timeframe>`, as `__tf_4h`",
        "sym" => "write `__sym_<symbol>` in small letters and digits, as `__sym_gbpusd`",
        _ => {
            "write `__lag_<n>` or `__diff_<n>` with n in 1..=1000, `__z_<n>` or `__rank_<n>` with n \
             in 2..=1000, or one `__tf_<timeframe>`, as `__tf_4h`, and behind that one \
             `__sym_<symbol>`, as `__sym_gbpusd`"
        }
    }
}

/// The modifier that `text` was meant to be, where that can be seen: `lag_3` of `lagg_3` or `lag3`.
pub(super) fn nearest(text: &str) -> Option<String> {
    let letters = text.find(|letter: char| !letter.is_alphabetic())?;
    let (word, rest) = text.split_at_checked(letters)?;
    let (word, rest) = (word.to_lowercase(), rest.trim_start_matches('_'));
    // One edit in a word of three letters or more; a single letter is one from every other.
    let is_near = |known: &&str| {
        word == **known || word.len() > 2 && strsim::damerau_levenshtein(&word, known) <= 1
    };
    let known = WORDS.into_iter().find(is_near)?;
    let rest = match known {
        "tf" => timeframe_near(rest)?.to_string(),
        "sym" => SymbolKey::of(rest)?.to_string(),
        _ => rest.to_owned(),
    };
    let modifier = format!("{known}_{rest}");
    (modifier != text && Modifier::parse(&modifier).is_some()).then_some(modifier)
}

/// The timeframe written another way (`240m`), or so many hours, minutes or days of a wrong unit.
fn timeframe_near(text: &str) -> Option<Timeframe> {
    let small = text.to_lowercase();
    let digits = small.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let units = ["h", "m", "d"].map(|unit| format!("{digits}{unit}"));
    std::iter::once(small.clone()).chain(units).find_map(|text| text.parse().ok())
}

impl Modifier {
    /// The modifier written `text`, without its underscores.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (word, number) = text.split_once('_')?;
        if word == "tf" {
            let timeframe: Timeframe = number.parse().ok()?;
            // One spelling a timeframe: `4h`, not `240m`.
            return (timeframe.to_string() == number).then_some(Self::Timeframe(timeframe));
        }
        if word == "sym" {
            return SymbolKey::parse(number).map(Self::Symbol);
        }
        let (make, min): (fn(usize) -> Self, _) = match word {
            "lag" => (Self::Lag, 1),
            "diff" => (Self::Diff, 1),
            "z" => (Self::ZScore, 2),
            "rank" => (Self::Rank, 2),
            _ => return None,
        };
        let bars = super::name::whole_number(number)?;
        (min..=WINDOW_MAX).contains(&bars).then(|| make(bars))
    }

    pub(super) const fn timeframe(&self) -> Option<Timeframe> {
        match self {
            Self::Timeframe(timeframe) => Some(*timeframe),
            _ => None,
        }
    }

    pub(super) const fn symbol(&self) -> Option<SymbolKey> {
        match self {
            Self::Symbol(symbol) => Some(*symbol),
            _ => None,
        }
    }

    /// By how many bars it delays the first value.
    pub(super) const fn lookback(&self) -> usize {
        match self {
            Self::Lag(bars) | Self::Diff(bars) => *bars,
            Self::ZScore(bars) | Self::Rank(bars) => *bars - 1,
            Self::Timeframe(_) | Self::Symbol(_) => 0,
        }
    }

    /// The formula and its edge rules for the digest.
    pub(super) const fn formula(&self) -> &'static str {
        match self {
            Self::Lag(_) => "lag",
            Self::Diff(_) => "diff",
            Self::ZScore(_) => "z ddof=0 flat=0",
            Self::Rank(_) => "rank others ties=half",
            Self::Timeframe(_) => "timeframe utc-aligned last-closed whole",
            Self::Symbol(_) => "symbol as-of last-closed",
        }
    }

    /// What it does, for people.
    pub(crate) fn meaning(&self) -> String {
        match self {
            Self::Lag(bars) => format!("the value {bars} bars ago"),
            Self::Diff(bars) => format!("the change over {bars} bars"),
            Self::ZScore(bars) => {
                format!("standard deviations from the mean of the last {bars} values")
            }
            Self::Rank(bars) => {
                format!("share of the other of the last {bars} values that lie below")
            }
            Self::Timeframe(timeframe) => {
                format!("of bars of {timeframe} from midnight UTC, as of the last closed one")
            }
            Self::Symbol(symbol) => format!("of the bars of {symbol}, as of the last closed one"),
        }
    }

    /// What it makes of a unit and of a range.
    pub(crate) const fn scale(self, unit: Unit, range: (f64, f64)) -> (Unit, (f64, f64)) {
        let (low, high) = range;
        match self {
            Self::Lag(_) | Self::Timeframe(_) | Self::Symbol(_) => (unit, range),
            Self::Diff(_) => {
                let unit = if matches!(unit, Unit::Price) { Unit::PriceDifference } else { unit };
                (unit, (low - high, high - low))
            }
            Self::ZScore(_) => (Unit::Deviations, (f64::NEG_INFINITY, f64::INFINITY)),
            Self::Rank(_) => (Unit::Ratio, (0.0, 1.0)),
        }
    }

    /// What carries it out; none for a change of timeframe or symbol.
    pub(crate) fn transform(self) -> Option<Transform> {
        let length = match self {
            Self::Lag(bars) | Self::Diff(bars) => bars + 1,
            Self::ZScore(bars) | Self::Rank(bars) => bars,
            Self::Timeframe(_) | Self::Symbol(_) => return None,
        };
        Some(Transform { modifier: self, window: Window::new(length) })
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lag(bars) => write!(f, "lag_{bars}"),
            Self::Diff(bars) => write!(f, "diff_{bars}"),
            Self::ZScore(bars) => write!(f, "z_{bars}"),
            Self::Rank(bars) => write!(f, "rank_{bars}"),
            Self::Timeframe(timeframe) => write!(f, "tf_{timeframe}"),
            Self::Symbol(symbol) => write!(f, "sym_{symbol}"),
        }
    }
}

/// A modifier over a stream of values.
#[derive(Clone, Debug)]
pub(crate) struct Transform {
    modifier: Modifier,
    window: Window,
}

impl Transform {
    /// The modified value; NaN until the window is full, and while it misses what it needs.
    pub(crate) fn next(&mut self, value: f64) -> f64 {
        let Some(values) = self.window.push(value) else { return f64::NAN };
        let oldest = values.first().copied().unwrap_or(f64::NAN);
        finite(match self.modifier {
            Modifier::Lag(_) => oldest,
            Modifier::Diff(_) => value - oldest,
            Modifier::ZScore(_) => window::z_score(values),
            Modifier::Rank(_) => window::rank(values),
            Modifier::Timeframe(_) | Modifier::Symbol(_) => value,
        })
    }
}
