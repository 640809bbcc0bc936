//! `cargo bench -p suho-stats`: CPU time of what runs on large samples, as a table.
//!
//! One thread, median of five after one run to warm up. `cargo bench -p suho-stats | python
//! stdlib/stats/benches/peer.py` adds scipy and scikit-learn on the same inputs, and the ratio.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::expect_used, reason = "a bench that cannot run should say where")]

use std::fs;
use std::hint::black_box;
use std::num::{NonZeroU32, NonZeroUsize};
use suho_stats::{
    BlockLength, KsMethod, Probabilities, Reference, Sample, Scoring, Stream, classify,
    ks_two_sample, wasserstein,
};

const RUNS: usize = 5;
/// The clock of a process moves in ticks of up to 4 ms.
const SEEN_MS: f64 = 80.0;

fn main() {
    println!("{:32} {:>10}", "what", "CPU ms");
    for (size, name) in [
        (100, "ks 100 v 100"),
        (1_000, "ks 1 000 v 1 000"),
        (10_000, "ks 10 000 v 10 000"),
        (100_000, "ks 100 000 v 100 000"),
        (1_000_000, "ks 1 000 000 v 1 000 000"),
    ] {
        let (train, live) = (normals(35, size), normals(36, size));
        report(name, || ks_two_sample(&train, &live).expect("finite"));
    }
    let (train, live) = (normals(23, 9_973), normals(24, 9_967));
    report("ks 9 973 v 9 967 exact", || ks_two_sample(&train, &live).expect("finite"));
    let features: Vec<_> =
        (0..50).map(|feature| (normals(feature, 15_000), normals(feature + 50, 50_000))).collect();
    report("ks 50 features 15 000 v 50 000", || {
        let of = |(train, live): &(Vec<f64>, Vec<f64>)| ks_two_sample(train, live).expect("finite");
        features.iter().map(of).collect::<Vec<_>>()
    });
    let train: Vec<_> =
        features.iter().map(|(train, _)| Sample::new(train).expect("finite")).collect();
    report("the same, training data sorted", || {
        let of = |(train, (_, live)): (&Sample, &(Vec<f64>, Vec<f64>))| {
            train.ks(&Sample::new(live).expect("finite"), KsMethod::Asymptotic)
        };
        train.iter().zip(&features).map(of).collect::<Vec<_>>()
    });
    let (rows, labels) = synth(1_000_000);
    let block = BlockLength::of_horizon(NonZeroU32::MIN.saturating_add(3));
    report("classification 1 000 000 x 3", || {
        let rows = Probabilities::new(&rows, 3).expect("probabilities");
        classify(&rows, &labels, Scoring { flat: Some(1), block }).expect("labels")
    });
    let (train, live) = (normals(35, 1_000_000), normals(36, 1_000_000));
    report("wasserstein 1 000 000 v 1 000 000", || {
        wasserstein(&Sample::new(&train).expect("finite"), &Sample::new(&live).expect("finite"))
    });
    let train = normals(37, 15_000);
    let window = NonZeroUsize::MIN.saturating_add(119);
    report("drift null 15 000, windows of 120", || {
        Reference::new(&train).expect("finite").null(window)
    });
}

/// Prints the median CPU time of `work`, done as often as it takes to be seen.
fn report<T>(name: &str, work: impl Fn() -> T) {
    let spent = |times: u32| {
        let before = cpu_ms();
        for _ in 0..times {
            drop(black_box(work()));
        }
        cpu_ms() - before
    };
    let mut repeats = 1;
    while spent(repeats) < SEEN_MS {
        repeats *= 2;
    }
    let mut times: Vec<f64> = (0..RUNS).map(|_| spent(repeats) / f64::from(repeats)).collect();
    times.sort_by(f64::total_cmp);
    println!("{name:32} {:10.3}", times.get(RUNS / 2).copied().unwrap_or_default());
}

/// Time this process has spent on a CPU, in milliseconds, to the nanosecond.
fn cpu_ms() -> f64 {
    let line = fs::read_to_string("/proc/self/schedstat").expect("Linux");
    let nanoseconds: f64 =
        line.split(' ').next().and_then(|first| first.parse().ok()).expect("three numbers");
    nanoseconds / 1e6
}

fn normals(seed: u64, count: usize) -> Vec<f64> {
    let mut stream = Stream::new(seed);
    (0..count).map(|_| stream.normal()).collect()
}

/// Probabilities of three classes and labels that they have something to do with: `synth(130, n)`
/// of `tests/golden/generate.py`.
fn synth(count: usize) -> (Vec<f64>, Vec<usize>) {
    let (mut labels, mut values, mut lifts) =
        (Stream::new(130), Stream::new(131), Stream::new(132));
    let mut rows = Vec::with_capacity(3 * count);
    let mut truths = Vec::with_capacity(count);
    for _ in 0..count {
        let draw = labels.uniform() * 3.0;
        let label = usize::from(draw >= 1.0) + usize::from(draw >= 2.0);
        let mut row = [values.uniform(), values.uniform(), values.uniform()];
        if let Some(value) = row.get_mut(label) {
            *value += 0.5 * lifts.uniform();
        }
        let sum: f64 = row.iter().sum();
        rows.extend(row.map(|value| value / sum));
        truths.push(label);
    }
    (rows, truths)
}
