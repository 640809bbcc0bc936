//! Buffers taken again: what one batch needed is what the next one needs.
//!
//! Vectors of megabytes that are given back to the allocator go on to the system, and their pages come
//! anew, cleared, with the next batch: that was a fifth of all a batch cost.

#[cfg(test)]
mod tests;

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// The buffers that nobody uses at the moment. Clones share them; they go with the last one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workspace(Arc<Mutex<Vec<Vec<f32>>>>);

impl Workspace {
    /// `len` numbers of any value: whoever takes them writes them before reading.
    pub(crate) fn room(&self, len: usize) -> Buffer {
        let mut values = self.spare(len);
        values.resize(len, 0.0);
        if cfg!(debug_assertions) {
            values.fill(f32::NAN);
        }
        Buffer { values, home: self.clone() }
    }

    /// `len` zeros.
    pub(crate) fn zeros(&self, len: usize) -> Buffer {
        let mut zeros = self.room(len);
        zeros.fill(0.0);
        zeros
    }

    /// `row`, `times` in a row.
    pub(crate) fn repeated(&self, row: &[f32], times: usize) -> Buffer {
        let mut rows = self.room(row.len() * times);
        for into in rows.chunks_exact_mut(row.len().max(1)) {
            into.copy_from_slice(row);
        }
        rows
    }

    /// The smallest spare vector that holds `len`, or a new one.
    fn spare(&self, len: usize) -> Vec<f32> {
        let mut spares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = spares.iter().enumerate().filter(|(_, spare)| spare.capacity() >= len);
        match fitting.min_by_key(|(_, spare)| spare.capacity()).map(|(at, _)| at) {
            Some(at) => spares.swap_remove(at),
            None => Vec::with_capacity(len),
        }
    }
}

/// Numbers in a vector that goes back to its workspace.
#[derive(Debug)]
pub(crate) struct Buffer {
    values: Vec<f32>,
    home: Workspace,
}

impl Buffer {
    /// The vector itself, which leaves the workspace for good.
    pub(crate) fn into_vec(mut self) -> Vec<f32> {
        std::mem::take(&mut self.values)
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        self.home.repeated(self, 1)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.values.capacity() > 0 {
            let values = std::mem::take(&mut self.values);
            self.home.0.lock().unwrap_or_else(PoisonError::into_inner).push(values);
        }
    }
}
