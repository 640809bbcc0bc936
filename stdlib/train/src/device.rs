//! What fits networks: the processor, or a GPU.
//!
//! Whatever fits them, weights, Adam and answers are the processor's: a device is shown a batch and says
//! its loss and gradient. So a network fitted on a GPU needs none to be asked.

#[cfg(feature = "gpu")]
mod gpu;
#[cfg(test)]
pub(crate) mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};
use suho_domain::Fault;

use crate::fit::TrainError;
use crate::graph::{Learner, TensorFault};
use crate::network::Network;
use crate::predict::Probabilities;
use crate::samples::Samples;

/// The furthest that a probability of a GPU may be from that of the processor (domain §3.2, class R2).
pub(crate) const DEVIATION_MAX: f32 = 1e-4;
/// Windows at most by which that is judged: the last ones.
const JUDGED: usize = 1_000;
/// Windows that are asked about together.
const TOGETHER: usize = 100;

/// What a fit runs on, opened.
#[derive(Clone, Debug)]
pub struct Device {
    pub(crate) tensors: burn::tensor::Device,
    pub(crate) form: Form,
    identity: Identity,
}

/// How recurrent layers are computed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// By this crate's kernel, which knows the processor alone.
    Kernel,
    /// Step by step in tensor operations, which every backend knows.
    #[cfg_attr(
        not(any(feature = "gpu", test)),
        expect(dead_code, reason = "without GPUs the kernel does all")
    )]
    Unrolled,
}

/// Who a device is. Recorded with what it fitted.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
pub struct Identity {
    /// The library that computes, and through which interface: `flex`, `wgpu over Vulkan`.
    pub backend: String,
    /// The processor's kind, or the GPU as its driver calls it.
    pub name: String,
    /// The GPU's driver with its version; none of a processor.
    pub driver: Option<String>,
    /// How alike two fits of the same are.
    pub repeats: Repeats,
}

/// How alike two fits of the same are (domain §3.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize, Serialize)]
pub enum Repeats {
    /// To the last bit: one binary, one kind of processor.
    #[serde(rename = "R0")]
    Exactly,
    /// In their losses and accuracy, within what a GPU's order of summing leaves open.
    #[serde(rename = "R1")]
    Statistically,
}

impl Device {
    /// The processor. Always there.
    pub fn cpu() -> Self {
        let identity = Identity {
            backend: "flex".to_owned(),
            name: processor(),
            driver: None,
            repeats: Repeats::Exactly,
        };
        let tensors = burn::tensor::Device::flex().autodiff();
        Self { tensors, form: Form::Kernel, identity }
    }

    /// The machine's GPU: of several the one that the driver counts as the fastest. A process opens it
    /// once and keeps it.
    ///
    /// # Errors
    /// When this build knows no GPUs, and when the machine has none or refuses it. Software that only
    /// plays a GPU is none: the processor itself is faster.
    pub fn gpu() -> Result<Self, NoGpu> {
        #[cfg(feature = "gpu")]
        let opened = gpu::open().and_then(gpu::Opened::hardware);
        #[cfg(not(feature = "gpu"))]
        let opened = Err(NoGpu::NotBuilt);
        opened
    }

    /// Whether this build knows GPUs at all.
    pub const fn knows_gpus() -> bool {
        cfg!(feature = "gpu")
    }

    /// Whether it is the processor.
    pub fn is_cpu(&self) -> bool {
        self.form == Form::Kernel
    }

    /// Who it is.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Does `work` on it. A GPU that is lost or out of memory is told to nobody: the tensor library
    /// panics, and here that becomes an error.
    pub(crate) fn watched<T>(&self, work: impl FnOnce() -> T) -> Result<T, TrainError> {
        if self.form == Form::Kernel {
            return Ok(work());
        }
        catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
            let words = payload.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| payload.downcast_ref().copied());
            TrainError::Lost { why: words.unwrap_or("it did not say why").to_owned() }
        })
    }

    /// How far its answers to the last of `samples` are at most from the processor's; none where it is
    /// the processor.
    pub(crate) fn deviation(
        &self,
        network: &Network,
        samples: &Samples,
    ) -> Result<Option<f32>, TrainError> {
        if self.form == Form::Kernel {
            return Ok(None);
        }
        let classes = network.architecture().classes().len();
        let learner = Learner::new(network.clone(), None, self);
        let first = samples.len().saturating_sub(JUDGED);
        let mut deviation = 0.0_f32;
        for ends in samples.ends().get(first..).unwrap_or_default().chunks(TOGETHER) {
            let windows = samples.gather(ends);
            let theirs = self.watched(|| learner.logits(windows.clone(), ends.len()))?;
            let theirs = theirs.map_err(|TensorFault| TrainError::Tensors)?;
            let ours = network.logits(windows, ends.len());
            let pairs = theirs.chunks_exact(classes).zip(ours.chunks_exact(classes));
            for (theirs, ours) in pairs {
                let off = Probabilities::furthest(theirs, ours);
                deviation = if off <= deviation { deviation } else { off };
            }
        }
        // Not a number is no agreement.
        if deviation <= DEVIATION_MAX {
            Ok(Some(deviation))
        } else {
            Err(TrainError::Deviates { deviation })
        }
    }
}

impl std::fmt::Display for Identity {
    /// As people read it: `wgpu over Vulkan, NVIDIA L4, driver 550.54`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", self.backend, self.name)?;
        match &self.driver {
            Some(driver) => write!(f, ", driver {driver}"),
            None => Ok(()),
        }
    }
}

/// The processor's kind, with those of its instructions on which the rounding of products depends.
fn processor() -> String {
    let kind = std::env::consts::ARCH;
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        return format!("{kind} with avx2 and fma");
    }
    kind.to_owned()
}

/// Why there is no GPU to fit on.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoGpu {
    /// The binary was built without them. `User`.
    #[error("this suho was built without GPUs")]
    NotBuilt,
    /// No driver offers one. `World`.
    #[error("this machine has no GPU")]
    Absent,
    /// All that a driver offers is the processor in disguise. `World`.
    #[error("this machine has no GPU, only `{name}`, which is software")]
    Software {
        /// As its driver calls it.
        name: String,
    },
    /// There is one, and it cannot be used. `World`.
    #[error("the GPU cannot be opened: {why}")]
    Refused {
        /// The driver's words.
        why: String,
    },
}

impl NoGpu {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::NotBuilt => Fault::User,
            Self::Absent | Self::Software { .. } | Self::Refused { .. } => Fault::World,
        }
    }
}
