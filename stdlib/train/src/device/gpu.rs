//! A GPU through burn's wgpu backend: Vulkan, Metal or DX12, its kernels in WGSL.
//!
//! The probe comes first and asks for an error: burn's own way to a device is lazy, and a device that is
//! not there then ends the process in the middle of a fit.

use std::sync::OnceLock;

use burn::tensor::wgpu::{WgpuInitError, wgpu};

use super::{Device, Form, Identity, NoGpu, Repeats};

/// An adapter, opened.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub(super) device: Device,
    pub(super) is_software: bool,
}

/// The best adapter of this machine, software included. Opened once a process: burn refuses to do so
/// again.
pub(super) fn open() -> Result<Opened, NoGpu> {
    static OPENED: OnceLock<Result<Opened, NoGpu>> = OnceLock::new();
    OPENED.get_or_init(probe).clone()
}

fn probe() -> Result<Opened, NoGpu> {
    let opened = burn::tensor::Device::wgpu_options().init_with_setup();
    let (tensors, setup) = opened.map_err(|error| match error {
        WgpuInitError::AdapterUnavailable { .. } => NoGpu::Absent,
        error => NoGpu::Refused { why: error.to_string() },
    })?;
    let found = setup.adapter.get_info();
    let identity = Identity {
        backend: format!("wgpu over {}", interface(found.backend)),
        name: found.name,
        driver: Some(format!("{} {}", found.driver, found.driver_info).trim().to_owned()),
        repeats: Repeats::Statistically,
    };
    let device = Device { tensors: tensors.autodiff(), form: Form::Unrolled, identity };
    Ok(Opened { device, is_software: found.device_type == wgpu::DeviceType::Cpu })
}

impl Opened {
    /// The device, where it is hardware.
    pub(super) fn hardware(self) -> Result<Device, NoGpu> {
        let Self { device, is_software } = self;
        if is_software { Err(NoGpu::Software { name: device.identity.name }) } else { Ok(device) }
    }
}

const fn interface(backend: wgpu::Backend) -> &'static str {
    match backend {
        wgpu::Backend::Vulkan => "Vulkan",
        wgpu::Backend::Metal => "Metal",
        wgpu::Backend::Dx12 => "DX12",
        wgpu::Backend::Gl => "OpenGL",
        wgpu::Backend::BrowserWebGpu => "WebGPU",
        wgpu::Backend::Noop => "nothing",
    }
}
