use super::*;
use crate::golden::assert_near;

fn count(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

#[test]
fn an_error_of_games_is_binomial_and_never_zero() {
    let rate = Rate::of_games(500, count(1_000));
    assert_near("share", rate.share, 0.5, 0.0, 0.0);
    assert_near("error", rate.error, (0.25_f64 / 1_000.0).sqrt(), 1e-12, 0.0);
    let never = Rate::of_games(0, count(1_000));
    assert!(never.share <= 0.0 && never.error > 0.0);
}

#[test]
fn days_of_one_game_are_one_observation() {
    let rate = Rate::of_days(&[0, 10, 0, 10], count(10));
    assert_near("share", rate.share, 0.5, 0.0, 0.0);
    assert_near("error", rate.error, (1.0_f64 / 3.0 / 4.0).sqrt(), 1e-12, 0.0);
    assert!(Rate::of_days(&[0, 0], count(10)).error > 0.0);
}
