//! A delay that is the same for a schedule every time, and different from schedule to schedule.

use chrono::TimeDelta;

/// How long after each of its ticks the schedule `id` begins: whole seconds in `0..max`, zero when
/// `max` is a second or less.
///
/// It depends on the schedule alone and not on the tick. So a hundred pipelines of one minute are
/// spread, and the ticks of each keep their order and their distance. Published numbers: a new
/// version of suho must not move anybody's start.
///
/// Source: FNV-1a over the bytes of `id`, finished as in `SplitMix64`, whose upper bits are scaled.
pub fn jitter(id: &str, max: TimeDelta) -> TimeDelta {
    let Ok(seconds) = u64::try_from(max.num_seconds()) else { return TimeDelta::zero() };
    let scaled = (u128::from(mix(fnv_1a(id.as_bytes()))) * u128::from(seconds)) >> u64::BITS;
    i64::try_from(scaled).ok().and_then(TimeDelta::try_seconds).unwrap_or_default()
}

fn fnv_1a(bytes: &[u8]) -> u64 {
    /// The offset basis and the prime of the 64-bit variant.
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.iter().fold(BASIS, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// FNV leaves the upper bits of short texts alike; this spreads every bit over all.
const fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests;
