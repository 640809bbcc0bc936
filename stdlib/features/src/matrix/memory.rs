//! Room for many numbers, in the largest pages that the system gives.
//!
//! A million bars of a feature are 8 MB, or two thousand pages of the common size. To be given those
//! one by one takes longer than most features take to compute; of 2 MiB each there are four.

use bytemuck::{try_cast_slice, try_cast_slice_mut};
use memmap2::{MmapMut, MmapOptions};

/// Bytes of a large page; the system lays whole ones only where a mapping is a multiple of them.
const PAGE: usize = 2 << 20;
/// Bytes from which on a mapping of its own is worth its system calls and the end of its last page.
const MAPPED_MIN: usize = 2 * PAGE;

/// Numbers side by side, each of them 0 until it is written.
#[derive(Debug)]
pub(crate) struct Memory(Room);

#[derive(Debug)]
enum Room {
    Heap(Vec<f64>),
    Pages { map: MmapMut, count: usize },
}

impl Memory {
    /// `count` zeros.
    pub(crate) fn zeros(count: usize) -> Self {
        let bytes = count.saturating_mul(size_of::<f64>());
        let map = if bytes < MAPPED_MIN { None } else { mapped(bytes) };
        Self(match map {
            Some(map) => Room::Pages { map, count },
            None => Room::Heap(vec![0.0; count]),
        })
    }

    pub(crate) fn as_slice(&self) -> &[f64] {
        match &self.0 {
            Room::Heap(values) => values,
            // A page begins where any number may.
            Room::Pages { map, count } => {
                try_cast_slice(map).unwrap_or_default().get(..*count).unwrap_or_default()
            }
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [f64] {
        match &mut self.0 {
            Room::Heap(values) => values,
            Room::Pages { map, count } => {
                try_cast_slice_mut(map).unwrap_or_default().get_mut(..*count).unwrap_or_default()
            }
        }
    }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        let mut copy = Self::zeros(self.as_slice().len());
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::zeros(0)
    }
}

/// Whole large pages for `bytes`; none where the system gives no mapping.
fn mapped(bytes: usize) -> Option<MmapMut> {
    let map = MmapOptions::new().len(bytes.checked_next_multiple_of(PAGE)?).map_anon().ok()?;
    // A system without large pages refuses the advice, and gives common ones.
    #[cfg(target_os = "linux")]
    drop(map.advise(memmap2::Advice::HugePage));
    Some(map)
}

#[cfg(test)]
mod tests;
