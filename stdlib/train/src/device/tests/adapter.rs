//! The arithmetic on whatever adapter this machine has, software included: `tests/services/gpu.sh`.
//!
//! Small shapes alone: software compiles every kernel anew for every shape and is slow at both. What a
//! large product does on a real GPU, and how fast, is not seen here.

use super::*;
use crate::fit::tests::{fitting, run_on, samples};
use crate::graph::tests::torch;

fn adapter() -> Device {
    let opened =
        gpu::open().expect("an adapter; software will do: apt-get install mesa-vulkan-drivers");
    let device = opened.device;
    eprintln!("on {}", device.identity());
    device
}

#[test]
fn software_is_no_gpu() {
    let opened = gpu::open().expect("an adapter");
    let (is_software, name) = (opened.is_software, opened.device.identity().name.clone());
    match Device::gpu() {
        Ok(device) => assert!(!is_software, "{:?}", device.identity()),
        Err(error) => {
            assert!(is_software);
            assert_eq!(error, NoGpu::Software { name });
        }
    }
}

#[test]
fn every_layer_answers_and_differentiates_as_pytorch() {
    torch::agree(&adapter());
}

#[test]
fn every_layer_steps_as_pytorch() {
    torch::step_alike(&adapter());
}

/// Class R1 asks for losses within 1 % on rerun; so short a fit stays far closer to the processor's.
#[test]
fn a_short_training_learns_what_the_processor_learns() {
    let (train, validation) = (samples(192, 1), samples(64, 2));
    let fitting = fitting();
    let ours = run_on(&Device::cpu(), &train, &validation, &fitting).unwrap();
    let theirs = run_on(&adapter(), &train, &validation, &fitting).unwrap();
    let losses = |fitted: &crate::fit::Fitted| {
        fitted.history.iter().map(|epoch| epoch.train_loss).collect::<Vec<_>>()
    };
    let (ours, on_gpu) = (losses(&ours), losses(&theirs));
    eprintln!("losses: {ours:?} on the processor, {on_gpu:?} here");
    assert!(on_gpu.last() < on_gpu.first(), "{on_gpu:?}");
    for (ours, theirs) in ours.iter().zip(&on_gpu) {
        assert!((ours - theirs).abs() < 1e-3 * ours, "{theirs} instead of {ours}");
    }
    assert_eq!(theirs.device.repeats, Repeats::Statistically);
    assert!(theirs.deviation.is_some_and(|off| off < DEVIATION_MAX));
}
