//! What needs no GPU; with the feature `gpu`, what any adapter does, software included.

#[cfg(feature = "gpu")]
mod adapter;

use super::*;
use suho_domain::Fault;

/// The processor, recurrent layers unrolled as on a GPU.
pub(crate) fn unrolled() -> Device {
    let cpu = Device::cpu();
    let identity = Identity { backend: "flex, unrolled".to_owned(), ..cpu.identity.clone() };
    Device { form: Form::Unrolled, identity, ..cpu }
}

#[test]
fn the_processor_says_who_it_is() {
    let cpu = Device::cpu();
    assert!(cpu.identity().to_string().starts_with(&format!("flex, {}", std::env::consts::ARCH)));
    assert_eq!(serde_json::to_value(cpu.identity()).unwrap()["repeats"], "R0");
    let gpu = Identity {
        backend: "wgpu over Vulkan".to_owned(),
        name: "NVIDIA L4".to_owned(),
        driver: Some("NVIDIA 550.54".to_owned()),
        repeats: Repeats::Statistically,
    };
    assert_eq!(gpu.to_string(), "wgpu over Vulkan, NVIDIA L4, driver NVIDIA 550.54");
    let read: Identity = serde_json::from_value(serde_json::to_value(&gpu).unwrap()).unwrap();
    assert_eq!(read, gpu);
}

#[test]
fn a_gpu_that_is_not_there_is_a_sentence() {
    let gpus = [
        (NoGpu::NotBuilt, Fault::User),
        (NoGpu::Absent, Fault::World),
        (NoGpu::Software { name: "llvmpipe".to_owned() }, Fault::World),
        (NoGpu::Refused { why: "no memory".to_owned() }, Fault::World),
    ];
    let text: String = gpus
        .into_iter()
        .map(|(gpu, fault)| {
            assert_eq!(gpu.fault(), fault);
            format!("{gpu}\n")
        })
        .collect();
    expect_test::expect![[r#"
        this suho was built without GPUs
        this machine has no GPU
        this machine has no GPU, only `llvmpipe`, which is software
        the GPU cannot be opened: no memory
    "#]]
    .assert_eq(&text);
    // Whatever this machine has, asking for it panics nowhere.
    if !Device::knows_gpus() {
        assert_eq!(Device::gpu().unwrap_err(), NoGpu::NotBuilt);
    }
}

#[test]
fn a_gpu_that_gives_up_is_an_error() {
    let lost = unrolled().watched(|| panic!("out of {}", "memory")).unwrap_err();
    assert_eq!(lost.to_string(), "the GPU gave up: out of memory");
    assert_eq!(lost.fault(), Fault::World);
}
