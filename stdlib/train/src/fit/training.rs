//! Which training a checkpoint belongs to.

use std::cell::OnceCell;
use std::io::Read;

use serde_json::json;
use suho_domain::Digest;

use super::{Fitting, Lesson};
use crate::architecture::Architecture;
use crate::device::Device;
use crate::samples::Samples;

/// Raised whenever the same training comes to other weights: a kernel that sums in another order, an
/// initial weight drawn otherwise, an epoch judged by another rule. A checkpoint from before is then one
/// of another training.
const CODE: u32 = 1;

/// Everything that decides what a fit comes to: code, device, network, settings, data.
#[derive(Debug)]
pub(crate) struct Training<'a> {
    lesson: Lesson<'a>,
    architecture: &'a Architecture,
    fitting: &'a Fitting,
    device: &'a Device,
    digest: OnceCell<Digest>,
}

impl<'a> Training<'a> {
    pub(super) const fn new(
        lesson: Lesson<'a>,
        architecture: &'a Architecture,
        fitting: &'a Fitting,
        device: &'a Device,
    ) -> Self {
        Self { lesson, architecture, fitting, device, digest: OnceCell::new() }
    }

    /// Its digest. All samples are read for it, so that it is made when the first checkpoint is written
    /// or read, and never where nobody keeps any.
    pub(crate) fn digest(&self) -> &Digest {
        self.digest.get_or_init(|| {
            Digest::of_json(&json!({
                "code": [env!("CARGO_PKG_VERSION"), CODE],
                "device": self.device.identity(),
                "architecture": self.architecture,
                "fitting": self.fitting,
                "train": of(self.lesson.train),
                "validation": of(self.lesson.validation),
            }))
        })
    }

    /// Whether the samples have been read for it.
    #[cfg(test)]
    pub(crate) fn is_known(&self) -> bool {
        self.digest.get().is_some()
    }
}

/// The digest of all that samples are, read without a copy.
fn of(samples: &Samples) -> Option<Digest> {
    let sizes = [samples.features(), samples.sequence(), samples.len()];
    let sizes = sizes.into_iter().flat_map(|size| (size as u64).to_le_bytes());
    let rows = samples.rows().iter().flat_map(|value| value.to_bits().to_le_bytes());
    let ends = samples.ends().iter().flat_map(|end| (*end as u64).to_le_bytes());
    let mut bytes = Bytes(sizes.chain(rows).chain(ends).chain(samples.labels().iter().copied()));
    // Reading from memory has no way to fail.
    Digest::of_stream(&mut bytes).ok()
}

/// Bytes that are made as they are read.
struct Bytes<I>(I);

impl<I: Iterator<Item = u8>> Read for Bytes<I> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        Ok(into.iter_mut().zip(&mut self.0).map(|(into, byte)| *into = byte).count())
    }
}
