//! Nothing looks ahead: whatever the bars after a bar are, everything up to it is the same. The first
//! trials of many; `cargo run --release -p suho-steps --example look_ahead` makes ten thousand.

#[path = "look_ahead/trial.rs"]
mod trial;

const TRIALS: u64 = 60;

#[test]
fn another_future_changes_no_feature_label_split_or_trade_before_it() {
    let features = trial::catalogue().unwrap();
    for seed in 0..TRIALS {
        let changed = trial::changed(seed, &features).unwrap();
        assert!(changed.is_empty(), "seed {seed}: {}", changed.join(", "));
    }
}
