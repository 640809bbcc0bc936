//! What attempts take of a machine, and what it has.

use std::fmt;

/// What one attempt takes beside its slot, or what all of them may take together.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Room {
    /// Processor cores.
    pub cores: u32,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// GPUs.
    pub gpus: u32,
}

/// Why an attempt cannot begin yet, though all it needs is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lack {
    /// As many attempts are at work as may be.
    Slot,
    /// Too few cores are free.
    Cores,
    /// Too little memory is free.
    Memory,
    /// Too few GPUs are free.
    Gpu,
}

/// As a sentence goes on: `waits for a slot`.
impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slot => "a slot",
            Self::Cores => "processor cores",
            Self::Memory => "memory",
            Self::Gpu => "a GPU",
        })
    }
}

impl Room {
    /// As much as anybody may ask for.
    pub const ENDLESS: Self = Self { cores: u32::MAX, memory_bytes: u64::MAX, gpus: u32::MAX };

    /// What is left when `taken` is taken; `Err` says what is missing for that.
    ///
    /// # Errors
    /// What there is too little of.
    pub const fn less(self, taken: Self) -> Result<Self, Lack> {
        let Some(gpus) = self.gpus.checked_sub(taken.gpus) else { return Err(Lack::Gpu) };
        let Some(cores) = self.cores.checked_sub(taken.cores) else { return Err(Lack::Cores) };
        match self.memory_bytes.checked_sub(taken.memory_bytes) {
            Some(memory_bytes) => Ok(Self { cores, memory_bytes, gpus }),
            None => Err(Lack::Memory),
        }
    }
}

/// What is free: slots, and room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Free {
    pub(crate) slots: usize,
    pub(crate) room: Room,
}

impl Free {
    /// What is left when an attempt that takes `taken` begins.
    pub(crate) const fn less(self, taken: Room) -> Result<Self, Lack> {
        let Some(slots) = self.slots.checked_sub(1) else { return Err(Lack::Slot) };
        match self.room.less(taken) {
            Ok(room) => Ok(Self { slots, room }),
            Err(lack) => Err(lack),
        }
    }
}
