//! Chance from a seed: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
//! generators", 2014). The same seed gives the same storm on every machine.

use std::cell::Cell;
use suho_domain::Duration;

/// Out of how many a chance is given.
pub(crate) const MILLION: u32 = 1_000_000;

/// A stream of chance.
#[derive(Debug)]
pub(crate) struct Chance(Cell<u64>);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    pub(crate) fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        mixed(state)
    }

    /// One of `0..bound`; 0 where there is nothing to choose from.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// One of `0..bound`, as a place.
    pub(crate) fn place(&self, bound: usize) -> usize {
        usize::try_from(self.below(u64::try_from(bound).unwrap_or(0))).unwrap_or(0)
    }

    /// Whether something happens that happens so many times in a million.
    pub(crate) fn hits(&self, in_a_million: u32) -> bool {
        in_a_million > 0 && self.below(MILLION.into()) < in_a_million.into()
    }

    /// A span from `least` to `most`.
    pub(crate) fn span(&self, least: Duration, most: Duration) -> Duration {
        let room = u64::try_from(most.minus(least).micros()).unwrap_or(0);
        let drawn = i64::try_from(self.below(room.saturating_add(1))).unwrap_or(0);
        least.plus(Duration::from_micros(drawn))
    }
}

/// The finaliser of SplitMix64: every bit depends on each.
pub(crate) const fn mixed(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number that hangs on `seed` and `text` alone: what a thing is like, whoever asks and when.
pub(crate) fn fate(seed: u64, text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mixed(hash ^ mixed(seed))
}
