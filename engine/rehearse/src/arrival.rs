//! Who asks when: drawn from a seed, minute by minute.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};
use suho_domain::{Duration, Instant};

/// A request that arrives.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Arrival {
    /// When, inside its minute.
    pub(crate) time: Instant,
    /// Which user asks, from zero.
    pub(crate) unit: u32,
}

/// The stream of requests of one rehearsal. A minute's are a function of the seed and that minute
/// alone, so a replay that is taken up in the middle draws the same.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    seed: String,
    units: u32,
    requests_per_minute: u32,
}

impl Arrivals {
    /// `seeds`: what the stream hangs on, in order.
    pub(crate) fn new(seeds: [&str; 2], units: u32, requests_per_minute: u32) -> Self {
        Self { seed: seeds.join("\0"), units, requests_per_minute }
    }

    /// The requests of the minute that begins at `minute`, in order of time.
    ///
    /// Twice `requests_per_minute` coins are tossed, and each that lands well is a request: their
    /// number is binomial with that mean. Whole numbers only, so every machine draws the same.
    pub(crate) fn in_minute(&self, minute: Instant) -> Vec<Arrival> {
        let mut random = self.random(minute);
        let mut arrivals = Vec::new();
        for _ in 0..self.requests_per_minute.saturating_mul(2) {
            let (coin, when, who) = (random.next_u32(), random.next_u32(), random.next_u32());
            if coin & 1 == 1 {
                let minute_micros = u32::try_from(Duration::MINUTE.micros()).unwrap_or(u32::MAX);
                let offset = Duration::from_micros(i64::from(below(when, minute_micros)));
                arrivals.push(Arrival { time: minute.plus(offset), unit: below(who, self.units) });
            }
        }
        arrivals.sort_unstable();
        arrivals
    }

    fn random(&self, minute: Instant) -> ChaCha8Rng {
        let mut key = Sha256::new();
        key.update(self.seed.as_bytes());
        key.update([0]);
        key.update(minute.micros().to_be_bytes());
        ChaCha8Rng::from_seed(key.finalize().into())
    }
}

/// `word` brought below `end`, evenly but for one part in 2³² / `end`.
fn below(word: u32, end: u32) -> u32 {
    let scaled = (u64::from(word) * u64::from(end)) >> 32;
    u32::try_from(scaled).unwrap_or_default()
}

#[cfg(test)]
mod tests;
